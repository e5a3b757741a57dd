"""`kyky-verifier evidence`: what an auditor types, what it answers, how it ends."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding

from keys import opener
from tests.verifier.evidence_kit import NOW, Book, pki
from verifier.cli import main
from verifier.usecases.evidence_head import sign_head

PASSPHRASE = "nelja-sanaa-ilman-mitaan-jarkea"
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def key_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("keys")
    opener.create_keys(
        directory,
        signers={("te-toimisto-malli", "access"): pki().signer("te-toimisto-malli", "access")},
        secrets=pki().keys.secrets,
        passphrase=PASSPHRASE,
        cost=opener.ScryptCost(log2_n=14, r=8, p=1),
    )
    (directory / "trust-list.jws").write_text(pki().trust_list_jws)
    anchor = pki().operator_anchor.public_bytes(Encoding.PEM)
    (directory / "trust-operator.pem").write_bytes(anchor)
    return directory


@pytest.fixture
def run(key_directory: Path, tmp_path: Path) -> Run:
    def run(*arguments: str, **environment: str) -> Result:
        settings = {
            "KYKY_VERIFIER_BASE_URL": "https://desk.example",
            "KYKY_VERIFIER_DATABASE": f"sqlite:///{tmp_path}/verifier.db",
            "KYKY_VERIFIER_KEYS_DIR": str(key_directory),
            "KYKY_VERIFIER_TRUST_LIST": str(key_directory / "trust-list.jws"),
            "KYKY_VERIFIER_OPERATOR_ANCHOR": str(key_directory / "trust-operator.pem"),
            "KYKY_KEYS_PASSPHRASE": PASSPHRASE,
        }
        return CliRunner().invoke(main, arguments, env={**settings, **environment})

    return run


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """Twelve sealed records in the database that the commands read, of some days ago."""
    book = Book(f"sqlite:///{tmp_path}/verifier.db")
    book.clock.at = NOW - timedelta(days=30)
    yield book.filled()
    book.close()


@pytest.fixture
def pem(book: Book, tmp_path: Path) -> str:
    file = tmp_path / "organisation.pem"
    file.write_bytes(book.own.public_bytes(Encoding.PEM))
    return str(file)


def told(result: Result) -> dict[str, Any]:
    answer = json.loads(result.output)
    assert isinstance(answer, dict)
    return answer


def test_a_sound_log_ends_with_0_in_three_languages(book: Book, run: Run) -> None:
    answers = {lang: run("--lang", lang, "evidence", "verify") for lang in ("fi", "sv", "en")}
    assert {answer.exit_code for answer in answers.values()} == {0}
    assert len({answer.output for answer in answers.values()}) == 3
    assert "12" in answers["fi"].output
    assert told(run("--json", "evidence", "verify")) == {
        "sound": True, "records": 12, "last": 12, "waiting": 0, "heads": [],
    }  # fmt: skip


def test_a_broken_log_ends_with_1_and_names_the_first_record(book: Book, run: Run) -> None:
    book.attack("UPDATE evidence_chain SET content = '{}' WHERE sequence IN (5, 9)")
    said = {lang: run("--lang", lang, "evidence", "verify") for lang in ("fi", "sv", "en")}
    assert {answer.exit_code for answer in said.values()} == {1}
    assert len({answer.output for answer in said.values()}) == 3
    assert all(" 5." in answer.output for answer in said.values())
    answer = run("--json", "evidence", "verify")
    assert answer.exit_code == 1
    assert told(answer) == {"sound": False, "code": "evidence_record_changed", "record": 5}


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        ("DELETE FROM evidence_chain WHERE sequence = 3", "evidence_record_missing"),
        ("UPDATE evidence_chain SET previous = hash WHERE sequence = 3", "evidence_record_foreign"),
        ("DELETE FROM evidence_chain WHERE sequence > 3", "evidence_shortened"),
        ("UPDATE evidence_standing SET hash = zeroblob(32)", "evidence_rewritten"),
        ("UPDATE evidence_standing SET recorded = 20", "evidence_records_lost"),
    ],
)
def test_every_fault_has_words(book: Book, run: Run, attack: str, code: str) -> None:
    book.attack(attack)
    said = {run("--lang", lang, "evidence", "verify").output for lang in ("fi", "sv", "en")}
    assert len(said) == 3
    assert told(run("--json", "evidence", "verify"))["code"] == code


def test_a_head_kept_elsewhere_is_compared(book: Book, run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jws"
    assert run("evidence", "head", "--out", str(kept)).exit_code == 0
    assert run("evidence", "head").output.count(".") == 2
    answer = told(run("--json", "evidence", "verify", "--head", str(kept)))
    assert [head["sequence"] for head in answer["heads"]] == [12]
    (tenth,) = book.run(book.store.page(9, count=1))
    book.attack(
        "DELETE FROM evidence_chain WHERE sequence > 10",
        "UPDATE evidence_standing SET sequence = 10, recorded = 10, hash = :hash",
        hash=tenth.hash,
    )
    assert run("evidence", "verify").exit_code == 0
    found = run("--json", "evidence", "verify", "--head", str(kept))
    assert (found.exit_code, told(found)["record"]) == (1, 11)


def test_the_newest_head_of_the_directory_is_compared_unasked(
    book: Book, run: Run, tmp_path: Path
) -> None:
    directory = {"KYKY_VERIFIER_EVIDENCE_HEADS": str(tmp_path / "heads")}
    assert run("evidence", "head", **directory).exit_code == 0
    (kept,) = (tmp_path / "heads").iterdir()
    assert kept.name.startswith("evidence-head-20")
    answer = run("--lang", "en", "evidence", "verify", **directory)
    assert "agrees with the signed end mark: record 12" in answer.output


def test_what_cannot_be_checked_ends_with_2(book: Book, run: Run, tmp_path: Path) -> None:
    missing = run("evidence", "verify", "--head", str(tmp_path / "nothing.jws"))
    assert missing.exit_code == 2
    assert run("evidence", "verify", KYKY_KEYS_PASSPHRASE="aivan-toinen").exit_code == 2
    assert run("evidence", "verify", "--certificate", str(tmp_path / "verifier.db")).exit_code == 2
    assert run("evidence", "verify", "--file", str(tmp_path / "nothing")).exit_code == 2
    head = tmp_path / "early.jws"
    head.write_text(book.head())
    book.clock.at += timedelta(hours=2)
    book.filled()
    keep = {"KYKY_VERIFIER_EVIDENCE_KEEP_DAYS": "31"}
    book.keep._keep = timedelta(days=31)
    book.pass_hours(24 * 60)
    early = run("--lang", "en", "evidence", "verify", "--head", str(head), **keep)
    assert early.exit_code == 2, early.output
    assert "deleted by now" in early.output


def test_a_head_of_another_organisation_ends_with_1(book: Book, run: Run, tmp_path: Path) -> None:
    stranger = pki().keys.signer("sote-keskus-malli", "access")
    head = tmp_path / "head.jws"
    head.write_text(sign_head(book.check().last, signer=stranger, at=NOW))
    found = run("--json", "evidence", "verify", "--head", str(head))
    assert (found.exit_code, told(found)["code"]) == (1, "evidence_head_not_trusted")
    head.write_text("nothing of the kind")
    found = run("--json", "evidence", "verify", "--head", str(head))
    assert (found.exit_code, told(found)["code"]) == (1, "evidence_unreadable")


def _export(run: Run, book: Book, file: Path, *, days: int = 0) -> Result:
    first = (book.clock.at - timedelta(days=1)).date()
    last = (book.clock.at + timedelta(days=days)).date()
    return run(
        "evidence", "export", "--from", str(first), "--to", str(last), "--out", str(file)
    )  # fmt: skip


def test_an_exported_part_is_checked_without_the_service(
    book: Book, run: Run, pem: str, tmp_path: Path
) -> None:
    file = tmp_path / "part.ndjson"
    assert _export(run, book, file).exit_code == 0
    lines = file.read_text().splitlines()
    assert len(lines) == 13
    record = json.loads(lines[0])
    assert record.keys() == {"sequence", "previous", "hash", "content"}
    assert record["content"]["profile"] == "te_initial_interview"
    offline = CliRunner()
    verify = ["--json", "evidence", "verify", "--file", str(file), "--certificate", pem]
    alone = offline.invoke(main, verify, env={"KYKY_VERIFIER_KEYS_DIR": "/nowhere"})
    assert alone.exit_code == 0, alone.output
    assert told(alone)["records"] == 12
    assert offline.invoke(main, verify[:-2]).exit_code == 2, "by which certificate?"
    assert _export(run, book, file).exit_code == 2, "a file that is there is not written over"


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: [lines[0].replace("reject", "accept", 1), *lines[1:]],
        lambda lines: [*lines[:5], *lines[6:]],
        lambda lines: [*lines[:5], lines[6], lines[5], *lines[7:]],
        lambda lines: [*lines[:5], lines[4], *lines[5:]],
        lambda lines: [*lines[:-2], lines[-1]],
        lambda lines: lines[:-1],
        lambda lines: lines[-1:],
        lambda lines: lines[:0],
        lambda lines: [*lines, lines[0]],
        lambda lines: [*lines[:-1], "{}", lines[-1]],
        lambda lines: ["not JSON", *lines],
        lambda lines: [lines[0].replace('"sequence":1}', '"sequence":-1}'), *lines[1:]],
    ],
)
def test_a_damaged_part_ends_with_1(
    book: Book, run: Run, pem: str, tmp_path: Path, damage: Callable[[list[str]], list[str]]
) -> None:
    file = tmp_path / "part.ndjson"
    _export(run, book, file)
    whole = file.read_text().splitlines()
    damaged = damage(whole)
    assert damaged != whole
    file.write_text("\n".join(damaged))
    found = run("--json", "evidence", "verify", "--file", str(file), "--certificate", pem)
    assert found.exit_code == 1, found.output
    assert told(found)["sound"] is False


def test_records_behind_the_head_of_a_part_are_nobodys(
    book: Book, run: Run, pem: str, tmp_path: Path
) -> None:
    file = tmp_path / "part.ndjson"
    _export(run, book, file)
    early = book.run(book.store.page(0, count=1))[0]
    *records, _ = file.read_text().splitlines()
    stranger_end = sign_head(
        type(book.check().last)(early.sequence, early.hash), signer=book.signer, at=NOW
    )
    file.write_text("\n".join([*records, json.dumps({"head": stranger_end})]))
    found = run("--json", "evidence", "verify", "--file", str(file), "--certificate", pem)
    assert (found.exit_code, told(found)["record"]) == (1, 2)


def test_only_the_days_asked_for_leave(book: Book, run: Run, pem: str, tmp_path: Path) -> None:
    book.clock.at += timedelta(days=10)
    book.filled()
    file = tmp_path / "later.ndjson"
    assert _export(run, book, file).exit_code == 0
    lines = file.read_text().splitlines()
    assert json.loads(lines[0])["sequence"] == 13
    alone = run("--json", "evidence", "verify", "--file", str(file), "--certificate", pem)
    assert told(alone)["last"] == 24
    nothing = run(
        "--lang", "en", "evidence", "export", "--from", "2020-01-01", "--to", "2020-01-02",
        "--out", str(tmp_path / "none"),
    )  # fmt: skip
    assert (nothing.exit_code, (tmp_path / "none").exists()) == (0, False)
    assert "no sealed records" in nothing.output


def test_the_log_is_printed_as_it_was(book: Book, run: Run) -> None:
    book.record(2)
    printed = run("evidence")
    assert printed.exit_code == 0, printed.output
    assert len(printed.output.splitlines()) == 13
