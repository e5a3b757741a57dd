"""The organisation's own system is asked for claims: docs/pull-api.md, from our side and theirs."""

import json
import logging
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from clients.pull_api.server import (
    IssuingSystem,
    is_from_the_issuer,
    make_server,
    read_secret,
)
from credential_schemas import hetu
from issuer.adapters.claims_source import secret_text
from issuer.cli import main
from issuer.parts.base import Parts
from issuer.parts.sign_in import make_claims_source
from issuer.ports.claims_source import Later, Nothing, Ready
from issuer.ports.sign_in import Person
from issuer.settings import ClaimsSourceSetting, Settings
from issuer.usecases.claims_source_failures import (
    ClaimsSourceAnswerInvalid,
    ClaimsSourceMissing,
    ClaimsSourceUnavailable,
)
from issuer.usecases.failures import OrganisationUnknown, TypeNotIssuedHere
from keys import strict_json
from keys.checks import FetchFailed, ReplyTooLarge
from keys.fetch import Fetcher, Reply
from tests.issuer.world import World, claims_of

URL = "https://cases.example/claims"
KELA = {"kela": ClaimsSourceSetting(url=URL, types=frozenset({"authority_decision"}))}
MAIJA = Person("https://sso.example 1", "120488-9123", "Maija Testi Mallikas")
PEKKA = Person("https://sso.example 2", "030375-9179", "Pekka Testi Esimerkki")
AINO = Person("https://sso.example 3", "311295-934A", "Aino Testi Kokeilu")
REQUEST = "0123456789abcdef0123456789abcdef"


