"""After a showing: permissions, receipts, taking back, erasure, reports. No value leaves."""

import json
from datetime import date, timedelta

import pytest

from openid4vc.dcql.errors import OverAsked
from openid4vc.dcql.query import ClaimsQuery, CredentialQuery, Query
from openid4vc.openid4vp.errors import InvitationForSomebodyElse, MalformedInvitation
from openid4vc.openid4vp.withdrawal import Done, Wish
from tests.wallet_sim.aftermath import SUPERVISOR, WITHDRAWALS, Aftermath, run
from tests.wallet_sim.world import NOON, Answer, World
from wallet_sim.control import supervisor_address
from wallet_sim.control_failures import (
    NobodyToReport,
    NothingWasShown,
    PermissionOver,
    ReceiptMissing,
    ReceiptUnknownThere,
    ReportNotTaken,
    ShowingNotFound,
    SupervisorAddressUnfit,
    WithdrawalAddressMissing,
    WithdrawalNotTaken,
)
from wallet_sim.deeds import Approval, DeedKind, Reason, Told
from wallet_sim.flow_failures import ConnectionLost
from wallet_sim.inbox import Matter
from wallet_sim.model import Outcome
from wallet_sim.pages_log import log_page
from wallet_sim.permissions import State, active
from wallet_sim.words import Words


@pytest.fixture
def after():
    return Aftermath(consent=True)


# --- what was agreed -----------------------------------------------------------------------------


def test_showing_and_consent_are_two_things_in_the_log():
    showing, consent = Aftermath().show(), Aftermath(consent=True).show()
    assert showing.terms is not None
    assert consent.terms is not None
    assert showing.terms.approval is Approval.SHOWING_ONLY
    assert consent.terms.approval is Approval.GDPR_CONSENT
    assert showing.terms.purpose["fi"].startswith("Saada pohja")
    assert showing.client_id.startswith("x509_hash:")
    assert len({showing.id, consent.id}) == 2


def test_the_day_until_which_the_receiver_keeps_the_data_is_kept():
    entry = Aftermath(profile="te_employment_support").show()
    assert entry.terms is not None
    assert entry.terms.kept_until == date(2026, 11, 22) + timedelta(days=730)


@pytest.mark.parametrize(
    ("made", "state"),
    [
        ({}, State.ENDED),
        ({"consent": True}, State.ACTIVE),
        ({"profile": "te_employment_support"}, State.ACTIVE),
    ],
)
def test_what_still_counts(made, state):
    """A showing without storage ends with the talk; a consent and what is stored last."""
    after = Aftermath(**made)
    after.show()
    (found,) = after.control.permissions()
    assert found.state is state
    assert len(active([found])) == (state is State.ACTIVE)


@pytest.mark.parametrize("made", [{"consent": True}, {"profile": "te_employment_support"}])
def test_nothing_counts_for_ever(made):
    after = Aftermath(**made)
    after.show()
    after.world.clock.pass_by(timedelta(days=730))
    assert after.control.permissions()[0].state is State.ACTIVE
    after.world.clock.pass_by(timedelta(days=1))
    assert after.control.permissions()[0].state is State.ENDED


def test_what_was_not_shown_is_no_permission():
    world = World()
    run(world.with_card())
    request = run(world.wallet.open_request(world.receiver.link()))
    run(world.wallet.decline(request))
    after = Aftermath()
    after.world = world
    control = type(after.control)(store=world.store, tools=world.tools, trust_source=world.source)
    assert control.permissions() == ()
    with pytest.raises(NothingWasShown):
        control.permission(world.wallet.log()[-1].id)
    with pytest.raises(ShowingNotFound):
        control.permission("ffffffffff")
    with pytest.raises(ShowingNotFound):
        control.entry("f")


# --- receipts ------------------------------------------------------------------------------------


def test_a_receipt_finds_its_showing(after):
    entry = after.show()
    card = after.give_receipt(entry)
    (found,) = after.control.permissions()
    assert found.receipt is not None
    assert found.receipt.held.card.id == card.id
    assert found.entry == entry
    assert found.surplus() == ()
    assert after.control.permission(entry.id[:4]) == found


