"""Offers that wait for their claims, revocations that wait, referrals taken in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and note on a credential who took it in."""
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
    op.create_table(
        "revocation_requests",
        sa.Column("credential_id", sa.String(length=32), nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("person_mac", sa.LargeBinary(length=32), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credentials.id"],
            name=op.f("fk_revocation_requests_credential_id"),
        ),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_revocation_requests")),
    )
    op.add_column("credentials", sa.Column("taken_in_at", sa.BigInteger(), nullable=True))
    op.add_column("credentials", sa.Column("taken_in_by", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Drop what was made."""
    op.drop_column("credentials", "taken_in_by")
    op.drop_column("credentials", "taken_in_at")
    op.drop_table("revocation_requests")
    op.drop_table("deferrals")
