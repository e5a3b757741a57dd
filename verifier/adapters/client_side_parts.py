"""What the client's side is made of, as the settings describe it."""

from dataclasses import dataclass

from credential_schemas.model import Catalogue
from keys.ports import KeyStore
from service_kit.sql import Database
from verifier.adapters.client_side_store import SqlGivenReceipts, SqlHeldPages
from verifier.adapters.reports_store import SqlReports
from verifier.ports import Clock, Random
from verifier.settings import Settings
from verifier.usecases.act_on_receipt import ActOnReceipt, ReceiptWork
from verifier.usecases.check_presentation import CheckPresentation
from verifier.usecases.check_receipt import CheckReceipt
from verifier.usecases.client_side import ClientSide
from verifier.usecases.client_side_model import GivenReceipts, HeldPages, Reports
from verifier.usecases.hand_on_send import CopySealer
from verifier.usecases.invitations import Invitations
from verifier.usecases.open_receipt import PRIVACY_PROFILE, OpenReceipt, OwnRequest
from verifier.usecases.profile_queries import ProfileQueries
from verifier.usecases.receipt_book import RECEIPT_TYPE, ReceiptBook
from verifier.usecases.receiver import Receiver
from verifier.usecases.report_receiver import ReportReceiver
from verifier.usecases.request_secrets import SecretSealer
from verifier.usecases.who_asks import WhoAsks
from verifier.usecases.withdraw_by_receipt import WithdrawByReceipt

_SEALING = "verifier-sealing"


@dataclass(frozen=True, slots=True)
class ClientSideParts:
    """What the pages use, what the data-protection officer reads, and the chore beside it."""

    services: ClientSide
    given: GivenReceipts
    reports: Reports
    pages: HeldPages
    clock: Clock

    async def chore(self) -> None:
        """Delete what has ended: receipts, pages, old reports."""
        now = self.clock.now()
        await self.given.forget(now)
        await self.pages.forget(now)
        await self.services.report.forget()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientGround:
    """What the service has already."""

    database: Database
    catalogue: Catalogue
    keys: KeyStore
    check: CheckPresentation
    queries: ProfileQueries
    receiver: Receiver
    who_asks: WhoAsks
    clock: Clock
    random: Random


def receipt_book(
    catalogue: Catalogue, database: Database, receiver: Receiver, clock: Clock, random: Random
) -> ReceiptBook:
    """Make what remembers the receipts that are given."""
    return ReceiptBook(
        catalogue=catalogue,
        given=SqlGivenReceipts(database, random),
        base_url=receiver.base_url,
        client_id=receiver.client_id,
        clock=clock,
    )


def client_side_parts(settings: Settings, ground: ClientGround) -> ClientSideParts:
    """Make the parts of the client's side."""
    given = SqlGivenReceipts(ground.database, ground.random)
    pages, reports = SqlHeldPages(ground.database), SqlReports(ground.database)
    key = ground.keys.secret(_SEALING)
    act = ActOnReceipt(
        given=given,
        sealer=None if settings.webhook_url is None else CopySealer(key),
        clock=ground.clock,
        random=ground.random,
    )
    work = ReceiptWork(given, CheckReceipt(check=ground.check, given=given), act)
    services = ClientSide(
        withdraw=WithdrawByReceipt(
            work=work,
            invitations=Invitations(key=key, random=ground.random),
            client_id=ground.receiver.client_id,
            vct=ground.catalogue.types[RECEIPT_TYPE].vct,
            clock=ground.clock,
        ),
        open=_open(settings, ground, work, pages, key),
        report=ReportReceiver(
            reports=reports,
            catalogue=ground.catalogue,
            identifier=ground.who_asks.identifier,
            clock=ground.clock,
        ),
        role=settings.role,
        contact=settings.privacy_contact,
        roles=ground.who_asks.roles,
    )
    return ClientSideParts(services, given, reports, pages, ground.clock)


def _open(
    settings: Settings, ground: ClientGround, work: ReceiptWork, pages: HeldPages, key: bytes
) -> OpenReceipt | None:
    """Make the way in by a request, where there is a certificate for it."""
    name = (settings.organisation, settings.privacy_key)
    profile = ground.catalogue.profiles.get(PRIVACY_PROFILE)
    if name not in ground.keys.names() or profile is None:
        return None
    receiver = Receiver(
        base_url=ground.receiver.base_url,
        signer=ground.keys.signer(*name),
        request_life=ground.receiver.request_life,
    )
    asks = OwnRequest(
        receiver=receiver, queries=ground.queries, profile=profile, sealer=SecretSealer(key)
    )
    return OpenReceipt(asks=asks, pages=pages, work=work, clock=ground.clock, random=ground.random)
