"""Holds a service against its own OpenAPI document: every operation, called in this process.

Each operation is called once as it is meant to be called, which has to succeed, and then as
schemathesis makes its calls up from the description: with what fits it, with what does not, without
what is required, by other methods. All of them are drawn from a fixed seed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import schemathesis
from jsonschema import Draft202012Validator, FormatChecker
from schemathesis import Case, Response
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.hypothesis.builder import (
    HypothesisTestConfig,
    HypothesisTestMode,
    create_test,
)
from schemathesis.python.asgi import get_client
from schemathesis.specs.openapi.checks import response_schema_conformance
from starlette.types import ASGIApp

BASE = "https://service.test"
EXAMPLES = 10
JWT = "application/jwt"
LINES = "application/x-ndjson"
TEXT_TYPES = (
    "application/oauth-authz-req+jwt",
    "application/statuslist+jwt",
    "image/jpeg",
    "image/png",
)
_CONFIG = {
    "seed": 4711,
    "generation": {"deterministic": True, "max-examples": EXAMPLES, "database": "none"},
    "phases": {"stateful": {"enabled": False}},
    # Whether what has the right shape is right is more than the description says: a code that was
    # used, a type of somebody else's. That each operation can succeed, a call of its own shows.
    # That nobody gets in without being known is shown by calls of their own, too.
    "checks": {
        "positive_data_acceptance": {"enabled": False},
        "ignored_auth": {"enabled": False},
        "negative_data_rejection": {"expected-statuses": ["4xx"]},
    },
    "operations": [
        {
            # Each line is answered by itself.
            "include-path": "/api/v1/{org}/offers/batch",
            "checks": {"negative_data_rejection": {"expected-statuses": ["200", "4xx"]}},
        }
    ],
}
_MODES = [HypothesisTestMode.EXAMPLES, HypothesisTestMode.COVERAGE, HypothesisTestMode.FUZZING]


@dataclass(frozen=True)
class Call:
    """One call as it is meant to be.

    Attributes:
        path: what stands in the path.
        caller: the header that says who calls, where that matters.
        headers: its others.
        query: behind the path.
        body: a form or JSON, or text of another media type.
        media_type: of the body, where the description names several.
        status: what it is answered with.
        before: what is to be done before each call of this kind.
    """

    path: Mapping[str, Any] = field(default_factory=dict)
    caller: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    media_type: str | None = None
    status: int = 200
    before: Callable[[], object] = lambda: None


@schemathesis.serializer(*TEXT_TYPES)
def _as_text(_context: object, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.serializer(LINES)
def _as_lines(_context: object, value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"


@schemathesis.deserializer(*TEXT_TYPES[:2])
def _read_text(_context: object, response: Response) -> str:
    return response.text


class Described:
    """A service beside its description.

    Args:
        app: the service; nothing of its own runs beside the calls.
        document: where it gives its description.
    """

    def __init__(self, app: ASGIApp, document: str) -> None:
        config = schemathesis.Config.from_dict({**_CONFIG, "base-url": BASE})
        # Not entered: that would start what the service does by itself, beside the calls.
        self._client = get_client(cast("Any", app))
        told = self._client.get(BASE + document).json()
        self._schema = schemathesis.openapi.from_dict(told, config=config)

    @property
    def document(self) -> dict[str, Any]:
        """The description."""
        document = self._schema.raw_schema
        assert isinstance(document, dict)
        return document

    @property
    def operations(self) -> set[str]:
        """Every operation, as method and path."""
        return {
            f"{method.upper()} {path}"
            for path, operations in self.document["paths"].items()
            for method in operations
        }

    @property
    def guarded(self) -> set[str]:
        """The operations of which the description says that somebody has to be known."""
        return {label for label in self.operations if self._described(label).get("security")}

    def succeed(self, label: str, call: Call) -> Response:
        """Make one call, which has to be answered as described and as meant."""
        if call.body is not None:
            schema = self._body_schema(label, call.media_type)
            for one in _read(call):
                self.fits(schema, one)
        response = self._send(self._case(label, call), call.caller)
        assert response.status_code == call.status, response.text
        return response

    def fits(self, schema: Mapping[str, Any], value: object) -> None:
        """Check a value against a schema of the document, formats included."""
        whole = {**schema, "components": self.document["components"]}
        Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)

    def _described(self, label: str) -> Mapping[str, Any]:
        method, path = label.split(" ")
        operation = self.document["paths"][path][method.lower()]
        assert isinstance(operation, dict)
        return operation

    def _body_schema(self, label: str, media_type: str | None) -> Mapping[str, Any]:
        content = self._described(label)["requestBody"]["content"]
        (only,) = [media_type] if media_type is not None else content
        schema = content[only]["schema"]
        assert isinstance(schema, dict)
        return schema

    def refuse(self, label: str, call: Call) -> None:
        """Make one call as nobody, and as somebody with a wrong key: refused, as described."""
        for caller in ({}, {"Authorization": "Bearer kyky_0_0"}, {"Authorization": "Basic eDp5"}):
            response = self._send(self._case(label, call), caller)
            assert response.status_code == 401, response.text
            assert response.headers["www-authenticate"][0].startswith("Bearer")

    def exercise(self, label: str, call: Call) -> None:
        """Make the calls that schemathesis thinks of, about the same thing as this one.

        What stands in the path and who calls are taken from `call` unless that is what is wrong.
        """

        def hold(case: Case[Any]) -> None:
            meta, in_path = case.meta, case.path_parameters
            if in_path and not (meta is not None and meta.is_negative_at(ParameterLocation.PATH)):
                in_path.update(call.path)
            call.before()
            self._send(case, call.caller)

        operation = self._operation(label)
        create_test(
            operation=operation,
            test_func=hold,
            config=HypothesisTestConfig(
                project=self._schema.config,
                modes=_MODES,
                settings=self._schema.config.get_hypothesis_settings(
                    operation=operation, phase="fuzzing"
                ),
                explicit_setting_names={"max_examples", "derandomize", "database"},
            ),
        )()

    def _send(self, case: Case[Any], headers: Mapping[str, str]) -> Response:
        options: dict[str, Any] = {"session": self._client, "headers": dict(headers)}
        # schemathesis takes application/jwt for JSON, both ways.
        if case.media_type == JWT and isinstance(case.body, str):
            options["data"] = case.body
        response = case.call(**options)
        is_jwt = response.headers.get("content-type") == [JWT]
        excluded = [response_schema_conformance] if is_jwt else []
        case.validate_response(response, excluded_checks=excluded, transport_kwargs=options)
        if is_jwt:
            operation = self._described(case.operation.label)
            told = operation["responses"][str(response.status_code)]["content"][JWT]
            self.fits(told["schema"], response.text)
        return response

    def _case(self, label: str, call: Call) -> Case[Any]:
        operation = self._operation(label)
        options: dict[str, Any] = {} if call.body is None else {"body": call.body}
        case: Case[Any] = operation.Case(
            path_parameters=dict(call.path),
            headers=dict(call.headers),
            query=dict(call.query),
            media_type=call.media_type,
            **options,
        )
        return case

    def _operation(self, label: str) -> Any:
        method, path = label.split(" ")
        return self._schema[path][method]


def _read(call: Call) -> list[Any]:
    """What the description is about: the body, or each of its lines."""
    if call.media_type == LINES:
        return [json.loads(line) for line in call.body.splitlines()]
    return [call.body]
