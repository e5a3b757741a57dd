"""Routes that read JSON strictly before pydantic sees it, and models that take it as it is."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from service_kit.http import read_json


class StrictModel(BaseModel):
    """A body of our own API: no conversions between types, no members that we do not know."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def with_examples(*examples: dict[str, Any]) -> ConfigDict:
    """Return the configuration of a model that shows these in the OpenAPI document."""
    return ConfigDict(json_schema_extra={"examples": list(examples)})


class _ReadRequest(Request):
    """A request whose body has been read."""

    body_value: object = None

    async def json(self) -> Any:  # noqa: ANN401  starlette's own signature
        """Return what was read."""
        return self.body_value


class StrictRoute(APIRoute):
    """A route whose JSON body has no repeated names, no NaN, and the right media type."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler, with strict reading before it."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def read_first(request: Request) -> Response:
            strict = _ReadRequest(request.scope, request.receive)
            strict.body_value = await read_json(request)
            strict._body = await request.body()  # noqa: SLF001  starlette keeps read bodies there
            return await handle(strict)

        return read_first
