"""What the pages stand on: the wallet, the person's say, and what is open between two clicks."""

from dataclasses import dataclass, field
from typing import Final, TypeVar

from credential_schemas.model import Lang
from wallet_sim.answers import Receipt
from wallet_sim.control import Control
from wallet_sim.offers import OpenOffer
from wallet_sim.ports import Random
from wallet_sim.present import OpenRequest
from wallet_sim.screens.page import Frame
from wallet_sim.wallet import Fetched, Wallet
from wallet_sim.words import Words

MOST_OPEN: Final = 16
HANDLE_BYTES: Final = 8
T = TypeVar("T")


class Shelf(dict[str, T]):
    """A few open things by a random handle; the oldest make room."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self._random = random

    def put(self, thing: T) -> str:
        """Keep a thing and return its handle."""
        handle = self._random.bytes(HANDLE_BYTES).hex()
        self[handle] = thing
        while len(self) > MOST_OPEN:
            del self[next(iter(self))]
        return handle


@dataclass(slots=True)
class Desk:
    """One person at one browser.

    Attributes:
        lang: the language of the pages, changed by the person.
        said: sentences for the next page.
    """

    wallet: Wallet
    control: Control
    random: Random
    lang: Lang = "fi"
    said: list[str] = field(default_factory=list)
    requests: Shelf[OpenRequest] = field(init=False)
    offers: Shelf[OpenOffer] = field(init=False)
    fetched: Shelf[Fetched] = field(init=False)
    shown: Shelf[tuple[OpenRequest, Receipt]] = field(init=False)

    def __post_init__(self) -> None:
        self.requests = Shelf(self.random)
        self.offers = Shelf(self.random)
        self.fetched = Shelf(self.random)
        self.shown = Shelf(self.random)

    def words(self) -> Words:
        """Return the words in the person's language."""
        return Words(self.lang, self.wallet.catalogue)

    def frame(self, path: str, tab: str = "") -> Frame:
        """Return the frame of the next page; what was said is said once."""
        said = tuple(self.said)
        self.said.clear()
        return Frame(self.words(), path, tab, said)
