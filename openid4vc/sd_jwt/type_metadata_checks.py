"""A credential measured by the claims of its type (SD-JWT VC 5.6)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from openid4vc import limits
from openid4vc.checks import SdJwtTooLarge
from openid4vc.sd_jwt.digests import ELEMENT_DIGEST, MEMBER_DIGESTS, RESERVED_NAMES
from openid4vc.sd_jwt.model import Disclosure, UnverifiedSdJwt, WantedPath
from openid4vc.sd_jwt.type_metadata_claims import ClaimMetadata
from openid4vc.sd_jwt.type_metadata_errors import (
    ClaimDisclosureMismatch,
    ClaimPathMismatch,
    MandatoryClaimMissing,
)

_UNKNOWN: Final = object()
"""The value of an array element that is not disclosed."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A value in the credential as it was issued; `hidden`: it is a disclosure of its own."""

    value: object
    hidden: bool


def check_claims(
    sd_jwt: UnverifiedSdJwt, claims: Iterable[ClaimMetadata], *, everything_disclosed: bool
) -> None:
    """Check that a credential was issued as the resolved type says.

    Paths count as in the credential as issued, so that array elements not shown keep their place.

    Args:
        sd_jwt: a credential that `openid4vc.sd_jwt.verify.verify` has accepted, taken apart.
        claims: of its resolved type.
        everything_disclosed: all disclosures are there (a wallet receiving it). Otherwise a
            claim that may stand behind a digest is not held to be missing.

    Raises:
        ClaimPathMismatch: a path leads through a value of another kind.
        ClaimDisclosureMismatch: a claim breaks its `sd`.
        MandatoryClaimMissing: a mandatory claim is certainly not in the credential.
        SdJwtTooLarge: a path selects more claims than `openid4vc.limits` allows.
    """
    by_digest = {disclosure.digest: disclosure for disclosure in sd_jwt.disclosures}
    for claim in claims:
        walk = _Walk(by_digest)
        found = walk.follow(sd_jwt.claims, claim.path)
        # 5.6.4. Selectively disclosable itself: what contains it does not count.
        if any(place.hidden != (claim.sd == "always") for place in found) and claim.sd in {
            "always",
            "never",
        }:
            raise ClaimDisclosureMismatch
        # 5.6.3. What can only be in clear and is not there, is missing for a verifier too.
        unseen = walk.unseen_on_the_way or (walk.unseen_at_the_end and claim.sd != "never")
        if claim.mandatory and not found and (everything_disclosed or not unseen):
            raise MandatoryClaimMissing


class _Walk:
    """One path through a credential; notes whether what is not found may be undisclosed."""

    def __init__(self, by_digest: Mapping[str, Disclosure]) -> None:
        self.unseen_on_the_way = False
        self.unseen_at_the_end = False
        self._by_digest = by_digest

    def follow(self, claims: Mapping[str, object], path: WantedPath) -> list[_Place]:
        """Return what the path selects (5.6.1)."""
        places = [_Place(claims, hidden=False)]
        for position, step in enumerate(path):
            last = position == len(path) - 1
            places = [
                found for place in places for found in self._step(place.value, step, last=last)
            ]
            if len(places) > limits.MAX_CLAIMS_OF_A_PATH:
                raise SdJwtTooLarge("claims of a path")
        return places

    def _step(self, value: object, step: str | int | None, *, last: bool) -> Iterable[_Place]:
        if value is _UNKNOWN:
            self.unseen_on_the_way = True
            return ()
        if isinstance(step, str):
            return self._member(value, step, last=last)
        if not isinstance(value, list):
            raise ClaimPathMismatch
        return self._elements(value if step is None else value[step : step + 1])

    def _member(self, value: object, name: str, *, last: bool) -> Iterable[_Place]:
        if not isinstance(value, dict):
            raise ClaimPathMismatch
        if name in value and name not in RESERVED_NAMES:
            return (_Place(value[name], hidden=False),)
        for digest in value.get(MEMBER_DIGESTS, ()):
            disclosure = self._by_digest.get(digest)
            if disclosure is None:
                self.unseen_at_the_end |= last
                self.unseen_on_the_way |= not last
            elif disclosure.name == name:
                return (_Place(disclosure.value, hidden=True),)
        return ()

    def _elements(self, elements: list[object]) -> Iterator[_Place]:
        for element in elements:
            if isinstance(element, dict) and ELEMENT_DIGEST in element:
                disclosure = self._by_digest.get(element[ELEMENT_DIGEST])
                yield _Place(_UNKNOWN if disclosure is None else disclosure.value, hidden=True)
            else:
                yield _Place(element, hidden=False)
