"""Hiding claims behind digests and signing the rest (RFC 9901 4)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

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
from openid4vc.sd_jwt.hashes import DEFAULT, digest_of, digests_of
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
    hiding = _Hiding(hide)
    payload = hiding.members(claims, ())
    texts = _disclosures(hiding, salts, decoys)
    if hiding.objects:
        payload[HASH_NAME] = DEFAULT
    issuer_jwt = sign_jws(header, strict_json.dumps(payload), signer)
    text = "~".join((issuer_jwt, *texts, ""))
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


class _Hidden(NamedTuple):
    """A member or an element to be hidden, and where its digest goes.

    `digests` is the `_sd` of the object that had the member; an element's `placeholder` takes its
    digest. The value is written last, when the digests within it are known.
    """

    name: str | None
    value: object
    digests: list[str]
    placeholder: dict[str, object]


class _Hiding:
    """One pass over claims that takes out what is hidden.

    Attributes:
        levels: what is hidden, by depth: the deeper is written before what holds it.
        objects: the `_sd` of each object that hides a member, still empty.
    """

    def __init__(self, hide: Callable[[Path], bool]) -> None:
        self.levels: list[list[_Hidden]] = []
        self.objects: list[list[str]] = []
        self._hide = hide

    def members(self, claims: Mapping[str, object], place: Path) -> dict[str, object]:
        if not RESERVED_NAMES.isdisjoint(claims):
            raise ReservedClaimName
        level = self._level(len(place))
        members: dict[str, object] = {}
        digests: list[str] = []
        for name, value in claims.items():
            here = (*place, name)
            shown = value if isinstance(value, _WITHOUT_PARTS) else self._value(value, here)
            if self._hide(here):
                level.append(_Hidden(name, shown, digests, {}))
                members[MEMBER_DIGESTS] = digests
            else:
                members[name] = shown
        if MEMBER_DIGESTS in members:
            self.objects.append(digests)
        return members

    def _elements(self, values: Sequence[object], place: Path) -> list[object]:
        level = self._level(len(place))
        elements: list[object] = []
        for index, value in enumerate(values):
            here = (*place, index)
            shown = value if isinstance(value, _WITHOUT_PARTS) else self._value(value, here)
            if self._hide(here):
                placeholder: dict[str, object] = {}
                level.append(_Hidden(None, shown, [], placeholder))
                shown = placeholder
            elements.append(shown)
        return elements

    def _value(self, value: object, place: Path) -> object:
        if isinstance(value, Mapping):
            return self.members(value, place)
        if isinstance(value, list | tuple):
            return self._elements(value, place)
        return value

    def _level(self, depth: int) -> list[_Hidden]:
        if depth >= limits.MAX_CLAIM_DEPTH - 1:
            raise SdJwtTooLarge("depth")
        while len(self.levels) <= depth:
            self.levels.append([])
        return self.levels[depth]


def _disclosures(hiding: _Hiding, salts: Callable[[], bytes], decoys: int) -> list[str]:
    """Write what is hidden, put its digests where they belong, and return the disclosures."""
    count = sum(map(len, hiding.levels))
    digest_count = count + decoys * len(hiding.objects)
    if digest_count > limits.MAX_DIGESTS or count > limits.MAX_DISCLOSURES:
        raise SdJwtTooLarge("digests")
    drawn = _fresh_salts(salts, digest_count)
    for digests in hiding.objects:
        digests.extend(digest_of(next(drawn)) for _ in range(decoys))
    texts: list[str] = []
    for level in reversed(hiding.levels):
        written = _written(level, drawn)
        for hidden, digest in zip(level, digests_of(written), strict=True):
            if hidden.name is None:
                hidden.placeholder[ELEMENT_DIGEST] = digest
            else:
                hidden.digests.append(digest)
        # Sorted: the order tells nothing of the order of the claims (4.2.4.1).
        for digests in {id(hidden.digests): hidden.digests for hidden in level}.values():
            digests.sort()
        texts += written
    return texts


def _written(level: Sequence[_Hidden], salts: Iterator[str]) -> list[str]:
    """Return the disclosures of one depth as they travel (4.2.1, 4.2.2)."""
    contents = [
        [next(salts), value] if name is None else [next(salts), name, value]
        for name, value, _, _ in level
    ]
    written = [b64url_encode(json) for json in strict_json.dumps_each(contents)]
    if max(map(len, written), default=0) > limits.MAX_DISCLOSURE_CHARS:
        raise SdJwtTooLarge("disclosure")
    return written


def _fresh_salts(salts: Callable[[], bytes], count: int) -> Iterator[str]:
    drawn = [salts() for _ in range(count)]
    if (
        len(set(drawn)) < count
        or min(map(len, drawn), default=limits.MIN_SALT_BYTES) < limits.MIN_SALT_BYTES
    ):
        raise SaltUnfit
    return map(b64url_encode, drawn)
