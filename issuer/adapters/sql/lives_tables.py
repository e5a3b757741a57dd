"""The table of offers that wait for their claims."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, Table

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
