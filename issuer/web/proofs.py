"""What a request shows of who sends it; and the nonces by which the next one shows it again."""

import re

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from issuer.usecases.find_grant import read_token
from issuer.usecases.proving.server_nonces import ServerNonces
from issuer.usecases.proving.shown import Shown

DPOP_NONCE = "DPoP-Nonce"
CHALLENGE = "OAuth-Client-Attestation-Challenge"
SHOWN_IN = ("DPoP", "OAuth-Client-Attestation", "OAuth-Client-Attestation-PoP")
"""The headers by which a wallet proves itself, beside `Authorization`."""

_BY_KEY = re.compile(
    r"/[^/]+/(par|token|nonce|credential|deferred-credential|notification)", re.ASCII
)
_BY_CLIENT = re.compile(r"/[^/]+/(par|token)", re.ASCII)


def shown(request: Request) -> Shown:
    """Return the headers by which a wallet proves itself; nothing of them is checked yet.

    The address is made of the service's own base address, for what stands before it may have
    changed host and scheme.
    """
    headers = request.headers
    return Shown(
        method=request.method,
        url=f"{request.app.state.parts.settings.base_url}{request.url.path}",
        authorization=tuple(headers.getlist("authorization")),
        dpop=tuple(headers.getlist("dpop")),
        attestation=tuple(headers.getlist("oauth-client-attestation")),
        attestation_pop=tuple(headers.getlist("oauth-client-attestation-pop")),
        token_in_query="access_token" in request.query_params,
    )


def shown_with_token(request: Request) -> Shown:
    """Return the same where an access token is asked for; without one no body is looked at.

    Raises:
        AccessTokenMissing, AccessTokenInQuery: see `issuer.usecases.find_grant`.
    """
    found = shown(request)
    read_token(found)
    return found


class FreshNonces:
    """ASGI middleware: every answer to a wallet, good or bad, brings the nonces for the next call.

    RFC 9449 8.2; Attestation-Based Client Authentication, 6.2.
    """

    def __init__(self, app: ASGIApp, *, nonces: ServerNonces) -> None:
        self._app = app
        self._nonces = nonces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or _BY_KEY.fullmatch(scope["path"]) is None:
            await self._app(scope, receive, send)
            return

        async def send_with_nonces(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers[DPOP_NONCE] = self._nonces.make()
                if _BY_CLIENT.fullmatch(scope["path"]) is not None:
                    headers[CHALLENGE] = self._nonces.make()
            await send(message)

        await self._app(scope, receive, send_with_nonces)
