"""The same verifier on PostgreSQL: one answer of many is taken, values are erased."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import httpx2
import pytest

from openid4vc.openid4vp.response import encrypt_response, response_form
from tests.support.postgres import running_postgres
from tests.verifier.codes import challenge_of, phone, phone_alone
from tests.verifier.world import Asked, Browser, World, make_card


@pytest.mark.slow
@pytest.mark.req("VP-28", "DESK-07")
def test_the_whole_way_on_postgresql(tmp_path: Path) -> None:
    with running_postgres() as url:
        world = World(tmp_path, database=url)
        try:
            assert world.get("/requests/%00").status_code == 404
            asked = world.start()
            request = asked.fetch()
            token = {"self_assessment_result": [asked.present(make_card(), request)]}
            forms = [response_form(encrypt_response(request, token)) for _ in range(10)]
            replies = world.all_at_once(
                [partial(world.client.post, request.response_uri, data=form) for form in forms]
            )
            assert sorted(reply.status_code for reply in replies) == [200, *[400] * 9]
            (taken,) = (reply.json() for reply in replies if reply.status_code == 200)
            assert asked.confirm(taken["confirmation_code"]).status_code == 200
            assert asked.identity().json()["outcome"] == "accept"
            assert asked.read()["cards"][0]["claims"]["work_ability_score"] == 5
            assert asked.close().json()["state"] == "closed"
            assert world.run(world.parts.verifications.boxed(asked.id)) is None
            assert sorted(str(one.code) for one in world.evidence()) == ["None", "replayed"]
            world.clock.advance(days=2)
            assert world.run(world.parts.sweep()) == 1
        finally:
            world.close()


@pytest.mark.slow
@pytest.mark.req("DESK-01", "DESK-03")
def test_codes_without_network_on_postgresql(tmp_path: Path) -> None:
    with running_postgres() as url:
        world = World(tmp_path, database=url)
        try:
            asked = world.start()
            challenge = challenge_of(asked)
            bound = phone().answer(challenge, at=world.clock.now())
            replies = _ten_times(world, {"verification": asked.id, "frames": list(bound)})
            assert sorted(reply.status_code for reply in replies) == [200, *[400] * 9]
            alone = phone_alone().show_alone(at=world.clock.now())
            body = {"profile": "te_initial_interview", "frames": list(alone)}
            told = [reply.json()["verification"]["code"] for reply in _ten_times(world, body)]
            assert sorted(told) == [*["replayed"] * 9, "self_initiated"]
            assert len(challenge_of(world.start()).held) == 1
            world.clock.advance(minutes=20)
            world.run(world.parts.sweep())
        finally:
            world.close()


@pytest.mark.slow
def test_signing_in_on_postgresql(tmp_path: Path) -> None:
    with running_postgres() as url:
        world = World(tmp_path, database=url)
        desk = Browser(world)
        try:
            desk.sign_in("a\x00b")
            desk.sign_in()
            asked = desk.ask().answer()
            desk.open(f"/desk/ask/{asked.id}")
            for _ in range(2):
                desk.open(desk.path)
            assert len(world.run(world.parts.staff.log.entries())) == 1
            attempt = partial(
                desk.client.post, "/desk/unlock", data={"password": "wrong, wrong, wrong"}
            )
            desk.submit("/desk/lock")
            assert desk.page is not None
            token = desk.page.text.split('name="token" value="')[1].split('"')[0]
            attempt.keywords["data"]["token"] = token
            replies = world.all_at_once([attempt] * 10)
            assert sorted(reply.status_code for reply in replies) == [*[401] * 5, *[429] * 5]
            world.clock.advance(days=800)
            world.run(world.parts.sweep())
            assert world.run(world.parts.staff.log.entries()) == []
        finally:
            world.run(desk.client.aclose())
            world.close()


def _ten_times(world: World, body: Mapping[str, object]) -> list[httpx2.Response]:
    post = partial(world.client.post, "/api/v1/scans", json=body, headers=world.bearer)
    return world.all_at_once([post] * 10)


@pytest.mark.slow
@pytest.mark.req("DESK-05")
def test_tries_at_once_are_counted_on_postgresql(tmp_path: Path) -> None:
    with running_postgres() as url:
        world = World(tmp_path, database=url)
        try:
            asked = world.start().answer(read_out=False)
            wrong = "000000" if asked.code != "000000" else "111111"
            assert _typed_at_once(asked, [wrong] * 10) == [
                *["confirmation_code_wrong"] * 2,
                *["not_allowed_now"] * 7,
                "not_confirmed",
            ]
            assert asked.read()["code"] == "not_confirmed"
            asked = world.start().answer(read_out=False)
            told = _typed_at_once(asked, [str(asked.code)] * 10)
            assert told == ["identity_pending", *["not_allowed_now"] * 9]
            assert [record.code for record in world.evidence()] == ["not_confirmed"]
            world.clock.advance(minutes=20)
            world.run(world.parts.sweep())
            assert world.get(str(asked.page)).status_code == 404
        finally:
            world.close()


def _typed_at_once(asked: Asked, codes: Sequence[str]) -> list[str]:
    path = f"/api/v1/verifications/{asked.id}/code"
    post = partial(asked.world.client.post, path, headers=asked.world.bearer)
    replies = asked.world.all_at_once([partial(post, json={"code": code}) for code in codes])
    told = [reply.json() for reply in replies]
    return sorted(one["state"] if "state" in one else one["code"] for one in told)
