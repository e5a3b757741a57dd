"""People sign in at the issuer through a real, certified OpenID Connect provider."""

import asyncio
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from demo.services import free_port
from issuer.adapters.sign_in.provider import IdentityCodeRule, ProviderSignIn
from issuer.ports.sign_in import PendingSignIn, Person, SignInAnswer
from issuer.usecases.sign_in_failures import (
    SignInCodeRefused,
    SignInDeclined,
    SignInTokenUnfit,
)
from keys.fetch import Fetcher
from service_kit.oidc.model import Registration
from service_kit.system import SystemClock
from tests.interop.oidc_provider import SECRET, Provider, provider_for
from tools.node import Node

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]
BACK = "http://127.0.0.1:8001/kela/sign-in"
PENDING = PendingSignIn(state="s" * 43, nonce="n" * 43, code_verifier="v" * 43, redirect_uri=BACK)


@pytest.fixture
def provider(needs_node: Node) -> Iterator[Provider]:
    with provider_for(needs_node, BACK, BACK, free_port()) as running:
        yield running


def sign_in_at(provider: Provider, *levels: str) -> ProviderSignIn:
    return ProviderSignIn(
        http=Fetcher(allow_loopback_http=True),
        registration=Registration(
            issuer=provider.issuer, client_id="desk/malli", client_secret=SECRET, levels=levels
        ),
        identity_code=IdentityCodeRule(claim="urn:oid:1.2.246.21", allow_real=False),
        clock=SystemClock(),
    )


def come_back(sign_in: ProviderSignIn) -> SignInAnswer:
    """Go there as a browser does, and stop before the way back."""
    address = asyncio.run(sign_in.address(PENDING))
    with httpx2.Client(trust_env=False) as browser:
        while not address.startswith(BACK):
            address = str(httpx2.URL(address).join(browser.get(address).headers["location"]))
    said = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    return SignInAnswer(
        code=said.get("code", ""),
        error=said.get("error", ""),
        state=said["state"],
        issuer=said["iss"],
    )


def identify(sign_in: ProviderSignIn, answer: SignInAnswer) -> Person:
    return asyncio.run(sign_in.identify(answer, PENDING))


def test_a_person_signs_in_once_for_each_code(provider: Provider) -> None:
    provider.seat("maija")
    sign_in = sign_in_at(provider, "loa3")
    answer = come_back(sign_in)
    person = identify(sign_in, answer)
    assert person == Person(f"{provider.issuer} maija", "120488-9123", "Maija Testi Mallikas")
    with pytest.raises(SignInCodeRefused):
        identify(sign_in, answer)


def test_who_declines_and_who_is_not_known_well_enough(provider: Provider) -> None:
    sign_in = sign_in_at(provider)
    provider.seat("vieras")
    with pytest.raises(SignInTokenUnfit, match="no personal identity code"):
        identify(sign_in, come_back(sign_in))
    provider.seat("nobody")
    with pytest.raises(SignInDeclined):
        identify(sign_in, come_back(sign_in))
