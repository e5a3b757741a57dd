"""Letters, and what is sealed in them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "letters",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("pin_medium", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("subject_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reference_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("offer_id", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("call_mac", sa.LargeBinary(length=32), nullable=True),
        sa.Column("call_body_mac", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_letters_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("call_mac", name=op.f("uq_letters_call_mac")),
        sa.UniqueConstraint("code_mac", name=op.f("uq_letters_code_mac")),
        sa.UniqueConstraint("offer_id", name=op.f("uq_letters_offer_id")),
        sa.UniqueConstraint("reference_mac", name=op.f("uq_letters_reference_mac")),
    )
    op.create_index(
        op.f("ix_letters_organisation_subject_mac"),
        "letters",
        ["organisation", "subject_mac"],
        unique=False,
    )
    op.create_index(
        op.f("ix_letters_state_expires_at"), "letters", ["state", "expires_at"], unique=False
    )
    op.create_table(
        "letter_seals",
        sa.Column("letter_id", sa.String(length=32), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letters.id"], name=op.f("fk_letter_seals_letter_id")
        ),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_letter_seals")),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("letter_seals")
    op.drop_table("letters")
