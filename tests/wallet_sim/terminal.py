"""A person at a terminal: the real command line in a simulated world."""

import json
from dataclasses import replace
from typing import Any

from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding

from tests.wallet_sim.world import PIN, World, pki
from wallet_sim.cli import main
from wallet_sim.failures import KeyringUnavailable
from wallet_sim.store import FILE_NAME
from wallet_sim.surroundings import Surroundings

PASSPHRASE = "kolme pientä porsasta"


class KeyringInMemory:
    """A keyring that can be locked."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.locked = False

    def get(self, name: str) -> str | None:
        self._check()
        return self.secrets.get(name)

    def set(self, name: str, secret: str) -> None:
        self._check()
        self.secrets[name] = secret

    def _check(self) -> None:
        if self.locked:
            raise KeyringUnavailable("locked")


class Terminal:
    """A person at a terminal with a wallet in a folder, in a simulated world."""

    def __init__(self, folder, world: World | None = None) -> None:
        self.world = world or World()
        self.folder = folder
        self.home = folder / "wallet"
        self.keyring = KeyringInMemory()
        self.around = Surroundings(
            make_tools=lambda unsafe: replace(self.world.tools, unsafe_loopback_http=unsafe),
            keyring=self.keyring,
            random=self.world.tools.random,
            home=str(self.home),
            passphrase=PASSPHRASE,
            scrypt_n=2**4,
        )
        self.list_file = folder / "trust-list.jws"
        self.list_file.write_text(pki().trust_list_jws + "\n")
        self.operator = folder / "trust-operator.pem"
        self.operator.write_bytes(pki().operator_anchor.public_bytes(Encoding.PEM))

    def run(self, *args: str, typed: str = "", code: int = 0, around: Surroundings | None = None):
        done = CliRunner().invoke(main, args, input=typed, obj=around or self.around)
        assert done.exit_code == code, done.output
        assert "Traceback" not in done.output
        return done

    def page(self, *args: str, typed: str = "", code: int = 0) -> str:
        """The output with its line breaks taken out."""
        return " ".join(self.run(*args, typed=typed, code=code).output.split())

    def json(self, *args: str, code: int = 0) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.run("--json", *args, code=code).stdout)
        return read

    def fails(self, *args: str) -> str:
        """The code of the failure; also checks that the plain way says the same in a sentence."""
        before = self.world_state()
        failure = self.json(*args, code=1)
        assert set(failure) == {"error", "message"}
        assert str(failure["message"]).endswith((".", "!"))
        assert self.world_state() == before, "a failure changes no card"
        return str(failure["error"])

    def world_state(self) -> object:
        if not (self.home / FILE_NAME).exists():
            return None
        return self.json("list")["cards"] if self.around.passphrase == PASSPHRASE else None

    def init(self, *more: str):
        return self.run(
            "init", "--trust-list", str(self.list_file), "--operator", str(self.operator), *more
        )

    def with_card(self) -> str:
        """Receive the issuer's card; return its id."""
        self.init()
        link = self.world.issuer.link()
        got = self.json("receive", link, "--pin", PIN, "--approve")
        return str(got["cards"][0]["id"])
