"""The tables. No column holds a claim, a name, a code, a PIN or a token: only seals and MACs."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time kept as microseconds since 1970, alike on every engine."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn an aware time into a number."""
        del dialect
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn a number into an aware time."""
        del dialect
        return None if value is None else _EPOCH + value * _MICROSECOND


NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)

offers = Table(
    "offers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("organisation", String(64), nullable=False),
    Column("type_id", String(64), nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("has_pin", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("subject_mac", LargeBinary(32), nullable=False),
    Column("reference_mac", LargeBinary(32), nullable=False, unique=True),
    Column("code_mac", LargeBinary(32), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index(None, "state", "expires_at"),
    Index(None, "organisation", "subject_mac"),
)

sealed_claims = Table(
    "sealed_claims",
    metadata,
    Column("offer_id", ForeignKey("offers.id"), primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    Column("offer_id", ForeignKey("offers.id"), primary_key=True),
    Column("token_mac", LargeBinary(32), nullable=False, unique=True),
    Column("organisation", String(64), nullable=False),
    Column("type_id", String(64), nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("given_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("client_id", String(256)),
    # The wallet asked with authorization details, and was told to ask by an identifier.
    Column("by_identifier", Boolean, nullable=False),
    # The keys that the wallet has to prove again: of its tokens, and of itself.
    Column("dpop_jkt", String(43)),
    Column("instance_thumbprint", String(43)),
    Index(None, "ended_at", "expires_at"),
)

credentials = Table(
    "credentials",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("organisation", String(64), nullable=False),
    Column("type_id", String(64), nullable=False),
    Column("offer_id", ForeignKey("offers.id"), nullable=False, index=True),
    Column("subject_mac", LargeBinary(32), nullable=False),
    Column("notification_mac", LargeBinary(32), nullable=False, unique=True),
    Column("delivery", String(16), nullable=False),
    Column("standing", String(16), nullable=False),
    Column("list_number", Integer, nullable=False),
    Column("list_index", Integer, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("taken_in_at", Moment),
    Column("taken_in_by", String(64)),
    # Somebody wants it revoked, and a second pair of eyes has not agreed yet.
    Column("asked_by", String(64)),
    Column("asked_person_mac", LargeBinary(32)),
    Column("asked_reason", String(64)),
    Column("asked_at", Moment),
    UniqueConstraint("organisation", "list_number", "list_index"),
    Index(None, "organisation", "subject_mac"),
)

# A batch is one card with several entries: those beside the one in `credentials`.
credential_copies = Table(
    "credential_copies",
    metadata,
    Column("organisation", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("entry", Integer, primary_key=True),
    Column("credential_id", ForeignKey("credentials.id"), nullable=False, index=True),
)

status_lists = Table(
    "status_lists",
    metadata,
    Column("organisation", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("token", Text),
    Column("cwt", LargeBinary),
    Column("token_version", BigInteger),
    Column("token_signed_at", Moment),
    Column("token_expires_at", Moment),
)

# Apart from `credentials`, so that an entry stays taken when everything else is forgotten.
# `changed_in` is the version of the list in which the entry last changed; 0 for never.
status_entries = Table(
    "status_entries",
    metadata,
    Column("organisation", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("entry", Integer, primary_key=True),
    Column("standing", String(16), nullable=False),
    Column("changed_in", BigInteger, nullable=False),
    Index(None, "organisation", "number", "changed_in"),
)

one_time_values = Table(
    "one_time_values",
    metadata,
    Column("purpose", String(16), primary_key=True),
    Column("mac", LargeBinary(32), primary_key=True),
    Column("keep_until", Moment, nullable=False, index=True),
)

remembered_calls = Table(
    "remembered_calls",
    metadata,
    Column("key_mac", LargeBinary(32), primary_key=True),
    Column("body_mac", LargeBinary(32), nullable=False),
    # The call is remembered first, so that of two equal calls only one makes an offer.
    Column(
        "offer_id",
        ForeignKey("offers.id", deferrable=True, initially="DEFERRED"),
        nullable=False,
    ),
    Column("keep_until", Moment, nullable=False, index=True),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("organisation", String(64), nullable=False),
    Column("system", String(64), nullable=False),
    Column("types", Text, nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("organisation", String(64), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("object_id", String(64), nullable=False),
    Column("reason", String(64)),
)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("organisation", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("secret_id", String(32), nullable=False),
    Column("set_at", Moment, nullable=False),
    Column("earlier_secret_id", String(32)),
    Column("earlier_until", Moment),
    Column("stopped_at", Moment),
)

# The outbox: written in the transaction of the change itself. A number is never used again.
webhook_messages = Table(
    "webhook_messages",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column(
        "organisation",
        ForeignKey("webhook_endpoints.organisation", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("event", String(64), nullable=False),
    Column("object_id", String(64), nullable=False),
    Column("state", String(16)),
    Column("at", Moment, nullable=False),
    Column("since", Moment, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("fault", String(64)),
    Column("dead_at", Moment),
    Index(None, "dead_at", "next_at"),
    sqlite_autoincrement=True,
)
