"""Reports of receivers, what the data-protection officer reads, and who helped in the evidence."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding

from keys import opener
from openid4vc.openid4vp.withdrawal import Wish
from tests.verifier.places import HOOK, ISSUER, SECRET, place_of
from tests.verifier.receipts import given, withdraw
from tests.verifier.world import Browser, World, demo_pki
from verifier.adapters import tables
from verifier.cli import main
from verifier.model import Evidence
from verifier.usecases.client_side_model import Reason, Report
from verifier.usecases.evidence_record import content_of, evidence_from

PASSPHRASE = "nelja-sanaa-ilman-mitaan-jarkea"
US = "NTRFI-0000065-0"


@pytest.fixture(scope="module")
def key_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `kyky-keys init` leaves behind, at the smallest cost."""
    directory = tmp_path_factory.mktemp("keys")
    pki = demo_pki()
    names = [("te-toimisto-malli", use) for use in ("access", "privacy")]
    opener.create_keys(
        directory,
        signers={name: pki.keys.signer(*name) for name in names},
        secrets=pki.keys.secrets,
        passphrase=PASSPHRASE,
        cost=opener.ScryptCost(log2_n=14, r=8, p=1),
    )
    (directory / "trust-list.jws").write_text(pki.trust_list_jws)
    anchor = pki.operator_anchor.public_bytes(Encoding.PEM)
    (directory / "trust-operator.pem").write_bytes(anchor)
    return directory


def run(key_directory: Path, directory: Path, *arguments: str) -> Result:
    settings = {
        "KYKY_VERIFIER_BASE_URL": "https://desk.example",
        "KYKY_VERIFIER_DATABASE": f"sqlite:///{directory}/verifier.db",
        "KYKY_VERIFIER_KEYS_DIR": str(key_directory),
        "KYKY_VERIFIER_TRUST_LIST": str(key_directory / "trust-list.jws"),
        "KYKY_VERIFIER_OPERATOR_ANCHOR": str(key_directory / "trust-operator.pem"),
        "KYKY_KEYS_PASSPHRASE": PASSPHRASE,
    }
    return CliRunner().invoke(main, arguments, env=settings)


def body(**changed: Any) -> dict[str, Any]:
    told = {
        "report_id": "one",
        "reason": "over_asked",
        "receiver": {"id": US, "client_id": "x509_hash:x", "name": "Maija Mallikas 120488-9123"},
        "profile": "te_service_need",
        "asked": [
            "statement_feedback.employment_impact.maija_mallikas",
            "statement_feedback.maija_mallikas",
        ],
        "on": "2026-11-24",
    }
    return {**told, **changed}


def send(world: World, told: Any) -> httpx2.Response:
    return world.post("/privacy/reports", json=told)


def stored(world: World) -> list[Report]:
    return list(world.run(world.parts.client_side.reports.all()))


# Reports -----------------------------------------------------------------------------------------


def test_a_report_is_counted_by_day_and_names_nobody(world: World) -> None:
    for number in ("one", "two", "two"):
        assert send(world, body(report_id=number)).status_code == 204
    (report,) = stored(world)
    assert report == Report(
        day=world.clock.now().date(),
        reason=Reason.OVER_ASKED,
        profile="te_service_need",
        asked=("statement_feedback.employment_impact",),
        is_about_us=True,
        number=2,
    )
    for text in (b"Mallikas", b"mallikas", b"120488", b"x509_hash:x"):
        assert text not in world.bytes_on_disk()


def test_what_is_not_known_here_is_left_out(world: World) -> None:
    told = body(receiver={"id": "Matti"}, profile="matti_meikalainen", asked=["matti", "a.b"])
    assert send(world, told).status_code == 204
    assert send(world, {"report_id": "2", "reason": "pressed"}).status_code == 204
    assert send(world, body(report_id="3", asked=[], profile=None)).status_code == 204
    assert [(one.profile, one.asked) for one in stored(world)] == [("", ())] * 3
    assert b"matti" not in world.bytes_on_disk().lower()


