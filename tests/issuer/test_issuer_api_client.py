"""The Python client of issuing systems, against the app."""

import dataclasses
import json
import runpy
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

import kykylompakko_client as kyky
from issuer.ports.webhooks import Endpoint, Message
from issuer.usecases.webhooks.message import body_of, headers_of, secret_text
from keys import strict_json
from kykylompakko_client import client as client_module
from kykylompakko_client.__main__ import main as draw_key_pair
from tests.issuer.in_process import InProcess
from tests.issuer.system_client import SystemClient
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, MALLIMAA_TYPE, World, claims_of


def wish(number: int = 1, **changes: Any) -> kyky.OfferWish:
    made = kyky.OfferWish(MALLIMAA_TYPE, claims_of(MALLIMAA_TYPE), f"client-{number}")
    return dataclasses.replace(made, **changes)


class Pauses(list[float]):
    """How long was waited, without waiting."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def way(world: World) -> InProcess:
    return InProcess(world)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def issuer(world: World, way: InProcess, pauses: Pauses) -> Iterator[kyky.IssuerClient]:
    access = kyky.ApiKey(world.api_key())
    with kyky.IssuerClient(BASE, "mallimaa", access, transport=way, pause=pauses) as client:
        yield client


@pytest.fixture
def key_pair(world: World) -> kyky.PrivateKeyJwt:
    private = ec.generate_private_key(ec.SECP256R1())
    access = kyky.PrivateKeyJwt("lifecare", private, clock=lambda: world.clock.now().timestamp())
    registered = ECKey.import_key(dict(access.public_jwk()))
    SystemClient(world, key=registered).register()
    return access


def test_a_card_is_offered_read_suspended_reinstated_and_revoked(
    world: World, issuer: kyky.IssuerClient
) -> None:
    made = issuer.offer(wish(channel="message"))
    assert made.state == "offered"
    assert made.pin is not None
    assert made.pin not in repr(made)
    assert issuer.picture(made.offer_id).startswith(b"<?xml")
    assert issuer.picture(made.offer_id, "png").startswith(b"\x89PNG")
    TinyWallet(world).receive(made.offer_link, made.pin)

    report = issuer.read_offer(made.offer_id)
    assert (report.state, report.offer_link) == ("completed", None)
    (card,) = report.cards
    assert issuer.read_card(card.credential_id) == card
    assert issuer.suspend(card.credential_id, "under_review").state == "suspended"
    assert issuer.reinstate(card.credential_id).state == "valid"
    assert issuer.revoke(card.credential_id, "used").state == "revoked"

    other = issuer.offer(wish())
    assert issuer.withdraw(other.offer_id).state == "withdrawn"


def test_claims_can_come_later_and_an_offer_again(world: World, issuer: kyky.IssuerClient) -> None:
    later = issuer.offer(wish(claims=None))
    assert issuer.give_claims(later.offer_id, claims_of(MALLIMAA_TYPE)).state == "offered"
    again = issuer.reoffer(later.offer_id, key="again-1")
    assert issuer.reoffer(later.offer_id, key="again-1") == again
    assert issuer.read_offer(later.offer_id).state == "withdrawn"
    TinyWallet(world).receive(again.offer_link)


def test_every_fault_is_told_by_its_place(way: InProcess, world: World) -> None:
    claims = {**claims_of(MALLIMAA_TYPE), "birthdate": "Salainen arvo"}
    access = kyky.ApiKey(world.api_key())
    client = kyky.IssuerClient(BASE, "mallimaa", access, lang="sv", transport=way)
    with client, pytest.raises(kyky.Refused) as refused:
        client.offer(wish(claims=claims))
    problem = refused.value.problem
    assert (problem.status, problem.code) == (422, "request_invalid")
    (fault,) = problem.faults
    assert (fault.pointer, fault.code) == ("/claims/birthdate", "not_a_date")
    assert fault.advice == fault.words["sv"]
    assert fault.words["fi"] != fault.words["sv"]
    assert "Salainen" not in repr(problem) + str(refused.value)


def test_a_call_whose_answer_was_lost_is_made_once(
    world: World, issuer: kyky.IssuerClient, way: InProcess, pauses: Pauses
) -> None:
    way.breaks = [None, None]
    made = issuer.offer(wish())
    assert way.seen == ["POST /api/v1/mallimaa/offers"] * 3
    assert [row[0] for row in world.dump()["offers"]] == [made.offer_id]
    assert pauses == [2.0, 4.0]
    way.breaks = [None, None, None]
    with pytest.raises(kyky.Unreachable, match="ConnectError"):
        issuer.read_offer(made.offer_id)


def test_what_cannot_be_repeated_is_not(
    issuer: kyky.IssuerClient, way: InProcess, pauses: Pauses
) -> None:
    made = issuer.offer(wish())
    way.breaks = [None]
    with pytest.raises(kyky.Unreachable):
        issuer.withdraw(made.offer_id)
    assert pauses == []


def test_a_key_pair_gets_tokens_and_new_ones_in_time(
    world: World, way: InProcess, key_pair: kyky.PrivateKeyJwt
) -> None:
    with kyky.IssuerClient(BASE, "mallimaa", key_pair, transport=way) as client:
        client.offer(wish())
        client.offer(wish(2))
        asked = [each for each in way.seen if "system-token" in each]
        assert len(asked) == 1
        world.clock.advance(minutes=4, seconds=40)
        client.offer(wish(3))
        assert len([each for each in way.seen if "system-token" in each]) == 2


def test_a_token_refused_before_its_time_is_replaced_once(
    world: World, way: InProcess, key_pair: kyky.PrivateKeyJwt
) -> None:
    with kyky.IssuerClient(BASE, "mallimaa", key_pair, transport=way) as client:
        client.offer(wish())
        world.clock.advance(minutes=10)
        key_pair._good_until += 10_000  # as a clock would have it that runs behind
        client.offer(wish(2))
        assert len([each for each in way.seen if "system-token" in each]) == 2


def test_an_unregistered_key_is_told_so(world: World, way: InProcess) -> None:
    stranger = kyky.PrivateKeyJwt(
        "stranger",
        ec.generate_private_key(ec.SECP256R1()),
        scope="offer:statement_feedback",
        clock=lambda: world.clock.now().timestamp(),
    )
    with kyky.IssuerClient(BASE, "mallimaa", stranger, transport=way) as client:
        for call in (
            lambda: client.offer(wish()),
            lambda: list(client.offer_many([wish()], key="k")),
        ):
            with pytest.raises(kyky.Refused) as refused:
                call()
            assert refused.value.problem.code == "client_unknown"


def test_many_wishes_give_a_result_each_in_order(issuer: kyky.IssuerClient) -> None:
    wishes = [wish(1), wish(2, claims={}), wish(3)]
    first, second, third = issuer.offer_many(wishes, key="night-1")
    assert [each.index for each in (first, second, third)] == [0, 1, 2]
    assert first.offer is not None
    assert third.offer is not None
    assert second.problem is not None
    assert second.problem.code == "request_invalid"
    assert "/claims/birthdate" in {fault.pointer for fault in second.problem.faults}


def test_a_run_that_breaks_goes_on_where_it_broke(
    world: World, issuer: kyky.IssuerClient, way: InProcess, pauses: Pauses
) -> None:
    way.breaks = [2, None, 1]
    wishes = [wish(number) for number in range(5)]
    results = list(issuer.offer_many(wishes, key="night-1"))

    assert [each.index for each in results] == [0, 1, 2, 3, 4]
    lines = [each.rpartition("=")[2] for each in way.seen]
    assert lines == ["1", "3", "3", "4"]
    assert len(world.dump()["offers"]) == 5
    assert pauses == [2.0]


def test_a_run_that_gets_nowhere_says_how_far_it_came(
    issuer: kyky.IssuerClient, way: InProcess
) -> None:
    way.breaks = [1, None, None, None]
    results = issuer.offer_many([wish(1), wish(2)], key="night-1")
    assert next(results).index == 0
    with pytest.raises(kyky.Interrupted) as interrupted:
        next(results)
    assert interrupted.value.next_index == 1
    assert [one.index for one in issuer.offer_many([wish(1), wish(2)], key="night-1")] == [0, 1]


def test_more_than_one_call_takes_is_sent_in_several(
    issuer: kyky.IssuerClient, way: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "LINES_AT_A_TIME", 2)
    assert len(list(issuer.offer_many([wish(number) for number in range(5)], key="k"))) == 5
    assert [each.rpartition("=")[2] for each in way.seen] == ["1", "3", "5"]
    one = len(json.dumps(wish(1).as_json(), ensure_ascii=False).encode()) + 1
    monkeypatch.setattr(client_module, "BYTES_AT_A_TIME", one)
    assert len(client_module._lines([wish(1), wish(2)], 0)) == 1


def test_what_is_done_about_a_client_goes_by_their_reference(
    world: World, issuer: kyky.IssuerClient, way: InProcess
) -> None:
    TinyWallet(world).receive(issuer.offer(wish()).offer_link)
    waiting = issuer.offer(wish())
    (card,) = issuer.subjects.expiring(days=400)

    renewed = issuer.subjects.renew(card.credential_id, wish(), key="renewal-1")
    assert issuer.subjects.renew(card.credential_id, wish(), key="renewal-1") == renewed
    way.breaks = [None]
    lost = issuer.subjects.lost_phone("client-1", [wish()])
    assert lost.revoked == (card.credential_id,)
    assert set(lost.withdrawn) == {waiting.offer_id, renewed.offer_id}
    assert lost.out_of_scope == 0
    (again,) = lost.offers
    assert issuer.read_offer(again.offer_id).state == "offered"
    assert list(issuer.subjects.expiring()) == []

    erased = issuer.subjects.erase("client-1", revoke_cards=True)
    assert "audit_record" in erased.kept
    with pytest.raises(kyky.Refused, match="offer_not_found"):
        issuer.read_offer(again.offer_id)


def test_long_lists_are_fetched_page_by_page() -> None:
    card = {
        "credential_id": "1", "type": "t", "offer_id": "2", "state": "valid",
        "delivery": "accepted", "valid_until": "2026-12-01T00:00:00Z",
    }  # fmt: skip
    pages = [{"credentials": [card, card], "next": "1"}, {"credentials": [card], "next": None}]
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.query.decode())
        return httpx2.Response(200, json=pages[len(asked) - 1])

    transport = httpx2.MockTransport(answer)
    with kyky.IssuerClient(BASE, "mallimaa", kyky.ApiKey("k"), transport=transport) as client:
        assert len(list(client.subjects.expiring())) == 3
    assert asked == ["days=30", "days=30&after=1"]


def test_any_other_call_can_be_made(issuer: kyky.IssuerClient, way: InProcess) -> None:
    made = issuer.call("POST", "/offers", wish().as_json(), key="by-hand")
    way.breaks = [None]
    assert issuer.call("GET", f"/offers/{made['offer_id']}")["state"] == "offered"
    way.breaks = [None]
    with pytest.raises(kyky.Unreachable):
        issuer.call("POST", f"/offers/{made['offer_id']}/withdraw")


@pytest.fixture
def message(world: World) -> tuple[dict[str, str], bytes, str, float]:
    """Headers, body and secret of a message as the issuer makes it, and when."""
    vault, now = world.parts.vault, world.clock.now()
    endpoint = Endpoint("mallimaa", "https://case.test/events", "s1", now)
    told = Message(
        number=7,
        organisation="mallimaa",
        event="offer.claimed",
        object_id="0" * 32,
        state="claimed",
        at=now,
        since=now,
        failures=0,
        next_at=now,
        fault=None,
        dead_at=None,
    )
    body = body_of(told)
    headers = headers_of(vault, endpoint, told, body, at=now)
    return headers, strict_json.dumps(body), secret_text(vault, endpoint), now.timestamp()


def test_an_event_of_the_issuer_is_told_from_others(
    world: World, message: tuple[dict[str, str], bytes, str, float]
) -> None:
    headers, body, secret, now = message
    shouted = {name.upper(): value for name, value in headers.items()}
    event = kyky.read_event(shouted, body, secret, now=now + 299)
    assert (event.type, event.data["offer_id"]) == ("offer.claimed", "0" * 32)
    assert event.id == headers["webhook-id"]
    assert abs(event.at.timestamp() - now) < 0.001

    foreign: list[tuple[dict[str, str], bytes, str, float]] = [
        (headers, body + b" ", secret, now),
        (headers, body, "whsec_" + "A" * 44, now),
        (headers, body, "whsec_!", now),
        (headers, body, secret, now + 302),
        (headers, body, secret, now - 302),
        ({**headers, "webhook-id": "evt_1"}, body, secret, now),
        ({**headers, "webhook-timestamp": "x"}, body, secret, now),
        ({**headers, "webhook-timestamp": str(int(now) + 1)}, body, secret, now),
        ({**headers, "webhook-signature": "v1,\xe4"}, body, secret, now),
        ({}, body, secret, now),
    ]
    for one in foreign:
        with pytest.raises(kyky.ForeignEvent):
            kyky.read_event(*one[:3], now=one[3])


def test_a_receiver_marks_a_card_by_its_status_reference() -> None:
    asked: list[Any] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append((request.url.path, json.loads(request.content)))
        told = {"state": "taken_in", "taken_in_at": "2026-11-24T09:30:00Z"}
        return httpx2.Response(200, json=told)

    transport = httpx2.MockTransport(answer)
    with kyky.IssuerClient(BASE, "mallimaa", kyky.ApiKey("k"), transport=transport) as client:
        assert client.take_in("https://x.test/1", 7).isoformat() == "2026-11-24T09:30:00+00:00"
    assert asked == [
        ("/api/v1/mallimaa/taken-in", {"status_list": {"uri": "https://x.test/1", "idx": 7}})
    ]


EXAMPLE = Path(__file__).parents[2] / "clients" / "python" / "example.py"


def test_the_example_does_what_it_says(
    world: World, way: InProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main = runpy.run_path(str(EXAMPLE))["main"]
    world.clock.at = datetime.now(UTC)  # the example's own day

    def client_of(_base: str, org: str, access: kyky.Access) -> kyky.IssuerClient:
        return kyky.IssuerClient(BASE, org, access, transport=way)

    key = world.api_key("itsearviointi", "self_assessment_result")
    assert main(["--api-key", key], client_of) == 0
    told = capsys.readouterr().out
    assert "/claims/birthdate: " in told
    assert "/claims/work_ability_score: " in told
    assert told.count("PIN ") == 3
    assert told.rstrip().endswith("offered\n  withdrawn")
    assert len(world.dump()["offers"]) == 3

    private = ec.generate_private_key(ec.SECP256R1())
    pem = tmp_path / "private.pem"
    pem.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    by_key = ["--client-id", "stranger", "--private-key", str(pem)]
    assert main(by_key, client_of) == 1
    assert "client_unknown" in capsys.readouterr().out
    way.breaks = [None] * 3
    assert main(["--api-key", key], lambda base, org, access: patient(base, org, access, way)) == 1
    assert "make serve" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([])


def patient(_base: str, org: str, access: kyky.Access, way: InProcess) -> kyky.IssuerClient:
    return kyky.IssuerClient(BASE, org, access, transport=way, pause=Pauses())


def test_a_key_pair_is_drawn_for_its_owner_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pem = tmp_path / "private.pem"
    assert draw_key_pair([str(pem)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == kyky.PrivateKeyJwt.from_pem("x", pem).public_jwk()
    assert pem.stat().st_mode & 0o077 == 0
    kept = pem.read_bytes()
    assert draw_key_pair([str(pem)]) == 1
    assert (pem.read_bytes(), capsys.readouterr().out) == (kept, "")


PAGE = Path(__file__).parents[2] / "docs" / "issuing-systems.md"


def test_the_pages_own_calls_are_right(world: World) -> None:
    text = PAGE.read_text("utf-8")
    body, _, _ = text.partition("-d '")[2].partition("'\n")
    auth = world.auth("itsearviointi", "self_assessment_result")
    offers = "/api/v1/itsearviointi/offers"
    made = world.post(offers, json=json.loads(body), headers=auth)
    assert made.status_code == 201, made.text
    answers = [json.loads(line) for line in text.partition("```json\n")[2].splitlines()[:3]]
    told = world.post(
        f"{offers}/batch",
        content=json.dumps(json.loads(body)).encode() + b'\n{"type": "x"}',
        headers={**auth, "Content-Type": "application/x-ndjson", "Idempotency-Key": "night"},
    )
    for shown, real in zip(answers, map(json.loads, told.text.splitlines()), strict=True):
        assert set(shown) == set(real)
        for member in shown:
            if isinstance(shown[member], dict):
                assert set(shown[member]) <= set(real[member])


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(200, content=b"<html>"),
        httpx2.Response(200, content=b"[]"),
        httpx2.Response(200, content=b"{}"),
        httpx2.Response(502, content=b"Bad gateway"),
        httpx2.Response(404, content=b'{"code": 1}'),
    ],
)
def test_what_another_server_answers_is_not_taken(answer: httpx2.Response) -> None:
    transport = httpx2.MockTransport(lambda _request: answer)
    client = kyky.IssuerClient(BASE, "mallimaa", kyky.ApiKey("k"), transport=transport)
    with client, pytest.raises(kyky.NotUnderstood):
        client.offer(wish())


def test_a_foreign_line_interrupts_the_run(pauses: Pauses) -> None:
    transport = httpx2.MockTransport(
        lambda _request: httpx2.Response(200, content=b'{"line": 1, "offer": {}}\n')
    )
    access = kyky.ApiKey("k")
    client = kyky.IssuerClient(BASE, "mallimaa", access, transport=transport, pause=pauses)
    with client, pytest.raises(kyky.Interrupted, match="another form"):
        list(client.offer_many([wish()], key="k"))


def test_keys_do_not_travel_in_clear_or_on_another_curve(tmp_path: Path) -> None:
    for base in ("http://issuer.example", "ftp://issuer.example"):
        with pytest.raises(ValueError, match="https"):
            kyky.IssuerClient(base, "mallimaa", kyky.ApiKey("k"))
    kyky.IssuerClient("http://127.0.0.1:8001", "mallimaa", kyky.ApiKey("k")).close()
    with pytest.raises(ValueError, match="P-256"):
        kyky.PrivateKeyJwt("x", ec.generate_private_key(ec.SECP384R1()))
    pem = tmp_path / "key.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    read = kyky.PrivateKeyJwt.from_pem("x", pem, password=b"secret")
    assert read.public_jwk() == kyky.PrivateKeyJwt("x", key).public_jwk()
