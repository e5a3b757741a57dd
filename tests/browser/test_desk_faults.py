"""What goes wrong at a desk, in a real browser: it is said, nothing is accepted or lost."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from demo.payloads import example_claims
from demo.people import Client, IssuingSystem
from demo.services import RunningServices
from tests.browser.desk import HEADINGS, ask, read_out, scan, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket, pytest.mark.timeout(300)]

ACCEPTED, UNSURE, REFUSED = HEADINGS["fi"]
OWN_WORDS = "Löytää työ, jossa"
NAME = "Mallikas"
PASSPHRASE = "a long passphrase"
PAGES = (
    *("ask/{}", "ask/{}/offline", "ask/{}/qr.svg", "ask/{}/qr.png", "ask/{}/challenge.svg"),
    *("ask/{}/events", "scan/{}", "code/{}", "identity/{}", "outcome/{}", "print/{}"),
    *("receipt/{}", "receipt/{}/qr.svg", "paper/{}"),
)
FORMS = (
    *("identity/{}", "close/{}", "copy/{}", "send/{}", "receipt/{}", "code/{}", "scan/{}"),
    *("paper/{}", "ask/{}/way", "left/{}", "here/{}"),
)
SKEWED = """
import sys
from datetime import timedelta
from wallet_sim import cli, edges
ahead, right = timedelta(minutes=float(sys.argv.pop(1))), edges.SystemClock.now
edges.SystemClock.now = lambda clock: right(clock) + ahead
cli.main()
"""


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServices]:
    """Status lists may be held for a second."""
    extra = {"KYKY_ISSUER_STATUS_TTL_SECONDS": "1"}
    with RunningServices(tmp_path_factory.mktemp("services"), extra=extra) as running:
        yield running


@pytest.fixture
def keeping(play: Playwright, needs_chromium: Path) -> Iterator[Browser]:
    """A browser that keeps pages for going back, which Playwright otherwise switches off."""
    chromium = play.chromium.launch(
        executable_path=str(needs_chromium),
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield chromium
    chromium.close()


@dataclass
class Wallet:
    """A client's wallet with two cards, and where it lies."""

    client: Client
    home: Path

    def by_another_clock(self, minutes: int, photo: str) -> tuple[int, dict[str, Any]]:
        """Answer a request with the telephone's clock wrong by so many minutes."""
        done = subprocess.run(
            [sys.executable, "-c", SKEWED, str(minutes), "--home", self.home, "--lang", "fi",
             "--json", "present", photo, "--approve"],
            env={**os.environ, "KYKY_WALLET_PASSPHRASE": PASSPHRASE},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )  # fmt: skip
        return done.returncode, cast(dict[str, Any], json.loads(done.stdout))


@pytest.fixture(scope="module")
def wallet(services: RunningServices, tmp_path_factory: pytest.TempPathFactory) -> Wallet:
    home = tmp_path_factory.mktemp("wallet") / "w"
    client = Client(home, services, PASSPHRASE)
    for org, type_id, payload in (
        ("itsearviointi", "self_assessment_result", "01_self_assessment_result"),
        ("mallimaa", "statement_feedback", "02_statement_feedback"),
    ):
        system = IssuingSystem(services, org, type_id)
        offer = system.offer(example_claims(payload, today=datetime.now(UTC).date()), pin=False)
        picture = home.parent / f"{payload}.png"
        picture.write_bytes(system.picture(offer["offer_id"]))
        client.json("receive", str(picture), "--approve")
    return Wallet(client, home)


def stored(services: RunningServices, what: str, **where: str) -> Any:
    """Read one thing of one verification, or of the newest, from the database."""
    condition = " and ".join(f"{name} = ?" for name in where) or "1"
    with sqlite3.connect(services.directory / "verifier.db", timeout=10) as database:
        (value,) = database.execute(
            f"select {what} from verifications where {condition} order by created_at desc limit 1",
            list(where.values()),
        ).fetchone()
    return value


