"""What leads to a letter's page: the link in the QR code, and what is typed instead."""

from issuer.ports import Letter, Vault
from issuer.usecases.addresses import Addresses
from issuer.usecases.letters import secrets_of_letter as secret
from issuer.usecases.letters import typed_code


class LetterLinks:
    """Makes links from the kept record; the same each time."""

    def __init__(self, *, vault: Vault, addresses: Addresses) -> None:
        self._vault = vault
        self._start = f"{addresses.base}/l"

    @property
    def place(self) -> str:
        """What is typed in a browser, before the code: no scheme, browsers add theirs."""
        return self._start.partition("://")[2]

    def link(self, letter: Letter) -> str:
        """Return the stable link: no code to redeem, and nothing about anybody."""
        return f"{self._start}/{secret.reference_of(self._vault, letter.id)}"

    def typed_code(self, letter: Letter) -> str:
        """Return the code that is typed, in its groups."""
        return typed_code.shown(secret.code_of(self._vault, letter.id))
