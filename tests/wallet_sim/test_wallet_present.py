"""Presenting: who may ask what, what leaves, and what the receiver hears when nothing does."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from json import dumps

import pytest

from keys import strict_json
from keys.checks import (
    AddressForbidden,
    AlgorithmNotAllowed,
    ChainMissing,
    ChainNotTrusted,
    CheckFailed,
    MalformedJws,
    SignatureInvalid,
    TrustListStale,
    WrongTokenType,
)
from keys.devkeys import make_demo_pki
from keys.jose import b64url_encode, parse_jws, sign_jws, x5c_header
from keys.trust import RelyingParty, sign_trust_list
from openid4vc.dcql.errors import FormatNotSupported, OverAsked
from openid4vc.dcql.profiles import query_for
from openid4vc.dcql.query import ClaimsQuery, CredentialQuery, Query, query_json
from openid4vc.openid4vp.client_id import x509_san_dns
from openid4vc.openid4vp.errors import (
    ClientIdMismatch,
    ClientIdNotOfCertificate,
    ClientIdPrefixNotSupported,
    MalformedRequestLink,
    QueryMissing,
    RelyingPartyUnknown,
    RequestExpired,
    RequestForSomebodyElse,
    RequestUriMethodInvalid,
    ResponseModeNotSupported,
    ResponseUriOfAnotherHost,
    TransactionDataNotSupported,
    WalletNonceMismatch,
)
from openid4vc.openid4vp.link import request_link
from openid4vc.openid4vp.write_request import REQUEST_TYPE
from tests.wallet_sim.world import (
    NOON,
    PIN,
    RECEIVER,
    Answer,
    IssuerSimulator,
    World,
    json_answer,
    payload,
    pki,
)
from wallet_sim.answers import read_receipt
from wallet_sim.consent import WhyNot, Wish
from wallet_sim.failures import LinkIsAnOffer, LinkTooLong, NotALink
from wallet_sim.flow_failures import (
    CannotLeaveOut,
    CardDoesNotFit,
    ConnectionLost,
    NoMatchingCard,
    PurposeUnknown,
    ReceiverAnswerUnclear,
    ReceiverRefused,
    RequestGone,
)
from wallet_sim.model import Kind, Outcome

run = asyncio.run
VCT = "urn:kykylompakko:self-assessment-result:1"


@pytest.fixture
def world():
    return run(World().with_card())


def refused(world: World, failure: type[CheckFailed], *, told: str | None = None) -> None:
    """Assert that the request is refused so, that at most an error was sent, and the log entry."""
    before = len(world.wallet.log())
    with pytest.raises(failure) as raised:
        run(world.wallet.open_request(world.receiver.link()))
    assert type(raised.value) is failure
    assert world.receiver.presented == []
    assert world.receiver.errors == ([told] if told else [])
    posted = [dict(call.form or {}) for call in world.network.calls_to("/responses/1")]
    assert all(form.keys() <= {"error", "state"} for form in posted)
    assert len(posted) == (1 if told else 0)
    (entry,) = world.wallet.log()[before:]
    assert (entry.kind, entry.reason) == (Kind.PRESENT, failure.code)
    assert entry.outcome in (Outcome.REFUSED, Outcome.FAILED)


def resigned(world: World, **changes: object):
    """Return a step that changes members of the signed request and signs again (None: left out)."""

    def change(text: str) -> str:
        jws = parse_jws(text)
        body = {**strict_json.loads_object(jws.payload), **changes}
        body = {name: value for name, value in body.items() if value is not None}
        header = {name: value for name, value in jws.header.items() if name != "alg"}
        return sign_jws(header, strict_json.dumps(body), world.receiver.signer)

    return change


def asking(*paths: str, vct: str = VCT) -> Query:
    claims = tuple(ClaimsQuery(tuple(path.split("."))) for path in paths)
    return Query((CredentialQuery("q", "dc+sd-jwt", (vct,), claims),))


# --- the good way --------------------------------------------------------------------------------


@pytest.mark.req("VP-32", "VP-29", "HAIP-20", "SDJWT-18", "SDJWT-19", "SDJWT-09", "DCQL-16")
def test_exactly_what_was_asked_leaves(world):
    run(world.wallet.present(world.receiver.link()))
    (shown,) = world.receiver.presented
    names = {place[0] for place in shown.disclosed}
    assert names == {
        "given_name", "family_name", "birthdate", "assessment_instrument", "assessment_date",
        "work_ability_score", "support_needs", "recommended_next_step", "own_goals",
        "domain_scores", "domain_scale",
    }  # fmt: skip
    assert shown.claims["domain_scores"] == {"skills": 66}
    assert shown.claims["support_needs"] == ["health_check", "employment_services"]
    assert shown.partial_arrays == frozenset(), "arrays leave whole"
    (entry,) = world.wallet.log()[1:]
    assert (entry.outcome, entry.profile_id) == (Outcome.SHOWN, "te_initial_interview")
    assert entry.party_id == "NTRFI-0000065-0"
    assert "domain_scores.skills" in entry.cards[0].shown
    assert "domain_scores.vocational_skills" in entry.cards[0].asked


@pytest.mark.req("VP-23", "DCQL-08")
def test_the_response_is_encrypted_and_nothing_else_is_posted(world):
    run(world.wallet.present(world.receiver.link()))
    (call,) = world.network.calls_to("/responses/1")
    assert list(call.form) == ["response"]
    assert call.form["response"].count(".") == 4
    assert "Mallikas" not in call.form["response"]


@pytest.mark.req("ARF-10", "ARF-07")
def test_nothing_is_sent_before_the_person_decides(world):
    request = run(world.wallet.open_request(world.receiver.link()))
    assert world.network.calls_to("/responses/1") == []
    world.wallet.leave_request(request)
    assert world.network.calls_to("/responses/1") == []
    assert world.wallet.log()[-1].outcome is Outcome.NOT_ANSWERED


@pytest.mark.req("VP-34", "ARF-10")
def test_declining_says_access_denied_and_nothing_more(world):
    request = run(world.wallet.open_request(world.receiver.link()))
    run(world.wallet.decline(request))
    assert world.receiver.errors == ["access_denied"]
    (call,) = world.network.calls_to("/responses/1")
    assert call.form == {"error": "access_denied", "state": world.receiver.state}
    assert world.wallet.log()[-1].outcome is Outcome.DECLINED


@pytest.mark.req("DCQL-10", "DCQL-07", "DCQL-19", "ARF-10")
def test_declining_and_having_no_card_look_the_same():
    with_card, without = run(World().with_card()), World()
    forms = []
    for world in (with_card, without):
        request = run(world.wallet.open_request(world.receiver.link()))
        run(world.wallet.decline(request))
        (call,) = world.network.calls_to("/responses/1")
        forms.append(call.form)
    assert forms[0] == forms[1]
    assert without.wallet.log()[-1].reason == "no_matching_card"


@pytest.mark.req("VP-16")
def test_a_request_fetched_by_post_must_repeat_the_wallets_nonce(world):
    link = world.receiver.link() + "&request_uri_method=post"
    run(world.wallet.present(link))
    (call,) = world.network.calls_to("/requests/1")
    assert len(call.form["wallet_nonce"]) == 64
    assert call.headers["Accept"] == f"application/{REQUEST_TYPE}"
    world.receiver.after = resigned(world, wallet_nonce="0" * 64)
    with pytest.raises(WalletNonceMismatch):
        run(world.wallet.open_request(link))


@pytest.mark.req("VP-16")
def test_a_posted_fetch_says_what_every_wallet_of_this_kind_says_and_never_twice_the_same(world):
    link = world.receiver.link() + "&request_uri_method=post"
    forms = []
    for _ in range(2):
        run(world.wallet.open_request(link))
        forms.append(world.network.calls_to("/requests/1")[-1].form)
    assert [set(form) for form in forms] == [{"wallet_nonce", "wallet_metadata"}] * 2
    assert forms[0]["wallet_metadata"] == forms[1]["wallet_metadata"]
    assert forms[0]["wallet_nonce"] != forms[1]["wallet_nonce"]


@pytest.mark.req("VP-16")
@pytest.mark.parametrize("kept", [None, ""])
def test_a_receiver_that_forgets_the_wallets_nonce_gets_no_answer(world, kept):
    world.receiver.after = resigned(world, wallet_nonce=kept)
    with pytest.raises(WalletNonceMismatch):
        run(world.wallet.open_request(world.receiver.link() + "&request_uri_method=post"))
    assert world.network.calls_to("/responses/1") == []
    assert run(world.wallet.open_request(world.receiver.link())).can_be_answered()


# --- receivers that are known by a DNS name ------------------------------------------------------

HOST = "te-toimisto-malli.example"


@pytest.fixture
def by_name(world):
    """The receiver asks under a name of its certificate, at the address of that name."""
    world.receiver.named = x509_san_dns(HOST)
    world.receiver.move(f"https://{HOST}")
    return world


@pytest.mark.req("VP-08", "VP-07", "VP-32")
def test_who_is_known_by_a_name_is_answered_under_the_whole_of_it(by_name):
    run(by_name.wallet.present(by_name.receiver.link()))
    assert len(by_name.receiver.presented) == 1
    assert by_name.wallet.log()[-1].client_id == f"x509_san_dns:{HOST}"


@pytest.mark.req("VP-08")
def test_a_name_on_another_desks_certificate_is_an_impostor(by_name):
    by_name.receiver.after = resigned(by_name, client_id="x509_san_dns:te.example")
    by_name.receiver.link = lambda: request_link(
        "x509_san_dns:te.example", f"https://{HOST}/requests/1"
    )
    refused(by_name, ClientIdNotOfCertificate)
    assert by_name.receiver.errors == []


@pytest.mark.req("VP-08")
def test_an_answer_is_sent_to_the_host_of_that_name_only(by_name):
    by_name.receiver.after = resigned(by_name, response_uri=f"{RECEIVER}/responses/1")
    refused(by_name, ResponseUriOfAnotherHost)
    assert by_name.network.calls_to("/responses/1") == []


@pytest.mark.req("VP-42", "VP-05", "VP-06")
def test_unknown_parameters_and_those_outside_the_signed_request_are_ignored(world):
    world.receiver.after = resigned(world, presentation_definition={"id": "old"}, iss="whoever")
    link = world.receiver.link() + "&nonce=other&response_uri=https%3A%2F%2Fevil.example%2F"
    run(world.wallet.present(link))
    assert len(world.receiver.presented) == 1


@pytest.mark.req("VP-26", "HAIP-13")
def test_the_receivers_address_for_the_browser_is_handed_on(world):
    address = f"{RECEIVER}/done#response_code=abc"
    world.receiver.answer = lambda: json_answer({"redirect_uri": address})
    assert run(world.wallet.present(world.receiver.link())).redirect_uri == address


@pytest.mark.req("VP-42")
@pytest.mark.parametrize("other", [7, "", "123", "123456789", "48291a", "١٢٣٤٥٦", ["1"], None])
def test_what_is_no_code_is_an_unknown_member(world, other):
    world.receiver.answer = lambda: json_answer({"confirmation_code": other})
    assert run(world.wallet.present(world.receiver.link())).confirmation_code is None


@pytest.mark.parametrize(
    ("address", "unsafe_too"),
    [
        ("http://127.0.0.1:8002/c/abc", True),
        ("http://127.0.0.1.evil.example/c/abc", False),
        ("http://localhost:8002/c/abc", False),
        ("http://desk.example/c/abc", False),
    ],
)
def test_a_browser_is_sent_without_tls_only_to_this_machine_in_a_demonstration(address, unsafe_too):
    answer = json_answer({"redirect_uri": address})
    with pytest.raises(ReceiverAnswerUnclear):
        read_receipt(answer)
    if unsafe_too:
        assert read_receipt(answer, allow_loopback_http=True).redirect_uri == address
    else:
        with pytest.raises(ReceiverAnswerUnclear):
            read_receipt(answer, allow_loopback_http=True)


# --- leaving out, choosing cards -----------------------------------------------------------------


@pytest.mark.req("DCQL-05", "DCQL-16")
def test_optional_claims_can_be_left_out(world):
    request = run(world.wallet.open_request(world.receiver.link()))
    wish = Wish(leave_out=("own_goals", "domain_scores.skills"))
    (choice,) = request.choices(wish)
    assert set(choice.left_out) == {("own_goals",), ("domain_scores", "skills")}
    assert choice.optional == (("domain_scale",),)
    run(world.wallet.share(request, wish))
    (shown,) = world.receiver.presented
    assert "own_goals" not in shown.claims
    assert "domain_scores" not in shown.claims
    assert "domain_scale" in shown.claims


@pytest.mark.parametrize(
    "name", ["work_ability_score", "given_name", "strengths", "no_such_claim", "domain_scores", ""]
)
def test_needed_or_unasked_claims_cannot(world, name):
    with pytest.raises(CannotLeaveOut):
        run(world.wallet.present(world.receiver.link(), Wish(leave_out=(name,))))
    assert world.network.calls_to("/responses/1") == []


@pytest.mark.req("DCQL-04")
def test_without_claim_sets_nothing_can_be_left_out(world):
    everything = query_for(
        world.receiver.catalogue.profiles["te_initial_interview"], world.receiver.catalogue
    )
    held = tuple(
        claim for claim in everything.credentials[0].claims if claim.path[-1] != "vocational_skills"
    )
    world.receiver.query = Query((replace(everything.credentials[0], claims=held, claim_sets=()),))
    with pytest.raises(CannotLeaveOut):
        run(world.wallet.present(world.receiver.link(), Wish(leave_out=("own_goals",))))
    run(world.wallet.present(world.receiver.link()))
    assert len(world.receiver.presented) == 1


@pytest.mark.req("DCQL-03")
def test_a_query_without_claims_reveals_only_what_always_shows(world):
    world.receiver.query = asking()
    run(world.wallet.present(world.receiver.link()))
    assert world.receiver.presented[0].disclosed == frozenset()


def test_the_newest_card_is_offered_first_and_another_can_be_chosen(world):
    world.clock.pass_by(timedelta(days=1))
    better = {"work_ability_score": 7, "work_ability_category": "moderate"}
    world.issuer.claims = {**world.issuer.claims, **better}
    run(world.with_card())
    old, new = world.wallet.cards()
    request = run(world.wallet.open_request(world.receiver.link()))
    assert [held.card.id for held in request.parts[0].fitting] == [new.id, old.id]
    assert request.choices()[0].held.card.id == new.id
    run(world.wallet.share(request, Wish(card_ids=(old.id,))))
    assert world.receiver.presented[0].claims["work_ability_score"] == 5


def test_an_expired_card_is_not_offered_and_that_is_said(world):
    world.clock.pass_by(timedelta(days=113))
    request = run(world.wallet.open_request(world.receiver.link()))
    assert not request.can_be_answered()
    (passed_over,) = request.parts[0].passed_over
    assert passed_over.why is WhyNot.EXPIRED
    with pytest.raises(NoMatchingCard):
        run(world.wallet.share(request))
    assert world.network.calls_to("/responses/1") == []


def test_a_card_that_lacks_a_needed_claim_is_not_offered():
    world = World()
    world.issuer.claims.pop("support_needs")
    run(world.with_card())
    request = run(world.wallet.open_request(world.receiver.link()))
    assert request.parts[0].passed_over[0].why is WhyNot.LACKS_CLAIMS
    with pytest.raises(NoMatchingCard):
        run(world.wallet.share(request))


def test_a_chosen_card_has_to_fit(world):
    request = run(world.wallet.open_request(world.receiver.link()))
    with pytest.raises(CardDoesNotFit):
        request.choices(Wish(card_ids=("00000000",)))


def test_a_second_type_of_card_for_its_own_task(world):
    feedback = IssuerSimulator(world.network, world.clock, org="mallimaa")
    feedback.type_id, feedback.claims = "statement_feedback", payload("02")
    run(world.wallet.receive(feedback.link(), pin=PIN))
    world.receiver.ask("te_service_need")
    run(world.wallet.present(world.receiver.link()))
    (shown,) = world.receiver.presented
    assert shown.vct == "urn:kykylompakko:statement-feedback:1"
    assert "professional_name" not in shown.claims


@pytest.mark.req("DCQL-06", "DCQL-07", "DCQL-08", "VP-23")
def test_two_credentials_of_one_request_leave_together_or_not_at_all(world):
    (one,) = world.receiver.query.credentials
    world.receiver.query = Query((one, replace(one, id="second")))
    run(world.wallet.present(world.receiver.link()))
    assert len(world.receiver.presented) == 2
    world.receiver.answered = False
    unheld = (*one.claims, ClaimsQuery(("domain_scores", "vocational_skills"), "extra"))
    unheld = tuple(claim for claim in unheld if claim.id in ("c1", "extra"))
    second = replace(one, id="second", claims=unheld, claim_sets=())
    world.receiver.query = Query((one, second))
    request = run(world.wallet.open_request(world.receiver.link()))
    assert [bool(part.fitting) for part in request.parts] == [True, False]
    with pytest.raises(NoMatchingCard):
        run(world.wallet.share(request))
    assert len(world.network.calls_to("/responses/1")) == 1


# --- who asks ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "failure"),
    [
        ("", NotALink),
        ("hello", NotALink),
        ("https://te.example/desk", NotALink),
        ("openid-credential-offer://?credential_offer={}", LinkIsAnOffer),
        ("openid4vp://?" + "a" * 20_000, LinkTooLong),
        ("openid4vp://", MalformedRequestLink),
        ("openid4vp://?client_id=x509_hash:a", MalformedRequestLink),
        ("openid4vp://?client_id=x509_hash:a&request_uri=http://a.example", MalformedRequestLink),
        (
            "openid4vp://?client_id=origin:a&request_uri=https://a.example",
            ClientIdPrefixNotSupported,
        ),
        (
            "openid4vp://?client_id=x509_hash:a&request_uri=https://a.example"
            "&request_uri_method=POST",
            RequestUriMethodInvalid,
        ),
    ],
)
@pytest.mark.req("VP-12", "VP-15")
def test_what_is_no_request_changes_nothing(world, link, failure):
    calls, log = len(world.network.calls), world.wallet.log()
    with pytest.raises(failure):
        run(world.wallet.open_request(link))
    assert len(world.network.calls) == calls
    assert world.wallet.log() == log


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (Answer(404, "", b""), RequestGone),
        (Answer(410, "", b""), RequestGone),
        (Answer(500, "", b""), ReceiverAnswerUnclear),
        (Answer(302, "", b""), ReceiverAnswerUnclear),
        (Answer(200, "application/json", b"{}"), ReceiverAnswerUnclear),
        (Answer(200, f"application/{REQUEST_TYPE}", b""), MalformedJws),
        (Answer(200, f"application/{REQUEST_TYPE}", b"\xff\xfe"), MalformedJws),
    ],
)
@pytest.mark.req("VP-18")
def test_an_address_that_holds_no_request(world, answer, failure):
    world.network.on("GET", f"{RECEIVER}/requests/1", lambda _: answer)
    refused(world, failure)


def test_a_request_out_of_reach(world):
    del world.network.handlers["GET", f"{RECEIVER}/requests/1"]
    refused(world, ConnectionLost)
    assert world.wallet.log()[-1].outcome is Outcome.FAILED


def unsigned(text: str) -> str:
    header = b64url_encode(strict_json.dumps({"alg": "none", "typ": REQUEST_TYPE}))
    return f"{header}.{text.split('.')[1]}."


def unsigned_with_chain(text: str) -> str:
    header = {**parse_jws(text).header, "alg": "none"}
    return f"{b64url_encode(strict_json.dumps(header))}.{text.split('.')[1]}."


def changed_after_signing(text: str) -> str:
    head, _, signature = text.split(".")
    payload_ = {**strict_json.loads_object(parse_jws(text).payload), "nonce": "n" * 43}
    return f"{head}.{b64url_encode(strict_json.dumps(payload_))}.{signature}"


@pytest.mark.req("VP-04", "VP-09", "HAIP-09", "ARF-08")
@pytest.mark.parametrize(
    ("bend", "failure"),
    [
        (unsigned, ChainMissing),
        (unsigned_with_chain, AlgorithmNotAllowed),
        (changed_after_signing, SignatureInvalid),
    ],
)
def test_an_unsigned_or_changed_request(world, bend, failure):
    world.receiver.after = bend
    refused(world, failure)


@pytest.mark.req("VP-04")
def test_a_signed_thing_of_another_type(world):
    def retyped(text: str) -> str:
        jws = parse_jws(text)
        header = {"typ": "JWT", "x5c": jws.header["x5c"]}
        return sign_jws(header, jws.payload, world.receiver.signer)

    world.receiver.after = retyped
    refused(world, WrongTokenType)


@pytest.mark.req("ARF-08")
def test_a_receiver_of_an_unknown_authority(world):
    world.receiver.signer = make_demo_pki(at=NOON).signer("te-toimisto-malli", "access")
    refused(world, ChainNotTrusted)


def test_a_receiver_that_is_not_registered(world):
    left = tuple(
        one for one in pki().trust_list.relying_parties if one.identifier != "NTRFI-0000065-0"
    )
    newer = replace(pki().trust_list, sequence=2, relying_parties=left)
    world.source.text = sign_trust_list(newer, pki().signer("trust-operator", "trust-list"))
    refused(world, RelyingPartyUnknown)


def test_a_link_that_promises_somebody_else(world):
    other = request_link("x509_hash:" + "A" * 43, f"{RECEIVER}/requests/1")
    world.receiver.link = lambda: other
    refused(world, ClientIdMismatch)


def test_another_receivers_certificate_behind_a_known_identifier(world):
    """A health centre signs what bears the employment area's identifier."""
    claimed = world.receiver.client_id
    other = pki().signer("sote-keskus-malli", "access")

    def by_another(text: str) -> str:
        header = sign_header(other)
        return sign_jws(header, parse_jws(text).payload, other)

    world.receiver.after = by_another
    assert claimed == world.receiver.client_id
    refused(world, ClientIdNotOfCertificate)


