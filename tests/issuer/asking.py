"""A wallet that asks for a card by itself, the browser of its person, and whom the issuer asks."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from cryptography.hazmat.primitives.serialization import Encoding

from credential_schemas.model import Lang
from issuer.parts.authorization import Outside
from issuer.ports.claims_source import Later, Nothing, Ready
from issuer.ports.proving import WalletStatusSource
from issuer.ports.sign_in import PendingSignIn, Person, SignInAnswer
from keys.checks import CheckFailed
from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.oauth.attesting import (
    AttestationClaims,
    make_attestation_pop,
    make_client_attestation,
)
from openid4vc.oauth.authorization import PushedRequest, pushed_request_form, read_pushed_response
from openid4vc.oauth.dpop import ProvedCall, make_dpop_proof
from openid4vc.oauth.pkce import code_challenge, make_code_verifier
from openid4vc.openid4vci.code_request import CodeRequest, code_request_form
from openid4vc.openid4vci.credential import read_credential_response, request_json
from openid4vc.openid4vci.notification import Event, Notification, notification_json
from openid4vc.openid4vci.token import refresh_request_form
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, MALLIMAA_TYPE, World, claims_of, demo_pki

LOGIN = "https://login.test/authorize"
REDIRECT = "http://127.0.0.1:43210/callback"
CLIENT_ID = "kykylompakko-test-wallet"
PROVIDER = "lompakontarjoaja-malli"
AINO = Person("https://login.test aino", "010190-999R", "Aino Esimerkki")
_HOURS = timedelta(hours=12)
COOKIE = "__Host-authorization"


@dataclass
class TestSignIn:
    """Says that whoever the test wants has signed in."""

    __test__ = False

    person: Person = AINO
    failure: CheckFailed | None = None
    asked: list[PendingSignIn] = field(default_factory=list)
    together: asyncio.Barrier | None = None

    async def address(self, pending: PendingSignIn) -> str:
        if self.failure is not None:
            raise self.failure
        self.asked.append(pending)
        if self.together is not None:
            await self.together.wait()
        return f"{LOGIN}?{urlencode({'state': pending.state})}"

    async def identify(self, answer: SignInAnswer, pending: PendingSignIn) -> Person:
        if self.failure is not None:
            raise self.failure
        assert (answer.code, answer.state) == ("signed-in", pending.state)
        return self.person


@dataclass
class TestSource:
    """Gives the claims that the test wants for whoever is asked about."""

    __test__ = False

    answer: Ready | Later | Nothing | CheckFailed = field(
        default_factory=lambda: Ready("client-4711", claims_of(MALLIMAA_TYPE))
    )
    types: frozenset[str] = frozenset({MALLIMAA_TYPE, "wellbeing_referral"})
    asked: list[tuple[str, str, Person, str, Lang]] = field(default_factory=list)
    together: asyncio.Barrier | None = None

    def serves(self, organisation: str, type_id: str) -> bool:
        return organisation == "mallimaa" and type_id in self.types

    async def fetch(
        self, organisation: str, type_id: str, person: Person, *, request_id: str, language: Lang
    ) -> Ready | Later | Nothing:
        self.asked.append((organisation, type_id, person, request_id, language))
        if self.together is not None:
            await self.together.wait()
        if isinstance(self.answer, CheckFailed):
            raise self.answer
        return self.answer


class AskingWorld(World):
    """An issuer that wallets can ask, and whom it asks."""

    def __init__(
        self,
        database: str,
        folder: Path,
        *,
        has_sign_in: bool = True,
        wallet_status: WalletStatusSource | None = None,
        **settings: Any,
    ) -> None:
        self.sign_in, self.source = TestSignIn(), TestSource()
        listed, operator = folder / "wallet-providers.jws", folder / "operator.pem"
        listed.write_text(demo_pki().wallet_providers_jws)
        operator.write_bytes(demo_pki().operator_anchor.public_bytes(Encoding.PEM))
        super().__init__(
            database,
            outside=Outside(self.sign_in if has_sign_in else None, self.source, wallet_status),
            wallet_providers=str(listed),
            trust_operator=operator,
            **settings,
        )


@dataclass
class Browser:
    """A browser with a jar of its own for one cookie; follows nothing by itself."""

    world: World
    cookie: str | None = None
    set_cookies: list[str] = field(default_factory=list)

    def open(self, address: str, *, data: Mapping[str, str] | None = None) -> httpx2.Response:
        headers = {} if self.cookie is None else {"Cookie": f"{COOKIE}={self.cookie}"}
        path = address.removeprefix(BASE)
        answer = (
            self.world.get(path, headers=headers)
            if data is None
            else self.world.post(path, headers=headers, data=dict(data))
        )
        self.world.client.cookies.clear()
        for line in answer.headers.get_list("set-cookie"):
            self.set_cookies.append(line)
            name, _, value = line.partition(";")[0].partition("=")
            assert name == COOKIE
            self.cookie = value
        return answer

    def sign_in(self, link: str) -> httpx2.Response:
        """From the wallet's link to the consent page."""
        sent = self.open(link)
        assert sent.status_code == 303, sent.text
        state = dict(parse_qsl(urlsplit(sent.headers["location"]).query))["state"]
        back = self.open(f"/mallimaa/sign-in?{urlencode({'code': 'signed-in', 'state': state})}")
        assert back.status_code == 303, back.text
        return self.open(back.headers["location"])

    def answer(self, page: httpx2.Response, decision: str = "approve") -> httpx2.Response:
        """Press one of the consent page's buttons."""
        form = {"csrf": token_in(page), "decision": decision}
        return self.open("/mallimaa/consent", data=form)


