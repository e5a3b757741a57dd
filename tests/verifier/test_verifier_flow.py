"""The life of a verification over the interface: asking, answering, comparing, erasing."""

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from keys import strict_json
from keys.jose import b64url_encode, parse_jws
from openid4vc.openid4vp.errors import WalletErrorCode
from openid4vc.openid4vp.response import encrypt_response, error_form, response_form
from openid4vc.sd_jwt.parse import parse
from openid4vc.status_list.bits import Status
from tests.verifier.world import NOW, REQUIRED, TYPE_OF, Asked, Browser, Order, World, make_card
from verifier.model import Outcome, State

URL_SAFE = re.compile(r"[A-Za-z0-9._~-]{22,}")


def payload_of(text: str) -> dict[str, object]:
    return strict_json.loads_object(parse_jws(text).payload)


# Asking --------------------------------------------------------------------------------------


@pytest.mark.req(
    "VP-01", "VP-02", "VP-03", "VP-04", "VP-13", "DCQL-01", "DCQL-02", "DCQL-18", "ARF-05"
)
def test_the_request_is_what_the_profile_says(world: World) -> None:
    started = world.start()
    reply = world.get(started.started["request_uri"])
    assert reply.headers["content-type"] == "application/oauth-authz-req+jwt"
    request = payload_of(reply.text)
    assert request["response_type"] == "vp_token"
    assert request["response_mode"] == "direct_post.jwt"
    assert URL_SAFE.fullmatch(str(request["nonce"]))
    assert URL_SAFE.fullmatch(str(request["state"]))
    assert "redirect_uri" not in request
    assert "presentation_definition" not in request
    asked = started.fetch()
    assert asked.profile_id == "te_initial_interview"
    paths = {claim.path for claim in asked.query.credentials[0].claims}
    assert set(REQUIRED["self_assessment_result"]) < paths
    assert ("personal_administrative_number",) not in paths


@pytest.mark.req("VP-02", "VP-03")
def test_nothing_is_used_for_two_requests(world: World) -> None:
    first, second = world.start(), world.start()
    one, other = first.fetch(), second.fetch()
    assert one.nonce != other.nonce
    assert one.state != other.state
    assert one.encryption_jwk["kid"] != other.encryption_jwk["kid"]
    assert first.started["result_key"] != second.started["result_key"]
    assert first.ref != second.ref


@pytest.mark.req("ARF-05")
@pytest.mark.parametrize("profile", TYPE_OF)
def test_every_profile_goes_through(world: World, profile: str) -> None:
    asked = world.start(profile).answer(make_card(Order(TYPE_OF[profile])))
    assert asked.identity().status_code == 200
    assert asked.read()["outcome"] == "accept"


@pytest.mark.req("DESK-07")
def test_reading_the_request_twice_gives_the_same_bytes(world: World) -> None:
    asked = world.start()
    first, second = (world.get(asked.started["request_uri"]) for _ in range(2))
    assert first.text == second.text
    assert asked.read()["state"] == "fetched"


@pytest.mark.req("DESK-07", "DESK-04")
def test_an_answered_request_is_not_served_any_more(world: World) -> None:
    asked = world.start().answer()
    reply = world.get(asked.started["request_uri"])
    assert (reply.status_code, reply.json()["error_description"]) == (410, "request_over")


