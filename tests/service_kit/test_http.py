"""Bodies are bounded in size and time; forms and JSON are read strictly."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Scope

from keys.checks import CheckFailed
from service_kit.http import BodyLimit, ResponseHeaders, read_form, read_json
from service_kit.system import SystemRandom

FORM = "application/x-www-form-urlencoded"


def refuse(_scope: Scope, failure: CheckFailed) -> Response:
    return JSONResponse({"code": failure.code}, 413)


async def form(request: Request) -> Response:
    return await _answer(read_form(request))


async def json(request: Request) -> Response:
    return await _answer(read_json(request))


async def _answer(reading) -> Response:
    try:
        return JSONResponse({"read": await reading})
    except CheckFailed as failure:
        return JSONResponse({"code": failure.code}, 400)


def client(max_bytes: int = 200, max_seconds: float = 5) -> TestClient:
    app = Starlette(
        routes=[Route("/form", form, methods=["POST"]), Route("/json", json, methods=["POST"])]
    )
    limited = BodyLimit(app, max_bytes=max_bytes, max_seconds=max_seconds, refuse=refuse)
    headers = {"X-Content-Type-Options": "nosniff"}
    return TestClient(ResponseHeaders(limited, headers=headers, random=SystemRandom()))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"a=1&a=2", "parameter_repeated"),
        (b"a", "malformed_form"),
        (b"a=%FF", "malformed_form"),
        ("a=ä".encode(), "malformed_form"),
        (b"&".join(b"a%d=" % n for n in range(33)), "malformed_form"),
        (b"a=" + b"x" * 300, "body_too_large"),
    ],
)
def test_bad_forms_are_refused_by_name(body: bytes, code: str) -> None:
    answer = client().post("/form", content=body, headers={"Content-Type": FORM})
    assert answer.json() == {"code": code}


def test_a_good_form_keeps_order_and_empty_values() -> None:
    answer = client().post("/form", content="b=&a=%C3%A4+x", headers={"Content-Type": FORM})
    assert answer.json() == {"read": [["b", ""], ["a", "ä x"]]}


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"{}", "text/plain", "media_type_not_supported"),
        (b"{", "application/json", "malformed_json"),
        (b'{"a":1,"a":2}', "application/json", "malformed_json"),
        (b"[" * 90 + b"]" * 90, "application/json", "malformed_json"),
    ],
)
def test_bad_json_is_refused_by_name(body: bytes, kind: str, code: str) -> None:
    assert client().post("/json", content=body, headers={"Content-Type": kind}).json() == {
        "code": code
    }


def test_a_body_without_length_is_cut_off_while_reading() -> None:
    def endless():
        for _ in range(1000):
            yield b"x" * 100

    answer = client().post("/json", content=endless(), headers={"Content-Type": "application/json"})
    assert answer.json() == {"code": "body_too_large"}


def test_a_body_that_never_ends_is_refused_in_time() -> None:
    sent: list[Message] = []

    async def app(scope, receive, send) -> None:
        raise AssertionError("the app must not run")

    async def receive() -> Message:
        await asyncio.sleep(60)
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    limited = BodyLimit(app, max_bytes=10, max_seconds=0.05, refuse=refuse)
    asyncio.run(limited({"type": "http", "headers": [], "method": "POST"}, receive, send))
    assert b"body_too_slow" in sent[1]["body"]


def test_every_answer_has_an_id_and_the_fixed_headers() -> None:
    answers = [client().get("/nowhere") for _ in range(2)]
    assert {a.headers["x-content-type-options"] for a in answers} == {"nosniff"}
    assert len({a.headers["x-request-id"] for a in answers}) == 2


def test_a_stream_reaches_the_client_piece_by_piece() -> None:
    async def events(_request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"data: 1\n\n"
            yield b"data: 2\n\n"

        return StreamingResponse(pieces(), media_type="text/event-stream")

    app = BodyLimit(
        Starlette(routes=[Route("/events", events)]), max_bytes=9, max_seconds=5, refuse=refuse
    )
    assert TestClient(app).get("/events").text == "data: 1\n\ndata: 2\n\n"
