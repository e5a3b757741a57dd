"""One contract for every key store: in memory and in files."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from keys.checks import KeyNotFound
from keys.opener import KeyStore, ScryptCost, create_keys, open_keys
from keys.software_signer import SoftwareSigner
from tests.keys.keys_kit import pki

PASSPHRASE = "a passphrase for tests"
CHEAP = ScryptCost(log2_n=10, r=8, p=1)


@pytest.fixture(scope="module", params=["memory", "file"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KeyStore]:
    keys = pki().keys
    if request.param == "memory":
        yield keys
        return
    place: Path = tmp_path_factory.mktemp("home") / "keys"
    create_keys(
        place,
        passphrase=PASSPHRASE,
        signers={name: keys.signer(*name) for name in keys.names()},
        secrets=keys.secrets,
        cost=CHEAP,
    )
    yield open_keys(place.parent, passphrase=PASSPHRASE)


def test_names_are_sorted_and_complete(store: KeyStore) -> None:
    assert store.names() == sorted(store.names())
    assert store.names() == pki().keys.names()


def test_every_signer_signs_for_its_certificate(store: KeyStore) -> None:
    for org, purpose in store.names():
        signer = store.signer(org, purpose)
        signature = signer.sign(b"message")
        assert len(signature) == 64
        der = encode_dss_signature(
            int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        )
        signer.public_key.verify(der, b"message", ec.ECDSA(hashes.SHA256()))
        assert signer.certificate_chain == pki().keys.signer(org, purpose).certificate_chain


def test_a_key_is_imported_once(store: KeyStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: store.signer("elake", "credential"), range(8)))
    assert len({id(signer) for signer in found}) == 1


def test_secrets_stay_the_same(store: KeyStore) -> None:
    secret = store.secret("issuer-sealing")
    assert len(secret) == 32
    assert store.secret("issuer-sealing") == secret == pki().keys.secret("issuer-sealing")
    assert store.secret("verifier-state") != secret


@pytest.mark.parametrize(
    ("org", "purpose"),
    [
        ("kela", "no-such"),
        ("nobody", "credential"),
        ("", ""),
        ("..", "store"),
        ("../orgs/kela", "credential"),
        ("kela", "../kela/credential"),
        ("kela", "credential.key.pem"),
        ("kela\0", "credential"),
    ],
)
def test_no_such_key(store: KeyStore, org: str, purpose: str) -> None:
    with pytest.raises(KeyNotFound):
        store.signer(org, purpose)


@pytest.mark.parametrize("name", ["no-such", "", "..", "../store", "issuer-sealing.sealed", "\0"])
def test_no_such_secret(store: KeyStore, name: str) -> None:
    with pytest.raises(KeyNotFound):
        store.secret(name)


def test_a_bare_key_has_no_chain(tmp_path: Path) -> None:
    signer = SoftwareSigner.generate()
    create_keys(
        tmp_path / "keys",
        passphrase=PASSPHRASE,
        signers={("wallet", "holder"): signer},
        secrets={},
        cost=CHEAP,
    )
    found = open_keys(tmp_path, passphrase=PASSPHRASE).signer("wallet", "holder")
    assert found.certificate_chain == ()
    assert found.public_key == signer.public_key
