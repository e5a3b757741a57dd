"""One run of the command line: which wallet, which language, how it opens."""

from dataclasses import dataclass
from pathlib import Path

from credential_schemas.model import Lang
from wallet_sim.control import Control
from wallet_sim.edges import TrustListSource, own_catalogue
from wallet_sim.failures import PassphraseMissing
from wallet_sim.model import Contents
from wallet_sim.offline import Offline
from wallet_sim.store import FileStore, locked_by
from wallet_sim.store_locks import BY_KEYRING, KeyringOpener, Opener, PassphraseOpener
from wallet_sim.surroundings import Surroundings
from wallet_sim.talk import ASKED_AT_MOST, Talk
from wallet_sim.wallet import Wallet
from wallet_sim.words import Words


@dataclass(frozen=True, slots=True)
class Session:
    """What the options before the command say.

    Attributes:
        around: the computer.
        home: the wallet's folder.
        lang: the language of pages and sentences.
        machine: ``--json``.
    """

    around: Surroundings
    home: Path
    lang: Lang
    machine: bool

    def talk(self) -> Talk:
        """Return the conversation."""
        return Talk(Words(self.lang, own_catalogue()), machine=self.machine)

    def store(self) -> FileStore:
        """Return the wallet's store; asks for the passphrase when it needs one.

        Raises:
            WalletNotFound, StoreCorrupted, StoreNotWritable, PassphraseMissing: no store.
        """
        opener: Opener
        if locked_by(self.home) == BY_KEYRING:
            opener = KeyringOpener(self.around.keyring)
        else:
            opener = PassphraseOpener(self._passphrase())
        return FileStore(self.home, opener, self.around.random)

    def wallet(self) -> Wallet:
        """Return the wallet."""
        return self.wallet_and_control()[0]

    def control(self) -> Control:
        """Return the person's say over what was shown."""
        return self.wallet_and_control()[1]

    def wallet_and_control(self) -> tuple[Wallet, Control]:
        """Return both over one store, so that a passphrase is asked for once."""
        store = self.store()
        tools = self.around.make_tools(store.load().unsafe_loopback_http)
        source = TrustListSource(tools.network)
        return (
            Wallet(store=store, tools=tools, trust_source=source),
            Control(store=store, tools=tools, trust_source=source),
        )

    def offline(self) -> Offline:
        """Return the wallet without its network."""
        store = self.store()
        tools = self.around.make_tools(False)
        return Offline(
            store=store, clock=tools.clock, random=tools.random, catalogue=tools.catalogue
        )

    def create(self, contents: Contents, *, keyring: bool) -> None:
        """Make the wallet; asks for a new passphrase when the keyring is not used.

        Raises:
            WalletExists, PassphraseMissing, PassphraseTooShort, KeyringUnavailable,
            StoreNotWritable: no wallet was made.
        """
        opener: Opener = (
            KeyringOpener(self.around.keyring)
            if keyring
            else PassphraseOpener(self._new_passphrase(), n=self.around.scrypt_n)
        )
        FileStore(self.home, opener, self.around.random).create(contents)

    def _passphrase(self) -> str:
        known = self.around.passphrase
        typed = known or self.talk().text("passphrase.ask", hidden=True)
        if not typed:
            raise PassphraseMissing
        return typed

    def _new_passphrase(self) -> str:
        known = self.around.passphrase
        if known:
            return known
        talk = self.talk()
        for _ in range(ASKED_AT_MOST):
            typed = talk.text("passphrase.new", hidden=True)
            if not typed:
                break
            if talk.text("passphrase.again", hidden=True) == typed:
                return typed
            talk.say("passphrase.differs")
        raise PassphraseMissing
