"""Where all status lists of an issuer are, so that a verifier can fetch them ahead (9).

A verifier that has every list tells nobody which credential it looks at.
"""

from collections.abc import Sequence
from typing import Final

from keys import strict_json
from openid4vc import limits
from openid4vc.checks import MalformedAggregation

MEDIA_TYPE: Final = "application/json"


def aggregation_json(uris: Sequence[str]) -> dict[str, object]:
    """Return the document that names the URIs of all status list tokens (9.3)."""
    return {"status_lists": list(uris)}


def read_aggregation(data: bytes) -> tuple[str, ...]:
    """Read such a document; unknown members are ignored, the order is kept.

    Raises:
        MalformedJson: no JSON object, or too long a text.
        MalformedAggregation: `status_lists` is no array of texts of reasonable length. Which
            addresses may be fetched is for the fetcher to say.
    """
    content = strict_json.loads_object(data, max_bytes=limits.MAX_AGGREGATION_BYTES)
    uris = content.get("status_lists")
    if not isinstance(uris, list):
        raise MalformedAggregation("status_lists")
    read = tuple(uri for uri in uris if _fits(uri))
    if len(read) != len(uris):
        raise MalformedAggregation("an entry is no URI")
    return read


def _fits(uri: object) -> bool:
    return isinstance(uri, str) and 0 < len(uri) <= limits.MAX_URI_CHARS