@pytest.mark.req("DESK-04")
def test_an_expired_request_is_neither_served_nor_answered(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    presentation = asked.present(make_card(), request)
    world.clock.advance(minutes=5)
    assert world.get(asked.started["request_uri"]).status_code == 410
    assert asked.send(request, presentation).status_code == 410
    state = asked.read()
    assert (state["state"], state["outcome"]) == ("expired", None)
    assert world.get(asked.started["request_uri"]).status_code == 410


def test_the_qr_code_ends_with_the_request(world: World) -> None:
    asked = world.start()
    for name, start in (("qr_svg", b"<?xml"), ("qr_png", b"\x89PNG")):
        picture = world.get(asked.started[name], headers=world.bearer)
        assert picture.content.startswith(start)
    asked.answer()
    assert world.get(asked.started["qr_svg"], headers=world.bearer).status_code == 410


# Answering -----------------------------------------------------------------------------------


@pytest.mark.req("VP-25")
def test_the_wallet_learns_nothing_of_the_verdict(world: World) -> None:
    for good in (False, True):
        asked = world.start()
        request = asked.fetch()
        reply = asked.send(request, asked.present(make_card(), request) if good else "garbage")
        assert reply.headers["content-type"] == "application/json"
        assert reply.status_code == 200
        assert set(reply.json()) == {"redirect_uri", "confirmation_code"}
        assert reply.json()["confirmation_code"] in world.get(
            reply.json()["redirect_uri"]
        ).text.replace(" ", "")
        assert (asked.read()["state"] == "code_pending") is good


@pytest.mark.req("VP-29")
def test_an_answer_in_the_clear_is_refused(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    presentation = asked.present(make_card(), request)
    token = strict_json.dumps({"self_assessment_result": [presentation]}).decode()
    form = {"vp_token": token, "state": str(request.state)}
    reply = world.post(request.response_uri, data=form)
    assert (reply.status_code, reply.json()["error_description"]) == (400, "response_not_encrypted")
    assert asked.read()["state"] == "fetched"


@pytest.mark.req("VP-34")
def test_declining_is_no_verdict_and_asks_no_reason(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    form = error_form(WalletErrorCode.ACCESS_DENIED, state=request.state)
    assert world.post(request.response_uri, data=form).status_code == 200
    state = asked.read()
    assert (state["state"], state["outcome"], state["code"]) == (
        "declined",
        "not_shown",
        "access_denied",
    )
    assert state["checks"] == []
    (record,) = world.evidence()
    assert (record.ended, record.outcome) == (State.DECLINED, Outcome.NOT_SHOWN)


@pytest.mark.req("VP-34", "VP-35", "VP-42")
@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("invalid_request", "wallet_invalid_request"),
        ("invalid_client", "wallet_invalid_client"),
        ("vp_formats_not_supported", "wallet_vp_formats_not_supported"),
        ("invalid_request_uri_method", "wallet_invalid_request_uri_method"),
        ("invalid_transaction_data", "wallet_invalid_transaction_data"),
        ("wallet_unavailable", "wallet_unavailable"),
        ("user_cancelled", "wallet_error"),
        ("unavailable", "wallet_error"),
    ],
)
def test_a_wallet_in_trouble_is_no_verdict_either(world: World, error: str, code: str) -> None:
    asked = world.start()
    request = asked.fetch()
    form = {"error": error, "state": str(request.state), "new": "parameter"}
    form["error_description"] = "Maija Mallikas is not here"
    assert world.post(request.response_uri, data=form).status_code == 200
    assert (asked.read()["code"], asked.read()["outcome"]) == (code, "not_shown")
    assert b"Maija" not in world.bytes_on_disk()
    assert world.post(request.response_uri, data=form).status_code == 400


@pytest.mark.req("VP-35")
def test_staff_see_what_the_wallet_said_was_wrong(world: World, desk: Browser) -> None:
    desk.sign_in()
    asked = desk.ask()
    request = asked.fetch()
    form = error_form(WalletErrorCode.INVALID_CLIENT, state=request.state)
    assert world.post(request.response_uri, data=form).status_code == 200
    page = desk.open(f"/desk/outcome/{asked.id}")
    assert "Lompakko ei tunnistanut, kuka pyytää." in page
    assert "Mitään ei näytetty." in page


@pytest.mark.req("VP-28")
def test_nobody_can_decline_without_the_state(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    for form in ({"error": "access_denied"}, {"error": "access_denied", "state": "guess"}):
        assert world.post(request.response_uri, data=form).status_code == 400
    assert asked.read()["state"] == "fetched"


@pytest.mark.req("VP-28", "DESK-07")
def test_of_ten_answers_at_once_one_is_taken(world: World) -> None:
    asked = world.start()
    request = asked.fetch()
    token = {"self_assessment_result": [asked.present(make_card(), request)]}
    forms = [response_form(encrypt_response(request, token)) for _ in range(10)]
    replies = world.all_at_once(
        [partial(world.client.post, request.response_uri, data=form) for form in forms]
    )
    assert sorted(reply.status_code for reply in replies) == [200, *[400] * 9]
    (taken,) = (reply.json() for reply in replies if reply.status_code == 200)
    assert asked.confirm(taken["confirmation_code"]).json()["state"] == "identity_pending"
    assert asked.identity().status_code == 200
    ended = [record.code for record in world.evidence()]
    assert sorted(ended, key=str) == [None, "replayed"]


# Comparing the person ------------------------------------------------------------------------


def test_before_comparing_only_name_and_birthdate_are_there(world: World) -> None:
    asked = world.start().answer()
    state = asked.read()
    assert (state["state"], state["outcome"]) == ("identity_pending", None)
    (card,) = state["cards"]
    assert card["claims"] == {
        "given_name": "Maija Testi",
        "family_name": "Mallikas",
        "birthdate": "1988-04-12",
    }
    assert world.evidence() == []


def test_the_same_person_is_accepted(world: World) -> None:
    asked = world.start().answer()
    assert asked.identity("compared").json()["outcome"] == "accept"
    state = asked.read()
    assert (state["state"], state["identity"]) == ("decided", "compared")
    assert state["cards"][0]["claims"]["work_ability_score"] == 5


def test_another_person_is_rejected_and_the_values_are_gone(world: World) -> None:
    asked = world.start().answer()
    assert asked.identity("not_same").status_code == 200
    state = asked.read()
    assert (state["outcome"], state["code"], state["cards"]) == ("reject", "not_same_person", None)
    assert asked.identity("compared").status_code == 409


def test_comparing_cannot_be_left_out(world: World) -> None:
    asked = world.start().answer()
    reply = asked.identity("not_needed")
    assert (reply.status_code, reply.json()["code"]) == (409, "identity_check_required")
    assert asked.read()["state"] == "identity_pending"


def test_who_compares_too_late_starts_again(world: World) -> None:
    asked = world.start().answer()
    world.clock.advance(minutes=10)
    assert asked.identity().status_code == 409
    state = asked.read()
    assert (state["state"], state["outcome"], state["cards"]) == ("expired", None, None)
    (record,) = world.evidence()
    assert (record.ended, len(record.checks)) == (State.EXPIRED, 9)


# Erasing -------------------------------------------------------------------------------------


@pytest.mark.req("VP-41")
def test_values_need_the_result_key(world: World) -> None:
    asked = world.start().answer()
    asked.identity()
    assert asked.read(with_key=False)["cards"] is None
    other = world.start()
    headers = {**world.bearer, "Kyky-Result-Key": other.started["result_key"]}
    reply = world.get(f"/api/v1/verifications/{asked.id}", headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (403, "result_key_wrong")


@pytest.mark.req("VP-41")
def test_another_key_sees_nothing(world: World) -> None:
    asked = world.start().answer()
    stranger = {"Authorization": f"Bearer {world.new_key()}"}
    for path in ("", "/events", "/qr.svg"):
        reply = world.get(f"/api/v1/verifications/{asked.id}{path}", headers=stranger)
        assert (reply.status_code, reply.json()["code"]) == (404, "verification_unknown")
    for path in ("/identity", "/close"):
        reply = world.post(
            f"/api/v1/verifications/{asked.id}{path}",
            json={"identity": "compared"},
            headers=stranger,
        )
        assert reply.status_code == 404


def test_no_value_is_in_the_database_in_clear(world: World) -> None:
    asked = world.start().answer(
        wanted=[*REQUIRED["self_assessment_result"], ("own_goals",)],
    )
    asked.identity()
    assert asked.read()["cards"][0]["claims"]["own_goals"]
    stored = world.bytes_on_disk()
    assert b"te_initial_interview" in stored
    for value in ("Maija", "Mallikas", "1988-04-12", "kykyviisari", "nostaa", "health_check"):
        assert value.encode() not in stored
    assert str(asked.started["result_key"]).encode() not in stored
    assert world.key.encode() not in stored


def boxed_in(world: World, asked: Asked) -> bytes | None:
    boxed: bytes | None = world.run(world.parts.verifications.boxed(asked.id))
    return boxed


@pytest.mark.req("ARF-13", "SDJWT-23")
def test_nothing_of_a_card_but_its_claims_is_kept(world: World) -> None:
    card = make_card()
    asked = world.start().answer(card)
    asked.identity()
    values = str(asked.read()["cards"][0])
    issued = parse(card.text)
    key: Any = issued.claims["cnf"]
    salts = [each.salt for each in issued.disclosures]
    digests = [each.digest for each in issued.disclosures]
    unique = [*salts, *digests, key["jwk"]["x"], b64url_encode(issued.jws.signature)]
    stored = world.bytes_on_disk()
    for one in unique:
        assert one not in values
        assert one.encode() not in stored


def test_closing_erases_the_values(world: World) -> None:
    asked = world.start().answer()
    asked.identity()
    boxed = boxed_in(world, asked)
    assert boxed is not None
    assert asked.close().json()["state"] == "closed"
    assert boxed_in(world, asked) is None
    assert asked.read()["cards"] is None
    assert asked.close().json()["state"] == "closed"
    assert len(world.evidence()) == 1


def test_values_end_by_themselves(world: World) -> None:
    asked = world.start().answer()
    asked.identity()
    world.clock.advance(minutes=9)
    assert asked.read()["cards"]
    world.clock.advance(minutes=1)
    assert world.run(world.parts.sweep()) == 1
    assert boxed_in(world, asked) is None
    state = asked.read()
    assert (state["state"], state["outcome"], state["cards"]) == ("decided", "accept", None)


def test_what_is_due_is_not_shown_even_before_the_sweep(world: World) -> None:
    asked = world.start().answer()
    asked.identity()
    world.clock.advance(minutes=10)
    assert asked.read()["cards"] is None
    assert boxed_in(world, asked) is None


def test_a_row_lives_a_day(world: World) -> None:
    asked = world.start().answer()
    asked.identity()
    asked.close()
    world.clock.advance(hours=24, seconds=1)
    assert world.run(world.parts.sweep()) == 1
    reply = world.get(f"/api/v1/verifications/{asked.id}", headers=world.bearer)
    assert reply.status_code == 404
    assert len(world.evidence()) == 1


def test_the_secrets_of_a_request_end_with_it(world: World) -> None:
    answered, closed, expired = world.start().answer(), world.start(), world.start()
    closed.close()
    world.clock.advance(minutes=5)
    world.run(world.parts.sweep())
    for asked in (answered, closed, expired):
        assert world.run(world.parts.verifications.secrets(asked.id)) is None


# Evidence ------------------------------------------------------------------------------------


@pytest.mark.req("ARF-13", "TSL-20")
def test_evidence_tells_what_was_asked_and_found_and_nothing_about_anybody(world: World) -> None:
    asked = world.start().answer()
    asked.identity()
    (record,) = world.evidence()
    assert record.hour == NOW.replace(minute=0, second=0)
    assert (record.profile, record.role) == ("te_initial_interview", "te_office")
    assert (record.outcome, record.identity) == (Outcome.ACCEPT, "compared")
    assert record.trust_sequence == 1
    assert (record.trust_age_hours, record.status_age_hours) == (24, 0)
    fields = repr(record)
    for part in (asked.id, asked.ref, "status-lists", "Mallikas", "itsearviointi"):
        assert part not in fields


@pytest.mark.parametrize("closed", [True, False])
def test_what_ends_without_an_answer_is_on_record_too(world: World, closed: bool) -> None:
    asked = world.start()
    if closed:
        asked.close()
    else:
        world.clock.advance(minutes=5)
        world.run(world.parts.sweep())
    (record,) = world.evidence()
    assert record.ended is (State.CLOSED if closed else State.EXPIRED)
    assert (record.outcome, record.checks) == (None, ())


# Status lists --------------------------------------------------------------------------------


@pytest.mark.req("TSL-11")
def test_a_list_is_held_for_its_ttl(world: World) -> None:
    world.start().answer()
    world.start().answer()
    assert len(world.status.fetched) == 1
    world.clock.advance(minutes=15)
    world.start().answer()
    assert len(world.status.fetched) == 2


@pytest.mark.req("TSL-21")
def test_a_held_list_does_not_outlive_its_ttl(world: World) -> None:
    world.start().answer()
    world.status.reachable = False
    assert world.start().answer().verdict()[1] is None
    world.clock.advance(minutes=15)
    assert world.start().answer().verdict()[1] == "status_unknown"
    world.clock.advance(hours=24)
    assert world.start().answer(make_card()).verdict()[1] == "status_stale"


def test_a_revocation_seen_before_holds_when_the_list_cannot_be_had(world: World) -> None:
    world.status.statuses[7] = Status.INVALID
    world.start().answer()
    world.status.reachable = False
    world.clock.advance(minutes=15)
    assert world.start().answer().verdict()[:2] == ("reject", "revoked")


def test_a_closed_issuer_without_a_list_cannot_be_confirmed(world: World) -> None:
    issuers = tuple(
        replace(one, closed_on=NOW.date()) if one.id == "itsearviointi" else one
        for one in world.trust_list().issuers
    )
    world.put_trust_list(world.trust_list(sequence=2, issuers=issuers))
    world.run(world.parts.refresh())
    assert world.start().answer().verdict()[1] is None
    world.status.reachable = False
    world.clock.advance(minutes=15)
    assert world.start().answer().verdict()[:2] == ("cannot_confirm", "issuer_closed")


# Trust list ----------------------------------------------------------------------------------


@pytest.mark.req("TRUST-01", "TRUST-04")
def test_a_trust_list_is_never_taken_back(world: World) -> None:
    world.put_trust_list(world.trust_list(sequence=5))
    assert world.run(world.parts.refresh()).sequence == 5
    world.put_trust_list(world.trust_list(sequence=4))
    refreshed = world.run(world.parts.refresh())
    assert (refreshed.sequence, refreshed.failure) == (None, "trust_list_rolled_back")
    asked = world.start().answer()
    assert asked.read()["trust_list_sequence"] == 5


@pytest.mark.parametrize("text", ["", "garbage", "a.b.c"])
def test_a_list_that_cannot_be_read_leaves_the_last_good_one(world: World, text: str) -> None:
    world.trust_file.write_text(text)
    assert world.run(world.parts.refresh()).failure is not None
    world.trust_file.unlink()
    assert world.run(world.parts.refresh()).failure == "trust_list_unavailable"
    assert world.start().answer().read()["state"] == "identity_pending"


def test_the_last_good_list_outlives_a_restart(tmp_path: Path) -> None:
    first = World(tmp_path)
    first.put_trust_list(first.trust_list(sequence=9))
    first.run(first.parts.refresh())
    first.close()
    second = World(tmp_path)
    try:
        assert second.start().answer().read()["trust_list_sequence"] == 9
    finally:
        second.close()


def test_time_for_comparing_starts_at_the_answer(world: World) -> None:
    asked = world.start()
    world.clock.advance(minutes=4)
    asked.answer()
    world.clock.advance(minutes=9)
    assert asked.identity().status_code == 200
    assert world.clock.now() - NOW == timedelta(minutes=13)