def sign_header(signer):
    return {"typ": REQUEST_TYPE, "x5c": x5c_header(signer.certificate_chain)}


def test_an_expired_request(world):
    world.receiver.life = -timedelta(minutes=1)
    refused(world, RequestExpired)


def test_a_request_for_another_audience(world):
    world.receiver.after = resigned(world, aud="https://somebody.example")
    refused(world, RequestForSomebodyElse)


def test_with_an_overdue_trust_list_nobody_may_ask(world):
    world.source.text = None
    world.clock.pass_by(timedelta(days=200))
    refused(world, TrustListStale)


# --- what is asked -------------------------------------------------------------------------------


@pytest.mark.req("VP-19", "VP-24", "VP-40", "HAIP-10")
@pytest.mark.parametrize(
    ("changes", "failure", "told"),
    [
        (
            {"transaction_data": ["e30"]},
            TransactionDataNotSupported,
            "invalid_transaction_data",
        ),
        ({"response_mode": "direct_post"}, ResponseModeNotSupported, "invalid_request"),
        (
            {"dcql_query": None, "presentation_definition": {"id": "old"}},
            QueryMissing,
            "invalid_request",
        ),
        (
            {
                "dcql_query": {
                    "credentials": [
                        {"id": "q", "format": "mso_mdoc", "meta": {"doctype_value": "x"}}
                    ]
                }
            },
            FormatNotSupported,
            "vp_formats_not_supported",
        ),
    ],
)
def test_a_known_receiver_hears_what_is_wrong_with_its_request(world, changes, failure, told):
    world.receiver.after = resigned(world, **changes)
    refused(world, failure, told=told)


