"""Everything that an attacker sends an authorization server, each with the exact answer.

What belongs to one step alone is tried beside it: `test_issuer_authorization_attacks`, `_codes`,
`_refresh`, `_races`, and `test_issuer_proving_*`.
"""

import dataclasses
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from issuer.adapters.sql.offers import SqlOffers
from issuer.model import Offer
from issuer.ports.after import Closing
from keys.software_signer import SoftwareSigner
from openid4vc.oauth.authorization import pushed_request_form
from openid4vc.oauth.dpop import ProvedCall, make_dpop_proof
from openid4vc.sd_jwt.parse import parse
from tests.issuer.asking import REDIRECT, AskingWallet, AskingWorld, Browser, parameters, token_in
from tests.issuer.proving import refusal
from tests.issuer.world import BASE, MALLIMAA_TYPE

Form = dict[str, str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AskingWorld]:
    """One issuer for all who leave no trace that another test would see."""
    folder = tmp_path_factory.mktemp("hostile")
    made = AskingWorld(f"sqlite:///{folder}/issuer.db", folder)
    yield made
    made.close()


@pytest.fixture
def wallet(world: AskingWorld) -> AskingWallet:
    return AskingWallet(world)


@pytest.fixture(autouse=True)
def all_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def refused(caplog: pytest.LogCaptureFixture) -> str:
    """The code of what the person was refused last."""
    records = [record for record in caplog.records if record.name == "issuer.failures"]
    return records[-1].getMessage().removeprefix("failed: ")


# --- Codes --------------------------------------------------------------------------------------


@pytest.mark.req("VCI-43")
def test_a_second_use_counts_as_one_however_early_it_began(
    asked: AskingWorld, asking: AskingWallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What it read before it waited for the first use says that there was none.
    code = asking.code()
    told = asking.redeem(code).json()
    by_code = SqlOffers.by_code

    def earlier(self: SqlOffers, organisation: str, code_mac: bytes) -> Offer | None:
        found = by_code(self, organisation, code_mac)
        return None if found is None else dataclasses.replace(found, attempts=0)

    monkeypatch.setattr(SqlOffers, "by_code", earlier)

    assert refusal(asking.redeem(code)) == (400, "invalid_grant", "code_used_before")
    assert asking.refresh(told["refresh_token"]).json()["error"] == "invalid_grant"
    assert [row[4] for row in asked.dump()["authorizations"]] == ["over"]


@pytest.mark.req("VCI-28", "VCI-43")
def test_a_code_is_injected_into_another_wallets_answer(
    world: AskingWorld, wallet: AskingWallet
) -> None:
    # The victim's browser brings the attacker's wallet's code to the victim's wallet: RFC 9700 4.5
    attacker = AskingWallet(world)
    code = attacker.code()

    answer = wallet.redeem(code)

    assert refusal(answer) == (400, "invalid_grant", "code_of_other_instance")
    assert refusal(attacker.redeem(code)) == (400, "invalid_grant", "code_used_before")


@pytest.mark.req("VCI-41", "VCI-43")
def test_a_code_is_injected_into_another_request_of_the_same_wallet(
    world: AskingWorld, wallet: AskingWallet
) -> None:
    # A stolen code in the same device's next answer: only the code verifier tells them apart.
    later = dataclasses.replace(wallet, verifier="w" * 43)

    answer = later.redeem(wallet.code())

    assert refusal(answer) == (400, "invalid_grant", "code_verifier_wrong")


@pytest.mark.req("VCI-41")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code_verifier": ""}, "code_verifier_missing"),
        ({"code_verifier": "v" * 42}, "code_verifier_wrong"),
        ({"code_verifier": "v" * 129}, "code_verifier_wrong"),
    ],
)
def test_the_verifier_cannot_be_left_out_or_guessed(
    wallet: AskingWallet, change: dict[str, Any], code: str
) -> None:
    assert refusal(wallet.redeem(wallet.code(), **change)) == (400, "invalid_grant", code)


