"""The tables of client keys and their access tokens: public keys, and MACs of tokens."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, Text

from issuer.adapters.sql.tables import Moment, metadata

client_keys = Table(
    "client_keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("organisation", String(64), nullable=False),
    Column("client", String(64), nullable=False),
    Column("jwk", Text, nullable=False),
    Column("thumbprint", String(43), nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Index(None, "organisation", "client"),
)

system_tokens = Table(
    "system_tokens",
    metadata,
    Column("mac", LargeBinary(32), primary_key=True),
    Column("key_id", ForeignKey("client_keys.id"), nullable=False, index=True),
    Column("scopes", Text, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)
