"""The pages of a code that was read: an offer with its PIN and card, or the way to a request."""

from keys.checks import CheckFailed
from wallet_sim import pages
from wallet_sim.errors import sentence
from wallet_sim.failures import LinkIsAnOffer
from wallet_sim.flow_failures import CardComesLater, PinMalformed, PinMissing, PinNotAccepted
from wallet_sim.links import require_request
from wallet_sim.model import Kind
from wallet_sim.screens.cards import rows_of
from wallet_sim.screens.consent import open_request
from wallet_sim.screens.desk import Desk
from wallet_sim.screens.page import Shown, Visit, draw, go

WRONG_PIN = (PinMissing, PinMalformed, PinNotAccepted)


def ask_code(desk: Desk, visit: Visit, fault: str = "") -> Shown:
    """Where a link is put in."""
    return draw(
        desk.frame("/read", "read"),
        "read.html",
        fault=fault,
        link=visit.one("code") if fault else "",
    )


async def read_code(desk: Desk, visit: Visit) -> Shown:
    """Follow a link: to an offer, or to a request; what is neither is asked for again."""
    link = visit.one("code").strip()
    try:
        require_request(link)
    except LinkIsAnOffer:
        handle = desk.offers.put(await desk.wallet.open_offer(link))
        return go(f"/offer/{handle}")
    except CheckFailed as failure:
        return ask_code(desk, visit, sentence(desk.words(), failure.code))
    return await open_request(desk, link)


def offer(desk: Desk, visit: Visit, handle: str, fault: str = "") -> Shown:
    """Who offers what; the PIN is asked for here."""
    words, found = desk.words(), desk.offers[handle]
    title, *lines = pages.offer_page(words, found)
    asks_pin = found.pin is not None and not desk.wallet.has_unfinished(found)
    return draw(
        desk.frame(visit.path, "read"),
        "offer.html",
        title=title,
        lines=[line.strip() for line in lines],
        handle=handle,
        asks_pin=asks_pin,
        fault=fault,
    )


async def fetch(desk: Desk, visit: Visit, handle: str) -> Shown:
    """Fetch the card, or leave the offer alone."""
    found = desk.offers[handle]
    if visit.one("answer") != "yes":
        del desk.offers[handle]
        desk.wallet.leave_offer(found)
        desk.said.append(desk.words().say("offer.not_fetched"))
        return go("/")
    try:
        fetched = await desk.wallet.fetch(found, visit.one("pin").strip() or None)
    except WRONG_PIN as wrong:
        return offer(desk, visit, handle, sentence(desk.words(), wrong.code, Kind.RECEIVE))
    except CardComesLater as later:
        del desk.offers[handle]
        desk.said.append(sentence(desk.words(), later.code, Kind.RECEIVE))
        return go("/")
    del desk.offers[handle]
    return go(f"/fetched/{desk.fetched.put(fetched)}")


async def fetch_later(desk: Desk, visit: Visit) -> Shown:
    """Ask for the cards that come later, until one is there; one that fails stops no other."""
    del visit
    words = desk.words()
    for pending in desk.wallet.waiting.all():
        title = words.type_title(pending.type_id)
        try:
            fetched = await desk.wallet.waiting.ask(pending)
        except CheckFailed as failure:
            desk.said.append(f"{title}: {sentence(words, failure.code, Kind.RECEIVE)}")
            continue
        if fetched is not None:
            return go(f"/fetched/{desk.fetched.put(fetched)}")
        desk.said.append(words.say("later.not_yet", title=title))
    return go("/")


def preview(desk: Desk, visit: Visit, handle: str) -> Shown:
    """The verified card before it is stored."""
    words = desk.words()
    return draw(
        desk.frame(visit.path, "read"),
        "fetched.html",
        handle=handle,
        cards=[
            {
                "genuine": words.say("issued.genuine", name=words.name(one.issued.issuer.names)),
                "title": one.issued.type.title[words.lang],
                "rows": rows_of(words, one.issued.type, one.issued.claims),
                "notices": [line for line in pages.notices(words, one.issued.claims) if line],
            }
            for one in desk.fetched[handle].cards
        ],
    )


async def keep(desk: Desk, visit: Visit, handle: str) -> Shown:
    """Store the card, or not."""
    fetched, words = desk.fetched.pop(handle), desk.words()
    if visit.one("answer") != "yes":
        await desk.wallet.refuse(fetched)
        desk.said.append(words.say("issued.not_kept"))
        return go("/")
    for card in await desk.wallet.keep(fetched):
        desk.said.append(words.say("issued.kept", id=card.id))
    return go("/")
