"""Issuing systems may show who they are by a public key that was registered."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of client keys and their access tokens."""
    op.create_table(
        "client_keys",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("jwk", sa.Text(), nullable=False),
        sa.Column("thumbprint", sa.String(43), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_keys")),
        sa.UniqueConstraint("thumbprint", name=op.f("uq_client_keys_thumbprint")),
    )
    op.create_index(
        op.f("ix_client_keys_organisation_client"),
        "client_keys",
        ["organisation", "client"],
        unique=False,
    )
    op.create_table(
        "system_tokens",
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mac", name=op.f("pk_system_tokens")),
        sa.ForeignKeyConstraint(
            ["key_id"], ["client_keys.id"], name=op.f("fk_system_tokens_key_id")
        ),
    )
    for column in ("key_id", "expires_at"):
        op.create_index(op.f(f"ix_system_tokens_{column}"), "system_tokens", [column], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("system_tokens")
    op.drop_table("client_keys")
