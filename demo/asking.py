"""A card that the client asks for: Kela's own system is asked, the wallet waits for the browser."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from clients.pull_api.server import IssuingSystem, make_server, read_secret
from demo.services import RunningServices, path_of
from demo.telling import must

ORG, TYPE = "kela", "authority_decision"
ANSWER_SECONDS = 60


def asking_settings(port: int) -> dict[str, str]:
    """Return the issuer's settings: test persons sign in, Kela's system listens on that port."""
    source = {"url": f"http://127.0.0.1:{port}/claims", "types": [TYPE]}
    return {
        "KYKY_ISSUER_CLAIMS_SOURCES": json.dumps({ORG: source}),
        "KYKY_ISSUER_UNSAFE_TEST_SIGN_IN": "true",
    }


@contextmanager
def asked_system(services: RunningServices, port: int) -> Iterator[None]:
    """Run the sample of an issuing system that is asked for claims (docs/pull-api.md)."""
    secret = services.run("kyky-issuer", "claims-source", "secret", "--org", ORG).strip()
    with make_server(IssuingSystem(read_secret(secret)), port) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield
        finally:
            server.shutdown()
            serving.join()


def provider_settings(services: RunningServices) -> dict[str, str]:
    """Return the settings of a wallet that a demo provider vouches for."""
    return {
        "KYKY_WALLET_PROVIDER_KEYS": str(services.keys_directory),
        "KYKY_WALLET_PROVIDER_PASSPHRASE": services.environment["KYKY_KEYS_PASSPHRASE"],
    }


class WaitingWallet:
    """`kyky-wallet add`, from the link that it prints to the card.

    Args:
        services: the running services.
        home: the wallet's folder, which is made already.
        passphrase: opens it.
    """

    def __init__(self, services: RunningServices, home: Path, passphrase: str) -> None:
        issuer = f"{services.issuer.url}/{ORG}"
        told: Mapping[str, str] = {
            **os.environ,
            **provider_settings(services),
            "KYKY_WALLET_PASSPHRASE": passphrase,
        }
        wish = ("--home", home, "--json", "add", issuer, "--type", TYPE, "--approve")
        self._process = subprocess.Popen(
            [path_of("kyky-wallet"), *wish],
            env=told,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def link(self) -> str:
        """Return what the browser is to open."""
        first = cast("IO[str]", self._process.stdout).readline()
        must('"link"' in first, f"the wallet did not begin: {first}")
        return str(json.loads(first)["link"])

    def result(self) -> dict[str, Any]:
        """Wait until the browser has come back, and return what came of it."""
        try:
            said, _ = self._process.communicate(timeout=ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise
        return cast("dict[str, Any]", json.loads(said))
