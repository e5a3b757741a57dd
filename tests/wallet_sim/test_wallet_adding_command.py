"""``kyky-wallet add`` and ``renew`` at a terminal, with a browser that comes back, or does not."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import pytest

from openid4vc.oauth.authorization import REQUEST_URI_PREFIX
from openid4vc.openid4vci.offer import CredentialOffer, link_by_value
from tests.wallet_sim.signing_in import REDIRECT, AddingWorld
from tests.wallet_sim.terminal import Terminal
from tests.wallet_sim.world import ISSUER, json_answer
from wallet_sim.adding.loopback import Awaits, ClosingPage
from wallet_sim.adding_failures import SignInNotFinished

TYPE = "self_assessment_result"


class Browser:
    """The person's browser and the way back from it, without a network."""

    def __init__(self, world: AddingWorld, page: ClosingPage) -> None:
        self.world, self.page = world, page
        self.comes: Callable[[str], str | None] = lambda url: url
        self.is_open = False

    def __enter__(self) -> Self:
        self.is_open = True
        return self

    def __exit__(self, *_problem: object) -> None:
        self.is_open = False

    @property
    def redirect_uri(self) -> str:
        return REDIRECT

    def wait(self, awaits: Awaits, *, seconds: float) -> str:
        assert self.is_open
        assert seconds == 600
        issuer = self.world.issuer
        query = {
            "client_id": self.world.provider.client_id,
            "request_uri": f"{REQUEST_URI_PREFIX}{len(issuer.pushed)}",
        }
        url = self.comes(issuer.browse(f"{ISSUER}/authorize?{urlencode(query)}"))
        if url is None:
            raise SignInNotFinished
        assert awaits(url)
        assert not awaits(f"{REDIRECT}?code=stolen&state=another")
        return url


class AddingTerminal(Terminal):
    """A person with a browser beside the terminal."""

    def __init__(self, folder: Path) -> None:
        self.adding = AddingWorld()
        super().__init__(folder, self.adding)
        self.browsers: list[Browser] = []
        self.comes: Callable[[str], str | None] = lambda url: url

        def open_door(page: ClosingPage) -> Browser:
            browser = Browser(self.adding, page)
            browser.comes = self.comes
            self.browsers.append(browser)
            return browser

        self.around = replace(self.around, open_door=open_door)
        self.init()

    def objects(self, *args: str, code: int = 0) -> list[dict[str, Any]]:
        """Everything that is printed with ``--json``."""
        text = self.run("--json", *args, code=code).stdout
        reader, found = json.JSONDecoder(), []
        while text.strip():
            one, end = reader.raw_decode(text.lstrip())
            found.append(one)
            text = text.lstrip()[end:]
        return found


@pytest.fixture
def at(tmp_path: Path) -> Iterator[AddingTerminal]:
    terminal = AddingTerminal(tmp_path)
    yield terminal
    assert not any(browser.is_open for browser in terminal.browsers)


def only_one_type(at: AddingTerminal) -> None:
    whole = at.adding.issuer.metadata()
    configurations = whole["credential_configurations_supported"]
    assert isinstance(configurations, dict)
    one = {**whole, "credential_configurations_supported": {TYPE: configurations[TYPE]}}
    at.adding.issuer.metadata = lambda: one  # type: ignore[method-assign]  # one card alone


def test_adding_in_conversation(at: AddingTerminal) -> None:
    only_one_type(at)
    page = at.page("add", ISSUER, typed="k\nk\n")
    order = [
        "Mallimaan itsearviointipalvelu (TESTI) voi lisätä lompakkoosi kortin: Itsearvioinnin",
        "Myöntäjän osoite on itsearviointi.example.",
        "Nimi on myöntäjän oma ilmoitus.",
        "Siirrytäänkö tunnistautumaan? Kirjoita k tai e",
        "Avaa tämä osoite selaimessa tällä koneella. Se vie sivulle itsearviointi.example.",
        f"{ISSUER}/authorize?client_id=",
        "Lompakko odottaa sinua enintään 10 minuuttia.",
        "Tulit takaisin selaimesta. Lompakko hakee kortin.",
        "Kortti on aito",
        "Tallennetaanko kortti lompakkoon?",
        "Kortti on tallessa",
    ]
    places = [page.index(text) for text in order]
    assert places == sorted(places)
    assert at.adding.issuer.events == ["credential_accepted"]
    (browser,) = at.browsers
    assert browser.page == ClosingPage(
        "fi", "Palaa lompakkoon", "Voit sulkea tämän sivun. Lompakko jatkaa siitä, mihin jäit."
    )


def test_the_person_chooses_among_several_cards(at: AddingTerminal) -> None:
    typed = at.json("add", ISSUER, code=1)
    assert typed["error"] == "type_not_chosen"
    names = sorted(at.adding.issuer.catalogue.types)
    offered = at.page("add", ISSUER, typed="99\nx\n\n", code=1)
    number = next(n for n in range(1, len(names) + 1) if f" {n} Itsearvioinnin tulos" in offered)
    page = at.page("--lang", "en", "add", ISSUER, typed=f"{number}\ny\ny\n")
    assert "Which card do you want?" in page
    assert "The card is saved" in page
    assert at.json("add", ISSUER, "--type", "no_such_card", code=1)["error"] == "type_not_there"


