"""Issuer identifiers and the well-known places of their metadata (OpenID4VCI 1.0, 12.2)."""

from typing import Final
from urllib.parse import urlsplit

from openid4vc.openid4vci.wallet_errors import IssuerIdentifierInvalid
from openid4vc.shapes import Shape

CREDENTIAL_ISSUER: Final = "openid-credential-issuer"
AUTHORIZATION_SERVER: Final = "oauth-authorization-server"

_IDENTIFIER: Final = Shape(IssuerIdentifierInvalid)


def issuer_identifier(value: object, *, allow_loopback_http: bool = False) -> str:
    """Return an issuer identifier, unchanged: it is compared as a plain string (12.2.1).

    Args:
        value: the member or setting.
        allow_loopback_http: UNSAFE, for demonstrations: also http on this machine.

    Raises:
        IssuerIdentifierInvalid: no https URL, or one with query, fragment or user information.
    """
    text = _IDENTIFIER.url(value, "issuer identifier", allow_loopback_http=allow_loopback_http)
    if "?" in text:
        raise IssuerIdentifierInvalid("issuer identifier has a query")
    return text


def well_known(issuer: str, name: str) -> str:
    """Return the URL of metadata: the well-known part goes between host and path.

    A slash at the very end of the identifier is dropped first (RFC 8414 3).

    Args:
        issuer: an issuer identifier, for example `https://host/tenant`.
        name: CREDENTIAL_ISSUER or AUTHORIZATION_SERVER.
    """
    parts = urlsplit(issuer)
    path = parts.path.removesuffix("/")
    return f"{parts.scheme}://{parts.netloc}/.well-known/{name}{path}"