@pytest.mark.parametrize(
    "told",
    [
        [],
        {},
        body(reason="because"),
        body(reason=None),
        body(report_id=None),
        body(report_id="x" * 101),
        body(profile=1),
        body(receiver="us"),
        body(asked="all"),
        body(asked=[1]),
        body(asked=["a.b"] * 101),
    ],
)
def test_what_is_no_report_is_refused(world: World, told: Any) -> None:
    reply = send(world, told)
    assert (reply.status_code, reply.json()["error_description"]) == (400, "report_malformed")
    assert stored(world) == []


def test_a_report_is_small_and_json(world: World) -> None:
    assert send(world, body(note="x" * 8_192)).status_code == 413
    assert world.post("/privacy/reports", data={"reason": "other"}).status_code == 415
    assert stored(world) == []


def test_one_caller_reports_so_often_and_no_more(world: World) -> None:
    said = [send(world, body(report_id=str(n))).status_code for n in range(21)]
    assert said == [204] * 20 + [429]
    world.clock.advance(minutes=10)
    assert send(world, body(report_id="later")).status_code == 204


def test_a_day_has_so_many_different_reports_and_no_more(world: World) -> None:
    day = world.clock.now().date().isoformat()
    row = {"day": day, "reason": "other", "profile": "", "about_us": False, "number": 1}
    rows = [{**row, "asked": str(n)} for n in range(500)]
    put = tables.reports.insert()
    world.run(world.parts.database.write(lambda sql: sql.execute(put, rows).close()))
    assert send(world, body()).status_code == 429
    world.clock.advance(days=1)
    assert send(world, body(report_id="tomorrow")).status_code == 204


def test_reports_are_kept_for_a_year(world: World) -> None:
    send(world, body())
    world.clock.advance(days=365)
    world.run(world.parts.client_side.chore())
    assert len(stored(world)) == 1
    world.clock.advance(days=1)
    world.run(world.parts.client_side.chore())
    assert stored(world) == []


# At the command line -----------------------------------------------------------------------------


@pytest.fixture
def asked_for_erasure(tmp_path: Path) -> str:
    """A copy was taken as a file, the client asked for its erasure, and somebody reported us."""
    place = place_of(
        tmp_path,
        webhook_url=HOOK,
        webhook_secret=SECRET,
        receipt_issuer_url=ISSUER,
        receipt_api_key="kyky_key",
    )
    asked = place.accepted()
    receipt = given(place, asked)
    place.desk.open(f"/desk/outcome/{asked.id}")
    place.desk.submit(f"/desk/copy/{asked.id}")
    withdraw(place.world, receipt, "erasure")
    send(place.world, body())
    place.world.run(place.desk.client.aclose())
    place.world.close()
    return asked.id


def test_the_officer_sees_what_waits_and_notes_it_done(
    key_directory: Path, tmp_path: Path, asked_for_erasure: str
) -> None:
    listed = run(key_directory, tmp_path, "--json", "privacy", "waiting")
    assert json.loads(listed.output) == {
        "verification": asked_for_erasure,
        "profile": "te_employment_support",
        "request": "asked",
        "asked_on": "2026-11-24",
        "kept_until": "2028-11-23",
    }
    told = run(key_directory, tmp_path, "--lang", "en", "privacy", "waiting").output
    assert asked_for_erasure in told
    assert "asked 24.11.2026, kept until 23.11.2028" in told
    noted = run(key_directory, tmp_path, "privacy", "erased", asked_for_erasure)
    assert "Merkitty" in noted.output
    again = run(key_directory, tmp_path, "privacy", "erased", asked_for_erasure)
    assert again.exit_code == 1
    assert run(key_directory, tmp_path, "privacy", "waiting").output == "Mitään ei odota.\n"


