"""Receiving: what is checked before a card enters the store, and what happens when it does not."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from credential_schemas.loader import load_catalogue
from keys import strict_json
from keys.checks import AddressForbidden, ChainNotTrusted, SignatureInvalid, TrustListStale
from keys.devkeys import make_demo_pki
from keys.jose import b64url_encode, public_jwk, thumbprint
from keys.software_signer import SoftwareSigner
from keys.trust import sign_trust_list
from openid4vc import limits
from openid4vc.checks import (
    CheckFailed,
    CredentialExpired,
    CredentialNotYetValid,
    DisclosureUnreferenced,
    HolderKeyMissing,
    IssuerNotTrustedForType,
    KeyBindingUnexpected,
)
from openid4vc.openid4vci.issuer_id import AUTHORIZATION_SERVER, CREDENTIAL_ISSUER, well_known
from openid4vc.openid4vci.offer import CredentialOffer, link_by_reference, link_by_value
from openid4vc.openid4vci.read_metadata import read_issuer_metadata
from openid4vc.openid4vci.wallet_errors import (
    AuthorizationServerMismatch,
    ConfigurationNotOffered,
    GrantNotSupported,
    IssuerIdentifierInvalid,
    MalformedCredentialResponse,
    MalformedMetadata,
    MalformedNonceResponse,
    MalformedOffer,
    MalformedOfferLink,
    MalformedTokenResponse,
    MetadataOfOtherIssuer,
)
from openid4vc.sd_jwt.key_binding import bind
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.type_metadata_errors import (
    ClaimDisclosureMismatch,
    ClaimPathMismatch,
    IntegrityMismatch,
    IntegrityNotUnderstood,
    MandatoryClaimMissing,
    TypeExtendsInCircle,
    TypeMetadataForOtherType,
    TypeMetadataMalformed,
)
from openid4vc.sd_jwt.type_metadata_integrity import integrity_of
from tests.wallet_sim.world import (
    CODE,
    DESCRIPTIONS,
    ISSUER,
    NOON,
    PIN,
    Answer,
    World,
    json_answer,
    pki,
)
from wallet_sim.errors import sentence
from wallet_sim.failures import LinkIsARequest, LinkTooLong, NotALink
from wallet_sim.flow_failures import (
    CardAlreadyHeld,
    ConnectionLost,
    ContentNotAsDefined,
    IssuerAnswerUnclear,
    IssuerBusy,
    IssuerRefused,
    NotBoundToOurKey,
    OfferedTypeUnknown,
    OfferGone,
    PinMalformed,
    PinMissing,
    PinNotAccepted,
    TypeNotAsOffered,
)
from wallet_sim.held import holder_signer
from wallet_sim.model import Kind, Outcome
from wallet_sim.words import Words

run = asyncio.run


@pytest.fixture
def world():
    return World()


def refused(world: World, failure: type[CheckFailed], *, pin: str | None = PIN) -> None:
    """Assert that receiving fails so, that nothing is stored, and that the log says why."""
    with pytest.raises(failure) as raised:
        run(world.wallet.receive(world.issuer.link(), pin=pin))
    assert type(raised.value) is failure
    assert world.wallet.cards() == ()
    entry = world.wallet.log()[-1]
    assert (entry.kind, entry.reason) == (Kind.RECEIVE, failure.code)
    assert entry.outcome in (Outcome.REFUSED, Outcome.FAILED)


# --- the good way --------------------------------------------------------------------------------


@pytest.mark.req("VCI-22", "VCI-34", "VCI-47", "VCI-48", "VCI-49", "VCI-68", "VCI-75")
@pytest.mark.parametrize("link", ["link", "reference"])
def test_a_card_is_stored_and_the_issuer_hears_of_it(world, link):
    cards = run(world.wallet.receive(getattr(world.issuer, link)(), pin=PIN))
    assert cards == world.wallet.cards()
    (card,) = cards
    assert card.type_id == "self_assessment_result"
    assert card.issuer_id == "itsearviointi"
    assert card.sd_jwt == world.issuer.issued[0]
    assert world.issuer.events == ["credential_accepted"]
    assert world.wallet.card(card.id).claims["work_ability_score"] == 5
    (entry,) = world.wallet.log()
    assert (entry.outcome, entry.party_id) == (Outcome.RECEIVED, "itsearviointi")


@pytest.mark.req("VCI-30", "ARF-24")
def test_nothing_is_fetched_with_the_code_before_the_person_agrees(world):
    offer = run(world.wallet.open_offer(world.issuer.link()))
    assert world.issuer.token_requests == 0
    assert [call.method for call in world.network.calls] == ["GET", "GET"]
    world.wallet.leave_offer(offer)
    assert world.issuer.token_requests == 0
    assert world.wallet.log()[-1].outcome is Outcome.NOT_FETCHED


@pytest.mark.req("ARF-24")
def test_the_person_sees_the_content_before_it_is_stored(world):
    offer = run(world.wallet.open_offer(world.issuer.link()))
    fetched = run(world.wallet.fetch(offer, PIN))
    assert fetched.cards[0].issued.claims["given_name"] == "Maija Testi"
    assert world.wallet.cards() == ()
    run(world.wallet.refuse(fetched))
    assert world.wallet.cards() == ()
    assert world.issuer.events == ["credential_deleted"]
    assert world.wallet.log()[-1].outcome is Outcome.NOT_KEPT


@pytest.mark.req("SDJWT-22")
def test_every_card_has_a_key_of_its_own(world):
    run(world.with_card())
    run(world.with_card())
    keys = {thumbprint(public_jwk(holder_signer(card).public_key)) for card in world.wallet.cards()}
    assert len(keys) == 2


@pytest.mark.req("VCI-34")
def test_an_offer_without_pin_sends_none(world):
    world.issuer.pin = None
    run(world.wallet.receive(world.issuer.link(), pin="999999"))
    (call,) = world.network.calls_to("/token")
    assert "tx_code" not in call.form


def test_a_pin_may_be_typed_in_groups(world):
    run(world.wallet.receive(world.issuer.link(), pin=" 271 828 "))
    assert len(world.wallet.cards()) == 1


@pytest.mark.req("VCI-38", "VCI-72", "VCI-18")
def test_a_nonce_in_the_token_response_and_unknown_members_are_ignored(world):
    honest = world.issuer.give_token

    def token(call):
        body = strict_json.loads_object(honest(call).body)
        return json_answer({**body, "c_nonce": "not this one", "c_nonce_expires_in": 1})

    world.network.on("POST", f"{ISSUER}/token", token)
    run(world.with_card())
    assert len(world.wallet.cards()) == 1


@pytest.mark.req("VCI-37")
def test_an_identifier_in_the_token_response_is_used_instead_of_the_configuration(world):
    details = [
        {
            "type": "openid_credential",
            "credential_configuration_id": "self_assessment_result",
            "credential_identifiers": ["dataset-1"],
        }
    ]
    honest = world.issuer.give_token

    def token(call):
        body = strict_json.loads_object(honest(call).body)
        return json_answer({**body, "authorization_details": details})

    world.network.on("POST", f"{ISSUER}/token", token)
    world.network.on(
        "POST", f"{ISSUER}/credential", lambda _: json_answer({"error": "invalid_proof"}, 400)
    )
    refused(world, IssuerRefused)
    (call,) = world.network.calls_to("/credential")
    assert call.json["credential_identifier"] == "dataset-1"
    assert "credential_configuration_id" not in call.json


def test_the_same_card_is_not_stored_twice(world):
    offer = run(world.wallet.open_offer(world.issuer.link()))
    fetched = run(world.wallet.fetch(offer, PIN))
    run(world.wallet.keep(fetched))
    with pytest.raises(CardAlreadyHeld):
        run(world.wallet.keep(fetched))
    assert len(world.wallet.cards()) == 1


# --- the offer -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "failure"),
    [
        ("", NotALink),
        ("just words", NotALink),
        ("https://letter.example/k/1", NotALink),
        ("openid4vp://?client_id=a&request_uri=https://b.example", LinkIsARequest),
        ("openid-credential-offer://?" + "a" * 20_000, LinkTooLong),
        ("openid-credential-offer://", MalformedOfferLink),
        ("openid-credential-offer://?credential_offer={", MalformedOfferLink),
        ("openid-credential-offer://?credential_offer={}", MalformedOffer),
        ("openid-credential-offer://?credential_offer_uri=http://a.example/1", MalformedOfferLink),
        (
            link_by_value(CredentialOffer("http://127.0.0.1:1/x", ("a",), "code")),
            IssuerIdentifierInvalid,
        ),
    ],
)
def test_what_is_no_offer_for_this_wallet_changes_nothing(world, link, failure):
    with pytest.raises(failure):
        run(world.wallet.open_offer(link))
    assert world.network.calls == []
    assert world.wallet.log() == ()


def test_an_offer_for_another_grant_is_refused_and_logged(world):
    link = link_by_value(CredentialOffer(ISSUER, ("self_assessment_result",), None))
    with pytest.raises(GrantNotSupported):
        run(world.wallet.open_offer(link))
    assert [call.method for call in world.network.calls] == ["GET", "GET"]
    assert world.wallet.log()[-1].reason == "grant_not_supported"


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (Answer(404, "text/plain", b""), OfferGone),
        (Answer(410, "text/plain", b""), OfferGone),
        (Answer(429, "text/plain", b""), IssuerBusy),
        (Answer(503, "text/plain", b""), IssuerBusy),
        (Answer(500, "text/plain", b""), IssuerAnswerUnclear),
        (Answer(200, "text/html", b"{}"), IssuerAnswerUnclear),
        (Answer(200, "application/json", b"[]"), IssuerAnswerUnclear),
        (Answer(200, "application/json", b'{"a":1,"a":2}'), IssuerAnswerUnclear),
        (Answer(200, "application/json", b"[" * 9999), IssuerAnswerUnclear),
        (Answer(200, "application/json", b"{}"), MalformedOffer),
    ],
)
def test_an_offer_reference_that_holds_no_offer(world, answer, failure):
    world.network.on("GET", f"{ISSUER}/offers/1", lambda _: answer)
    with pytest.raises(failure):
        run(world.wallet.open_offer(world.issuer.reference()))
    (entry,) = world.wallet.log()
    assert (entry.reason, entry.party_id) == (failure.code, "itsearviointi.example")


def test_an_offer_reference_out_of_reach(world):
    with pytest.raises(ConnectionLost):
        run(world.wallet.open_offer(link_by_reference("https://nobody.example/offers/1")))


@pytest.mark.req("VCI-01", "VCI-02")
@pytest.mark.parametrize(
    ("change", "failure"),
    [
        ({"credential_issuer": ISSUER + "/"}, MetadataOfOtherIssuer),
        ({"credential_issuer": ISSUER.upper()}, MetadataOfOtherIssuer),
        ({"credential_endpoint": "http://itsearviointi.example/x"}, MalformedMetadata),
        ({"credential_configurations_supported": {}}, ConfigurationNotOffered),
        (
            {"credential_configurations_supported": {"self_assessment_result": {"format": "x"}}},
            OfferedTypeUnknown,
        ),
    ],
)
def test_metadata_that_do_not_fit_the_offer(world, change, failure):
    body = {**world.issuer.metadata(), **change}
    world.network.on("GET", well_known(ISSUER, CREDENTIAL_ISSUER), lambda _: json_answer(body))
    with pytest.raises(failure):
        run(world.wallet.open_offer(world.issuer.link()))
    assert world.issuer.token_requests == 0


@pytest.mark.req("VCI-27")
def test_an_authorization_server_hint_that_matches_nothing(world):
    offer = replace(world.issuer.offer, authorization_server="https://other.example")
    with pytest.raises(AuthorizationServerMismatch):
        run(world.wallet.open_offer(link_by_value(offer)))


@pytest.mark.req("VCI-24")
def test_an_authorization_server_without_our_grant(world):
    body = {"issuer": ISSUER, "token_endpoint": f"{ISSUER}/token"}
    world.network.on("GET", well_known(ISSUER, AUTHORIZATION_SERVER), lambda _: json_answer(body))
    with pytest.raises(GrantNotSupported):
        run(world.wallet.open_offer(world.issuer.link()))


def test_an_unknown_type_of_card_is_not_fetched(world):
    body = world.issuer.metadata()
    entry = {**body["credential_configurations_supported"]["self_assessment_result"]}
    entry["vct"] = "urn:somebody-else:card:1"
    body["credential_configurations_supported"] = {"self_assessment_result": entry}
    assert read_issuer_metadata(body, issuer=ISSUER).issuer == ISSUER
    world.network.on("GET", well_known(ISSUER, CREDENTIAL_ISSUER), lambda _: json_answer(body))
    with pytest.raises(OfferedTypeUnknown):
        run(world.wallet.open_offer(world.issuer.link()))


# --- PIN and token -------------------------------------------------------------------------------


@pytest.mark.req("VCI-29")
@pytest.mark.parametrize(
    ("pin", "failure"),
    [
        (None, PinMissing),
        ("", PinMissing),
        ("   ", PinMissing),
        ("12345", PinMalformed),
        ("1234567", PinMalformed),
        ("12345x", PinMalformed),
        ("٢٧١٨٢٨", PinMalformed),
    ],
)
def test_a_slip_of_the_finger_costs_no_attempt(world, pin, failure):
    with pytest.raises(failure):
        run(world.wallet.receive(world.issuer.link(), pin=pin))
    assert world.issuer.token_requests == 0
    assert world.wallet.log() == ()


@pytest.mark.req("VCI-35", "VCI-70")
@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (json_answer({"error": "invalid_grant"}, 400), PinNotAccepted),
        (json_answer({"error": "invalid_tx_code"}, 400), PinNotAccepted),
        (json_answer({"error": "invalid_client"}, 401), IssuerRefused),
        (json_answer({"error": 7}, 400), IssuerRefused),
        (Answer(400, "text/html", b"<h1>"), IssuerRefused),
        (Answer(400, "application/json", b"{"), IssuerRefused),
        (Answer(429, "", b""), IssuerBusy),
        (Answer(500, "", b""), IssuerAnswerUnclear),
        (json_answer({}), MalformedTokenResponse),
        (json_answer({"access_token": "a", "token_type": "DPoP"}), MalformedTokenResponse),
    ],
)
def test_token_answers_other_than_a_token(world, answer, failure):
    world.network.on("POST", f"{ISSUER}/token", lambda _: answer)
    refused(world, failure)


def test_a_wrong_pin_and_then_the_right_one(world):
    refused(world, PinNotAccepted, pin="111111")
    run(world.with_card())
    assert len(world.wallet.cards()) == 1


def test_without_pin_a_refused_code_means_that_the_offer_is_over(world):
    world.issuer.pin = None
    world.network.on(
        "POST", f"{ISSUER}/token", lambda _: json_answer({"error": "invalid_grant"}, 400)
    )
    refused(world, OfferGone)


# --- lost answers --------------------------------------------------------------------------------


@pytest.mark.req("VCI-46")
def test_a_lost_credential_answer_is_asked_for_again_with_a_fresh_nonce(world):
    world.network.lose_answers_of[f"{ISSUER}/credential"] = 2
    run(world.with_card())
    assert len(world.issuer.issued) == 3
    assert len(world.issuer.used_nonces) == 3
    assert world.issuer.token_requests == 1
    assert world.wallet.cards()[0].sd_jwt == world.issuer.issued[-1]


def test_after_too_many_lost_answers_the_same_offer_can_be_taken_up_again(world):
    world.network.lose_answers_of[f"{ISSUER}/credential"] = 3
    refused(world, ConnectionLost)
    assert world.wallet.log()[-1].outcome is Outcome.FAILED
    run(world.wallet.receive(world.issuer.link()))
    assert world.issuer.token_requests == 1, "code and PIN are not used twice"
    assert len(world.wallet.cards()) == 1
    assert world.store.load().unfinished == ()


def test_an_unfinished_receipt_ends_with_its_token(world):
    world.network.lose_answers_of[f"{ISSUER}/credential"] = 3
    refused(world, ConnectionLost)
    world.clock.pass_by(timedelta(minutes=6))
    with pytest.raises(PinMissing):
        run(world.wallet.receive(world.issuer.link()))


@pytest.mark.req("VCI-46", "VCI-51")
def test_a_refused_nonce_is_replaced(world):
    honest, first = world.issuer.give_credential, [True]

    def credential(call):
        if first:
            first.clear()
            return json_answer({"error": "invalid_nonce"}, 400)
        return honest(call)

    world.network.on("POST", f"{ISSUER}/credential", credential)
    run(world.with_card())
    assert len(world.network.calls_to("/nonce")) == 2


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (json_answer({"error": "invalid_nonce"}, 400), IssuerRefused),
        (json_answer({"error": "credential_request_denied"}, 400), IssuerRefused),
        (json_answer({"error": "invalid_token"}, 401), OfferGone),
        (Answer(503, "", b""), IssuerBusy),
        (json_answer({"transaction_id": "t"}, 202), MalformedCredentialResponse),
        (json_answer({"error": "x"}), MalformedCredentialResponse),
        (json_answer({"credentials": []}), MalformedCredentialResponse),
        (Answer(200, "text/plain", b"{}"), IssuerAnswerUnclear),
    ],
)
def test_credential_answers_other_than_a_credential(world, answer, failure):
    world.network.on("POST", f"{ISSUER}/credential", lambda _: answer)
    refused(world, failure)
    assert world.issuer.events == []


def test_a_nonce_endpoint_without_nonce(world):
    world.network.on("POST", f"{ISSUER}/nonce", lambda _: json_answer({}))
    refused(world, MalformedNonceResponse)


def test_a_lost_notification_does_not_lose_the_card(world):
    world.network.lose_answers_of[f"{ISSUER}/notification"] = 1
    run(world.with_card())
    assert len(world.wallet.cards()) == 1


# --- the card ------------------------------------------------------------------------------------


def refused_card(world: World, failure: type[CheckFailed]) -> None:
    """Assert that the card is refused and that the issuer hears so."""
    refused(world, failure)
    assert world.issuer.events == ["credential_failure"]
    assert world.store.load().unfinished == ()


def tampered(text: str) -> str:
    head, payload, signature = text.split("~", 1)[0].split(".")
    other = signature[:8] + ("A" if signature[8] != "A" else "B") + signature[9:]
    return text.replace(f"{head}.{payload}.{signature}", f"{head}.{payload}.{other}")


def with_stray_disclosure(text: str) -> str:
    stray = b64url_encode(strict_json.dumps(["c2FsdHNhbHRzYWx0c2E", "diagnoses", "F32"]))
    return f"{text}{stray}~"


def with_key_binding(text: str) -> str:
    return bind(text, signer=SoftwareSigner.generate(), audience="a", nonce="n", at=NOON)


@pytest.mark.req("SDJWT-11")
def test_a_card_with_a_wrong_signature(world):
    world.issuer.after = tampered
    refused_card(world, SignatureInvalid)


@pytest.mark.req("SDJWT-13")
def test_a_card_with_a_disclosure_that_nobody_signed(world):
    world.issuer.after = with_stray_disclosure
    refused_card(world, DisclosureUnreferenced)


@pytest.mark.req("SDJWT-17")
def test_a_card_that_comes_with_a_key_binding_jwt(world):
    world.issuer.after = with_key_binding
    refused_card(world, KeyBindingUnexpected)


@pytest.mark.req("VCT-06", "VCT-20")
def test_a_card_of_an_organisation_that_may_not_issue_this_type(world):
    world.issuer.signer = pki().signer("kela", "credential")
    refused_card(world, IssuerNotTrustedForType)


@pytest.mark.req("VCT-06")
def test_a_card_of_somebody_outside_the_trust_list(world):
    world.issuer.signer = make_demo_pki(at=NOON).signer("itsearviointi", "credential")
    refused_card(world, ChainNotTrusted)


def test_a_card_of_another_type_than_offered(world):
    claims = {**world.issuer.claims}
    world.issuer.signer = pki().signer("kela", "credential")
    world.issuer.change = lambda content: replace(
        content, vct="urn:kykylompakko:authority-decision:1", claims=claims
    )
    refused_card(world, TypeNotAsOffered)


def test_a_card_bound_to_another_key(world):
    jwk = public_jwk(SoftwareSigner.generate().public_key)
    world.issuer.change = lambda content: replace(content, holder_jwk=jwk)
    refused_card(world, NotBoundToOurKey)


def test_a_card_bound_to_no_key(world):
    world.issuer.change = lambda content: replace(content, holder_jwk=None)
    refused_card(world, HolderKeyMissing)


def test_a_card_that_has_expired(world):
    days = timedelta(days=3)
    world.issuer.change = lambda content: replace(
        content, issued_on=content.issued_on - days, expires_at=NOON - timedelta(days=1)
    )
    refused_card(world, CredentialExpired)


def test_a_card_from_the_future(world):
    world.issuer.change = lambda content: replace(
        content, issued_on=content.issued_on + timedelta(days=2)
    )
    refused_card(world, CredentialNotYetValid)


@pytest.mark.parametrize(
    "change",
    [
        {"diagnoses": ["F32"]},
        {"work_ability_score": 11},
        {"given_name": "x" * 5000},
        {"recommended_next_step": "not a code"},
    ],
)
def test_a_card_that_says_what_its_type_may_not_say(world, change):
    world.issuer.claims = {**world.issuer.claims, **change}
    refused_card(world, ContentNotAsDefined)


def test_a_card_that_is_no_sd_jwt(world):
    world.issuer.after = lambda _text: "garbage"
    with pytest.raises(CheckFailed):
        run(world.wallet.receive(world.issuer.link(), pin=PIN))
    assert world.wallet.cards() == ()


# --- the description of its type -----------------------------------------------------------------

SELF_ASSESSMENT = "urn:kykylompakko:self-assessment-result:1"
DESCRIBED_AT = f"{DESCRIPTIONS}/{SELF_ASSESSMENT}"


def describe(world: World, document: object) -> None:
    """Let the issuer serve this description, and name its very bytes in the card."""
    answer = json_answer(document)
    world.network.on("GET", DESCRIBED_AT, lambda _: answer)
    world.issuer.change = lambda content: replace(content, vct_integrity=integrity_of(answer.body))


def description(world: World) -> dict[str, Any]:
    """The honest description of the self-assessment."""
    return strict_json.loads_object(world.issuer.document(SELF_ASSESSMENT))


@pytest.mark.req("VCT-12", "VCT-15", "VCT-24")
def test_a_card_is_held_against_the_description_that_its_issuer_serves(world):
    run(world.with_card())
    assert [call.url for call in world.network.calls_to(SELF_ASSESSMENT)] == [DESCRIBED_AT]
    named = parse(world.issuer.issued[0]).claims["vct#integrity"]
    assert named == integrity_of(world.issuer.document(SELF_ASSESSMENT))


@pytest.mark.req("VCT-21")
def test_a_description_of_named_bytes_is_fetched_once(world):
    run(world.with_card())
    run(world.with_card())
    assert len(world.wallet.cards()) == 2
    assert len(world.network.calls_to(SELF_ASSESSMENT)) == 1


@pytest.mark.req("VCT-12")
@pytest.mark.parametrize(
    ("integrity", "failure"),
    [
        (integrity_of(b"{}"), IntegrityMismatch),
        (f"{integrity_of(b'{}')} sha512-AAAA", IntegrityNotUnderstood),
        ("md5-AAAA", IntegrityNotUnderstood),
        ("", TypeMetadataMalformed),
    ],
)
def test_a_card_that_names_other_bytes_than_are_served_is_refused(world, integrity, failure):
    world.issuer.change = lambda content: replace(content, vct_integrity=integrity)
    refused_card(world, failure)


@pytest.mark.req("VCT-12")
def test_one_changed_byte_of_the_description_refuses_the_card(world):
    changed = world.issuer.document(SELF_ASSESSMENT).replace(b"{", b"{ ", 1)
    world.network.on("GET", DESCRIBED_AT, lambda _: Answer(200, "application/json", changed))
    refused_card(world, IntegrityMismatch)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        Answer(404, "application/problem+json", b"{}"),
        Answer(500, "application/json", b"{}"),
        Answer(200, "text/html", b"<h1>"),
        Answer(200, "application/json", b" " * (limits.MAX_TYPE_METADATA_BYTES + 1)),
    ],
)
def test_without_a_description_the_wallets_own_catalogue_does(world, answer):
    """What the person reads is the catalogue's in any case, so nothing is lost."""
    if answer is None:
        del world.network.handlers["GET", DESCRIBED_AT]
    else:
        world.network.on("GET", DESCRIBED_AT, lambda _: answer)
    run(world.with_card())
    assert len(world.wallet.cards()) == 1


