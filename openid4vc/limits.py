"""Sizes, counts, depths and times beyond which a message is refused unread."""

from datetime import timedelta
from typing import Final

# SD-JWT. A PID with 27 disclosures takes some 5 000 characters; these leave ten times that.
MAX_SD_JWT_CHARS: Final = 131_072
MAX_ISSUER_JWT_CHARS: Final = 65_536
MAX_KEY_BINDING_JWT_CHARS: Final = 8_192
MAX_DISCLOSURES: Final = 512
MAX_DISCLOSURE_CHARS: Final = 16_384
MAX_DIGESTS: Final = 1_024
MAX_CLAIM_DEPTH: Final = 16
MIN_SALT_BYTES: Final = 16
MAX_URI_CHARS: Final = 2_048

# The JSON form says nothing more than the compact one, but may be padded and signed by several.
MAX_JSON_SD_JWT_BYTES: Final = 2 * MAX_SD_JWT_CHARS
MAX_SIGNATURES: Final = 8

# Type metadata of SD-JWT VCs. Ours for 25 claims in three languages take some 8 kB.
MAX_TYPE_METADATA_BYTES: Final = 262_144
MAX_TYPE_CHAIN: Final = 8
MAX_CLAIM_METADATA: Final = 512
MAX_CLAIMS_OF_A_PATH: Final = 1_024
MAX_LOCALES: Final = 64
MAX_DISPLAY_CHARS: Final = 200
MAX_DESCRIPTION_CHARS: Final = 1_000
MAX_INTEGRITY_CHARS: Final = 1_024
MAX_TYPE_METADATA_AGE: Final = timedelta(days=365)
MAX_SVG_BYTES: Final = 262_144
MAX_SVG_ELEMENTS: Final = 4_096

# Times of SD-JWTs and status list tokens.
# Our clock may run behind a sender's; an end is an end.
LEEWAY: Final = timedelta(seconds=60)
KEY_BINDING_MAX_AGE: Final = timedelta(minutes=5)
KEY_BINDING_MAX_AHEAD: Final = timedelta(seconds=60)

# Status lists. A million entries of 8 bits inflate to 1 MiB.
MAX_STATUS_TOKEN_CHARS: Final = 4 * 1_048_576
MAX_STATUS_LIST_BYTES: Final = 2 * 1_048_576
MAX_AGGREGATION_BYTES: Final = 1_048_576
MAX_STATUS_TTL: Final = timedelta(days=7)

_END_OF_CALENDAR: Final = 253_402_300_800  # 10000-01-01T00:00:00Z


def numeric_date(value: object) -> float | None:
    """Return a NumericDate (RFC 7519 2) as seconds since 1970, or None when it is none.

    Booleans, texts, years before 1970 and years beyond 9999 are no dates.
    """
    if type(value) is not int and type(value) is not float:
        return None
    return value if 0 <= value < _END_OF_CALENDAR else None
