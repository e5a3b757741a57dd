"""The client's side: receipts that were given, pages under secret addresses, reports."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "given_receipts",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("verification_id", sa.Text, nullable=False, unique=True),
        sa.Column("client_id", sa.Text, nullable=False, index=True),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("profile", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("given_at", sa.BigInteger, nullable=False),
        sa.Column("kept_until", sa.Text),
        sa.Column("forget_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("asked_at", sa.BigInteger),
        sa.Column("passed_on", sa.Boolean, nullable=False),
        sa.Column("seen_to_at", sa.BigInteger),
    )
    op.create_table(
        "held_pages",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "reports",
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, primary_key=True),
        sa.Column("profile", sa.Text, primary_key=True),
        sa.Column("asked", sa.Text, primary_key=True),
        sa.Column("about_us", sa.Boolean, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("reports")
    op.drop_table("held_pages")
    op.drop_table("given_receipts")
