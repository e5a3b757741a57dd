"""Hiding claims behind digests and signing the rest (RFC 9901 4)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from keys import strict_json
from keys.jose import (
    b64url_encode_ascii,
    b64url_encode_each,
    protected_header,
    sign_protected,
)
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

HIDDEN: Final = 1
"""Behind a disclosure."""
WHOLE: Final = 2
"""In one piece: nothing within it is hidden by itself."""

# Asked first: most values are one of these, and `isinstance` is slow to say no to `Mapping`.
_WITHOUT_PARTS: Final = (str, int, float)


def issue(
    claims: Mapping[str, object],
    *,
    hide: Callable[[Path], int],
    header: Mapping[str, object] | str,
    signer: Signer,
    random_bytes: Callable[[int], bytes],
    decoys: int = 0,
) -> str:
    """Return a signed SD-JWT with every disclosure, ending in a tilde.

    Args:
        claims: what is to be said, without any digests.
        hide: whether the member or element at a place goes behind a disclosure: `HIDDEN` (or
            True) if it does. It is asked at every depth, so a hidden parent may have hidden
            children (RFC 9901 4.2.6), except within what is also `WHOLE`.
        header: members of the JOSE header beside `alg`, or what `protected_header` made of them.
        signer: the issuer's key.
        random_bytes: gives so many bytes from the system's random source, for the salts.
        decoys: digests of nothing, added to each object that hides a member (RFC 9901 4.2.5).

    Raises:
        ReservedClaimName: a claim is called `_sd`, `...` or `_sd_alg`.
        SaltUnfit: the random source gave too little, or a salt twice.
        SdJwtTooLarge: more than our own `parse` would read.
    """
    hiding = _Hiding(hide)
    payload = hiding.members(claims, ())
    texts = _disclosures(hiding.levels, random_bytes, decoys)
    if texts:
        payload[HASH_NAME] = DEFAULT
    protected = header if isinstance(header, str) else protected_header(header)
    issuer_jwt = sign_protected(protected, strict_json.dumps(payload), signer)
    text = "~".join((issuer_jwt, b"~".join((*texts, b"")).decode("ascii")))
    if len(issuer_jwt) > limits.MAX_ISSUER_JWT_CHARS or len(text) > limits.MAX_SD_JWT_CHARS:
        raise SdJwtTooLarge
    return text


_Hidden = tuple[str | None, object, list[str] | dict[str, object]]
"""A name (None: of an element), the value, and the `_sd` or placeholder that takes the digest.

The value is written last, when the digests within it are known.
"""


@dataclass(slots=True)
class _Level:
    """What is hidden at one depth, and the `_sd` of each object there, still empty."""

    hidden: list[_Hidden] = field(default_factory=list)
    objects: list[list[str]] = field(default_factory=list)


class _Hiding:
    """One pass over claims that takes out what is hidden, level by level."""

    def __init__(self, hide: Callable[[Path], int]) -> None:
        self.levels: list[_Level] = []
        self._hide = hide

    def members(self, claims: Mapping[str, object], place: Path) -> dict[str, object]:
        if not RESERVED_NAMES.isdisjoint(claims):
            raise ReservedClaimName
        level = self._level(len(place))
        members: dict[str, object] = {}
        digests: list[str] = []
        hidden: list[_Hidden] = []
        hide = self._hide
        for name, value in claims.items():
            here = (*place, name)
            how = hide(here)
            shown = value if isinstance(value, _WITHOUT_PARTS) else self._value(value, here, how)
            if how & HIDDEN:
                hidden.append((name, shown, digests))
            else:
                members[name] = shown
        if hidden:
            members[MEMBER_DIGESTS] = digests
            level.objects.append(digests)
            level.hidden += hidden
        return members

    def _elements(self, values: Sequence[object], place: Path) -> list[object]:
        level = self._level(len(place))
        elements: list[object] = []
        for index, value in enumerate(values):
            here = (*place, index)
            how = self._hide(here)
            shown = value if isinstance(value, _WITHOUT_PARTS) else self._value(value, here, how)
            if how & HIDDEN:
                placeholder: dict[str, object] = {}
                level.hidden.append((None, shown, placeholder))
                shown = placeholder
            elements.append(shown)
        return elements

    def _value(self, value: object, place: Path, how: int) -> object:
        if how & WHOLE:
            _check_names(value, len(place))
            return value
        if isinstance(value, Mapping):
            return self.members(value, place)
        if isinstance(value, list | tuple):
            return self._elements(value, place)
        return value

    def _level(self, depth: int) -> _Level:
        if depth >= limits.MAX_CLAIM_DEPTH - 1:
            raise SdJwtTooLarge("depth")
        while len(self.levels) <= depth:
            self.levels.append(_Level())
        return self.levels[depth]


def _check_names(value: object, depth: int) -> None:
    if depth >= limits.MAX_CLAIM_DEPTH - 1:
        raise SdJwtTooLarge("depth")
    parts: Iterable[object] = ()
    if isinstance(value, list):
        parts = value
    elif isinstance(value, Mapping):
        if not RESERVED_NAMES.isdisjoint(value):
            raise ReservedClaimName
        parts = value.values()
    elif isinstance(value, tuple):
        parts = value
    for part in parts:
        if not isinstance(part, _WITHOUT_PARTS):
            _check_names(part, depth + 1)


def _disclosures(
    levels: Sequence[_Level], random_bytes: Callable[[int], bytes], decoys: int
) -> list[bytes]:
    """Write what is hidden, put its digests where they belong, and return the disclosures."""
    count = sum(len(level.hidden) for level in levels)
    decoy_count = decoys * sum(len(level.objects) for level in levels)
    if count + decoy_count > limits.MAX_DIGESTS or count > limits.MAX_DISCLOSURES:
        raise SdJwtTooLarge("digests")
    salts = iter(_fresh_salts(random_bytes, count + decoy_count))
    texts: list[bytes] = []
    for level in reversed(levels):
        written = _written(level.hidden, salts)
        for (_, _, where), digest in zip(level.hidden, digests_of(written), strict=True):
            if isinstance(where, list):
                where.append(digest)
            else:
                where[ELEMENT_DIGEST] = digest
        for digests in level.objects:
            digests.extend(digest_of(next(salts)) for _ in range(decoys))
            # Sorted: the order tells nothing of the order of the claims (4.2.4.1).
            digests.sort()
        texts += written
    return texts


def _written(hidden: Sequence[_Hidden], salts: Iterator[str]) -> list[bytes]:
    """Return the disclosures of one depth as they travel (4.2.1, 4.2.2)."""
    contents = [
        [salt, value] if name is None else [salt, name, value]
        for (name, value, _), salt in zip(hidden, salts, strict=False)
    ]
    written = [b64url_encode_ascii(json) for json in strict_json.dumps_each(contents)]
    if max(map(len, written), default=0) > limits.MAX_DISCLOSURE_CHARS:
        raise SdJwtTooLarge("disclosure")
    return written


def _fresh_salts(random_bytes: Callable[[int], bytes], count: int) -> list[str]:
    size = limits.MIN_SALT_BYTES
    drawn = random_bytes(count * size)
    salts = [drawn[at : at + size] for at in range(0, len(drawn), size)]
    if len(drawn) != count * size or len(set(salts)) < count:
        raise SaltUnfit
    return b64url_encode_each(salts, size)