@pytest.mark.parametrize("name", ["-Fiv0", "--q_x"])
def test_a_name_that_begins_with_a_dash_is_no_option(
    key_directory: Path, tmp_path: Path, asked_for_erasure: str, name: str
) -> None:
    refused = run(key_directory, tmp_path, "privacy", "erased", name)
    assert refused.exit_code == 1
    assert "No such option" not in refused.output


def test_the_officer_reads_the_reports(
    key_directory: Path, tmp_path: Path, asked_for_erasure: str
) -> None:
    listed = run(key_directory, tmp_path, "--json", "privacy", "reports")
    report = json.loads(listed.output)
    assert report["about_us"] is True
    assert report["asked"] == ["statement_feedback.employment_impact"]
    told = run(key_directory, tmp_path, "privacy", "reports").output
    assert "over_asked  te_service_need  statement_feedback.employment_impact" in told
    evidence = run(key_directory, tmp_path, "evidence").output.splitlines()
    assert {json.loads(line)["wish"] for line in evidence} == {None, "erasure"}


def test_use_is_counted_by_month_task_and_outcome(
    key_directory: Path, tmp_path: Path, asked_for_erasure: str
) -> None:
    told = {"month": "2026-11", "profile": "te_employment_support", "number": 1, "helped": 0}
    lines = run(key_directory, tmp_path, "--json", "evidence", "counts").output.splitlines()
    assert [json.loads(line) for line in lines] == [
        {**told, "outcome": "accept"},
        {**told, "outcome": "erasure"},
    ]
    said = run(key_directory, tmp_path, "--lang", "en", "evidence", "counts").output
    assert "2026-11  te_employment_support  accept  1, of which with help 0" in said
    days = ("--from", "2026-11-24", "--to", "2026-11-24")
    assert len(run(key_directory, tmp_path, "evidence", "counts", *days).output.splitlines()) == 2
    days = ("--from", "2026-11-25", "--to", "2026-11-30")
    assert run(key_directory, tmp_path, "evidence", "counts", *days).output == ""
    before = run(key_directory, tmp_path, "evidence", "counts", "--to", "2026-11-23")
    assert before.output == ""


def test_without_any_report_it_says_so(key_directory: Path, tmp_path: Path) -> None:
    assert run(key_directory, tmp_path, "privacy", "reports").output == "Mitään ei odota.\n"


# Who helped --------------------------------------------------------------------------------------


@pytest.mark.parametrize("help_", ["yes", "no"])
def test_the_evidence_says_whether_somebody_helped(desk: Browser, help_: str) -> None:
    desk.sign_in()
    asked = desk.ask()
    asked.fetch()  # a request that was read keeps its address
    desk.open(f"/desk/ask/{asked.id}")
    desk.submit(f"/desk/ask/{asked.id}/way", help=help_)
    asked.answer()
    desk.open(f"/desk/ask/{asked.id}")
    desk.submit(desk.path, identity="compared")
    (record,) = desk.world.evidence()
    assert record.assisted is (help_ == "yes")
    assert record.wish is None


def test_records_of_before_are_still_read(world: World) -> None:
    world.start().answer().identity()
    (record,) = world.evidence()
    members = json.loads(content_of(record))
    for name in ("assisted", "on_behalf", "wish"):
        del members[name]
    old = json.dumps({**members, "v": 1}, sort_keys=True, separators=(",", ":"))
    assert evidence_from(old) == record


def test_a_record_says_what_was_asked_and_no_more(world: World) -> None:
    world.start().answer().identity()
    (record,) = world.evidence()
    told = Evidence(
        **{
            name: getattr(record, name)
            for name in Evidence.__dataclass_fields__
            if name not in {"wish", "assisted"}
        },
        wish=Wish.ERASURE,
        assisted=True,
    )
    assert evidence_from(content_of(told)) == told
    assert world.clock.now() - told.hour < timedelta(hours=1)
