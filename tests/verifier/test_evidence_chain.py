"""The evidence chain: what is recorded stays, in no telling order, and every change is found."""

import json
import random
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from tests.verifier.evidence_kit import CODES, MIGRATIONS, NOW, Book, evidence, pki
from verifier.adapters.evidence_chain import EvidenceLost
from verifier.adapters.evidence_heads import HeadDirectory
from verifier.model import Evidence
from verifier.usecases.evidence_audit import RecordsLost, VerifyEvidence
from verifier.usecases.evidence_head import (
    EMPTY,
    Head,
    HeadNotTrusted,
    read_head,
    sign_head,
)
from verifier.usecases.evidence_record import (
    EvidenceUnreadable,
    content_of,
    evidence_from,
    seal_record,
)
from verifier.usecases.evidence_walk import (
    ChainBroken,
    ChainRewritten,
    ChainShortened,
    ChainWalk,
    HeadTooOld,
    RecordChanged,
    RecordForeign,
    RecordMissing,
)

PINNED = (
    "799ae83a37615f48fe0cec5191b4cf285c93519c8765d46261e69895181b3a11",
    "ee55a2e44c3e714770f85260afcb19e0daa969bc10149257c5d57fb827633507",
)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    book = Book(f"sqlite:///{tmp_path}/evidence.db")
    yield book
    book.close()


# Records -------------------------------------------------------------------------------------


def test_a_record_holds_every_member_and_nothing_else() -> None:
    told = evidence(1)
    members = json.loads(content_of(told))
    assert members.keys() - {"v"} == {field.name for field in fields(Evidence)}
    assert evidence_from(content_of(told)) == told
    assert members["hour"] % 3600 == 0
    assert '"' + "credential" not in content_of(told).replace("credential_expired", "")


@pytest.mark.parametrize(
    "broken",
    ["", "[]", "{}", '{"v":2}', '{"v":1}', '{"v":1,"hour":"x"}', '{"v":1,"v":1}'],
)
def test_what_is_no_record_is_not_read(broken: str) -> None:
    with pytest.raises(EvidenceUnreadable):
        evidence_from(broken)


def test_the_chain_is_pinned_to_its_bytes() -> None:
    first = seal_record(1, EMPTY.hash, "{}")
    second = seal_record(2, first.hash, "{}")
    assert first.hash.hex() == PINNED[0]
    assert second.hash.hex() == PINNED[1]


# Sealing -------------------------------------------------------------------------------------


def test_records_wait_for_the_end_of_their_hour(book: Book) -> None:
    book.record(0, 1, 2)
    assert book.run(book.keep()).sealed == 0
    assert (book.check().count, book.check().waiting) == (0, 3)
    book.clock.at = NOW.replace(hour=10, minute=4)
    assert book.run(book.keep()).sealed == 0, "a step of the last second may still come"
    book.clock.at = NOW.replace(hour=10, minute=5)
    assert book.run(book.keep()).sealed == 3
    sound = book.check()
    assert (sound.count, sound.last.sequence, sound.waiting) == (3, 3, 0)


def test_the_order_within_an_hour_is_not_the_order_of_events(book: Book) -> None:
    codes = [f"code_{number:02}" for number in range(40)]
    for code in codes:
        book.run(book.write(replace(evidence(), code=code)))
    book.pass_hours()
    sealed = [evidence_from(one.content).code for one in book.run(book.store.page(0, count=99))]
    assert sorted(map(str, sealed)) == codes
    assert sealed != codes, "one order in 40! is the order of events"
    stands = [sealed.index(code) for code in codes]
    rising = sum(one < other for one, other in pairwise(stands))
    assert 8 <= rising <= 31, "neighbours in time are no neighbours here"


def test_nothing_in_the_file_tells_the_order_while_records_wait(book: Book) -> None:
    book.record(0)
    with pytest.raises(OperationalError, match="no such column"):
        book.try_sql("SELECT rowid FROM evidence_waiting")


