"""Several cards in one answer: one page, one person, each statement with its source."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from credential_schemas.model import Lang
from tests.content.world import Desk, Everybody, Showing, everybody, page_text
from verifier.model import OnBehalf
from wallet_sim.consent import Wish
from wallet_sim.flow_failures import CannotLeaveOut
from wallet_sim.wallet import Wallet

Recorded = Callable[[], OnBehalf | None]
PICTURE, VISIT = "shared_situation_picture", "te_combined_first_visit"
NOTICE = {
    "fi": "Koonti yhteistyötä varten \N{EN DASH} ei anna oikeutta palveluun. "
    "Tilannekuva ei korvaa viranomaisten omia kirjauksia.",
    "sv": "Sammanställning för samarbete \N{EN DASH} ger inte rätt till service. "
    "Lägesbilden ersätter inte myndigheternas egna anteckningar.",
    "en": "Summary for cooperation \N{EN DASH} gives no entitlement to a service. "
    "The situation picture does not replace the authorities\N{RIGHT SINGLE QUOTATION MARK} "
    "own records.",
}


@pytest.fixture(scope="module")
def all_of_them(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    with everybody(tmp_path_factory.mktemp("together")) as made:
        yield made


@pytest.fixture(scope="module")
def maija(all_of_them: Everybody) -> Wallet:
    """A wallet with a plan, a decision, a statement's feedback and a self-assessment."""
    return all_of_them.wallet("01", "02", "03", "04")


@pytest.fixture
def desk(all_of_them: Everybody) -> Desk:
    return all_of_them.desk("te_office")


def verdict(showing: Showing) -> tuple[str, str | None]:
    stored = showing.asked.stored()
    assert stored.outcome is not None
    return stored.outcome.value, stored.code


# --- one page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile_id", [PICTURE, VISIT])
@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_four_cards_make_one_page_that_entitles_to_nothing(
    all_of_them: Everybody, desk: Desk, maija: Wallet, profile_id: str, lang: Lang
) -> None:
    showing = desk.ask(profile_id).answer(maija).compare()
    assert verdict(showing) == ("accept", None)
    assert {query_id for query_id, _ in showing.sent()} == {
        "self_assessment_result",
        "statement_feedback",
        "authority_decision",
        "service_plan",
    }
    page = showing.outcome(lang)
    assert NOTICE[lang] in page
    names = all_of_them.catalogue.organisations
    for organisation in ("itsearviointi", "mallimaa", "kela", "tyollisyysalue"):
        assert names[organisation].names[lang] in page
    assert "<form" in desk.browser.open(f"/desk/print/{showing.asked.id}?lang={lang}")
    printed = page_text(desk.browser.open(f"/desk/print/{showing.asked.id}"))
    assert NOTICE[lang] in printed
    showing.close()


def test_the_plan_is_a_table_and_what_comes_next_is_in_order(desk: Desk, maija: Wallet) -> None:
    showing = desk.ask(PICTURE).answer(maija).compare()
    page = showing.outcome("fi")
    table = page.partition("Mitä tehdään Kuka vastaa Milloin Tila ")[2]
    assert table.startswith(
        "Fysioterapia Mallimaan hyvinvointialue (TESTI) 23.11.2026\N{EN DASH}29.1.2027 Käynnissä "
        "Työkokeilu neuvontatyössä Kela (TESTI) 1.12.2026\N{EN DASH}28.2.2027 Suunnitteilla "
    )
    coming = page.partition("Seuraavat päivät ")[2].partition(" Kun olette valmiit")[0]
    assert coming.startswith("1.12.2026 Työkokeilu neuvontatyössä alkaa 11.1.2027 ")
    assert "23.11.2026" not in coming, "what has begun is no coming date"
    assert "31.5.2027 Voimassa saakka (Viranomaispäätöksen keskeiset tiedot)" in coming
    assert "Asiakas on hyväksynyt suunnitelman." in page
    showing.close()


