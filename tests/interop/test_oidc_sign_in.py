"""Staff sign in at the desk through a real, certified OpenID Connect provider."""

import json
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from demo.services import RunningServices, free_port
from tests.interop.oidc_provider import Provider, running_provider, settings_for
from tools.node import Node

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def provider_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, provider_port: int) -> Iterator[RunningServices]:
    with RunningServices(
        tmp_path_factory.mktemp("services"), extra=settings_for(provider_port)
    ) as running:
        yield running


@pytest.fixture
def provider(needs_node: Node, desk: RunningServices, provider_port: int) -> Iterator[Provider]:
    with running_provider(needs_node, desk, provider_port) as running:
        yield running


@pytest.fixture
def browser(desk: RunningServices) -> Iterator[httpx2.Client]:
    with httpx2.Client(
        base_url=desk.verifier.url,
        follow_redirects=True,
        trust_env=False,
        headers={"Accept-Language": "fi"},
    ) as client:
        yield client


def h1(page: httpx2.Response) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    assert found is not None
    return unescape(found.group(1)).strip()


def onward(page: httpx2.Response) -> str:
    """Where a page moves on to by itself."""
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page.text)
    assert found is not None, page.text
    return unescape(found.group(1))


def sign_in(browser: httpx2.Client) -> httpx2.Response:
    """Go there and back as a browser does, script or not."""
    return browser.get(onward(browser.get("/desk/sign-in/provider")))


def test_a_person_signs_in_and_out(
    desk: RunningServices, provider: Provider, browser: httpx2.Client
) -> None:
    provider.seat("liisa")
    assert "Kirjaudu organisaation tunnuksilla" in browser.get("/desk/sign-in").text
    page = sign_in(browser)
    assert page.url.path == "/desk"
    assert "Liisa Virkailija" in page.text
    listed = [json.loads(line) for line in _staff(desk)]
    (liisa,) = [one for one in listed if one["display"] == "Liisa Virkailija"]
    assert liisa["roles"] == ["te_office"]
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token is not None
    out = browser.post("/desk/sign-out", data={"token": token.group(1)})
    there = onward(out)
    assert there.startswith(provider.issuer)
    asked = httpx2.get(there, trust_env=False)
    assert asked.status_code == 200  # it knows the token and the way back, and asks the person
    assert "end_session" in there or "session/end" in there
    assert browser.get("/desk").url.path == "/desk/sign-in"


def test_signing_in_again_is_the_same_person(
    desk: RunningServices, provider: Provider, browser: httpx2.Client
) -> None:
    provider.seat("liisa")
    assert sign_in(browser).url.path == "/desk"
    assert sign_in(browser).url.path == "/desk"
    named = [json.loads(line)["display"] for line in _staff(desk)]
    assert named.count("Liisa Virkailija") == 1


@pytest.mark.parametrize("who", ["pekka", "vieras", "nelli"])
def test_nobody_gets_in_without_a_role_that_the_organisation_holds(
    provider: Provider, browser: httpx2.Client, who: str
) -> None:
    provider.seat(who)  # no mapped role, no roles at all, a role of another organisation
    page = sign_in(browser)
    assert page.status_code == 403
    assert h1(page) == "Sinulla ei ole tehtävää tällä tiskillä"
    assert browser.get("/desk").url.path == "/desk/sign-in"


def test_whoever_declines_there_is_told_so(provider: Provider, browser: httpx2.Client) -> None:
    provider.seat("nobody")
    page = sign_in(browser)
    assert page.status_code == 401
    assert h1(page) == "Kirjautuminen jäi kesken"


def test_an_answer_is_taken_once_and_in_its_own_browser(
    desk: RunningServices, provider: Provider, browser: httpx2.Client
) -> None:
    provider.seat("liisa")
    answer = onward(browser.get("/desk/sign-in/provider"))
    with httpx2.Client(base_url=desk.verifier.url, trust_env=False) as thief:
        assert thief.get(answer).status_code == 401
    cookie = browser.cookies.get("kyky_provider")
    assert browser.get(answer).url.path == "/desk"
    assert browser.get(answer).status_code == 401  # the cookie is gone
    browser.cookies.set("kyky_provider", cookie or "")
    again = browser.get(answer)
    assert again.status_code == 401  # and so is the code
    assert h1(again) == "Kirjautuminen ei onnistunut"


def test_what_is_asked_of_the_provider(
    desk: RunningServices, provider: Provider, browser: httpx2.Client
) -> None:
    provider.seat("liisa")
    reply = browser.get("/desk/sign-in/provider", follow_redirects=False)
    asked = {
        name: one for name, (one,) in parse_qs(urlsplit(reply.headers["location"]).query).items()
    }
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["prompt"] == "login"
    assert {len(asked[name]) for name in ("state", "nonce", "code_challenge")} == {43}
    assert asked["redirect_uri"] == f"{desk.verifier.url}/desk/sign-in/callback"
    again = browser.get("/desk/sign-in/provider", follow_redirects=False)
    other = parse_qs(urlsplit(again.headers["location"]).query)
    assert {
        name for name in ("state", "nonce", "code_challenge") if other[name] == [asked[name]]
    } == set()


def test_an_answer_to_nothing_is_refused(browser: httpx2.Client) -> None:
    page = browser.get("/desk/sign-in/finish?state=x&code=y")
    assert page.status_code == 401
    assert h1(page) == "Kirjautuminen ei onnistunut"


def _staff(desk: RunningServices) -> list[str]:
    return desk.run("kyky-verifier", "--json", "staff", "list").splitlines()
