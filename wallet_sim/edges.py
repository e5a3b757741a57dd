"""The outside world: network, clock, randomness, keyring, environment, files the person names.

The only module of the wallet that touches them.
"""

import contextlib
import os
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path

import click
import keyring
from keyring.errors import KeyringError

from credential_schemas.loader import load_catalogue
from credential_schemas.model import Catalogue
from keys.checks import FetchFailed, KeyStoreFailure
from keys.fetch import Fetcher, Reply
from keys.opener import open_keys
from keys.ports import Signer
from keys.software_signer import SoftwareSigner
from wallet_sim.adding_failures import ProviderMissing
from wallet_sim.failures import FileMissing, FileTooLarge, KeyringUnavailable, PictureNotWritten
from wallet_sim.flow_failures import ConnectionLost
from wallet_sim.ports import Network
from wallet_sim.provider import DemoWalletProvider
from wallet_sim.surroundings import Surroundings
from wallet_sim.tools import Tools

PASSPHRASE_VARIABLE = "KYKY_WALLET_PASSPHRASE"  # noqa: S105 - the variable's name, no secret
HOME_VARIABLE = "KYKY_WALLET_HOME"
EXTRA_CATALOGUE_VARIABLE = "KYKY_WALLET_EXTRA_CATALOGUE"
COPIES_VARIABLE = "KYKY_WALLET_COPIES"
COPIES_AT_MOST = 10
PROVIDER_KEYS_VARIABLE = "KYKY_WALLET_PROVIDER_KEYS"
PROVIDER_PASSPHRASE_VARIABLE = "KYKY_WALLET_PROVIDER_PASSPHRASE"  # noqa: S105 - a name, no secret
PROVIDER = "lompakontarjoaja-malli"
PROVIDER_PURPOSE = "wallet-attestation"
KEYRING_SERVICE = "kykylompakko-wallet"
TRUST_LIST_TYPE = "application/jwt, text/plain;q=0.5, */*;q=0.1"
LARGEST_TEXT_FILE = 4 * 1024 * 1024
LARGEST_PICTURE = 10 * 1024 * 1024
OWNER_ONLY = 0o600


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """Return the time, UTC."""
        return datetime.now(UTC)


class SystemRandom:
    """The operating system's random source."""

    def bytes(self, count: int) -> bytes:
        """Return fresh random bytes."""
        return secrets.token_bytes(count)


class GuardedNetwork:
    """``keys.fetch.Fetcher`` in the wallet's words: a failed connection is ``ConnectionLost``."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    async def get(self, url: str, *, accept: str) -> Reply:
        """Fetch; raises ``ConnectionLost``, ``FetchRefused``."""
        try:
            return await self._fetcher.get(url, accept=accept)
        except FetchFailed as failure:
            raise ConnectionLost(failure.detail) from None

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send; raises ``ConnectionLost``, ``FetchRefused``."""
        try:
            return await self._fetcher.post(url, form=form, json=json, headers=headers)
        except FetchFailed as failure:
            raise ConnectionLost(failure.detail) from None

    async def post_jwt(self, url: str, text: str, headers: Mapping[str, str]) -> Reply:
        """Send a JWT; raises ``ConnectionLost``, ``FetchRefused``."""
        try:
            return await self._fetcher.post_jwt(url, text, headers=headers)
        except FetchFailed as failure:
            raise ConnectionLost(failure.detail) from None


