"""Running the Node.js programs of `tests/interop/npm`: JSON in, JSON out."""

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from keys.jose import b64url_encode, public_jwk
from keys.software_signer import SoftwareSigner
from tools.node import Node

FOLDER = Path(__file__).parent / "npm"
SECONDS = 60


class WalletRefused(Exception):
    """The npm wallet, or the service it talked to, refused; `error` says what happened."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error.get("message"))
        self.error = error

    @property
    def status(self) -> int | None:
        """The HTTP status of the service's refusal, if it was the service."""
        return self.error.get("status")

    @property
    def code(self) -> str | None:
        """The protocol's error code in that refusal, if there was one."""
        body = self.error.get("body")
        return body.get("error") if isinstance(body, dict) else None


def private_jwk(signer: SoftwareSigner) -> dict[str, str]:
    """A key as the programs take it."""
    secret = signer.private_key.private_numbers().private_value
    return {**public_jwk(signer.public_key), "d": b64url_encode(secret.to_bytes(32, "big"))}


def run(node: Node, program: str, *arguments: str, data: object) -> Any:
    """Run one program; its standard error must stay empty."""
    done = subprocess.run(
        [node.node, FOLDER / program, *arguments],
        input=json.dumps(data),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.stderr == "", done.stderr
    return json.loads(done.stdout)


def told(
    ask: Callable[[dict[str, object]], Any], command: str, data: dict[str, object]
) -> dict[str, Any]:
    """Give a wallet one command; return its answer, or raise WalletRefused with its error."""
    given = {name: value for name, value in data.items() if value is not None}
    answer: dict[str, Any] = ask({"do": command, **given})
    if "error" in answer:
        raise WalletRefused(answer["error"])
    return answer


@dataclass(frozen=True, slots=True)
class NpmWallet:
    """The wallet made of other people's libraries; it keeps nothing between commands."""

    ask: Callable[[dict[str, object]], Any]

    def receive(self, offer: str, **details: object) -> dict[str, Any]:
        """Follow an offer; return what `wallet.mjs` says or raise WalletRefused."""
        return self._command("receive", {"offer": offer, **details})

    def collect(self, waiting: dict[str, Any], **details: object) -> dict[str, Any]:
        """Come back for what `receive` was told to wait for; likewise."""
        return self._command("collect", {"waiting": waiting, **details})

    def receive_attested(self, offer: str, **details: object) -> dict[str, Any]:
        """Follow an offer as a wallet that shows whose it is; likewise."""
        return self._command("receiveAttested", {"offer": offer, **details})

    def begin(self, issuer: str, type_id: str, **details: object) -> dict[str, Any]:
        """Ask for a card that nobody offered; return the browser's link, or raise likewise."""
        return self._command("begin", {"issuer": issuer, "configurationId": type_id, **details})

    def finish(self, begun: dict[str, Any], back: str, **details: object) -> dict[str, Any]:
        """Take the way back from the browser; return what `receive` does, and more; likewise."""
        return self._command("finish", {"adding": begun["adding"], "back": back, **details})

    def refresh(
        self, begun: dict[str, Any], refresh_token: str, **details: object
    ) -> dict[str, Any]:
        """Get another access token, and with `renew` another card; likewise."""
        told = {"adding": begun["adding"], "refreshToken": refresh_token, **details}
        return self._command("refresh", told)

    def present(self, request: str, *held: dict[str, Any], **details: object) -> dict[str, Any]:
        """Answer a request from what `receive` returned; likewise."""
        credentials = [{name: one[name] for name in ("credential", "holderKey")} for one in held]
        return self._command("present", {"request": request, "held": credentials, **details})

    def verify(self, credential: str, **details: object) -> dict[str, Any]:
        """Verify a credential and ask its status list; likewise."""
        return self._command("verify", {"credential": credential, **details})

    def _command(self, command: str, data: dict[str, object]) -> dict[str, Any]:
        return told(self.ask, command, data)


@contextmanager
def npm_wallet(node: Node) -> Iterator[NpmWallet]:
    """Run `wallet.mjs` for a while."""
    with conversation(node, "wallet.mjs") as ask:
        yield NpmWallet(ask)


@dataclass(frozen=True, slots=True)
class CredoWallet:
    """A wallet on Credo; it keeps its cards and keys until it is opened anew."""

    ask: Callable[[dict[str, object]], Any]

    def open(self, trusted: dict[str, list[str]], corrections: Sequence[str]) -> None:
        """Begin with an empty wallet; see `credo_agent.mjs` for what it is told."""
        self._command("open", {"trusted": trusted, "corrections": corrections})

    def receive(self, offer: str, **details: object) -> dict[str, Any]:
        """Follow an offer and keep what comes; return what `credo_wallet.mjs` says.

        Raises:
            WalletRefused: the wallet or the service refused.
        """
        return self._command("receive", {"offer": offer, **details})

    def collect(self) -> dict[str, Any]:
        """Come back for what `receive` was told to wait for; likewise."""
        return self._command("collect", {})

    def begin(self, issuer: str, type_id: str, **details: object) -> str:
        """Ask for a card that nobody offered; return the browser's link, or raise likewise."""
        wish = {"issuer": issuer, "configurationId": type_id, **details}
        return str(self._command("begin", wish)["link"])

    def finish(self, back: str, **details: object) -> dict[str, Any]:
        """Take the way back from the browser; return what `receive` does; likewise."""
        return self._command("finish", {"back": back, **details})

    def verify(self, credential: str) -> dict[str, Any]:
        """Verify a credential, its status list included; likewise."""
        return self._command("verify", {"credential": credential})

    def present(self, request: str) -> dict[str, Any]:
        """Answer a request out of all that is kept; likewise."""
        return self._command("present", {"request": request})

    def _command(self, command: str, data: dict[str, object]) -> dict[str, Any]:
        return told(self.ask, command, data)


def formats(node: Node, wishes: list[dict[str, object]]) -> list[dict[str, Any]]:
    """Have `formats.mjs` do many things at once; answers in the same order."""
    answers: list[dict[str, Any]] = run(node, "formats.mjs", data=wishes)
    return answers


def dcql(node: Node) -> AbstractContextManager[Callable[[dict[str, object]], Any]]:
    """Run `dcql.mjs` for a while; what is yielded asks it one thing and returns its answer."""
    return conversation(node, "dcql.mjs")


@contextmanager
def conversation(node: Node, program: str) -> Iterator[Callable[[dict[str, object]], Any]]:
    """Run a program that answers each line of JSON with another; it must not complain."""
    with (
        TemporaryFile("w+", encoding="utf-8") as complaints,
        subprocess.Popen(
            [node.node, FOLDER / program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            encoding="utf-8",
        ) as running,
    ):
        assert running.stdin is not None
        assert running.stdout is not None
        told, heard = running.stdin, running.stdout

        def ask(wish: dict[str, object]) -> Any:
            told.write(json.dumps(wish) + "\n")
            told.flush()
            return json.loads(heard.readline())

        yield ask
        told.close()
        assert running.wait(SECONDS) == 0
        complaints.seek(0)
        assert complaints.read() == ""
