"""Tell an issuing system how its letter is doing, and what stands in it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import LANGS, Label
from issuer.model import Caller, Credential
from issuer.ports import Letter, LetterState, Records
from issuer.ports.letters import LetterContent, Sender
from issuer.usecases.letters import content
from issuer.usecases.letters.failures import LetterNotOpen
from issuer.usecases.letters.finding import letter_of
from issuer.usecases.letters.making import LetterTools


@dataclass(frozen=True, slots=True)
class LetterReport:
    """A letter, its state at this moment, and the copies made of its newest offer."""

    letter: Letter
    state: LetterState
    credentials: tuple[Credential, ...]


class ReadLetter:
    """Reads letters; never a claim or a PIN."""

    def __init__(self, tools: LetterTools) -> None:
        self._tools = tools

    async def __call__(self, caller: Caller, letter_id: str) -> LetterReport:
        """Return what is known of a letter.

        Raises:
            LetterNotFound: the organisation has no such letter.
            TypeNotInScope: it has, but the caller is not for its type.
        """
        now = self._tools.clock.now()

        def read(records: Records) -> LetterReport:
            letter = letter_of(records, caller, letter_id)
            copies = records.credentials.of_offer(letter.offer_id) if letter.offer_id else ()
            return LetterReport(letter, letter.state_at(now), tuple(copies))

        return await self._tools.store.read(read)


class ReadLetterContent:
    """Says what a letter says, for the press and for a message in a mailbox.

    Args:
        tools: what the calls about letters share.
        senders: postal addresses and help by organisation; the catalogue has the rest.
    """

    def __init__(self, tools: LetterTools, *, senders: Mapping[str, Sender]) -> None:
        self._tools = tools
        self._senders = senders

    async def __call__(self, caller: Caller, letter_id: str) -> LetterContent:
        """Return the content of a letter that can be used.

        Raises:
            LetterNotFound: the organisation has no such letter.
            TypeNotInScope: it has, but the caller is not for its type.
            LetterNotOpen: it is locked or has ended; its detail is the state.
        """
        tools, now = self._tools, self._tools.clock.now()

        def read(records: Records) -> tuple[Letter, tuple[str, ...]]:
            letter = letter_of(records, caller, letter_id)
            sealed = records.letters.sealed(letter.id)
            if letter.state_at(now) is not LetterState.SENT or sealed is None:
                raise LetterNotOpen(letter.state_at(now))
            return letter, content.unseal(tools.vault, letter, sealed).recipient

        letter, recipient = await tools.store.read(read)
        return LetterContent(
            sender=self._sender(letter.organisation),
            recipient=recipient,
            card=tools.catalogue.types[letter.type_id].title,
            link=tools.links.link(letter),
            place=tools.links.place,
            typed_code=tools.links.typed_code(letter),
            pin_medium=letter.pin_medium,
            written_on=letter.created_at.astimezone(HELSINKI).date(),
            last_day=(letter.expires_at - timedelta(seconds=1)).astimezone(HELSINKI).date(),
        )

    def _sender(self, organisation: str) -> Sender:
        known = self._tools.catalogue.organisations[organisation]
        sender = self._senders.get(organisation) or Sender(known.names, (), known.contact)
        return replace(sender, help=_as_sentence(sender.help))


def _as_sentence(words: Label) -> Label:
    fi, sv, en = (f"{words[lang].rstrip('.')}." for lang in LANGS)
    return Label(fi, sv, en)