def token_in(page: httpx2.Response) -> str:
    """The form's token."""
    assert page.status_code == 200, page.text
    return page.text.partition('name="csrf" value="')[2].partition('"')[0]


def parameters(address: str) -> dict[str, str]:
    """What an address carries."""
    return dict(parse_qsl(urlsplit(address).query))


@dataclass
class AskingWallet:
    """One instance of a wallet product, with the keys that it proves."""

    world: World
    org: str = "mallimaa"
    instance: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    key: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    verifier: str = field(default_factory=lambda: make_code_verifier(b"v" * 32))
    client_id: str = CLIENT_ID
    nonce: str | None = None
    count: int = 0

    def __post_init__(self) -> None:
        self.holder = TinyWallet(self.world, org=self.org)

    @property
    def issuer(self) -> str:
        return f"{BASE}/{self.org}"

    def headers(self, path: str, token: str | None = None) -> dict[str, str]:
        """What it shows of itself at one call."""
        at, self.count = self.world.clock.now(), self.count + 1
        call = ProvedCall("POST", f"{self.issuer}/{path}", self.nonce, token)
        headers = {
            "DPoP": make_dpop_proof(call, signer=self.key, jti=f"{id(self)}-{self.count}", at=at)
        }
        if token is not None:
            return {**headers, "Authorization": f"DPoP {token}"}
        attested = AttestationClaims(
            client_id=self.client_id,
            instance_jwk=public_jwk(self.instance.public_key),
            lifetime=_HOURS,
            wallet_name="Testilompakko",
        )
        return {
            **headers,
            "OAuth-Client-Attestation": make_client_attestation(
                attested, signer=demo_pki().signer(PROVIDER, "wallet-attestation"), at=at
            ),
            "OAuth-Client-Attestation-PoP": make_attestation_pop(
                signer=self.instance, audience=self.issuer, jti=f"p{id(self)}-{self.count}", at=at
            ),
        }

    def post(self, path: str, token: str | None = None, **options: Any) -> httpx2.Response:
        """Call an endpoint; once more when it asks for a nonce."""
        answer = self._post(path, token, **options)
        if "use_dpop_nonce" in answer.text + answer.headers.get("www-authenticate", ""):
            answer = self._post(path, token, **options)
        return answer

    def _post(self, path: str, token: str | None, **options: Any) -> httpx2.Response:
        headers = self.headers(path, token)
        answer = self.world.post(f"/{self.org}/{path}", headers=headers, **options)
        self.nonce = answer.headers.get("dpop-nonce", self.nonce)
        return answer

    def request(self, **changes: Any) -> PushedRequest:
        wanted: dict[str, Any] = {
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "code_challenge": code_challenge(self.verifier),
            "state": "of-the-wallet",
            "scopes": frozenset({MALLIMAA_TYPE}),
        }
        return PushedRequest(**{**wanted, **changes})

    def push(self, **changes: Any) -> httpx2.Response:
        return self.post("par", data=pushed_request_form(self.request(**changes)))

    def link(self, **changes: Any) -> str:
        """Push; returns what the browser opens."""
        answer = self.push(**changes)
        assert answer.status_code == 201, answer.text
        request_uri = read_pushed_response(answer.json()).request_uri
        query = urlencode({"client_id": self.client_id, "request_uri": request_uri})
        return f"/{self.org}/authorize?{query}"

    def code(self, **changes: Any) -> str:
        """All the way to a code."""
        browser = Browser(self.world)
        page = browser.sign_in(self.link(**changes))
        sent = browser.answer(page)
        assert sent.status_code == 303, sent.text
        return parameters(sent.headers["location"])["code"]

    def redeem(self, code: str, **changes: Any) -> httpx2.Response:
        wanted: dict[str, Any] = {
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": self.verifier,
            "client_id": self.client_id,
        }
        form = code_request_form(CodeRequest(**{**wanted, **changes}))
        return self.post("token", data=form)

    def tokens(self, **changes: Any) -> dict[str, Any]:
        """All the way to tokens."""
        answer = self.redeem(self.code(**changes))
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert isinstance(told, dict)
        return told

    def refresh(self, refresh_token: str) -> httpx2.Response:
        return self.post("token", data=refresh_request_form(refresh_token))

    def ask_credential(self, token: str, **wanted: str) -> httpx2.Response:
        wanted = wanted or {"configuration_id": MALLIMAA_TYPE}
        body = request_json(proofs=[self.holder.proof()], **wanted)
        return self.post("credential", token, json=body)

    def credential(self, token: str) -> tuple[str, str]:
        """The card and the notification id."""
        answer = self.ask_credential(token)
        assert answer.status_code == 200, answer.text
        response = read_credential_response(answer.json())
        assert response.notification_id is not None
        return response.credentials[0], response.notification_id

    def accept(self, token: str, notification_id: str) -> None:
        body = notification_json(Notification(notification_id, Event.ACCEPTED))
        assert self.post("notification", token, json=body).status_code == 204

    def receive(self) -> tuple[str, dict[str, Any]]:
        """The whole way; returns the card and the tokens."""
        told = self.tokens()
        card, notification_id = self.credential(told["access_token"])
        self.accept(told["access_token"], notification_id)
        return card, told
