"""What a wallet holds: cards, unfinished receipts, the log of transactions, trust settings.

Nothing here is shown or sent as it is. The log holds names of data, never values (ARF-18).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from wallet_sim.deeds import Deed, DeedKind, Terms, Told
from wallet_sim.instances import Begun, Instance, Renewal
from wallet_sim.pending import Pending, Unfinished
from wallet_sim.trust_settings import TrustSettings

DESK_CERTIFICATES_AT_MOST = 64
BEGUN_AT_MOST = 8


class Outcome(StrEnum):
    """How a transaction ended, as the log says it."""

    RECEIVED = "received"  # card stored
    NOT_FETCHED = "not_fetched"  # offer seen, the person did not want it
    NOT_KEPT = "not_kept"  # card seen, the person did not want it
    SHOWN = "shown"
    SHOWN_ON_SCREEN = "shown_on_screen"  # drawn as a code; who read it, the wallet does not learn
    NOT_ANSWERED = "not_answered"  # request seen, nothing sent
    DECLINED = "declined"  # the person said no; over the network the receiver was told
    REFUSED = "refused"  # the wallet found a fault in what came
    FAILED = "failed"  # the connection or the other side failed
    COMES_LATER = "comes_later"  # offer taken, the issuer does not have the card yet
    UNCLEAR = "unclear"  # data may have been sent, but no proper answer came
    REVOKED = "revoked"  # the person had an own card revoked


class Kind(StrEnum):
    """What the transaction was about."""

    RECEIVE = "receive"
    PRESENT = "present"
    REVOKE = "revoke"


class Standing(StrEnum):
    """What an issuer's status list says about a card."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a card's issuer said of it last, in a list that was verified.

    Attributes:
        at: when this wallet asked.
        as_of: when the issuer made the list.
    """

    standing: Standing
    at: datetime
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Copy:
    """A further copy of a card, with its own key (see ``Card``)."""

    sd_jwt: str = field(repr=False)
    holder_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One credential with its holder key.

    Attributes:
        id: 8 hexadecimal digits, made by the wallet; means nothing outside it.
        type_id: the catalogue's name of the type, such as ``self_assessment_result``.
        issuer_id: the organisation's id on the trust list.
        issuer_names: the organisation's names on the trust list, by language.
        sd_jwt: the credential as the issuer sent it, ending in ``~``.
        holder_key: PKCS #8 DER of the P-256 key that the credential is bound to.
        checked: what its issuer said of it last; None before that was ever asked.
        spares: its further copies, the one to show next in front.
        renewal: how a newer one is had; None when only the issuer can give one.
    """

    id: str
    type_id: str
    vct: str
    issuer_id: str
    issuer_names: Mapping[str, str]
    sd_jwt: str = field(repr=False)
    holder_key: bytes = field(repr=False)
    received_at: datetime
    expires_at: datetime | None
    checked: Checked | None = None
    spares: tuple[Copy, ...] = ()
    renewal: Renewal | None = None

    def turned(self) -> "Card":
        """Return the card with its next copy in front; the one shown comes last again."""
        if not self.spares:
            return self
        now, *others = self.spares
        spares = (*others, Copy(self.sd_jwt, self.holder_key))
        return replace(self, sd_jwt=now.sd_jwt, holder_key=now.holder_key, spares=spares)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCard:
    """Names of what was asked and shown of one card type (dotted paths, no values)."""

    type_id: str
    asked: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One transaction (ARF-18).

    Attributes:
        party_id: trust-list id, client id or address of the other side; "" when unknown.
        party_names: names by language; empty when the other side was not identified.
        profile_id: the task a request named; None for receipts and unreadable requests.
        outcome: how it ended.
        reason: failure code when it ended badly; None otherwise.
        id: 8 hexadecimal digits, made by the wallet; means nothing outside it.
        client_id: how the other side named itself in its request; "" when it did not.
        terms: what the person was told; None for receipts and for what never came before them.
        deeds: what the person did about it afterwards, oldest first.
    """

    at: datetime
    kind: Kind
    party_id: str
    party_names: Mapping[str, str]
    outcome: Outcome
    profile_id: str | None = None
    reason: str | None = None
    cards: tuple[LoggedCard, ...] = ()
    id: str = ""
    client_id: str = ""
    terms: Terms | None = None
    deeds: tuple[Deed, ...] = ()

    def deed(self, kind: DeedKind) -> Deed | None:
        """Return the latest deed of this kind."""
        return next((one for one in reversed(self.deeds) if one.kind is kind), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything the wallet keeps.

    Attributes:
        desk_certificates: DER of the access certificates of desks whose challenges were read, the
            latest last; a later challenge may name one by its hash.
        supervisor: https address that reports about receivers go to; None keeps them here.
    """

    trust: TrustSettings
    unsafe_loopback_http: bool = False
    cards: tuple[Card, ...] = ()
    unfinished: tuple[Unfinished, ...] = ()
    pending: tuple[Pending, ...] = ()
    log: tuple[LogEntry, ...] = ()
    desk_certificates: tuple[bytes, ...] = ()
    supervisor: str | None = None
    instances: tuple[Instance, ...] = ()
    begun: tuple[Begun, ...] = ()

    def card(self, card_id: str) -> Card | None:
        """Return the card with this id, or the only one whose id begins so."""
        found = [card for card in self.cards if card.id == card_id]
        if not found and len(card_id) >= 2:  # noqa: PLR2004 - one sign is a typing slip, not a choice
            found = [card for card in self.cards if card.id.startswith(card_id)]
        return found[0] if len(found) == 1 else None

    def with_trust_list(self, jws: str, sequence: int) -> "Contents":
        """Return the contents with a newer trust list."""
        return replace(self, trust=replace(self.trust, jws=jws, sequence=sequence))

    def with_desk_certificate(self, certificate: bytes) -> "Contents":
        """Return the contents with this certificate last; the oldest beyond a limit are gone."""
        others = tuple(one for one in self.desk_certificates if one != certificate)
        kept = (*others, certificate)[-DESK_CERTIFICATES_AT_MOST:]
        return replace(self, desk_certificates=kept)

    def with_card(self, card: Card) -> "Contents":
        """Return the contents with one card more."""
        return replace(self, cards=(*self.cards, card))

    def with_turned(self, card_ids: Collection[str]) -> "Contents":
        """Return the contents in which these cards will show their next copy."""
        cards = tuple(card.turned() if card.id in card_ids else card for card in self.cards)
        return replace(self, cards=cards)

    def without_card(self, card_id: str) -> "Contents":
        """Return the contents without the card and its key."""
        return replace(self, cards=tuple(card for card in self.cards if card.id != card_id))

    def entry(self, entry_id: str) -> LogEntry | None:
        """Return the log entry with this id, or the only one whose id begins so."""
        found = [entry for entry in self.log if entry.id == entry_id]
        if not found and len(entry_id) >= 2:  # noqa: PLR2004 - as for cards
            found = [entry for entry in self.log if entry.id.startswith(entry_id)]
        return found[0] if len(found) == 1 else None

    def with_checked(self, checked: Mapping[str, Checked]) -> "Contents":
        """Return the contents with what issuers said, by card id; other cards stay."""
        return replace(
            self,
            cards=tuple(
                replace(card, checked=checked.get(card.id, card.checked)) for card in self.cards
            ),
        )

    def with_deed(self, entry_id: str, deed: Deed) -> "Contents":
        """Return the contents with a deed, in place of one of its kind that nobody heard."""
        return replace(
            self,
            log=tuple(_with_deed(one, deed) if one.id == entry_id else one for one in self.log),
        )

    def with_entry(self, entry: LogEntry) -> "Contents":
        """Return the contents with one log entry more."""
        return replace(self, log=(*self.log, entry))

    def with_outcome(
        self, entry: LogEntry, outcome: Outcome, reason: str | None = None
    ) -> "Contents":
        """Return the contents in which the latest log entry like this one ended otherwise."""
        return self.with_changed(entry, replace(entry, outcome=outcome, reason=reason))

    def with_changed(self, entry: LogEntry, ended: LogEntry) -> "Contents":
        """Return the contents with another log entry in place of the latest one like this."""
        at = len(self.log) - 1 - self.log[::-1].index(entry)
        return replace(self, log=(*self.log[:at], ended, *self.log[at + 1 :]))

    def with_unfinished(self, unfinished: Unfinished) -> "Contents":
        """Return the contents with this receipt in place of an earlier one of the same offer."""
        others = self.without_unfinished(unfinished.offer, at=None).unfinished
        return replace(self, unfinished=(*others, unfinished))

    def without_unfinished(self, offer: str, *, at: datetime | None) -> "Contents":
        """Return the contents without what waits for this offer.

        Receipts ended by ``at`` go, too.
        """
        kept = tuple(
            one
            for one in self.unfinished
            if one.offer != offer and (at is None or one.expires_at > at)
        )
        pending = tuple(one for one in self.pending if one.offer != offer)
        return replace(self, unfinished=kept, pending=pending)

    def instance(self, server: str | None) -> Instance | None:
        """Return the keys that this authorization server knows the wallet by."""
        return next((one for one in self.instances if one.server == server), None)

    def with_instance(self, instance: Instance) -> "Contents":
        """Return the contents with these keys, unless the server knows others already."""
        known = self.instance(instance.server) is not None
        return self if known else replace(self, instances=(*self.instances, instance))

    def with_begun(self, begun: Begun) -> "Contents":
        """Return the contents with this sign-in as the latest; the oldest beyond a limit go."""
        return replace(self, begun=(*self.begun, begun)[-BEGUN_AT_MOST:])

    def without_begun(self, state: str) -> "Contents":
        """Return the contents without the sign-in of this state."""
        return replace(self, begun=tuple(one for one in self.begun if one.state != state))

    def with_pending(self, pending: Pending) -> "Contents":
        """Return the contents with this card to come, in place of an earlier one of its offer."""
        others = tuple(one for one in self.pending if one.offer != pending.offer)
        return replace(self, pending=(*others, pending))


def _with_deed(entry: LogEntry, deed: Deed) -> LogEntry:
    kept = tuple(
        one
        for one in entry.deeds
        if one.kind is not deed.kind or one.told is not Told.NOT_DELIVERED
    )
    return replace(entry, deeds=(*kept, deed))
