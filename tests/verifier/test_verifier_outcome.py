"""The outcome page: plain sentences first, each failure in its own words, green for accept only."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS, Lang
from keys.base64url import b64url_encode
from keys.box import BoxKey
from openid4vc.sd_jwt.model import WantedPath
from tests.verifier.test_verifier_rules import WALLET_ERRORS, every_failure
from tests.verifier.world import REQUIRED, Browser, Order, World, claims_of, make_card
from verifier.model import Change, Check, Outcome, ShownCard, State, Step, Verdict, Verification
from verifier.parts import HERE, texts
from verifier.usecases.check_presentation import marks_until
from verifier.usecases.outcome_table import outcome_of
from verifier.usecases.shown_values import box_values
from verifier.web.failure_words import GROUP_OF, group_of, sentence

DASH = "\N{EN DASH}"
FROM_WALLETS = dict.fromkeys(("access_denied", *WALLET_ERRORS), Outcome.NOT_SHOWN)
TONE = {
    Outcome.CANNOT_CONFIRM: "unsure",
    Outcome.REJECT: "stop",
    Outcome.NOT_SHOWN: "none",
}
SELF = "self_assessment_result"


def outcome_behind(code: str) -> Outcome:
    """The outcome to which a failure of that code leads."""
    if code in FROM_WALLETS:
        return FROM_WALLETS[code]
    if code == "self_initiated":
        return Outcome.CANNOT_CONFIRM
    (kind,) = {kind for kind in every_failure() if kind.code == code}
    return outcome_of(kind.__new__(kind))


def words(lang: Lang) -> dict[str, str]:
    """The sentence of every failure."""

    def say(key: str) -> str:
        return texts().text(key, lang)

    return {code: sentence(say, code) for code in GROUP_OF}


# Each failure ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_no_two_failures_say_the_same(lang: Lang) -> None:
    said = words(lang)
    assert len(set(said.values())) == len(GROUP_OF)
    for text in said.values():
        assert text.endswith(".")
        assert not re.search(r"credential|verifier|claim|token|DCQL|SD-JWT", text, re.IGNORECASE)


class Desk:
    """A signed-in desk at which verifications end as a test wants."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.browser = Browser(world)
        self.browser.sign_in()
        self.model = self.browser.ask().stored()
        cookies = {one.name: str(one.value) for one in self.browser.client.cookies.jar}
        door = world.parts.services.door
        self.session = world.run(door.enter(cookies["__Host-kyky_desk"], acts=True))
        self.number = 0

    def outcome(self, code: str) -> Iterator[tuple[Lang, str]]:
        """Give the outcome page after that failure, in every language.

        Values lie there, and the desk has the key: that none of them is on the page of a rejected
        card is the page's own doing here.
        """
        self.number += 1
        found = replace(self.model, id=f"v{self.number}", ref=f"r{self.number}")
        box = BoxKey.generate()
        store, outcome = self.world.parts.verifications, outcome_behind(code)
        run = self.world.run
        run(store.add(found, secrets=b"x", box_public=box.public_bytes))
        run(store.move(found.id, Step(to=State.ANSWERED)))
        assert run(store.move(found.id, self._end(found, code, outcome, box)))
        key = b64url_encode(box.private_bytes)
        door = self.world.parts.services.door
        run(door.hold(self.session, verification_id=found.id, result_key=key))
        for lang in LANGS:
            page = self.browser.open(f"/desk/outcome/{found.id}?lang={lang}")
            yield lang, html.unescape(page)

    def _end(self, found: Verification, code: str, outcome: Outcome, box: BoxKey) -> Step:
        now = self.world.clock.now()
        card = ShownCard(
            query_id=SELF,
            type_id=SELF,
            vct=f"urn:kykylompakko:{SELF.replace('_', '-')}:1",
            issuer="itsearviointi",
            claims=claims_of(SELF),
        )
        change = Change(
            verdict=Verdict(
                checks=marks_until(Check.STATUS, code),
                outcome=outcome,
                code=code,
                issuer="itsearviointi",
            ),
            outcome=outcome,
            code=code,
            boxed=box_values([card], public=box.public_bytes, verification_id=found.id),
            cards=1,
            checked_at=now,
            decided_at=now,
            erase_at=now + timedelta(minutes=10),
        )
        return Step(to=State.DECIDED, change=change)


@pytest.fixture(scope="module")
def desk_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    world = World(tmp_path_factory.mktemp("outcomes"))
    desk = Desk(world)
    yield desk
    world.run(desk.browser.client.aclose())
    world.close()


