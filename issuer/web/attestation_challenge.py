"""Where wallets get a challenge for the proof that goes with their attestation."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from issuer.usecases.failures import OrganisationUnknown
from issuer.web.services import Services
from issuer.web.wire import statuses
from service_kit.described import JSON, content, gives


def router(services: Services) -> APIRouter:
    """Return the challenge endpoint, one for each organisation."""
    routes = APIRouter(tags=["wallet"], responses=statuses(404))

    @routes.post(
        "/{org}/attestation-challenge",
        response_class=Response,
        responses=gives("A challenge", content(JSON, "AttestationChallenge")),
    )
    async def attestation_challenge(org: str) -> Response:
        """Give a challenge (Attestation-Based Client Authentication, 6.1)."""
        if org not in services.catalogue.organisations:
            raise OrganisationUnknown("no such organisation")
        return JSONResponse({"attestation_challenge": services.proving.nonces.make()})

    return routes
