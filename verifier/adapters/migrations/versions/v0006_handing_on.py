"""What is handed on after an outcome, and when that outcome was reached."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and the columns for the times."""
    op.add_column("verifications", sa.Column("checked_at", sa.BigInteger))
    op.add_column("verifications", sa.Column("decided_at", sa.BigInteger))
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("verification_id", sa.Text, nullable=False, unique=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("give_up_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "receipts",
        sa.Column("verification_id", sa.Text, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False, index=True),
    )
