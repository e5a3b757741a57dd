"""The command line after a showing: permissions, withdrawing, erasure, reports, the inbox."""

import json
from typing import Any

import pytest

from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS
from openid4vc.dcql.query import ClaimsQuery, CredentialQuery, Query
from openid4vc.status_list.bits import Status
from tests.wallet_sim.aftermath import Aftermath, ReceiptDesk
from tests.wallet_sim.terminal import Terminal
from tests.wallet_sim.world import PIN, Answer, World, payload, pki
from wallet_sim.words import Words

SUPERVISOR = "https://valvoja.example/reports"


@pytest.fixture
def at(tmp_path):
    return Terminal(tmp_path)


def with_consent(at: Terminal, *, receipt: bool = True) -> str:
    """Show by consent, and take a receipt; return the showing's id."""
    issuer, receiver = at.world.issuer, at.world.receiver
    issuer.signer = pki().signer("mallimaa", "credential")
    issuer.type_id, issuer.claims = "medical_statement_key_data", payload("08")
    receiver.signer = pki().signer("kela-neuvonta-malli", "access")
    receiver.ask("kela_rehabilitation_guidance")
    at.with_card()
    at.run("present", receiver.link(), "--approve")
    (entry,) = at.json("permissions")["permissions"]
    if receipt:
        ReceiptDesk(at.world)
        issuer.signer = pki().signer("tyollisyysalue", "credential")
        issuer.type_id = "consent_receipt"
        issuer.claims = {
            **{name: value for name, value in payload("10").items() if value is not None},
            "verifier_id": receiver.client_id,
            "verifier_name": entry["receiver"],
            "request_profile": "kela_rehabilitation_guidance",
            "approval_kind": "gdpr_consent",
            "disclosed_claims": entry["shown"],
            "presented_at": entry["at"],
            "withdrawal_uri": "https://te.example/receipts/rcp-0001-test/withdraw",
        }
        at.json("receive", issuer.link(), "--pin", PIN, "--approve")
    return str(entry["id"])


@pytest.mark.parametrize("lang", LANGS)
def test_permissions_tell_everything_but_values(at, lang):
    with_consent(at)
    words = Words(lang, load_catalogue())
    page = at.page("--lang", lang, "permissions")
    for key in ("perm.any_time", "kind.gdpr_consent", "kept.view_only", "log.names_only"):
        assert words.say(key) in page
    assert words.say("perm.count", n=1) in page
    assert words.say("perm.count", n=1) in at.page("--lang", lang, "list")
    assert words.name({"fi": "Kela (TESTI)", "sv": "FPA (TEST)", "en": "Kela (TEST)"})[:3] in page
    for value in ("Mallikas", "1988", "120488"):
        assert value not in page


def test_permissions_in_json_keep_the_two_kinds_apart(at):
    with_consent(at)
    told = at.json("permissions")
    (one,) = told["permissions"]
    assert told["active"] == 1
    assert set(one) == {
        "id", "at", "receiver", "state", "ends_on", "approval_kind", "retention", "kept_until",
        "purpose", "shown", "receipt", "deeds",
    }  # fmt: skip
    assert (one["approval_kind"], one["state"]) == ("gdpr_consent", "active")
    assert one["receipt"]["surplus"] == []


def test_a_wallet_that_showed_nothing_says_so(at):
    at.init()
    assert "Et ole vielä näyttänyt tietoja kenellekään." in at.page("permissions")
    assert at.json("permissions") == {"active": 0, "permissions": []}


def test_withdrawing_is_explained_and_asked(at):
    showing = with_consent(at)
    page = at.page("withdraw", showing, typed="e\n")
    assert "Kun perut suostumuksen, vastaanottaja ei enää käytä tietoja." in page
    assert "Sinun ei tarvitse perustella." in page
    assert "Lupaa ei peruttu." in page
    assert at.json("permissions")["active"] == 1
    page = at.page("withdraw", showing[:4], typed="k\n")
    assert "Suostumus on peruttu. Vastaanottajalle on ilmoitettu." in page
    assert at.json("permissions")["active"] == 0
    assert "Peruttu" in at.page("permissions")
    assert "Peruit luvan" in at.page("log")
    assert at.json("withdraw", showing, "--approve", code=1)["error"] == "permission_over"


def test_withdrawing_in_json(at):
    showing = with_consent(at)
    assert at.json("withdraw", showing) == {"outcome": "not_done"}
    done = at.json("withdraw", showing, "--approve")
    assert set(done) == {"outcome", "kind", "told", "at", "reason"}
    assert (done["outcome"], done["kind"]) == ("withdrawn", "withdrawal")