@pytest.mark.req("VCI-41")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code_challenge_method": "plain"}, "code_challenge_method_not_taken"),
        ({"code_challenge_method": "s256"}, "code_challenge_method_not_taken"),
        ({"code_challenge_method": ""}, "code_challenge_method_not_taken"),
        ({"code_challenge": ""}, "code_challenge_missing"),
        ({"code_challenge": "v" * 42}, "code_challenge_missing"),
    ],
)
def test_no_downgrade_of_the_challenge(wallet: AskingWallet, change: Form, code: str) -> None:
    form = {**pushed_request_form(wallet.request()), **change}

    assert refusal(wallet.post("par", data=form)) == (400, "invalid_request", code)


# --- One organisation's things at another's endpoints -------------------------------------------


@pytest.mark.req("VCI-43", "VCI-28")
def test_another_organisation_takes_neither_code_nor_tokens(
    world: AskingWorld, wallet: AskingWallet
) -> None:
    elsewhere = dataclasses.replace(wallet, org="kela")
    code = wallet.code()
    assert refusal(elsewhere.redeem(code)) == (400, "invalid_grant", "code_refused")
    told = wallet.redeem(code).json()

    assert refusal(elsewhere.refresh(told["refresh_token"])) == (
        400,
        "invalid_grant",
        "refresh_refused",
    )
    for path in ("credential", "deferred-credential", "notification"):
        answer = elsewhere.post(path, told["access_token"], json={})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    # Nothing of it was used up.
    wallet.credential(told["access_token"])


@pytest.mark.req("ABCA-05", "DPOP-03")
@pytest.mark.parametrize(
    ("of_kela", "error", "code"),
    [
        (
            "OAuth-Client-Attestation-PoP",
            "invalid_client_attestation",
            "attestation_proof_for_other_server",
        ),
        ("DPoP", "invalid_dpop_proof", "dpop_for_other_request"),
    ],
)
def test_proofs_for_another_organisation_prove_nothing_here(
    world: AskingWorld, wallet: AskingWallet, of_kela: str, error: str, code: str
) -> None:
    wallet.push()  # for a nonce
    ours, theirs = wallet.headers("par"), dataclasses.replace(wallet, org="kela").headers("par")

    answer = world.post(
        "/mallimaa/par",
        data=pushed_request_form(wallet.request()),
        headers={**ours, of_kela: theirs[of_kela]},
    )

    assert refusal(answer) == (400, error, code)


@pytest.mark.req("VCI-28", "VCI-43", "DPOP-02")
def test_tokens_of_one_kind_are_none_of_another(wallet: AskingWallet) -> None:
    code = wallet.code()
    assert wallet.refresh(code).json()["error"] == "invalid_grant"
    told = wallet.redeem(code).json()

    for taken in (told["refresh_token"], told["access_token"]):
        assert refusal(wallet.redeem(taken)) == (400, "invalid_grant", "code_refused")
    assert wallet.refresh(told["access_token"]).json()["error"] == "invalid_grant"
    answer = wallet.post("credential", told["refresh_token"], json={})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


@pytest.mark.req("DPOP-03", "DPOP-08")
@pytest.mark.parametrize("path", ["credential", "deferred-credential", "notification"])
def test_a_token_of_the_code_flow_is_nothing_without_its_key(
    world: AskingWorld, wallet: AskingWallet, path: str
) -> None:
    token = wallet.tokens()["access_token"]
    thief = dataclasses.replace(wallet, key=SoftwareSigner.generate())

    answer = thief.post(path, token, json={})

    assert refusal(answer) == (401, "invalid_token", "token_of_another_key")
    bearer = {"Authorization": f"Bearer {token}"}
    answer = world.post(f"/mallimaa/{path}", json={}, headers=bearer)
    assert refusal(answer) == (401, "invalid_token", "token_bound_to_key")


