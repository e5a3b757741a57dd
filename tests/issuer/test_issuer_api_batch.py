"""Many offers in one call: lines fail one by one, and each offer is made once."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from sqlalchemy import Connection

from issuer.usecases.batch.lines import BatchLimits, Line, split_lines
from issuer.usecases.failures import BatchTooLarge
from service_kit.server import BoundedHttp
from tests.issuer.system_client import SystemClient
from tests.issuer.world import World, claims_of, offer_body

PATH = "/api/v1/mallimaa/offers/batch"
NDJSON = "application/x-ndjson"
LIMITS = BatchLimits(lines=5, bytes=100, line_bytes=10)


def line(number: int = 0, **changes: Any) -> bytes:
    body = offer_body(subject_ref=f"client-{number}", **changes)
    return json.dumps(body).encode() + b"\n"


def headers_of(world: World, key: str = "batch-1", **more: str) -> dict[str, str]:
    return {**world.auth(), "Content-Type": NDJSON, "Idempotency-Key": key, **more}


def send(world: World, content: bytes, *, key: str = "batch-1", query: str = "") -> list[Any]:
    answer = world.post(PATH + query, content=content, headers=headers_of(world, key))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == NDJSON
    return told(answer.text)


def told(text: str) -> list[Any]:
    assert text.endswith("\n")
    return [json.loads(each) for each in text.splitlines()]


def test_each_line_is_answered_by_a_line_and_the_last_tells_the_end(world: World) -> None:
    *lines, end = send(world, b"".join(line(number) for number in range(40)))

    assert [one["line"] for one in lines] == list(range(1, 41))
    assert end == {
        "end": {"made": 40, "repeated": 0, "failed": 0, "complete": True, "next_line": 41}
    }
    single = world.offer(key="alone")
    assert set(lines[0]["offer"]) == set(single)
    assert {one["offer"]["offer_id"] for one in lines} | {single["offer_id"]} == {
        row[0] for row in world.dump()["offers"]
    }


def test_lines_fail_one_by_one(world: World) -> None:
    claims = claims_of("statement_feedback")
    claims["birthdate"] = "Salainen arvo"
    del claims["family_name"]
    content = b"".join(
        [
            line(1),
            b'{"type": "statement_fee\n',
            line(3, claims=claims),
            b"[]\n",
            b"\n",
            b'{"type":"a","type":"b"}\n',
            line(7, type="self_assessment_result"),
            b'"\xff"\n',
            b"x" * 65_537 + b"\n",
            line(10, delivery={"channel": "message", "pin": False}),
            line(11, Salainen=1),
            line(12, delivery={"channel": "message"}),
            line(13)[:-1],
        ]
    )

    answers = send(world, content)

    codes = {one["line"]: one["problem"]["code"] for one in answers if "problem" in one}
    assert codes == {
        2: "malformed_json",
        3: "request_invalid",
        4: "request_invalid",
        6: "malformed_json",
        7: "type_not_issued_here",
        8: "malformed_json",
        9: "line_too_long",
        10: "pin_required",
        11: "request_invalid",
    }
    made = {one["line"]: one["offer"] for one in answers if "offer" in one}
    assert sorted(made) == [1, 12, 13]
    assert len(made[12]["pin"]) == 6
    assert answers[-1]["end"] == {
        "made": 3, "repeated": 0, "failed": 9, "complete": True, "next_line": 14,
    }  # fmt: skip
    assert len(world.dump()["offers"]) == 3
    assert "Salai" not in json.dumps(answers)
    pointers = {one["pointer"] for one in answers[2 - 1 + 1]["problem"]["problems"]}
    assert {"/claims/birthdate", "/claims/family_name"} <= pointers


def test_half_a_line_at_the_end_fails_alone(world: World) -> None:
    first, second, end = send(world, line(1) + line(2)[:200])
    assert "offer" in first
    assert (second["line"], second["problem"]["code"]) == (2, "malformed_json")
    assert end["end"]["complete"]


def test_the_same_batch_again_makes_nothing_twice(world: World) -> None:
    content = b"".join(line(number) for number in range(5))
    first = send(world, content)
    again = send(world, content)

    assert [one.get("offer") for one in again] == [one.get("offer") for one in first]
    assert again[-1]["end"] == {
        "made": 0, "repeated": 5, "failed": 0, "complete": True, "next_line": 6,
    }  # fmt: skip
    assert len(world.dump()["offers"]) == 5
    other = send(world, line(99))
    assert other[0]["problem"]["code"] == "idempotency_key_reused"


def test_the_rest_of_a_batch_follows_under_its_own_numbers(world: World) -> None:
    whole = [line(number) for number in range(6)]
    send(world, b"".join(whole[:4]))

    rest = send(world, b"".join(whole[3:]), query="?first_line=4")

    assert [one.get("line") for one in rest] == [4, 5, 6, None]
    assert rest[-1]["end"]["repeated"] == 1
    assert rest[-1]["end"]["next_line"] == 7
    assert len(world.dump()["offers"]) == 6


def test_a_failed_line_can_be_mended_under_its_number(world: World) -> None:
    send(world, line(1) + b"{\n")
    mended = send(world, line(1) + line(2))
    assert mended[-1]["end"] == {
        "made": 1, "repeated": 1, "failed": 0, "complete": True, "next_line": 3,
    }  # fmt: skip


def test_ten_equal_batches_at_once_make_each_offer_once(world: World) -> None:
    content, headers = line(1) + line(2), headers_of(world)
    answers = world.all_at_once(
        [lambda: world.client.post(PATH, content=content, headers=headers) for _ in range(10)]
    )
    assert {answer.status_code for answer in answers} == {200}
    offers = [[one.get("offer") for one in told(answer.text)] for answer in answers]
    assert all(each == offers[0] for each in offers)
    assert sum(told(answer.text)[-1]["end"]["made"] for answer in answers) == 2
    assert len(world.dump()["offers"]) == 2


@pytest.mark.parametrize(
    ("settings", "content", "taken"),
    [
        ({"batch_lines": 3}, b"".join(line(number) for number in range(5)), 3),
        ({"batch_bytes": 65_536}, line(1) + b" " * 66_000, 1),
    ],
)
def test_too_large_a_batch_stops_where_the_limit_is(
    tmp_path: Path, settings: dict[str, Any], content: bytes, taken: int
) -> None:
    world = World(f"sqlite:///{tmp_path}/issuer.db", **settings)

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(content), 1_000):
            yield content[at : at + 1_000]

    answer = world.post(PATH, content=pieces(), headers=headers_of(world))

    *lines, end = told(answer.text)
    assert [one["line"] for one in lines if "offer" in one] == list(range(1, taken + 1))
    assert not end["end"]["complete"]
    assert end["end"]["next_line"] == taken + 1
    assert (end["problem"]["code"], end["problem"]["status"]) == ("batch_too_large", 413)
    world.close()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Content-Type": "application/json"}, (415, "media_type_not_supported")),
        ({"Content-Type": ""}, (415, "media_type_not_supported")),
        ({"Idempotency-Key": ""}, (422, "request_invalid")),
        ({"Authorization": "Bearer x"}, (401, "api_key_refused")),
        ({"Authorization": "Bearer kyat_x"}, (401, "access_token_refused")),
    ],
)
def test_before_the_first_line(
    world: World, changes: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = world.post(PATH, content=line(1), headers=headers_of(world, **changes))
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == expected
    assert not world.dump()["offers"]


def test_a_key_for_the_batch_is_needed_and_a_number_that_makes_sense(world: World) -> None:
    headers = headers_of(world)
    del headers["Idempotency-Key"]
    missing = world.post(PATH, content=line(1), headers=headers)
    assert missing.json()["problems"][0]["path"] == ["idempotency-key"]
    assert "pointer" not in missing.json()["problems"][0]
    for odd in ("0", "-1", "x", "1" * 12):
        answer = world.post(f"{PATH}?first_line={odd}", content=b"", headers=headers_of(world))
        assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert send(world, b"")[-1]["end"]["complete"]


def test_a_token_is_as_good_as_a_key_and_a_scope_bounds_it(world: World) -> None:
    system = SystemClient(world)
    system.register()
    for scope, expected in (("offer", "offer"), ("status", "problem")):
        shown = system.auth(scope=f"{scope}:statement_feedback")
        headers = {**headers_of(world, key=scope), **shown}
        first = told(world.post(PATH, content=line(1), headers=headers).text)[0]
        assert expected in first


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_problems_of_lines_speak_the_callers_language(world: World, lang: str) -> None:
    titles = {
        "fi": "Viesti tarvitsee PIN-koodin",
        "sv": "Meddelandet behöver en PIN-kod",
        "en": "A message needs a PIN",
    }
    content = line(1, delivery={"channel": "message", "pin": False})
    answer = world.post(
        PATH, content=content, headers=headers_of(world) | {"Accept-Language": lang}
    )
    assert answer.headers["content-language"] == lang
    assert told(answer.text)[0]["problem"]["title"] == titles[lang]


class Wire:
    """One request, by hand: pieces go in when the test says, and come out as they are sent."""

    def __init__(self, world: World, *, room: int = 0) -> None:
        self.inside: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outside: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue(room)
        headers = [
            (name.lower().encode(), value.encode()) for name, value in headers_of(world).items()
        ]
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1", "method": "POST", "scheme": "https", "path": PATH,
            "raw_path": PATH.encode(), "query_string": b"", "root_path": "",
            "headers": headers, "client": ("127.0.0.1", 1), "server": ("issuer.test", 443),
        }  # fmt: skip
        self.running = asyncio.ensure_future(world.app(scope, self.receive, self.outside.put))

    async def receive(self) -> MutableMapping[str, Any]:
        message = await self.inside.get()
        self.inside.task_done()
        return message

    def give(self, body: bytes, *, more: bool = True) -> None:
        self.inside.put_nowait({"type": "http.request", "body": body, "more_body": more})

    async def next_line(self) -> Any:
        while True:
            message = await asyncio.wait_for(self.outside.get(), 5)
            if message["type"] == "http.response.body" and message["body"]:
                return json.loads(message["body"])


def test_results_come_while_lines_still_go(world: World) -> None:
    world.api_key()

    async def talk() -> None:
        wire = Wire(world)
        for number in (1, 2, 3):
            whole = line(number)
            wire.give(whole[:300])
            wire.give(whole[300:])
            assert (await wire.next_line())["line"] == number
        wire.give(b"", more=False)
        assert (await wire.next_line())["end"]["made"] == 3
        await wire.running

    world.run(talk())


def test_lines_are_taken_in_although_nobody_reads_the_results(world: World) -> None:
    """Most clients send everything before they read anything; they must not be kept waiting."""
    world.api_key()

    async def talk() -> list[Any]:
        wire = Wire(world, room=1)
        for number in range(60):
            wire.give(line(number, type="nothing"))
        wire.give(b"", more=False)
        await asyncio.wait_for(wire.inside.join(), 5)
        lines = [await wire.next_line() for _ in range(61)]
        await wire.running
        return lines

    assert world.run(talk())[-1]["end"]["failed"] == 60


def test_a_body_that_stops_arriving_ends_the_batch_not_the_lines(tmp_path: Path) -> None:
    world = World(f"sqlite:///{tmp_path}/issuer.db", batch_gap_seconds=0.05)
    world.api_key()

    async def talk() -> tuple[Any, Any]:
        wire = Wire(world)
        wire.give(line(1) + line(2)[:100])
        first, end = await wire.next_line(), await wire.next_line()
        await wire.running
        return first, end

    first, end = world.run(talk())
    assert "offer" in first
    assert (end["end"]["complete"], end["end"]["next_line"]) == (False, 2)
    assert (end["problem"]["code"], end["problem"]["status"]) == ("batch_stalled", 408)
    assert len(world.dump()["offers"]) == 1
    world.close()


def test_a_broken_connection_leaves_whole_lines_made_and_half_a_line_not(world: World) -> None:
    world.api_key()

    async def talk() -> None:
        wire = Wire(world)
        wire.give(line(1) + line(2)[:100])
        assert (await wire.next_line())["line"] == 1
        wire.inside.put_nowait({"type": "http.disconnect"})
        await asyncio.wait_for(wire.running, 5)

    world.run(talk())
    assert len(world.dump()["offers"]) == 1
    again = send(world, line(1) + line(2))
    assert again[-1]["end"] == {
        "made": 1, "repeated": 1, "failed": 0, "complete": True, "next_line": 3,
    }  # fmt: skip


def test_what_is_our_fault_fails_its_line_and_is_logged_by_kind(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    headers = headers_of(world)
    world.run(world.parts.database.write(lose_a_table))
    answer = world.post(PATH, content=line(1), headers=headers)
    first, end = told(answer.text)
    assert first["problem"]["code"] == "service_failed"
    assert end["end"]["failed"] == 1
    assert "client-1" not in caplog.text
    assert any("OperationalError" in record.getMessage() for record in caplog.records)


def lose_a_table(connection: Connection) -> None:
    connection.exec_driver_sql("DROP TABLE sealed_claims")


# --- cutting lines -------------------------------------------------------------------------------


def cut(pieces: Sequence[bytes], limits: BatchLimits = LIMITS, first: int = 1) -> list[Line]:
    async def arriving() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def gather() -> list[Line]:
        return [one async for one in split_lines(arriving(), limits, first=first)]

    return asyncio.run(gather())


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_are_the_same_however_they_are_cut(size: int) -> None:
    text = b"one\n\n  \ntwo\r\n" + b"x" * 11 + b"\nlast"
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    wide = BatchLimits(lines=9, bytes=100, line_bytes=10)
    assert cut(pieces, wide, first=7) == [
        Line(7, b"one"), Line(10, b"two\r"), Line(11, None), Line(12, b"last"),
    ]  # fmt: skip


@pytest.mark.parametrize("pieces", [[], [b""], [b"\n"], [b"", b"\n", b""]])
def test_nothing_is_no_line(pieces: list[bytes]) -> None:
    assert cut(pieces) == []


@pytest.mark.parametrize(
    "pieces", [[b"a\n" * 6], [b"a\n"] * 6, [b"\n" * 6], [b"x" * 101], [b"x" * 60, b"y" * 41]]
)
def test_more_than_the_limit_is_refused(pieces: list[bytes]) -> None:
    with pytest.raises(BatchTooLarge):
        cut(pieces)


# --- over a real connection ----------------------------------------------------------------------


@pytest.fixture
def served(world: World) -> Iterator[str]:
    """The same app behind the real server; a thread of its own, as the test blocks."""
    world.api_key()
    config = uvicorn.Config(
        world.app, http=BoundedHttp, ws="none", port=0, lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.mark.enable_socket
def test_the_real_server_answers_line_by_line(world: World, served: str) -> None:
    content = [line(number, claims={}) for number in range(50)]
    with (
        httpx2.Client(trust_env=False) as client,
        client.stream(
            "POST", served + PATH, content=iter(content), headers=headers_of(world)
        ) as got,
    ):
        lines = [json.loads(each) for each in got.iter_lines()]
    assert [one.get("line") for one in lines] == [*range(1, 51), None]
    assert lines[-1]["end"]["failed"] == 50
