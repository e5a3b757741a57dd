"""The wallet's pages about cards: an offer, a card's content, the list, forgetting."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from credential_schemas.model import CredentialType
from credential_schemas.readings import reading_text
from wallet_sim.held import HeldCard
from wallet_sim.inbox import step_of
from wallet_sim.issued_card import WRITTEN_BY_ISSUERS, IssuedCard
from wallet_sim.model import Card, Standing
from wallet_sim.offers import OpenOffer
from wallet_sim.receipts import TYPE_ID as RECEIPT
from wallet_sim.words import INDENT, Words

STANDING = {Standing.SUSPENDED: "card.suspended", Standing.REVOKED: "card.revoked"}


def offer_page(words: Words, offer: OpenOffer) -> list[str]:
    """Who offers what, before anything is fetched with the code. The name is the offerer's word."""
    return [
        words.say("offer.title", name=words.name(offer.issuer_names)),
        *(f"{INDENT}{one.title[words.lang]}" for one in offer.types),
        words.say("offer.address", host=offer.host),
        words.say("offer.name_unchecked"),
    ]


def issued_page(words: Words, issued: IssuedCard) -> list[str]:
    """A verified card before it is stored (ARF-24)."""
    return [
        words.say("issued.genuine", name=words.name(issued.issuer.names)),
        "",
        issued.type.title[words.lang],
        *_validity(words, issued.expires_at),
        *content_rows(words, issued.type, issued.claims),
        *notices(words, issued.claims),
    ]


def card_page(words: Words, held: HeldCard, at: datetime) -> list[str]:
    """One stored card with its content."""
    card = held.card
    credential_type = words.catalogue.types.get(card.type_id)
    claims = {n: value for n, value in held.claims.items() if n not in WRITTEN_BY_ISSUERS}
    return [
        words.type_title(card.type_id),
        words.say("card.issuer", name=words.name(card.issuer_names)),
        words.say("card.received", date=words.date(card.received_at)),
        state_line(words, card, at),
        "",
        *(
            content_rows(words, credential_type, claims)
            if credential_type
            else [words.say("card.not_in_words")]
        ),
        *notices(words, claims),
        *step_page(words, held),
    ]


def step_page(words: Words, held: HeldCard) -> list[str]:
    """The next step that a self-assessment suggests, with a link where there is one."""
    step = step_of(held)
    if step is None:
        return []
    lines = ["", words.row(words.say("step.title"), step.says[words.lang])[0].strip()]
    if step.link is not None:
        link = {"text": step.link.text[words.lang], "address": step.link.address}
        lines.append(words.say("step.link", **link))
    return lines


def list_page(words: Words, cards: Sequence[Card], at: datetime) -> list[str]:
    """All cards, newest first."""
    if not cards:
        return [words.say("list.empty"), words.say("list.how_to_get")]
    lines = [words.say("list.title"), ""]
    for card in sorted(cards, key=lambda one: one.received_at, reverse=True):
        lines += [
            f"{card.id}  {words.type_title(card.type_id)}",
            f"          {words.name(card.issuer_names)}",
            f"          {words.say('card.received', date=words.date(card.received_at))}"
            f" {state_line(words, card, at)}",
            "",
        ]
    return [*lines, words.say("list.only_here")]


def forget_page(words: Words, card: Card) -> list[str]:
    """What forgetting a card does, before it is done (ARF-29)."""
    title = words.type_title(card.type_id)
    lines = [
        words.say("forget.what", title=title, name=words.name(card.issuer_names)),
        words.say("forget.means"),
    ]
    return [*lines, words.say("forget.receipt")] if card.type_id == RECEIPT else lines


def state_line(words: Words, card: Card, at: datetime) -> str:
    """Whether the card is in force, in words: what its issuer said of it, else its dates."""
    checked = card.checked
    over = card.expires_at is not None and card.expires_at <= at
    if checked is not None and checked.standing is not Standing.VALID and not over:
        as_of = words.say("card.as_of", date=words.moment(checked.as_of))
        return f"{words.say(STANDING[checked.standing])} {as_of}"
    if card.expires_at is None:
        return words.say("card.no_end")
    date = words.last_day(card.expires_at)
    return words.say("card.expired" if card.expires_at <= at else "card.valid", date=date)


def content_rows(
    words: Words, credential_type: CredentialType, claims: Mapping[str, object]
) -> list[str]:
    """The claims in words, in the order of the type's definition."""
    lines: list[str] = []
    for name in credential_type.claims:
        if name in claims:
            path = (name,)
            said = words.value(credential_type, path, claims[name])
            lines += words.row(words.label(credential_type, path), said)
            read = reading_text(words.catalogue, credential_type, name, claims, words.lang)
            lines += [f"{INDENT}{INDENT}{read}"] if read is not None else []
    return lines


def notices(words: Words, claims: Mapping[str, object]) -> list[str]:
    """What must be said beside some cards: own view only, or no entitlement."""
    keys = []
    if claims.get("information_source") == "self_reported":
        keys.append("notice.self_reported")
    if "plan_type" in claims:
        keys.append("notice.no_entitlement")
    return ["", *(words.say(key) for key in keys)] if keys else []


def _validity(words: Words, expires_at: datetime | None) -> list[str]:
    if expires_at is None:
        return []
    return [words.say("card.valid", date=words.last_day(expires_at))]