@pytest.mark.req("DPOP-03")
def test_a_proof_for_one_token_does_not_do_for_another(
    world: AskingWorld, wallet: AskingWallet
) -> None:
    mine, other = wallet.tokens()["access_token"], wallet.tokens()["access_token"]
    call = ProvedCall("POST", f"{wallet.issuer}/credential", wallet.nonce, other)
    proof = make_dpop_proof(call, signer=wallet.key, jti="one", at=world.clock.now())

    answer = world.post(
        "/mallimaa/credential", json={}, headers={"Authorization": f"DPoP {mine}", "DPoP": proof}
    )

    assert refusal(answer) == (401, "invalid_dpop_proof", "dpop_for_other_token")


# --- Parameters twice, too long, or of no known character ---------------------------------------


@pytest.mark.req("VCI-40", "VCI-43")
@pytest.mark.parametrize("path", ["par", "token"])
@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "code", "grant_type", "unknown"])
def test_no_parameter_comes_twice(
    world: AskingWorld, wallet: AskingWallet, path: str, name: str
) -> None:
    form = {
        **pushed_request_form(wallet.request()),
        "grant_type": "authorization_code",
        "code": "x",
        "unknown": "x",
    }
    body = f"{urlencode(form)}&{urlencode({name: 'https://evil.example/'})}"
    headers = {**wallet.headers(path), "Content-Type": "application/x-www-form-urlencoded"}

    answer = world.post(f"/mallimaa/{path}", content=body, headers=headers)

    assert refusal(answer) == (400, "invalid_request", "parameter_repeated")


@pytest.mark.req("VCI-40")
def test_a_link_with_a_parameter_twice_begins_nothing(
    world: AskingWorld, wallet: AskingWallet, caplog: pytest.LogCaptureFixture
) -> None:
    link = wallet.link()

    page = Browser(world).open(f"{link}&client_id=another-wallet")

    assert (page.status_code, refused(caplog)) == (400, "authorization_request_malformed")
    assert Browser(world).open(link).status_code == 303