def change(services: RunningServices, statement: str, *values: object) -> None:
    """Do in the database what only time would do."""
    with sqlite3.connect(services.directory / "verifier.db", timeout=10) as database:
        database.execute(statement, values)


def id_of(page: Page) -> str:
    return page.url.partition("?")[0].rsplit("/", 1)[1]


def token_of(page: Page) -> str:
    return str(page.locator("input[name=token]").first.get_attribute("value"))


def answered(page: Page, wallet: Wallet, tmp_path: Path, profile: str) -> dict[str, Any]:
    ask(page, profile)
    return wallet.client.json("present", scan(page, tmp_path), "--approve")


def to_identity(page: Page, wallet: Wallet, tmp_path: Path) -> None:
    read_out(page, answered(page, wallet, tmp_path, "te_initial_interview"))
    page.wait_for_url("**/desk/identity/*")


def compare(page: Page) -> None:
    page.locator("button[value=compared]").click()
    page.wait_for_url("**/desk/outcome/*")


def finds_nothing(page: Page, other: str, *values: str) -> None:
    """Open every page and send every form of another desk's verification."""
    base = page.url.partition("/desk")[0]
    token = token_of(page)
    replies = [page.request.get(f"{base}/desk/{path.format(other)}") for path in PAGES]
    fields: dict[str, str | float | bool] = {
        "token": token,
        "identity": "compared",
        "code": "123456",
        "paper": "in_order",
    }
    replies += [page.request.post(f"{base}/desk/{path.format(other)}", form=fields)
                for path in FORMS]  # fmt: skip
    for reply in replies:
        assert reply.status in {400, 403, 404, 409}, (reply.status, reply.url)
        assert not any(value in reply.text() for value in values), reply.url
    window = page.request.get(f"{base}/desk/customer/{other}")
    assert other not in window.url
    assert not any(value in window.text() for value in values)


# Several desks and windows ----------------------------------------------------------------------


@pytest.mark.req("DESK-05")
def test_two_desks_never_see_each_others_outcome(
    browser: Browser, services: RunningServices, wallet: Wallet, tmp_path: Path
) -> None:
    olli = services.staff("te_office", "olli.ohjaaja", "Olli Ohjaaja")
    one, two = sign_in(browser, services), sign_in(browser, services, person=olli)
    said_two = answered(two, wallet, tmp_path, "te_service_need")
    said_one = answered(one, wallet, tmp_path, "te_initial_interview")
    for page in (one, two):
        page.wait_for_url("**/desk/code/*", timeout=15_000)
    first, second = id_of(one), id_of(two)
    read_out(one, said_two)
    expect(one.get_by_role("alert")).to_be_visible()  # the other desk's code opens nothing here
    read_out(one, said_one)
    read_out(two, said_two)
    for page in (one, two):
        page.wait_for_url("**/desk/identity/*")
    finds_nothing(one, second, NAME)
    finds_nothing(two, first, NAME)
    compare(one)
    finds_nothing(two, first, NAME, OWN_WORDS)
    two.goto(one.url)
    expect(two.locator("h1")).to_have_text("Pyyntöä ei löydy")
    two.go_back()
    compare(two)
    theirs = two.locator("main").inner_text()
    assert "Rajoitukset ovat voimassa" in theirs
    assert OWN_WORDS not in theirs
    finds_nothing(one, second, NAME, "Rajoitukset")
    finds_nothing(two, first, NAME, OWN_WORDS)
    one.reload()
    assert OWN_WORDS in one.content(), "nothing that the other desk tried has changed this"
    assert "Rajoitukset ovat voimassa" not in one.content()


