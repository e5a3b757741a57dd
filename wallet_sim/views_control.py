"""What ``--json`` prints about showings, deeds and the inbox; times in ISO 8601 UTC.

- permission: ``id``, ``at``, ``receiver``, ``state`` (``active``, ``ended``, ``withdrawn``),
  ``ends_on`` or null, ``approval_kind`` or null, ``retention`` or null, ``kept_until`` or null,
  ``purpose`` or null, ``shown`` [``type.claim``], ``receipt`` null or {``card``, ``surplus``,
  ``on_behalf``}, ``deeds`` [{``kind``, ``told``, ``at``, ``reason``}].
- inbox item: ``matter``, ``message``, ``card`` or null, ``entry`` or null, ``on`` or null, ``link``
  null or {``text``, ``address``}.
"""

from collections.abc import Sequence

from wallet_sim.deeds import Deed
from wallet_sim.inbox import Item
from wallet_sim.pages_control import item_said, receiver
from wallet_sim.permissions import Permission, active
from wallet_sim.standing import Asked
from wallet_sim.views import View, time_text
from wallet_sim.words import Words


def permissions_view(words: Words, found: Sequence[Permission]) -> View:
    """Every showing, and how many of them count."""
    return {
        "active": len(active(found)),
        "permissions": [_permission(words, one) for one in found],
    }


def deed_view(deed: Deed | None) -> View:
    """What became of a deed; ``not_done`` when the person did not want it."""
    if deed is None:
        return {"outcome": "not_done"}
    return {"outcome": deed.told.value, **_deed(deed)}


def inbox_view(words: Words, items: Sequence[Item], asked: Asked | None) -> View:
    """What awaits the person."""
    return {
        "items": [_item(words, item) for item in items],
        "checked": sorted(asked.checked) if asked else [],
        "unknown": sorted(asked.unknown) if asked else [],
    }


def _permission(words: Words, one: Permission) -> View:
    terms, receipt = one.terms, one.receipt
    return {
        "id": one.id,
        "at": time_text(one.at),
        "receiver": receiver(words, one),
        "state": one.state.value,
        "ends_on": one.ends_on.isoformat() if one.ends_on else None,
        "approval_kind": terms.approval.value if terms else None,
        "retention": terms.retention if terms else None,
        "kept_until": terms.kept_until.isoformat() if terms and terms.kept_until else None,
        "purpose": terms.purpose.get(words.lang) if terms else None,
        "shown": [f"{card.type_id}.{name}" for card in one.cards for name in card.shown],
        "receipt": None
        if receipt is None
        else {
            "card": receipt.held.card.id,
            "surplus": list(one.surplus()),
            "on_behalf": receipt.on_behalf,
        },
        "deeds": [_deed(deed) for deed in one.entry.deeds] if one.entry else [],
    }


def _deed(deed: Deed) -> View:
    return {
        "kind": deed.kind.value,
        "told": deed.told.value,
        "at": time_text(deed.at),
        "reason": deed.reason.value if deed.reason else None,
    }


def _item(words: Words, item: Item) -> View:
    link = item.step.link if item.step else None
    return {
        "matter": item.matter.value,
        "message": item_said(words, item),
        "card": item.card.id if item.card else None,
        "entry": item.entry.id if item.entry else None,
        "on": item.on.isoformat() if item.on else None,
        "link": None if link is None else {"text": link.text[words.lang], "address": link.address},
    }