@pytest.mark.req("ARF-06", "ARF-07")
@pytest.mark.parametrize(
    "query",
    [
        asking("given_name", "personal_administrative_number"),
        asking("strengths"),
        asking("domain_scores"),
        asking("domain_scores.mind"),
        asking("work_description"),
        asking("diagnoses", vct="urn:kykylompakko:medical-statement-key-data:1"),
        asking("given_name", vct="urn:somebody-else:1"),
        Query((*asking("given_name").credentials, replace(asking("x").credentials[0], id="r"))),
    ],
    ids=lambda query: ",".join(claim.path[-1] for claim in query.credentials[-1].claims),
)
def test_a_receiver_that_asks_for_too_much(world, query):
    world.receiver.query = query
    refused(world, OverAsked, told="invalid_request")


@pytest.mark.req("ARF-05")
def test_a_request_beyond_the_task_it_names(world):
    """The role may ask this in another task, but not in the one that the person would be told."""
    world.receiver.query = asking("given_name", "work_ability_score_change")
    refused(world, OverAsked, told="invalid_request")


@pytest.mark.req("DCQL-10")
def test_a_value_is_not_found_out_by_guessing(world):
    """Whether a card fits would tell its value, before the person has said anything."""
    score = ClaimsQuery(("work_ability_score",), values=(3,))
    world.receiver.query = Query((CredentialQuery("q", "dc+sd-jwt", (VCT,), (score,)),))
    refused(world, OverAsked, told="invalid_request")


