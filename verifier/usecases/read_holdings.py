"""Say what this desk could check without network, and how old it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from credential_schemas.model import Catalogue
from keys.checks import CheckFailed
from keys.trust import TrustedIssuer
from verifier.ports import Clock
from verifier.usecases.list_shelf import MAX_AGE, Shelved
from verifier.usecases.prefetch_status import Lists, PrefetchStatus
from verifier.usecases.status_age import strictest_limit


@dataclass(frozen=True, slots=True)
class Holding:
    """A list, or all status lists of one issuer.

    Attributes:
        names: whose, by language.
        as_of: when the oldest of them was signed; None when there is none.
        good_until: until when it is enough without network; None when it is not.
    """

    names: Mapping[str, str]
    as_of: datetime | None
    good_until: datetime | None


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is at hand.

    Attributes:
        at: now.
        offline_since: since when the network is missed; None while it is there.
        bundle_until: until when a loaded bundle makes do for it; None without one.
        limit: the age from which status lists confirm nothing.
        trust_list: who is trusted.
        issuers: those whose cards this desk's tasks ask for.
    """

    at: datetime
    offline_since: datetime | None
    bundle_until: datetime | None
    limit: timedelta
    trust_list: Holding
    issuers: tuple[Holding, ...]

    @property
    def as_of(self) -> datetime | None:
        """From when the oldest status list is that is still enough; None when none is."""
        return min(
            (one.as_of for one in self.issuers if one.good_until and one.as_of), default=None
        )


class ReadHoldings:
    """See the module text."""

    def __init__(
        self, *, catalogue: Catalogue, lists: Lists, prefetch: PrefetchStatus, clock: Clock
    ) -> None:
        self._catalogue = catalogue
        self._lists = lists
        self._prefetch = prefetch
        self._clock = clock

    async def __call__(self, role: str) -> Holdings:
        """Return what a desk of that role has at hand."""
        now = self._clock.now()
        profiles = self._catalogue.profiles_for(role)
        limit = strictest_limit(profiles) if profiles else MAX_AGE
        made_at = await self._lists.kept.bundle_made_at()
        until = None if made_at is None else made_at + MAX_AGE
        if until is not None and until <= now:
            until = None
        vcts = {
            self._catalogue.types[card.credential_type].vct
            for profile in profiles
            for card in profile.credentials
        }
        trusted, issuers = await self._trusted(now)
        held = [
            await self._issuer(issuer, limit=limit, bundle_until=until, now=now)
            for issuer in issuers
            if not issuer.vcts.isdisjoint(vcts)
        ]
        return Holdings(now, self._prefetch.offline_since, until, limit, trusted, tuple(held))

    async def _trusted(self, now: datetime) -> tuple[Holding, tuple[TrustedIssuer, ...]]:
        try:
            trust_list = await self._lists.trust.current(at=now)
        except CheckFailed:
            return Holding({}, None, None), ()
        return Holding({}, trust_list.issued_at, trust_list.next_update), trust_list.issuers

    async def _issuer(
        self,
        issuer: TrustedIssuer,
        *,
        limit: timedelta,
        bundle_until: datetime | None,
        now: datetime,
    ) -> Holding:
        held = [
            shelved
            for place in await self._lists.kept.places()
            if place.issuer == issuer.id
            and (shelved := await self._lists.shelf.newest(place.uri, issuer=issuer)) is not None
        ]
        if not held:
            return Holding(issuer.names, None, None)
        ends = min(_good_until(one, limit, bundle_until) for one in held)
        oldest = min(one.status_list.issued_at for one in held)
        return Holding(issuer.names, oldest, ends if ends > now else None)


def _good_until(one: Shelved, limit: timedelta, bundle_until: datetime | None) -> datetime:
    """Return how long a list is enough: its own `ttl`, or with a bundle as long as it lasts."""
    ends = [one.status_list.issued_at + limit]
    if one.status_list.expires_at is not None:
        ends.append(one.status_list.expires_at)
    alone = one.fresh_until if bundle_until is None else max(one.fresh_until, bundle_until)
    return min(alone, *ends)
