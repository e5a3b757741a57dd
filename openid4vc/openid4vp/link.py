"""The link that a verifier shows as a QR code: a reference to a signed request (5.7, 5.10)."""

from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from openid4vc.openid4vp.client_id import check_prefix
from openid4vc.openid4vp.errors import MalformedRequestLink, RequestUriMethodInvalid
from openid4vc.shapes import Shape

Method = Literal["get", "post"]

SCHEMES: Final = frozenset({"openid4vp", "haip-vp"})

_LINK: Final = Shape(MalformedRequestLink)


@dataclass(frozen=True, slots=True)
class RequestLink:
    """Who asks, and where the signed request is to be had."""

    client_id: str
    request_uri: str
    method: Method = "get"


def request_link(client_id: str, request_uri: str, *, method: Method = "get") -> str:
    """Return the `openid4vp://` link of a request.

    Args:
        client_id: the full identifier.
        request_uri: where the signed request is to be had.
        method: how; `get` is left out, being the default, so that the code stays small.
    """
    link = (
        f"openid4vp://?client_id={quote(client_id, safe='')}"
        f"&request_uri={quote(request_uri, safe='')}"
    )
    return link if method == "get" else f"{link}&request_uri_method={method}"


def parse_request_link(link: str, *, allow_loopback_http: bool = False) -> RequestLink:
    """Read a scanned link; only its reference counts, other parameters are ignored (5.10.1).

    Args:
        link: the text of the QR code.
        allow_loopback_http: UNSAFE, for demonstrations: `request_uri` may be http on this machine.

    Raises:
        MalformedRequestLink: another scheme, no or a bad `request_uri`, a repeated parameter.
        RequestUriMethodInvalid: `request_uri_method` is neither `get` nor `post`.
        ClientIdPrefixNotSupported: the client identifier is of no prefix that we take.
    """
    parameters = _LINK.link(link, schemes=SCHEMES)
    method = parameters.get("request_uri_method", "get")
    if method not in ("get", "post") or (
        "request_uri_method" in parameters and "request_uri" not in parameters
    ):
        raise RequestUriMethodInvalid("request_uri_method")
    client_id = _LINK.text(parameters.get("client_id"), "client_id")
    check_prefix(client_id)
    request_uri = _LINK.url(
        parameters.get("request_uri"), "request_uri", allow_loopback_http=allow_loopback_http
    )
    return RequestLink(client_id, request_uri, "post" if method == "post" else "get")
