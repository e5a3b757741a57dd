"""For wallets without network: challenges, answers taken, issuers' certificates met."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "challenges",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("verification_id", sa.Text, nullable=False, index=True),
        sa.Column("tag", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("shown_until", sa.BigInteger, nullable=False),
        sa.Column("answerable_until", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "answers_taken",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "certificates",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("der", sa.LargeBinary, nullable=False),
        sa.Column("met_at", sa.BigInteger, nullable=False, index=True),
    )
