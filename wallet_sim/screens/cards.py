"""The pages of cards: all of them with what awaits the person, one of them, deleting one."""

from collections.abc import Mapping
from datetime import datetime

from credential_schemas.model import CredentialType
from wallet_sim import pages, pages_control
from wallet_sim.held import HeldCard
from wallet_sim.inbox import Item, Matter, step_of
from wallet_sim.issued_card import WRITTEN_BY_ISSUERS
from wallet_sim.model import Card, Standing
from wallet_sim.receipts import read_receipts
from wallet_sim.screens.desk import Desk
from wallet_sim.screens.page import Shown, Visit, draw, go
from wallet_sim.situation import situation
from wallet_sim.words import Words


def home(desk: Desk, visit: Visit) -> Shown:
    """All cards, newest first; above them what awaits the person."""
    words, now = desk.words(), desk.wallet.now()
    items = desk.control.inbox()
    cards = sorted(desk.wallet.cards(), key=lambda one: one.received_at, reverse=True)
    return draw(
        desk.frame(visit.path, "cards"),
        "cards.html",
        items=[_item(words, item) for item in items],
        count=words.say("inbox.count", n=len(items)) if items else "",
        permissions=pages_control.count_said(words, desk.control.permissions()),
        comes_later=any(item.matter is Matter.COMES_LATER for item in items),
        cards=[
            {
                **_card(words, card, pages.state_line(words, card, now), now),
                "about": _about(words, desk.wallet.card(card.id)),
            }
            for card in cards
        ],
    )


def together(desk: Desk, visit: Visit) -> Shown:
    """The cards in force on one page, for the client's own eyes."""
    words, now = desk.words(), desk.wallet.now()
    held = [desk.wallet.card(card.id) for card in desk.wallet.cards()]
    found = situation(held, catalogue=words.catalogue, at=now)
    return draw(
        desk.frame(visit.path, "cards"),
        "situation.html",
        cards=[
            {
                **_card(words, one.held.card, pages.state_line(words, one.held.card, now), now),
                "rows": rows_of(
                    words, one.type, {name: one.held.claims[name] for name in one.names}
                ),
            }
            for one in found.told
        ],
        coming=[
            (words.day(one.day), words.label(one.type, one.path), one.of or "")
            for one in found.coming
        ],
    )


async def check(desk: Desk, visit: Visit) -> Shown:
    """Ask the issuers how the cards stand."""
    del visit
    asked = await desk.control.ask_issuers()
    words = desk.words()
    if asked.checked:
        desk.said.append(words.say("inbox.asked"))
    if asked.unknown:
        titles = [words.type_title(desk.wallet.card(one).card.type_id) for one in asked.unknown]
        desk.said.append(words.say("inbox.not_asked", names=words.join(titles)))
    return go("/")


def card(desk: Desk, visit: Visit, card_id: str) -> Shown:
    """One card with its content; raises ``CardNotFound``."""
    words, held, now = desk.words(), desk.wallet.card(card_id), desk.wallet.now()
    claims = {name: value for name, value in held.claims.items() if name not in WRITTEN_BY_ISSUERS}
    known = words.catalogue.types.get(held.card.type_id)
    return draw(
        desk.frame(visit.path, "cards"),
        "card.html",
        card=_card(words, held.card, pages.state_line(words, held.card, now), now),
        received=words.say("card.received", date=words.date(held.card.received_at)),
        rows=rows_of(words, known, claims) if known else [],
        notices=[line for line in pages.notices(words, claims) if line],
        step=_step(words, held),
    )


def ask_forget(desk: Desk, visit: Visit, card_id: str) -> Shown:
    """What deleting a card does, before it is done."""
    words, found = desk.words(), desk.wallet.card(card_id).card
    title, *means = pages.forget_page(words, found)
    return draw(
        desk.frame(visit.path, "cards"),
        "confirm.html",
        title=words.say("screen.forget_title"),
        lines=[title, *means],
        action=f"/card/{found.id}/forget",
        button=words.say("screen.forget"),
        back=f"/card/{found.id}",
        choices=[],
    )


def forget(desk: Desk, visit: Visit, card_id: str) -> Shown:
    """Delete a card."""
    del visit
    desk.wallet.forget(card_id)
    desk.said.append(desk.words().say("forget.done"))
    return go("/")


def rows_of(
    words: Words, credential_type: CredentialType, claims: Mapping[str, object]
) -> list[tuple[str, list[str]]]:
    """The claims as pairs of a label and one or several sayings, in the order of the type."""
    rows = []
    for name in credential_type.claims:
        if name in claims:
            said = words.value(credential_type, (name,), claims[name])
            rows.append(
                (words.label(credential_type, (name,)), [said] if isinstance(said, str) else said)
            )
    return rows


def _card(words: Words, one: Card, state: str, now: datetime) -> dict[str, object]:
    standing = one.checked.standing if one.checked else Standing.VALID
    over = one.expires_at is not None and one.expires_at <= now
    mark = {Standing.REVOKED: "stop", Standing.SUSPENDED: "unsure"}.get(standing, "ok")
    return {
        "id": one.id,
        "title": words.type_title(one.type_id),
        "issuer": words.name(one.issuer_names),
        "state": state,
        "mark": "none" if over else mark,
    }


def _about(words: Words, held: HeldCard) -> str:
    """Of a receipt, whom it is about and when: receipts look alike."""
    for receipt in read_receipts([held]):
        date = words.date(receipt.shown_at)
        return words.say("screen.receipt_about", name=receipt.receiver, date=date)
    return ""


def _step(words: Words, held: HeldCard) -> dict[str, str] | None:
    step = step_of(held)
    if step is None:
        return None
    link = step.link
    return {
        "says": step.says[words.lang],
        "text": link.text[words.lang] if link else "",
        "address": link.address if link else "",
    }


def _item(words: Words, item: Item) -> dict[str, object]:
    """One thing that awaits, with at most one link to go on by."""
    says = [pages_control.item_said(words, item)]
    if item.newer is not None and item.matter is not Matter.REPLACED:
        says.append(words.say("inbox.newer"))
    text, address = _link(words, item)
    return {"says": " ".join(says), "text": text, "address": address}


def _link(words: Words, item: Item) -> tuple[str, str]:
    if item.step is not None and item.step.link is not None:
        return item.step.link.text[words.lang], item.step.link.address
    if item.entry is not None and item.deed is not None:
        verb = {"withdrawal": "withdraw", "erasure": "erase"}.get(item.deed.kind, "report")
        return words.say("screen.try_again"), f"/showings/{item.entry.id}/{verb}"
    if item.card is not None:
        return words.say("screen.open_card"), f"/card/{item.card.id}"
    return ("", "") if item.type_id else (words.say("screen.read"), "/read")