class TrustListSource:
    """A trust list in a file or at an https address."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def read(self, location: str) -> str:
        """Return the text; raises ``FileMissing``, ``FileTooLarge``, ``ConnectionLost``, ..."""
        if not is_address(location):
            data = read_file(Path(location), at_most=LARGEST_TEXT_FILE)
            return data.decode("ascii", "replace")
        reply = await self._network.get(location, accept=TRUST_LIST_TYPE)
        if reply.status != HTTPStatus.OK:
            raise ConnectionLost(f"status {reply.status}")
        return reply.body.decode("ascii", "replace")


class SystemKeyring:
    """The operating system's keyring."""

    def get(self, name: str) -> str | None:
        """Return the secret kept under this name, None when there is none."""
        try:
            return keyring.get_password(KEYRING_SERVICE, name)
        except (KeyringError, RuntimeError) as trouble:
            raise KeyringUnavailable(type(trouble).__name__) from None

    def set(self, name: str, secret: str) -> None:
        """Keep a secret."""
        try:
            keyring.set_password(KEYRING_SERVICE, name, secret)
        except (KeyringError, RuntimeError) as trouble:
            raise KeyringUnavailable(type(trouble).__name__) from None


def is_address(text: str) -> bool:
    """Say whether the text is a web address and not a file name."""
    return text.lower().startswith(("https://", "http://"))


def read_file(path: Path, *, at_most: int) -> bytes:
    """Return a file's bytes; raises ``FileMissing``, ``FileTooLarge``."""
    try:
        if not path.is_file():
            raise FileMissing
        if path.stat().st_size > at_most:
            raise FileTooLarge
        return path.read_bytes()
    except (OSError, ValueError):
        raise FileMissing from None


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write files for their owner only, all of them or none; raises ``PictureNotWritten``."""
    beside = {path: path.with_name(f".{path.name}.new") for path in files}
    done: list[Path] = []
    try:
        for path, data in files.items():
            beside[path].unlink(missing_ok=True)
            descriptor = os.open(beside[path], os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
        done.extend(beside[path].replace(path) for path in files)
    except (OSError, ValueError):
        _remove(done)
        raise PictureNotWritten from None
    finally:
        _remove(beside.values())


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError, ValueError):
            path.unlink(missing_ok=True)


def own_catalogue() -> Catalogue:
    """Return what this wallet has words for; reads the environment for what is added to it."""
    extra = os.environ.get(EXTRA_CATALOGUE_VARIABLE)
    return load_catalogue(extra=Path(extra) if extra else None)


def real_tools(unsafe_loopback_http: bool) -> Tools:
    """Return the tools of a wallet that talks to the real network."""
    network = GuardedNetwork(Fetcher(allow_loopback_http=unsafe_loopback_http))
    return Tools(
        network=network,
        post_jwt=network.post_jwt,
        clock=SystemClock(),
        random=SystemRandom(),
        new_key=SoftwareSigner.generate,
        catalogue=own_catalogue(),
        unsafe_loopback_http=unsafe_loopback_http,
        copies=wanted_copies(os.environ.get(COPIES_VARIABLE)),
        provider=demo_provider(os.environ),
    )


def demo_provider(environment: Mapping[str, str]) -> DemoWalletProvider | None:
    """Return the provider whose keys the environment names; None when it names none. UNSAFE.

    A real wallet would ask its provider's service; this one holds the provider's key itself.
    """
    place = environment.get(PROVIDER_KEYS_VARIABLE)
    if not place:
        return None
    passphrase = environment.get(PROVIDER_PASSPHRASE_VARIABLE)

    @cache
    def signer() -> Signer:
        try:
            return open_keys(Path(place), passphrase=passphrase).signer(PROVIDER, PROVIDER_PURPOSE)
        except KeyStoreFailure as failure:
            raise ProviderMissing(failure.code) from None

    return DemoWalletProvider(signer, SystemClock())


def wanted_copies(setting: str | None) -> int:
    """Return how many copies of a card to ask for: what the setting says, within bounds, or one."""
    if setting is None or not (setting.isascii() and setting.isdigit()):
        return 1
    return min(max(int(setting[:4]), 1), COPIES_AT_MOST)


def real_surroundings() -> Surroundings:
    """Return this computer as it is; reads the environment."""
    return Surroundings(
        make_tools=real_tools,
        keyring=SystemKeyring(),
        random=SystemRandom(),
        home=os.environ.get(HOME_VARIABLE) or click.get_app_dir("kykylompakko"),
        passphrase=os.environ.get(PASSPHRASE_VARIABLE) or None,
    )