@pytest.mark.parametrize("with_claims", [True, False])
def test_a_type_outside_the_named_task(world, with_claims):
    catalogue = world.receiver.catalogue
    everything = query_for(catalogue.profiles["te_service_need"], catalogue)
    nothing = asking(vct="urn:kykylompakko:statement-feedback:1")
    world.receiver.query = everything if with_claims else nothing
    refused(world, OverAsked, told="invalid_request")


@pytest.mark.parametrize("profile", [None, "no_such_task", "hc_unemployed_health_check"])
def test_a_request_without_a_task_of_its_own(world, profile):
    world.receiver.profile_id = profile
    refused(world, PurposeUnknown, told="invalid_request")


def test_a_receiver_without_the_role(world):
    parties = tuple(
        RelyingParty(one.identifier, one.names, frozenset({"employer"}))
        for one in pki().trust_list.relying_parties
    )
    newer = replace(pki().trust_list, sequence=2, relying_parties=parties)
    world.source.text = sign_trust_list(newer, pki().signer("trust-operator", "trust-list"))
    refused(world, PurposeUnknown, told="invalid_request")


def test_what_is_told_of_a_fault_is_the_same_with_and_without_cards():
    """An over-asking receiver learns nothing about the cards, as no card was looked at."""
    forms = []
    for world in (World(), run(World().with_card())):
        world.receiver.query = asking("strengths")
        refused(world, OverAsked, told="invalid_request")
        forms.append(world.network.calls_to("/responses/1")[0].form)
    assert forms[0] == forms[1]


