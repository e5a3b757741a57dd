"""What the command line takes from outside; tests hand in surroundings of their own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, Self

from wallet_sim.adding.loopback import Awaits, ClosingPage, LoopbackDoor
from wallet_sim.ports import Random
from wallet_sim.store_locks import SCRYPT_N, Keyring
from wallet_sim.tools import Tools


class Door(Protocol):
    """The browser's way back; a context manager that closes it at the end."""

    def __enter__(self) -> Self:
        """Return the door, open."""
        ...

    def __exit__(self, *_problem: object) -> None:
        """Close it."""
        ...

    @property
    def redirect_uri(self) -> str:
        """Where the browser comes back to."""
        ...

    def wait(self, awaits: Awaits, *, seconds: float) -> str:
        """Return where it came back to; raises ``SignInNotFinished``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The computer around one run.

    Attributes:
        make_tools: makes the tools; its argument says whether loopback http is allowed (UNSAFE).
        home: the wallet's folder by default.
        passphrase: from the environment, None when it holds none.
        scrypt_n: the cost of a new wallet's passphrase lock.
        open_door: opens the browser's way back to this computer, with the page it ends at.
    """

    make_tools: Callable[[bool], Tools]
    keyring: Keyring
    random: Random
    home: str
    passphrase: str | None = field(default=None, repr=False)
    scrypt_n: int = SCRYPT_N
    open_door: Callable[[ClosingPage], Door] = LoopbackDoor
