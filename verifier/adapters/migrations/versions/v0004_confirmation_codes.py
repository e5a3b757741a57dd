"""Codes that the client reads out before values are shown."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, and add what a verification remembers of its code."""
    op.create_table(
        "confirmation_codes",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False, index=True),
    )
    op.add_column("verifications", sa.Column("confirmation", sa.Text))
    op.add_column("verifications", sa.Column("code_mac", sa.LargeBinary))
    op.add_column("verifications", sa.Column("tries_left", sa.Integer))
    op.add_column("verifications", sa.Column("held", sa.Text))
    op.add_column("evidence", sa.Column("confirmation", sa.Text))
