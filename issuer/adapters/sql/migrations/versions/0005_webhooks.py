"""Kept free for what comes."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add nothing."""


def downgrade() -> None:
    """Take nothing away."""
