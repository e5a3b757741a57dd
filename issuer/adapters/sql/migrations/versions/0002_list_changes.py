"""Status entries know since which version they stand; lists are kept in both forms."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; tokens kept so far lack their second form and are signed anew."""
    op.add_column(
        "status_entries",
        sa.Column("changed_in", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.execute("UPDATE status_entries SET changed_in = 1 WHERE standing <> 'valid'")
    op.create_index(
        op.f("ix_status_entries_organisation_number_changed_in"),
        "status_entries",
        ["organisation", "number", "changed_in"],
        unique=False,
    )
    op.add_column("status_lists", sa.Column("cwt", sa.LargeBinary(), nullable=True))
    op.execute(
        "UPDATE status_lists SET token = NULL, token_version = NULL,"
        " token_signed_at = NULL, token_expires_at = NULL"
    )


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("status_lists", "cwt")
    op.drop_index(op.f("ix_status_entries_organisation_number_changed_in"), "status_entries")
    op.drop_column("status_entries", "changed_in")
