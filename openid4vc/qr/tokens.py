"""Control characters that stand, in a part's text, for bytes that deflate cannot make smaller.

JSON allows none of them inside a text (RFC 8259 7), so they collide with nothing. Their raw bytes
follow in the raw stream, in the order of the tokens.
"""

from typing import Final

RAW_16: Final = "\x01"  # base64url of the next 16 raw bytes: a salt, a nonce
RAW_32: Final = "\x02"  # of the next 32: a digest, a coordinate
RAW_64: Final = "\x03"  # of the next 64: a signature
RAW_N: Final = "\x04"  # of as many as the next two raw bytes say
DISCLOSURE_DIGEST: Final = "\x05"  # SHA-256 of an earlier disclosure, numbered by one raw byte
PRESENTATION_DIGEST: Final = "\x06"  # SHA-256 of all text before the key binding JWT
KNOWN_TEXT: Final = "\x07"  # a text that both sides know, numbered by one raw byte
CERTIFICATE_BY_HASH: Final = "\x08"  # base64 of the certificate with this SHA-256 (32 raw bytes)
CERTIFICATE: Final = "\x0b"  # the same of a certificate deflated into RAW_N's raw bytes
EVEN_Y: Final = "\x0e"  # the even y of the P-256 point whose x the last RAW_32 gave
ODD_Y: Final = "\x0f"  # the odd one
PART_END: Final = "\x1f"  # between two parts

PLAIN: Final = {16: RAW_16, 32: RAW_32, 64: RAW_64}
"""Which token gives this many bytes without saying their number."""

NUMBER_BYTES: Final = 2
"""How long a length is in the raw stream, and before the deflated texts; big-endian."""

MAX_PACKED_BYTES: Final = 16_384
MAX_TEXT_BYTES: Final = 65_536
MAX_CERTIFICATE_BYTES: Final = 6_144
MAX_RESTORED_CHARS: Final = 131_072
MAX_NUMBERED: Final = 256
"""How many disclosures or known texts one raw byte can number."""
