"""An identity provider that lies, forgets or falls over: nobody gets in by it."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, KeySet, RSAKey

from keys.checks import CheckFailed, FetchFailed
from keys.fetch import Reply
from tests.verifier.world import HandClock
from verifier.adapters.oidc import Client, OidcProvider
from verifier.usecases.staff_failures import (
    ProviderCodeRefused,
    ProviderDeclined,
    ProviderIssuerMismatch,
    ProviderTokenForged,
    ProviderTokenUnfit,
    ProviderUnavailable,
)
from verifier.usecases.staff_model import Pending, ProviderAnswer, ProviderPerson

ISSUER = "https://sso.example/kunta"
CLIENT = Client(
    issuer=ISSUER,
    client_id="desk",
    client_secret="not so secret here",
    redirect_uri="https://desk.test/desk/sign-in/callback",
    after_sign_out="https://desk.test/desk/sign-in",
    role_claim="roles",
)
PENDING = Pending(state="s" * 43, nonce="n" * 43, code_verifier="v" * 43)
ANSWER = ProviderAnswer(state=PENDING.state, code="the-code", issuer=ISSUER)
KEY = ECKey.generate_key("P-256", {"kid": "one", "alg": "ES256", "use": "sig"})


@dataclass
class Sso:
    """A provider in memory; tests bend what it says."""

    clock: HandClock
    metadata: dict[str, object] = field(default_factory=dict)
    claims: dict[str, object] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    header: dict[str, object] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: KEY)
    published: list[Any] = field(default_factory=lambda: [KEY])
    token_status: int = 200
    raw: dict[str, bytes] = field(default_factory=dict)
    id_token: str | None = None
    unreachable: bool = False
    asked: list[tuple[str, Mapping[str, str], Mapping[str, str]]] = field(default_factory=list)

    async def get(self, url: str, *, accept: str, max_bytes: int | None = None) -> Reply:
        assert accept == "application/json"
        assert max_bytes
        self.asked.append((url, {}, {}))
        if self.unreachable:
            raise FetchFailed("timeout")
        if url == f"{ISSUER}/.well-known/openid-configuration":
            return self.reply("metadata", self.said())
        assert url == f"{ISSUER}/jwks"
        return self.reply("jwks", KeySet(self.published).as_dict(private=False))

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
        self.asked.append((url, form or {}, headers or {}))
        if self.unreachable:
            raise FetchFailed("timeout")
        token = {"access_token": "at", "token_type": "Bearer", "id_token": self.token()}
        return replace(self.reply("token", token), status=self.token_status)

    def said(self) -> dict[str, object]:
        return {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
            "end_session_endpoint": f"{ISSUER}/end?x=1",
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }

    def token(self) -> str:
        if self.id_token is not None:
            return self.id_token
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "sub": "liisa",
            "aud": "desk",
            "iat": now,
            "exp": now + 300,
            "auth_time": now - 5,
            "nonce": PENDING.nonce,
            "name": "Liisa  Virkailija",
            "roles": ["TE-desk", 7],
            **self.claims,
        }
        kept = {name: value for name, value in claims.items() if name not in self.without}
        header = {"alg": "ES256", "kid": "one", **self.header}
        text: str = jws.serialize_compact(
            header, json.dumps(kept), self.key, algorithms=[str(header["alg"])]
        )
        return text

    def reply(self, name: str, value: object) -> Reply:
        body = self.raw.get(name, json.dumps(value).encode())
        return Reply(200, "application/json", {}, body)


@pytest.fixture
def sso() -> Sso:
    return Sso(HandClock())


def identify(sso: Sso, answer: ProviderAnswer = ANSWER) -> ProviderPerson:
    provider = OidcProvider(http=sso, client=CLIENT, clock=sso.clock)
    return asyncio.run(provider.identify(answer, PENDING))


def test_a_good_answer_names_the_person(sso: Sso) -> None:
    person = identify(sso)
    assert person.subject == f"{ISSUER} liisa"
    assert person.display_name == "Liisa Virkailija"
    assert person.role_values == {"TE-desk"}
    (_, form, headers) = next(one for one in sso.asked if one[0].endswith("/token"))
    assert form == {
        "grant_type": "authorization_code",
        "redirect_uri": CLIENT.redirect_uri,
        "code": "the-code",
        "code_verifier": PENDING.code_verifier,
    }
    shown = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
    assert shown == "desk:not+so+secret+here"


def test_a_secret_in_the_body_when_that_is_all_it_takes(sso: Sso) -> None:
    sso.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    identify(sso)
    (_, form, headers) = next(one for one in sso.asked if one[0].endswith("/token"))
    assert form["client_secret"] == CLIENT.client_secret
    assert "Authorization" not in headers


@pytest.mark.parametrize("role", ["TE-desk", ["TE-desk"]])
def test_one_role_may_stand_alone(sso: Sso, role: object) -> None:
    sso.claims["roles"] = role
    assert identify(sso).role_values == {"TE-desk"}


@pytest.mark.parametrize("roles", [None, 7, {"TE-desk": True}, [["TE-desk"]]])
def test_what_is_no_role_gives_none(sso: Sso, roles: object) -> None:
    sso.claims["roles"] = roles
    assert identify(sso).role_values == frozenset()


def test_a_name_is_found_somewhere(sso: Sso) -> None:
    sso.claims.update(name=" ", preferred_username="liisa.v")
    assert identify(sso).display_name == "liisa.v"
    sso.without = ("name", "preferred_username")
    assert identify(sso).display_name == "liisa"


# The answer ----------------------------------------------------------------------------------


@pytest.mark.parametrize("issuer", ["", "https://sso.example", f"{ISSUER}/"])
def test_another_providers_answer_is_refused(sso: Sso, issuer: str) -> None:
    with pytest.raises(ProviderIssuerMismatch):
        identify(sso, replace(ANSWER, issuer=issuer))
    assert not [one for one in sso.asked if one[0].endswith("/token")], "the code went nowhere"


def test_a_provider_that_does_not_name_itself_beside_the_code(sso: Sso) -> None:
    sso.metadata["authorization_response_iss_parameter_supported"] = False
    assert identify(sso, replace(ANSWER, issuer="")).display_name
    with pytest.raises(ProviderIssuerMismatch):
        identify(sso, replace(ANSWER, issuer="https://evil.example"))


@pytest.mark.parametrize(
    "answer", [replace(ANSWER, error="access_denied"), replace(ANSWER, code="")]
)
def test_nobody_signed_in(sso: Sso, answer: ProviderAnswer) -> None:
    with pytest.raises(ProviderDeclined):
        identify(sso, answer)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_code_that_is_not_taken(sso: Sso, status: int) -> None:
    sso.token_status = status
    with pytest.raises(ProviderCodeRefused):
        identify(sso)


@pytest.mark.parametrize(
    "body", [b"{}", b'{"id_token": 1, "access_token": "x"}', b'{"id_token": "x"}']
)
def test_an_answer_without_tokens(sso: Sso, body: bytes) -> None:
    sso.raw["token"] = body
    with pytest.raises(ProviderCodeRefused):
        identify(sso)


# The token -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-desk"},
        {"aud": ["desk", "another-desk"]},
        {"aud": ["desk", "another-desk"], "azp": "desk"},
        {"aud": []},
        {"azp": "another-desk"},
        {"nonce": "m" * 43},
        {"nonce": ""},
        {"exp": 1},
        {"exp": "soon"},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"auth_time": 1},
        {"auth_time": "now"},
        {"auth_time": None},
        {"sub": ""},
        {"sub": 7},
        {"at_hash": "AAAA"},
    ],
)
def test_a_token_for_somebody_else_or_another_time(sso: Sso, claims: dict[str, object]) -> None:
    sso.claims.update(claims)
    with pytest.raises(ProviderTokenUnfit):
        identify(sso)


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "iat", "nonce", "auth_time"])
def test_a_token_that_leaves_out_what_counts(sso: Sso, name: str) -> None:
    sso.without = (name,)
    with pytest.raises(ProviderTokenUnfit):
        identify(sso)


def test_a_sign_in_of_six_minutes_ago_is_no_sign_in_now(sso: Sso) -> None:
    now = int(sso.clock.now().timestamp())
    sso.claims["auth_time"] = now - 5 * 60
    assert identify(sso).display_name
    sso.claims["auth_time"] = now - 6 * 60 - 1
    with pytest.raises(ProviderTokenUnfit):
        identify(sso)


def test_a_token_of_another_key(sso: Sso) -> None:
    sso.key = ECKey.generate_key("P-256", {"kid": "one"})
    with pytest.raises(ProviderTokenForged):
        identify(sso)


def test_a_changed_token(sso: Sso) -> None:
    head, body, signature = sso.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    other = base64.urlsafe_b64encode(json.dumps({**claims, "sub": "pekka"}).encode())
    sso.id_token = ".".join([head, other.decode().rstrip("="), signature])
    with pytest.raises(ProviderTokenForged):
        identify(sso)


def test_an_unsigned_token(sso: Sso) -> None:
    _, body, _ = sso.token().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    sso.id_token = f"{head}.{body}."
    with pytest.raises(ProviderTokenForged):
        identify(sso)


@pytest.mark.parametrize("secret", [CLIENT.client_secret.encode(), KEY.as_pem(private=False)])
def test_a_token_signed_with_what_is_no_secret_to_us(sso: Sso, secret: bytes) -> None:
    _, body, _ = sso.token().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').decode().rstrip("=")
    signature = hmac.digest(secret, f"{head}.{body}".encode(), hashlib.sha256)
    sso.id_token = f"{head}.{body}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
    shared = {
        "kty": "oct",
        "kid": "one",
        "k": base64.urlsafe_b64encode(secret).decode().rstrip("="),
    }
    with pytest.raises(ProviderTokenForged):
        identify(sso)
    sso.raw["jwks"] = json.dumps({"keys": [shared]}).encode()
    with pytest.raises((ProviderTokenForged, ProviderUnavailable)):
        identify(sso)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "e30.e30.", "x" * 40_000, "é.é.é"])
def test_what_is_no_token(sso: Sso, text: str) -> None:
    sso.id_token = text
    with pytest.raises(ProviderTokenForged):
        identify(sso)


def test_a_payload_that_is_no_object_or_says_a_thing_twice(sso: Sso) -> None:
    for payload in (b"[]", b'"x"', b"\xff", b'{"sub":"a","sub":"b"}'):
        sso.id_token = jws.serialize_compact({"alg": "ES256", "kid": "one"}, payload, KEY)
        with pytest.raises(ProviderTokenForged):
            identify(sso)


def test_a_providers_new_key_is_fetched_and_a_stranger_fetches_once(sso: Sso) -> None:
    provider = OidcProvider(http=sso, client=CLIENT, clock=sso.clock)
    asyncio.run(provider.identify(ANSWER, PENDING))
    new = ECKey.generate_key("P-256", {"kid": "two", "alg": "ES256"})
    sso.key, sso.published, sso.header = new, [KEY, new], {"kid": "two"}
    asyncio.run(provider.identify(ANSWER, PENDING))
    asyncio.run(provider.identify(ANSWER, PENDING))
    assert len([one for one in sso.asked if one[0].endswith("/jwks")]) == 2


def test_rsa_is_taken_too(sso: Sso) -> None:
    key = RSAKey.generate_key(2048, {"kid": "r", "alg": "RS256"})
    sso.key, sso.published, sso.header = key, [KEY, key], {"kid": "r", "alg": "RS256"}
    assert identify(sso).display_name


# The provider --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://sso.example"},
        {"token_endpoint": None},
        {"token_endpoint": "javascript:alert(1)"},
        {"jwks_uri": 7},
    ],
)
def test_a_provider_that_does_not_describe_itself(sso: Sso, metadata: dict[str, object]) -> None:
    sso.metadata.update(metadata)
    with pytest.raises(ProviderUnavailable):
        identify(sso)


@pytest.mark.parametrize("name", ["metadata", "token", "jwks"])
@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"issuer":"a","issuer":"b"}'])
def test_a_provider_that_answers_nonsense(sso: Sso, name: str, body: bytes) -> None:
    sso.raw[name] = body
    with pytest.raises((ProviderUnavailable, ProviderCodeRefused, ProviderTokenForged)):
        identify(sso)


def test_a_provider_that_is_down(sso: Sso) -> None:
    sso.unreachable = True
    with pytest.raises(ProviderUnavailable):
        identify(sso)
    provider = OidcProvider(http=sso, client=CLIENT, clock=sso.clock)
    with pytest.raises(ProviderUnavailable):
        asyncio.run(provider.address(PENDING))
    assert asyncio.run(provider.sign_out_address("x")) is None
    sso.unreachable, sso.token_status = False, 503
    with pytest.raises(ProviderUnavailable):
        identify(sso)


def test_nobody_is_sent_away_in_the_clear(sso: Sso) -> None:
    sso.metadata["authorization_endpoint"] = "http://sso.example/authorize"
    provider = OidcProvider(http=sso, client=CLIENT, clock=sso.clock)
    with pytest.raises(ProviderUnavailable):
        asyncio.run(provider.address(PENDING))


def test_the_way_there_and_the_way_out(sso: Sso) -> None:
    provider = OidcProvider(http=sso, client=CLIENT, clock=sso.clock)
    asked = parse_qs(urlsplit(asyncio.run(provider.address(PENDING))).query)
    digest = hashlib.sha256(PENDING.code_verifier.encode()).digest()
    assert asked["code_challenge"] == [base64.urlsafe_b64encode(digest).decode().rstrip("=")]
    assert asked["nonce"] == [PENDING.nonce]
    assert asked["max_age"] == ["300"]
    out = asyncio.run(provider.sign_out_address("the-token"))
    assert out is not None
    assert parse_qs(urlsplit(out).query) == {
        "x": ["1"],
        "id_token_hint": ["the-token"],
        "client_id": ["desk"],
        "post_logout_redirect_uri": [CLIENT.after_sign_out],
    }
    sso.metadata["end_session_endpoint"] = None
    sso.clock.advance(hours=1)  # what the provider says of itself is read again
    assert asyncio.run(provider.sign_out_address("the-token")) is None


def test_no_failure_tells_the_token_or_the_secret(sso: Sso) -> None:
    sso.claims["nonce"] = "m" * 43
    with pytest.raises(CheckFailed) as caught:
        identify(sso)
    told = f"{caught.value!r} {caught.value} {CLIENT!r} {PENDING!r} {ANSWER!r}"
    for secret in (CLIENT.client_secret, PENDING.nonce, "m" * 43, "the-code", "liisa"):
        assert secret not in told