def test_a_person_with_two_windows_has_one_client_at_a_time(
    browser: Browser, services: RunningServices, wallet: Wallet, tmp_path: Path
) -> None:
    one = sign_in(browser, services)
    to_identity(one, wallet, tmp_path)
    first = id_of(one)
    two = one.context.new_page()
    two.goto(f"{services.verifier.url}/desk")
    expect(two.locator("main")).to_contain_text("Uusi pyyntö tyhjentää edellisen")
    ask(two, "te_service_need")
    assert stored(services, "state", id=first) == "closed"
    one.locator("button[value=compared]").click()
    expect(one.locator("h1")).to_have_text("Tätä ei voi enää tehdä")
    assert NAME not in one.content()
    read_out(two, wallet.client.json("present", scan(two, tmp_path), "--approve"))
    two.wait_for_url("**/desk/identity/*")
    compare(two)
    elsewhere = sign_in(browser, services)
    elsewhere.goto(two.url)
    assert NAME not in elsewhere.content(), "the same person at another computer"
    one.goto(f"{services.verifier.url}/desk/outcome/{first}")
    expect(one.get_by_role("status")).to_have_text("Tiedot on tyhjennetty.")
    two.reload()
    expect(two.locator("h1")).to_have_text(ACCEPTED)


# Services that go and come ----------------------------------------------------------------------


