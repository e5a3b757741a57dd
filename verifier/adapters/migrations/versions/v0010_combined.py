"""Kept free for what comes."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add nothing."""


def downgrade() -> None:
    """Take nothing away."""
