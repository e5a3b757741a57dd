"""What handing on is made of, as the settings describe it."""

from dataclasses import dataclass

from credential_schemas.model import Catalogue
from keys.ports import KeyStore
from service_kit.sql import Database
from verifier.adapters.case_system import WebhookCaseSystem
from verifier.adapters.hand_on_store import SqlDeliveries, SqlReceipts
from verifier.adapters.posting import Posting
from verifier.adapters.receipt_issuer import HttpReceiptIssuer
from verifier.ports import Clock, Random
from verifier.settings import Settings
from verifier.usecases.hand_on import HandOn
from verifier.usecases.hand_on_copy import MakeCopy
from verifier.usecases.hand_on_leave import LeavePage
from verifier.usecases.hand_on_receipt import GiveReceipt, ReceiptSealer
from verifier.usecases.hand_on_send import CopySealer, DeliverCopies, SendCopy
from verifier.usecases.receipt_book import ReceiptBook

_SEALING = "verifier-sealing"


@dataclass(frozen=True, slots=True)
class HandOnParts:
    """What the pages use, and the chore that brings copies to the case system."""

    hand_on: HandOn
    deliver: DeliverCopies

    async def chore(self) -> None:
        """Bring copies to the case system; forget offers that nobody can take any more."""
        await self.deliver()
        await self.hand_on.receipt.forget()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the service has already."""

    database: Database
    catalogue: Catalogue
    keys: KeyStore
    http: Posting
    leave: LeavePage
    book: ReceiptBook
    clock: Clock
    random: Random


def hand_on_parts(settings: Settings, ground: Ground) -> HandOnParts:
    """Make the parts of handing on."""
    deliveries, receipts = SqlDeliveries(ground.database), SqlReceipts(ground.database)
    key = ground.keys.secret(_SEALING)
    sealer = CopySealer(key)
    make = MakeCopy(catalogue=ground.catalogue)
    case_system = _case_system(settings, ground.http)
    send = SendCopy(
        make=make, deliveries=deliveries, sealer=sealer, clock=ground.clock, random=ground.random
    )
    receipt = GiveReceipt(
        catalogue=ground.catalogue,
        issuer=_receipt_issuer(settings, ground.http),
        receipts=receipts,
        book=ground.book,
        sealer=ReceiptSealer(key, ground.random),
        clock=ground.clock,
    )
    return HandOnParts(
        hand_on=HandOn(
            copy=make,
            send=None if case_system is None else send,
            receipt=receipt,
            leave=ground.leave,
        ),
        deliver=DeliverCopies(
            deliveries=deliveries, sealer=sealer, case_system=case_system, clock=ground.clock
        ),
    )


def _case_system(settings: Settings, http: Posting) -> WebhookCaseSystem | None:
    if settings.webhook_url is None or settings.webhook_secret is None:
        return None
    secret = settings.webhook_secret.get_secret_value().encode()
    return WebhookCaseSystem(http, url=settings.webhook_url, secret=secret)


def _receipt_issuer(settings: Settings, http: Posting) -> HttpReceiptIssuer | None:
    if settings.receipt_issuer_url is None or settings.receipt_api_key is None:
        return None
    return HttpReceiptIssuer(
        http,
        base_url=settings.receipt_issuer_url,
        organisation=settings.receipt_organisation,
        api_key=settings.receipt_api_key.get_secret_value(),
    )
