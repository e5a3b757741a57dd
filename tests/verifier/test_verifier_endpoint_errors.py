"""Each line of docs/endpoint-errors.md that is about the verifier, provoked."""

from collections.abc import Callable

import httpx2
import pytest

from keys import strict_json
from keys.jose import encrypt_jwe
from openid4vc.openid4vp.request import AuthorizationRequest
from openid4vc.openid4vp.response import encrypt_response
from tests.verifier.world import Asked, World, make_card
from tools.endpoint_errors import Case, cases_of

CASES = cases_of("request", "response")
QUERY_ID = "self_assessment_result"
JSON = {"Content-Type": "application/json"}


class Asker:
    """Makes the requests; every one begins with a verification of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: Asked = world.start()

    @property
    def address(self) -> str:
        text: str = self.asked.started["request_uri"]
        return text

    def respond(self, form: object, *, to: str | None = None) -> httpx2.Response:
        return self.world.post(to or self.asked.fetch().response_uri, data=form)

    def respond_raw(self, body: bytes, media_type: str) -> httpx2.Response:
        address = self.asked.fetch().response_uri
        return self.world.post(address, content=body, headers={"Content-Type": media_type})

    def answer_to(self, request: AuthorizationRequest) -> dict[str, str]:
        presented = self.asked.present(make_card(), request)
        return {"response": encrypt_response(request, {QUERY_ID: [presented]})}

    def encrypted(self, **changes: object) -> httpx2.Response:
        request = self.asked.fetch()
        payload = {"vp_token": {QUERY_ID: ["x"]}, "state": request.state, **changes}
        jwe = encrypt_jwe(strict_json.dumps(payload), request.encryption_jwk, enc="A256GCM")
        return self.respond({"response": jwe}, to=request.response_uri)

    def fetch_answered(self) -> httpx2.Response:
        request = self.asked.fetch()
        self.respond(self.answer_to(request), to=request.response_uri)
        return self.world.get(self.address)

    def fetch_late(self) -> httpx2.Response:
        self.world.clock.advance(hours=1)
        return self.world.get(self.address)

    def twice(self) -> httpx2.Response:
        request = self.asked.fetch()
        form = self.answer_to(request)
        assert self.respond(form, to=request.response_uri).status_code == 200
        return self.respond(form, to=request.response_uri)

    def late(self) -> httpx2.Response:
        request = self.asked.fetch()
        form = self.answer_to(request)
        self.world.clock.advance(hours=1)
        return self.respond(form, to=request.response_uri)


PROVOKED: dict[str, Callable[[Asker], httpx2.Response]] = {
    "request: a request that is unknown": lambda ask: ask.world.get("/requests/guess"),
    "request: a request that was answered": Asker.fetch_answered,
    "request: a request that has expired": Asker.fetch_late,
    "request: a wallet_nonce that is none": lambda ask: ask.world.post(
        ask.address, data={"wallet_nonce": "a\tb"}
    ),
    "request: a POST that is no form": lambda ask: ask.world.post(
        ask.address, content=b"{}", headers=JSON
    ),
    "response: neither an answer nor an error": lambda ask: ask.respond({"state": "x"}),
    "response: a vp_token in the clear": lambda ask: ask.respond({"vp_token": "{}"}),
    "response: an answer that cannot be decrypted": lambda ask: ask.respond(
        {"response": "a.b.c.d.e"}
    ),
    "response: a vp_token that is no object of arrays": lambda ask: ask.encrypted(
        vp_token={QUERY_ID: "text"}
    ),
    "response: the state of another request": lambda ask: ask.encrypted(state="x" * 22),
    "response: a parameter sent twice": lambda ask: ask.respond_raw(
        b"error=access_denied&error=access_denied", "application/x-www-form-urlencoded"
    ),
    "response: a second answer": Asker.twice,
    "response: an answer to a request that has expired": Asker.late,
    "response: an answer to a request that is unknown": lambda ask: ask.respond(
        {"error": "access_denied"}, to="/responses/guess"
    ),
    "response: a body that is no form": lambda ask: ask.respond_raw(b"{}", "application/json"),
    "response: a body that is too large": lambda ask: ask.respond({"response": "A" * 400_000}),
}


@pytest.mark.req("DESK-07", "VP-23", "VP-28", "VP-29", "VP-31")
@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_the_answer_is_the_one_that_the_page_promises(world: World, case: Case) -> None:
    answer = PROVOKED[case.id](Asker(world))
    assert (answer.status_code, answer.json()["error"]) == (case.status, case.error)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


def test_nothing_is_provoked_that_the_page_does_not_tell() -> None:
    assert PROVOKED.keys() == {case.id for case in CASES}
