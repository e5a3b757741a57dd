"""Who calls the issuing systems' API, and how its endpoints describe their failures."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Header, Path, Request, Security
from fastapi.security import HTTPBearer
from starlette.convertors import Convertor, register_url_convertor

from issuer.model import Caller
from issuer.usecases.failures import ApiKeyMissing
from issuer.web.services import Services
from service_kit.described import Responses, content, fails


class _Id(Convertor[str]):
    """The ids of offers, cards and letters in paths."""

    regex = "[0-9a-f]{32}"

    def convert(self, value: str) -> str:
        """Return it as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Return it as it is."""
        return value


# In a route: {offer_id:id}. What is no id is another address, such as /offers/batch.
register_url_convertor("id", _Id())

GetCaller = Callable[..., Awaitable[Caller]]
ID = Path(pattern=r"^[0-9a-f]{32}$")
IDEMPOTENCY_KEY = Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")
_PROBLEM = "application/problem+json"
_KEY = HTTPBearer(
    auto_error=False,
    description="An API key (kyky_<id>_<secret>), or an access token of /{org}/system-token",
)
_REASONS = {
    400: "The body is not JSON, or repeats a name",
    401: "The API key or access token is missing or no good",
    403: "The API key or access token is not for this organisation, type or act",
    404: "No such offer or credential",
    408: "The body did not arrive in time",
    409: "The present state does not allow it",
    413: "The body is too large",
    415: "The body has not the media type that is taken here",
    422: "The body does not fit; `problems` lists every mistake, never what was sent",
}


def caller_getter(services: Services) -> GetCaller:
    """Return the dependency that finds out which issuing system is calling.

    Every router below `/api/v1/{org}` uses this one: `Depends(caller_getter(services))`.
    """

    async def caller(
        org: str, request: Request, _shown: Annotated[object, Security(_KEY)]
    ) -> Caller:
        values = request.headers.getlist("authorization")
        scheme, _, shown = values[0].partition(" ") if len(values) == 1 else ("", "", "")
        if scheme.lower() != "bearer":
            raise ApiKeyMissing("no bearer key")
        return await services.systems.check_caller(shown.strip(), organisation=org)

    return caller


def statuses(*codes: int) -> Responses:
    """Return what an endpoint says in its OpenAPI description of the ways in which it fails."""
    return fails({code: _REASONS[code] for code in codes}, content(_PROBLEM, "Problem"))
