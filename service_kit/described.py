"""Pieces of the OpenAPI documents: what a body holds, what is answered, schemas by their names."""

from collections.abc import Mapping
from typing import Any, Final

Json = dict[str, Any]
Responses = dict[int | str, Json]

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
_B64: Final = "[A-Za-z0-9_-]"
EXAMPLE_JWS: Final = "eyJhbGciOiJFUzI1NiJ9.eyJub25jZSI6IjEifQ.c2lnbmF0dXJl"
EXAMPLE_JWE: Final = "eyJhbGciOiJFQ0RILUVTIn0..aXY.Y2lwaGVydGV4dA.dGFn"


def text(longest: int | None = None, **more: object) -> Json:
    """Return the schema of a text; with a bound it is not empty either."""
    bound: Json = {} if longest is None else {"minLength": 1, "maxLength": longest}
    return {"type": "string", **bound, **more}


def members(
    required: Mapping[str, Json], optional: Mapping[str, Json] | None = None, *examples: object
) -> Json:
    """Return the schema of an object or a form; what it does not name is passed over."""
    schema: Json = {"type": "object", "properties": {**required, **(optional or {})}}
    if required:
        schema["required"] = list(required)
    return {**schema, "examples": list(examples)} if examples else schema


COMPACT_JWS: Final = text(pattern=rf"^{_B64}+\.{_B64}+\.{_B64}+$", examples=[EXAMPLE_JWS])
COMPACT_JWE: Final = text(
    pattern=rf"^{_B64}+\.{_B64}*\.{_B64}+\.{_B64}+\.{_B64}+$", examples=[EXAMPLE_JWE]
)
OAUTH_ERROR: Final = members(
    {"error": text()},
    {"error_description": text()},
    {"error": "invalid_grant", "error_description": "invalid_grant"},
)


def ref(name: str) -> Json:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def content(media_type: str, *names: str) -> Json:
    """Return what a media type holds: one of the schemas of these names."""
    schemas = [ref(name) for name in names]
    return {media_type: {"schema": schemas[0] if len(schemas) == 1 else {"oneOf": schemas}}}


def binary(media_type: str) -> Json:
    """Return what a media type holds that is bytes."""
    return {media_type: {"schema": {"type": "string", "format": "binary"}}}


def takes(*contents: Json, required: bool = True) -> Json:
    """Return an operation's request body, in one of several media types."""
    every = {name: value for one in contents for name, value in one.items()}
    return {"requestBody": {"required": required, "content": every}}


def gives(description: str, *contents: Json, status: int = 200) -> Responses:
    """Return an operation's answer, in one of several media types."""
    every = {name: value for one in contents for name, value in one.items()}
    return {status: {"description": description, "content": every}}


def fails(reasons: Mapping[int, str], what: Json) -> Responses:
    """Return how an operation fails, by status code; 401 says how to come in."""
    answers: Responses = {}
    for code, reason in reasons.items():
        answers[code] = {"description": reason, "content": what}
        if code == 401:  # noqa: PLR2004  RFC 9110 15.5.2
            header = {"required": True, "schema": text()}
            answers[code]["headers"] = {"WWW-Authenticate": header}
    return answers
