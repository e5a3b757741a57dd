"""The store keeps what it is given, opens for the right secret only, and never loses a file."""

import json
import multiprocessing
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wallet_sim.failures import (
    KeyringUnavailable,
    PassphraseTooShort,
    StoreCorrupted,
    StoreNotWritable,
    WalletExists,
    WalletNotFound,
    WrongPassphrase,
)
from wallet_sim.instances import Begun, Instance, Renewal
from wallet_sim.memory_store import MemoryStore
from wallet_sim.model import (
    Card,
    Contents,
    Kind,
    LogEntry,
    LoggedCard,
    Outcome,
)
from wallet_sim.pending import Unfinished
from wallet_sim.store import FILE_NAME, FileStore, _sum, locked_by, read_file
from wallet_sim.store_locks import KeyringOpener, PassphraseOpener
from wallet_sim.trust_settings import TrustSettings

PASSPHRASE = "kolme pientä porsasta"
CHEAP = 2**4
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EMPTY = Contents(
    trust=TrustSettings(location="list.jws", jws="a.b.c", sequence=3, operator_anchors=(b"\x30",))
)
CARD = Card(
    id="0a1b2c3d",
    type_id="self_assessment_result",
    vct="urn:kykylompakko:self-assessment-result:1",
    issuer_id="itsearviointi",
    issuer_names={"fi": "Mallimaan itsearviointipalvelu (TESTI)"},
    sd_jwt="h.p.s~SALAISUUS~",
    holder_key=b"\x00\x01key",
    received_at=NOON,
    expires_at=None,
)
BEGUN = Begun(
    state="s",
    issuer="https://issuer.example/org",
    server="https://issuer.example/org",
    configuration_id="self_assessment_result",
    redirect_uri="http://127.0.0.1:1/callback",
    code_verifier="v",
    since=NOON,
)
RENEWAL = Renewal(
    issuer="https://issuer.example/org",
    configuration_id="self_assessment_result",
    server="https://issuer.example/org",
    refresh_token="r",
)
FULL = replace(
    EMPTY,
    unsafe_loopback_http=True,
    cards=(CARD, replace(CARD, id="ffffffff", expires_at=NOON, renewal=RENEWAL)),
    unfinished=(
        Unfinished(offer="00ff", access_token="token", expires_at=NOON),
        Unfinished(
            offer="01ff",
            access_token="token",
            expires_at=NOON,
            server="https://issuer.example/org",
            refresh_token="r",
            identifiers={"a": ("1", "2")},
        ),
    ),
    instances=(Instance("https://issuer.example/org", b"one", b"two"),),
    begun=(BEGUN, replace(BEGUN, state="t", issuer_state="i")),
    log=(
        LogEntry(
            at=NOON,
            kind=Kind.PRESENT,
            party_id="te-toimisto-malli",
            party_names={"fi": "Mallimaan työllisyysalue (TESTI)"},
            outcome=Outcome.SHOWN,
            profile_id="te_initial_interview",
            cards=(LoggedCard(type_id="self_assessment_result", asked=("a", "b"), shown=("a",)),),
        ),
    ),
)


class OsRandom:
    def bytes(self, count: int) -> bytes:
        return os.urandom(count)


class KeyringInMemory:
    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self.secrets.get(name)

    def set(self, name: str, secret: str) -> None:
        self.secrets[name] = secret


def file_store(home: Path, passphrase: str = PASSPHRASE) -> FileStore:
    return FileStore(home, PassphraseOpener(passphrase, n=CHEAP), OsRandom())


@pytest.fixture(params=["file", "keyring", "memory"])
def store(request, tmp_path):
    if request.param == "memory":
        return MemoryStore(EMPTY)
    opener = (
        PassphraseOpener(PASSPHRASE, n=CHEAP)
        if request.param == "file"
        else KeyringOpener(KeyringInMemory())
    )
    made = FileStore(tmp_path / "home", opener, OsRandom())
    made.create(EMPTY)
    return made


# --- the contract of every store ----------------------------------------------------------------


def test_gives_back_what_it_was_given(store):
    assert store.change(lambda _: FULL) == FULL
    assert store.load() == FULL


