"""The tables of what comes after issuing: calls about clients, reminders, successors, closings."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, Text

from issuer.adapters.sql.tables import Moment, credentials, metadata

subject_calls = Table(
    "subject_calls",
    metadata,
    Column("key_mac", LargeBinary(32), primary_key=True),
    Column("organisation", String(64), nullable=False),
    Column("subject_mac", LargeBinary(32), nullable=False),
    Column("body_mac", LargeBinary(32), nullable=False),
    Column("told", Text, nullable=False),
    Column("keep_until", Moment, nullable=False, index=True),
    Index(None, "organisation", "subject_mac"),
)

expiry_reminders = Table(
    "expiry_reminders",
    metadata,
    Column("credential_id", ForeignKey("credentials.id"), primary_key=True),
    Column("at", Moment, nullable=False),
)

successors = Table(
    "successors",
    metadata,
    Column("offer_id", ForeignKey("offers.id"), primary_key=True),
    Column("credential_id", ForeignKey("credentials.id"), nullable=False, index=True),
)

closed_organisations = Table(
    "closed_organisations",
    metadata,
    Column("organisation", String(64), primary_key=True),
    Column("closed_at", Moment, nullable=False),
    Column("lists_until", Moment, nullable=False),
)

Index(None, credentials.c.expires_at)