@pytest.mark.parametrize(
    "changed",
    [
        {"presented_at": "2026-11-22T10:31:00Z"},
        {"request_profile": "te_initial_interview"},
        {"verifier_id": f"x509_hash:{'A' * 43}", "verifier_name": "Muu vastaanottaja"},
    ],
)
def test_a_receipt_of_another_showing_stands_by_itself(after, changed):
    entry = after.show()
    card = after.give_receipt(entry, **changed)
    found = {one.id: one for one in after.control.permissions()}
    assert set(found) == {entry.id, card.id}
    assert found[entry.id].receipt is None
    assert found[card.id].entry is None
    assert found[card.id].cards[0].type_id == "medical_statement_key_data"


def test_two_showings_and_two_receipts_are_paired_by_time(after):
    first = after.show()
    after.world.clock.pass_by(timedelta(minutes=10))
    after.world.receiver.answered = False
    run(after.world.wallet.present(after.world.receiver.link()))
    second = after.world.wallet.log()[-1]
    later = after.give_receipt(second)
    earlier = after.give_receipt(first)
    pairs = {one.id: one.receipt.held.card.id for one in after.control.permissions() if one.receipt}
    assert pairs == {first.id: earlier.id, second.id: later.id}


def test_a_receipt_that_lists_more_than_was_shown_is_noticed(after):
    entry = after.show()
    shown = [f"{card.type_id}.{name}" for card in entry.cards for name in card.shown]
    more = "medical_statement_key_data.diagnoses"
    after.give_receipt(entry, disclosed_claims=[*shown, more])
    assert after.control.permissions()[0].surplus() == (more,)


def test_a_receipt_that_says_withdrawn_is_believed(after):
    after.give_receipt(after.show(), receipt_status="withdrawn")
    assert after.control.permissions()[0].state is State.WITHDRAWN


# --- taking back ---------------------------------------------------------------------------------


def test_a_consent_is_withdrawn_by_its_receipt(after):
    entry = after.show()
    after.give_receipt(entry)
    deed = run(after.control.ask(after.control.permission(entry.id), DeedKind.WITHDRAWAL))
    assert deed.told is Told.WITHDRAWN
    assert after.desk.heard == [Wish.WITHDRAWAL]
    (found,) = after.control.permissions()
    assert found.state is State.WITHDRAWN
    assert found.deed(DeedKind.WITHDRAWAL) == deed
    assert active([found]) == ()
    with pytest.raises(PermissionOver):
        run(after.control.ask(found, DeedKind.WITHDRAWAL))


def test_withdrawing_discloses_nothing_but_which_receipt_it_is(after):
    entry = after.show()
    after.give_receipt(entry)
    run(after.control.ask(after.control.permission(entry.id), DeedKind.WITHDRAWAL))
    (shown,) = after.desk.shown
    always = after.world.wallet.catalogue.types["consent_receipt"].always_disclosed()
    about_the_card = {"vct", "vct#integrity", "iss", "iat", "exp", "cnf", "status"}
    assert shown - about_the_card <= always
    assert "disclosed_claims" not in shown


def test_a_showing_that_only_the_receipt_tells_of_is_withdrawn_too(after):
    card = after.give_receipt(after.show(), presented_at="2026-10-01T10:00:00Z")
    found = after.control.permission(card.id)
    run(after.control.ask(found, DeedKind.WITHDRAWAL))
    again = after.control.permission(card.id)
    assert again.state is State.WITHDRAWN
    assert again.entry is not None
    assert len(after.control.permissions()) == 2
    page = log_page(Words("fi", after.world.wallet.catalogue), after.world.wallet.log())
    assert any(one.strip().startswith("Peruit luvan") for one in page)


def test_without_a_receipt_nothing_is_sent(after):
    entry = after.show()
    with pytest.raises(ReceiptMissing):
        run(after.control.ask(after.control.permission(entry.id), DeedKind.WITHDRAWAL))
    assert not after.world.network.calls_to("/withdraw")
    assert after.control.entry(entry.id).deeds == ()


@pytest.mark.parametrize("address", [None, "http://te.example/receipts/1/withdraw"])
def test_a_receipt_without_a_safe_address_cannot_be_sent(after, address):
    entry = after.show()
    after.give_receipt(entry, withdrawal_uri=address)
    with pytest.raises(WithdrawalAddressMissing):
        run(after.control.ask(after.control.permission(entry.id), DeedKind.WITHDRAWAL))


def test_what_ended_by_itself_needs_no_withdrawing():
    after = Aftermath()
    entry = after.show()
    after.give_receipt(entry)
    with pytest.raises(PermissionOver):
        run(after.control.ask(after.control.permission(entry.id), DeedKind.WITHDRAWAL))