def test_hours_are_sealed_in_their_order_however_many_wait(book: Book) -> None:
    for hours_ago in (5, 1, 3):
        book.record(*range(4), at=NOW - timedelta(hours=hours_ago))
    book.pass_hours(9)
    page = book.run(book.store.page(0, count=99))
    hours = [evidence_from(one.content).hour for one in page]
    assert len(hours) == 12
    assert hours == sorted(hours)


def test_no_step_is_taken_whose_record_cannot_be_counted(book: Book) -> None:
    book.try_sql("DELETE FROM evidence_standing")
    with pytest.raises(EvidenceLost):
        book.record(0)
    assert book.run(book.store.waiting()) == []


# The engine refuses --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence_chain SET content = '{}'",
        "UPDATE evidence_chain SET sequence = 99 WHERE sequence = 3",
        "DELETE FROM evidence_chain WHERE sequence = 3",
        "DELETE FROM evidence_chain",
        "UPDATE evidence_waiting SET content = '{}'",
    ],
)
def test_the_engine_refuses_to_change_a_record(book: Book, statement: str) -> None:
    book.filled().record(1)
    with pytest.raises(IntegrityError, match="append-only"):
        book.try_sql(statement)
    assert book.check().count == 12


# Attacks with the database in hand -----------------------------------------------------------


@pytest.mark.parametrize("code", ["revoked", "Mallikas"])
@pytest.mark.parametrize("sequence", [1, 5, 12])
def test_a_changed_content_is_found_where_it_is(book: Book, sequence: int, code: str) -> None:
    book.filled()
    (record,) = book.run(book.store.page(sequence - 1, count=1))
    members = json.loads(record.content)
    members["code"] = f"{code}_"
    content = json.dumps(members, sort_keys=True, separators=(",", ":"))
    book.attack(
        "UPDATE evidence_chain SET content = :content WHERE sequence = :sequence",
        content=content,
        sequence=sequence,
    )
    with pytest.raises(RecordChanged) as found:
        book.check()
    assert found.value.sequence == sequence


@pytest.mark.parametrize("member", [field.name for field in fields(Evidence)])
def test_no_member_can_be_changed(book: Book, member: str) -> None:
    book.filled()
    (record,) = book.run(book.store.page(6, count=1))
    members = {**json.loads(record.content), member: "other"}
    content = json.dumps(members, sort_keys=True, separators=(",", ":"))
    book.attack("UPDATE evidence_chain SET content = :content WHERE sequence = 7", content=content)
    with pytest.raises(RecordChanged) as found:
        book.check()
    assert found.value.sequence == 7


def test_a_content_sealed_anew_no_longer_fits_the_next(book: Book) -> None:
    book.filled()
    (before, record) = book.run(book.store.page(4, count=2))
    other = replace(evidence_from(record.content), profile="another")
    forged = seal_record(record.sequence, before.hash, content_of(other))
    book.attack(
        "UPDATE evidence_chain SET content = :content, hash = :hash WHERE sequence = 6",
        content=forged.content,
        hash=forged.hash,
    )
    with pytest.raises(RecordForeign) as found:
        book.check()
    assert found.value.sequence == 7


