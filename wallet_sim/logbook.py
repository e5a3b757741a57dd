"""Writes log entries: who, when, what kind, names of data, outcome. Never a value (ARF-18)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import LANGS, Label, RequestProfile
from keys.trust import RelyingParty
from openid4vc.dcql.paths import path_text
from openid4vc.openid4vci.offer import CredentialOffer, OfferReference
from wallet_sim.asking import Asking
from wallet_sim.consent import Choice, Part
from wallet_sim.deeds import Approval, Terms
from wallet_sim.issued_card import IssuedCard
from wallet_sim.model import Kind, LogEntry, LoggedCard, Outcome
from wallet_sim.offers import FetchedCard, OpenOffer
from wallet_sim.ports import Clock, Random
from wallet_sim.present import KnownReceiver

ID_BYTES = 4


class Logbook:
    """Makes entries; the caller stores them."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random

    def unopened_offer(
        self, found: CredentialOffer | OfferReference, outcome: Outcome, reason: str
    ) -> LogEntry:
        """An offer whose issuer said nothing usable of itself; known by its address only."""
        address = found.issuer if isinstance(found, CredentialOffer) else found.uri
        return LogEntry(
            id=self._random.bytes(ID_BYTES).hex(),
            at=self._clock.now(),
            kind=Kind.RECEIVE,
            party_id=urlsplit(address).netloc,
            party_names={},
            outcome=outcome,
            reason=reason,
        )

    def offer(self, offer: OpenOffer, outcome: Outcome, reason: str | None = None) -> LogEntry:
        """An offer of which no card was verified; its names are what the offerer says."""
        return LogEntry(
            id=self._random.bytes(ID_BYTES).hex(),
            at=self._clock.now(),
            kind=Kind.RECEIVE,
            party_id=offer.offer.issuer,
            party_names=dict(offer.issuer_names),
            outcome=outcome,
            reason=reason,
            cards=tuple(LoggedCard(type_id=one.id) for one in offer.types),
        )

    def receipt(self, fetched: Sequence[FetchedCard], outcome: Outcome) -> LogEntry:
        """Verified cards, stored or not."""
        issuer = fetched[0].issued.issuer
        return LogEntry(
            id=self._random.bytes(ID_BYTES).hex(),
            at=self._clock.now(),
            kind=Kind.RECEIVE,
            party_id=issuer.id,
            party_names=dict(issuer.names),
            outcome=outcome,
            cards=tuple(
                LoggedCard(type_id=one.issued.type.id, shown=_names(one.issued)) for one in fetched
            ),
        )

    def unshown_request(
        self,
        client_id: str,
        known: KnownReceiver | None,
        outcome: Outcome,
        reason: str,
        *,
        cards: tuple[LoggedCard, ...] = (),
    ) -> LogEntry:
        """A request that never came before the person; ``cards`` are names of what it asked."""
        party = known.authenticated.relying_party if known else None
        return LogEntry(
            id=self._random.bytes(ID_BYTES).hex(),
            at=self._clock.now(),
            kind=Kind.PRESENT,
            party_id=party.identifier if party else client_id,
            party_names=dict(party.names) if party else {},
            outcome=outcome,
            reason=reason,
            cards=cards,
            client_id=client_id,
        )

    def showing(
        self,
        request: Asking,
        outcome: Outcome,
        choices: Sequence[Choice],
        reason: str | None = None,
    ) -> LogEntry:
        """A request or challenge that was shown to the person, and what left."""
        cards = tuple(
            card
            for part in request.parts
            for card in _shown_of(part, choices) or [_not_shown(part)]
        )
        now = self._clock.now()
        return LogEntry(
            id=self._random.bytes(ID_BYTES).hex(),
            at=now,
            kind=Kind.PRESENT,
            party_id=request.party.identifier,
            party_names=dict(request.party.names),
            outcome=outcome,
            profile_id=request.profile.id,
            reason=reason,
            cards=cards,
            client_id=request.client_id,
            terms=terms_of(request.profile, now),
        )

    def refused_challenge(self, party: RelyingParty | None, reason: str) -> LogEntry:
        """A challenge that never came before the person; the party is None when not certain."""
        return LogEntry(
            id=self._random.bytes(ID_BYTES).hex(),
            at=self._clock.now(),
            kind=Kind.PRESENT,
            party_id=party.identifier if party else "",
            party_names=dict(party.names) if party else {},
            outcome=Outcome.REFUSED,
            reason=reason,
        )

    def self_initiated(self, choice: Choice) -> LogEntry:
        """A showing that nobody asked for; nobody in particular is on the other side."""
        return LogEntry(
            id=self._random.bytes(ID_BYTES).hex(),
            at=self._clock.now(),
            kind=Kind.PRESENT,
            party_id="",
            party_names={},
            outcome=Outcome.SHOWN_ON_SCREEN,
            cards=(replace(choice.logged(), asked=()),),
        )


def terms_of(profile: RequestProfile, at: datetime) -> Terms:
    """Return what the person is told when asked for this task at this time."""
    until = None
    if profile.retention_days is not None:
        until = at.astimezone(HELSINKI).date() + timedelta(days=profile.retention_days)
    return Terms(
        approval=Approval(profile.approval_kind),
        task=_words(profile.title),
        purpose=_words(profile.purpose),
        basis=_words(profile.legal_basis),
        retention=profile.retention,
        kept_until=until,
    )


def not_drawn(entry: LogEntry, reason: str) -> LogEntry:
    """Return the entry of a showing on the screen that came to nothing."""
    cards = tuple(replace(card, shown=()) for card in entry.cards)
    return replace(entry, outcome=Outcome.NOT_ANSWERED, reason=reason, cards=cards)


def _shown_of(part: Part, choices: Sequence[Choice]) -> list[LoggedCard]:
    return [choice.logged() for choice in choices if choice.part.query.id == part.query.id]


def _not_shown(part: Part) -> LoggedCard:
    asked = tuple(path_text(claim.path) for claim in part.query.claims)
    return LoggedCard(type_id=part.type.id, asked=asked)


def _names(issued: IssuedCard) -> tuple[str, ...]:
    """Return the claims' names in the order of the type's definition."""
    return tuple(name for name in issued.type.claims if name in issued.claims)


def _words(label: Label) -> dict[str, str]:
    return {lang: label[lang] for lang in LANGS}
