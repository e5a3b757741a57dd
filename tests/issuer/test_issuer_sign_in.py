"""Who signed in: by a provider that may lie or fail, or as a test person in a demo."""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, KeySet
from pydantic import ValidationError

from credential_schemas import hetu
from issuer.parts.base import Parts
from issuer.parts.sign_in import make_sign_in, make_stand_in
from issuer.ports.sign_in import PendingSignIn, Person, SignIn, SignInAnswer
from issuer.settings import Settings
from issuer.usecases.sign_in_failures import (
    SignInCodeRefused,
    SignInDeclined,
    SignInIssuerMismatch,
    SignInStateMismatch,
    SignInTokenForged,
    SignInTokenUnfit,
    SignInUnavailable,
)
from keys.checks import CheckFailed, FetchFailed
from keys.fetch import Reply
from tests.issuer.world import BASE, HandClock, World

ISSUER = "https://sso.example/kunta"
KEY = ECKey.generate_key("P-256", {"kid": "one", "alg": "ES256", "use": "sig"})
BACK = f"{BASE}/kela/sign-in"
PENDING = PendingSignIn(state="s" * 43, nonce="n" * 43, code_verifier="v" * 43, redirect_uri=BACK)
ANSWER = SignInAnswer(code="the-code", state=PENDING.state, issuer=ISSUER)
CODE_CLAIM = "urn:oid:1.2.246.21"


@dataclass
class Sso:
    """A provider in memory; tests bend what it says."""

    clock: HandClock
    claims: dict[str, object] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    status: int = 200
    key: ECKey = field(default_factory=lambda: KEY)
    unreachable: bool = False
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    async def get(self, url: str, *, accept: str, max_bytes: int | None = None) -> Reply:
        assert accept == "application/json"
        assert max_bytes
        if self.unreachable:
            raise FetchFailed("timeout")
        if url == f"{ISSUER}/.well-known/openid-configuration":
            return reply(
                {
                    "issuer": ISSUER,
                    "authorization_endpoint": f"{ISSUER}/authorize",
                    "token_endpoint": f"{ISSUER}/token",
                    "jwks_uri": f"{ISSUER}/jwks",
                    "authorization_response_iss_parameter_supported": True,
                }
            )
        assert url == f"{ISSUER}/jwks"
        return reply(KeySet([KEY]).as_dict(private=False))

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Reply:
        assert url == f"{ISSUER}/token"
        assert max_bytes
        assert (headers or {})["Authorization"].startswith("Basic ")
        self.asked.append((url, form or {}))
        token = {"access_token": "at", "token_type": "Bearer", "id_token": self.token()}
        return replace(reply(token), status=self.status)

    def token(self) -> str:
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "sub": "maija",
            "aud": "issuer",
            "iat": now,
            "exp": now + 300,
            "auth_time": now - 5,
            "nonce": PENDING.nonce,
            "name": "Maija  Testi Mallikas",
            "acr": "loa3",
            CODE_CLAIM: "120488-9123",
            **self.claims,
        }
        kept = {name: value for name, value in claims.items() if name not in self.without}
        header = {"alg": "ES256", "kid": "one"}
        return str(jws.serialize_compact(header, json.dumps(kept), self.key))