@pytest.mark.req("HAIP-01")
@pytest.mark.parametrize("name", ["state", "code", "iss", "error"])
def test_an_answer_of_the_sign_in_with_a_parameter_twice_is_none(
    world: AskingWorld, wallet: AskingWallet, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    browser = Browser(world)
    state = parameters(browser.open(wallet.link()).headers["location"])["state"]
    right = {"state": state, "code": "signed-in"}
    twice = urlencode([(name, "injected"), *right.items(), (name, right.get(name, ""))])

    page = browser.open(f"/mallimaa/sign-in?{twice}")

    assert (page.status_code, refused(caplog)) == (400, "parameter_repeated")
    assert browser.open(f"/mallimaa/sign-in?{urlencode(right)}").status_code == 303


LONG, ODD = "x" * 5_000, "\u0000\u202e\ud7ff\U0001f4a5%00\r\nSet-Cookie: a=b"


@pytest.mark.req("VCI-40", "VCI-43")
@pytest.mark.parametrize("value", [LONG, ODD], ids=["long", "odd"])
@pytest.mark.parametrize(
    "name",
    [
        *("client_id", "redirect_uri", "scope", "state", "code_challenge", "issuer_state"),
        *("authorization_details", "dpop_jkt", "response_type", "response_mode"),
    ],
)
def test_no_pushed_request_upsets_the_server(wallet: AskingWallet, name: str, value: str) -> None:
    form = {**pushed_request_form(wallet.request()), name: value}

    answer = wallet.post("par", data=form)

    assert answer.status_code in {400, 401}, answer.text
    assert value not in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.req("VCI-43")
@pytest.mark.parametrize("value", [LONG, ODD], ids=["long", "odd"])
@pytest.mark.parametrize(
    "name",
    ["client_id", "redirect_uri", "code", "code_verifier", "refresh_token", "grant_type"],
)
def test_no_token_request_upsets_the_server(wallet: AskingWallet, name: str, value: str) -> None:
    grant = "refresh_token" if name == "refresh_token" else "authorization_code"
    form = {"grant_type": grant, "code": "c", "redirect_uri": REDIRECT, "code_verifier": "v" * 43}

    answer = wallet.post("token", data={**form, name: value})

    assert answer.status_code in {400, 401}, answer.text
    assert value not in answer.text


@pytest.mark.req("HAIP-01")
@pytest.mark.parametrize("value", [LONG, ODD], ids=["long", "odd"])
def test_no_browser_upsets_the_server(
    world: AskingWorld, wallet: AskingWallet, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser(world)
    page = browser.sign_in(wallet.link())
    query = {"request_uri": value, "client_id": value, "code": value, "state": value, "iss": value}
    query = {**query, "error": value, "lang": value}

    for path in ("authorize", "sign-in", "consent"):
        answer = Browser(world).open(f"/mallimaa/{path}?{urlencode(query)}")
        assert answer.status_code == 400
        assert value not in answer.text
    answer = browser.open("/mallimaa/consent", data={"csrf": value, "decision": "approve"})
    assert (answer.status_code, refused(caplog)) == (400, "form_forged")
    assert Browser(world, cookie="x" * 4_000).open("/mallimaa/consent").status_code == 400
    assert browser.answer(page).status_code == 303


# --- What the browser gives away ----------------------------------------------------------------


@pytest.mark.req("HAIP-01")
def test_nothing_on_the_way_is_kept_framed_or_told_to_the_next_site(
    world: AskingWorld, wallet: AskingWallet
) -> None:
    browser = Browser(world)
    sent = browser.open(wallet.link())
    state = parameters(sent.headers["location"])["state"]
    back = browser.open(f"/mallimaa/sign-in?code=signed-in&state={state}")
    page = browser.open("/mallimaa/consent")
    left = browser.answer(page)
    over = browser.open("/mallimaa/authorize?request_uri=x")

    for answer in (sent, back, page, left, over):
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    for answer in (back, page, over):
        assert state not in answer.text + answer.headers.get("location", "")


@pytest.mark.req("HAIP-01", "VCI-40")
@pytest.mark.parametrize(
    "redirect_uri",
    [
        *("https://user:secret@wallet.example/cb", "https://wallet.example\\@evil.example/"),
        *("https://wället.example/cb", "https://evil%2eexample/cb", "https://*/cb"),
        *("https://wallet.example;sandbox/cb", "https://a.example,b.example/cb"),
        *("http://127.0.0.1.evil.example/", "http://127.1/", "http://[::ffff:127.0.0.1]/"),
        *("wallet:/cb", "JavaScript:alert(1)", "data:text/html,x", "//evil.example/cb"),
        *("https://wallet.example/cb#x", "https://wallet.example/cb?%63ode=x"),
        "https://wallet.example/\r\nSet-Cookie: a=b",
    ],
)
def test_no_open_redirect(wallet: AskingWallet, redirect_uri: str) -> None:
    answer = wallet.push(redirect_uri=redirect_uri)

    assert refusal(answer) == (400, "invalid_request", "redirect_uri_not_allowed")


def _another_address(wallet: AskingWallet, code: str) -> httpx2.Response:
    return wallet.redeem(code, redirect_uri=f"{REDIRECT}/")


def _none(wallet: AskingWallet, code: str) -> httpx2.Response:
    return wallet.redeem(code, redirect_uri=None)


def _as_written_otherwise(wallet: AskingWallet, code: str) -> httpx2.Response:
    return wallet.redeem(code, redirect_uri=REDIRECT.replace("callback", "%63allback"))


@pytest.mark.req("VCI-43")
@pytest.mark.parametrize("redeem", [_another_address, _none, _as_written_otherwise])
def test_a_code_goes_with_the_address_that_it_went_to_letter_by_letter(
    wallet: AskingWallet, redeem: Callable[[AskingWallet, str], httpx2.Response]
) -> None:
    answer = redeem(wallet, wallet.code())

    assert refusal(answer) == (400, "invalid_grant", "code_redirect_differs")


@pytest.mark.req("VCI-42")
def test_every_answer_names_the_organisation_that_was_asked(
    world: AskingWorld, wallet: AskingWallet
) -> None:
    # Against mix-up (RFC 9207): with a code, and with each error.
    browser = Browser(world)
    given = browser.answer(browser.sign_in(wallet.link()))
    browser = Browser(world)
    declined = browser.answer(browser.sign_in(wallet.link()), "decline")

    for answer in (given, declined):
        assert parameters(answer.headers["location"])["iss"] == f"{BASE}/mallimaa"
        assert parameters(answer.headers["location"])["state"] == "of-the-wallet"


@pytest.mark.req("HAIP-01")
def test_a_form_is_one_browsers_one_persons_and_one_requests(
    asked: AskingWorld, asking: AskingWallet, caplog: pytest.LogCaptureFixture
) -> None:
    # Who shares the browser and begins anew cannot send the form of before.
    browser = Browser(asked)
    before = browser.sign_in(asking.link())
    browser.sign_in(asking.link())

    answer = browser.answer(before)

    assert (answer.status_code, refused(caplog)) == (400, "form_forged")
    assert asked.source.asked == []
    assert token_in(before)


@pytest.mark.req("VCI-26")
@pytest.mark.parametrize("issuer_state", ["of-another-offer", "../../kela", "x" * 1_024])
def test_an_issuer_state_spares_nobody_the_sign_in(
    asked: AskingWorld, asking: AskingWallet, issuer_state: str
) -> None:
    sent = Browser(asked).open(asking.link(issuer_state=issuer_state))

    assert sent.headers["location"].startswith("https://login.test/")
    assert issuer_state not in sent.headers["location"]
    (row,) = asked.dump()["authorizations"]
    assert row[2] == MALLIMAA_TYPE
    assert issuer_state not in repr(row)


# --- What ends while somebody is on the way -----------------------------------------------------


def closed(world: AskingWorld) -> None:
    """Let the organisation be closed, and nothing else of it be ended yet."""
    now = world.clock.now()
    closing = Closing("mallimaa", closed_at=now, lists_until=now + timedelta(days=365))
    world.run(world.parts.store.write(lambda records: records.closings.add(closing)))


@pytest.mark.req("VCI-40")
def test_a_closed_organisation_is_not_asked(asked: AskingWorld, asking: AskingWallet) -> None:
    closed(asked)

    assert refusal(asking.push()) == (400, "invalid_scope", "nothing_asked_for")


def test_an_organisation_that_closes_while_somebody_reads_gives_no_code(
    asked: AskingWorld, asking: AskingWallet, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser(asked)
    page = browser.sign_in(asking.link())
    closed(asked)

    answer = browser.answer(page)

    assert (answer.status_code, refused(caplog)) == (503, "organisation_closed")
    assert asked.dump()["offers"] == []


def test_a_closed_organisation_renews_nothing(asked: AskingWorld, asking: AskingWallet) -> None:
    card, told = asking.receive()
    end = parse(card).claims["exp"]
    assert isinstance(end, int)
    asked.clock.advance(seconds=end - asked.clock.now().timestamp() - 86_400)
    closed(asked)

    answer = asking.refresh(told["refresh_token"])

    assert refusal(answer) == (400, "invalid_grant", "refresh_refused")


@pytest.mark.req("VCI-43")
def test_a_code_of_what_has_ended_gives_nothing(asked: AskingWorld, asking: AskingWallet) -> None:
    code = asking.code()
    (row,) = asked.dump()["authorizations"]
    asked.run(asked.parts.store.write(lambda records: records.authorizations.end(str(row[0]))))

    assert refusal(asking.redeem(code)) == (400, "invalid_grant", "code_refused")
    assert asked.dump()["grants"] == []