@pytest.mark.req("DESK-04")
@pytest.mark.parametrize("code", sorted(GROUP_OF))
def test_each_failure_has_its_sentence_and_is_never_green(desk_of_all: Desk, code: str) -> None:
    desk_of_all.world.clock.at += timedelta(seconds=1)
    outcome = outcome_behind(code)
    shows = outcome is Outcome.CANNOT_CONFIRM
    pages = list(desk_of_all.outcome(code))
    assert [lang for lang, _ in pages] == list(LANGS)
    for lang, page in pages:
        assert f'<html lang="{lang}">' in page
        assert words(lang)[code] in page, "its own sentence"
        assert texts().text(f"why.{group_of(code)}", lang) in page, "its group's sentence"
        assert f'<section class="verdict {TONE[outcome]}"' in page
        for green in ('class="shape ok"', "verdict ok", 'class="mark ok"'):
            assert green not in page
        assert page.count("<h1") == 1
        steps = re.search(r'<ol class="lead steps">(.*?)</ol>', page, re.DOTALL)
        assert steps is not None, "what to do now"
        assert texts().text(f"next.{group_of(code)}.1", lang) in steps.group(1)
        for value in ("Mallikas", "1988", "nostaa raskasta", "Kykyviisari"):
            assert (value in page) is shows, (lang, value)
        if outcome is Outcome.NOT_SHOWN:
            assert '<ol class="checks">' not in page, "no reason is asked, and none is hinted at"
            assert f"<dd>{code}</dd>" not in page
        else:
            assert f"<dd>{code}</dd>" in page


def test_every_outcome_is_among_the_failures() -> None:
    assert {outcome_behind(code) for code in GROUP_OF} == set(TONE)


# What is said first -----------------------------------------------------------------------------


def accepted(
    desk: Browser,
    profile: str = "te_initial_interview",
    wanted: Sequence[WantedPath] | None = None,
    **card: Any,
) -> str:
    """Return the page of an accepted card."""
    desk.sign_in()
    asked = desk.ask(profile)
    type_id = load_catalogue().profiles[profile].credential_type
    asked.answer(make_card(Order(type_id, **card)), wanted=wanted or REQUIRED[type_id])
    desk.open(f"/desk/ask/{asked.id}")
    return html.unescape(desk.submit(desk.path, identity="compared"))


def test_sentences_come_from_the_types_own_files(world: World, desk: Browser) -> None:
    page = accepted(desk, wanted=(*REQUIRED[SELF], ("own_goals",)))
    first = page.index("Asiakkaan oma näkemys")
    quote = page.index("”Löytää työ, jossa ei tarvitse nostaa raskasta”")
    score = page.index(f"Asiakas arvioi työkykynsä näin: <strong>5 asteikolla 0{DASH}10. Suurempi")
    needs = page.index("<strong>Työttömän terveystarkastus ja Työvoimapalvelut</strong>.")
    assert first < quote < score < needs < page.index("<table")
    assert f"Oma arvio {DASH} ei terveydenhuollon lausunto" in page
    assert "Nämä ovat asiakkaan omia arvioita." in page
    for module in (HERE / "web").glob("*.py"):
        for type_id in load_catalogue().types:
            assert type_id not in module.read_text("utf-8"), (module.name, type_id)


def test_how_long_ago_it_was_stands_beside_the_date(world: World, desk: Browser) -> None:
    page = accepted(desk, claims={"assessment_date": "2026-11-20"})
    assert "Arvio on tehty <strong>20.11.2026 (4 päivää sitten)</strong>." in page


@pytest.mark.parametrize(("days", "said"), [(0, "tänään"), (1, "eilen"), (2, "2 päivää sitten")])
def test_days_ago(world: World, desk: Browser, days: int, said: str) -> None:
    day = (world.clock.now() - timedelta(days=days)).date().isoformat()
    page = accepted(
        desk,
        claims={"assessment_date": day, "date_of_issuance": world.clock.now().date().isoformat()},
    )
    assert f"({said})" in page


def test_a_score_is_drawn_on_its_scale_without_judgement(world: World, desk: Browser) -> None:
    page = accepted(desk, claims={"work_ability_score": 10})
    drawing = re.search(r'<svg class="number-line".*?</svg>', page, re.DOTALL)
    assert drawing is not None
    assert '<circle cx="420.0"' in drawing.group()
    assert drawing.group().count("19v14") == 11
    assert 'aria-hidden="true"' in drawing.group()


def test_the_table_says_how_a_number_is_read_and_who_says_so(world: World, desk: Browser) -> None:
    page = accepted(desk)
    table = page[page.index("<table") :]
    assert f"Luokka: Heikko. Luokkien rajat: Heikko 0{DASH}5, Kohtalainen 6{DASH}7" in table
    assert "Lähde: Scandinavian Journal of Work, Environment & Health" in table
    assert "Luokka:" not in page[: page.index("<table")]