def reply(value: object) -> Reply:
    return Reply(200, "application/json", {}, json.dumps(value).encode())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all: nothing here changes it."""
    folder = tmp_path_factory.mktemp("issuer")
    world = World(f"sqlite:///{folder}/issuer.db")
    yield world
    world.close()


@pytest.fixture
def sso(world: World) -> Sso:
    return Sso(world.clock)


def set_to(world: World, **settings: Any) -> Parts:
    """The same issuer with other settings."""
    changed = Settings(**{**world.settings.model_dump(exclude_unset=True), **settings})
    return replace(world.parts, settings=changed)


def provider(world: World, sso: Sso, **settings: Any) -> SignIn:
    wishes = {
        "sign_in_issuer": ISSUER,
        "sign_in_client_id": "issuer",
        "sign_in_client_secret": "not so secret here",
        **settings,
    }
    found = make_sign_in(set_to(world, **wishes), http=sso)
    assert found is not None
    return found


def identify(world: World, sso: Sso, answer: SignInAnswer = ANSWER, **settings: Any) -> Person:
    return asyncio.run(provider(world, sso, **settings).identify(answer, PENDING))


# A provider ----------------------------------------------------------------------------------


def test_a_good_answer_names_the_person(world: World, sso: Sso) -> None:
    person = identify(world, sso)
    assert person == Person(f"{ISSUER} maija", "120488-9123", "Maija Testi Mallikas")
    assert "Maija" not in f"{person!r}"
    ((_, form),) = sso.asked
    assert form["redirect_uri"] == BACK
    assert form["code_verifier"] == PENDING.code_verifier


def test_the_way_there(world: World, sso: Sso) -> None:
    found = provider(world, sso, sign_in_levels=("loa2", "loa3"), sign_in_scope="openid hetu")
    asked = parse_qs(urlsplit(asyncio.run(found.address(PENDING))).query)
    assert asked["redirect_uri"] == [BACK]
    assert asked["state"] == [PENDING.state]
    assert asked["acr_values"] == ["loa2 loa3"]
    assert asked["scope"] == ["openid hetu"]
    assert asked["code_challenge_method"] == ["S256"]
    plain = parse_qs(urlsplit(asyncio.run(provider(world, sso).address(PENDING))).query)
    assert "acr_values" not in plain


@pytest.mark.parametrize("state", ["", "x", "S" * 43, "é" * 43])
def test_an_answer_to_something_else(world: World, sso: Sso, state: str) -> None:
    with pytest.raises(SignInStateMismatch):
        identify(world, sso, replace(ANSWER, state=state))
    assert sso.asked == [], "the code went nowhere"


@pytest.mark.parametrize("issuer", ["", "https://evil.example", f"{ISSUER}/"])
def test_an_answer_of_another_provider(world: World, sso: Sso, issuer: str) -> None:
    with pytest.raises(SignInIssuerMismatch):
        identify(world, sso, replace(ANSWER, issuer=issuer))
    assert sso.asked == [], "the code went nowhere"


@pytest.mark.parametrize(
    "answer", [replace(ANSWER, error="access_denied"), replace(ANSWER, code="")]
)
def test_nobody_signed_in(world: World, sso: Sso, answer: SignInAnswer) -> None:
    with pytest.raises(SignInDeclined):
        identify(world, sso, answer)


def test_a_code_that_is_not_taken_and_a_token_of_another_key(world: World, sso: Sso) -> None:
    sso.key = ECKey.generate_key("P-256", {"kid": "one"})
    with pytest.raises(SignInTokenForged):
        identify(world, sso)
    sso.status = 400
    with pytest.raises(SignInCodeRefused):
        identify(world, sso)
    sso.unreachable = True
    with pytest.raises(SignInUnavailable):
        identify(world, sso)


@pytest.mark.parametrize("level", ["loa1", "", None, 3, ["loa3"]])
def test_a_sign_in_of_a_level_that_is_not_enough(world: World, sso: Sso, level: object) -> None:
    identify(world, sso, sign_in_levels=("loa3",))
    sso.claims["acr"] = level
    identify(world, sso)  # without levels in the settings any does
    with pytest.raises(SignInTokenUnfit, match="level"):
        identify(world, sso, sign_in_levels=("loa3",))
    sso.without = ("acr",)
    with pytest.raises(SignInTokenUnfit, match="level"):
        identify(world, sso, sign_in_levels=("loa3",))


@pytest.mark.parametrize(
    "code", [None, 7, "", "120488-9124", "120488-912", "310288-9123", " 120488-9123", "120488-123K"]
)
def test_an_identity_code_that_is_none(world: World, sso: Sso, code: object) -> None:
    sso.claims[CODE_CLAIM] = code
    with pytest.raises(SignInTokenUnfit) as caught:
        identify(world, sso)
    assert "120488" not in str(caught.value)


def test_real_people_are_for_production_only(world: World, sso: Sso) -> None:
    code = "010180-123" + hetu.check_character("010180123")
    sso.claims[CODE_CLAIM] = code
    with pytest.raises(SignInTokenUnfit, match="identity_code_real"):
        identify(world, sso)
    found = identify(world, sso, real_identity_codes=True, unsafe_clear_health_data=False)
    assert found.identity_code == code


def test_persons_without_an_identity_code(world: World, sso: Sso) -> None:
    sso.without = (CODE_CLAIM,)
    with pytest.raises(SignInTokenUnfit):
        identify(world, sso)
    assert identify(world, sso, sign_in_code_claim="").identity_code is None


def test_a_name_and_nothing_that_stands_for_one(world: World, sso: Sso) -> None:
    sso.without = ("name",)
    sso.claims = {"given_name": "Maija", "family_name": "Mallikas"}
    assert identify(world, sso).name == "Maija Mallikas"
    sso.without = ("name", "given_name", "family_name")
    assert identify(world, sso).name == ""


def test_no_failure_tells_the_token_or_the_secret(world: World, sso: Sso) -> None:
    sso.claims["nonce"] = "m" * 43
    with pytest.raises(CheckFailed) as caught:
        identify(world, sso)
    told = f"{caught.value!r} {caught.value} {PENDING!r} {ANSWER!r}"
    for secret in ("not so secret", PENDING.nonce, "m" * 43, "the-code", "120488", PENDING.state):
        assert secret not in told


# Settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sign_in_issuer": "http://sso.example"}, "sign_in_issuer: https"),
        ({"sign_in_issuer": "https://sso.example?x=1"}, "scheme, host"),
        ({"sign_in_issuer": "https://a@sso.example"}, "scheme, host"),
        ({"sign_in_client_id": ""}, "sign_in_client_id"),
        ({"sign_in_client_secret": None}, "sign_in_client_secret"),
    ],
)
def test_settings_of_a_provider_that_are_not_safe(changes: dict[str, Any], words: str) -> None:
    good: dict[str, Any] = {
        "base_url": BASE,
        "sign_in_issuer": ISSUER,
        "sign_in_client_id": "issuer",
        "sign_in_client_secret": "x",
    }
    assert Settings(**good).sign_in_issuer == ISSUER
    with pytest.raises(ValidationError, match=words):
        Settings(**{**good, **changes})


def test_production_refuses_test_persons() -> None:
    with pytest.raises(ValidationError, match="unsafe_test_sign_in: for demos on this machine"):
        Settings(base_url=BASE, unsafe_test_sign_in=True)
    demo: dict[str, Any] = {"unsafe_plain_http": True, "unsafe_test_sign_in": True}
    assert "whoever comes chooses which test person to be" in Settings(**demo).unsafe_choices()
    with pytest.raises(ValidationError, match="real_identity_codes"):
        Settings(**demo, real_identity_codes=True)
    with pytest.raises(ValidationError, match="unsafe_test_sign_in: not beside"):
        Settings(
            **demo,
            sign_in_issuer=ISSUER,
            sign_in_client_id="issuer",
            sign_in_client_secret="x",
        )


def test_without_either_nobody_signs_in(world: World) -> None:
    assert make_sign_in(world.parts) is None
    assert world.run(world.client.get("/test-sign-in")).status_code == 404


# Test persons --------------------------------------------------------------------------------

LOOPBACK = "http://127.0.0.1:8001"
DEMO_BACK = f"{LOOPBACK}/kela/sign-in"
DEMO = replace(PENDING, redirect_uri=DEMO_BACK)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A demo with test persons; nothing here changes it."""
    folder = tmp_path_factory.mktemp("demo")
    world = World(
        f"sqlite:///{folder}/issuer.db",
        base_url=LOOPBACK,
        unsafe_plain_http=True,
        unsafe_test_sign_in=True,
    )
    yield world
    world.close()


