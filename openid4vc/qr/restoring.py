"""From parts with tokens back to the exact texts; every step is bounded."""

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from keys.jose import b64url_encode
from openid4vc.qr.errors import (
    CertificateNotHeld,
    CompactTooLarge,
    PartsMalformed,
    RawBytesMismatch,
    ReferenceDangling,
    TokenUnknown,
)
from openid4vc.qr.packed import inflate, unpack
from openid4vc.qr.points import y_of
from openid4vc.qr.texts import digest_text
from openid4vc.qr.tokens import (
    CERTIFICATE,
    CERTIFICATE_BY_HASH,
    DISCLOSURE_DIGEST,
    EVEN_Y,
    KNOWN_TEXT,
    MAX_CERTIFICATE_BYTES,
    MAX_RESTORED_CHARS,
    NUMBER_BYTES,
    ODD_Y,
    PLAIN,
    PRESENTATION_DIGEST,
    RAW_N,
)

CertificateLookup = Callable[[bytes], bytes | None]
"""From the SHA-256 of a certificate (32 bytes) to its DER, or None when it is not held."""

_TOKEN: Final = re.compile(r"([\x00-\x08\x0b\x0c\x0e-\x1f])")
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_HASH_BYTES: Final = 32
_PLAIN_LENGTHS: Final = {token: length for length, token in PLAIN.items()}


def no_certificates(_digest: bytes) -> None:
    """Hold no certificate at all: a `CertificateLookup`."""


class Restorer:
    """Gives back the parts of one message, which have to be asked for in their order."""

    def __init__(
        self, packed: bytes, *, known: Sequence[str] = (), certificates: CertificateLookup
    ) -> None:
        """Unpack a message.

        Args:
            packed: its packed form.
            known: the texts that the writer took as known, in the same order.
            certificates: what this reader holds.

        Raises:
            CompactTooLarge, InflateFailed, PartsMalformed: see `openid4vc.qr.packed`.
        """
        parts, self._raw = unpack(packed)
        self._parts = iter(parts)
        self.parts_left = len(parts)
        self._place = 0
        self._known = known
        self._certificates = certificates
        self._digests: list[str] = []
        self._presentation_digest: str | None = None
        self._x = b""
        self._ys: dict[tuple[bytes, str], str] = {}
        self._chars_left = MAX_RESTORED_CHARS
        self._expand: dict[str, Callable[[], str]] = {
            RAW_N: lambda: b64url_encode(self._sized()),
            DISCLOSURE_DIGEST: lambda: self._numbered(self._digests),
            PRESENTATION_DIGEST: self._digest_of_presentation,
            KNOWN_TEXT: lambda: self._numbered(self._known),
            CERTIFICATE_BY_HASH: self._held_certificate,
            CERTIFICATE: self._embedded_certificate,
            EVEN_Y: lambda: self._y(EVEN_Y),
            ODD_Y: lambda: self._y(ODD_Y),
        }

    def disclosure(self) -> str:
        """Return the next part as a disclosure, which later parts may refer to."""
        text = self.json()
        self._digests.append(digest_text(text))
        return text

    def presentation(self, text: str) -> None:
        """Name the text before the key binding JWT, which later parts may refer to."""
        self._presentation_digest = digest_text(text)

    def json(self) -> str:
        """Return base64url of the next part.

        Raises:
            PartsMalformed: there is none.
            TokenUnknown, RawBytesMismatch, ReferenceDangling, CertificateNotHeld,
            InflateFailed: its tokens.
            CompactTooLarge: the texts together are longer than allowed.
        """
        return b64url_encode(self._next().encode())

    def signature(self) -> str:
        """Return the next part, which is base64url itself; otherwise as `json`."""
        text = self._next()
        if not _BASE64URL.fullmatch(text):
            raise PartsMalformed("signature")
        return text

    def finish(self) -> None:
        """Check that nothing is left.

        Raises:
            PartsMalformed: parts are left.
            RawBytesMismatch: raw bytes are left.
        """
        if self.parts_left:
            raise PartsMalformed("too many")
        if self._place != len(self._raw):
            raise RawBytesMismatch("left over")

    def _next(self) -> str:
        part = next(self._parts, None)
        if part is None:
            raise PartsMalformed("too few")
        self.parts_left -= 1
        pieces = _TOKEN.split(part)
        for place in range(1, len(pieces), 2):
            pieces[place] = self._token(pieces[place])
            self._chars_left -= len(pieces[place])
            if self._chars_left < 0:
                raise CompactTooLarge("restored")
        return "".join(pieces)

    def _token(self, token: str) -> str:
        if token in _PLAIN_LENGTHS:
            data = self._take(_PLAIN_LENGTHS[token])
            if len(data) == _HASH_BYTES:
                self._x = data
            return b64url_encode(data)
        if token not in self._expand:
            raise TokenUnknown("control character")
        return self._expand[token]()

    def _take(self, length: int) -> bytes:
        data = self._raw[self._place : self._place + length]
        if len(data) != length:
            raise RawBytesMismatch("too few")
        self._place += length
        return data

    def _sized(self) -> bytes:
        return self._take(int.from_bytes(self._take(NUMBER_BYTES), "big"))

    def _numbered(self, texts: Sequence[str]) -> str:
        number = self._take(1)[0]
        if number >= len(texts):
            raise ReferenceDangling("number")
        return texts[number]

    def _digest_of_presentation(self) -> str:
        if self._presentation_digest is None:
            raise ReferenceDangling("presentation")
        return self._presentation_digest

    def _held_certificate(self) -> str:
        digest = self._take(_HASH_BYTES)
        der = self._certificates(digest)
        if der is None or sha256(der).digest() != digest:
            raise CertificateNotHeld
        return b64encode(der).decode()

    def _embedded_certificate(self) -> str:
        return b64encode(inflate(self._sized(), max_bytes=MAX_CERTIFICATE_BYTES)).decode()

    def _y(self, token: str) -> str:
        """Take a root once for each x: it is the one costly step that uses up no raw bytes."""
        if (self._x, token) not in self._ys:
            y = y_of(self._x, odd=token == ODD_Y)
            if y is None:
                raise ReferenceDangling("no such point")
            self._ys[self._x, token] = b64url_encode(y)
        return self._ys[self._x, token]
