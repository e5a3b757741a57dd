"""Tables of offers that wait, and of revocations that wait."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table

from issuer.adapters.sql.tables import Moment, metadata

deferrals = Table(
    "deferrals",
    metadata,
    Column("offer_id", ForeignKey("offers.id"), primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("in_use", Boolean, nullable=False),
    Column("transaction_mac", LargeBinary(32)),
    Column("holder_wrapped_key", LargeBinary),
    Column("holder_ciphertext", LargeBinary),
    Column("expires_at", Moment, nullable=False),
)

revocation_requests = Table(
    "revocation_requests",
    metadata,
    Column("credential_id", ForeignKey("credentials.id"), primary_key=True),
    Column("system", String(64), nullable=False),
    Column("person_mac", LargeBinary(32)),
    Column("reason", String(64), nullable=False),
    Column("at", Moment, nullable=False),
)
