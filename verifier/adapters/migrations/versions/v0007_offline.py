"""Status lists that outlast a restart, and the bundle for a desk without network."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "status_lists",
        sa.Column("uri", sa.Text, primary_key=True),
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("token", sa.LargeBinary, nullable=False),
        sa.Column("fetched_at", sa.BigInteger, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "offline_bundle",
        sa.Column("only", sa.Integer, primary_key=True),
        sa.Column("made_at", sa.BigInteger, nullable=False),
    )
