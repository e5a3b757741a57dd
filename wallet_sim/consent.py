"""What a request would take from the wallet: which cards fit, what leaves, what may be left out.

Pure decisions over data; the words are in ``words_consent.py``. A claim can be left out only when
the receiver's own query offers an option without it and the task's profile calls it optional.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from credential_schemas.model import Catalogue, CredentialType, RequestProfile
from openid4vc.dcql.authorities import accepts
from openid4vc.dcql.errors import OverAsked
from openid4vc.dcql.match import answer
from openid4vc.dcql.model import Answer, ClaimsQuery
from openid4vc.dcql.paths import DcqlPath, path_text
from openid4vc.dcql.query import CredentialQuery, Query
from openid4vc.dcql.selection import select_credentials
from wallet_sim.flow_failures import (
    CannotLeaveOut,
    CardDoesNotFit,
    NoMatchingCard,
)
from wallet_sim.held import HeldCard
from wallet_sim.model import Card, LoggedCard

ACTS_FOR_HOLDER: Final = ("close_person", "supporter", "guardian", "professional", "other")
"""Who may say that they answer for the holder: a kind of person, never a name."""


class WhyNot(StrEnum):
    """Why a card of the asked type is not offered."""

    EXPIRED = "expired"
    REVOKED = "revoked"
    OTHER_ISSUER = "other_issuer"
    LACKS_CLAIMS = "lacks_claims"


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A card of the asked type that is not offered, and why."""

    card: Card
    why: WhyNot