# --- how the receiver answers --------------------------------------------------------------------


@pytest.mark.req("VP-25")
@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (json_answer({"error": "invalid_request"}, 400), ReceiverRefused),
        (Answer(404, "", b""), ReceiverRefused),
        (Answer(409, "text/html", b"<h1>"), ReceiverRefused),
        (Answer(500, "", b""), ReceiverAnswerUnclear),
        (Answer(204, "", b""), ReceiverAnswerUnclear),
        (Answer(200, "text/html", b"{}"), ReceiverAnswerUnclear),
        (Answer(200, "application/json", b"[]"), ReceiverAnswerUnclear),
        (json_answer({"redirect_uri": "javascript:alert(1)"}), ReceiverAnswerUnclear),
        (json_answer({"redirect_uri": "https://a.example/\n"}), ReceiverAnswerUnclear),
        (json_answer({"redirect_uri": 7}), ReceiverAnswerUnclear),
    ],
)
def test_answers_other_than_an_acknowledgement(world, answer, failure):
    world.network.on("POST", f"{RECEIVER}/responses/1", lambda _: answer)
    with pytest.raises(failure):
        run(world.wallet.present(world.receiver.link()))
    entry = world.wallet.log()[-1]
    assert (entry.outcome, entry.reason) == (Outcome.UNCLEAR, failure.code)
    assert entry.cards[0].shown, "the person can see what may have left"


