"""Putting disclosures back where their digests stand (RFC 9901 7.1, steps 3 to 5)."""

from collections.abc import Mapping, Sequence
from typing import Final

from openid4vc import limits
from openid4vc.checks import (
    ClaimNameClash,
    DigestRepeated,
    DisclosureRepeated,
    DisclosureUnreferenced,
    DisclosureWrongShape,
    MalformedDigests,
    ReservedClaimName,
    SdJwtTooLarge,
)
from openid4vc.sd_jwt.model import DisclosedClaims, Disclosure, Path, UnverifiedSdJwt

MEMBER_DIGESTS: Final = "_sd"
ELEMENT_DIGEST: Final = "..."
HASH_NAME: Final = "_sd_alg"
RESERVED_NAMES: Final = frozenset({MEMBER_DIGESTS, ELEMENT_DIGEST, HASH_NAME})
_WITH_PARTS: Final = frozenset({dict, list})


def disclose(sd_jwt: UnverifiedSdJwt) -> DisclosedClaims:
    """Return the processed payload.

    A digest without a disclosure is ignored: it may be a claim not shown, or a decoy.

    Raises:
        DisclosureRepeated, DigestRepeated, DisclosureUnreferenced, DisclosureWrongShape,
        ReservedClaimName, ClaimNameClash, MalformedDigests, SdJwtTooLarge: as their classes say.
    """
    return reveal(sd_jwt)[0]


def reveal(sd_jwt: UnverifiedSdJwt) -> tuple[DisclosedClaims, Mapping[Path, Disclosure]]:
    """Do as `disclose`, and say which disclosure each disclosed place came from."""
    # 3.1. The digest of each disclosure was taken over its text when it was parsed.
    by_digest = {disclosure.digest: disclosure for disclosure in sd_jwt.disclosures}
    if len(by_digest) != len(sd_jwt.disclosures):
        raise DisclosureRepeated

    # 3.2 to 3.6, and 4. Walk the payload; what a disclosure holds is walked in its turn.
    walk = _Walk(by_digest)
    claims = walk.members(sd_jwt.claims, ())

    # 5. Every disclosure was referred to by a digest.
    if len(walk.sources) != len(by_digest):
        raise DisclosureUnreferenced

    disclosed = DisclosedClaims(
        claims=claims,
        disclosed=frozenset(walk.sources),
        partial_arrays=frozenset(walk.partial_arrays),
        partial_objects=frozenset(walk.partial_objects),
    )
    return disclosed, walk.sources


class _Walk:
    """One pass over a payload; collects what it meets on the way."""

    def __init__(self, by_digest: Mapping[str, Disclosure]) -> None:
        self.sources: dict[Path, Disclosure] = {}
        self.partial_arrays: set[Path] = set()
        self.partial_objects: set[Path] = set()
        self._by_digest = by_digest
        self._seen: set[str] = set()

    def value(self, value: object, place: Path) -> object:
        """Return the value without digests, whatever its JSON type."""
        if isinstance(value, dict):
            return self.members(value, place)
        if isinstance(value, list):
            return self._elements(value, place)
        return value

    def members(self, raw: Mapping[str, object], place: Path) -> Mapping[str, object]:
        """Return an object with its disclosed members put in and its digests left out."""
        if len(place) > limits.MAX_CLAIM_DEPTH:
            raise SdJwtTooLarge("depth")
        # Nothing is hidden here or below.
        if RESERVED_NAMES.isdisjoint(raw) and _WITH_PARTS.isdisjoint(map(type, raw.values())):
            return raw
        # 4.1, 4.1.1: `...` belongs into arrays, `_sd_alg` to the top.
        if ELEMENT_DIGEST in raw or (place and HASH_NAME in raw):
            raise MalformedDigests
        # 3.5, 3.6. `_sd` and `_sd_alg` are left out; an emptied object stays an object.
        members = dict(raw)
        members.pop(HASH_NAME, None)
        members.pop(MEMBER_DIGESTS, None)
        for name, value in members.items():
            if type(value) is dict:
                members[name] = self.members(value, (*place, name))
            elif type(value) is list:
                members[name] = self._elements(value, (*place, name))
        if MEMBER_DIGESTS in raw:
            self._put_in(raw[MEMBER_DIGESTS], members, place)
        return members

    def _put_in(self, digests: object, members: dict[str, object], place: Path) -> None:
        # 3.2.1. `_sd` is an array of strings.
        if not isinstance(digests, list):
            raise MalformedDigests
        self._meet(digests)
        # 3.3.1. A digest without a disclosure is ignored.
        found = [*filter(None, map(self._by_digest.get, digests))]
        if len(found) < len(digests):
            self.partial_objects.add(place)
        for disclosure in found:
            # 3.3.2.1. Salt, name, value.
            name = disclosure.name
            if name is None:
                raise DisclosureWrongShape
            # 3.3.2.2. No claim is called like our own signs.
            if name in RESERVED_NAMES:
                raise ReservedClaimName
            # 3.3.2.3. Nothing of that name is there already.
            if name in members:
                raise ClaimNameClash
            # 3.3.2.4 and 3.3.2.5. Put it in, and walk what it holds.
            here = (*place, name)
            value = disclosure.value
            self.sources[here] = disclosure
            members[name] = self.value(value, here) if type(value) in _WITH_PARTS else value

    def _elements(self, raw: list[object], place: Path) -> list[object]:
        if len(place) > limits.MAX_CLAIM_DEPTH:
            raise SdJwtTooLarge("depth")
        if _WITH_PARTS.isdisjoint(map(type, raw)):
            return raw
        elements: list[object] = []
        for element in raw:
            here = (*place, len(elements))
            # 3.2.2. A placeholder is an object with the one key `...`.
            if not (isinstance(element, dict) and ELEMENT_DIGEST in element):
                elements.append(self.value(element, here))
                continue
            if len(element) != 1:
                raise MalformedDigests
            digest = element[ELEMENT_DIGEST]
            self._meet([digest])
            disclosure = self._by_digest.get(digest)
            # 3.4. A placeholder without a disclosure is removed.
            if disclosure is None:
                self.partial_arrays.add(place)
                continue
            # 3.3.3.1. Salt, value.
            if disclosure.name is not None:
                raise DisclosureWrongShape
            # 3.3.3.2 and 3.3.3.3. Put it in, and walk what it holds.
            value = disclosure.value
            self.sources[here] = disclosure
            elements.append(self.value(value, here) if type(value) in _WITH_PARTS else value)
        return elements

    def _meet(self, digests: Sequence[str]) -> None:
        """Note digests as they stand in the payload, if they are strings at all."""
        try:
            "".join(digests)
        except TypeError:  # not all of them are strings
            raise MalformedDigests from None
        # 4. No digest twice, wherever it stands.
        before = len(self._seen)
        self._seen.update(digests)
        if len(self._seen) != before + len(digests):
            raise DigestRepeated
        if len(self._seen) > limits.MAX_DIGESTS:
            raise SdJwtTooLarge("digests")
