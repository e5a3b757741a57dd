"""Garbage, oversized, truncated and wrong-type messages on every address change nothing."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys import strict_json
from keys.fetch import Reply
from keys.jose import encrypt_jwe
from openid4vc.openid4vp.response import encrypt_response
from tests.verifier.world import Asked, World, make_card

MAX_BODY = 300_000
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def test_every_address_refuses_what_it_does_not_know(world: World) -> None:
    for path in (
        "/requests/unknown",
        "/requests/" + "A" * 4_000,
        "/requests/%00",
        "/api/v1/verifications/unknown",
        "/nowhere",
        "/",
        "/static/../app.py",
    ):
        reply = world.get(path, headers=world.bearer)
        assert reply.status_code == 404, path
        assert reply.headers["content-type"] in {"application/problem+json", "application/json"}


BODIES: list[tuple[str, bytes, int]] = [
    (FORM, b"", 400),
    (FORM, b"response=", 400),
    (FORM, b"response=a.b.c.d.e", 400),
    (FORM, b"response=%FF%FE", 400),
    (FORM, b"response=x&response=y", 400),
    (FORM, b"&".join(b"a%d=1" % n for n in range(40)), 400),
    (FORM, b"error=", 400),
    (FORM, b"response=" + b"A" * MAX_BODY, 413),
    (JSON, b'{"response": "x"}', 415),
    ("text/plain", b"response=x", 415),
    ("multipart/form-data; boundary=x", b"--x--", 415),
]


@pytest.mark.req("VP-28", "VP-42")
@pytest.mark.parametrize(("media_type", "body", "status"), BODIES)
def test_a_broken_response_changes_nothing(
    world: World, media_type: str, body: bytes, status: int
) -> None:
    asked = world.start()
    request = asked.fetch()
    before = asked.read()
    reply = world.post(request.response_uri, content=body, headers={"Content-Type": media_type})
    assert reply.status_code == status
    assert reply.json()["error"] == "invalid_request"
    assert asked.read() == before
    assert asked.answer().read()["state"] == "identity_pending"


def test_a_truncated_or_changed_response_changes_nothing(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    jwe = encrypt_response(
        request, {"self_assessment_result": [asked.present(make_card(), request)]}
    )
    head, _, iv, cipher, tag = jwe.split(".")
    for text in (
        jwe[:-1],
        jwe[: len(jwe) // 2],
        jwe + "A",
        ".".join([head, "AAAA", iv, cipher, tag]),
        ".".join([head, "", iv, cipher[:-4] + "AAAA", tag]),
        ".".join([head[:-2], "", iv, cipher, tag]),
    ):
        reply = world.post(request.response_uri, data={"response": text})
        assert reply.status_code == 400
    assert asked.read()["state"] == "fetched"
    assert world.post(request.response_uri, data={"response": jwe}).status_code == 200


TOKENS: list[object] = [
    None,
    [],
    {},
    "text",
    {"self_assessment_result": "text"},
    {"self_assessment_result": []},
    {"self_assessment_result": [1]},
    {"self_assessment_result": [{}]},
    {"self_assessment_result": ["x"] * 17},
    {"bad id!": ["x"]},
]


@pytest.mark.req("VP-23", "VP-31")
@pytest.mark.parametrize("token", TOKENS)
def test_a_vp_token_of_the_wrong_shape_changes_nothing(world: World, token: Any) -> None:
    asked = world.start()
    request = asked.fetch()
    payload = strict_json.dumps({"vp_token": token, "state": request.state})
    jwe = encrypt_jwe(payload, request.encryption_jwk, enc="A256GCM")
    reply = world.post(request.response_uri, data={"response": jwe})
    assert (reply.status_code, reply.json()["error_description"]) == (400, "malformed_vp_token")
    assert asked.read()["state"] == "fetched"


@pytest.mark.req("VP-31")
def test_an_unknown_query_id_is_rejected(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    jwe = encrypt_response(request, {"other": [asked.present(make_card(), request)]})
    assert world.post(request.response_uri, data={"response": jwe}).status_code == 200
    assert asked.verdict() == ("reject", "presentation_not_asked", "query")


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text(st.characters(codec="utf-8"), max_size=200))
def test_whatever_stands_for_a_card_ends_in_a_verdict(world: World, text: str) -> None:
    asked = world.start()
    request = asked.fetch()
    assert asked.send(request, text or "~").status_code == 200
    outcome, _, failed = asked.verdict()
    assert (outcome, failed) == ("reject", "issuer_trusted")


CALLS: list[tuple[bytes, str, int]] = [
    (b"", JSON, 400),
    (b"{", JSON, 400),
    (b"[]", JSON, 400),
    (b'"te_initial_interview"', JSON, 400),
    (b"{}", JSON, 400),
    (b'{"profile": 1}', JSON, 400),
    (b'{"profile": null}', JSON, 400),
    (b'{"profile": "te_initial_interview", "more": "x"}', JSON, 400),
    (b'{"profile": "te_initial_interview", "lang": "de"}', JSON, 400),
    (b'{"profile": "x", "profile": "te_initial_interview"}', JSON, 400),
    (b'{"profile": NaN}', JSON, 400),
    (b'{"profile": "' + b"x" * 5_000 + b'"}', JSON, 400),
    (b'{"profile": "no_such_profile"}', JSON, 403),
    (b'{"profile": "hc_unemployed_health_check"}', JSON, 403),
    (b"profile=te_initial_interview", FORM, 415),
    (b"x" * (MAX_BODY + 1), JSON, 413),
]


@pytest.mark.parametrize(("body", "media_type", "status"), CALLS)
def test_a_broken_call_starts_nothing(
    world: World, body: bytes, media_type: str, status: int
) -> None:
    headers = {**world.bearer, "Content-Type": media_type}
    reply = world.post("/api/v1/verifications", content=body, headers=headers)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert set(problem) == {"type", "title", "status", "detail", "code"}
    assert problem["status"] == status
    assert b"te_initial_interview" not in world.bytes_on_disk()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer x",
        "Basic eDp5",
        "Bearer kyky_aaaaaaaaaaaaaaaa_" + "A" * 43,
        "Bearer ä",
    ],
)
def test_without_a_live_key_nothing_is_told(world: World, header: str) -> None:
    asked = world.start()
    headers = [(b"Authorization", header.encode())] if header else []
    for method, path in (
        ("POST", ""),
        ("GET", f"/{asked.id}"),
        ("GET", f"/{asked.id}/events"),
        ("GET", f"/{asked.id}/qr.svg"),
        ("POST", f"/{asked.id}/identity"),
        ("POST", f"/{asked.id}/close"),
    ):
        reply = world.run(
            world.client.request(method, f"/api/v1/verifications{path}", json={}, headers=headers)
        )
        assert (reply.status_code, reply.json()["code"]) == (401, "key_refused")
        assert reply.headers["www-authenticate"] == "Bearer"


def test_a_revoked_or_ended_key_is_refused(world: World) -> None:
    asked = world.start()
    path = f"/api/v1/verifications/{asked.id}"
    key_id = world.key.split("_")[1]
    assert world.run(world.parts.api_keys.revoke(key_id, at=world.clock.now()))
    assert world.get(path, headers=world.bearer).status_code == 401
    world.key = world.new_key()
    world.clock.advance(days=30)
    assert world.get(path, headers=world.bearer).status_code == 401


@pytest.mark.parametrize("body", [{}, {"identity": "same"}, {"identity": 1}, {"identity": []}])
def test_a_broken_identity_changes_nothing(world: World, body: object) -> None:
    asked = world.start().answer()
    reply = world.post(
        f"/api/v1/verifications/{asked.id}/identity",
        content=json.dumps(body),
        headers={**world.bearer, "Content-Type": JSON},
    )
    assert (reply.status_code, reply.json()["code"]) == (400, "malformed_body")
    assert asked.read()["state"] == "identity_pending"


@pytest.mark.parametrize("key", ["", "x", "A" * 43, "!" * 43, "A" * 4_000])
def test_a_wrong_result_key_opens_nothing(world: World, key: str) -> None:
    asked = world.start().answer()
    headers = {**world.bearer, "Kyky-Result-Key": key}
    reply = world.get(f"/api/v1/verifications/{asked.id}", headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (403, "result_key_wrong")


def test_identity_before_an_answer_is_refused(world: World) -> None:
    asked = world.start()
    assert asked.identity().status_code == 409
    assert asked.read()["state"] == "requested"


def test_errors_say_no_value_back(world: World) -> None:
    headers = {**world.bearer, "Content-Type": JSON}
    reply = world.post(
        "/api/v1/verifications", content=b'{"profile": "120488-9123"}', headers=headers
    )
    assert "120488-9123" not in reply.text
    assert world.get("/requests/120488-9123").text.count("120488-9123") == 0


def events_of(text: str) -> list[str]:
    lines = text.splitlines()
    return [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]


def test_events_tell_how_far_it_is(world: World) -> None:
    asked = Asked(world, world.start().started)
    url = f"/api/v1/verifications/{asked.id}/events"

    async def follow() -> str:
        reply = await world.client.get(url, headers=world.bearer)
        assert reply.headers["content-type"].startswith("text/event-stream")
        return reply.text

    async def both() -> str:
        following = asyncio.create_task(follow())
        await asyncio.sleep(0.1)
        await world.client.get(asked.started["request_uri"])
        await asyncio.sleep(0.8)
        await world.client.post(f"/api/v1/verifications/{asked.id}/close", headers=world.bearer)
        return await following

    assert events_of(world.run(both())) == ["requested", "fetched", "done"]


class BrokenHost:
    """A status list address whose code is wrong, not its network."""

    async def get(self, url: str, *, accept: str, max_bytes: int | None = None) -> Reply:
        raise ZeroDivisionError(f"{url} {accept} {max_bytes}")


def test_a_mistake_of_ours_ends_the_wait_and_tells_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, fetcher=BrokenHost(), raise_bugs=False)
    try:
        asked = world.start()
        request = asked.fetch()
        reply = asked.send(request, asked.present(make_card(), request))
        assert (reply.status_code, reply.json()) == (
            500,
            {"error": "server_error", "error_description": "own_mistake"},
        )
        state = asked.read()
        assert (state["state"], state["outcome"], state["cards"]) == ("expired", None, None)
        assert len(world.evidence()) == 1
    finally:
        world.close()


def test_the_interface_describes_itself(world: World) -> None:
    described = world.get("/api/v1/openapi.json").json()
    assert {
        "/requests/{ref}",
        "/responses/{ref}",
        "/api/v1/verifications",
        "/api/v1/verifications/{verification_id}",
        "/api/v1/verifications/{verification_id}/events",
        "/api/v1/verifications/{verification_id}/identity",
        "/api/v1/verifications/{verification_id}/return",
        "/api/v1/verifications/{verification_id}/close",
    } <= described["paths"].keys()
    assert not any(path.startswith("/desk") for path in described["paths"])
    for path, name in (("/requests/{ref}", "wallet_nonce"), ("/responses/{ref}", "response")):
        form = described["paths"][path]["post"]["requestBody"]["content"]
        assert name in form["application/x-www-form-urlencoded"]["schema"]["properties"]
    post = described["paths"]["/api/v1/verifications"]["post"]
    assert post["security"] == [{"HTTPBearer": []}]
    assert post["requestBody"]["content"][JSON]["schema"]["required"] == ["profile"]
    assert "application/problem+json" in post["responses"]["403"]["content"]
