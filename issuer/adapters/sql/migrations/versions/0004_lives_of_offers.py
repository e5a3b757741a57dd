"""Offers that wait for their claims, revocations that wait, referrals taken in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and note on a credential who took it in and who wants it revoked."""
    op.create_table(
        "deferrals",
        sa.Column("offer_id", sa.String(length=32), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.Column("transaction_mac", sa.LargeBinary(length=32), nullable=True),
        sa.Column("holder_wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("holder_ciphertext", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_deferrals_offer_id")),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_deferrals")),
    )
    op.add_column("credentials", sa.Column("taken_in_at", sa.BigInteger(), nullable=True))
    op.add_column("credentials", sa.Column("taken_in_by", sa.String(length=64), nullable=True))
    op.add_column("credentials", sa.Column("asked_by", sa.String(length=64), nullable=True))
    op.add_column(
        "credentials", sa.Column("asked_person_mac", sa.LargeBinary(length=32), nullable=True)
    )
    op.add_column("credentials", sa.Column("asked_reason", sa.String(length=64), nullable=True))
    op.add_column("credentials", sa.Column("asked_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Drop what was made."""
    for name in (
        "asked_at",
        "asked_reason",
        "asked_person_mac",
        "asked_by",
        "taken_in_by",
        "taken_in_at",
    ):
        op.drop_column("credentials", name)
    op.drop_table("deferrals")
