"""The table of authorizations: MACs of their secrets, and who signed in, sealed."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from issuer.adapters.sql.tables import Moment, metadata

authorizations = Table(
    "authorizations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("organisation", String(64), nullable=False),
    Column("type_id", String(64), nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("by_identifier", Boolean, nullable=False),
    Column("client_id", String(256), nullable=False),
    Column("wallet_name", String(256)),
    Column("provider_fi", String(256), nullable=False),
    Column("provider_sv", String(256), nullable=False),
    Column("provider_en", String(256), nullable=False),
    Column("instance_thumbprint", String(43), nullable=False),
    Column("dpop_jkt", String(43)),
    Column("redirect_uri", Text, nullable=False),
    Column("code_challenge", String(43), nullable=False),
    Column("wallet_state", Text),
    Column("request_mac", LargeBinary(32), nullable=False, unique=True),
    Column("session_mac", LargeBinary(32), unique=True),
    Column("person_wrapped_key", LargeBinary),
    Column("person_ciphertext", LargeBinary),
    # The code is given first, so that of two equal answers only one makes an offer.
    Column(
        "offer_id",
        ForeignKey("offers.id", deferrable=True, initially="DEFERRED"),
        unique=True,
    ),
    Column("subject_mac", LargeBinary(32)),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Index(None, "organisation", "subject_mac"),
)
