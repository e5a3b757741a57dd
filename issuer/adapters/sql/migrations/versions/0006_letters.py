"""Kept free for what comes."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add nothing."""


def downgrade() -> None:
    """Take nothing away."""
