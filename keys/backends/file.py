"""Keys in a directory of encrypted files.

    DIR/store.json                    scrypt parameters and a check value
    DIR/orgs/<org>/<purpose>.key.pem  PKCS#8, encrypted under a password of its own
    DIR/orgs/<org>/<purpose>.pem      the certificate chain
    DIR/secrets/<name>.sealed         32 bytes, AES-256-GCM

scrypt turns the passphrase into a master key once; from that, HKDF derives an unguessable password
for each file, bound to the file's place. So a stolen file costs a full scrypt for each guess, and
a file that was moved to another name does not open.
"""

import threading
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from keys.backends.files import entries, read_private, write_private
from keys.backends.passphrase import MasterKey, ScryptCost
from keys.base64url import b64url_encode
from keys.checks import KeyNotFound, KeyStoreDamaged, MalformedKey, SealBroken
from keys.software_signer import SoftwareSigner

STORE_FILE: Final = "store.json"
SECRET_BYTES: Final = 32

_KEY: Final = ".key.pem"
_CHAIN: Final = ".pem"
_SEALED: Final = ".sealed"


class FileKeys:
    """A `keys.ports.KeyStore` over a directory; each key is imported once per process."""

    def __init__(self, directory: Path, master: MasterKey) -> None:
        """Use `create` or `open`."""
        self._directory = directory
        self._master = master
        self._lock = threading.Lock()
        self._signers: dict[tuple[str, str], SoftwareSigner] = {}
        self._secrets: dict[str, bytes] = {}

    @classmethod
    def create(cls, directory: Path, *, passphrase: str, cost: ScryptCost | None = None) -> Self:
        """Start an empty store.

        Raises:
            PassphraseUnfit: shorter than eight characters.
        """
        master, settings = MasterKey.create(passphrase, cost or ScryptCost())
        write_private(directory / STORE_FILE, settings)
        return cls(directory, master)

    @classmethod
    def open(cls, directory: Path, *, passphrase: str) -> Self:
        """Open a store.

        Raises:
            KeyStoreMissing: no store in this directory.
            KeyStoreUnsafe: others may read or replace it.
            KeyStoreDamaged: its settings cannot be read.
            PassphraseWrong: another passphrase.
        """
        settings = read_private(directory / STORE_FILE)
        return cls(directory, MasterKey.open(passphrase, settings))

    def add_signer(self, org: str, purpose: str, signer: SoftwareSigner) -> None:
        """Store a private key and its chain."""
        place = f"orgs/{org}/{purpose}"
        pem = signer.private_key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(self._password(place))
        )
        chain = map(x509.load_der_x509_certificate, signer.certificate_chain)
        chain_pem = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)
        write_private(self._directory / f"{place}{_CHAIN}", chain_pem)
        write_private(self._directory / f"{place}{_KEY}", pem)

    def add_secret(self, name: str, secret: bytes) -> None:
        """Store a named secret of 32 bytes."""
        place = f"secrets/{name}"
        write_private(self._directory / f"{place}{_SEALED}", self._master.seal(place, secret))

    def signer(self, org: str, purpose: str) -> SoftwareSigner:
        """Return the signer that an organisation uses for a purpose.

        Raises:
            KeyNotFound: no such key.
            KeyStoreUnsafe: others may read or replace the file.
            KeyStoreDamaged: the file does not open, or its chain is another key's.
        """
        with self._lock:
            if (org, purpose) not in self._signers:
                self._signers[org, purpose] = self._load_signer(org, purpose)
            return self._signers[org, purpose]

    def names(self) -> list[tuple[str, str]]:
        """Return every (organisation, purpose), sorted."""
        return names_in(self._directory)

    def secret(self, name: str) -> bytes:
        """Return 32 random bytes that stay the same for this name.

        Raises:
            KeyNotFound: no such secret.
            KeyStoreUnsafe: others may read or replace the file.
            KeyStoreDamaged: the file does not open.
        """
        with self._lock:
            if name not in self._secrets:
                self._secrets[name] = self._load_secret(name)
            return self._secrets[name]

    def _load_signer(self, org: str, purpose: str) -> SoftwareSigner:
        if (org, purpose) not in self.names():
            raise KeyNotFound("no such key")
        place = f"orgs/{org}/{purpose}"
        pem = read_private(self._directory / f"{place}{_KEY}")
        chain = chain_in(self._directory, org, purpose)
        try:
            private_key = load_pem_private_key(pem, self._password(place))
        except (ValueError, TypeError):
            raise KeyStoreDamaged("private key") from None
        if not isinstance(private_key, ec.EllipticCurvePrivateKey):
            raise KeyStoreDamaged("private key")
        if chain and chain[0].public_key() != private_key.public_key():
            raise KeyStoreDamaged("the chain belongs to another key")
        ders = tuple(certificate.public_bytes(Encoding.DER) for certificate in chain)
        try:
            return SoftwareSigner(private_key, ders)
        except MalformedKey:
            raise KeyStoreDamaged("private key") from None

    def _load_secret(self, name: str) -> bytes:
        if f"{name}{_SEALED}" not in entries(self._directory / "secrets"):
            raise KeyNotFound("no such secret")
        place = f"secrets/{name}"
        try:
            secret = self._master.unseal(place, read_private(self._directory / f"{place}{_SEALED}"))
        except SealBroken:
            raise KeyStoreDamaged("secret") from None
        if len(secret) != SECRET_BYTES:
            raise KeyStoreDamaged("secret")
        return secret

    def _password(self, place: str) -> bytes:
        return b64url_encode(self._master.key_for(place)).encode("ascii")


def names_in(directory: Path) -> list[tuple[str, str]]:
    """Return every (organisation, purpose) of a store; no passphrase is needed.

    Raises:
        KeyStoreDamaged: a directory cannot be listed.
    """
    organisations = directory / "orgs"
    return [
        (org, name.removesuffix(_KEY))
        for org in entries(organisations)
        for name in entries(organisations / org)
        if name.endswith(_KEY) and not name.startswith(".")
    ]


def chain_in(directory: Path, org: str, purpose: str) -> list[x509.Certificate]:
    """Return a signer's certificates, leaf first; no passphrase is needed.

    Raises:
        KeyStoreMissing, KeyStoreUnsafe, KeyStoreDamaged: the file is absent, open to others, or
            holds something else.
    """
    pem = read_private(directory / "orgs" / org / f"{purpose}{_CHAIN}")
    if not pem:
        return []
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise KeyStoreDamaged("certificate chain") from None
