"""What comes after issuing: calls about clients, reminders, successors, closed organisations."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the index by which cards are found by their end."""
    op.create_table(
        "subject_calls",
        sa.Column("key_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("subject_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("keep_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_mac", name=op.f("pk_subject_calls")),
    )
    op.create_index(
        op.f("ix_subject_calls_keep_until"), "subject_calls", ["keep_until"], unique=False
    )
    op.create_index(
        op.f("ix_subject_calls_organisation_subject_mac"),
        "subject_calls",
        ["organisation", "subject_mac"],
        unique=False,
    )
    op.create_table(
        "expiry_reminders",
        sa.Column("credential_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credentials.id"], name=op.f("fk_expiry_reminders_credential_id")
        ),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_expiry_reminders")),
    )
    op.create_table(
        "successors",
        sa.Column("offer_id", sa.String(length=32), nullable=False),
        sa.Column("credential_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credentials.id"], name=op.f("fk_successors_credential_id")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_successors_offer_id")),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_successors")),
    )
    op.create_index(
        op.f("ix_successors_credential_id"), "successors", ["credential_id"], unique=False
    )
    op.create_table(
        "closed_organisations",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.Column("lists_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", name=op.f("pk_closed_organisations")),
    )
    op.create_index(op.f("ix_credentials_expires_at"), "credentials", ["expires_at"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_credentials_expires_at"), "credentials")
    for table in ("closed_organisations", "successors", "expiry_reminders", "subject_calls"):
        op.drop_table(table)