def test_a_lost_acknowledgement_is_logged_as_unclear(world):
    world.network.lose_answers_of[f"{RECEIVER}/responses/1"] = 1
    with pytest.raises(ConnectionLost):
        run(world.wallet.present(world.receiver.link()))
    assert world.wallet.log()[-1].outcome is Outcome.UNCLEAR


def test_a_lost_answer_to_a_refusal_is_no_failure(world):
    world.network.lose_answers_of[f"{RECEIVER}/responses/1"] = 1
    run(world.wallet.decline(run(world.wallet.open_request(world.receiver.link()))))
    assert world.wallet.log()[-1].outcome is Outcome.DECLINED


@pytest.mark.req("ARF-18")
def test_what_leaves_is_recorded_before_it_leaves(world):
    """A wallet that is cut off while it sends still knows what it may have sent."""

    def cut_off(_call):
        raise KeyboardInterrupt

    world.network.on("POST", f"{RECEIVER}/responses/1", cut_off)
    with pytest.raises(KeyboardInterrupt):
        run(world.wallet.present(world.receiver.link()))
    entry = world.wallet.log()[-1]
    assert entry.outcome is Outcome.UNCLEAR
    assert "work_ability_score" in entry.cards[0].shown


def test_a_fault_is_named_even_when_the_receiver_cannot_be_told(world):
    world.receiver.query = asking("strengths")
    world.network.on("POST", f"{RECEIVER}/responses/1", _forbidden)
    with pytest.raises(OverAsked):
        run(world.wallet.open_request(world.receiver.link()))


def _forbidden(_call):
    raise AddressForbidden("private")


@pytest.mark.req("ARF-18")
def test_the_log_holds_names_and_no_values(world):
    run(world.wallet.present(world.receiver.link()))
    entries = repr(world.wallet.log())
    for value in ("Mallikas", "Maija", "1988-04-12", "kykyviisari", "health_check", "raskasta"):
        assert value not in entries
    assert world.receiver.nonce not in entries


@pytest.mark.req("ARF-18")
def test_a_refused_request_is_logged_with_the_receiver_when_it_is_known(world):
    world.receiver.query = asking("strengths")
    refused(world, OverAsked, told="invalid_request")
    entry = world.wallet.log()[-1]
    assert entry.party_names["sv"] == "Modellandets sysselsättningsområde (TESTI)"
    world.receiver.after = unsigned
    world.receiver.errors.clear()
    world.network.calls.clear()
    refused(world, ChainMissing)
    assert world.wallet.log()[-1].party_names == {}


def test_the_query_helper_of_these_tests_makes_real_queries():
    assert '"path": ["a", "b"]' in dumps(query_json(asking("a.b")))
