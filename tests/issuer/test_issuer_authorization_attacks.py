"""What an attacker tries between a wallet's request and its code, and what comes of it."""

import asyncio
import json
import logging
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest

from issuer.parts.lives import make_sweep_expired
from issuer.ports.sign_in import Person
from issuer.web.requests import JsonLines
from tests.issuer.asking import (
    AINO,
    COOKIE,
    REDIRECT,
    AskingWallet,
    AskingWorld,
    Browser,
    parameters,
    token_in,
)
from tests.issuer.world import MALLIMAA_TYPE

PAGES = "/mallimaa"


def state_of(world: AskingWorld) -> list[str]:
    """States of every authorization."""
    return [str(row[4]) for row in world.dump()["authorizations"]]


def refusals(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Codes of what people were refused."""
    records = [record for record in caplog.records if record.name == "issuer.failures"]
    return [record.getMessage().removeprefix("failed: ") for record in records]


@pytest.fixture(autouse=True)
def all_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


# --- The pushed request -------------------------------------------------------------------------


@pytest.mark.req("VCI-40", "HAIP-02")
def test_only_attested_wallets_push(asked: AskingWorld, asking: AskingWallet) -> None:
    form = {"client_id": asking.client_id, "response_type": "code"}

    answer = asked.post("/mallimaa/par", data=form)

    assert answer.status_code in {400, 401}
    assert answer.json()["error"] in {"invalid_client", "invalid_client_attestation"}


@pytest.mark.req("VCI-40")
def test_a_request_counts_once(
    asked: AskingWorld, asking: AskingWallet, caplog: pytest.LogCaptureFixture
) -> None:
    link = asking.link()
    assert Browser(asked).open(link).status_code == 303
    later = Browser(asked)

    page = later.open(link)

    assert page.status_code == 400
    assert (later.cookie, "location" in page.headers) == (None, False)
    assert refusals(caplog) == ["request_uri_unknown"]


@pytest.mark.req("VCI-40")
def test_of_two_browsers_at_once_one_begins(asked: AskingWorld, asking: AskingWallet) -> None:
    link = asking.link()
    asked.sign_in.together = asyncio.Barrier(2)

    answers = asked.all_at_once([partial(asked.client.get, link)] * 2)

    assert sorted(answer.status_code for answer in answers) == [303, 400]


def test_of_two_answers_at_once_one_makes_an_offer(
    asked: AskingWorld, asking: AskingWallet
) -> None:
    browser = Browser(asked)
    form = {"csrf": token_in(browser.sign_in(asking.link())), "decision": "approve"}
    headers = {"Cookie": f"{COOKIE}={browser.cookie}"}
    asked.source.together = asyncio.Barrier(2)

    answers = asked.all_at_once(
        [partial(asked.client.post, "/mallimaa/consent", data=form, headers=headers)] * 2
    )

    assert len({answer.headers["location"] for answer in answers}) == 1
    assert len(asked.dump()["offers"]) == 1


@pytest.mark.req("VCI-40")
@pytest.mark.parametrize("fault", ["another wallet", "another organisation", "too late", "guessed"])
def test_a_request_is_for_one_wallet_one_organisation_and_one_minute(
    asked: AskingWorld, asking: AskingWallet, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    link = asking.link()
    if fault == "another wallet":
        wrong = link.replace(asking.client_id, "another-wallet")
    elif fault == "another organisation":
        wrong = link.replace("/mallimaa/", "/kela/")
    elif fault == "too late":
        asked.clock.advance(seconds=60)
        wrong = link
    else:
        wrong = f"{link[:-3]}xxx"

    page = Browser(asked).open(wrong)

    assert page.status_code == 400
    assert page.headers["content-type"].startswith("text/html")
    assert state_of(asked) == ["pushed"]
    assert refusals(caplog) == ["request_uri_unknown"]


@pytest.mark.req("VCI-40", "HAIP-01")
def test_what_was_not_pushed_is_not_begun(
    asked: AskingWorld, asking: AskingWallet, caplog: pytest.LogCaptureFixture
) -> None:
    query = {
        "client_id": asking.client_id,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": MALLIMAA_TYPE,
    }

    page = Browser(asked).open(f"/mallimaa/authorize?{urlencode(query)}")

    assert (page.status_code, "location" in page.headers) == (400, False)
    assert refusals(caplog) == ["pushed_request_missing"]


@pytest.mark.req("VCI-40")
def test_nobody_is_sent_anywhere_but_to_the_pushed_address(
    asked: AskingWorld, asking: AskingWallet
) -> None:
    browser = Browser(asked)
    evil = urlencode({"redirect_uri": "https://evil.example/", "state": "evil"})
    page = browser.sign_in(f"{asking.link()}&{evil}")
    form = {"csrf": token_in(page), "decision": "approve", "redirect_uri": "https://evil.example/"}

    sent = browser.open("/mallimaa/consent", data=form)

    assert sent.headers["location"].startswith(f"{REDIRECT}?")
    assert parameters(sent.headers["location"])["state"] == "of-the-wallet"


@pytest.mark.req("VCI-40")
@pytest.mark.parametrize(
    "redirect_uri",
    ["javascript:alert(1)", "data:text/html,x", "http://wallet.example/cb", "https://a@b.example/"],
)
def test_addresses_that_could_be_anybodys_are_refused(
    asking: AskingWallet, redirect_uri: str
) -> None:
    answer = asking.push(redirect_uri=redirect_uri)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "redirect_uri_not_allowed" in answer.json()["error_description"]


@pytest.mark.req("VCI-41")
@pytest.mark.parametrize("method", ["plain", ""])
def test_no_weaker_code_challenge(asking: AskingWallet, method: str) -> None:
    form = {
        "response_type": "code",
        "client_id": asking.client_id,
        "redirect_uri": REDIRECT,
        "scope": MALLIMAA_TYPE,
        "code_challenge": "v" * 43,
        "code_challenge_method": method,
    }

    answer = asking.post("par", data=form)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.req("DPOP-07")
def test_a_request_names_the_key_that_it_is_proved_with(asking: AskingWallet) -> None:
    answer = asking.push(dpop_jkt="x" * 43)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    assert "proof_of_other_key" in answer.json()["error_description"]


@pytest.mark.req("VCI-25", "VCI-26")
def test_an_injected_issuer_state_means_nothing(asked: AskingWorld, asking: AskingWallet) -> None:
    offer_id = asked.offer()["offer_id"]
    browser = Browser(asked)

    sent = browser.open(asking.link(issuer_state=offer_id))

    # Somebody still has to sign in and to agree, and gets what is theirs.
    assert sent.headers["location"].startswith("https://login.test/")
    assert browser.open("/mallimaa/consent").status_code == 400
    asking.receive()
    assert {one[2] for one in asked.source.asked} == {AINO}
    assert asked.offer_state(offer_id)["state"] == "offered"


# --- The browser --------------------------------------------------------------------------------


@pytest.mark.req("HAIP-01")
def test_no_script_and_no_other_site_has_the_cookie(
    asked: AskingWorld, asking: AskingWallet
) -> None:
    browser = Browser(asked)

    browser.sign_in(asking.link())

    for line in browser.set_cookies:
        flags = {part.strip().lower() for part in line.split(";")[1:]}
        assert {"httponly", "secure", "samesite=lax", "path=/"} <= flags
        assert not any(flag.startswith("domain") for flag in flags)
        assert line.startswith("__Host-")


@pytest.mark.req("HAIP-01")
def test_the_cookie_changes_when_somebody_signs_in(
    asked: AskingWorld, asking: AskingWallet
) -> None:
    browser, planted = Browser(asked), Browser(asked)
    state = parameters(browser.open(asking.link()).headers["location"])["state"]
    planted.cookie = browser.cookie

    back = browser.open(f"{PAGES}/sign-in?code=signed-in&state={state}")

    assert back.headers["location"] == "/mallimaa/consent"
    assert browser.cookie != planted.cookie
    assert planted.open("/mallimaa/consent").status_code == 400
    assert browser.open("/mallimaa/consent").status_code == 200


@pytest.mark.req("HAIP-01")
@pytest.mark.parametrize("fault", ["no browser", "another browser", "another state", "no state"])
def test_a_sign_in_counts_in_the_browser_that_began_it(
    asked: AskingWorld, asking: AskingWallet, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    browser, other = Browser(asked), Browser(asked)
    state = parameters(browser.open(asking.link()).headers["location"])["state"]
    theirs = parameters(other.open(AskingWallet(asked).link()).headers["location"])["state"]
    victim = {"no browser": Browser(asked), "another browser": other}.get(fault, browser)
    given = {"another state": theirs, "no state": ""}.get(fault, state)

    page = victim.open(f"{PAGES}/sign-in?code=signed-in&state={given}")

    assert page.status_code == 400
    assert state_of(asked) == ["signing_in", "signing_in"]
    assert refusals(caplog) == [
        "browser_unknown" if fault == "no browser" else "sign_in_state_mismatch"
    ]


def test_a_service_without_a_provider_takes_no_sign_in(
    asked: AskingWorld,
    asking: AskingWallet,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    browser = Browser(asked)
    state = parameters(browser.open(asking.link()).headers["location"])["state"]
    other = AskingWorld(asked.settings.database, tmp_path, has_sign_in=False)

    page = Browser(other, cookie=browser.cookie).open(f"{PAGES}/sign-in?code=x&state={state}")

    assert page.status_code == 400
    assert refusals(caplog) == ["sign_in_missing"]
    other.close()


@pytest.mark.req("HAIP-01")
def test_nothing_is_asked_before_somebody_signed_in(
    asked: AskingWorld, asking: AskingWallet, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser(asked)
    browser.open(asking.link())

    assert browser.open("/mallimaa/consent").status_code == 400
    assert browser.open("/mallimaa/consent", data={"decision": "approve"}).status_code == 400
    assert asked.source.asked == []
    assert set(refusals(caplog)) == {"browser_unknown"}


@pytest.mark.req("HAIP-01")
@pytest.mark.parametrize("fault", ["none", "guessed", "of another browser", "no cookie"])
def test_no_other_site_can_agree(
    asked: AskingWorld, asking: AskingWallet, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    browser, attacker = Browser(asked), Browser(asked)
    page = browser.sign_in(asking.link())
    theirs = token_in(attacker.sign_in(AskingWallet(asked).link()))
    forged = {"none": "", "guessed": "0" * 64, "of another browser": theirs}
    form = {"csrf": forged.get(fault, token_in(page)), "decision": "approve"}
    sender = Browser(asked) if fault == "no cookie" else browser

    answer = sender.open("/mallimaa/consent", data=form)

    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert asked.source.asked == []
    assert browser.answer(page).status_code == 303
    assert refusals(caplog) == ["browser_unknown" if fault == "no cookie" else "form_forged"]


@pytest.mark.req("HAIP-01")
def test_another_organisations_pages_know_nothing_of_it(
    asked: AskingWorld, asking: AskingWallet, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser(asked)
    page = browser.sign_in(asking.link())

    assert browser.open("/kela/consent").status_code == 400
    form = {"csrf": token_in(page), "decision": "approve"}
    assert browser.open("/kela/consent", data=form).status_code == 400
    assert set(refusals(caplog)) == {"browser_unknown"}


def test_a_person_has_a_quarter_of_an_hour(
    asked: AskingWorld, asking: AskingWallet, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser(asked)
    page = browser.sign_in(asking.link())
    asked.clock.advance(minutes=15)

    assert browser.open("/mallimaa/consent").status_code == 400
    assert browser.answer(page).status_code == 400
    assert refusals(caplog) == ["browser_unknown", "browser_unknown"]


@pytest.mark.req("HAIP-01")
def test_pages_are_framed_and_kept_by_nobody(asked: AskingWorld, asking: AskingWallet) -> None:
    page = Browser(asked).sign_in(asking.link())

    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:43210;" in policy
    assert page.headers["cache-control"] == "no-store"
    for path in ("authorize", "sign-in", "consent"):
        read = asked.get(f"/mallimaa/{path}", headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in read.headers


# --- What stays behind --------------------------------------------------------------------------


def test_no_secret_and_no_person_is_kept_or_logged(
    asked: AskingWorld, asking: AskingWallet, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    asked.sign_in.person = Person("https://login.test aino", "010190-999R", "Aino Unohtumaton")
    browser = Browser(asked)
    link = asking.link()
    sent = browser.open(link)
    first = browser.cookie
    state = parameters(sent.headers["location"])["state"]
    back = browser.open(f"{PAGES}/sign-in?code=signed-in&state={state}")
    page = browser.open(back.headers["location"])
    code = parameters(browser.answer(page).headers["location"])["code"]
    told = asking.redeem(code).json()
    kept = repr(asked.dump())
    ours = [record for record in caplog.records if record.name.startswith("issuer")]
    logged = "\n".join(JsonLines().format(record) for record in ours)
    assert "/{org}/consent" in logged
    secrets = [
        parameters(link)["request_uri"].rpartition(":")[2],
        first,
        browser.cookie,
        state,
        token_in(page),
        code,
        told["access_token"],
        told["refresh_token"].partition("~")[2],
        "010190-999R",
        "Unohtumaton",
    ]

    for secret in secrets:
        assert secret
        assert secret not in kept
        assert secret not in logged
    addresses = [sent.headers["location"], back.headers["location"]]
    assert not any("Unohtumaton" in address for address in addresses)


def test_what_has_run_out_is_swept_away(asked: AskingWorld, asking: AskingWallet) -> None:
    browser = Browser(asked)
    browser.sign_in(asking.link())
    asking.link()
    asked.clock.advance(minutes=16)

    asked.run(make_sweep_expired(asked.parts)())

    assert asked.dump()["authorizations"] == []


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_people_read_why_it_is_over(asked: AskingWorld, language: str) -> None:
    page = asked.get(f"/mallimaa/authorize?lang={language}")

    assert page.headers["content-language"] == language
    assert page.headers["content-type"].startswith("text/html")
    assert json.dumps("error") not in page.text
