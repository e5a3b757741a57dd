"""Whether the service is up, for a supervisor or load balancer."""

from fastapi import APIRouter

from issuer.web.services import Services


def router(services: Services) -> APIRouter:
    """Return the health endpoint."""
    routes = APIRouter(tags=["operation"])

    @routes.get("/healthz")
    async def health() -> dict[str, str]:
        """Say that the records can be read."""
        await services.check_health()
        return {"status": "ok"}

    return routes
