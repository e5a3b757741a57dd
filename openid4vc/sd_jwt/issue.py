"""Hiding claims behind digests and signing the rest (RFC 9901 4)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from keys import strict_json
from keys.jose import b64url_encode, sign_jws
from keys.ports import Signer
from openid4vc import limits
from openid4vc.checks import ReservedClaimName, SaltUnfit, SdJwtTooLarge
from openid4vc.sd_jwt.digests import (
    ELEMENT_DIGEST,
    HASH_NAME,
    MEMBER_DIGESTS,
    RESERVED_NAMES,
)
from openid4vc.sd_jwt.hashes import DEFAULT, digest_of
from openid4vc.sd_jwt.model import Path

# Asked first: most values are one of these, and `isinstance` is slow to say no to `Mapping`.
_WITHOUT_PARTS: Final = (str, int, float)
_SALTS_PER_DRAW: Final = 32


def issue(
    claims: Mapping[str, object],
    *,
    hide: Callable[[Path], bool],
    header: Mapping[str, object],
    signer: Signer,
    salts: Callable[[], bytes],
    decoys: int = 0,
) -> str:
    """Return a signed SD-JWT with every disclosure, ending in a tilde.

    Args:
        claims: what is to be said, without any digests.
        hide: whether the member or element at a place goes behind a disclosure; asked at every
            depth, so a hidden parent may have hidden children (RFC 9901 4.2.6).
        header: members of the JOSE header beside `alg`.
        signer: the issuer's key.
        salts: gives at least 16 fresh random bytes at each call; see `salts_from`.
        decoys: digests of nothing, added to each object that hides a member (RFC 9901 4.2.5).

    Raises:
        ReservedClaimName: a claim is called `_sd`, `...` or `_sd_alg`.
        SaltUnfit: a salt is too short or repeated.
        SdJwtTooLarge: more than our own `parse` would read.
    """
    hiding = _Hiding(hide, salts, decoys)
    payload = hiding.members(claims, ())
    if hiding.digest_count > limits.MAX_DIGESTS or len(hiding.texts) > limits.MAX_DISCLOSURES:
        raise SdJwtTooLarge("digests")
    if hiding.digest_count:
        payload[HASH_NAME] = DEFAULT
    issuer_jwt = sign_jws(header, strict_json.dumps(payload), signer)
    text = "~".join((issuer_jwt, *hiding.texts, ""))
    if len(issuer_jwt) > limits.MAX_ISSUER_JWT_CHARS or len(text) > limits.MAX_SD_JWT_CHARS:
        raise SdJwtTooLarge
    return text


def salts_from(random_bytes: Callable[[int], bytes]) -> Callable[[], bytes]:
    """Return a source of salts for one credential that asks for many random bytes at a time.

    Args:
        random_bytes: gives this many bytes from the system's random source.
    """

    def cut() -> Iterator[bytes]:
        while True:
            drawn = random_bytes(_SALTS_PER_DRAW * limits.MIN_SALT_BYTES)
            for begins in range(0, len(drawn), limits.MIN_SALT_BYTES):
                yield drawn[begins : begins + limits.MIN_SALT_BYTES]

    return cut().__next__


class _Hiding:
    """One pass over claims that leaves digests in place of what is hidden."""

    def __init__(
        self, hide: Callable[[Path], bool], salts: Callable[[], bytes], decoys: int
    ) -> None:
        self.texts: list[str] = []
        self._hide = hide
        self._salts = salts
        self._decoys = decoys
        self._used: set[bytes] = set()

    @property
    def digest_count(self) -> int:
        """Digests in all, each with a salt of its own."""
        return len(self._used)

    def members(self, claims: Mapping[str, object], place: Path) -> dict[str, object]:
        if len(place) >= limits.MAX_CLAIM_DEPTH - 1:
            raise SdJwtTooLarge("depth")
        if not RESERVED_NAMES.isdisjoint(claims):
            raise ReservedClaimName
        members: dict[str, object] = {}
        digests: list[str] = []
        for name, value in claims.items():
            here = (*place, name)
            shown = value if isinstance(value, _WITHOUT_PARTS) else self._value(value, here)
            if self._hide(here):
                digests.append(self._disclosure([self._salt(), name, shown]))
            else:
                members[name] = shown
        if digests:
            digests.extend(digest_of(self._salt()) for _ in range(self._decoys))
            # Sorted: the order tells nothing of the order of the claims (4.2.4.1).
            members[MEMBER_DIGESTS] = sorted(digests)
        return members

    def _elements(self, values: Sequence[object], place: Path) -> list[object]:
        if len(place) >= limits.MAX_CLAIM_DEPTH - 1:
            raise SdJwtTooLarge("depth")
        elements: list[object] = []
        for index, value in enumerate(values):
            here = (*place, index)
            shown = value if isinstance(value, _WITHOUT_PARTS) else self._value(value, here)
            if self._hide(here):
                shown = {ELEMENT_DIGEST: self._disclosure([self._salt(), shown])}
            elements.append(shown)
        return elements

    def _value(self, value: object, place: Path) -> object:
        if isinstance(value, Mapping):
            return self.members(value, place)
        if isinstance(value, list | tuple):
            return self._elements(value, place)
        return value

    def _disclosure(self, content: list[object]) -> str:
        """Keep the disclosure of salt, name (of a member) and value; return its digest."""
        text = b64url_encode(strict_json.dumps(content))
        if len(text) > limits.MAX_DISCLOSURE_CHARS:
            raise SdJwtTooLarge("disclosure")
        self.texts.append(text)
        return digest_of(text)

    def _salt(self) -> str:
        salt = self._salts()
        if len(salt) < limits.MIN_SALT_BYTES or salt in self._used:
            raise SaltUnfit
        self._used.add(salt)
        return b64url_encode(salt)
