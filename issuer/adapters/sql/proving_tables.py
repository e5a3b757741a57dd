"""The table of the last good list of wallet providers."""

from sqlalchemy import Column, Integer, String, Table, Text

from issuer.adapters.sql.tables import metadata

trusted_lists = Table(
    "trusted_lists",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("text", Text, nullable=False),
)