def test_adding_in_json_prints_the_link_first(at: AddingTerminal) -> None:
    first, last = at.objects("add", ISSUER, "--type", TYPE, "--approve")
    assert str(first["link"]).startswith(f"{ISSUER}/authorize?")
    assert last["outcome"] == "received"
    assert [card["type"] for card in at.json("list")["cards"]] == [TYPE]
    (unasked,) = at.objects("add", ISSUER, "--type", TYPE)
    assert (unasked["outcome"], unasked["cards"]) == ("not_fetched", [])


@pytest.mark.req("VCI-30")
@pytest.mark.parametrize("typed", ["", "e\n"])
def test_without_a_clear_yes_nothing_is_sent(at: AddingTerminal, typed: str) -> None:
    page = at.page("add", ISSUER, "--type", TYPE, typed=typed)
    assert "Mitään ei lähetetty eikä lisätty." in page
    assert {call.method for call in at.adding.network.calls} == {"GET"}
    assert at.json("log")["entries"][-1]["outcome"] == "not_fetched"


def test_a_browser_that_does_not_come_back_loses_nothing(at: AddingTerminal) -> None:
    at.comes = lambda _url: None
    failed = at.objects("add", ISSUER, "--type", TYPE, "--approve", code=1)
    assert failed[-1]["error"] == "sign_in_not_finished"
    at.comes = lambda url: url
    assert at.objects("add", ISSUER, "--type", TYPE, "--approve")[-1]["outcome"] == "received"


def test_stopping_while_the_wallet_waits_loses_nothing(at: AddingTerminal) -> None:
    def stop(_url: str) -> str:
        raise KeyboardInterrupt

    at.comes = stop
    failed = at.objects("add", ISSUER, "--type", TYPE, "--approve", code=1)
    assert failed[-1]["error"] == "interrupted"
    at.comes = lambda url: url
    assert at.objects("add", ISSUER, "--type", TYPE, "--approve")[-1]["outcome"] == "received"


def test_a_connection_that_breaks_after_signing_in_does_not_ask_for_it_again(
    at: AddingTerminal,
) -> None:
    at.adding.network.lose_answers_of[f"{ISSUER}/credential"] = 99
    failed = at.objects("add", ISSUER, "--type", TYPE, "--approve", code=1)
    assert failed[-1]["error"] == "connection_lost"
    at.adding.network.lose_answers_of.clear()
    page = at.page("add", ISSUER, "--type", TYPE, "--approve")
    assert "Olet jo tunnistautunut." in page
    assert len(at.browsers) == 1
    assert len(at.json("list")["cards"]) == 1


def test_a_card_that_comes_later_is_fetched_with_the_others(at: AddingTerminal) -> None:
    issuer, network = at.adding.issuer, at.adding.network
    honest = network.handlers["POST", f"{ISSUER}/credential"]
    later = json_answer({"transaction_id": "t", "interval": 60}, 202)
    network.on("POST", f"{ISSUER}/credential", issuer.answered(lambda _: later))
    assert at.objects("add", ISSUER, "--type", TYPE, "--approve")[-1]["outcome"] == "comes_later"
    unknown = json_answer({"error": "invalid_transaction_id"}, 400)
    network.on("POST", f"{ISSUER}/deferred-credential", issuer.answered(lambda _: unknown))
    network.on("POST", f"{ISSUER}/credential", honest)
    at.adding.clock.pass_by(timedelta(minutes=20))
    got = at.json("receive", "--pending", "--approve")
    assert (got["outcome"], got["waiting"]) == ("received", 0)


@pytest.mark.req("VCI-25", "VCI-30")
def test_an_offer_by_signing_in_is_taken_up_in_the_browser(at: AddingTerminal) -> None:
    offer = CredentialOffer(ISSUER, (TYPE,), None, by_signing_in=True, issuer_state="a state")
    done = at.objects("receive", link_by_value(offer), "--approve")
    assert done[-1]["outcome"] == "received"
    assert [one.issuer_state for one in at.adding.issuer.pushed] == ["a state"]


def test_renewing_at_the_terminal(at: AddingTerminal) -> None:
    assert "ei ole vanhenemassa" in at.page("renew")
    (card,) = at.objects("add", ISSUER, "--type", TYPE, "--approve")[-1]["cards"]
    assert at.json("renew") == {"outcome": "not_fetched", "cards": [], "failed": []}
    at.adding.clock.pass_by(timedelta(days=100))
    assert "Uusi se komennolla kyky-wallet renew." in at.page("inbox")
    page = at.page("renew", typed="k\n")
    assert "Itsearvioinnin tulos: lompakko pyytää myöntäjältä uuden kortin." in page
    assert "Uusi kortti tuli vanhan tilalle." in page
    (new,) = at.json("list")["cards"]
    assert new["id"] != card["id"]
    assert len(at.browsers) == 1


def test_a_renewal_that_is_over_leaves_the_card(at: AddingTerminal) -> None:
    (card,) = at.objects("add", ISSUER, "--type", TYPE, "--approve")[-1]["cards"]
    at.adding.issuer.refresh_token = "another"
    assert at.fails("renew", card["id"]) == "renewal_over"
    at.adding.clock.pass_by(timedelta(days=100))
    (failed,) = at.json("renew")["failed"]
    assert (failed["card"], failed["error"]) == (card["id"], "renewal_over")
    assert [one["id"] for one in at.json("list")["cards"]] == [card["id"]]
