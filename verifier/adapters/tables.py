"""The tables. Times are whole seconds since 1970 (UTC); `migrations/` is the schema's history."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()

verifications = Table(
    "verifications",
    metadata,
    Column("id", Text, primary_key=True),
    Column("ref", Text, nullable=False, unique=True),
    Column("owner", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("erase_at", BigInteger),
    Column("secrets", LargeBinary),
    Column("box_public", LargeBinary),
    Column("boxed", LargeBinary),
    Column("checks", Text, nullable=False),
    Column("outcome", Text),
    Column("code", Text),
    Column("identity", Text),
    Column("cards", Integer, nullable=False),
    Column("trust_sequence", BigInteger),
    Column("trust_age", BigInteger),
    Column("status_age", BigInteger),
    Column("issuer", Text),
    Column("confirmation", Text),
    Column("code_mac", LargeBinary),  # keyed; with the tries and the verdict while a code is due
    Column("tries_left", Integer),
    Column("held", Text),
    Column("replay_seen", Boolean, nullable=False),
    Index("verifications_by_end", "state", "expires_at"),
    Index("verifications_by_erasing", "erase_at"),
    Index("verifications_by_age", "created_at"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", Text, primary_key=True),  # random, so that it tells no order within the hour
    Column("hour", BigInteger, nullable=False, index=True),
    Column("profile", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("ended", Text, nullable=False),
    Column("checks", Text, nullable=False),
    Column("outcome", Text),
    Column("code", Text),
    Column("identity", Text),
    Column("trust_sequence", BigInteger),
    Column("trust_age_hours", Integer),
    Column("status_age_hours", Integer),
    Column("confirmation", Text),
)

confirmation_codes = Table(
    "confirmation_codes",
    metadata,
    Column("key", LargeBinary, primary_key=True),  # hash of what only the wallet was told
    Column("sealed", LargeBinary, nullable=False),
    Column("until", BigInteger, nullable=False, index=True),
)

challenges = Table(
    "challenges",
    metadata,
    Column("id", Text, primary_key=True),
    Column("verification_id", Text, nullable=False, index=True),
    Column("tag", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("shown_until", BigInteger, nullable=False),
    Column("answerable_until", BigInteger, nullable=False, index=True),
)

answers_taken = Table(
    "answers_taken",
    metadata,
    Column("key", LargeBinary, primary_key=True),  # hash of what a holder signed
    Column("until", BigInteger, nullable=False, index=True),
)

certificates = Table(
    "certificates",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("der", LargeBinary, nullable=False),
    Column("met_at", BigInteger, nullable=False, index=True),
)

askings = Table(
    "askings",
    metadata,
    Column("verification_id", Text, primary_key=True),
    Column("typed", Text, nullable=False, unique=True),  # derived from the wallet addresses' ref
    Column("begun_at", BigInteger, nullable=False, index=True),
    Column("until", BigInteger, nullable=False),
    Column("without_network", Boolean, nullable=False),
    Column("assisted", Boolean, nullable=False),
)

trust_list = Table(
    "trust_list",
    metadata,
    Column("only", Integer, primary_key=True),  # always 1
    Column("sequence", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

desk_sessions = Table(
    "desk_sessions",
    metadata,
    Column("id", LargeBinary, primary_key=True),  # keyed hash of the cookie, never the cookie
    Column("owner", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("sealed", LargeBinary),
)

status_lists = Table(
    "status_lists",
    metadata,
    Column("uri", Text, primary_key=True),
    Column("issuer", Text, primary_key=True),
    Column("form", Text, nullable=False),  # the token's media type
    Column("token", LargeBinary, nullable=False),
    Column("fetched_at", BigInteger, nullable=False),
    Column("issued_at", BigInteger, nullable=False, index=True),
)

offline_bundle = Table(
    "offline_bundle",
    metadata,
    Column("only", Integer, primary_key=True),  # always 1
    Column("made_at", BigInteger, nullable=False),
)
