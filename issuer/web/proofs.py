"""What a request shows of who sends it, read from its headers."""

from fastapi import Request

from issuer.usecases.proving.shown import Shown


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
