"""What no profile of today does yet: no identity check, and two cards in one answer."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from credential_schemas.loader import load_catalogue
from credential_schemas.model import Catalogue
from keys import strict_json
from keys.jose import sign_jws
from openid4vc.dcql.profiles import query_for
from openid4vc.dcql.query import CredentialSet, Query
from openid4vc.sd_jwt.key_binding import bind
from openid4vc.sd_jwt.model import WantedPath
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from tests.verifier.world import NOW, REQUIRED, Card, Order, World, demo_pki, make_card
from verifier.adapters.status_lists import StatusListFetcher
from verifier.adapters.stores import SqlTrustListStore
from verifier.adapters.trust_lists import TrustListFile
from verifier.model import Check, Identity, Mark, Outcome, Verdict
from verifier.usecases.check_presentation import CheckPresentation, ExpectedResponse
from verifier.usecases.status_book import StatusBook
from verifier.usecases.trust_keeper import TrustKeeper

# A profile that needs no identity check ------------------------------------------------------


def without_identity_check() -> Catalogue:
    catalogue = load_catalogue()
    profiles = {
        name: replace(profile, identity_check="not_needed")
        for name, profile in catalogue.profiles.items()
    }
    return replace(catalogue, profiles=profiles)


def test_a_profile_without_identity_check_is_decided_at_once(tmp_path: Path) -> None:
    world = World(tmp_path, catalogue=without_identity_check())
    try:
        asked = world.start().answer()
        state = asked.read()
        assert (state["state"], state["outcome"]) == ("decided", "accept")
        assert state["identity"] == "not_needed"
        assert state["cards"][0]["claims"]["work_ability_score"] == 5
        assert asked.identity("not_needed").json()["outcome"] == "accept"
        assert asked.identity("not_same").status_code == 409
        (record,) = world.evidence()
        assert (record.outcome, record.identity) == (Outcome.ACCEPT, Identity.NOT_NEEDED)
    finally:
        world.close()


# The old `typ` -------------------------------------------------------------------------------


def card_of_old_type() -> Card:
    """The same card, signed under the header of earlier drafts."""
    card = make_card()
    sd_jwt = parse(card.text)
    header = {name: value for name, value in sd_jwt.jws.header.items() if name != "alg"}
    signer = demo_pki().signer("itsearviointi", "credential")
    jwt = sign_jws({**header, "typ": "vc+sd-jwt"}, strict_json.dumps(sd_jwt.claims), signer)
    return replace(card, text=card.text.replace(sd_jwt.jws.text, jwt))


@pytest.mark.req("VCT-01")
def test_the_old_type_is_refused_unless_the_operator_says_otherwise(tmp_path: Path) -> None:
    for accepted, expected in ((False, "reject"), (True, None)):
        folder = tmp_path / str(accepted)
        folder.mkdir()
        world = World(folder, accept_vc_sd_jwt=accepted)
        try:
            state = world.start().answer(card_of_old_type()).read()
            assert state["outcome"] == expected
            assert state["code"] == (None if accepted else "credential_wrong_type")
        finally:
            world.close()


# 9. Across cards -----------------------------------------------------------------------------


Sets = tuple[CredentialSet, ...]


def two_cards_query() -> Query:
    catalogue = load_catalogue()
    return Query(
        tuple(
            query_for(catalogue.profiles[profile], catalogue).credentials[0]
            for profile in ("te_initial_interview", "te_service_need")
        )
    )


def check(
    world: World, *cards: Card, also: tuple[WantedPath, ...] = (), sets: Sets = ()
) -> Verdict:
    query = replace(two_cards_query(), credential_sets=sets)
    shown = zip(query.credentials, cards, strict=False)
    token = {one.id: [bound(card, *REQUIRED[one.id], *also)] for one, card in shown}
    return checked(world, query, token)


def bound(card: Card, *wanted: WantedPath) -> str:
    return bind(
        select(parse(card.text), wanted),
        signer=card.holder,
        audience="x509_hash:desk",
        nonce="n" * 43,
        at=NOW,
    )


def checked(world: World, query: Query, token: dict[str, list[str]]) -> Verdict:
    trust = TrustKeeper(
        source=TrustListFile(world.trust_file),
        store=SqlTrustListStore(world.parts.database),
        operator_anchors=[demo_pki().operator_anchor],
        clock=world.clock,
    )
    checks = CheckPresentation(
        catalogue=load_catalogue(),
        trust=trust,
        status=StatusBook(StatusListFetcher(world.status)),
    )
    expected = ExpectedResponse(query=query, client_id="x509_hash:desk", nonce="n" * 43, at=NOW)
    return world.run(checks(token, expected))


def test_two_cards_of_one_person_hold(world: World) -> None:
    verdict = check(world, make_card(), make_card(Order("statement_feedback")))
    assert {one.mark for one in verdict.checks} == {Mark.PASSED}
    assert [card.issuer for card in verdict.shown] == ["itsearviointi", "mallimaa"]
    assert verdict.status_age == timedelta(0)


@pytest.mark.req("DCQL-06", "VP-33")
def test_of_two_alternatives_only_the_first_is_kept_and_looked_at_further(world: World) -> None:
    either = CredentialSet((("statement_feedback",), ("self_assessment_result",)))
    married = make_card(Order("statement_feedback", claims={"family_name": "Mallinen"}))
    verdict = check(world, make_card(), married, sets=(either,))
    assert {one.mark for one in verdict.checks} == {Mark.PASSED}
    assert [card.type_id for card in verdict.shown] == ["statement_feedback"]


@pytest.mark.req("DCQL-06")
def test_what_is_not_required_may_be_missing(world: World) -> None:
    sets = (
        CredentialSet((("self_assessment_result",),)),
        CredentialSet((("statement_feedback",),), required=False),
    )
    assert {one.mark for one in check(world, make_card(), sets=sets).checks} == {Mark.PASSED}
    missing = check(world, make_card(), sets=(sets[0], replace(sets[1], required=True)))
    assert (missing.outcome, missing.code) == (Outcome.NOT_SHOWN, "query_not_satisfied")


def test_different_names_cannot_be_confirmed(world: World) -> None:
    married = make_card(Order("statement_feedback", claims={"family_name": "Mallinen"}))
    verdict = check(world, make_card(), married)
    assert (verdict.outcome, verdict.code) == (Outcome.CANNOT_CONFIRM, "names_differ")
    assert verdict.checks[-1].check is Check.ACROSS_CARDS
    assert [one.mark for one in verdict.checks] == [Mark.PASSED] * 8 + [Mark.FAILED]
    assert len(verdict.shown) == 2


def test_different_identity_codes_are_rejected_and_nothing_is_kept(world: World) -> None:
    other = make_card(
        Order("statement_feedback", claims={"personal_administrative_number": "120488-913B"})
    )
    code: WantedPath = ("personal_administrative_number",)
    verdict = check(world, make_card(), other, also=(code,))
    assert (verdict.outcome, verdict.code) == (Outcome.REJECT, "identity_codes_conflict")
    assert verdict.shown == ()


def test_a_card_missing_from_the_answer_is_no_verdict(world: World) -> None:
    verdict = check(world, make_card())
    assert (verdict.outcome, verdict.code) == (Outcome.NOT_SHOWN, "query_not_satisfied")


@pytest.mark.parametrize("bad", [0, 1])
def test_one_bad_card_spoils_the_answer(world: World, bad: int) -> None:
    expired: dict[str, Any] = {"issued_days_ago": 60, "days": 59}
    cards = [
        make_card(Order(type_id, **(expired if at == bad else {})))
        for at, type_id in enumerate(("self_assessment_result", "statement_feedback"))
    ]
    verdict = check(world, *cards)
    assert (verdict.outcome, verdict.code) == (Outcome.REJECT, "credential_expired")
    assert verdict.shown == ()
    assert world.status.fetched == []


# Several cards under one id ------------------------------------------------------------------


@pytest.mark.req("DCQL-08")
def test_each_of_several_cards_keeps_what_it_was_shown_for(world: World) -> None:
    (first, *_) = two_cards_query().credentials
    query = Query((replace(first, multiple=True),))
    needed = REQUIRED[first.id]
    more: WantedPath = ("own_goals",)
    holder = make_card()
    with_more, plain = bound(holder, *needed, more), bound(make_card(), *needed)
    for token in ([with_more, plain], [plain, with_more]):
        verdict = checked(world, query, {first.id: token})
        assert verdict.outcome is None, verdict.code
        kept = ["own_goals" in card.claims for card in verdict.shown]
        assert kept == [text is with_more for text in token]
    again = checked(world, query, {first.id: [with_more, bound(holder, *needed)]})
    assert len(again.shown) == 1
