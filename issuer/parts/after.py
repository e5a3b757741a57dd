"""What comes after issuing, put together."""

from datetime import timedelta

from issuer.parts.base import Parts
from issuer.parts.lives import make_four_eyes
from issuer.usecases.addresses import Addresses
from issuer.usecases.after.close_organisation import CloseOrganisation, ClosingTools
from issuer.usecases.after.erase_subject import EraseSubject
from issuer.usecases.after.list_expiring import ListExpiring
from issuer.usecases.after.lose_phone import LosePhone
from issuer.usecases.after.remind_expiring import RemindExpiring
from issuer.usecases.after.renew_card import RenewCard
from issuer.usecases.after.revocation_request import RevocationRequests
from issuer.usecases.after.serve_revocation import ServeRevocation
from issuer.usecases.after.start_revocation import StartRevocation
from issuer.usecases.after.take_revocation import TakeRevocation
from issuer.usecases.create_offer import CreateOffer
from issuer.usecases.describe_type import DescribeType
from issuer.usecases.letters.create_letter import CreateLetter
from issuer.usecases.name_status_lists import NameStatusLists
from issuer.usecases.publish_status_list import PublishStatusList
from issuer.web.services import After

_ACCESS = "access"


def make_after(
    parts: Parts, addresses: Addresses, create_offer: CreateOffer, create_letter: CreateLetter
) -> After:
    """Return the use cases of a card's later life."""
    store, vault, clock = parts.store, parts.vault, parts.clock
    requests = _requests(parts, addresses)
    four_eyes = make_four_eyes(parts.settings.four_eyes, parts.catalogue)
    return After(
        lose_phone=LosePhone(
            store=store,
            vault=vault,
            clock=clock,
            create_offer=create_offer,
            create_letter=create_letter,
            four_eyes=four_eyes,
        ),
        erase_subject=EraseSubject(
            store=store, vault=vault, clock=clock, random=parts.random, four_eyes=four_eyes
        ),
        renew_card=RenewCard(store=store, vault=vault, create_offer=create_offer),
        list_expiring=ListExpiring(store=store, clock=clock),
        start_revocation=StartRevocation(
            store=store, clock=clock, catalogue=parts.catalogue, requests=requests
        ),
        serve_revocation=ServeRevocation(clock=clock, requests=requests),
        take_revocation=TakeRevocation(
            store=store,
            vault=vault,
            signers=parts.keys,
            clock=clock,
            addresses=addresses,
            requests=requests,
        ),
    )


def make_remind_expiring(parts: Parts) -> RemindExpiring:
    """Return the chore that tells of cards that end soon."""
    ahead = timedelta(days=parts.settings.expiry_reminder_days)
    return RemindExpiring(store=parts.store, clock=parts.clock, ahead=ahead)


def make_close_organisation(parts: Parts, publish: PublishStatusList) -> CloseOrganisation:
    """Return what closes an organisation.

    Args:
        parts: the service's parts.
        publish: as the running service publishes its lists.
    """
    addresses = Addresses(parts.settings.base_url)
    tools = ClosingTools(
        signers=parts.keys,
        clock=parts.clock,
        catalogue=parts.catalogue,
        publish=publish,
        name_lists=NameStatusLists(
            store=parts.store, catalogue=parts.catalogue, addresses=addresses
        ),
        describe_type=DescribeType(catalogue=parts.catalogue),
    )
    return CloseOrganisation(store=parts.store, tools=tools)


def _requests(parts: Parts, addresses: Addresses) -> RevocationRequests | None:
    """Return what holders revoke by, if the service has an access certificate for it."""
    who = parts.settings.revocation_party
    if (who, _ACCESS) not in parts.keys.names():
        return None
    return RevocationRequests(
        vault=parts.vault,
        random=parts.random,
        addresses=addresses,
        signer=parts.keys.signer(who, _ACCESS),
    )