@dataclass
class System:
    """A system in one process: the sample, or whatever a test wants it to say."""

    sample: IssuingSystem | None = None
    says: Reply | Exception | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    async def post(
        self,
        url: str,
        *,
        json: object | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Reply:
        assert (url, max_bytes) == (URL, 65_536)
        body = strict_json.dumps(json)
        self.asked.append(strict_json.loads_object(body))
        self.headers.append(headers or {})
        if isinstance(self.says, Exception):
            raise self.says
        if self.says is not None:
            return self.says
        assert self.sample is not None
        return reply(*self.sample.answer(headers or {}, body))


def reply(status: int, body: object, content_type: str = "application/json") -> Reply:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, content_type, {}, text)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all: nothing here changes it."""
    folder = tmp_path_factory.mktemp("issuer")
    world = World(f"sqlite:///{folder}/issuer.db", claims_sources=KELA)
    yield world
    world.close()


def set_to(world: World, sources: dict[str, ClaimsSourceSetting]) -> Parts:
    """The same issuer with other systems to ask."""
    settings = world.settings.model_copy(update={"claims_sources": sources})
    return replace(world.parts, settings=settings)


def sample(world: World, number: int = 1) -> IssuingSystem:
    secret = read_secret(secret_text(world.parts.vault, "kela", number))
    return IssuingSystem(secret, clock=lambda: world.clock.now().timestamp())


def ask(
    world: World,
    system: System,
    person: Person = MAIJA,
    *,
    type_id: str = "authority_decision",
    parts: Parts | None = None,
) -> Ready | Later | Nothing:
    source = make_claims_source(parts or world.parts, http=system)
    return world.run(source.fetch("kela", type_id, person, request_id=REQUEST, language="sv"))


def test_the_sample_system_has_claims_has_them_later_or_has_nothing(world: World) -> None:
    system = System(sample(world))
    found = ask(world, system)
    assert isinstance(found, Ready)
    assert found.subject_ref == "case-8731"
    assert found.claims["decision_date"] == "2026-11-24"
    assert ask(world, system, PEKKA) == Later("case-8732")
    assert ask(world, system, AINO) == Nothing()
    assert "Mallikas" not in f"{found!r}"


def test_one_thing_is_told_of_the_person(world: World) -> None:
    system = System(sample(world))
    ask(world, system)
    ask(world, system, Person("https://sso.example 1", None, "Maija Testi Mallikas"))
    assert system.asked[0] == {
        "type": "claims.requested",
        "timestamp": "2026-11-24T09:30:12Z",
        "data": {
            "organisation": "kela",
            "request_id": REQUEST,
            "type": "authority_decision",
            "language": "sv",
            "person": {"identity_code": "120488-9123"},
        },
    }
    assert system.asked[1]["data"]["person"] == {"subject": "https://sso.example 1"}
    ids = [one["webhook-id"] for one in system.headers]
    assert len(set(ids)) == 2
    assert all(one.startswith("req_") and len(one) == 36 for one in ids)


def test_two_secrets_sign_while_one_takes_the_place_of_another(world: World) -> None:
    both = ClaimsSourceSetting(
        url=URL, types=frozenset({"authority_decision"}), secret_number=2, earlier_secret_number=1
    )
    parts = set_to(world, {"kela": both})
    for number in (1, 2):
        assert isinstance(ask(world, System(sample(world, number)), parts=parts), Ready)
    with pytest.raises(ClaimsSourceAnswerInvalid, match="status_401"):
        ask(world, System(sample(world, 3)), parts=parts)


def test_the_sample_takes_no_call_that_we_did_not_sign_just_now(world: World) -> None:
    system = System(sample(world))
    ask(world, system)
    headers, body = system.headers[0], strict_json.dumps(system.asked[0])
    now = world.clock.now().timestamp()
    secret = read_secret(secret_text(world.parts.vault, "kela", 1))
    assert is_from_the_issuer(headers, body, secret=secret, now=now)
    assert not is_from_the_issuer(headers, body + b" ", secret=secret, now=now)
    assert not is_from_the_issuer(headers, body, secret=bytes(32), now=now)
    for late in (301, -301):
        assert not is_from_the_issuer(headers, body, secret=secret, now=now + late)
    for name in headers:
        for value in ("", "x", "1"):
            assert not is_from_the_issuer({**headers, name: value}, body, secret=secret, now=now), (
                name
            )
    assert system.sample is not None
    assert system.sample.answer({}, body)[0] == 401


@pytest.mark.parametrize("text", ["", "x", "whsec_é", "whsec_=", "WHSEC_AAAA"])
def test_what_is_no_secret(text: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        read_secret(text)


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_system_that_is_busy_or_broken(world: World, status: int) -> None:
    with pytest.raises(ClaimsSourceUnavailable, match=f"status_{status}"):
        ask(world, System(says=reply(status, {"code": "nothing"})))


def test_a_system_that_does_not_answer_in_time_or_says_too_much(world: World) -> None:
    with pytest.raises(ClaimsSourceUnavailable, match="fetch_failed"):
        ask(world, System(says=FetchFailed("timeout")))
    with pytest.raises(ClaimsSourceAnswerInvalid, match="reply_too_large"):
        ask(world, System(says=ReplyTooLarge("too large")))


CLAIMS = claims_of("authority_decision")
GOOD = {"subject_ref": "case-1", "claims": CLAIMS}


@pytest.mark.parametrize(
    "says",
    [
        reply(200, GOOD, "text/html"),
        reply(200, GOOD, ""),
        reply(200, b""),
        reply(200, b"[]"),
        reply(200, b'{"subject_ref":"a","subject_ref":"b"}'),
        reply(200, {**GOOD, "more": 1}),
        reply(200, {"claims": CLAIMS}),
        reply(200, {"subject_ref": "case-1"}),
        reply(200, {**GOOD, "subject_ref": ""}),
        reply(200, {**GOOD, "subject_ref": 7}),
        reply(200, {**GOOD, "subject_ref": "x" * 201}),
        reply(200, {**GOOD, "claims": None}),
        reply(200, {**GOOD, "claims": []}),
        reply(200, {**GOOD, "claims": {}}),
        reply(200, {**GOOD, "claims": {**CLAIMS, "birthdate": "12.4.1988"}}),
        reply(200, {**GOOD, "claims": {**CLAIMS, "favourite_colour": "blue"}}),
        reply(200, {**GOOD, "claims": {**CLAIMS, "issuing_authority": "Somebody else"}}),
        reply(202, GOOD),
        reply(202, {}),
        reply(404, b"<html>no such page", "text/html"),
        reply(404, {"detail": "Not Found"}),
        reply(404, {"code": "not_found"}),
        reply(201, GOOD),
        reply(204, b""),
        reply(400, {"code": "nothing"}),
        reply(401, {"code": "nothing"}),
        reply(410, {"code": "nothing"}),
    ],
)
def test_an_answer_that_was_not_agreed(world: World, says: Reply) -> None:
    with pytest.raises(ClaimsSourceAnswerInvalid):
        ask(world, System(says=says))


def test_a_problem_document_may_say_that_there_is_nothing(world: World) -> None:
    problem = {"type": "about:blank", "title": "Nothing", "code": "nothing"}
    assert ask(world, System(says=reply(404, problem, "application/problem+json"))) == Nothing()


def test_nobody_gets_the_card_of_somebody_else(world: World) -> None:
    system = System(says=reply(200, GOOD))
    assert isinstance(ask(world, system, MAIJA), Ready)
    with pytest.raises(ClaimsSourceAnswerInvalid, match="another person"):
        ask(world, system, AINO)
    twin = "120488-914" + hetu.check_character("120488914")  # born on the same day
    with pytest.raises(ClaimsSourceAnswerInvalid, match="another person"):
        ask(world, system, replace(MAIJA, identity_code=twin))
    unnamed = {name: v for name, v in CLAIMS.items() if name != "personal_administrative_number"}
    system.says = reply(200, {**GOOD, "claims": unnamed})
    assert isinstance(ask(world, system, MAIJA), Ready)
    with pytest.raises(ClaimsSourceAnswerInvalid, match="another person"):
        ask(world, system, AINO)
    # Whom we know by the provider's subject alone, the system has to know.
    assert isinstance(ask(world, system, Person("https://sso.example 1", None, "")), Ready)


def test_the_log_names_places_and_no_values(world: World, caplog: pytest.LogCaptureFixture) -> None:
    wrong = {**GOOD, "claims": {**CLAIMS, "birthdate": "31.12.1999"}}
    with (
        caplog.at_level(logging.WARNING, "issuer.claims_source"),
        pytest.raises(ClaimsSourceAnswerInvalid) as caught,
    ):
        ask(world, System(says=reply(200, wrong)))
    assert f"kela authority_decision {REQUEST}" in caplog.text
    assert "/birthdate" in caplog.text
    for secret in ("31.12.1999", "120488", "Mallikas", "case-1", "sso.example"):
        assert secret not in caplog.text + str(caught.value)


def test_only_what_the_settings_name_is_asked(world: World) -> None:
    source = make_claims_source(world.parts)
    assert source.serves("kela", "authority_decision")
    assert not source.serves("kela", "service_plan")
    assert not source.serves("mallimaa", "authority_decision")
    with pytest.raises(ClaimsSourceMissing):
        ask(world, System(), type_id="service_plan")


@pytest.mark.parametrize(
    ("organisation", "type_id", "failure"),
    [
        ("nobody", "authority_decision", OrganisationUnknown),
        ("kela", "qualification", TypeNotIssuedHere),
        ("kela", "no_such_type", TypeNotIssuedHere),
    ],
)
def test_settings_that_name_what_is_not_there(
    world: World, organisation: str, type_id: str, failure: type[Exception]
) -> None:
    named = {organisation: ClaimsSourceSetting(url=URL, types=frozenset({type_id}))}
    with pytest.raises(failure):
        make_claims_source(set_to(world, named))


@pytest.mark.parametrize(
    "url", ["http://cases.example/", "http://127.0.0.1:8010/", "ftp://cases.example", "cases", ""]
)
def test_settings_with_an_address_in_the_clear(url: str) -> None:
    named = {"kela": {"url": url, "types": ["authority_decision"]}}
    with pytest.raises(ValidationError, match="claims_sources"):
        Settings(base_url="https://issuer.test", claims_sources=named)
    if "127.0.0.1" in url:
        Settings(unsafe_plain_http=True, claims_sources=named)


@pytest.mark.usefixtures("environment")
def test_the_operator_is_told_the_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named = {"kela": {"url": URL, "types": ["authority_decision"], "secret_number": 3}}
    monkeypatch.setenv("KYKY_ISSUER_CLAIMS_SOURCES", json.dumps(named))
    run = CliRunner().invoke
    told = run(main, ["claims-source", "secret", "--org", "kela"])
    assert len(read_secret(told.output.strip())) == 32
    shown = run(main, ["claims-source", "show"]).output
    assert shown == f"kela\t{URL}\t3\tauthority_decision\n"
    refused = run(main, ["claims-source", "secret", "--org", "nobody"])
    assert refused.exit_code == 1


def test_the_page_names_settings_that_there_are() -> None:
    page = (Path(__file__).parents[2] / "docs" / "pull-api.md").read_text("utf-8")
    named = {name.lower() for name in re.findall(r"KYKY_ISSUER_([A-Z_]+)", page)}
    assert "claims_sources" in named
    assert named <= set(Settings.model_fields)


def test_secrets_are_one_organisations_and_one_numbers_own(world: World) -> None:
    vault = world.parts.vault
    pairs = (("kela", 1), ("kela", 2), ("mallimaa", 1), ("kel", 11))
    assert len({secret_text(vault, org, number) for org, number in pairs}) == 4
    assert secret_text(vault, "kela", 1) == secret_text(vault, "kela", 1)


@pytest.mark.slow
@pytest.mark.enable_socket
def test_the_sample_over_a_real_connection(world: World) -> None:
    system = sample(world)
    with make_server(system, 0) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}/claims"
            named = {"kela": ClaimsSourceSetting(url=url, types=frozenset({"authority_decision"}))}
            source = make_claims_source(
                set_to(world, named), http=Fetcher(allow_loopback_http=True)
            )
            found = world.run(
                source.fetch("kela", "authority_decision", MAIJA, request_id=REQUEST, language="fi")
            )
            assert isinstance(found, Ready)
            call = HTTPConnection("127.0.0.1", server.server_port, timeout=5)
            call.putrequest("POST", "/claims")
            call.putheader("Content-Length", "99999")
            call.endheaders()
            assert call.getresponse().status == 413
            call.close()
        finally:
            server.shutdown()
            serving.join()
