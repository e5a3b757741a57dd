"""What must not get out: values in logs and caches, callers' headers in answers, old news."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from keys.fetch import Reply
from openid4vc.status_list.bits import Status, StatusList
from openid4vc.status_list.token import sign_status_list
from tests.verifier.world import STATUS_URI, Browser, World, demo_pki, make_card
from verifier.settings import Settings
from verifier.web.last_resort import LastResort

SECRET = "Mallikas, selkäsairaus"


class BrokenHost:
    """A status list address whose code fails with words that nobody may read."""

    async def get(self, url: str, *, accept: str, max_bytes: int | None = None) -> Reply:
        raise ZeroDivisionError(f"{SECRET} {url} {accept} {max_bytes}")


def test_a_mistake_of_ours_is_logged_without_its_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(tmp_path, fetcher=BrokenHost())  # what it raises would reach the server's log
    try:
        asked = world.start()
        request = asked.fetch()
        with caplog.at_level(logging.DEBUG):
            reply = asked.send(request, asked.present(make_card(), request))
    finally:
        world.close()
    assert reply.status_code == 500
    assert "content-security-policy" in reply.headers
    logged = caplog.text + "".join(str(record.exc_info or "") for record in caplog.records)
    assert "ZeroDivisionError" in logged
    assert reply.headers["x-request-id"] in logged
    assert SECRET not in logged


def test_an_answer_that_breaks_off_is_logged_alike(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError(SECRET)

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    last = LastResort(app, answer=lambda _scope: PlainTextResponse("never"))
    asyncio.run(last({"type": "http"}, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert "ZeroDivisionError" in caplog.text
    assert SECRET not in caplog.text


def test_no_cache_keeps_what_the_interface_tells(world: World, desk: Browser) -> None:
    asked = world.start().answer()
    asked.identity()
    key = {**world.bearer, "Kyky-Result-Key": asked.started["result_key"]}
    path = f"/api/v1/verifications/{asked.id}"
    replies = [
        world.get(path, headers=key),
        world.post(f"{path}/close", headers=world.bearer),
        world.get(path),
        world.get(f"{path}/nothing", headers=world.bearer),
        world.get("/desk"),
    ]
    assert "work_ability_score" in replies[0].text
    assert {reply.headers["cache-control"] for reply in replies} == {"no-store"}
    assert world.get("/static/desk.css").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/desk/", "/healthz/", "/api/v1/verifications/", "/requests/"])
def test_nobody_is_sent_where_the_host_header_points(world: World, path: str) -> None:
    reply = world.get(path, headers={"Host": "elsewhere.example"})
    assert reply.status_code == 404
    assert "location" not in reply.headers
    assert "elsewhere" not in reply.text


def test_the_host_header_does_not_choose_the_form_of_an_answer(world: World) -> None:
    reply = world.get("/requests/unknown", headers={"Host": "a/desk?"})
    assert reply.headers["content-type"] == "application/json"


def test_a_list_that_may_be_held_for_a_week_is_asked_for_again_after_a_day(world: World) -> None:
    def publish(status: Status) -> None:
        entries = StatusList(128)
        entries.set(7, status)
        world.status.raw = sign_status_list(
            entries,
            uri=STATUS_URI.format(org="itsearviointi"),
            issued_at=world.clock.now(),
            expires_at=world.clock.now() + timedelta(days=7),
            ttl=timedelta(days=7),
            signer=demo_pki().signer("itsearviointi", "status-list"),
        )

    publish(Status.VALID)
    world.start().answer()
    world.clock.advance(hours=25)
    publish(Status.SUSPENDED)
    assert world.start().answer().verdict() == ("cannot_confirm", "suspended", "status")
    assert len(world.status.fetched) == 2


def test_a_service_for_others_never_asks_this_machine_itself() -> None:
    with pytest.raises(ValidationError, match="unsafe_plain_http"):
        Settings(base_url="https://desk.example", unsafe_plain_http=True)


def test_signing_in_again_ends_the_session_before(world: World, desk: Browser) -> None:
    desk.sign_in()
    desk.submit("/desk/start", profile="te_initial_interview")
    assert desk.page is not None
    asked = desk.page.url.path
    before = dict(desk.client.cookies)
    desk.sign_in()
    assert desk.page.url.path == "/desk"
    assert dict(desk.client.cookies) != before
    reply = world.get("/desk", headers={"Cookie": "; ".join(f"{k}={v}" for k, v in before.items())})
    assert reply.headers["location"] == "/desk/sign-in?ended=1"
    desk.open(asked)
    assert desk.page.url.path == "/desk"  # what was at hand is closed
