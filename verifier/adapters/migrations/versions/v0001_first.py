"""The first schema: verifications, evidence, trust list, API keys, desk sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "verifications",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("ref", sa.Text, nullable=False, unique=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("profile", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("erase_at", sa.BigInteger),
        sa.Column("secrets", sa.LargeBinary),
        sa.Column("box_public", sa.LargeBinary),
        sa.Column("boxed", sa.LargeBinary),
        sa.Column("checks", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("code", sa.Text),
        sa.Column("identity", sa.Text),
        sa.Column("cards", sa.Integer, nullable=False),
        sa.Column("trust_sequence", sa.BigInteger),
        sa.Column("trust_age", sa.BigInteger),
        sa.Column("status_age", sa.BigInteger),
        sa.Column("issuer", sa.Text),
        sa.Column("replay_seen", sa.Boolean, nullable=False),
    )
    op.create_index("verifications_by_end", "verifications", ["state", "expires_at"])
    op.create_index("verifications_by_erasing", "verifications", ["erase_at"])
    op.create_index("verifications_by_age", "verifications", ["created_at"])
    op.create_table(
        "evidence",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("hour", sa.BigInteger, nullable=False, index=True),
        sa.Column("profile", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("ended", sa.Text, nullable=False),
        sa.Column("checks", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("code", sa.Text),
        sa.Column("identity", sa.Text),
        sa.Column("trust_sequence", sa.BigInteger),
        sa.Column("trust_age_hours", sa.Integer),
        sa.Column("status_age_hours", sa.Integer),
    )
    op.create_table(
        "trust_list",
        sa.Column("only", sa.Integer, primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
    )
    op.create_table(
        "desk_sessions",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("sealed", sa.LargeBinary),
    )