def stand_in(demo: World) -> SignIn:
    found = make_sign_in(demo.parts)
    assert found is not None
    return found


def choose(demo: World, person: str | None, pending: PendingSignIn = DEMO) -> SignInAnswer:
    """Go to the page, fill in its form as a browser does, and come back."""
    page = demo.run(demo.client.get(demo.run(stand_in(demo).address(pending))))
    fields = {
        name: unescape(value)
        for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    }
    wish = {"decision": "sign_in", "person": person} if person else {"decision": "stop"}
    back = demo.run(demo.client.post("/test-sign-in", data={**fields, **wish}))
    return brought_back(back, pending)


def brought_back(back: httpx2.Response, pending: PendingSignIn) -> SignInAnswer:
    assert back.status_code == 303
    address, _, query = back.headers["location"].partition("?")
    assert address == pending.redirect_uri
    said = {name: values[0] for name, values in parse_qs(query).items()}
    return SignInAnswer(
        code=said.get("code", ""),
        error=said.get("error", ""),
        state=said["state"],
        issuer=said["iss"],
    )


def test_a_test_person_signs_in(demo: World) -> None:
    person = demo.run(stand_in(demo).identify(choose(demo, "1"), DEMO))
    assert person.name == "Pekka Testi Esimerkki"
    assert person.subject == f"{LOOPBACK}/test-sign-in 1"


