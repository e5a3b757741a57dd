"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _offers()
    _credentials()
    _keeping()


def downgrade() -> None:
    """Drop the tables and everything in them."""
    for table in (
        "sealed_claims",
        "grants",
        "credentials",
        "remembered_calls",
        "offers",
        "status_lists",
        "status_entries",
        "one_time_values",
        "api_keys",
        "audit_entries",
    ):
        op.drop_table(table)


def _offers() -> None:
    """Offers, their sealed claims and their grants."""
    op.create_table(
        "offers",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("has_pin", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("subject_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reference_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sa.UniqueConstraint("code_mac", name=op.f("uq_offers_code_mac")),
        sa.UniqueConstraint("reference_mac", name=op.f("uq_offers_reference_mac")),
    )
    op.create_index(
        op.f("ix_offers_organisation_subject_mac"),
        "offers",
        ["organisation", "subject_mac"],
        unique=False,
    )
    op.create_index(
        op.f("ix_offers_state_expires_at"), "offers", ["state", "expires_at"], unique=False
    )
    op.create_table(
        "sealed_claims",
        sa.Column("offer_id", sa.String(length=32), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], name=op.f("fk_sealed_claims_offer_id")
        ),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_sealed_claims")),
    )
    op.create_table(
        "grants",
        sa.Column("offer_id", sa.String(length=32), nullable=False),
        sa.Column("token_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("client_id", sa.String(length=256), nullable=True),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_grants_offer_id")),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_grants")),
        sa.UniqueConstraint("token_mac", name=op.f("uq_grants_token_mac")),
    )
    op.create_index(
        op.f("ix_grants_ended_at_expires_at"), "grants", ["ended_at", "expires_at"], unique=False
    )


def _credentials() -> None:
    """Signed copies and the status lists that speak of them."""
    op.create_table(
        "credentials",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("type_id", sa.String(length=64), nullable=False),
        sa.Column("offer_id", sa.String(length=32), nullable=False),
        sa.Column("subject_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("notification_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("delivery", sa.String(length=16), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("list_number", sa.Integer(), nullable=False),
        sa.Column("list_index", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_credentials_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("notification_mac", name=op.f("uq_credentials_notification_mac")),
        sa.UniqueConstraint(
            "organisation",
            "list_number",
            "list_index",
            name=op.f("uq_credentials_organisation_list_number_list_index"),
        ),
    )
    op.create_index(op.f("ix_credentials_offer_id"), "credentials", ["offer_id"], unique=False)
    op.create_index(
        op.f("ix_credentials_organisation_subject_mac"),
        "credentials",
        ["organisation", "subject_mac"],
        unique=False,
    )
    op.create_table(
        "status_lists",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("token_version", sa.BigInteger(), nullable=True),
        sa.Column("token_signed_at", sa.BigInteger(), nullable=True),
        sa.Column("token_expires_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "number", name=op.f("pk_status_lists")),
    )
    op.create_table(
        "status_entries",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "number", "entry", name=op.f("pk_status_entries")),
    )


def _keeping() -> None:
    """One-time values, remembered calls, API keys and the audit record."""
    op.create_table(
        "one_time_values",
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("keep_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "mac", name=op.f("pk_one_time_values")),
    )
    op.create_index(
        op.f("ix_one_time_values_keep_until"), "one_time_values", ["keep_until"], unique=False
    )
    op.create_table(
        "remembered_calls",
        sa.Column("key_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("offer_id", sa.String(length=32), nullable=False),
        sa.Column("keep_until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["offers.id"],
            name=op.f("fk_remembered_calls_offer_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("key_mac", name=op.f("pk_remembered_calls")),
    )
    op.create_index(
        op.f("ix_remembered_calls_keep_until"), "remembered_calls", ["keep_until"], unique=False
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