def test_where_the_address_may_not_be_called_the_catalogue_does_too(world):
    def forbidden(_call):
        raise AddressForbidden

    world.network.on("GET", DESCRIBED_AT, forbidden)
    run(world.with_card())
    assert len(world.wallet.cards()) == 1


def test_a_card_that_names_no_description_is_taken_without_one(world):
    world.issuer.change = lambda content: replace(content, vct_integrity=None)
    run(world.with_card())
    assert len(world.wallet.cards()) == 1
    assert world.network.calls_to(SELF_ASSESSMENT) == []


@pytest.mark.req("VCT-11", "VCT-15")
@pytest.mark.parametrize(
    ("change", "failure"),
    [
        ({"vct": "urn:kykylompakko:authority-decision:1"}, TypeMetadataForOtherType),
        ({"claims": "none"}, TypeMetadataMalformed),
        ({"claims": [{"path": ["gone"], "mandatory": True}]}, MandatoryClaimMissing),
        ({"claims": [{"path": ["given_name"], "sd": "never"}]}, ClaimDisclosureMismatch),
        ({"claims": [{"path": ["given_name", 0]}]}, ClaimPathMismatch),
    ],
)
def test_a_card_that_its_own_description_contradicts_is_refused(world, change, failure):
    describe(world, {**description(world), **change})
    refused_card(world, failure)


