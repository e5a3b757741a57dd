"""What awaits the person, and how issuers are asked about the cards: whole lists, verified."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS
from openid4vc.status_list.bits import Status
from tests.wallet_sim.aftermath import Aftermath, run
from tests.wallet_sim.world import ISSUER, NOON, PIN, Answer, payload, pki
from wallet_sim.content_files import matters, next_steps
from wallet_sim.flow_failures import NoMatchingCard
from wallet_sim.inbox import Matter, inbox
from wallet_sim.model import Standing
from wallet_sim.pages import card_page, state_line
from wallet_sim.pages_consent import no_card_page
from wallet_sim.pages_control import inbox_page, item_said
from wallet_sim.pending import Unfinished
from wallet_sim.standing import ask_issuers
from wallet_sim.words import Words

LIST = f"{ISSUER}/status-lists/1"


@pytest.fixture
def after():
    made = Aftermath()
    made.world.issuer.claims = {**made.world.issuer.claims, "recommended_next_step": "none"}
    run(made.world.with_card())
    return made


def matters_of(after: Aftermath) -> list[Matter]:
    return [item.matter for item in after.control.inbox()]


# --- asking issuers ------------------------------------------------------------------------------


@pytest.mark.req("TSL-21")
@pytest.mark.parametrize(
    ("status", "standing", "matter"),
    [
        (Status.VALID, Standing.VALID, []),
        (Status.SUSPENDED, Standing.SUSPENDED, [Matter.SUSPENDED]),
        (Status.INVALID, Standing.REVOKED, [Matter.REVOKED]),
    ],
)
def test_the_issuers_word_is_kept(after, status, standing, matter):
    after.list_says(status)
    (card,) = after.world.wallet.cards()
    asked = run(after.control.ask_issuers())
    assert set(asked.checked) == {card.id}
    assert asked.unknown == ()
    (card,) = after.world.wallet.cards()
    assert card.checked is not None
    assert (card.checked.standing, card.checked.at) == (standing, NOON)
    assert matters_of(after) == matter


def test_a_list_is_fetched_once_for_many_cards(after):
    run(after.world.wallet.receive(after.world.issuer.link(), pin=PIN))
    after.list_says(Status.VALID)
    asked = run(after.control.ask_issuers())
    assert len(asked.checked) == 2
    assert len(after.world.network.calls_to("/status-lists/1")) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, "application/statuslist+jwt", b"a.b.c"),
        Answer(200, "text/html", b"<p>"),
        Answer(404, "", b""),
        None,
    ],
)
def test_what_cannot_be_had_or_believed_changes_nothing(after, answer):
    after.list_says(Status.SUSPENDED)
    run(after.control.ask_issuers())
    if answer is None:
        del after.world.network.handlers["GET", LIST]
    else:
        after.world.network.on("GET", LIST, lambda _: answer)
    (card,) = after.world.wallet.cards()
    asked = run(after.control.ask_issuers())
    assert (dict(asked.checked), asked.unknown) == ({}, (card.id,))
    assert after.world.wallet.cards() == (card,)


def test_a_list_signed_by_another_organisation_is_not_believed(after):
    after.list_says(Status.INVALID, org="mallimaa")
    assert run(after.control.ask_issuers()).unknown
    assert after.world.wallet.cards()[0].checked is None


def test_revocation_is_final_and_not_asked_again(after):
    after.list_says(Status.INVALID)
    run(after.control.ask_issuers())
    after.list_says(Status.VALID)
    assert run(after.control.ask_issuers()).checked == {}
    assert after.world.wallet.cards()[0].checked.standing is Standing.REVOKED


def test_suspension_ends(after):
    after.list_says(Status.SUSPENDED)
    run(after.control.ask_issuers())
    after.list_says(Status.VALID)
    run(after.control.ask_issuers())
    assert matters_of(after) == []


def test_of_an_expired_card_nobody_is_asked(after):
    after.list_says(Status.INVALID)
    after.world.clock.pass_by(timedelta(days=113))
    held = [after.world.wallet.card(card.id) for card in after.world.wallet.cards()]
    trust, network = pki().trust_list, after.world.network
    asked = run(ask_issuers(held, network=network, trust=trust, at=after.world.clock.now()))
    assert (dict(asked.checked), asked.unknown) == ({}, ())
    assert not after.world.network.calls_to("/status-lists/1")


def test_a_revoked_card_is_not_offered_and_the_person_reads_why(after):
    after.list_says(Status.INVALID)
    run(after.control.ask_issuers())
    request = run(after.world.wallet.open_request(after.world.receiver.link()))
    assert not request.can_be_answered()
    page = "\n".join(no_card_page(Words("fi", load_catalogue()), request))
    assert "ei tarjota, koska myöntäjä on perunut sen" in page
    with pytest.raises(NoMatchingCard):
        request.choices()


@pytest.mark.parametrize("lang", LANGS)
def test_the_cards_state_says_what_its_issuer_said(after, lang):
    after.list_says(Status.SUSPENDED)
    run(after.control.ask_issuers())
    words = Words(lang, load_catalogue())
    said = state_line(words, after.world.wallet.cards()[0], NOON)
    assert said.startswith(words.say("card.suspended"))
    assert words.moment(NOON) in said


# --- what awaits ---------------------------------------------------------------------------------


def test_a_card_about_to_expire_and_one_that_has(after):
    assert matters_of(after) == []
    after.world.clock.pass_by(timedelta(days=82))
    (item,) = after.control.inbox()
    assert item.matter is Matter.EXPIRING
    after.world.clock.pass_by(timedelta(days=31))
    (item,) = after.control.inbox()
    assert item.matter is Matter.EXPIRED
    assert item.on == date(2027, 3, 13), "the last whole day"


def test_a_newer_card_on_the_same_matter_replaces_the_older(after):
    old = after.world.wallet.cards()[0]
    after.world.clock.pass_by(timedelta(days=1))
    run(after.world.wallet.receive(after.world.issuer.link(), pin=PIN))
    (item,) = after.control.inbox()
    assert (item.matter, item.card.id) == (Matter.REPLACED, old.id)
    assert item.newer.id == after.world.wallet.cards()[1].id


def test_two_decisions_on_different_matters_stand_side_by_side():
    after = Aftermath()
    issuer = after.world.issuer
    issuer.signer, issuer.type_id = pki().signer("kela", "credential"), "authority_decision"
    issuer.claims = {n: v for n, v in payload("03").items() if n != "appeal_deadline"}
    run(after.world.with_card())
    after.world.clock.pass_by(timedelta(days=1))
    for benefit, replaced in (("rehabilitation_allowance", 0), (None, 1)):
        if benefit:
            issuer.claims = {**issuer.claims, "benefit_or_service": benefit}
        issuer.claims = {**issuer.claims, "decision_reference": f"test-{replaced}"}
        run(after.world.wallet.receive(issuer.link(), pin=PIN))
        after.world.clock.pass_by(timedelta(days=1))
        assert matters_of(after).count(Matter.REPLACED) == replaced


def test_receipts_never_replace_one_another(after):
    run(after.world.wallet.present(after.world.receiver.link()))
    entry = after.world.wallet.log()[-1]
    after.give_receipt(entry)
    after.world.clock.pass_by(timedelta(days=1))
    after.give_receipt(entry, receipt_id="rcp-0002-test")
    assert matters_of(after) == []


def test_a_day_to_come_is_told_by_its_name():
    after = Aftermath()
    issuer = after.world.issuer
    issuer.signer, issuer.type_id = pki().signer("tyollisyysalue", "credential"), "service_plan"
    day = (NOON + timedelta(days=30)).date()
    issuer.claims = {**payload("04"), "next_review_date": day.isoformat()}
    run(after.world.with_card())
    (item,) = after.control.inbox()
    assert (item.matter, item.on, item.claim) == (Matter.DAY_TO_COME, day, "next_review_date")
    words = Words("fi", load_catalogue())
    assert words.day(day) in item_said(words, item)
    after.world.clock.pass_by(timedelta(days=31))
    assert Matter.DAY_TO_COME not in matters_of(after)


def test_a_fetch_that_was_interrupted_is_pending_until_its_end(after):
    until = NOON + timedelta(minutes=5)
    one = Unfinished(offer="0" * 64, access_token="not-a-secret", expires_at=until)
    contents = replace(after.world.store.load(), unfinished=(one,))
    (item,) = inbox(contents, (), catalogue=load_catalogue(), at=NOON)
    assert item.matter is Matter.PENDING
    assert inbox(contents, (), catalogue=load_catalogue(), at=until) == ()


# --- next steps ----------------------------------------------------------------------------------


def test_every_next_step_has_plain_words_and_a_link_where_there_is_somewhere_to_go():
    catalogue = load_catalogue()
    assert next_steps().keys() == catalogue.code_lists["recommended_next_step"].keys()
    for code, step in next_steps().items():
        assert len({step.says[lang] for lang in LANGS}) == 3
        assert (step.link is None) == (code == "none")
        assert step.link is None or step.link.address.startswith("https://")


@pytest.mark.parametrize("lang", LANGS)
def test_a_self_assessment_leads_on(lang):
    after = Aftermath()
    run(after.world.with_card())
    (item,) = after.control.inbox()
    assert item.matter is Matter.NEXT_STEP
    words = Words(lang, load_catalogue())
    page = "\n".join(inbox_page(words, [item], None))
    held = after.world.wallet.card(after.world.wallet.cards()[0].id)
    card = "\n".join(card_page(words, held, NOON))
    assert item.step is not None
    assert item.step.link is not None
    for said in (item.step.says[lang], item.step.link.text[lang], item.step.link.address):
        assert said in page
        assert said in card


def test_matters_name_types_and_claims_that_exist():
    catalogue = load_catalogue()
    for type_id, claims in matters().same_matter.items():
        assert set(claims) <= catalogue.types[type_id].claims.keys()
    assert matters().many_at_once <= catalogue.types.keys()
    every = {name for one in catalogue.types.values() for name in one.claims}
    assert set(matters().days_to_come) <= every
