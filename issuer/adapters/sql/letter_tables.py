"""The tables of letters: MACs of their secrets, and what is sealed in them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from issuer.adapters.sql.tables import Moment, metadata

letters = Table(
    "letters",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("organisation", String(64), nullable=False),
    Column("type_id", String(64), nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("pin_medium", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("subject_mac", LargeBinary(32), nullable=False),
    Column("reference_mac", LargeBinary(32), nullable=False, unique=True),
    Column("code_mac", LargeBinary(32), nullable=False, unique=True),
    Column("offer_id", ForeignKey("offers.id"), unique=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("call_mac", LargeBinary(32), unique=True),
    Column("call_body_mac", LargeBinary(32)),
    Index(None, "state", "expires_at"),
    Index(None, "organisation", "subject_mac"),
)

letter_seals = Table(
    "letter_seals",
    metadata,
    Column("letter_id", ForeignKey("letters.id"), primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
)