@pytest.mark.req("VCT-13", "VCT-14", "VCT-24")
def test_a_description_counts_with_all_that_it_extends(world):
    base = "urn:somebody:base:1"
    base_at = f"{DESCRIPTIONS}/{base}"
    describe(world, {**description(world), "extends": base})
    # 1. The extended type cannot be had: the description is not used at all.
    run(world.with_card())
    assert [call.url for call in world.network.calls_to(base)] == [base_at]
    # 2. It is there, and asks for more than the card holds.
    asks = {"vct": base, "claims": [{"path": ["gone"], "mandatory": True}]}
    world.network.on("GET", base_at, lambda _: json_answer(asks))
    with pytest.raises(MandatoryClaimMissing):
        run(world.with_card())
    # 3. It extends the first one again.
    circle = {"vct": base, "extends": SELF_ASSESSMENT}
    world.network.on("GET", base_at, lambda _: json_answer(circle))
    with pytest.raises(TypeExtendsInCircle):
        run(world.with_card())
    # 4. It fits: without given bytes it is fetched anew for each card.
    world.network.on("GET", base_at, lambda _: json_answer({"vct": base}))
    run(world.with_card())
    assert len(world.wallet.cards()) == 2
    assert len(world.network.calls_to(base)) == 4


def test_the_refusal_is_told_in_words_of_its_own(world):
    world.issuer.change = lambda content: replace(content, vct_integrity=integrity_of(b"{}"))
    refused_card(world, IntegrityMismatch)
    words = Words("fi", load_catalogue())
    said = sentence(words, world.wallet.log()[-1].reason, Kind.RECEIVE)
    assert said.startswith("Myöntäjän palvelu kuvaa kortin lajin toisin kuin kortti itse sanoo.")


