"""Cards of several copies; grants whose credential is asked for by an identifier."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the column; no grant of before was given an identifier."""
    op.create_table(
        "credential_copies",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credentials.id"], name=op.f("fk_credential_copies_credential_id")
        ),
        sa.PrimaryKeyConstraint(
            "organisation", "number", "entry", name=op.f("pk_credential_copies")
        ),
    )
    op.create_index(
        op.f("ix_credential_copies_credential_id"),
        "credential_copies",
        ["credential_id"],
        unique=False,
    )
    with op.batch_alter_table("grants") as grants:
        grants.add_column(
            sa.Column("by_identifier", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("grants") as grants:
        grants.drop_column("by_identifier")
    op.drop_index(op.f("ix_credential_copies_credential_id"), "credential_copies")
    op.drop_table("credential_copies")
