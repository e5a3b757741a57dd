"""Kept free for what comes."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add nothing."""


def downgrade() -> None:
    """Take nothing away."""