def test_a_card_that_is_left_at_home_is_named_and_nobody_asks_why(
    desk: Desk, maija: Wallet
) -> None:
    wish = Wish(leave_out=("statement_feedback", "authority_decision"))
    showing = desk.ask(VISIT).answer(maija, wish).compare()
    assert verdict(showing) == ("accept", None)
    assert {query_id for query_id, _ in showing.sent()} == {
        "self_assessment_result",
        "service_plan",
    }
    page = showing.outcome("fi")
    assert page.startswith("Ensikäynti: tilanne yhdellä kertaa 2 korttia kelpaa.")
    told = page.partition("Näitä kortteja ei näytetty: ")[2]
    assert told.startswith("Lausuntopalaute työvoimaviranomaiselle ja Viranomaispäätöksen keskeis")
    assert "Syytä ei kysytä." in told
    showing.close()


def test_the_card_that_the_task_cannot_do_without_is_not_left_out(
    desk: Desk, maija: Wallet
) -> None:
    showing = desk.ask(VISIT)
    with pytest.raises(CannotLeaveOut):
        showing.answer(maija, Wish(leave_out=("self_assessment_result",)))
    showing.close()


def test_one_claim_of_one_card_stays_at_home(desk: Desk, maija: Wallet) -> None:
    showing = desk.ask(PICTURE).answer(maija, Wish(leave_out=("service_plan.goals",))).compare()
    plan = dict(showing.sent())["service_plan"]
    assert "goals" not in plan.claims
    assert "Tavoitteet Vapaaehtoinen \N{EN DASH} Ei näytetty" in showing.outcome("fi")
    showing.close()


def test_codes_carry_the_one_card_that_the_task_cannot_do_without(
    desk: Desk, maija: Wallet
) -> None:
    showing = desk.ask(VISIT).answer_by_codes(maija).compare()
    assert verdict(showing) == ("accept", None)
    page = showing.outcome("fi")
    assert page.startswith("Ensikäynti: tilanne yhdellä kertaa Kortti kelpaa.")
    assert "Näitä kortteja ei näytetty: Lausuntopalaute" in page
    showing.close()


# --- one person ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"birthdate": "1988-04-13"}, "names_differ"),
        ({"family_name": "Malikas"}, "names_differ"),
        ({"given_name": "Maija"}, "names_differ"),
    ],
)
def test_cards_of_two_people_are_not_joined(
    all_of_them: Everybody, desk: Desk, claims: dict[str, Any], code: str
) -> None:
    wallet = all_of_them.wallet("01", "02", n02=_without_code(claims))
    showing = desk.ask(VISIT).answer(wallet)
    assert verdict(showing) == ("cannot_confirm", code)
    page = showing.outcome("fi")
    assert page.startswith("Tietoja ei voida vahvistaa")
    assert NOTICE["fi"] not in page, "nothing is merged that was not joined"
    assert ", syntynyt " not in page, "who it is about is not decided by the first card"
    assert "Vahvistamaton" in page
    for kind in ("Itsearvioinnin tulos", "Lausuntopalaute työvoimaviranomaiselle"):
        assert f"{kind}: näytetyt tiedot, vahvistamattomina" in page
    showing.close()


def _without_code(claims: dict[str, Any]) -> dict[str, Any]:
    """With an identity code of the same birthdate, or the issuer would not issue it."""
    return (
        {**claims, "personal_administrative_number": "130488-907K"}
        if ("birthdate" in claims)
        else claims
    )


def test_case_and_spaces_are_no_other_name(all_of_them: Everybody, desk: Desk) -> None:
    wallet = all_of_them.wallet("01", "02", n02={"family_name": "MALLIKAS"})
    showing = desk.ask(VISIT).answer(wallet).compare()
    assert verdict(showing) == ("accept", None)
    showing.close()


# --- plans of two offices ------------------------------------------------------------------------


TRIAL = {"title": "Työkokeilu", "responsible": "Kela (TESTI)", "status": "planned"}