def test_a_showing_by_law_is_taken_back_in_other_words(at):
    issuer, receiver = at.world.issuer, at.world.receiver
    issuer.signer = pki().signer("mallimaa", "credential")
    issuer.type_id, issuer.claims = "statement_feedback", payload("02")
    receiver.ask("te_employment_support")
    at.with_card()
    page = at.page("present", receiver.link(), typed="1\n")
    assert "Hyväksyt vain näyttämisen." in page
    assert "Vastaanottaja säilyttää tiedot 21.11.2028 asti." in page
    (one,) = at.json("permissions")["permissions"]
    assert (one["approval_kind"], one["kept_until"]) == ("showing_only", "2028-11-21")
    assert at.json("withdraw", one["id"], "--approve", code=1)["error"] == "receipt_missing"
    assert at.json("erase", "00", code=1)["error"] == "showing_not_found"


def test_erasure(at):
    showing = with_consent(at)
    page = at.page("erase", showing, typed="e\n")
    assert "Poistamista ei pyydetty." in page
    page = at.page("erase", showing, typed="k\n")
    assert "Vastaanottajan on vastattava kuukauden kuluessa." in page


def test_a_report_asks_why_by_number(at):
    showing = with_consent(at, receipt=False)
    page = at.page("report", showing, typed="3\nk\n")
    assert "Tietojani säilytetään liian kauan" in page
    assert "Sinun nimeäsi ja tietojasi siinä ei ole." in page
    assert "Ilmoitus on kirjattu tähän lompakkoon." in page
    (one,) = at.json("permissions")["permissions"]
    assert [deed["reason"] for deed in one["deeds"]] == ["kept_too_long"]
    assert "Ilmoitusta ei tehty." in at.page("report", showing, typed="\n\n\n")


def over_ask(world: World) -> str:
    vct = world.wallet.catalogue.types["self_assessment_result"].vct
    claims = (ClaimsQuery(("personal_administrative_number",)),)
    world.receiver.query = Query((CredentialQuery("a", "dc+sd-jwt", (vct,), claims),))
    return world.receiver.link()


def test_over_asking_is_refused_plainly_and_reported_by_one_key(at):
    at.init("--supervisor", SUPERVISOR)
    heard: list[Any] = []

    def hear(call):
        heard.append(call.json)
        return Answer(204, "", b"")

    at.world.network.on("POST", SUPERVISOR, hear)
    page = at.page("present", over_ask(at.world), typed="i\n", code=1)
    assert "Pyyntö ylittää sen, mihin vastaanottajalla on lupa. Mitään ei näytetty." in page
    assert "Ilmoitus on lähetetty valvojalle." in page
    (report,) = heard
    assert report["asked"] == ["self_assessment_result.personal_administrative_number"]
    assert at.world.receiver.errors == ["invalid_request"]


def test_whoever_presses_nothing_reports_nothing(at):
    at.init()
    page = at.page("present", over_ask(at.world), typed="\n", code=1)
    assert "kirjattu" not in page
    assert at.json("log")["entries"][-1]["reason"] == "over_asked"
    failure = json.loads(at.run("--json", "present", over_ask(at.world), code=1).stdout)
    assert failure["error"] == "over_asked"


def test_a_report_that_does_not_arrive_is_a_sentence_too(at):
    at.init("--supervisor", SUPERVISOR)
    page = at.page("present", over_ask(at.world), typed="i\n", code=1)
    assert "Yhteys katkesi" in page
    (item,) = at.json("inbox", "--offline")["items"]
    assert item["matter"] == "not_delivered"


def test_a_supervisor_without_tls_is_refused(at):
    args = ("init", "--trust-list", str(at.list_file), "--operator", str(at.operator))
    assert at.fails(*args, "--supervisor", "http://valvoja.example") == "supervisor_address_unfit"
    assert not at.home.exists()


@pytest.mark.parametrize("lang", LANGS)
def test_the_inbox_asks_issuers_and_says_what_to_do(at, lang):
    at.with_card()
    after = Aftermath()
    after.world = at.world
    after.list_says(Status.INVALID)
    words = Words(lang, load_catalogue())
    page = at.page("--lang", lang, "inbox")
    title = words.type_title("self_assessment_result")
    assert " ".join(words.say("inbox.revoked", title=title).split()) in page
    assert words.say("inbox.asked") in page
    assert words.say("card.revoked") in at.page("--lang", lang, "list")


def test_the_inbox_in_json(at):
    card = at.with_card()
    told = at.json("inbox")
    assert told["checked"] == []
    assert told["unknown"] == [card], "no list is served"
    (item,) = told["items"]
    assert set(item) == {"matter", "message", "card", "entry", "on", "link"}
    assert item["matter"] == "next_step"
    assert item["link"]["address"].startswith("https://")
    assert "ei saatu selville" in at.page("inbox")


def test_an_empty_inbox_says_so(at):
    at.init()
    assert "Sinua ei odota mikään." in at.page("inbox")


def test_whole_cards_and_single_claims_are_left_out_by_letters(at):
    at.with_card()
    link = at.world.receiver.link()
    page = at.page("present", link, typed="a\na\na\n1\n")
    assert "Jätät nämä pois:" in page
    assert "own_goals" not in at.json("log")["entries"][-1]["cards"][0]["shown"]
