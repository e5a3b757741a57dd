"""The OpenAPI document: FastAPI's own, with our failures in place of its.

The wallets' messages are put in by hand, as FastAPI knows only models.
"""

from typing import Any

from fastapi import FastAPI

from issuer.web.bodies import BatchLine, Problem
from issuer.web.wire import SCHEMAS, SECURITY

_REF = "#/components/schemas/{model}"
_THEIRS = ("HTTPValidationError", "ValidationError")


def install(app: FastAPI) -> None:
    """Make the app describe its failures as they are: problem documents."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_problems(describe())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _THEIRS:
        schemas.pop(name, None)
    schemas.update(SCHEMAS)
    document["components"].setdefault("securitySchemes", {}).update(SECURITY)
    for model in (Problem, BatchLine):
        schema = model.model_json_schema(ref_template=_REF)
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    for path in document["paths"].values():
        for operation in path.values():
            unprocessable = operation["responses"].get("422", {})
            if any(name in repr(unprocessable) for name in _THEIRS):
                del operation["responses"]["422"]
    return document
