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
    Column("checked_at", BigInteger),
    Column("decided_at", BigInteger),
    Column("replay_seen", Boolean, nullable=False),
    Column("on_behalf", Text),  # who acted for the client: a kind of person, no name
    Index("verifications_by_end", "state", "expires_at"),
    Index("verifications_by_erasing", "erase_at"),
    Index("verifications_by_age", "created_at"),
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
    Column("active_until", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("sealed", LargeBinary),
    Column("id_token", LargeBinary),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sign_in_name", Text, unique=True),
    Column("subject", Text, unique=True),
    Column("display_name", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("password_hash", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("key", LargeBinary, primary_key=True),  # keyed hash of the name that was typed
    Column("failures", Integer, nullable=False),
    Column("barred_until", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False, index=True),
)

access_log = Table(
    "access_log",
    metadata,
    Column("id", LargeBinary, primary_key=True),  # the same for the same look
    Column("at", BigInteger, nullable=False, index=True),
    Column("viewer", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("verification", Text, nullable=False),
    Column("shown", Text, nullable=False),
    Column("whose", LargeBinary, index=True),  # keyed hash of name and birthdate
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

# Evidence: what waits for its hour to end, and the chain. Triggers refuse to change either.
evidence_waiting = Table(
    "evidence_waiting",
    metadata,
    Column("id", Text, primary_key=True),  # random: it decides the order in which they are sealed
    Column("hour", BigInteger, nullable=False, index=True),
    Column("content", Text, nullable=False),
    sqlite_with_rowid=False,  # a row number would tell the order within the hour
)

evidence_chain = Table(
    "evidence_chain",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("previous", LargeBinary, nullable=False),
    Column("content", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

evidence_standing = Table(
    "evidence_standing",
    metadata,
    Column("only", Integer, primary_key=True),  # always 1
    Column("recorded", BigInteger, nullable=False),  # how many were ever written
    Column("sequence", BigInteger, nullable=False),  # the last one sealed
    Column("hash", LargeBinary, nullable=False),
)

evidence_checkpoints = Table(
    "evidence_checkpoints",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    Column("signed", Text, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),  # the receiver takes the same id once
    Column("verification_id", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("sealed", LargeBinary),
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False, index=True),
    Column("give_up_at", BigInteger, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("verification_id", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("until", BigInteger, nullable=False, index=True),
)

given_receipts = Table(
    "given_receipts",
    metadata,
    Column("key", LargeBinary, primary_key=True),  # hash of the receipt's number
    Column("verification_id", Text, nullable=False, unique=True),
    Column("client_id", Text, nullable=False, index=True),
    Column("issuer", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("given_at", BigInteger, nullable=False),
    Column("kept_until", Text),  # a day in Finland
    Column("forget_at", BigInteger, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("asked_at", BigInteger),
    Column("passed_on", Boolean, nullable=False),
    Column("seen_to_at", BigInteger),
)

held_pages = Table(
    "held_pages",
    metadata,
    Column("key", LargeBinary, primary_key=True),  # hash of a secret address
    Column("sealed", LargeBinary, nullable=False),
    Column("until", BigInteger, nullable=False, index=True),
)

reports = Table(
    "reports",
    metadata,
    Column("day", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("profile", Text, primary_key=True),
    Column("asked", Text, primary_key=True),  # names of claims, with a space between them
    Column("about_us", Boolean, primary_key=True),
    Column("number", BigInteger, nullable=False),
)
