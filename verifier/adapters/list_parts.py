"""What belongs to lists: fetching them, keeping them, taking them to a desk without network."""

from dataclasses import dataclass
from datetime import timedelta

from credential_schemas.model import Catalogue
from service_kit.sql import Database
from verifier.adapters.challenges import SqlCertificates
from verifier.adapters.kept_lists import SqlKeptLists
from verifier.adapters.status_lists import StatusListFetcher
from verifier.adapters.trust_lists import Fetching
from verifier.ports import Clock, Random
from verifier.usecases.check_health import CheckHealth
from verifier.usecases.list_shelf import MAX_AGE, ListShelf
from verifier.usecases.load_bundle import Holders, LoadBundle
from verifier.usecases.make_bundle import MakeBundle
from verifier.usecases.prefetch_status import Lists, PrefetchStatus
from verifier.usecases.read_holdings import ReadHoldings
from verifier.usecases.receiver import Receiver
from verifier.usecases.status_age import strictest_limit
from verifier.usecases.status_book import StatusBook
from verifier.usecases.trust_keeper import TrustKeeper


@dataclass(frozen=True, slots=True)
class Around:
    """What they stand on."""

    database: Database
    fetcher: Fetching
    trust: TrustKeeper
    receiver: Receiver
    catalogue: Catalogue
    clock: Clock
    random: Random


@dataclass(frozen=True, slots=True)
class ListParts:
    """One of each."""

    book: StatusBook
    prefetch: PrefetchStatus
    holdings: ReadHoldings
    make_bundle: MakeBundle
    load_bundle: LoadBundle
    health: CheckHealth


def list_parts(around: Around) -> ListParts:
    """Make them."""
    trust, clock = around.trust, around.clock
    kept = SqlKeptLists(around.database)
    certificates = SqlCertificates(around.database)
    source = StatusListFetcher(around.fetcher)
    shelf = ListShelf(kept, renew_after=_renew_after(around.catalogue))
    book = StatusBook(source, shelf)
    lists = Lists(trust=trust, names=source, book=book, shelf=shelf, kept=kept)
    prefetch = PrefetchStatus(lists=lists, clock=clock, random=around.random)
    holders = Holders(trust=trust, shelf=shelf, kept=kept, certificates=certificates)
    return ListParts(
        book=book,
        prefetch=prefetch,
        holdings=ReadHoldings(
            catalogue=around.catalogue, lists=lists, prefetch=prefetch, clock=clock
        ),
        make_bundle=MakeBundle(
            trust=trust,
            kept=kept,
            certificates=certificates,
            receiver=around.receiver,
            clock=clock,
        ),
        load_bundle=LoadBundle(holders=holders, receiver=around.receiver, clock=clock),
        health=CheckHealth(trust=trust, clock=clock),
    )


def _renew_after(catalogue: Catalogue) -> timedelta:
    profiles = catalogue.profiles.values()
    return strictest_limit(profiles) if profiles else MAX_AGE