@pytest.mark.parametrize(
    ("action", "overlaps"),
    [
        ({**TRIAL, "starts": "2027-01-15", "ends": "2027-03-31"}, True),
        ({**TRIAL}, True),
        ({**TRIAL, "starts": "2027-03-01", "ends": "2027-03-31"}, False),
        ({**TRIAL, "starts": "2027-01-15", "status": "cancelled"}, False),
        ({**TRIAL, "title": "Työvalmennus", "starts": "2027-01-15"}, False),
    ],
)
def test_what_two_plans_hold_for_the_same_time_is_listed(
    all_of_them: Everybody, desk: Desk, action: dict[str, Any], overlaps: bool
) -> None:
    wallet = all_of_them.wallet("04")
    all_of_them.give(
        wallet,
        "04",
        org="mallimaa",
        issuing_authority="Mallimaan hyvinvointialue (TESTI)",
        plan_type="rehabilitation_plan",
        actions=[action],
    )
    showing = desk.ask(PICTURE).answer(wallet).compare()
    assert [query_id for query_id, _ in showing.sent()] == ["service_plan", "service_plan"]
    page = showing.outcome("fi")
    assert "2 korttia kelpaa." in page
    told = page.partition("Päällekkäiset toimet ")[2]
    assert told.startswith("Näistä on sovittu kahdessa suunnitelmassa") is overlaps
    assert told.startswith("Näytetyissä suunnitelmissa ei ole samaa toimea") is not overlaps
    if overlaps:
        assert (
            "Työkokeilu neuvontatyössä Kela (TESTI) 1.12.2026\N{EN DASH}28.2.2027 "
            "Mallimaan työllisyysalue (TESTI) Työkokeilu Kela (TESTI) "
        ) in told
    showing.close()


def test_one_plan_shown_twice_is_one_plan(all_of_them: Everybody, desk: Desk) -> None:
    showing = desk.ask(PICTURE).answer_otherwise(all_of_them.wallet("04"), {}, times=2).compare()
    assert verdict(showing) == ("accept", None)
    page = showing.outcome("fi")
    assert page.startswith("Yhteinen tilannekuva Kortti kelpaa.")
    assert "Päällekkäiset toimet" not in page
    showing.close()


def test_a_card_that_is_asked_for_once_is_not_shown_twice(
    all_of_them: Everybody, desk: Desk
) -> None:
    showing = desk.ask(VISIT).answer_otherwise(all_of_them.wallet("01"), {}, times=2)
    assert verdict(showing) == ("reject", "too_many_presentations")
    showing.close()


def test_one_plan_has_nothing_to_overlap_with(desk: Desk, maija: Wallet) -> None:
    showing = desk.ask(PICTURE).answer(maija).compare()
    assert "Päällekkäiset toimet" not in showing.outcome("fi")
    showing.close()


def test_actions_shown_in_part_are_marked_so(desk: Desk, maija: Wallet) -> None:
    """A wallet of another make may show single elements: staff see that there are more."""
    showing = desk.ask(PICTURE)
    showing.answer_in_part(maija, "service_plan", ("actions", 0)).compare()
    assert verdict(showing) == ("accept", None)
    page = showing.outcome("fi")
    assert "Toimet näytettiin osittain. Suunnitelmassa on muitakin." in page
    assert "Sovitut toimet Työkokeilu neuvontatyössä" in page
    assert "Fysioterapia" not in page
    assert page.count("Näytettiin osittain") == 1
    showing.close()


def test_words_of_the_client_shown_in_part_are_marked_so(
    all_of_them: Everybody, desk: Desk
) -> None:
    wallet = all_of_them.wallet("01", n01={"own_goals": ["Kevyempi työ", "Lyhyempi päivä"]})
    showing = desk.ask("te_initial_interview")
    showing.answer_in_part(wallet, "self_assessment_result", ("own_goals", 1)).compare()
    assert verdict(showing) == ("accept", None)
    page = showing.outcome("fi")
    assert "Lyhyempi päivä” Asiakkaan omin sanoin Osa näytettiin." in page
    assert "Omat tavoitteet ja toiveet Vapaaehtoinen Lyhyempi päivä Näytettiin osittain" in page
    showing.close()


# --- who acted -----------------------------------------------------------------------------------


@pytest.fixture
def recorded(desk: Desk) -> Recorded:
    """Who acted, in the one record that a test leaves."""
    before = Counter(map(repr, desk.world.evidence()))

    def found() -> OnBehalf | None:
        (record,) = Counter(map(repr, desk.world.evidence())) - before
        (one,) = {one.on_behalf for one in desk.world.evidence() if repr(one) == record}
        return one

    return found


