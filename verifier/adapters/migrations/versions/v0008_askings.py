"""How the desk asks its client: renewed until when, without network, with more time."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "askings",
        sa.Column("verification_id", sa.Text, primary_key=True),
        sa.Column("typed", sa.Text, nullable=False, unique=True),
        sa.Column("begun_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("without_network", sa.Boolean, nullable=False),
        sa.Column("assisted", sa.Boolean, nullable=False),
    )