def test_test_persons_are_nobody(demo: World) -> None:
    found = make_stand_in(demo.parts)
    assert found is not None
    for person in found.people():
        assert person.identity_code is not None
        assert hetu.fault(person.identity_code, birthdate=None) is None
        assert "Testi" in person.name


@pytest.mark.parametrize("person", [None, "7", "10", "x", "-1"])
def test_whoever_chooses_nobody_has_not_signed_in(demo: World, person: str | None) -> None:
    answer = choose(demo, person)
    assert answer.error == "access_denied"
    with pytest.raises(SignInDeclined):
        demo.run(stand_in(demo).identify(answer, DEMO))


def test_a_code_is_good_for_its_own_sign_in_only(demo: World) -> None:
    answer = choose(demo, "0")
    found = stand_in(demo)
    for other in (
        replace(DEMO, nonce="m" * 43),
        replace(DEMO, code_verifier="w" * 43),
        replace(DEMO, redirect_uri=f"{LOOPBACK}/mallimaa/sign-in"),
    ):
        with pytest.raises(SignInCodeRefused):
            demo.run(found.identify(answer, other))
    with pytest.raises(SignInStateMismatch):
        demo.run(found.identify(answer, replace(DEMO, state="t" * 43)))
    with pytest.raises(SignInIssuerMismatch):
        demo.run(found.identify(replace(answer, issuer=""), DEMO))
    place, made_at, mac = answer.code.split(".")
    for code in (f"1.{made_at}.{mac}", f"{place}.{int(made_at) + 9}.{mac}", "0", "..", "é"):
        with pytest.raises(SignInCodeRefused):
            demo.run(found.identify(replace(answer, code=code), DEMO))


def test_a_code_lives_for_a_minute(demo: World) -> None:
    answer = choose(demo, "0")
    demo.clock.advance(seconds=59)
    assert demo.run(stand_in(demo).identify(answer, DEMO)).name.startswith("Maija")
    demo.clock.advance(seconds=2)
    with pytest.raises(SignInTokenUnfit):
        demo.run(stand_in(demo).identify(answer, DEMO))


@pytest.mark.parametrize(
    "address", ["https://evil.example/", f"{DEMO_BACK}x", f"{LOOPBACK}/nobody/sign-in", ""]
)
def test_nobody_is_sent_elsewhere(demo: World, address: str) -> None:
    there = demo.run(stand_in(demo).address(replace(DEMO, redirect_uri=address)))
    assert demo.run(demo.client.get(there)).status_code == 404
    fields = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
    wish = {**fields, "decision": "sign_in", "person": "0"}
    assert demo.run(demo.client.post("/test-sign-in", data=wish)).status_code == 404


def test_the_page_says_that_nobody_is_identified(demo: World) -> None:
    there = demo.run(stand_in(demo).address(DEMO))
    for lang, words in (("fi", "ei tunnisteta"), ("sv", "identifieras"), ("en", "identified")):
        page = demo.run(demo.client.get(f"{there}&lang={lang}"))
        assert page.status_code == 200
        assert words in page.text
        assert f'<html lang="{lang}">' in page.text
        assert page.headers["cache-control"] == "no-store"
        assert "script" not in page.text
