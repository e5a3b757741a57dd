"""Fetching a request by POST, so that the wallet gives a nonce of its own (5.10)."""

from collections.abc import Sequence
from typing import Final

from keys import strict_json
from openid4vc.dcql.query import SD_JWT_VC
from openid4vc.openid4vp.client_id import Prefix
from openid4vc.openid4vp.errors import MalformedRequestFetch
from openid4vc.openid4vp.write_request import (
    ALGORITHMS,
    RESPONSE_MODE,
    RESPONSE_TYPE,
    format_values,
)
from openid4vc.shapes import Shape

MAX_WALLET_NONCE_CHARS: Final = 512

_FETCH: Final = Shape(MalformedRequestFetch)


def fetch_form(wallet_nonce: str) -> dict[str, str]:
    """Return the form with which our wallet fetches a request (5.10).

    What it says of the wallet is the same for every one of its kind.
    """
    metadata = {
        "vp_formats_supported": {SD_JWT_VC: format_values()},
        "client_id_prefixes_supported": [prefix.value for prefix in Prefix],
        "request_object_signing_alg_values_supported": list(ALGORITHMS),
        "response_types_supported": [RESPONSE_TYPE],
        "response_modes_supported": [RESPONSE_MODE],
    }
    return {
        "wallet_nonce": wallet_nonce,
        "wallet_metadata": strict_json.dumps(metadata).decode("utf-8"),
    }


def read_fetch(pairs: Sequence[tuple[str, str]]) -> str | None:
    """Return the `wallet_nonce` of a fetch, None when the wallet sent none.

    Whatever else the form says is passed over: the request is the same for every wallet, and some
    send their metadata in another form than as `wallet_metadata`.

    Raises:
        MalformedRequestFetch: a repeated parameter, or a nonce that is empty, too long or has
            signs other than visible ASCII.
    """
    form = _FETCH.single_values(pairs)
    if "wallet_nonce" not in form:
        return None
    nonce = _FETCH.text(form["wallet_nonce"], "wallet_nonce", max_chars=MAX_WALLET_NONCE_CHARS)
    if not nonce.isascii() or not nonce.isprintable():
        raise MalformedRequestFetch("wallet_nonce has other signs")
    return nonce
