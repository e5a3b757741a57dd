"""From texts to parts with tokens: whatever looks random leaves as raw bytes."""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Final

from keys.checks import MalformedJws
from keys.jose import b64url_decode
from openid4vc.qr.packed import deflate, pack
from openid4vc.qr.points import y_of
from openid4vc.qr.texts import digest_text
from openid4vc.qr.tokens import (
    CERTIFICATE,
    CERTIFICATE_BY_HASH,
    DISCLOSURE_DIGEST,
    EVEN_Y,
    KNOWN_TEXT,
    MAX_CERTIFICATE_BYTES,
    MAX_NUMBERED,
    NUMBER_BYTES,
    ODD_Y,
    PLAIN,
    PRESENTATION_DIGEST,
    RAW_32,
    RAW_N,
)

_POINT: Final = r'"x":"(?P<x>[A-Za-z0-9_-]{43})","y":"(?P<y>[A-Za-z0-9_-]{43})"'
_BASE64: Final = r'"(?P<certificate>(?:[A-Za-z0-9+/]{4}){64,}(?:[A-Za-z0-9+/]{2,3}={1,2})?)"'
_RUN: Final = r"(?<![A-Za-z0-9_-])(?P<run>[A-Za-z0-9_-]{22,})(?![A-Za-z0-9_-])"
_LOOKS_RANDOM: Final = re.compile("[A-Z]")
_LONGEST: Final = 256**NUMBER_BYTES - 1


class Shrinker:
    """Takes the parts of one message in order and keeps the raw bytes of their tokens.

    What a token could stand for may also stay a text: readers do not care. A text stays when it
    would not come back exactly the same, so restoring is exact for every input.
    """

    def __init__(self, *, known: Sequence[str] = (), held: Collection[bytes] = ()) -> None:
        """Start a message.

        Args:
            known: texts that the reader knows too, in the same order.
            held: SHA-256 of the certificates that the reader holds.
        """
        self._known = {text: number for number, text in enumerate(known[:MAX_NUMBERED])}
        self._held = held
        self._digests: dict[str, int] = {}
        self._presentation_digest: str | None = None
        self._parts: list[str] = []
        self._raw = bytearray()
        texts = "|".join(re.escape(text) for text in sorted(self._known, key=len, reverse=True))
        first = f"(?P<known>{texts})|" if texts else ""
        self._pattern = re.compile(f"{first}{_POINT}|{_BASE64}|{_RUN}")

    def disclosure(self, text: str) -> None:
        """Add a disclosure, given as it travels; later parts may refer to its digest."""
        number = len(self._parts)
        self.json(text)
        if number < MAX_NUMBERED:
            self._digests.setdefault(digest_text(text), number)

    def presentation(self, text: str) -> None:
        """Name the text before the key binding JWT; later parts may refer to its digest."""
        self._presentation_digest = digest_text(text)

    def json(self, text: str) -> None:
        """Add a part, given as base64url of a JSON text."""
        self._parts.append(self._pattern.sub(self._shorter, b64url_decode(text).decode()))

    def signature(self, text: str) -> None:
        """Add a part that is nothing but bytes, given as base64url."""
        self._parts.append(self._bytes(b64url_decode(text)))

    def packed(self) -> bytes:
        """Return the message.

        Raises:
            CompactTooLarge: more than a reader takes.
        """
        return pack(self._parts, bytes(self._raw))

    def _shorter(self, found: re.Match[str]) -> str:
        match found.lastgroup:
            case "known":
                return self._numbered(KNOWN_TEXT, self._known[found[0]])
            case "y":
                return self._point(found["x"], found["y"])
            case "certificate":
                return f'"{self._certificate(found["certificate"])}"'
            case _:
                return self._run(found[0])

    def _run(self, text: str) -> str:
        if text == self._presentation_digest:
            return PRESENTATION_DIGEST
        if text in self._digests:
            return self._numbered(DISCLOSURE_DIGEST, self._digests[text])
        try:
            data = b64url_decode(text)
        except MalformedJws:
            return text
        return self._bytes(data) if _LOOKS_RANDOM.search(text) and len(data) <= _LONGEST else text

    def _point(self, x: str, y: str) -> str:
        """Give x, and of y one bit when the two are a point of P-256."""
        try:
            known_x, known_y = b64url_decode(x), b64url_decode(y)
        except MalformedJws:
            return f'"x":"{self._run(x)}","y":"{self._run(y)}"'
        odd = known_y[-1] % 2 == 1
        if known_y != y_of(known_x, odd=odd):
            return f'"x":"{self._run(x)}","y":"{self._run(y)}"'
        self._raw += known_x
        return f'"x":"{RAW_32}","y":"{ODD_Y if odd else EVEN_Y}"'

    def _certificate(self, text: str) -> str:
        try:
            der = b64decode(text, validate=True)
        except Base64Error:
            return text
        if b64encode(der).decode() != text or len(der) > MAX_CERTIFICATE_BYTES:
            return text
        digest = sha256(der).digest()
        if digest in self._held:
            self._raw += digest
            return CERTIFICATE_BY_HASH
        self._sized(deflate(der))
        return CERTIFICATE

    def _bytes(self, data: bytes) -> str:
        token = PLAIN.get(len(data))
        if token is None:
            self._sized(data)
            return RAW_N
        self._raw += data
        return token

    def _sized(self, data: bytes) -> None:
        self._raw += len(data).to_bytes(NUMBER_BYTES, "big") + data

    def _numbered(self, token: str, number: int) -> str:
        self._raw.append(number)
        return token
