"""Authorizations that wallets ask for; grants bound to keys of the wallet."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_THUMBPRINTS = ("dpop_jkt", "instance_thumbprint")


def upgrade() -> None:
    """Make the table and the columns; no grant of before was bound."""
    op.create_table(
        "authorizations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("by_identifier", sa.Boolean(), nullable=False),
        sa.Column("client_id", sa.String(length=256), nullable=False),
        sa.Column("wallet_name", sa.String(length=256), nullable=True),
        sa.Column("provider_fi", sa.String(length=256), nullable=False),
        sa.Column("provider_sv", sa.String(length=256), nullable=False),
        sa.Column("provider_en", sa.String(length=256), nullable=False),
        sa.Column("instance_thumbprint", sa.String(length=43), nullable=False),
        sa.Column("dpop_jkt", sa.String(length=43), nullable=True),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.String(length=43), nullable=False),
        sa.Column("wallet_state", sa.Text(), nullable=True),
        sa.Column("request_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("session_mac", sa.LargeBinary(length=32), nullable=True),
        sa.Column("person_wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("person_ciphertext", sa.LargeBinary(), nullable=True),
        sa.Column("offer_id", sa.String(length=32), nullable=True),
        sa.Column("subject_mac", sa.LargeBinary(length=32), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["offers.id"],
            name=op.f("fk_authorizations_offer_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorizations")),
        sa.UniqueConstraint("request_mac", name=op.f("uq_authorizations_request_mac")),
        sa.UniqueConstraint("session_mac", name=op.f("uq_authorizations_session_mac")),
        sa.UniqueConstraint("offer_id", name=op.f("uq_authorizations_offer_id")),
    )
    op.create_index(
        op.f("ix_authorizations_expires_at"), "authorizations", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_authorizations_organisation_subject_mac"),
        "authorizations",
        ["organisation", "subject_mac"],
        unique=False,
    )
    with op.batch_alter_table("grants") as grants:
        for name in _THUMBPRINTS:
            grants.add_column(sa.Column(name, sa.String(length=43), nullable=True))


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("grants") as grants:
        for name in _THUMBPRINTS:
            grants.drop_column(name)
    op.drop_index(op.f("ix_authorizations_organisation_subject_mac"), "authorizations")
    op.drop_index(op.f("ix_authorizations_expires_at"), "authorizations")
    op.drop_table("authorizations")
