"""Everything kept, as one transaction sees it, and the store that runs transactions."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from issuer.ports.after import Closings, Expiries, Subjects
from issuer.ports.authorization import Authorizations
from issuer.ports.clients import Clients
from issuer.ports.kept import (
    ApiKeys,
    Audit,
    Credentials,
    Grants,
    Offers,
    OneTimeValues,
    RememberedCalls,
    StatusLists,
)
from issuer.ports.letters import Letters
from issuer.ports.lives import Deferrals
from issuer.ports.proving import WalletProviderLists
from issuer.ports.webhooks import Events, Webhooks

T = TypeVar("T")


class Records(Protocol):
    """Everything kept, as seen inside one transaction."""

    @property
    def offers(self) -> Offers:
        """Offers."""

    @property
    def grants(self) -> Grants:
        """Access tokens."""

    @property
    def deferrals(self) -> Deferrals:
        """Redeemed offers that wait for their claims."""

    @property
    def authorizations(self) -> Authorizations:
        """Cards that wallets ask for."""

    @property
    def credentials(self) -> Credentials:
        """Signed copies."""

    @property
    def status_lists(self) -> StatusLists:
        """Status lists."""

    @property
    def one_time(self) -> OneTimeValues:
        """Values that count once."""

    @property
    def calls(self) -> RememberedCalls:
        """Calls under an Idempotency-Key."""

    @property
    def api_keys(self) -> ApiKeys:
        """Keys of issuing systems."""

    @property
    def clients(self) -> Clients:
        """Client keys of issuing systems, and their access tokens."""

    @property
    def letters(self) -> Letters:
        """Letters."""

    @property
    def subjects(self) -> Subjects:
        """What is kept of one client."""

    @property
    def expiries(self) -> Expiries:
        """Cards by their end, and their successors."""

    @property
    def closings(self) -> Closings:
        """Organisations that have closed."""

    @property
    def wallet_providers(self) -> WalletProviderLists:
        """The last good list of wallet providers."""

    @property
    def audit(self) -> Audit:
        """Who did what."""

    @property
    def events(self) -> Events:
        """What is told to the organisations' systems, with the change itself."""

    @property
    def webhooks(self) -> Webhooks:
        """Where they are told, and what is on its way."""


class Store(Protocol):
    """Runs units of work. A unit may run twice, so it touches nothing but its records."""

    async def write(self, work: Callable[[Records], T]) -> T:
        """Run `work` in a transaction; returns once it is committed, keeps nothing if it raises."""

    async def read(self, work: Callable[[Records], T]) -> T:
        """Run `work` on a consistent snapshot."""

    async def wipe_traces(self) -> bool:
        """Make what was erased unreadable in the engine's own log, too; says whether it is."""
