"""Letters, put together."""

from datetime import timedelta

from credential_schemas.model import Label
from issuer.adapters.letter_press.press import TypstPress
from issuer.parts.base import Parts
from issuer.ports.letters import Sender
from issuer.usecases.addresses import Addresses
from issuer.usecases.letters.create_letter import CreateLetter
from issuer.usecases.letters.expire_letters import ExpireLetters
from issuer.usecases.letters.guard_form import GuardForm
from issuer.usecases.letters.links import LetterLinks
from issuer.usecases.letters.making import LetterTools
from issuer.usecases.letters.open_letter import OpenLetter
from issuer.usecases.letters.print_letter import PrintLetter
from issuer.usecases.letters.read_letter import ReadLetter, ReadLetterContent
from issuer.usecases.letters.renew_letter import RenewLetter
from issuer.usecases.letters.withdraw_letter import WithdrawLetter
from issuer.web.services import LetterServices


def make_letters(parts: Parts, addresses: Addresses) -> LetterServices:
    """Return the use cases of letters."""
    tools = LetterTools(
        store=parts.store,
        vault=parts.vault,
        clock=parts.clock,
        random=parts.random,
        catalogue=parts.catalogue,
        links=LetterLinks(vault=parts.vault, addresses=addresses),
        lifetime=timedelta(days=parts.settings.letter_days),
    )
    read_content = ReadLetterContent(tools, senders=_senders(parts))
    return LetterServices(
        create=CreateLetter(tools),
        renew=RenewLetter(tools),
        withdraw=WithdrawLetter(tools),
        read=ReadLetter(tools),
        read_content=read_content,
        print=PrintLetter(read_content=read_content, press=TypstPress()),
        open=OpenLetter(
            tools, offer_lifetime=timedelta(minutes=parts.settings.letter_offer_minutes)
        ),
        guard_form=GuardForm(vault=parts.vault, random=parts.random),
    )


def make_expire_letters(parts: Parts) -> ExpireLetters:
    """Return the chore."""
    return ExpireLetters(store=parts.store, clock=parts.clock)


def _senders(parts: Parts) -> dict[str, Sender]:
    """Return what the settings say of organisations; names and missing help are the catalogue's."""
    senders = {}
    for organisation, set_up in parts.settings.letter_senders.items():
        known = parts.catalogue.organisations[organisation]
        words = set_up.help
        senders[organisation] = Sender(
            name=known.names,
            address=set_up.address,
            help=Label(words.fi, words.sv, words.en) if words else known.contact,
        )
    return senders
