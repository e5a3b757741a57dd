"""Each of the nine checks failing in turn: the right outcome and code, the later ones not run."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from keys import strict_json
from keys.devkeys import make_demo_pki
from keys.jose import sign_jws
from keys.software_signer import SoftwareSigner
from openid4vc.openid4vp.request import AuthorizationRequest
from openid4vc.sd_jwt.key_binding import bind
from openid4vc.sd_jwt.parse import parse
from openid4vc.status_list.bits import Status
from tests.verifier.world import (
    NOW,
    REQUIRED,
    Asked,
    Card,
    Order,
    World,
    demo_pki,
    make_card,
)
from verifier.model import Check

ORDER = [check.value for check in Check]


def assert_only_until(asked: Asked, failed: str) -> None:
    """The checks before passed, this one failed, the later ones were not run."""
    results = [(one["check"], one["result"]) for one in asked.read()["checks"]]
    at = ORDER.index(failed)
    assert results == [
        *((check, "passed") for check in ORDER[:at]),
        (failed, "failed"),
        *((check, "not_run") for check in ORDER[at + 1 :]),
    ]


def assert_verdict(asked: Asked, outcome: str, code: str, failed: str) -> None:
    assert asked.verdict() == (outcome, code, failed)
    assert_only_until(asked, failed)


@pytest.mark.req("VP-31", "VP-32", "VP-33")
def test_a_good_card_passes_all_nine(world: World) -> None:
    asked = world.start().answer()
    state = asked.read()
    assert [one["result"] for one in state["checks"]] == ["passed"] * 9
    assert [one["check"] for one in state["checks"]] == ORDER
    assert (state["state"], state["outcome"]) == ("identity_pending", None)


# 1. It answers this request, once ------------------------------------------------------------


@pytest.mark.req("VP-28", "DESK-07")
def test_a_second_response_is_refused_and_changes_nothing(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    presentation = asked.present(make_card(), request)
    assert asked.send(request, presentation).status_code == 200
    before = asked.read()
    again = asked.send(request, presentation)
    assert (again.status_code, again.json()["error_description"]) == (400, "replayed")
    assert asked.read() == before
    replays = [record for record in world.evidence() if record.code == "replayed"]
    assert [(one.outcome, one.checks[0].code) for one in replays] == [("reject", "replayed")]
    assert {one.mark.value for one in replays[0].checks[1:]} == {"not_run"}


@pytest.mark.req("VP-28")
def test_a_response_to_another_request_is_refused(world: World) -> None:
    asked, other = world.start(), world.start()
    request, other_request = asked.fetch(), other.fetch()
    crossed = replace(other_request, response_uri=request.response_uri)
    reply = asked.send(crossed, asked.present(make_card(), crossed))
    assert (reply.status_code, reply.json()["error_description"]) == (400, "decryption_failed")
    mixed = replace(request, state=other_request.state)
    reply = asked.send(mixed, asked.present(make_card(), mixed))
    assert (reply.status_code, reply.json()["error_description"]) == (400, "state_mismatch")
    assert asked.read()["state"] == "fetched"


# 2. The issuer chain is trusted for this type ------------------------------------------------


@pytest.mark.req("VP-33")
def test_a_self_assessment_signed_by_a_hospital_is_rejected_by_name(world: World) -> None:
    asked = world.start().answer(make_card(Order(org="mallimaa")))
    assert_verdict(asked, "reject", "issuer_not_trusted_for_type", "issuer_trusted")
    assert asked.read()["issuer"] == "mallimaa"


def test_an_issuer_that_nobody_lists_is_rejected(world: World) -> None:
    strangers = make_demo_pki(at=NOW - timedelta(days=1))
    card = make_card(Order(signer=strangers.signer("itsearviointi", "credential")))
    asked = world.start().answer(card)
    assert_verdict(asked, "reject", "chain_not_trusted", "issuer_trusted")


def test_an_issuer_taken_off_the_list_is_rejected(world: World) -> None:
    trust = demo_pki().trust_list
    rest = tuple(one for one in trust.issuers if one.id != "itsearviointi")
    world.put_trust_list(world.trust_list(sequence=2, issuers=rest))
    world.run(world.parts.refresh())
    asked = world.start().answer()
    assert_verdict(asked, "reject", "chain_not_trusted", "issuer_trusted")


def test_text_that_is_no_card_is_rejected(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    assert asked.send(request, "not a card").status_code == 200
    outcome, _, failed = asked.verdict()
    assert (outcome, failed) == ("reject", "issuer_trusted")


def test_without_a_trust_list_in_force_nothing_is_confirmed_and_nothing_shown(
    world: World,
) -> None:
    soon = NOW + timedelta(minutes=1)
    world.put_trust_list(world.trust_list(sequence=2, next_update=soon))
    world.run(world.parts.refresh())
    asked = world.start()
    world.clock.advance(minutes=2)
    asked.answer()
    assert_verdict(asked, "cannot_confirm", "trust_list_stale", "issuer_trusted")
    assert asked.read()["cards"] is None


# 3. The issuer's signature holds -------------------------------------------------------------


def test_a_card_signed_with_another_key_is_rejected(world: World) -> None:
    chain = demo_pki().signer("itsearviointi", "credential").certificate_chain
    forger = SoftwareSigner(SoftwareSigner.generate().private_key, chain)
    asked = world.start().answer(make_card(Order(signer=forger)))
    assert_verdict(asked, "reject", "bad_signature", "issuer_signature")
    assert asked.read()["cards"] is None


# 4. The disclosures match the signed digests -------------------------------------------------


def test_a_tampered_disclosure_is_rejected(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    mine, other = make_card(), make_card(Order(claims={"work_ability_score": 9}))
    stolen = next(
        one.text for one in parse(other.text).disclosures if one.name == "work_ability_score"
    )
    own = next(one.text for one in parse(mine.text).disclosures if one.name == "work_ability_score")
    forged = Card(mine.text.replace(own, stolen), mine.holder)
    text = bind(
        forged.text,
        signer=mine.holder,
        audience=request.client_id,
        nonce=request.nonce,
        at=world.clock.now(),
    )
    assert asked.send(request, text).status_code == 200
    assert_verdict(asked, "reject", "disclosure_unreferenced", "disclosures")


# 5. The dates hold ---------------------------------------------------------------------------


def test_an_expired_card_is_rejected(world: World) -> None:
    asked = world.start().answer(make_card(Order(issued_days_ago=60, days=59)))
    assert_verdict(asked, "reject", "credential_expired", "dates")


@pytest.mark.req("TSL-06")
def test_no_status_list_is_fetched_for_a_card_that_is_invalid_anyway(world: World) -> None:
    world.start().answer(make_card(Order(issued_days_ago=60, days=59)))
    assert world.status.fetched == []


def test_a_card_of_tomorrow_is_rejected(world: World) -> None:
    asked = world.start().answer(make_card(Order(issued_days_ago=-2)))
    assert_verdict(asked, "reject", "credential_not_yet_valid", "dates")


# 6. The holder's key binds it ----------------------------------------------------------------


Bend = Callable[[World, AuthorizationRequest], dict[str, Any]]
BENT: dict[str, Bend] = {
    "kb_nonce_mismatch": lambda _world, _request: {"nonce": "A" * 43},
    "kb_audience_mismatch": lambda _world, request: {
        "audience": request.client_id.removeprefix("x509_hash:")
    },
    "kb_stale": lambda world, _request: {"at": world.clock.now() - timedelta(minutes=6)},
    "kb_signature_invalid": lambda _world, _request: {"signer": SoftwareSigner.generate()},
}


@pytest.mark.req("VP-32", "ARF-14", "DESK-08")
@pytest.mark.parametrize("code", BENT)
def test_a_wrong_key_binding_is_rejected(world: World, code: str) -> None:
    asked = world.start()
    request = asked.fetch()
    text = asked.present(make_card(), request, **BENT[code](world, request))
    assert asked.send(request, text).status_code == 200
    assert_verdict(asked, "reject", code, "holder_binding")


def test_a_disclosure_left_out_after_binding_is_rejected(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    text = asked.present(make_card(), request)
    first, *disclosures, binding = text.split("~")
    assert asked.send(request, "~".join([first, *disclosures[1:], binding])).status_code == 200
    assert_verdict(asked, "reject", "kb_sd_hash_mismatch", "holder_binding")


@pytest.mark.req("DCQL-13", "ARF-14")
def test_a_card_without_key_binding_is_rejected(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    text = asked.present(make_card(), request).rsplit("~", 1)[0] + "~"
    assert asked.send(request, text).status_code == 200
    assert_verdict(asked, "reject", "key_binding_missing", "holder_binding")


@pytest.mark.req("SDJWT-15")
@pytest.mark.parametrize("aud", ["x509_hash:somebody-else", [], ["https://a.example"]])
def test_a_card_for_another_receiver_is_rejected(world: World, aud: object) -> None:
    card = make_card()
    issued = parse(card.text)
    header = {name: value for name, value in issued.jws.header.items() if name != "alg"}
    payload = strict_json.dumps({**issued.claims, "aud": aud})
    jwt = sign_jws(header, payload, demo_pki().signer("itsearviointi", "credential"))
    asked = world.start().answer(replace(card, text=card.text.replace(issued.jws.text, jwt)))
    assert_verdict(asked, "reject", "credential_for_somebody_else", "holder_binding")


@pytest.mark.req("DCQL-13")
def test_a_card_that_is_bound_to_nobody_is_rejected(world: World) -> None:
    asked = world.start().answer(make_card(Order(with_holder=False)))
    assert_verdict(asked, "reject", "holder_key_missing", "holder_binding")


# 7. The query is satisfied, and nothing more is kept -----------------------------------------


def test_a_required_claim_left_out_is_no_verdict(world: World) -> None:
    wanted = [one for one in REQUIRED["self_assessment_result"] if one != ("support_needs",)]
    asked = world.start().answer(wanted=wanted)
    assert_verdict(asked, "not_shown", "query_not_satisfied", "query")
    assert asked.read()["cards"] is None


@pytest.mark.req("VP-33")
def test_another_type_than_asked_is_rejected(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    card = make_card(Order("statement_feedback"))
    text = asked.present(card, request, wanted=REQUIRED["statement_feedback"])
    assert asked.send(request, text).status_code == 200
    assert_verdict(asked, "reject", "vct_not_asked", "query")


@pytest.mark.req("DCQL-08", "VP-23")
def test_two_cards_where_one_was_asked_are_rejected(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    texts = [asked.present(make_card(), request) for _ in range(2)]
    assert asked.send(request, *texts).status_code == 200
    assert_verdict(asked, "reject", "too_many_presentations", "query")


@pytest.mark.req("VP-33")
def test_what_was_not_asked_is_not_kept(world: World) -> None:
    asked = world.start().answer(
        wanted=[
            *REQUIRED["self_assessment_result"],
            ("work_description",),
            ("personal_administrative_number",),
            ("strengths",),
        ]
    )
    assert asked.identity().status_code == 200
    (card,) = asked.read()["cards"]
    assert set(card["claims"]) == {str(path[0]) for path in REQUIRED["self_assessment_result"]}


# 8. The status is fresh and valid ------------------------------------------------------------


@pytest.mark.req("TSL-10", "ARF-12")
def test_a_revoked_card_is_rejected_and_its_issuer_named(world: World) -> None:
    world.status.statuses[7] = Status.INVALID
    asked = world.start().answer()
    assert_verdict(asked, "reject", "revoked", "status")
    assert asked.read()["cards"] is None
    assert asked.read()["issuer"] == "itsearviointi"


@pytest.mark.req("TSL-10")
def test_a_suspended_card_cannot_be_confirmed_and_its_values_are_there(world: World) -> None:
    world.status.statuses[7] = Status.SUSPENDED
    asked = world.start().answer()
    assert_verdict(asked, "cannot_confirm", "suspended", "status")
    (card,) = asked.read()["cards"]
    assert card["claims"]["work_ability_score"] == 5


@pytest.mark.req("TSL-21", "ARF-12")
def test_an_unreachable_status_list_cannot_be_confirmed(world: World) -> None:
    world.status.reachable = False
    assert_verdict(world.start().answer(), "cannot_confirm", "status_unknown", "status")


@pytest.mark.req("TSL-21", "ARF-12")
def test_a_status_list_over_a_day_old_cannot_be_confirmed(world: World) -> None:
    world.status.made_at = NOW - timedelta(hours=25)
    assert_verdict(world.start().answer(), "cannot_confirm", "status_stale", "status")


@pytest.mark.req("TSL-09")
def test_an_index_outside_the_list_is_rejected(world: World) -> None:
    asked = world.start().answer(make_card(Order(index=4000)))
    assert_verdict(asked, "reject", "status_index_out_of_range", "status")


@pytest.mark.req("TSL-10")
def test_an_unknown_status_value_is_rejected(world: World) -> None:
    world.status.statuses[7] = 3  # type: ignore[assignment]  # application-specific
    assert_verdict(world.start().answer(), "reject", "status_value_unknown", "status")


@pytest.mark.req("TSL-08", "TSL-21")
@pytest.mark.parametrize("raw", ["", "garbage", "a.b.c", "{}"])
def test_a_status_list_that_is_none_cannot_be_confirmed(world: World, raw: str) -> None:
    world.status.raw = raw
    assert_verdict(world.start().answer(), "cannot_confirm", "status_unknown", "status")


@pytest.mark.req("TSL-07", "TSL-08")
def test_a_status_list_of_another_address_or_signer_cannot_be_confirmed(world: World) -> None:
    for url in ("https://issuer.test/mallimaa/status-lists/1", "https://a.test/itsearviointi/x/2"):
        world.status.raw = world.status.token(url)
        assert_verdict(world.start().answer(), "cannot_confirm", "status_unknown", "status")


def test_a_card_without_status_cannot_be_confirmed(world: World) -> None:
    asked = world.start().answer(make_card(Order(with_status=False)))
    assert_verdict(asked, "cannot_confirm", "status_missing", "status")