def test_a_verifier_that_restarts_in_the_middle_loses_nothing(
    browser: Browser, services: RunningServices, wallet: Wallet, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    ask(page)
    photo = scan(page, tmp_path)
    services.verifier.stop()
    try:
        refused = wallet.client.refusal("present", photo, "--approve")
        page.wait_for_timeout(4_000)  # the page asks meanwhile, and meets nobody
    finally:
        services.verifier.start()
    assert refused["error"] == "connection_lost"
    told = wallet.client.json("present", photo, "--approve")
    page.wait_for_url("**/desk/code/*", timeout=20_000)  # by itself
    read_out(page, told)
    page.wait_for_url("**/desk/identity/*")
    services.verifier.restart()
    page.reload()
    compare(page)
    expect(page.locator("h1")).to_have_text(ACCEPTED)
    assert OWN_WORDS in page.content()
    page.get_by_role("button", name="Tyhjennä ja sulje").click()
    page.wait_for_url("**/desk?cleared=1")


def test_a_gateway_that_answers_in_place_of_the_verifier(
    browser: Browser, services: RunningServices, wallet: Wallet, tmp_path: Path
) -> None:
    """A browser gives up following after such an answer; the page does not."""
    page = sign_in(browser, services)
    page.route("**/events", lambda route: route.fulfill(status=502, body="Bad gateway"))
    page.route("**/awake", lambda route: route.fulfill(status=502, body="Bad gateway"))
    ask(page)
    here = page.url
    told = wallet.client.json("present", scan(page, tmp_path), "--approve")
    page.wait_for_timeout(1_500)
    page.unroute("**/events")
    page.wait_for_url("**/desk/code/*", timeout=20_000)
    assert id_of(page) == here.rsplit("/", 1)[1]
    read_out(page, told)
    page.wait_for_url("**/desk/identity/*")


@pytest.mark.req("DESK-04")
def test_without_the_issuers_status_nothing_is_confirmed(
    browser: Browser, services: RunningServices, wallet: Wallet, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    ask(page)
    time.sleep(1.2)  # so long a list that was fetched before may be held
    services.issuer.stop()
    try:
        read_out(page, wallet.client.json("present", scan(page, tmp_path), "--approve"))
        page.wait_for_url("**/desk/outcome/*", timeout=20_000)
    finally:
        services.issuer.start()
    expect(page.locator("h1")).to_have_text(UNSURE)
    words = page.locator("main").inner_text()
    assert "Peruutustietoa ei voitu tarkistaa." in words
    assert "Myöntäjän peruutustietoa ei saatu haettua." in words
    assert page.locator("button[value=compared]").count() == 0
    assert stored(services, "outcome") == "cannot_confirm"
    page.get_by_role("button", name="Pyydä uudelleen").click()
    page.wait_for_url("**/desk/ask/*")
    read_out(page, wallet.client.json("present", scan(page, tmp_path), "--approve"))
    page.wait_for_url("**/desk/identity/*")


# Clocks and codes of another time ---------------------------------------------------------------


def test_a_wallet_whose_clock_is_ahead_is_told_apart(
    browser: Browser, services: RunningServices, wallet: Wallet, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    ask(page)
    ended, _ = wallet.by_another_clock(3, scan(page, tmp_path))
    assert ended == 0
    page.wait_for_url("**/desk/outcome/*", timeout=15_000)
    expect(page.locator("h1")).to_have_text(REFUSED)
    words = page.locator("main").inner_text()
    assert "Lompakon vastaus oli liian vanha tai sen kello on väärässä." in words
    assert "Pyydä asiakasta tarkistamaan puhelimen kellonaika." in words
    assert NAME not in page.content()
    assert stored(services, "code") == "kb_stale"


def test_a_wallet_whose_clock_is_behind_says_so_itself(
    browser: Browser, services: RunningServices, wallet: Wallet, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    ask(page)
    photo = scan(page, tmp_path)
    ended, said = wallet.by_another_clock(-3, photo)
    assert (ended, said["error"]) == (1, "request_from_future")
    assert "Tarkista laitteen kello" in said["message"]
    assert stored(services, "state") == "fetched", "nothing was shown"
    told = wallet.client.json("present", photo, "--approve")  # the clock has been put right
    read_out(page, told)
    page.wait_for_url("**/desk/identity/*")


def test_one_code_is_answered_once(
    browser: Browser, services: RunningServices, wallet: Wallet, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    ask(page)
    photo = scan(page, tmp_path)
    told = wallet.client.json("present", photo, "--approve")
    page.wait_for_url("**/desk/code/*", timeout=15_000)
    again = wallet.client.refusal("present", photo, "--approve")
    assert again["error"] == "request_gone"
    assert again["message"]
    read_out(page, told)
    page.wait_for_url("**/desk/identity/*")
    compare(page)
    expect(page.locator("h1")).to_have_text(ACCEPTED)


def test_yesterdays_code_shows_nothing(
    browser: Browser, services: RunningServices, wallet: Wallet, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    ask(page)
    photo, here = scan(page, tmp_path), id_of(page)
    # Late last night: after a whole day the row itself is swept away.
    night = 20 * 3_600 * (1_000_000 if stored(services, "created_at") > 10**12 else 1)
    page.goto("about:blank")
    change(
        services,
        "update verifications set created_at = created_at - ?, expires_at = expires_at - ?"
        " where id = ?",
        *(night, night, here),
    )
    change(services, "update askings set begun_at = begun_at - ?, until = until - ?", night, night)
    refused = wallet.client.refusal("present", photo, "--approve")
    assert refused["error"] == "request_gone"
    page.goto(f"{services.verifier.url}/desk/ask/{here}")
    expect(page.locator("h1")).to_have_text("Pyyntö päättyi ilman vastausta")
    expect(page.locator("main")).to_contain_text("Koodi ei ole enää voimassa. Mitään ei näytetty.")
    assert stored(services, "outcome", id=here) is None
    page.locator("form[action='/desk/start'] button").click()
    page.wait_for_url("**/desk/ask/*")
    assert id_of(page) != here


# Hands: back, twice, too late -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "leaves"),
    [(True, "close"), (False, "close"), (False, "lock"), (False, "next"), (False, "sign-out")],
)
def test_nothing_comes_back_by_the_back_button(
    keeping: Browser,
    services: RunningServices,
    wallet: Wallet,
    tmp_path: Path,
    *,
    script: bool,
    leaves: str,
) -> None:
    """In a browser that keeps whole pages for going back."""
    page = sign_in(keeping, services, java_script_enabled=script)
    told = answered(page, wallet, tmp_path, "te_initial_interview")
    read_out(page, told, script=script)
    page.wait_for_url("**/desk/identity/*")
    compare(page)
    page.get_by_role("button", name="Tulosta yhteenveto").click()
    page.wait_for_url("**/desk/print/*")
    assert OWN_WORDS in page.content()
    if leaves == "next":
        page.locator(".name a").click()
        ask(page, "te_service_need")
    else:
        button = {"close": "Tyhjennä ja sulje", "lock": "Lukitse", "sign-out": "Kirjaudu ulos"}
        page.get_by_role("button", name=button[leaves]).click()
        page.wait_for_url({"close": "**/desk?cleared=1", "lock": "**/desk/lock"}.get(leaves, "**"))
    for _ in range(5):
        page.go_back(wait_until="commit")
        page.wait_for_timeout(300)
        assert OWN_WORDS not in page.content(), page.url
        assert NAME not in page.content(), page.url


def test_a_page_that_the_browser_kept_asks_the_service_first(
    browser: Browser, services: RunningServices, wallet: Wallet, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    to_identity(page, wallet, tmp_path)
    compare(page)
    other = page.context.new_page()
    other.goto(page.url)
    base = services.verifier.url
    form: dict[str, str | float | bool] = {"token": token_of(other)}
    page.request.post(f"{base}/desk/close/{id_of(page)}", form=form)
    assert OWN_WORDS in page.content()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    assert not page.locator("main").is_visible(), "nothing is seen before the service has answered"
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    page.wait_for_url("**/desk?cleared=1")
    assert OWN_WORDS not in page.content()


def test_a_double_click_does_one_thing(
    browser: Browser, services: RunningServices, wallet: Wallet, tmp_path: Path
) -> None:
    page = sign_in(browser, services)
    before = stored(services, "count(*)")
    page.locator("button[value=te_initial_interview]").dblclick()
    page.wait_for_url("**/desk/ask/*")
    page.wait_for_timeout(500)
    assert stored(services, "count(*)") == before + 1
    told = wallet.client.json("present", scan(page, tmp_path), "--approve")
    page.wait_for_url("**/desk/code/*", timeout=15_000)
    page.locator("#code").fill(told["confirmation_code"])
    page.get_by_role("button", name="Tarkista koodi").dblclick()
    page.wait_for_url("**/desk/identity/*")
    page.locator("button[value=compared]").dblclick()
    page.wait_for_url("**/desk/outcome/*")
    expect(page.locator("h1")).to_have_text(ACCEPTED)
    page.get_by_role("button", name="Tyhjennä ja sulje").dblclick()
    page.wait_for_url("**/desk?cleared=1")
    page.wait_for_timeout(500)
    expect(page.get_by_role("status")).to_have_text("Tiedot on tyhjennetty.")
    ask(page)
    page.get_by_role("button", name="Keskeytä").dblclick()
    page.wait_for_url("**/desk?cleared=1")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_sign_in_that_ended_meanwhile_shows_and_accepts_nothing(
    browser: Browser, services: RunningServices, wallet: Wallet, tmp_path: Path, *, script: bool
) -> None:
    page = sign_in(browser, services, java_script_enabled=script)
    told = answered(page, wallet, tmp_path, "te_initial_interview")
    read_out(page, told, script=script)
    page.wait_for_url("**/desk/identity/*")
    here = page.url
    change(services, "update desk_sessions set expires_at = 1")
    page.locator("button[value=compared]").click()
    page.wait_for_url("**/desk/sign-in?ended=1")
    expect(page.get_by_role("status")).to_contain_text("Kirjaudu uudelleen")
    assert NAME not in page.content()
    assert stored(services, "outcome", id=here.rsplit("/", 1)[1]) is None
    person = services.staff("te_office")
    page.locator("#name").fill(person.name)
    page.locator("#password").fill(person.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")
    page.goto(here)
    assert NAME not in page.content(), "only the session that asked had the key"
    assert page.locator("button[value=compared]").count() == 0
    page.goto(f"{services.verifier.url}/desk")
    ask(page)


def test_a_waiting_page_leads_to_signing_in_when_that_ended(
    browser: Browser, services: RunningServices
) -> None:
    page = sign_in(browser, services)
    ask(page)
    change(services, "update desk_sessions set expires_at = 1")
    services.verifier.restart()  # the stream ends, and is not opened again
    page.wait_for_url("**/desk/sign-in?ended=1", timeout=20_000)