def test_a_nonce_that_was_used_is_fetched_anew_once(after):
    entry = after.show()
    after.give_receipt(entry)
    after.desk.statuses = [400]
    deed = run(after.control.ask(after.control.permission(entry.id), DeedKind.WITHDRAWAL))
    assert deed.told is Told.WITHDRAWN
    assert [call.method for call in after.world.network.calls_to("/withdraw")] == [
        "GET", "POST", "GET", "POST",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("statuses", "failure"),
    [
        ([400, 400], WithdrawalNotTaken),
        ([503], WithdrawalNotTaken),
        ([409], WithdrawalNotTaken),
        ([404], ReceiptUnknownThere),
        ([400, 410], ReceiptUnknownThere),
    ],
)
def test_what_is_not_taken_stays_pending(after, statuses, failure):
    entry = after.show()
    after.give_receipt(entry)
    after.desk.statuses = statuses
    found = after.control.permission(entry.id)
    with pytest.raises(failure):
        run(after.control.ask(found, DeedKind.WITHDRAWAL))
    again = after.control.permission(entry.id)
    assert again.state is State.ACTIVE
    assert again.deed(DeedKind.WITHDRAWAL).told is Told.NOT_DELIVERED
    assert Matter.NOT_DELIVERED in {item.matter for item in after.control.inbox()}
    # Tried again, it takes the place of what nobody heard.
    run(after.control.ask(again, DeedKind.WITHDRAWAL))
    done = after.control.permission(entry.id)
    assert done.state is State.WITHDRAWN
    assert len(done.entry.deeds) == 1
    assert Matter.NOT_DELIVERED not in {item.matter for item in after.control.inbox()}


def test_a_lost_answer_can_be_asked_again(after):
    entry = after.show()
    after.give_receipt(entry)
    after.world.network.lose_answers_of[WITHDRAWALS] = 1
    with pytest.raises(ConnectionLost):
        run(after.control.ask(after.control.permission(entry.id), DeedKind.WITHDRAWAL))
    run(after.control.ask(after.control.permission(entry.id), DeedKind.WITHDRAWAL))
    assert after.control.permission(entry.id).state is State.WITHDRAWN


@pytest.mark.parametrize("audience", [lambda client: client, lambda client: f"urn:x:{client}"])
def test_nothing_is_signed_for_a_desks_own_name(after, audience):
    """Or a withdrawal could be passed on as an answer to a desk's request."""
    entry = after.show()
    after.give_receipt(entry)
    after.desk.audience = audience
    with pytest.raises(InvitationForSomebodyElse):
        run(after.control.ask(after.control.permission(entry.id), DeedKind.WITHDRAWAL))
    assert [call.method for call in after.world.network.calls_to("/withdraw")] == ["GET"]


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (Answer(200, "text/html", b"<p>"), MalformedInvitation),
        (Answer(500, "", b""), WithdrawalNotTaken),
        (Answer(410, "", b""), ReceiptUnknownThere),
    ],
)
def test_without_an_invitation_nothing_is_sent(after, answer, failure):
    entry = after.show()
    after.give_receipt(entry)
    after.world.network.on("GET", WITHDRAWALS, lambda _: answer)
    with pytest.raises(failure):
        run(after.control.ask(after.control.permission(entry.id), DeedKind.WITHDRAWAL))
    assert [call.method for call in after.world.network.calls_to("/withdraw")] == ["GET"]


@pytest.mark.parametrize("body", [b"{}", b"ok", b'{"outcome": "kept"}'])
def test_an_unclear_answer_is_none(after, body):
    entry = after.show()
    after.give_receipt(entry)
    after.world.network.on("POST", WITHDRAWALS, lambda _: Answer(200, "application/json", body))
    with pytest.raises(WithdrawalNotTaken):
        run(after.control.ask(after.control.permission(entry.id), DeedKind.WITHDRAWAL))
    assert after.control.permission(entry.id).state is State.ACTIVE


@pytest.mark.req("ARF-17")
@pytest.mark.parametrize(
    ("done", "told"),
    [
        (Done.ERASED, Told.ERASED),
        (Done.NOTHING_KEPT, Told.NOTHING_KEPT),
        (Done.ASKED, Told.ASKED),
        (Done.WITHDRAWN, Told.ASKED),
    ],
)
def test_erasure_is_asked_for_also_of_what_has_ended(done, told):
    after = Aftermath()
    entry = after.show()
    after.give_receipt(entry)
    after.desk.done = done
    deed = run(after.control.ask(after.control.permission(entry.id), DeedKind.ERASURE))
    assert deed.told is told
    assert after.desk.heard == [Wish.ERASURE]


