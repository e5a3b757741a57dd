"""The client's own situation: what the cards in force say together, for nobody else."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.wallet_sim.terminal import Terminal
from tests.wallet_sim.world import NOON, payload, pki

PLAN = "service_plan"


@pytest.fixture
def at(tmp_path: Path) -> Terminal:
    """A person with a self-assessment, who then was given a plan."""
    at = Terminal(tmp_path)
    at.with_card()
    issuer = at.world.issuer
    issuer.type_id, issuer.claims = PLAN, payload("04")
    issuer.signer = pki().signer("tyollisyysalue", "credential")
    issuer.pin = None
    at.json("receive", issuer.link(), "--approve")
    return at


def test_the_cards_in_force_stand_on_one_page_plans_first(at: Terminal) -> None:
    page = at.page("situation")
    plan, _, assessment = page.partition("Itsearvioinnin tulos")
    assert page.startswith("Oma tilanteesi")
    assert "Suunnitelman keskeiset tiedot (Mallimaan työllisyysalue (TESTI))" in plan
    assert "Sovitut toimet" in plan
    assert "Työkykypisteet" in assessment
    assert "ei anna oikeutta palveluun" in page
    assert "Sitä ei tallenneta eikä lähetetä." in page


def test_what_comes_is_in_order_and_what_was_is_left_out(at: Terminal) -> None:
    found = at.json("situation")
    days = [one["day"] for one in found["coming"]]
    assert days == sorted(days)
    assert days[0] >= NOON.date().isoformat()
    assert {"day": "2027-02-16", "what": "Seuraava tarkistus", "type": PLAN} in found["coming"]
    assert [one["type"] for one in found["cards"]] == [PLAN, "self_assessment_result"]
    assert any("Fysioterapia" in one["what"] for one in found["coming"])


def test_nothing_leaves_and_nothing_is_noted(at: Terminal) -> None:
    calls, entries = len(at.world.network.calls), at.json("log")
    at.page("situation")
    assert (len(at.world.network.calls), at.json("log")) == (calls, entries)


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_it_is_read_in_three_languages(at: Terminal, lang: str) -> None:
    titles = {"fi": "Oma tilanteesi", "sv": "Din situation", "en": "Your situation"}
    assert at.page("--lang", lang, "situation").startswith(titles[lang])


def test_cards_that_are_over_are_not_in_it(at: Terminal) -> None:
    at.world.clock.pass_by(timedelta(days=400))
    assert at.page("situation").startswith("Sinulla ei ole voimassa olevia kortteja")
    assert at.json("situation") == {"cards": [], "coming": []}
