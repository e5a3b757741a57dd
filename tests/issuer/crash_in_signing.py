"""Run by the crash test: ask for a credential in a process that dies while it is signed.

Usage: python -m tests.issuer.crash_in_signing DATABASE_URL KEYS_DIRECTORY TOKEN before|after
"""

import os
import signal
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from keys.opener import open_keys
from keys.ports import KeyStore, Signer
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World

PASSPHRASE = "only for this test"


class DyingSigner:
    """Signs for nobody any more: the process ends with SIGKILL, before or after the signature."""

    def __init__(self, signer: Signer, moment: str) -> None:
        self._signer = signer
        self._moment = moment

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._signer.public_key

    @property
    def certificate_chain(self) -> tuple[bytes, ...]:
        return self._signer.certificate_chain

    def sign(self, message: bytes) -> bytes:
        if self._moment == "after":
            self._signer.sign(message)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("killed before this")


class DyingKeys:
    """A key store whose credential signers are the end of the process."""

    def __init__(self, keys: KeyStore, moment: str) -> None:
        self._keys = keys
        self._moment = moment

    def signer(self, org: str, purpose: str) -> Signer:
        signer = self._keys.signer(org, purpose)
        return DyingSigner(signer, self._moment) if purpose == "credential" else signer

    def names(self) -> list[tuple[str, str]]:
        return self._keys.names()

    def secret(self, name: str) -> bytes:
        return self._keys.secret(name)


def main() -> None:
    url, directory, token, moment = sys.argv[1:]
    keys = open_keys(Path(directory), passphrase=PASSPHRASE)
    world = World(url, keys=DyingKeys(keys, moment))
    wallet = TinyWallet(world)
    wallet.ask_credential(token, wallet.request("statement_feedback"))


if __name__ == "__main__":
    main()