@pytest.mark.parametrize(
    ("statements", "kind", "sequence"),
    [
        (["UPDATE evidence_chain SET hash = zeroblob(32) WHERE sequence = 4"], RecordChanged, 4),
        (["UPDATE evidence_chain SET previous = hash WHERE sequence = 4"], RecordForeign, 4),
        (["DELETE FROM evidence_chain WHERE sequence = 1"], RecordMissing, 1),
        (["DELETE FROM evidence_chain WHERE sequence = 5"], RecordMissing, 5),
        (["DELETE FROM evidence_chain WHERE sequence > 9"], ChainShortened, 10),
        (
            [
                "UPDATE evidence_chain SET sequence = 99 WHERE sequence = 5",
                "UPDATE evidence_chain SET sequence = 5 WHERE sequence = 8",
                "UPDATE evidence_chain SET sequence = 8 WHERE sequence = 99",
            ],
            RecordForeign,
            5,
        ),
        (
            [
                "UPDATE evidence_chain SET sequence = sequence + 100 WHERE sequence >= 5",
                "UPDATE evidence_chain SET sequence = sequence - 99 WHERE sequence >= 100",
                """INSERT INTO evidence_chain SELECT 5, previous, content, hash
                   FROM evidence_chain WHERE sequence = 4""",
            ],
            RecordForeign,
            5,
        ),
        (["DELETE FROM evidence_waiting"], RecordsLost, 13),
        (["UPDATE evidence_standing SET recorded = recorded + 1"], RecordsLost, 13),
        (["UPDATE evidence_standing SET sequence = sequence + 1"], ChainShortened, 13),
        (["UPDATE evidence_standing SET hash = zeroblob(32)"], ChainRewritten, 12),
        (["UPDATE evidence_standing SET sequence = 11, recorded = 13"], ChainRewritten, 11),
    ],
)
def test_what_is_done_to_the_tables_is_found(
    book: Book, statements: list[str], kind: type[ChainBroken], sequence: int
) -> None:
    book.filled().record(0, 1)
    assert book.check().waiting == 2
    book.attack(*statements)
    with pytest.raises(kind) as found:
        book.check()
    assert found.value.sequence == sequence


def test_a_record_put_in_at_the_end_is_found(book: Book) -> None:
    last = book.filled().check().last
    forged = seal_record(last.sequence + 1, last.hash, content_of(evidence()))
    book.attack(
        "INSERT INTO evidence_chain VALUES (13, :previous, :content, :hash)",
        previous=forged.previous,
        content=forged.content,
        hash=forged.hash,
    )
    with pytest.raises(RecordForeign) as found:
        book.check()
    assert found.value.sequence == 13


def test_a_chain_cut_off_with_its_count_is_caught_by_a_head(book: Book) -> None:
    head = book.filled().head()
    (ninth,) = book.run(book.store.page(8, count=1))
    book.attack(
        "DELETE FROM evidence_chain WHERE sequence > 9",
        "UPDATE evidence_standing SET sequence = 9, recorded = 9, hash = :hash",
        hash=ninth.hash,
    )
    assert book.check().count == 9, "by itself it looks sound"
    with pytest.raises(ChainShortened) as found:
        book.check(head)
    assert found.value.sequence == 10


