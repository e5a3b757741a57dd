"""The wallet on the device whose browser asks: the result waits until that browser is back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from openid4vc.openid4vp.errors import WalletErrorCode
from openid4vc.openid4vp.response import error_form
from tests.verifier.world import Asked, World, make_card
from verifier.model import Confirmation, Outcome, State

SITE = "https://kunta.example"
BACK = f"{SITE}/asiointi/takaisin"
SESSION = "istunto-0123456789abcdefgh"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, return_origins=(SITE,))
    yield world
    world.close()


class Client:
    """A client in a browser, with the wallet on the same phone."""

    def __init__(self, world: World, *, session: str = SESSION, back: str = BACK) -> None:
        self.world, self.session = world, session
        self.asked = world.start(return_to=back, session=session)

    def answers(self, *, with_card: bool = True) -> str:
        """Let the wallet answer; return where it sends the browser."""
        request = self.asked.fetch()
        shown = self.asked.present(make_card(), request) if with_card else "garbage"
        reply = self.asked.send(request, shown)
        assert reply.status_code == 200
        assert set(reply.json()) == {"redirect_uri"}
        return str(reply.json()["redirect_uri"])

    def comes_back(self, address: str, *, session: str | None = None) -> httpx2.Response:
        """Tell the verifier what the browser brought, as the web site does."""
        return bring(self.asked, code_in(address), session or self.session)


def code_in(address: str) -> str:
    (code,) = parse_qs(urlsplit(address).query)["response_code"]
    return code


def bring(asked: Asked, code: str, session: str) -> httpx2.Response:
    return asked.world.post(
        f"/api/v1/verifications/{asked.id}/return",
        json={"response_code": code, "session": session},
        headers=asked.world.bearer,
    )


@pytest.mark.req("VP-25", "VP-27", "VP-41", "HAIP-13")
def test_the_browser_that_asked_comes_back_and_the_result_is_there(world: World) -> None:
    client = Client(world)
    address = client.answers()
    assert address.startswith(f"{BACK}?response_code=")
    assert len(code_in(address)) == 43  # 256 bits
    waiting = client.asked.read()
    assert (waiting["state"], waiting["checks"], waiting["cards"]) == ("code_pending", [], None)
    assert client.comes_back(address).json()["state"] == "identity_pending"
    assert client.asked.identity().json()["outcome"] == "accept"
    assert client.asked.read()["confirmation"] == "confirmed"
    assert client.asked.read()["cards"][0]["claims"]["work_ability_score"] == 5


@pytest.mark.req("VP-25", "HAIP-13")
def test_each_response_has_a_code_of_its_own_and_the_address_keeps_its_query(world: World) -> None:
    back = f"{BACK}?asia=7"
    one, other = (Client(world, back=back).answers() for _ in range(2))
    assert one.startswith(f"{back}&response_code=")
    assert code_in(one) != code_in(other)


@pytest.mark.req("VP-27", "HAIP-13")
def test_another_browsers_session_gets_nothing_and_everything_is_erased(world: World) -> None:
    """Somebody sends a victim the link that began in their own browser."""
    client = Client(world)
    address = client.answers()
    reply = client.comes_back(address, session="istunto-of-somebody-else-0")
    assert (reply.status_code, reply.json()["code"]) == (403, "response_code_wrong")
    state = client.asked.read()
    assert (state["outcome"], state["code"], state["cards"]) == (
        "reject",
        "response_code_wrong",
        None,
    )
    assert world.run(world.parts.verifications.boxed(client.asked.id)) is None
    assert client.comes_back(address).status_code == 409
    (record,) = world.evidence()
    assert (record.outcome, record.confirmation) == (Outcome.REJECT, Confirmation.FAILED)


@pytest.mark.req("VP-27", "HAIP-13")
@pytest.mark.parametrize("wrong", ["", "A" * 43, "ä", "a b", "\u0000", "A" * 2_000])
def test_another_code_is_refused_and_there_is_no_second_try(world: World, wrong: str) -> None:
    client = Client(world)
    address = client.answers()
    assert bring(client.asked, wrong, SESSION).json()["code"] == "response_code_wrong"
    assert client.comes_back(address).status_code == 409
    assert client.asked.read()["outcome"] == "reject"


@pytest.mark.req("VP-27", "HAIP-13")
def test_the_code_of_another_response_opens_nothing(world: World) -> None:
    mine, theirs = Client(world), Client(world)
    other = theirs.answers()
    mine.answers()
    assert mine.comes_back(other).status_code == 403
    assert theirs.comes_back(other).json()["state"] == "identity_pending"


@pytest.mark.req("VP-27", "HAIP-13")
def test_who_never_comes_back_leaves_no_result(world: World) -> None:
    client = Client(world)
    address = client.answers()
    world.clock.advance(minutes=5)
    assert client.comes_back(address).status_code == 409
    state = client.asked.read()
    assert (state["state"], state["outcome"], state["cards"]) == ("expired", None, None)
    (record,) = world.evidence()
    assert (record.ended, record.confirmation) == (State.EXPIRED, Confirmation.LEFT)


@pytest.mark.req("VP-27", "VP-33")
def test_a_bad_answer_is_told_to_the_browser_that_asked_only(world: World) -> None:
    client = Client(world)
    address = client.answers(with_card=False)
    state = client.asked.read()
    assert (state["state"], state["outcome"], state["checks"]) == ("code_pending", None, [])
    ended = client.comes_back(address).json()
    assert (ended["state"], ended["outcome"]) == ("decided", "reject")
    assert client.comes_back(address).status_code == 409


@pytest.mark.req("VP-27")
def test_of_ten_returns_at_once_one_is_taken(world: World) -> None:
    client = Client(world)
    code = code_in(client.answers())
    take = world.parts.services.confirm.returned
    owner = client.asked.stored().owner

    async def once() -> bool:
        try:
            await take(client.asked.id, owner=owner, code=code, session=SESSION)
        except Exception:
            return False
        return True

    assert sum(world.all_at_once([once] * 10)) == 1
    assert client.asked.read()["state"] == "identity_pending"


@pytest.mark.req("VP-26", "VP-34", "VP-35")
def test_who_declines_comes_back_with_nothing_to_redeem(world: World) -> None:
    client = Client(world)
    request = client.asked.fetch()
    form = error_form(WalletErrorCode.ACCESS_DENIED, state=request.state)
    reply = world.post(request.response_uri, data=form)
    assert (reply.status_code, reply.json()) == (200, {"redirect_uri": BACK})
    assert client.asked.read()["outcome"] == "not_shown"


@pytest.mark.req("VP-27")
def test_no_six_digits_open_it_and_no_return_opens_a_desks_request(world: World) -> None:
    client = Client(world)
    address = client.answers()
    assert client.asked.confirm("123456").status_code == 400
    assert client.comes_back(address).status_code == 409
    at_desk = world.start().answer(read_out=False)
    assert bring(at_desk, "A" * 43, SESSION).json()["code"] == "confirmation_code_wrong"
    assert at_desk.read()["tries_left"] == 2


@pytest.mark.req("VP-41")
def test_strangers_bring_nothing_back(world: World) -> None:
    client = Client(world)
    code = code_in(client.answers())
    stranger = {"Authorization": f"Bearer {world.new_key()}"}
    address = f"/api/v1/verifications/{client.asked.id}/return"
    body = {"response_code": code, "session": SESSION}
    assert world.post(address, json=body, headers=stranger).status_code == 404
    assert world.post(address, json=body).status_code == 401
    assert bring(client.asked, code, SESSION).status_code == 200


def test_neither_code_nor_session_is_in_the_database(world: World) -> None:
    client = Client(world)
    code = code_in(client.answers())
    stored = world.bytes_on_disk()
    assert client.asked.id.encode() in stored
    for secret in (code, SESSION):
        assert secret.encode() not in stored


@pytest.mark.req("VP-27")
@pytest.mark.parametrize(
    ("status", "code", "way"),
    [
        (403, "return_not_allowed", {"return_to": "https://elsewhere.example/"}),
        (403, "return_not_allowed", {"return_to": f"{SITE}.elsewhere.example/"}),
        (403, "return_not_allowed", {"return_to": f"{SITE}:8443/"}),
        (400, "return_malformed", {"return_to": "http://kunta.example/"}),
        (400, "return_malformed", {"return_to": f"{BACK}#x"}),
        (400, "return_malformed", {"return_to": "https://a@kunta.example/"}),
        (400, "return_malformed", {"return_to": "javascript:alert(1)"}),
        (400, "return_malformed", {"return_to": BACK + "a" * 512}),
        (400, "return_malformed", {"session": "7"}),
        (400, "return_malformed", {"session": "a b" * 20}),
        (400, "malformed_body", {"session": None}),
        (400, "malformed_body", {"return_to": None}),
    ],
)
def test_a_browser_is_sent_nowhere_else(
    world: World, status: int, code: str, way: dict[str, str | None]
) -> None:
    body = {"profile": "te_initial_interview", "return_to": BACK, "session": SESSION, **way}
    reply = world.post(
        "/api/v1/verifications",
        json={name: value for name, value in body.items() if value is not None},
        headers=world.bearer,
    )
    assert (reply.status_code, reply.json()["code"]) == (status, code)


def test_without_a_named_web_site_there_is_no_such_flow(tmp_path: Path) -> None:
    world = World(tmp_path)
    body = {"profile": "te_initial_interview", "return_to": BACK, "session": SESSION}
    reply = world.post("/api/v1/verifications", json=body, headers=world.bearer)
    world.close()
    assert reply.json()["code"] == "return_not_allowed"


@pytest.mark.parametrize(
    "origin", ["http://kunta.example", f"{SITE}/", "kunta.example", "https://"]
)
def test_the_operator_names_web_sites_and_nothing_else(tmp_path: Path, origin: str) -> None:
    with pytest.raises(ValueError, match="return_origins"):
        World(tmp_path, return_origins=(origin,))


def test_the_time_to_come_back_ends_before_the_values_do(world: World) -> None:
    client = Client(world)
    client.answers()
    stored = client.asked.stored()
    assert stored.expires_at - world.clock.now() == timedelta(minutes=5)
    assert stored.tries_left == 1