def test_a_change_sees_the_contents_before_it(store):
    store.change(lambda old: old.with_card(CARD))
    after = store.change(lambda old: old.with_card(replace(CARD, id="11111111")))
    assert [card.id for card in after.cards] == [CARD.id, "11111111"]


def test_a_change_that_fails_changes_nothing(store):
    store.change(lambda _: FULL)

    def fail(_: Contents) -> Contents:
        raise KeyError

    with pytest.raises(KeyError):
        store.change(fail)
    assert store.load() == FULL


# --- the file -----------------------------------------------------------------------------------


def test_another_process_opens_it_with_the_same_passphrase(tmp_path):
    file_store(tmp_path).create(FULL)
    assert file_store(tmp_path).load() == FULL


def test_a_wrong_passphrase_is_told_apart_from_damage(tmp_path):
    file_store(tmp_path).create(FULL)
    with pytest.raises(WrongPassphrase):
        file_store(tmp_path, "kolme pientä susihukkaa").load()
    with pytest.raises(WrongPassphrase):
        file_store(tmp_path, "kolme pientä susihukkaa").change(lambda _: EMPTY)
    assert file_store(tmp_path).load() == FULL


def test_a_short_passphrase_makes_no_wallet(tmp_path):
    with pytest.raises(PassphraseTooShort):
        file_store(tmp_path, "lyhyt").create(EMPTY)
    assert not (tmp_path / FILE_NAME).exists()


def test_only_the_owner_can_read_it_and_nothing_stands_in_clear(tmp_path):
    home = tmp_path / "home"
    file_store(home).create(FULL)
    file = home / FILE_NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    text = file.read_text()
    for secret in ("SALAISUUS", "itsearviointi", "te-toimisto-malli", CARD.id):
        assert secret not in text
    file_store(home).change(lambda old: old)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_every_write_uses_a_new_nonce(tmp_path):
    store = file_store(tmp_path)
    store.create(EMPTY)
    bodies = {json.loads((tmp_path / FILE_NAME).read_text())["body"]}
    for _ in range(3):
        store.change(lambda old: old)
        bodies.add(json.loads((tmp_path / FILE_NAME).read_text())["body"])
    assert len({body[:16] for body in bodies}) == 4


def test_no_second_wallet_in_one_folder(tmp_path):
    file_store(tmp_path).create(FULL)
    with pytest.raises(WalletExists):
        file_store(tmp_path).create(EMPTY)
    assert file_store(tmp_path).load() == FULL