def test_a_receiver_that_answers_later_leaves_the_permission_as_it_is(after):
    entry = after.show()
    after.give_receipt(entry)
    after.desk.done = Done.ASKED
    deed = run(after.control.ask(after.control.permission(entry.id), DeedKind.WITHDRAWAL))
    assert deed.told is Told.ASKED
    assert after.control.permission(entry.id).state is State.ACTIVE


# --- reports -------------------------------------------------------------------------------------


def over_ask(after: Aftermath) -> None:
    """Let the receiver ask for a claim that no task of its role has."""
    world = after.world
    vct = world.wallet.catalogue.types["self_assessment_result"].vct
    claims = (ClaimsQuery(("personal_administrative_number",)), ClaimsQuery(("own_goals",)))
    world.receiver.query = Query((CredentialQuery("a", "dc+sd-jwt", (vct,), claims),))
    with pytest.raises(OverAsked):
        run(world.wallet.open_request(world.receiver.link()))


def test_over_asking_is_refused_and_its_names_are_kept():
    after = Aftermath()
    over_ask(after)
    entry = after.world.wallet.log()[-1]
    assert (entry.outcome, entry.reason) == (Outcome.REFUSED, OverAsked.code)
    (card,) = entry.cards
    assert card.asked == ("personal_administrative_number", "own_goals")
    assert card.shown == ()


@pytest.mark.req("ARF-19")
def test_a_report_tells_who_asked_what_and_nothing_of_the_client():
    after = Aftermath()
    run(after.world.with_card())
    over_ask(after)
    after.supervise()
    entry = after.world.wallet.log()[-1]
    deed = run(after.control.report(entry, Reason.OVER_ASKED))
    assert deed.told is Told.SENT
    (report,) = after.reports
    assert report == {
        "report_id": deed.ref,
        "reason": "over_asked",
        "receiver": {
            "id": entry.party_id,
            "client_id": after.world.receiver.client_id,
            "name": entry.party_names["fi"],
        },
        "profile": None,
        "asked": [
            "self_assessment_result.personal_administrative_number",
            "self_assessment_result.own_goals",
        ],
        "on": "2026-11-22",
    }
    told = json.dumps(report)
    for value in after.world.issuer.claims.values():
        assert not isinstance(value, str) or json.dumps(value) not in told
    assert after.control.entry(entry.id).deed(DeedKind.REPORT) == deed


def test_without_a_supervisor_a_report_is_written_down():
    after = Aftermath()
    entry = after.show()
    deed = run(after.control.report(entry, Reason.PRESSED))
    assert deed.told is Told.HERE_ONLY
    assert not after.control.has_supervisor()
    assert after.control.entry(entry.id).deeds == (deed,)


def test_a_report_that_was_not_taken_is_sent_again_as_the_same():
    after = Aftermath()
    entry = after.show()
    after.supervise(503)
    with pytest.raises(ReportNotTaken):
        run(after.control.report(entry, Reason.OTHER))
    (waiting,) = after.control.entry(entry.id).deeds
    assert waiting.told is Told.NOT_DELIVERED
    after.supervise(202)
    run(after.control.report(after.control.entry(entry.id), Reason.OTHER))
    first, second = after.reports
    assert first == second
    assert len(after.control.entry(entry.id).deeds) == 1


def test_nobody_is_reported_when_nobody_is_known():
    after = Aftermath()
    after.show()
    received = after.world.wallet.log()[0]
    with pytest.raises(NobodyToReport):
        run(after.control.report(received, Reason.OTHER))


@pytest.mark.parametrize("address", ["http://valvoja.example", "valvoja.example", "", "https://"])
def test_a_supervisor_has_a_safe_address(address):
    with pytest.raises(SupervisorAddressUnfit):
        supervisor_address(address, allow_loopback_http=True)
    assert supervisor_address(SUPERVISOR, allow_loopback_http=False) == SUPERVISOR
    assert supervisor_address(None, allow_loopback_http=False) is None


def test_the_store_gives_back_deeds_and_terms(after):
    entry = after.show()
    after.give_receipt(entry)
    run(after.control.ask(after.control.permission(entry.id), DeedKind.ERASURE))
    kept = after.control.entry(entry.id)
    assert (kept.terms, kept.client_id, kept.at) == (entry.terms, entry.client_id, NOON)
    assert [one.kind for one in kept.deeds] == [DeedKind.ERASURE]
