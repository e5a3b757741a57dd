"""The consent page: who, why, what leaves, what stays; two equal answers; the code to read out."""

from openid4vc.dcql.errors import OverAsked
from wallet_sim.consent import ACTS_FOR_HOLDER, Choice, Part, Wish
from wallet_sim.errors import sentence
from wallet_sim.flow_failures import PurposeUnknown
from wallet_sim.held import HeldCard
from wallet_sim.model import Kind, LogEntry, Standing
from wallet_sim.pages_consent import (
    always_visible,
    how_long,
    may_be_used,
    no_card_page,
    shown_value,
    shows_in_part,
    staying,
    toggles,
    what_yes_is,
)
from wallet_sim.present import OpenRequest
from wallet_sim.screens.desk import Desk
from wallet_sim.screens.page import Shown, Visit, draw, go
from wallet_sim.words import Words

YES = "yes"


async def open_request(desk: Desk, link: str) -> Shown:
    """Fetch a request and go to its page; one that asks too much is shown as refused."""
    try:
        request = await desk.wallet.open_request(link)
    except (OverAsked, PurposeUnknown):
        entry = desk.control.newest()
        if entry is None:
            raise
        return go(f"/refused/{entry.id}")
    return go(f"/request/{desk.requests.put(request)}")


def refused(desk: Desk, visit: Visit, entry_id: str) -> Shown:
    """Say plainly that the wallet refused, and what was asked; one click reports it."""
    words, entry = desk.words(), desk.control.entry(entry_id)
    return draw(
        desk.frame(visit.path),
        "refused.html",
        says=sentence(words, entry.reason or "", Kind.PRESENT),
        who=words.name(entry.party_names),
        asked=_asked(words, entry),
        entry=entry.id,
    )


def request_page(desk: Desk, visit: Visit, handle: str) -> Shown:
    """Everything the person needs to decide."""
    words, request = desk.words(), desk.requests[handle]
    if not request.can_be_answered():
        _, *lines = no_card_page(words, request)
        title = words.say("consent.title", name=words.name(request.party.names))
        return draw(
            desk.frame(visit.path),
            "no_card.html",
            handle=handle,
            title=title,
            lines=[line for line in lines if line],
        )
    wish = Wish(card_ids=visit.every("card"))
    choices = request.choices(wish)
    profile, lang = request.profile, words.lang
    further = [one for one in toggles(request, choices) if one.path is None]
    return draw(
        desk.frame(visit.path),
        "consent.html",
        handle=handle,
        who=words.name(request.party.names),
        task=profile.title[lang],
        why=profile.purpose[lang],
        gain=profile.gain[lang],
        law=profile.legal_basis[lang],
        kept=how_long(words, request, desk.wallet.now()),
        yes_is=[*what_yes_is(words, profile.approval_kind), *may_be_used(words, request)],
        cards=[_card(words, request, choice) for choice in choices],
        further=[(one.names[-1], one.part.type.title[lang]) for one in further],
        chosen=wish.card_ids,
        acting=[("", words.say("acting.holder"))]
        + [(who, words.say(f"acting.{who}")) for who in ACTS_FOR_HOLDER],
        others=_others(words, request, choices),
    )


async def answer(desk: Desk, visit: Visit, handle: str) -> Shown:
    """Show what is ticked, or nothing; without a yes the receiver hears that nothing is shown."""
    words, request = desk.words(), desk.requests[handle]
    if visit.one("answer") != YES:
        del desk.requests[handle]
        await desk.wallet.decline(request)
        desk.said.append(words.say("present.declined"))
        return go("/")
    wish = Wish(card_ids=visit.every("card"))
    kept = set(visit.every("keep"))
    names = [one.names[-1] for one in toggles(request, request.choices(wish))]
    acted_by = visit.one("acted_by")
    wish = Wish(
        tuple(name for name in names if name not in kept),
        wish.card_ids,
        acted_by if acted_by in ACTS_FOR_HOLDER else None,
    )
    # What answers this handle leaves once, whatever becomes of it.
    del desk.requests[handle]
    return go(f"/shown/{desk.shown.put((request, await desk.wallet.share(request, wish)))}")


def shown(desk: Desk, visit: Visit, handle: str) -> Shown:
    """The data have been shown: the code to read out, or where to go on."""
    request, receipt = desk.shown[handle]
    return draw(
        desk.frame(visit.path),
        "shown.html",
        who=desk.words().name(request.party.names),
        code=receipt.confirmation_code or "",
        address=receipt.redirect_uri or "",
    )


def _asked(words: Words, entry: LogEntry) -> list[str]:
    return [
        f"{words.type_title(card.type_id)}: "
        + words.join([words.label_of(card.type_id, name) for name in card.asked])
        for card in entry.cards
    ]


def _card(words: Words, request: OpenRequest, choice: Choice) -> dict[str, object]:
    """One card that would leave, or a part of it."""
    credential_type = choice.part.type
    checked = choice.held.card.checked
    optional = {*choice.optional, *choice.left_out}
    own = [one for one in toggles(request, [choice]) if one.part.query.id == choice.part.query.id]
    return {
        "id": choice.held.card.id,
        "title": credential_type.title[words.lang],
        "suspended": checked is not None and checked.standing is Standing.SUSPENDED,
        "in_part": shows_in_part(choice),
        "rows": [
            _row(words, choice, path) for path in choice.shown_paths() if path not in optional
        ],
        "optional": [
            (one.names[-1], *_row(words, choice, one.path)) for one in own if one.path is not None
        ],
        "stays": words.join([words.label(credential_type, (name,)) for name in staying(choice)]),
        "always": [_row(words, choice, (name,)) for name in always_visible(choice)],
    }


def _row(words: Words, choice: Choice, path: tuple[str | int | None, ...]) -> tuple[str, list[str]]:
    credential_type = choice.part.type
    said = words.value(credential_type, path, shown_value(choice.held, path))
    return words.label(credential_type, path), [said] if isinstance(said, str) else said


def _others(
    words: Words, request: OpenRequest, choices: tuple[Choice, ...]
) -> list[tuple[str, str]]:
    """Other cards that fit where one is chosen, by id and words."""
    chosen = {choice.held.card.id for choice in choices}
    return [
        (held.card.id, _said(words, part, held))
        for part in request.parts
        for held in part.fitting
        if held.card.id not in chosen
    ]


def _said(words: Words, part: Part, held: HeldCard) -> str:
    day = words.date(held.card.received_at)
    title = part.type.title[words.lang]
    return words.say("screen.other_card", title=title, date=day, id=held.card.id)
