"""The directory that `kyky-keys init` makes: keys, the signed lists, the operator's anchor."""

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from keys.checks import (
    KeyNotFound,
    KeyStoreDamaged,
    KeyStoreExists,
    KeyStoreForeign,
    KeyStoreMissing,
)
from keys.devkeys import DemoPki
from keys.opener import KEYS_DIRECTORY, STORE_FILE, ScryptCost, create_keys, open_keys
from keys.ports import Signer
from keys.trust import TrustList, renew_trust_list, sign_trust_list
from keys.wallet_providers import (
    WalletProvider,
    WalletProviders,
    renew_wallet_providers,
    sign_wallet_providers,
)

TRUST_LIST_FILE: Final = "trust-list.jws"
WALLET_PROVIDERS_FILE: Final = "wallet-providers.jws"
OPERATOR_FILE: Final = "trust-operator.pem"
TRUST_LIST_PURPOSE: Final = "trust-list"
_NEW: Final = ".keys-new"
_OLD: Final = ".keys-old"


def create_key_directory(
    directory: Path,
    pki: DemoPki,
    *,
    passphrase: str,
    force: bool = False,
    cost: ScryptCost | None = None,
) -> None:
    """Write keys, trust lists and operator's anchor; the new keys replace old ones in one step.

    Args:
        directory: made when it is missing.
        pki: what to write.
        passphrase: at least eight characters.
        force: replace keys that are there already; whatever they signed stops being trusted.
        cost: work for one guess at the passphrase.

    Raises:
        KeyStoreExists: there are keys already, and no `force`.
        KeyStoreForeign: what stands in the place of the keys is something else.
        PassphraseUnfit: the passphrase is too short.
        OSError: the directory cannot be written.
    """
    keys, new, old = (directory / name for name in (KEYS_DIRECTORY, _NEW, _OLD))
    _finish_interrupted(keys, old)
    if keys.exists() and not (keys / STORE_FILE).is_file():
        raise KeyStoreForeign("not made here")
    if not force and (keys.exists() or (directory / TRUST_LIST_FILE).exists()):
        raise KeyStoreExists("keys are there already")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.rmtree(new, ignore_errors=True)
    try:
        create_keys(
            new,
            passphrase=passphrase,
            signers={name: pki.keys.signer(*name) for name in pki.keys.names()},
            secrets=pki.keys.secrets,
            cost=cost,
        )
        _replace(keys, new, old)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    write_public(directory / OPERATOR_FILE, pki.operator_anchor.public_bytes(Encoding.PEM))
    write_public(directory / TRUST_LIST_FILE, pki.trust_list_jws.encode("ascii"))
    write_public(directory / WALLET_PROVIDERS_FILE, pki.wallet_providers_jws.encode("ascii"))


@dataclass(frozen=True, slots=True)
class Amendments:
    """What a new issue of a trust list says otherwise than the one before.

    Attributes:
        status_lists: where issuers name their status lists (`TrustList.with_status_lists_at`); None
            leaves what the list says of that.
        may_issue: types that are added: the issuer's id and the type's `vct`.
        closed: issuers that have stopped issuing: their id and the UTC day. Their entry stays, with
            its history, for what they have issued.
    """

    status_lists: str | None = None
    may_issue: Sequence[tuple[str, str]] = ()
    closed: Sequence[tuple[str, date]] = ()

    def applied(self, trust_list: TrustList) -> TrustList:
        """Return the list with all of it.

        Raises:
            KeyNotFound: one of the issuers is not on the list.
        """
        if self.status_lists is not None:
            trust_list = trust_list.with_status_lists_at(self.status_lists)
        try:
            for issuer, vct in self.may_issue:
                trust_list = trust_list.with_type(issuer, vct)
            for issuer, day in self.closed:
                trust_list = trust_list.with_closed(issuer, day)
        except KeyError:
            raise KeyNotFound("no such issuer on the list") from None
        return trust_list


def renew(
    directory: Path,
    *,
    passphrase: str | None,
    at: datetime,
    valid_for: timedelta,
    amendments: Amendments | None = None,
) -> tuple[TrustList, str]:
    """Sign the directory's trust list again, one sequence number further; nothing is written.

    Raises:
        KeyNotFound: the amendments name an issuer that is not on the list.
        KeyStoreMissing: no keys, no trust list or no operator's anchor.
        KeyStoreDamaged: the anchor or the list cannot be read.
        KeyNotFound: the directory does not hold the operator's key.
        CheckFailed: whatever else is wrong with the keys (`open_keys`) or the list
            (`renew_trust_list`).
    """
    signer = _operator(directory, passphrase)
    trust_list = renew_trust_list(
        _read(directory / TRUST_LIST_FILE),
        operator_anchors=[operator_anchor(directory)],
        at=at,
        valid_for=valid_for,
    )
    trust_list = (amendments or Amendments()).applied(trust_list)
    return trust_list, sign_trust_list(trust_list, signer)


def renew_providers(
    directory: Path,
    *,
    passphrase: str | None,
    at: datetime,
    valid_for: timedelta,
    add: Sequence[WalletProvider] = (),
    remove: Collection[str] = (),
) -> tuple[WalletProviders, str]:
    """Sign the directory's list of wallet providers again, as `renew` does the trust list.

    Args:
        directory: of the keys.
        passphrase: opens it.
        at: now, with a time zone.
        valid_for: how long the list is good.
        add: providers that may attest from now on, or with other authorities than before.
        remove: ids of providers that may attest no more.

    Raises:
        KeyNotFound: who is to be removed is not on the list.
        CheckFailed: as `renew`.
    """
    signer = _operator(directory, passphrase)
    providers = renew_wallet_providers(
        _read(directory / WALLET_PROVIDERS_FILE),
        operator_anchors=[operator_anchor(directory)],
        at=at,
        valid_for=valid_for,
    )
    providers = providers.amended(add=add, remove=remove)
    return providers, sign_wallet_providers(providers, signer)


def operator_anchor(directory: Path) -> x509.Certificate:
    """Return the certificate by which the directory's trust list is trusted.

    Raises:
        KeyStoreMissing: there is none.
        KeyStoreDamaged: the file holds something else.
    """
    try:
        return x509.load_pem_x509_certificate(_read(directory / OPERATOR_FILE).encode())
    except ValueError:
        raise KeyStoreDamaged(OPERATOR_FILE) from None


def write_public(path: Path, data: bytes) -> None:
    """Write a file that anybody may read, in one step.

    Raises:
        OSError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(data)
    temporary.replace(path)


def _operator(directory: Path, passphrase: str | None) -> Signer:
    store = open_keys(directory, passphrase=passphrase)
    operators = [org for org, purpose in store.names() if purpose == TRUST_LIST_PURPOSE]
    if not operators:
        raise KeyNotFound("no trust-list key")
    return store.signer(operators[0], TRUST_LIST_PURPOSE)


def _finish_interrupted(keys: Path, old: Path) -> None:
    """Put old keys back when an earlier run was cut off between its two renames."""
    if old.exists() and not keys.exists():
        old.rename(keys)
    shutil.rmtree(old, ignore_errors=True)


def _replace(keys: Path, new: Path, old: Path) -> None:
    if keys.exists():
        keys.rename(old)
    try:
        new.rename(keys)
    except OSError:
        _finish_interrupted(keys, old)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise KeyStoreMissing(path.name) from None
    except (OSError, UnicodeError):
        raise KeyStoreDamaged(path.name) from None
