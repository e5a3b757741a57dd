"""Units of work over a database, and the records that one transaction sees."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from issuer.adapters.sql.after import SqlClosings, SqlExpiries
from issuer.adapters.sql.authorization import SqlAuthorizations
from issuer.adapters.sql.clients import SqlClients
from issuer.adapters.sql.credentials import SqlCredentials
from issuer.adapters.sql.keeping import (
    SqlApiKeys,
    SqlAudit,
    SqlOneTimeValues,
    SqlRememberedCalls,
)
from issuer.adapters.sql.letters import SqlLetters
from issuer.adapters.sql.lives import SqlDeferrals
from issuer.adapters.sql.offers import SqlGrants, SqlOffers
from issuer.adapters.sql.proving import SqlWalletProviderLists
from issuer.adapters.sql.status_lists import SqlStatusLists
from issuer.adapters.sql.subjects import SqlSubjects
from issuer.adapters.sql.webhooks import SqlEvents, SqlWebhooks
from issuer.ports import Records
from service_kit.sql import Database

T = TypeVar("T")

MIGRATIONS = Path(__file__).parent / "migrations"


class SqlRecords:
    """Everything kept, through one connection."""

    def __init__(self, connection: Connection) -> None:
        self.offers = SqlOffers(connection)
        self.grants = SqlGrants(connection)
        self.deferrals = SqlDeferrals(connection)
        self.authorizations = SqlAuthorizations(connection)
        self.status_lists = SqlStatusLists(connection)
        self.credentials = SqlCredentials(connection, status_lists=self.status_lists)
        self.one_time = SqlOneTimeValues(connection)
        self.calls = SqlRememberedCalls(connection)
        self.api_keys = SqlApiKeys(connection)
        self.clients = SqlClients(connection)
        self.letters = SqlLetters(connection)
        self.subjects = SqlSubjects(connection)
        self.expiries = SqlExpiries(connection)
        self.closings = SqlClosings(connection)
        self.wallet_providers = SqlWalletProviderLists(connection)
        self.audit = SqlAudit(connection)
        self.events = SqlEvents(connection)
        self.webhooks = SqlWebhooks(connection)


class SqlStore:
    """The store of a running service."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def upgrade(self) -> None:
        """Bring the tables to the newest version."""
        self._database.upgrade(MIGRATIONS)

    async def write(self, work: Callable[[Records], T]) -> T:
        """Run `work` in a transaction; returns once it is committed, keeps nothing if it raises."""
        return await self._database.write(lambda connection: work(SqlRecords(connection)))

    async def read(self, work: Callable[[Records], T]) -> T:
        """Run `work` on a consistent snapshot."""
        return await self._database.read(lambda connection: work(SqlRecords(connection)))

    async def wipe_traces(self) -> bool:
        """Make what was erased unreadable in the engine's own log, too; says whether it is."""
        return await self._database.wipe_log()
