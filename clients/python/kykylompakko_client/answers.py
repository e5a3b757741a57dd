"""What is sent and what comes back, as data. Members that are not known here are ignored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Channel = Literal["screen", "message"]


@dataclass(frozen=True, slots=True)
class OfferWish:
    """A card to be offered.

    Attributes:
        type: the credential type, such as `statement_feedback`.
        claims: the data items, as the type's JSON Schema says. None when they come later, by
            `IssuerClient.give_claims`: until then the wallet that takes the offer waits.
        subject_ref: your own opaque name for the client.
        channel: `screen` for somebody who is there, `message` for a link that is sent.
        pin: whether the offer has a PIN; None leaves it to the channel.
    """

    type: str
    claims: Mapping[str, object] | None = field(repr=False)
    subject_ref: str
    channel: Channel = "screen"
    pin: bool | None = None

    def as_json(self) -> dict[str, object]:
        """Return the body of the call."""
        delivery: dict[str, object] = {"channel": self.channel}
        if self.pin is not None:
            delivery["pin"] = self.pin
        wish: dict[str, object] = {
            "type": self.type,
            "subject_ref": self.subject_ref,
            "delivery": delivery,
        }
        return wish if self.claims is None else {**wish, "claims": dict(self.claims)}


@dataclass(frozen=True, slots=True)
class MadeOffer:
    """A new offer. Give the PIN to the client by another way than the link."""

    offer_id: str
    state: str
    offer_link: str
    offer_link_by_value: str
    expires_at: datetime
    pin: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "MadeOffer":
        """Read one from parsed JSON."""
        return cls(
            offer_id=data["offer_id"],
            state=data["state"],
            offer_link=data["offer_link"],
            offer_link_by_value=data["offer_link_by_value"],
            expires_at=datetime.fromisoformat(data["expires_at"]),
            pin=data.get("pin"),
        )


@dataclass(frozen=True, slots=True)
class Card:
    """A card that was made: `state` is what the public status list says of it.

    Attributes:
        awaits_second_pair: somebody wants it revoked, and another person has to agree.
        taken_in_at: when a receiver marked it as used.
    """

    credential_id: str
    type: str
    offer_id: str
    state: str
    delivery: str
    valid_until: datetime
    awaits_second_pair: bool = False
    taken_in_at: datetime | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Card":
        """Read one from parsed JSON."""
        return cls(
            credential_id=data["credential_id"],
            type=data["type"],
            offer_id=data["offer_id"],
            state=data["state"],
            delivery=data["delivery"],
            valid_until=datetime.fromisoformat(data["valid_until"]),
            awaits_second_pair=bool(data.get("awaits_second_pair", False)),
            taken_in_at=_moment(data.get("taken_in_at")),
        )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class OfferReport:
    """How an offer is doing, and every card made of it, the newest last."""

    offer_id: str
    type: str
    state: str
    expires_at: datetime
    offer_link: str | None
    cards: tuple[Card, ...]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "OfferReport":
        """Read one from parsed JSON."""
        return cls(
            offer_id=data["offer_id"],
            type=data["type"],
            state=data["state"],
            expires_at=datetime.fromisoformat(data["expires_at"]),
            offer_link=data.get("offer_link"),
            cards=tuple(Card.of(one) for one in data["credentials"]),
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in what was sent: where, which kind, and what to do. Never the value.

    Attributes:
        pointer: a JSON Pointer into the body; None for a mistake in the address or headers.
        advice: what to do, in the language that was asked for.
        words: the same in `fi`, `sv` and `en`.
    """

    pointer: str | None
    code: str
    advice: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something was refused. `code` is stable; the sentences are for people."""

    status: int
    code: str
    title: str
    detail: str
    faults: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Problem":
        """Read one from a parsed problem document."""
        return cls(
            status=data["status"],
            code=data["code"],
            title=data["title"],
            detail=data["detail"],
            faults=tuple(
                Fault(one.get("pointer"), one["code"], one["advice"], one["words"])
                for one in data.get("problems", ())
            ),
        )


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of one wish of many: an offer, or the problem that it alone met.

    Attributes:
        index: which of the wishes, from 0.
    """

    index: int
    offer: MadeOffer | None
    problem: Problem | None
