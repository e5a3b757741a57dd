"""The outbox and its addresses through one connection."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, literal, select, update

from issuer.adapters.sql.rows import insert_once, one
from issuer.adapters.sql.tables import webhook_endpoints, webhook_messages
from issuer.ports.webhooks import Endpoint, Message

_E = webhook_endpoints.c
_M = webhook_messages.c


class SqlEvents:
    """What happened, for those who listen."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tell(
        self,
        organisation: str,
        event: str,
        object_id: str,
        at: datetime,
        *,
        state: str | None = None,
    ) -> None:
        """Put an event into the outbox, in this transaction; nothing when nobody listens."""
        values = {
            _M.organisation: _E.organisation,
            _M.event: literal(event),
            _M.object_id: literal(object_id),
            _M.state: literal(state, _M.state.type),
            _M.at: literal(at, _M.at.type),
            _M.since: literal(at, _M.since.type),
            _M.failures: literal(0),
            _M.next_at: literal(at, _M.next_at.type),
        }
        # One statement: an address that is removed meanwhile leaves no message behind.
        listening = select(*values.values()).where(_E.organisation == organisation)
        self._connection.execute(insert(webhook_messages).from_select(list(values), listening))


class SqlWebhooks:
    """Addresses and messages."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def endpoint(self, organisation: str) -> Endpoint | None:
        """Return where an organisation is told."""
        statement = select(webhook_endpoints).where(_E.organisation == organisation)
        row = one(self._connection, statement)
        return None if row is None else Endpoint(**row)

    def endpoints(self) -> Sequence[Endpoint]:
        """Return every organisation's address, by organisation."""
        statement = select(webhook_endpoints).order_by(_E.organisation)
        return [Endpoint(**row) for row in self._connection.execute(statement).mappings()]

    def set(self, endpoint: Endpoint) -> None:
        """Keep an address in place of the organisation's earlier one."""
        values = {
            "url": endpoint.url,
            "secret_id": endpoint.secret_id,
            "set_at": endpoint.set_at,
            "earlier_secret_id": endpoint.earlier_secret_id,
            "earlier_until": endpoint.earlier_until,
            "stopped_at": endpoint.stopped_at,
        }
        new = {"organisation": endpoint.organisation, **values}
        if not insert_once(self._connection, webhook_endpoints, new):
            self._connection.execute(
                update(webhook_endpoints)
                .where(_E.organisation == endpoint.organisation)
                .values(values)
            )

    def remove(self, organisation: str) -> bool:
        """Forget an address and what was on its way there; False when there was none."""
        gone = delete(webhook_endpoints).where(_E.organisation == organisation)
        return self._connection.execute(gone).rowcount == 1

    def stop(self, endpoint: Endpoint, *, at: datetime) -> None:
        """Send nothing more to this address, unless another one was set meanwhile."""
        self._connection.execute(
            update(webhook_endpoints)
            .where(_E.organisation == endpoint.organisation, _E.set_at == endpoint.set_at)
            .values(stopped_at=at)
        )

    def any(self) -> bool:
        """Whether there is any message, on its way or given up."""
        return self._connection.execute(select(_M.number).limit(1)).first() is not None

    def claim(self, *, at: datetime, until: datetime, limit: int) -> Sequence[Message]:
        """Take what is due, oldest first, for this process alone until then."""
        is_due = _M.dead_at.is_(None) & (_M.next_at <= at)
        stopped = select(_E.organisation).where(_E.stopped_at.is_not(None))
        due = (
            select(_M.number)
            .where(is_due, _M.organisation.not_in(stopped))
            .order_by(_M.number)
            .limit(limit)
        )
        # What another process has taken in the meantime is due no more: `is_due` once again.
        taken = self._connection.execute(
            update(webhook_messages)
            .where(_M.number.in_(due), is_due)
            .values(next_at=until)
            .returning(webhook_messages)
        ).mappings()
        return sorted((Message(**row) for row in taken), key=lambda message: message.number)

    def delivered(self, number: int) -> None:
        """Drop a message that has arrived."""
        self._connection.execute(delete(webhook_messages).where(_M.number == number))

    def put_off(self, number: int, *, next_at: datetime, fault: str) -> None:
        """Count a failure and send it again later."""
        self._connection.execute(
            update(webhook_messages)
            .where(_M.number == number)
            .values(next_at=next_at, fault=fault, failures=_M.failures + 1)
        )

    def release(self, numbers: Sequence[int], *, next_at: datetime) -> None:
        """Send later what was claimed and not tried."""
        self._connection.execute(
            update(webhook_messages).where(_M.number.in_(numbers)).values(next_at=next_at)
        )

    def bury(self, before: datetime, *, at: datetime) -> int:
        """Give up what is on its way since `before` or earlier; returns how many."""
        old = update(webhook_messages).where(_M.dead_at.is_(None), _M.since <= before)
        return self._connection.execute(old.values(dead_at=at)).rowcount

    def dead(self, organisation: str | None, *, limit: int) -> Sequence[Message]:
        """Return what was given up, oldest first."""
        statement = select(webhook_messages).where(_M.dead_at.is_not(None))
        if organisation is not None:
            statement = statement.where(_M.organisation == organisation)
        rows = self._connection.execute(statement.order_by(_M.number).limit(limit)).mappings()
        return [Message(**row) for row in rows]

    def waiting(self, organisation: str) -> int:
        """Return how many messages are on their way."""
        statement = select(func.count()).where(
            _M.organisation == organisation, _M.dead_at.is_(None)
        )
        return int(self._connection.execute(statement).scalar_one())

    def revive(self, organisation: str, *, at: datetime) -> int:
        """Send again from now on what was given up; returns how many."""
        dead = update(webhook_messages).where(
            _M.organisation == organisation, _M.dead_at.is_not(None)
        )
        again = dead.values(dead_at=None, since=at, next_at=at, failures=0)
        return self._connection.execute(again).rowcount

    def forget(self, before: datetime) -> int:
        """Drop what was given up by then; returns how many."""
        return self._connection.execute(
            delete(webhook_messages).where(_M.dead_at <= before)
        ).rowcount