# --- the trust list ------------------------------------------------------------------------------


@pytest.mark.req("TRUST-01")
def test_a_newer_trust_list_counts_at_once_and_is_kept(world):
    """The self-assessment service was taken off the list: its cards are refused from now on."""
    left = tuple(one for one in pki().trust_list.issuers if one.id != "itsearviointi")
    newer = replace(pki().trust_list, sequence=2, issuers=left)
    world.source.text = sign_trust_list(newer, pki().signer("trust-operator", "trust-list"))
    refused_card(world, ChainNotTrusted)
    assert world.store.load().trust.sequence == 2
    world.source.text = pki().trust_list_jws
    world.issuer.events.clear()
    refused_card(world, ChainNotTrusted)


@pytest.mark.parametrize("text", [None, "", "garbage", "a.b.c"])
def test_without_a_new_list_the_stored_one_serves(world, text):
    world.source.text = text
    run(world.with_card())
    assert len(world.wallet.cards()) == 1


def test_a_forged_list_is_passed_over(world):
    forger = make_demo_pki(at=NOON)
    world.source.text = sign_trust_list(
        replace(forger.trust_list, sequence=9), forger.signer("trust-operator", "trust-list")
    )
    run(world.with_card())
    assert world.store.load().trust.sequence == 1


@pytest.mark.req("TRUST-04")
def test_with_an_overdue_list_nobody_is_trusted(world):
    world.source.text = None
    world.clock.pass_by(timedelta(days=200))
    refused(world, TrustListStale)
    assert world.issuer.token_requests == 0


# --- the log -------------------------------------------------------------------------------------


@pytest.mark.req("ARF-18", "ARF-29")
def test_forgetting_deletes_card_and_key_and_tells_nobody(world):
    run(world.with_card())
    (card,) = world.wallet.cards()
    calls = len(world.network.calls)
    world.wallet.forget(card.id)
    assert world.wallet.cards() == ()
    assert len(world.network.calls) == calls
    assert world.issuer.events == ["credential_accepted"]
    kept = repr(world.store.load())
    assert parse(card.sd_jwt).jws.text not in kept


@pytest.mark.req("ARF-18")
def test_no_value_code_or_pin_stands_in_the_log(world):
    refused(world, PinNotAccepted, pin="111111")
    run(world.with_card())
    entries = repr(world.wallet.log())
    for secret in ("Mallikas", "Maija", "120488", "kykyviisari", PIN, "111111", CODE, "token-of"):
        assert secret not in entries
