"""The holder's side: choosing which disclosures go along (RFC 9901 7.2)."""

from collections.abc import Collection, Iterator

from openid4vc.checks import ClaimAbsent
from openid4vc.sd_jwt.digests import reveal
from openid4vc.sd_jwt.model import Path, UnverifiedSdJwt, WantedPath


def select(sd_jwt: UnverifiedSdJwt, wanted: Collection[WantedPath]) -> str:
    """Return the SD-JWT with the wanted places, their parents and all that is below them.

    Args:
        sd_jwt: the credential as the holder keeps it, with all its disclosures.
        wanted: places in its processed payload; None stands for every element of an array.

    Returns:
        The text to present, ending in a tilde; disclosures stay in the issuer's order.

    Raises:
        ClaimAbsent: the credential holds nothing at one of the wanted paths.
        CheckFailed: the credential's disclosures do not fit; see `openid4vc.sd_jwt.digests`.
    """
    disclosed, sources = reveal(sd_jwt)
    places: set[Path] = set()
    for path in wanted:
        found = set(_places(disclosed.claims, path))
        if not found:
            raise ClaimAbsent
        places |= found
    on_the_way = {above for place in places for above in _down_to(place)}
    chosen = {
        disclosure.digest
        for place, disclosure in sources.items()
        if place in on_the_way or not places.isdisjoint(_down_to(place))
    }
    texts = (each.text for each in sd_jwt.disclosures if each.digest in chosen)
    return "~".join((sd_jwt.jws.text, *texts, ""))


def _down_to(place: Path) -> Iterator[Path]:
    """Yield the places on the way from the top to this one, and this one."""
    return (place[:length] for length in range(len(place) + 1))


def _places(value: object, path: WantedPath, above: Path = ()) -> Iterator[Path]:
    """Yield every concrete place that a path points at."""
    if not path:
        yield above
        return
    step, *rest = path
    if isinstance(value, dict):
        if isinstance(step, str) and step in value:
            yield from _places(value[step], tuple(rest), (*above, step))
    elif isinstance(value, list) and not isinstance(step, str):
        for index in range(len(value)) if step is None else (step,):
            if 0 <= index < len(value):
                yield from _places(value[index], tuple(rest), (*above, index))
