"""What the command line takes from outside; tests hand in surroundings of their own."""

from collections.abc import Callable
from dataclasses import dataclass, field

from wallet_sim.ports import Random
from wallet_sim.store_locks import SCRYPT_N, Keyring
from wallet_sim.tools import Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The computer around one run.

    Attributes:
        make_tools: makes the tools; its argument says whether loopback http is allowed (UNSAFE).
        home: the wallet's folder by default.
        passphrase: from the environment, None when it holds none.
        scrypt_n: the cost of a new wallet's passphrase lock.
    """

    make_tools: Callable[[bool], Tools]
    keyring: Keyring
    random: Random
    home: str
    passphrase: str | None = field(default=None, repr=False)
    scrypt_n: int = SCRYPT_N