def test_an_old_database_put_back_is_caught_by_a_head(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/evidence.db"
    book = Book(url).filled()
    book.run(book.database.wipe_log())
    book.close()
    old = (tmp_path / "evidence.db").read_bytes()
    book = Book(url)
    book.clock.at += timedelta(hours=9)
    head = book.filled().head()
    book.run(book.database.wipe_log())
    book.close()
    (tmp_path / "evidence.db").write_bytes(old)
    book = Book(url)
    try:
        assert book.check().count == 12
        with pytest.raises(ChainShortened) as found:
            book.check(head)
        assert found.value.sequence == 13
        book.clock.at += timedelta(days=2)  # it has gone on, and is as long as it was
        book.filled()
        assert book.check().count == 24
        with pytest.raises(ChainRewritten) as rewritten:
            book.check(head)
        assert rewritten.value.sequence == 24
    finally:
        book.close()


def test_random_damage_never_passes(book: Book) -> None:
    head = book.filled(30).head()
    book.attack()
    dice = random.Random(20261124)
    for _ in range(25):
        number = dice.randint(1, 30)
        (was,) = book.run(book.store.page(number - 1, count=1))
        column = dice.choice(["previous", "hash", "content"])
        value = getattr(was, column)
        raw = bytearray(value.encode() if isinstance(value, str) else value)
        raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(7)
        new = raw.decode() if isinstance(value, str) else bytes(raw)
        statement = f"UPDATE evidence_chain SET {column} = :value WHERE sequence = :number"
        book.attack(statement, value=new, number=number)
        with pytest.raises((ChainBroken, EvidenceUnreadable)):
            book.check(head)
        book.attack(statement, value=value, number=number)
    assert book.check(head).count == 30


# Heads ---------------------------------------------------------------------------------------


def test_a_head_says_where_the_chain_stands(book: Book) -> None:
    text_ = book.filled().head()
    signed = read_head(text_, trusted=[book.own])
    assert signed.head == book.check(text_).last
    assert signed.signed_at == book.clock.at.replace(microsecond=0)
    access_ca = pki().trust_list.access_anchors
    assert read_head(text_, trusted=access_ca) == signed, "or by the authority above"


def test_a_head_of_somebody_else_is_not_believed(book: Book) -> None:
    head = book.filled().check().last
    for org, purpose in (("sote-keskus-malli", "access"), ("kela", "credential")):
        text_ = sign_head(head, signer=pki().keys.signer(org, purpose), at=NOW)
        with pytest.raises(HeadNotTrusted):
            book.check(text_)
    with pytest.raises(HeadNotTrusted):  # another use under the right authority is not enough
        read_head(
            sign_head(head, signer=pki().signer("kela", "credential"), at=NOW),
            trusted=pki().trust_list.issuing_anchors(),
        )


@pytest.mark.parametrize("broken", ["", "a.b.c", "not a head", "e30.e30.e30"])
def test_what_is_no_head_is_not_read(book: Book, broken: str) -> None:
    with pytest.raises(EvidenceUnreadable):
        read_head(broken, trusted=[book.own])


def test_a_changed_head_is_not_believed(book: Book) -> None:
    header, payload, signature = book.filled().head().split(".")
    other = sign_head(Head(11, bytes(32)), signer=book.signer, at=NOW).split(".")[1]
    assert other != payload
    with pytest.raises(HeadNotTrusted):
        read_head(f"{header}.{other}.{signature}", trusted=[book.own])


def test_heads_are_put_out_once_a_day_and_when_the_chain_has_grown(tmp_path: Path) -> None:
    heads = tmp_path / "heads"
    book = Book(f"sqlite:///{tmp_path}/evidence.db", place=HeadDirectory(heads))
    try:
        assert book.run(book.keep()).head_put
        assert not book.run(book.keep()).head_put
        book.record(1)
        book.pass_hours()
        book.pass_hours(24)
        days = sorted(file.name for file in heads.iterdir())
        assert days == ["evidence-head-2026-11-24.jws", "evidence-head-2026-11-25.jws"]
        assert book.check(*(file.read_text() for file in heads.iterdir())).count == 1
    finally:
        book.close()


def test_no_head_is_put_out_for_an_old_copy(tmp_path: Path) -> None:
    place = HeadDirectory(tmp_path / "heads")
    book = Book(f"sqlite:///{tmp_path}/evidence.db", place=place).filled()
    book.close()
    behind = Book(f"sqlite:///{tmp_path}/behind.db", place=place)
    other = Book(f"sqlite:///{tmp_path}/other.db")
    try:
        with pytest.raises(ChainShortened):
            behind.pass_hours()
        other.filled().close()
        other = Book(f"sqlite:///{tmp_path}/other.db", place=place)
        with pytest.raises(ChainRewritten):
            other.pass_hours()
    finally:
        behind.close()
        other.close()


# What is deleted as old ----------------------------------------------------------------------


def test_old_records_go_from_the_beginning_under_a_signed_checkpoint(tmp_path: Path) -> None:
    book = Book(f"sqlite:///{tmp_path}/evidence.db", keep=timedelta(days=30)).filled()
    early = book.head()
    try:
        book.pass_hours(24 * 40)
        assert book.check().count == 0
        book.filled()
        assert (book.check().count, book.check().last.sequence) == (12, 24)
        book.pass_hours(24 * 29)
        assert book.check().count == 12
        with pytest.raises(IntegrityError, match="append-only"):
            book.try_sql("DELETE FROM evidence_chain")
        assert book.check(early).count == 12, "the checkpoint is where that head was signed"
        book.pass_hours(24 * 5)
        with pytest.raises(HeadTooOld):
            book.check(early)
        assert book.check(book.head()).count == 0
    finally:
        book.close()


def test_a_checkpoint_of_somebody_else_is_no_excuse(book: Book) -> None:
    book.filled()
    (tenth,) = book.run(book.store.page(9, count=1))
    stranger = pki().keys.signer("sote-keskus-malli", "access")
    signed = sign_head(Head(10, tenth.hash), signer=stranger, at=NOW)
    book.attack(
        "INSERT INTO evidence_checkpoints VALUES (10, :hash, :signed)",
        "DELETE FROM evidence_chain WHERE sequence <= 10",
        hash=tenth.hash,
        signed=signed,
    )
    with pytest.raises(HeadNotTrusted):
        book.check()


def test_a_checkpoint_covers_what_it_says_and_no_more(book: Book) -> None:
    book.filled()
    page = book.run(book.store.page(8, count=2))
    signed = sign_head(Head(9, page[0].hash), signer=book.signer, at=NOW)
    book.attack(
        "INSERT INTO evidence_checkpoints VALUES (10, :hash, :signed)",
        "DELETE FROM evidence_chain WHERE sequence <= 10",
        hash=page[1].hash,
        signed=signed,
    )
    with pytest.raises(ChainBroken) as found:
        book.check()
    assert found.value.sequence == 10


# Walking by hand, and moving in ---------------------------------------------------------------


def test_a_walk_agrees_with_every_head_on_its_way() -> None:
    first = seal_record(1, EMPTY.hash, content_of(evidence(1)))
    good, bad = Head(1, first.hash), Head(1, bytes(32))
    walk = ChainWalk(heads=[good, good])
    walk.take(first)
    walk.finish()
    assert walk.at == good
    with pytest.raises(ChainRewritten):
        ChainWalk(heads=[good, bad]).take(first)
    with pytest.raises(ChainRewritten):
        ChainWalk(heads=[Head(0, b"x" * 32)])


def test_what_was_recorded_before_the_chain_moves_into_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    hour = int(NOW.timestamp()) // 3600 * 3600
    with engine.begin() as sql:
        config.attributes["connection"] = sql
        command.upgrade(config, "0004")
        for number in range(7):
            code = CODES[number % len(CODES)]
            checks = [["answers_request", "passed", None], ["issuer_trusted", "failed", code]]
            sql.execute(
                text(
                    """INSERT INTO evidence (id, hour, profile, role, ended, checks, outcome, code,
                       trust_sequence, trust_age_hours) VALUES (:id, :hour, 'te_initial_interview',
                       'te_office', 'decided', :checks, 'reject', :code, 7, 3)"""
                ),
                {"id": f"id{number}", "hour": hour, "checks": json.dumps(checks), "code": code},
            )
    engine.dispose()
    book = Book(url)
    try:
        assert book.check().waiting == 7
        book.pass_hours()
        assert book.check().count == 7
        told = [evidence_from(one.content) for one in book.run(book.store.page(0, count=9))]
        assert sorted(told, key=repr) == sorted((evidence(n) for n in range(7)), key=repr)
        with pytest.raises(OperationalError, match="no such table"):
            book.try_sql("SELECT * FROM evidence")
    finally:
        book.close()


def test_an_auditor_without_the_certificate_believes_no_head(book: Book) -> None:
    head = book.filled().head()
    audit = VerifyEvidence(store=book.store, trusted=())
    with pytest.raises(HeadNotTrusted):
        book.run(audit([head]))


def test_a_reader_sees_the_columns_that_the_text_promises(book: Book) -> None:
    book.filled()

    def columns(sql) -> set[str]:
        return set(sql.execute(text("SELECT * FROM evidence_chain")).keys())

    found = book.run(book.database.read(columns))
    assert found == {"sequence", "previous", "content", "hash"}