@dataclass(frozen=True, slots=True)
class Part:
    """One credential that the request asks for, and the cards that can answer, newest first."""

    query: CredentialQuery
    type: CredentialType
    fitting: tuple[HeldCard, ...]
    passed_over: tuple[PassedOver, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One card chosen for one part, and what of it would leave.

    Attributes:
        answer: the option of the query that is answered.
        optional: paths in ``answer`` that the person may still leave out.
        left_out: optional paths that the card holds and that do not leave.
    """

    part: Part
    held: HeldCard
    answer: Answer
    optional: tuple[DcqlPath, ...]
    left_out: tuple[DcqlPath, ...]

    def shown_paths(self) -> tuple[DcqlPath, ...]:
        """Return the paths that leave."""
        return tuple(claim.path for claim in self.answer.claims)

    def logged(self) -> LoggedCard:
        """Return the names for the log."""
        return LoggedCard(
            type_id=self.part.type.id,
            asked=tuple(path_text(claim.path) for claim in self.part.query.claims),
            shown=tuple(path_text(path) for path in self.shown_paths()),
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person wants differently.

    Attributes:
        leave_out: dotted names of claims, with the type before them where it matters; or types of
            cards that are not needed.
        card_ids: the cards to show.
        acted_by: who answers for the holder, one of `ACTS_FOR_HOLDER`; None for the holder.
    """

    leave_out: tuple[str, ...] = ()
    card_ids: tuple[str, ...] = field(default=())
    acted_by: str | None = None


def parts_of(
    query: Query, cards: Sequence[HeldCard], *, catalogue: Catalogue, at: datetime
) -> tuple[Part, ...]:
    """Sort the cards of each asked type into those that fit, newest first, and the others."""
    return tuple(_part(one, cards, catalogue, at) for one in query.credentials)


def _part(
    query: CredentialQuery, cards: Sequence[HeldCard], catalogue: Catalogue, at: datetime
) -> Part:
    of_type = [held for held in cards if held.card.vct in query.vct_values]
    newest_first = sorted(of_type, key=lambda held: held.made_at, reverse=True)
    fitting: list[HeldCard] = []
    passed_over: list[PassedOver] = []
    for held in newest_first:
        if held.expired(at):
            passed_over.append(PassedOver(held.card, WhyNot.EXPIRED))
        elif held.revoked():
            passed_over.append(PassedOver(held.card, WhyNot.REVOKED))
        elif not accepts(query.trusted_authorities, held.provenance):
            passed_over.append(PassedOver(held.card, WhyNot.OTHER_ISSUER))
        elif _find_answer(query, held) is None:
            passed_over.append(PassedOver(held.card, WhyNot.LACKS_CLAIMS))
        else:
            fitting.append(held)
    asked = catalogue.type_for_vct(query.vct_values[0])
    if asked is None:
        raise OverAsked("a type that we do not know")
    return Part(query, asked, tuple(fitting), tuple(passed_over))


def can_be_answered(query: Query, parts: Sequence[Part]) -> bool:
    """Say whether the wallet holds all that is required (6.4.2), and anything at all."""
    selection = select_credentials(query, _answerable(parts))
    return selection is not None and bool(selection.all_ids())


def choose(
    query: Query, parts: Sequence[Part], profile: RequestProfile, wish: Wish
) -> tuple[Choice, ...]:
    """Choose cards for the parts and apply what the person wants left out.

    Of alternatives the receiver's first leaves, unless the person named a card of another. What is
    not required leaves when the task itself asks for such a card and the person does not leave it
    out, when the person named a card for it, or when nothing else is asked; several cards for one
    part only when the receiver takes several, and the person named them or the task asks for them.

    Raises:
        NoMatchingCard: cards for what is required are missing; then nothing is shown (6.4.2).
        CardDoesNotFit: a card that the person named answers no part.
        CannotLeaveOut: a claim or a card that is needed, or that is not asked.
    """
    named = {part.query.id for part in parts if _named(part, wish)}
    selection = select_credentials(query, _answerable(parts), prefer=named)
    if selection is None or not selection.all_ids():
        raise NoMatchingCard
    fitting_ids = {held.card.id for part in parts for held in part.fitting}
    if not fitting_ids.issuperset(wish.card_ids):
        raise CardDoesNotFit
    # A card that the task can do without is one like a claim that it can do without.
    spare = {part.query.id for part in further_of(query, parts, profile)}
    asked = {name for part in parts for claim in part.query.claims for name in _names(part, claim)}
    if not frozenset(wish.leave_out) <= asked | spare:
        raise CannotLeaveOut("not asked")
    offered = (named | spare) - frozenset(wish.leave_out)
    wanted = [option for option in selection.optional if not offered.isdisjoint(option)]
    if not selection.required and not wanted:
        wanted = [selection.optional[0]]
    leaving = {*selection.required, *(query_id for option in wanted for query_id in option)}
    return tuple(
        _choice(part, held, profile, wish)
        for part in parts
        if part.query.id in leaving
        for held in _cards_of(part, profile, wish)
    )


def further_of(query: Query, parts: Sequence[Part], profile: RequestProfile) -> tuple[Part, ...]:
    """Return the parts with fitting cards that the task can do without: the person may, too."""
    needed = {
        query_id
        for one in query.credential_sets
        if one.required
        for option in one.options
        for query_id in option
    }
    if not query.credential_sets:
        return ()
    if_held = {card.credential_type for card in profile.credentials if card.if_held}
    return tuple(
        part
        for part in parts
        if part.fitting and part.type.id in if_held and part.query.id not in needed
    )


def _names(part: Part, claim: ClaimsQuery) -> tuple[str, str]:
    """By what a person may name a claim: alone, or with its card before it."""
    return path_text(claim.path), f"{part.query.id}.{path_text(claim.path)}"


def _answerable(parts: Sequence[Part]) -> frozenset[str]:
    return frozenset(part.query.id for part in parts if part.fitting)


def _named(part: Part, wish: Wish) -> tuple[HeldCard, ...]:
    return tuple(held for held in part.fitting if held.card.id in wish.card_ids)


def _cards_of(part: Part, profile: RequestProfile, wish: Wish) -> tuple[HeldCard, ...]:
    chosen = _named(part, wish)
    if not chosen:
        asks_for_several = any(
            card.several for card in profile.credentials if card.credential_type == part.type.id
        )
        chosen = _newest_of_each_issuer(part) if asks_for_several else part.fitting[:1]
    return chosen if part.query.multiple else chosen[:1]


def _newest_of_each_issuer(part: Part) -> tuple[HeldCard, ...]:
    newest: dict[str, HeldCard] = {}
    for held in part.fitting:
        newest.setdefault(held.card.issuer_id, held)
    return tuple(newest.values())


def _choice(part: Part, held: HeldCard, profile: RequestProfile, wish: Wish) -> Choice:
    everything = _answer(part.query, held)
    may_be_left_out = {
        path
        for card in profile.credentials
        if card.credential_type == part.type.id
        for path in card.optional_claims
    }
    optional = tuple(
        claim.path
        for claim in everything.claims
        if claim.path in may_be_left_out and _droppable(part.query, claim.path)
    )
    asked = {
        claim.path
        for claim in part.query.claims
        if not frozenset(wish.leave_out).isdisjoint(_names(part, claim))
    }
    needed = {claim.path for claim in everything.claims} - frozenset(optional)
    if needed & asked:
        raise CannotLeaveOut("needed")
    reduced = _answer(_without(part.query, asked), held)
    shown = {claim.path for claim in reduced.claims}
    return Choice(
        part=part,
        held=held,
        answer=reduced,
        optional=tuple(path for path in optional if path in shown),
        left_out=tuple(path for path in optional if path not in shown),
    )


def _answer(query: CredentialQuery, held: HeldCard) -> Answer:
    found = _find_answer(query, held)
    if found is None:
        raise CannotLeaveOut("no option is left")
    return found


def _find_answer(query: CredentialQuery, held: HeldCard) -> Answer | None:
    return answer(
        query,
        vct=held.card.vct,
        claims=held.claims,
        holder_bound=held.bound(),
        provenance=held.provenance,
    )


def _droppable(query: CredentialQuery, path: DcqlPath) -> bool:
    ids = {claim.id for claim in query.claims if claim.path == path}
    return any(not ids & frozenset(names) for names in query.claim_sets)


def _without(query: CredentialQuery, left_out: Collection[DcqlPath]) -> CredentialQuery:
    """Return the query with only those of its options that do without these claims."""
    if not left_out:
        return query
    gone = {claim.id for claim in query.claims if claim.path in left_out}
    options = tuple(names for names in query.claim_sets if not gone & frozenset(names))
    if not options:
        raise CannotLeaveOut("no option is left")
    claims = tuple(claim for claim in query.claims if claim.path not in left_out)
    return replace(query, claims=claims, claim_sets=options)