def test_nobody_acted_for_the_client_unless_somebody_says_so(
    desk: Desk, maija: Wallet, recorded: Recorded
) -> None:
    showing = desk.ask(PICTURE).answer(maija).compare()
    assert "Asiakas toimi itse, ei puolesta-asiointia" in showing.outcome("fi")
    assert recorded() is None
    showing.close()


@pytest.mark.parametrize("profile_id", [PICTURE, "te_initial_interview"])
def test_who_acted_is_chosen_in_the_wallet_shown_and_kept(
    desk: Desk, maija: Wallet, recorded: Recorded, profile_id: str
) -> None:
    showing = desk.ask(profile_id).answer(maija, Wish(acted_by="guardian")).compare()
    assert "Asiakkaan puolesta toimi: Edunvalvoja" in showing.outcome("fi")
    assert "För klienten handlade: En intressebevakare" in showing.outcome("sv")
    assert "Acting for the client: A guardian" in showing.outcome("en")
    assert recorded() is OnBehalf.GUARDIAN
    showing.close()


def test_who_acted_is_chosen_at_the_desk_and_stands_before_the_wallets_word(
    desk: Desk, maija: Wallet, recorded: Recorded
) -> None:
    showing = desk.ask(PICTURE)
    desk.browser.open(f"/desk/ask/{showing.asked.id}?lang=fi")
    page = desk.browser.submit(f"/desk/behalf/{showing.asked.id}", on_behalf="supporter")
    assert "Toimiiko joku asiakkaan puolesta?: Tukihenkilö tai digituki" in page_text(page)
    showing.answer(maija, Wish(acted_by="guardian")).compare()
    assert "Asiakkaan puolesta toimi: Tukihenkilö tai digituki" in showing.outcome("fi")
    assert recorded() is OnBehalf.SUPPORTER
    showing.close()


def test_staff_see_who_came_only_when_they_compare_the_person(
    desk: Desk, maija: Wallet, recorded: Recorded
) -> None:
    showing = desk.ask(PICTURE).answer(maija)
    desk.browser.open(f"/desk/identity/{showing.asked.id}")
    desk.browser.submit(f"/desk/behalf/{showing.asked.id}", on_behalf="close_person")
    assert desk.browser.path == f"/desk/identity/{showing.asked.id}"
    desk.browser.submit(f"/desk/behalf/{showing.asked.id}", on_behalf="")
    desk.browser.submit(f"/desk/behalf/{showing.asked.id}", on_behalf="other")
    showing.compare()
    assert "Asiakkaan puolesta toimi: Joku muu" in showing.outcome("fi")
    assert recorded() is OnBehalf.OTHER
    showing.close()


def test_after_the_outcome_nothing_of_it_is_changed(desk: Desk, maija: Wallet) -> None:
    showing = desk.ask(PICTURE).answer(maija).compare()
    showing.outcome("fi")
    desk.browser.submit(f"/desk/behalf/{showing.asked.id}", on_behalf="other")
    assert desk.browser.page is not None
    assert desk.browser.page.status_code == 409
    assert showing.asked.stored().on_behalf is None
    showing.outcome("fi")
    showing.close()


@pytest.mark.parametrize(("said", "kept"), [("neighbour", OnBehalf.OTHER), ("x y", None)])
def test_a_word_that_we_do_not_know_is_somebody_and_no_word_is_nobody(
    desk: Desk, maija: Wallet, said: str, kept: OnBehalf | None
) -> None:
    showing = desk.ask(PICTURE).answer(maija, Wish(acted_by=said)).compare()
    assert showing.asked.stored().on_behalf is kept
    showing.close()


def test_a_name_is_never_taken(desk: Desk) -> None:
    showing = desk.ask(PICTURE)
    desk.browser.open(f"/desk/ask/{showing.asked.id}")
    desk.browser.submit(f"/desk/behalf/{showing.asked.id}", on_behalf="Matti Mallikas")
    assert desk.browser.page is not None
    assert desk.browser.page.status_code == 400
    assert b"Matti" not in desk.world.bytes_on_disk()
    desk.browser.open(f"/desk/ask/{showing.asked.id}")
    showing.close()