def test_no_wallet_no_file(tmp_path):
    store = file_store(tmp_path / "none")
    with pytest.raises(WalletNotFound):
        store.load()
    with pytest.raises(WalletNotFound):
        store.change(lambda old: old)
    with pytest.raises(WalletNotFound):
        locked_by(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def changed_head(**head: object):
    """Return a function that changes parts of the head, as a failing disk might."""

    def change(data: bytes) -> bytes:
        whole = json.loads(data)
        whole["head"] |= head
        return json.dumps(whole).encode()

    return change


def with_changed_body(data: bytes) -> bytes:
    whole = json.loads(data)
    whole["body"] = whole["body"][:40] + "AAAA" + whole["body"][44:]
    return json.dumps(whole).encode()


DAMAGE = {
    "empty": lambda _data: b"",
    "cut off": lambda data: data[: len(data) // 2],
    "other JSON": lambda _data: b'["a"]',
    "deep JSON": lambda _data: b"[" * 100_000,
    "binary": lambda _data: bytes(range(256)),
    "body": with_changed_body,
    "lock": changed_head(lock={"by": "passphrase", "n": 16, "salt": "AAAA", "mark": "0"}),
    "format": changed_head(format=2),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_file_is_said_to_be_damaged_and_left_alone(tmp_path, how):
    file_store(tmp_path).create(FULL)
    file = tmp_path / FILE_NAME
    damaged = DAMAGE[how](file.read_bytes())
    file.write_bytes(damaged)
    with pytest.raises(StoreCorrupted):
        file_store(tmp_path).load()
    with pytest.raises(StoreCorrupted):
        file_store(tmp_path).change(lambda _: EMPTY)
    with pytest.raises(WalletExists):
        file_store(tmp_path).create(EMPTY)
    assert file.read_bytes() == damaged


@pytest.mark.parametrize("n", [0, 1, 3, 2**21, "16", None])
def test_a_forged_scrypt_cost_is_refused(tmp_path, n):
    """Somebody who may write the file must not make the wallet work for hours."""
    file_store(tmp_path).create(FULL)
    file = tmp_path / FILE_NAME
    whole = json.loads(file.read_bytes())
    whole["head"]["lock"]["n"] = n
    _, sealed = read_file(tmp_path)
    whole["sum"] = _sum(whole["head"], sealed)
    file.write_text(json.dumps(whole))
    with pytest.raises(StoreCorrupted):
        file_store(tmp_path).load()


def test_a_deliberate_change_with_a_new_sum_is_found(tmp_path):
    file_store(tmp_path).create(FULL)
    file = tmp_path / FILE_NAME
    whole = json.loads(file.read_bytes())
    whole["head"]["extra"] = "x"
    _, sealed = read_file(tmp_path)
    whole["sum"] = _sum(whole["head"], sealed)
    file.write_text(json.dumps(whole))
    with pytest.raises(StoreCorrupted):
        file_store(tmp_path).load()


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path):
    """The rest of a broken write is cleared away; the file in place is the last whole one."""
    file_store(tmp_path).create(FULL)
    (tmp_path / "wallet.new").write_bytes(b"half a wal")
    assert file_store(tmp_path).load() == FULL
    file_store(tmp_path).change(lambda _: EMPTY)
    assert file_store(tmp_path).load() == EMPTY
    assert not (tmp_path / "wallet.new").exists()


def test_a_folder_that_cannot_be_made_is_said_plainly(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreNotWritable):
        file_store(tmp_path / "file" / "home").create(EMPTY)


def _add_one(home: str, number: int) -> None:
    def add(old: Contents) -> Contents:
        return old.with_card(replace(CARD, id=f"{number:08x}"))

    file_store(Path(home)).change(add)


def test_two_processes_lose_no_card(tmp_path):
    file_store(tmp_path).create(EMPTY)
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_add_one, args=(str(tmp_path), n)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(file_store(tmp_path).load().cards) == 4


# --- the keyring --------------------------------------------------------------------------------


def test_the_keyring_keeps_the_key_and_the_file_says_so(tmp_path):
    keyring = KeyringInMemory()
    FileStore(tmp_path, KeyringOpener(keyring), OsRandom()).create(FULL)
    assert locked_by(tmp_path) == "keyring"
    assert FileStore(tmp_path, KeyringOpener(keyring), OsRandom()).load() == FULL


@pytest.mark.parametrize("kept", [None, "", "zz", "00", "00" * 64])
def test_a_keyring_without_this_wallets_key_is_said_plainly(tmp_path, kept):
    keyring = KeyringInMemory()
    FileStore(tmp_path, KeyringOpener(keyring), OsRandom()).create(FULL)
    for name in list(keyring.secrets):
        del keyring.secrets[name]
        if kept is not None:
            keyring.secrets[name] = kept
    with pytest.raises(KeyringUnavailable):
        FileStore(tmp_path, KeyringOpener(keyring), OsRandom()).load()


# --- the contents -------------------------------------------------------------------------------


def test_a_card_is_found_by_the_beginning_of_its_id_when_that_is_clear():
    contents = replace(EMPTY, cards=(CARD, replace(CARD, id="0affffff")))
    assert contents.card("0a1b2c3d") == CARD
    assert contents.card("0a1") == CARD
    assert contents.card("0a") is None
    assert contents.card("0") is None
    assert contents.card("") is None


def test_ended_receipts_are_forgotten():
    contents = replace(FULL, unfinished=())
    token = Unfinished(offer="aa", access_token="t", expires_at=NOON)
    held = contents.with_unfinished(token).with_unfinished(replace(token, access_token="u"))
    assert [one.access_token for one in held.unfinished] == ["u"]
    assert held.without_unfinished("other", at=NOON).unfinished == ()
    assert held.without_unfinished("aa", at=None).unfinished == ()
