"""Authorization details for credentials: one form at every endpoint (RFC 9396; VCI 5.1.1, 6.1.1).

The two rooms that read them have failures of their own, so that the failure is an argument.
"""

from collections.abc import Iterable
from typing import Final

from keys import strict_json
from keys.checks import CheckFailed, MalformedJson
from openid4vc.shapes import Shape

DETAIL_TYPE: Final = "openid_credential"
MAX_DETAILS_BYTES: Final = 16_384


def details_json(configuration_ids: Iterable[str], *, location: str | None = None) -> str:
    """Return authorization details that ask for these credentials.

    Args:
        configuration_ids: what is asked for.
        location: the credential issuer, where its metadata name authorization servers (5.1.1).
    """
    where = {} if location is None else {"locations": [location]}
    entries = [
        {"type": DETAIL_TYPE, **where, "credential_configuration_id": one}
        for one in configuration_ids
    ]
    return strict_json.dumps(entries).decode()


def read_details(
    text: str | None, failure: type[CheckFailed], *, location: str | None = None
) -> frozenset[str] | None:
    """Return the configuration ids that authorization details ask for; None without such.

    Deliberately unchecked: `claims`, which narrow nothing here.

    Args:
        text: the parameter.
        failure: to raise for whatever has another form.
        location: the credential issuer that `locations`, where there are some, have to name.

    Raises:
        CheckFailed: `failure`.
    """
    if text is None:
        return None
    shape = Shape(failure)
    try:
        value = strict_json.loads(text.encode(), max_bytes=MAX_DETAILS_BYTES)
    except (MalformedJson, UnicodeEncodeError):
        raise failure("no JSON") from None
    entries = [shape.members(one, "detail") for one in shape.array(value, "details")]
    if any(entry.get("type") != DETAIL_TYPE for entry in entries):
        raise failure("type is unknown")
    places = [
        shape.texts(entry["locations"], "locations") for entry in entries if "locations" in entry
    ]
    if location is not None and any(location not in one for one in places):
        raise failure("locations name another issuer")
    name = "credential_configuration_id"
    return frozenset(shape.text(entry.get(name), name) for entry in entries)
