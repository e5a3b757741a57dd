"""Who acted for the client: a kind of person."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("verifications", sa.Column("on_behalf", sa.Text))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("verifications", "on_behalf")
