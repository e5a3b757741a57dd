"""Encrypted key files: what an attacker or an accident may do to them."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from keys.backends.passphrase import MasterKey
from keys.base64url import b64url_encode
from keys.checks import (
    KeyStoreDamaged,
    KeyStoreExists,
    KeyStoreForeign,
    KeyStoreMissing,
    KeyStoreUnsafe,
    PassphraseUnfit,
    PassphraseWrong,
)
from keys.key_directory import create_key_directory, operator_anchor, renew
from keys.opener import KeyStore, ScryptCost, create_keys, list_keys, open_keys
from tests.keys.keys_kit import AT, pki

PASSPHRASE = "a passphrase for tests"
CHEAP = ScryptCost(log2_n=10, r=8, p=1)
WANTED = [("kela", "credential"), ("kela", "issuing-ca"), ("mallimaa", "credential")]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    keys = pki().keys
    create_keys(
        tmp_path / "keys",
        passphrase=PASSPHRASE,
        signers={name: keys.signer(*name) for name in WANTED},
        secrets={name: keys.secret(name) for name in ("issuer-nonce", "issuer-sealing")},
        cost=CHEAP,
    )
    return tmp_path / "keys"


def opened(place: Path) -> KeyStore:
    return open_keys(place, passphrase=PASSPHRASE)


# on disk ----------------------------------------------------------------------------------


def test_only_the_owner_gets_in(place: Path) -> None:
    for path in [place, *place.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_nothing_is_left_in_the_clear(place: Path) -> None:
    secret = pki().keys.secret("issuer-sealing")
    key = pki().keys.signer("kela", "credential").private_key
    scalar = key.private_numbers().private_value.to_bytes(32, "big")
    for path in place.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert PASSPHRASE.encode() not in data
            for hidden in (secret, scalar):
                assert hidden not in data
                assert b64url_encode(hidden).encode() not in data
    pem = (place / "orgs/kela/credential.key.pem").read_bytes()
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    with pytest.raises(ValueError, match="password"):
        load_pem_private_key(pem, PASSPHRASE.encode())


def test_the_two_directories_that_open(place: Path) -> None:
    for directory in (place, place.parent):
        assert open_keys(directory, passphrase=PASSPHRASE).names() == WANTED


def test_the_default_cost_is_not_cheap() -> None:
    cost = ScryptCost()
    assert 128 * cost.r * 2**cost.log2_n == 32 * 1024 * 1024
    assert cost.p >= 3


# the passphrase ---------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["", "A passphrase for tests", PASSPHRASE + " ", "ä", "\udcff"])
def test_a_wrong_passphrase(place: Path, wrong: str) -> None:
    with pytest.raises(PassphraseWrong):
        open_keys(place, passphrase=wrong)


def test_no_passphrase(place: Path) -> None:
    with pytest.raises(PassphraseUnfit):
        open_keys(place, passphrase=None)


def test_too_short_a_passphrase(tmp_path: Path) -> None:
    with pytest.raises(PassphraseUnfit):
        create_keys(tmp_path / "new", passphrase="seven77", signers={}, secrets={}, cost=CHEAP)
    assert not (tmp_path / "new").exists()


# unsafe -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o601])
@pytest.mark.parametrize(
    ("path", "use"),
    [
        ("store.json", opened),
        ("orgs/kela/credential.key.pem", lambda place: opened(place).signer("kela", "credential")),
        ("orgs/kela/credential.pem", lambda place: opened(place).signer("kela", "credential")),
        ("secrets/issuer-nonce.sealed", lambda place: opened(place).secret("issuer-nonce")),
    ],
)
def test_a_file_that_others_may_touch(
    place: Path, path: str, use: Callable[[Path], object], mode: int
) -> None:
    (place / path).chmod(mode)
    with pytest.raises(KeyStoreUnsafe):
        use(place)


@pytest.mark.parametrize("mode", [0o770, 0o777, 0o702])
def test_a_directory_that_others_may_write(place: Path, mode: int) -> None:
    place.chmod(mode)
    with pytest.raises(KeyStoreUnsafe):
        opened(place)


def test_somebody_elses_file(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:
        os.chown(place / "store.json", 12345, 12345)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(KeyStoreUnsafe):
        opened(place)


# damaged ----------------------------------------------------------------------------------


def test_no_store(tmp_path: Path) -> None:
    for directory in (tmp_path, tmp_path / "absent"):
        with pytest.raises(KeyStoreMissing):
            open_keys(directory, passphrase=PASSPHRASE)
        with pytest.raises(KeyStoreMissing):
            list_keys(directory)


def settings(place: Path, **change: object) -> None:
    path = place / "store.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"salt": 1},
        {"salt": "?"},
        {"check": None},
        {"scrypt": None},
        {"scrypt": {"log2_n": 10, "r": 8}},
        {"scrypt": {"log2_n": 9, "r": 8, "p": 1}},
        {"scrypt": {"log2_n": 30, "r": 8, "p": 1}},
        {"scrypt": {"log2_n": 10, "r": 1 << 20, "p": 1}},
        {"scrypt": {"log2_n": 10, "r": 8, "p": 0}},
        {"scrypt": {"log2_n": "10", "r": 8, "p": 1}},
        {"scrypt": {"log2_n": 10, "r": 8, "p": 1, "x": 1}},
    ],
)
def test_damaged_settings(place: Path, change: dict[str, object]) -> None:
    settings(place, **change)
    with pytest.raises(KeyStoreDamaged):
        opened(place)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b"x" * 70_000])
def test_settings_that_are_none(place: Path, data: bytes) -> None:
    (place / "store.json").write_bytes(data)
    with pytest.raises(KeyStoreDamaged):
        opened(place)


def test_a_changed_check_value_is_as_a_wrong_passphrase(place: Path) -> None:
    settings(place, check=b64url_encode(bytes(60)))
    with pytest.raises(PassphraseWrong):
        opened(place)


@pytest.mark.parametrize("data", [b"", b"x", b"-----BEGIN PRIVATE KEY-----\n"])
@pytest.mark.parametrize("path", ["credential.key.pem", "credential.pem"])
def test_a_damaged_key(place: Path, path: str, data: bytes) -> None:
    if (path, data) == ("credential.pem", b""):
        data = b"\n"
    (place / "orgs/kela" / path).write_bytes(data)
    with pytest.raises(KeyStoreDamaged):
        opened(place).signer("kela", "credential")


def test_a_missing_chain(place: Path) -> None:
    (place / "orgs/kela/credential.pem").unlink()
    with pytest.raises(KeyStoreMissing):
        opened(place).signer("kela", "credential")


def test_a_directory_in_place_of_a_key(place: Path) -> None:
    path = place / "orgs/kela/credential.key.pem"
    path.unlink()
    path.mkdir()
    with pytest.raises(KeyStoreDamaged):
        opened(place).signer("kela", "credential")


def test_a_key_in_another_organisations_place(place: Path) -> None:
    for suffix in (".key.pem", ".pem"):
        shutil.copy(
            place / f"orgs/mallimaa/credential{suffix}", place / f"orgs/kela/credential{suffix}"
        )
    with pytest.raises(KeyStoreDamaged):
        opened(place).signer("kela", "credential")


def test_another_keys_chain(place: Path) -> None:
    shutil.copy(place / "orgs/mallimaa/credential.pem", place / "orgs/kela/credential.pem")
    with pytest.raises(KeyStoreDamaged, match="another key"):
        opened(place).signer("kela", "credential")


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())],
    ids=["RSA", "P-384"],
)
def test_another_kind_of_key(place: Path, key: rsa.RSAPrivateKey) -> None:
    master = MasterKey.open(PASSPHRASE, (place / "store.json").read_bytes())
    password = b64url_encode(master.key_for("orgs/kela/credential")).encode()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
    (place / "orgs/kela/credential.key.pem").write_bytes(pem)
    (place / "orgs/kela/credential.pem").write_bytes(b"")
    with pytest.raises(KeyStoreDamaged):
        opened(place).signer("kela", "credential")


def test_a_secret_in_another_place(place: Path) -> None:
    shutil.copy(place / "secrets/issuer-nonce.sealed", place / "secrets/issuer-sealing.sealed")
    with pytest.raises(KeyStoreDamaged):
        opened(place).secret("issuer-sealing")


def test_a_secret_of_another_length(place: Path) -> None:
    master = MasterKey.open(PASSPHRASE, (place / "store.json").read_bytes())
    sealed = master.seal("secrets/issuer-nonce", b"short")
    (place / "secrets/issuer-nonce.sealed").write_bytes(sealed)
    with pytest.raises(KeyStoreDamaged):
        opened(place).secret("issuer-nonce")


# the whole directory ----------------------------------------------------------------------


def test_a_key_directory_is_complete(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    create_key_directory(home, pki(), passphrase=PASSPHRASE, cost=CHEAP)
    assert sorted(path.name for path in home.iterdir()) == [
        "keys",
        "trust-list.jws",
        "trust-operator.pem",
        "wallet-providers.jws",
    ]
    assert (home / "trust-list.jws").read_text() == pki().trust_list_jws
    assert operator_anchor(home) == pki().operator_anchor
    assert opened(home).names() == pki().keys.names()
    trust_list, _text = renew(
        home, passphrase=PASSPHRASE, at=AT, valid_for=pki().trust_list.next_update - AT
    )
    assert trust_list.sequence == 2


def test_keys_are_not_overwritten_by_accident(tmp_path: Path) -> None:
    create_key_directory(tmp_path, pki(), passphrase=PASSPHRASE, cost=CHEAP)
    before = (tmp_path / "keys/orgs/kela/credential.key.pem").read_bytes()
    with pytest.raises(KeyStoreExists):
        create_key_directory(tmp_path, pki(), passphrase=PASSPHRASE, cost=CHEAP)
    assert (tmp_path / "keys/orgs/kela/credential.key.pem").read_bytes() == before
    with pytest.raises(PassphraseUnfit):
        create_key_directory(tmp_path, pki(), passphrase="short", cost=CHEAP, force=True)
    assert (tmp_path / "keys/orgs/kela/credential.key.pem").read_bytes() == before
    create_key_directory(tmp_path, pki(), passphrase="another passphrase", cost=CHEAP, force=True)
    assert open_keys(tmp_path, passphrase="another passphrase").names()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_something_else_called_keys_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "precious.py").write_text("x")
    for force in (False, True):
        with pytest.raises(KeyStoreForeign):
            create_key_directory(tmp_path, pki(), passphrase=PASSPHRASE, cost=CHEAP, force=force)
    assert [path.name for path in tmp_path.rglob("*")] == ["keys", "precious.py"]


def test_an_interrupted_replacement_loses_nothing(tmp_path: Path) -> None:
    create_key_directory(tmp_path, pki(), passphrase=PASSPHRASE, cost=CHEAP)
    (tmp_path / "keys").rename(tmp_path / ".keys-old")
    with pytest.raises(KeyStoreExists):
        create_key_directory(tmp_path, pki(), passphrase=PASSPHRASE, cost=CHEAP)
    assert opened(tmp_path).names() == pki().keys.names()


def test_a_failed_replacement_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_key_directory(tmp_path, pki(), passphrase=PASSPHRASE, cost=CHEAP)
    rename = Path.rename

    def fails_for_new(path: Path, target: Path) -> Path:
        if path.name == ".keys-new":
            raise OSError("no space")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails_for_new)
    with pytest.raises(OSError, match="no space"):
        create_key_directory(tmp_path, pki(), passphrase=PASSPHRASE, cost=CHEAP, force=True)
    assert opened(tmp_path).names() == pki().keys.names()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_an_operators_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(KeyStoreMissing):
        operator_anchor(tmp_path)
    for text in ("", "x", "ä"):
        (tmp_path / "trust-operator.pem").write_text(text)
        with pytest.raises(KeyStoreDamaged):
            operator_anchor(tmp_path)
