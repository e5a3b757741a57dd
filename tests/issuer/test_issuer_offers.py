"""The issuing systems' side of an offer: who may make which, once, and how it ends."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image

from issuer.parts.administration import make_administration
from issuer.usecases.failures import (
    ApiKeyNotFound,
    OrganisationUnknown,
    TooManyApiKeys,
    TypeNotIssuedHere,
    TypeUnknown,
)
from openid4vc.openid4vci.offer import CredentialOffer, OfferReference, parse_offer_link
from openid4vc.status_list.bits import Status
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, NOW, World, claims_of, offer_body

QR_ONLY = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))

OFFERS = "/api/v1/mallimaa/offers"


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:kykylompakko:problem:{body['code']}"
    assert body["title"]
    assert body["detail"]
    return answer.status_code, body["code"]


def test_an_offer_answers_with_links_and_pictures(world: World) -> None:
    made = world.offer()

    reference = parse_offer_link(made["offer_link"])
    by_value = parse_offer_link(made["offer_link_by_value"])
    assert isinstance(reference, OfferReference)
    assert reference.uri.startswith(f"{BASE}/mallimaa/offers/")
    assert isinstance(by_value, CredentialOffer)
    assert by_value.issuer == f"{BASE}/mallimaa"
    assert by_value.configuration_ids == ("statement_feedback",)
    assert made["state"] == "offered"
    assert made["expires_at"] == (NOW + timedelta(minutes=15)).isoformat().replace("+00:00", "Z")
    assert "pin" not in made


@pytest.mark.req("VCI-20")
def test_the_pictures_hold_the_link_and_need_the_key(world: World) -> None:
    made = world.offer()
    path = urlsplit(made["qr_png"]).path
    png = world.get(path, headers=world.auth())
    svg = world.get(
        urlsplit(made["qr_svg"]).path, headers=world.auth() | {"Accept-Language": "sv-FI"}
    )

    assert png.headers["content-type"] == "image/png"
    (read,) = zxingcpp.read_barcodes(Image.open(BytesIO(png.content)), formats=QR_ONLY)
    assert read.text == made["offer_link"]
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert "Öppna i plånboken" in svg.text
    assert problem(world.get(path)) == (401, "api_key_missing")
    world.clock.advance(minutes=16)
    assert problem(world.get(path, headers=world.auth())) == (409, "offer_not_open")


@pytest.mark.req("VCI-22", "VCI-23")
def test_an_offer_can_be_fetched_again_while_it_lives(world: World, wallet: TinyWallet) -> None:
    link = world.offer()["offer_link"]
    other = world.offer()["offer_link"]
    found = parse_offer_link(link)
    assert isinstance(found, OfferReference)
    path = urlsplit(found.uri).path

    answers = [world.get(path) for _ in range(3)]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert answers[0].headers["content-type"] == "application/json"
    assert answers[0].headers["cache-control"] == "no-store"
    assert link != other
    assert world.get(path.replace("mallimaa", "kela")).status_code == 404

    world.clock.advance(minutes=15)
    gone = world.get(path)
    assert (gone.status_code, gone.json()["error"]) == (404, "invalid_request")


def test_a_refused_kind_of_information_is_answered_with_the_reason(world: World) -> None:
    for type_id in ("labour_policy_statement", "insurance_claim_patient_data"):
        body = {**offer_body(), "type": type_id}
        answer = world.post(OFFERS, json=body, headers=world.auth() | {"Accept-Language": "fi"})
        assert problem(answer) == (422, "type_refused")
        reason = answer.json()["reason"]
        assert set(reason) == {"fi", "sv", "en"}
        assert answer.json()["detail"] == reason["fi"]
        assert answer.headers["content-language"] == "fi"


@pytest.mark.parametrize(
    ("path", "type_id", "org", "expected"),
    [
        (OFFERS, "no_such_type", "mallimaa", (422, "type_unknown")),
        (OFFERS, "self_assessment_result", "mallimaa", (422, "type_not_issued_here")),
        (OFFERS, "authority_decision", "mallimaa", (403, "type_not_in_scope")),
        (OFFERS, "statement_feedback", "kela", (403, "api_key_of_another_organisation")),
        (
            "/api/v1/nobody/offers",
            "statement_feedback",
            "mallimaa",
            (403, "api_key_of_another_organisation"),
        ),
    ],
)
def test_a_key_opens_its_own_organisation_and_types_only(
    world: World, path: str, type_id: str, org: str, expected: tuple[int, str]
) -> None:
    scope = ("statement_feedback",) if org == "mallimaa" else ()
    body = {**offer_body(), "type": type_id}
    assert problem(world.post(path, json=body, headers=world.auth(org, *scope))) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "api_key_missing"),
        ("Basic a2V5", "api_key_missing"),
        ("Bearer", "api_key_refused"),
        ("Bearer nonsense", "api_key_refused"),
        (f"Bearer kyky_{'a' * 16}_{'b' * 43}", "api_key_refused"),
    ],
)
def test_without_a_live_key_nothing_happens(
    world: World, header: str | None, expected: str
) -> None:
    before = world.dump()
    answer = world.post(
        OFFERS, json=offer_body(), headers={} if header is None else {"Authorization": header}
    )
    assert problem(answer) == (401, expected)
    assert answer.headers["www-authenticate"] == "Bearer"
    assert world.dump() == before


def test_a_key_with_another_secret_is_refused(world: World) -> None:
    key = world.api_key()
    assert key is not None
    other = key[:-43] + ("b" if key[-43] != "b" else "c") + key[-42:]
    answers = [
        world.post(OFFERS, json=offer_body(), headers={"Authorization": f"Bearer {one}"})
        for one in (other, key)
    ]
    assert problem(answers[0]) == (401, "api_key_refused")
    assert answers[1].status_code == 201


def test_keys_end_and_two_may_live_at_a_time(world: World) -> None:
    admin = make_administration(world.parts)

    def make(**changes: Any) -> tuple[Any, str]:
        options = {
            "organisation": "kela",
            "system": "decisions",
            "types": ["authority_decision"],
            "lifetime": timedelta(days=2),
        }
        return world.run(admin.create_api_key(**{**options, **changes}))

    first, first_text = make()
    _, second_text = make(lifetime=timedelta(days=5))
    with pytest.raises(TooManyApiKeys):
        make()
    make(system="another")
    for changes, failure in (
        ({"organisation": "nobody"}, OrganisationUnknown),
        ({"types": ["nothing"]}, TypeUnknown),
        ({"types": ["statement_feedback"]}, TypeNotIssuedHere),
    ):
        with pytest.raises(failure):
            make(**changes)

    def status(text: str) -> int:
        path = f"/api/v1/kela/offers/{'0' * 32}"
        return world.get(path, headers={"Authorization": f"Bearer {text}"}).status_code

    assert (status(first_text), status(second_text)) == (404, 404)
    world.run(admin.revoke_api_key(first.id))
    assert (status(first_text), status(second_text)) == (401, 404)
    with pytest.raises(ApiKeyNotFound):
        world.run(admin.revoke_api_key(first.id))
    world.clock.advance(days=5)
    assert status(second_text) == 401
    assert first_text not in repr(world.dump())
    kept = world.run(admin.list_api_keys(organisation="kela"))
    assert sorted(key.system for key in kept) == ["another", "decisions", "decisions"]


def test_every_mistake_in_the_claims_is_listed_and_no_value_told(world: World) -> None:
    claims = claims_of("statement_feedback")
    claims["work_ability_conclusion"] = "Salainen arvo"
    claims["issuing_authority"] = "Kela (TESTI)"
    claims["restriction_valid_until"] = "2026-01-02"
    claims["Salainen nimi"] = "Salainen teksti"
    del claims["family_name"]

    answer = world.post(OFFERS, json=offer_body(claims=claims), headers=world.auth())

    assert problem(answer) == (422, "request_invalid")
    found = {(tuple(one["path"]), one["code"]) for one in answer.json()["problems"]}
    assert {
        (("work_ability_conclusion",), "not_in_code_list"),
        (("issuing_authority",), "issuing_authority_differs"),
        (("restriction_valid_until",), "already_over"),
        (("family_name",), "missing"),
    } <= found
    assert any(code == "unknown_item" for _, code in found)
    assert "Salai" not in answer.text


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_problems_speak_the_callers_language(world: World, lang: str) -> None:
    titles = {"fi": "API-avain puuttuu", "sv": "API-nyckeln saknas", "en": "The API key is missing"}
    for header in (lang, f"de;q=0.9, {lang};q=0.8", f"{lang}-FI,*;q=0.1"):
        answer = world.get(f"{OFFERS}/{'0' * 32}", headers={"Accept-Language": header})
        assert answer.json()["title"] == titles[lang]
        assert answer.headers["content-language"] == lang
    odd = world.get(f"{OFFERS}/{'0' * 32}", headers={"Accept-Language": "fi;q=x,;q,sv;v=1,q"})
    assert odd.headers["content-language"] == "en"


def test_a_message_has_a_pin_and_a_longer_life(world: World) -> None:
    made = world.offer(offer_body(delivery={"channel": "message"}))
    assert len(made["pin"]) == 6
    assert made["pin"].isdigit()
    assert made["expires_at"] == (NOW + timedelta(days=3)).isoformat().replace("+00:00", "Z")

    body = offer_body(delivery={"channel": "message", "pin": False})
    assert problem(world.post(OFFERS, json=body, headers=world.auth())) == (422, "pin_required")


def test_the_pin_is_told_once_and_again_only_to_the_same_call(world: World) -> None:
    body = offer_body(delivery={"channel": "screen", "pin": True})
    made = world.offer(body, key="call-1")
    again = world.offer(body, key="call-1")
    assert again == made
    assert made["pin"] not in repr(world.offer_state(made["offer_id"]))

    wallet = TinyWallet(world)
    wallet.token(wallet.open_link(made["offer_link"]), made["pin"])
    assert "pin" not in world.offer(body, key="call-1")


def test_the_same_call_makes_one_offer_however_often_it_comes(world: World) -> None:
    body, headers = offer_body(), world.auth() | {"Idempotency-Key": "abc-123"}

    answers = world.all_at_once(
        [lambda: world.client.post(OFFERS, json=body, headers=headers) for _ in range(10)]
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(world.dump()["offers"]) == 1
    reordered = dict(reversed(body.items()))
    assert world.post(OFFERS, json=reordered, headers=headers).json() == answers[0].json()

    other = {**body, "subject_ref": "client-4712"}
    assert problem(world.post(OFFERS, json=other, headers=headers)) == (
        422,
        "idempotency_key_reused",
    )
    assert len(world.dump()["offers"]) == 1


def test_a_key_of_a_call_is_the_systems_own_and_ends_after_a_day(world: World) -> None:
    first = world.offer(key="k")
    decision = {**offer_body("authority_decision")}
    decision["claims"]["issuing_authority"] = "Kela (TESTI)"
    assert world.offer(decision, org="kela", key="k")["offer_id"] != first["offer_id"]
    world.clock.advance(hours=24)
    assert world.offer(key="k")["offer_id"] != first["offer_id"]


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 256])
def test_a_malformed_idempotency_key_is_refused(world: World, key: str) -> None:
    headers = world.auth() | {"Idempotency-Key": key}
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = world.post(OFFERS, json=offer_body(), headers=encoded)
    assert problem(answer) == (422, "request_invalid")
    assert not world.dump()["offers"]


def test_a_withdrawn_offer_is_gone_for_the_wallet(world: World, wallet: TinyWallet) -> None:
    made = world.offer()
    offer = wallet.open_link(made["offer_link"])
    path = f"{OFFERS}/{made['offer_id']}/withdraw"

    answer = world.post(path, headers=world.auth())

    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert answer.json()["offer_link"] is None
    assert wallet.ask_token(offer).json()["error"] == "invalid_grant"
    assert problem(world.post(path, headers=world.auth())) == (409, "offer_not_open")
    missing = f"{OFFERS}/{'0' * 32}/withdraw"
    assert problem(world.post(missing, headers=world.auth())) == (404, "offer_not_found")


def test_withdrawing_revokes_a_copy_that_nobody_has_confirmed(
    world: World, wallet: TinyWallet
) -> None:
    made = world.offer()
    token = wallet.token(wallet.open_link(made["offer_link"]))
    credential, _ = wallet.credential(token)

    world.post(f"{OFFERS}/{made['offer_id']}/withdraw", headers=world.auth())

    assert wallet.status_of(credential) is Status.INVALID
    denied = wallet.ask_credential(token, wallet.request("statement_feedback"))
    assert (denied.status_code, denied.json()["error"]) == (400, "credential_request_denied")


def test_a_received_card_is_not_withdrawn_but_revoked(world: World, wallet: TinyWallet) -> None:
    made = world.offer()
    credential = wallet.receive(made["offer_link"])
    answer = world.post(f"{OFFERS}/{made['offer_id']}/withdraw", headers=world.auth())
    assert problem(answer) == (409, "offer_not_open")
    assert wallet.status_of(credential) is Status.VALID


def test_another_organisations_offer_does_not_exist(world: World) -> None:
    made = world.offer()
    path = f"/api/v1/kela/offers/{made['offer_id']}"
    assert problem(world.get(path, headers=world.auth("kela"))) == (404, "offer_not_found")
    scoped = world.auth("mallimaa", "authority_decision")
    answer = world.get(f"{OFFERS}/{made['offer_id']}", headers=scoped)
    assert problem(answer) == (403, "type_not_in_scope")
