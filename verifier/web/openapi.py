"""The OpenAPI document: FastAPI's own, with the messages that no model describes."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from verifier.web.wire import SCHEMAS

_THEIRS = ("HTTPValidationError", "ValidationError")


class Problem(BaseModel):
    """A failure (RFC 9457). `code` is stable; it is what programs go by."""

    type: str
    title: str
    status: int
    detail: str
    code: str


def install(app: FastAPI) -> None:
    """Make the app describe itself so."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(describe())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    schemas: dict[str, Any] = document["components"]["schemas"]
    for name in _THEIRS:
        schemas.pop(name, None)
    schemas.update(SCHEMAS)
    schemas["Problem"] = Problem.model_json_schema()
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)  # bodies and paths are read by ourselves
    return document
