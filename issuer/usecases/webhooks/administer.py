"""What an operator does about webhooks: set, show and remove addresses, look at dead letters."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from credential_schemas.model import Catalogue
from issuer.model import AuditEntry
from issuer.ports import Clock, Random, Records, Store, Vault
from issuer.ports.webhooks import Endpoint, Message
from issuer.usecases.failures import OrganisationUnknown
from issuer.usecases.webhooks.failures import WebhookAddressUnfit, WebhookNotSet
from issuer.usecases.webhooks.message import message_id, secret_text
from openid4vc.shapes import Shape

EARLIER_SECRET_COUNTS_FOR = timedelta(hours=24)
_ID_BYTES = 16
_LISTED_AT_MOST = 1_000
_ADDRESS = Shape(WebhookAddressUnfit)


@dataclass(frozen=True, slots=True)
class ShownEndpoint:
    """An address, and how its messages are doing."""

    endpoint: Endpoint
    waiting: int
    dead: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up, under the id that the receiver would have seen."""

    id: str
    message: Message


@dataclass(frozen=True, slots=True)
class SetEndpoint:
    """An address that was set. The secret is not kept: it is derived anew when it is needed."""

    endpoint: Endpoint
    secret: str = field(repr=False)


class AdministerWebhooks:
    """The operator's side of webhooks; every change is in the audit record."""

    def __init__(
        self, *, store: Store, vault: Vault, clock: Clock, random: Random, catalogue: Catalogue
    ) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._random = random
        self._catalogue = catalogue

    async def set(
        self, organisation: str, url: str, *, new_secret: bool = False, allow_loopback: bool = False
    ) -> SetEndpoint:
        """Tell an organisation at this address from now on.

        The secret stays the same unless a new one is asked for; then the earlier one signs as well
        for 24 hours.

        Args:
            organisation: whose events.
            url: an https address.
            new_secret: draw another secret.
            allow_loopback: UNSAFE, for demos: http on this machine.

        Raises:
            OrganisationUnknown: no such organisation.
            WebhookAddressUnfit: no plain https address.
        """
        if organisation not in self._catalogue.organisations:
            raise OrganisationUnknown("no such organisation")
        _ADDRESS.url(url, "address", allow_loopback_http=allow_loopback)
        now = self._clock.now()
        drawn = self._random.bytes(_ID_BYTES).hex()

        def keep(records: Records) -> Endpoint:
            before = records.webhooks.endpoint(organisation)
            if before is None:
                fresh = Endpoint(organisation, url, drawn, now)
            elif new_secret:
                fresh = replace(
                    before,
                    url=url,
                    secret_id=drawn,
                    set_at=now,
                    earlier_secret_id=before.secret_id,
                    earlier_until=now + EARLIER_SECRET_COUNTS_FOR,
                    stopped_at=None,
                )
            else:
                fresh = replace(before, url=url, set_at=now, stopped_at=None)
            records.webhooks.set(fresh)
            self._note(records, organisation, "set_webhook")
            return fresh

        endpoint = await self._store.write(keep)
        return SetEndpoint(endpoint, secret_text(self._vault, endpoint))

    async def show(self) -> Sequence[ShownEndpoint]:
        """Return every organisation's address; never a secret."""

        def read(records: Records) -> list[ShownEndpoint]:
            webhooks = records.webhooks
            return [
                ShownEndpoint(
                    endpoint=one,
                    waiting=webhooks.waiting(one.organisation),
                    dead=len(webhooks.dead(one.organisation, limit=_LISTED_AT_MOST)),
                )
                for one in webhooks.endpoints()
            ]

        return await self._store.read(read)

    async def remove(self, organisation: str) -> None:
        """Tell an organisation nothing more, and drop what was on its way.

        Raises:
            WebhookNotSet: there was no address.
        """

        def remove(records: Records) -> None:
            if not records.webhooks.remove(organisation):
                raise WebhookNotSet("no address")
            self._note(records, organisation, "remove_webhook")

        await self._store.write(remove)

    async def dead_letters(self, organisation: str | None = None) -> Sequence[DeadLetter]:
        """Return what was given up and not yet forgotten, at most 1,000, oldest first."""
        found = await self._store.read(
            lambda records: records.webhooks.dead(organisation, limit=_LISTED_AT_MOST)
        )
        return [DeadLetter(message_id(self._vault, one), one) for one in found]

    async def retry(self, organisation: str) -> int:
        """Send an organisation's dead letters again; returns how many.

        Raises:
            WebhookNotSet: there is no address.
        """
        now = self._clock.now()

        def revive(records: Records) -> int:
            if records.webhooks.endpoint(organisation) is None:
                raise WebhookNotSet("no address")
            self._note(records, organisation, "retry_webhook")
            return records.webhooks.revive(organisation, at=now)

        return await self._store.write(revive)

    def _note(self, records: Records, organisation: str, action: str) -> None:
        records.audit.add(
            AuditEntry(
                at=self._clock.now(),
                organisation=organisation,
                actor="operator",
                action=action,
                object_id=organisation,
            )
        )