def test_every_number_has_its_scale_beside_it(world: World, desk: Browser) -> None:
    skills, scale = ("domain_scores", "skills"), ("domain_scale",)
    page = accepted(desk, wanted=(*REQUIRED[SELF], skills, scale))
    assert f"66, asteikko 0{DASH}100. Suurempi on parempi." in page
    page = accepted(desk, wanted=(*REQUIRED[SELF], skills))
    assert "66, asteikkoa ei näytetty. Älä vertaa muihin lukuihin." in page


def test_a_part_of_a_list_says_so_in_sentence_and_table(world: World, desk: Browser) -> None:
    wanted = [one for one in REQUIRED[SELF] if one != ("support_needs",)]
    page = accepted(desk, wanted=(*wanted, ("support_needs", 0)))
    assert "<strong>Työttömän terveystarkastus (näytettiin osittain)</strong>" in page
    assert "Näytettiin osittain" in page
    assert "Työvoimapalvelut" not in page
    page = accepted(desk)
    assert "Näytettiin kokonaan" in page


def test_a_statement_is_told_as_a_professionals(world: World, desk: Browser) -> None:
    page = accepted(desk, "te_service_need")
    assert "Johtopäätös työkyvystä: <strong>" in page
    assert "Rajoitukset ovat voimassa <strong>30.4.2027</strong> saakka." in page
    assert "Nämä ovat ammattihenkilön antamia tietoja." in page


# How old what we know is ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "said", "title"),
    [
        (timedelta(seconds=20), "Tilanne klo 11.29, alle minuutin vanha.", "alle minuutin vanha"),
        (timedelta(minutes=1), "Tilanne klo 11.29, minuutin vanha.", "minuutin vanha"),
        (timedelta(minutes=15), "Tilanne klo 11.15, 15 minuuttia vanha.", "15 minuuttia vanha"),
        (timedelta(hours=2), "Tilanne klo 9.30, 2 tuntia vanha.", "2 tuntia vanha"),
        (timedelta(hours=13), "Tilanne 23.11.2026 klo 22.30, 13 tuntia vanha.", "13 tuntia vanha"),
    ],
)
def test_ages_are_told_as_of_a_time(
    world: World, desk: Browser, age: timedelta, said: str, title: str
) -> None:
    world.status.made_at = world.clock.now() - age
    page = accepted(desk)
    assert said in page
    assert f"Peruutustieto oli {title}." in page
    assert re.search(r"Luotettujen lista oli [^.]+ vanha\.", page)
    assert re.search(r"numero \d+, Tilanne 23\.11\.2026 klo 11\.30, 24 tuntia vanha\.", page)


def test_the_time_of_comparing_stands_beside_the_person(world: World, desk: Browser) -> None:
    page = accepted(desk)
    assert "Henkilöllisyys verrattu asiakirjaan klo\N{NO-BREAK SPACE}11.30" in page


# Twice, back, too late --------------------------------------------------------------------------


@pytest.mark.parametrize("identity", ["compared", "not_same"])
def test_a_double_click_records_once_and_ends_at_the_outcome(
    world: World, desk: Browser, identity: str
) -> None:
    desk.sign_in()
    asked = desk.ask().answer()
    desk.open(f"/desk/ask/{asked.id}")
    place = desk.path
    first = desk.submit(place, identity=identity)
    evidence = len(world.evidence())
    assert desk.path == f"/desk/outcome/{asked.id}"
    assert re.findall(r"<h1.*?</h1>", desk.submit(place, identity=identity)) == re.findall(
        r"<h1.*?</h1>", first
    )
    assert len(world.evidence()) == evidence
    other = "not_same" if identity == "compared" else "compared"
    page = desk.submit(place, identity=other)
    assert "Tätä ei voi enää tehdä" in page
    assert "Mallikas" not in page
    assert asked.stored().identity == identity
    desk.open(place)
    assert desk.path == f"/desk/outcome/{asked.id}", "the back button leads on"


def test_an_ended_sign_in_accepts_nothing(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked = desk.ask().answer()
    desk.open(f"/desk/ask/{asked.id}")
    place = desk.path
    desk.client.cookies.clear()
    page = desk.submit(place, identity="compared")
    assert "Mallikas" not in page
    assert asked.stored().state is State.IDENTITY_PENDING
    assert "/sign-in" in desk.path


def test_pages_of_what_is_not_there_are_pages(world: World, desk: Browser) -> None:
    desk.sign_in()
    for path in ("print", "receipt", "outcome", "identity"):
        page = desk.open(f"/desk/{path}/unknown")
        assert "Pyyntöä ei löydy" in page or "/outcome/" in desk.path
        assert Path(desk.path).name == "unknown"
