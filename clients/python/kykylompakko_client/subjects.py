"""What is done about a client, by your own opaque name for them (`subject_ref`)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kykylompakko_client.answers import Card, MadeOffer, OfferWish
from kykylompakko_client.calls import Calls, read


@dataclass(frozen=True, slots=True)
class LostPhone:
    """What stopped counting, by ids, and the new offers in the order of the wishes.

    Attributes:
        out_of_scope: how many live things stayed as they were, as your access is not for them.
    """

    revoked: tuple[str, ...]
    withdrawn: tuple[str, ...]
    out_of_scope: int
    offers: tuple[MadeOffer, ...]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "LostPhone":
        """Read one from parsed JSON."""
        return cls(
            revoked=tuple(data["revoked"]),
            withdrawn=tuple(data["withdrawn"]),
            out_of_scope=data["out_of_scope"],
            offers=tuple(MadeOffer.of(one) for one in data["offers"]),
        )


@dataclass(frozen=True, slots=True)
class Erased:
    """That a client's data went, under which id the issuer's audit record knows it, what stays.

    Attributes:
        kept: what stays and why, a sentence for each.
    """

    erasure_id: str
    revoked: int
    kept: Mapping[str, str]
    out_of_scope: int

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Erased":
        """Read one from parsed JSON."""
        return cls(
            erasure_id=data["erasure_id"],
            revoked=data["revoked"],
            kept={one["what"]: one["why"] for one in data["kept"]},
            out_of_scope=data["out_of_scope"],
        )


class Subjects:
    """The calls about a client. Raise and repeat as those of `IssuerClient`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def lost_phone(
        self, subject_ref: str, again: Sequence[OfferWish] = (), *, key: str | None = None
    ) -> LostPhone:
        """Revoke what is on a lost phone, take back what is open, and offer cards anew.

        Args:
            subject_ref: whose phone.
            again: what to offer anew; their own `subject_ref` counts for nothing.
            key: your own name for this call.
        """
        wishes = [
            {name: value for name, value in wish.as_json().items() if name != "subject_ref"}
            for wish in again
        ]
        body = {"subject_ref": subject_ref, "again": wishes}
        return read(LostPhone.of, self._calls.keyed("POST", "/subjects/lost-phone", body, key=key))

    def renew(self, credential_id: str, wish: OfferWish, *, key: str | None = None) -> MadeOffer:
        """Offer a card in the place of one; that one is revoked when the new one arrives."""
        body = {name: value for name, value in wish.as_json().items() if name != "type"}
        body["credential_id"] = credential_id
        return read(MadeOffer.of, self._calls.keyed("POST", "/subjects/renew", body, key=key))

    def erase(self, subject_ref: str, *, revoke_cards: bool = False) -> Erased:
        """Erase what is kept of a client; not repeated when the connection breaks."""
        body = {"subject_ref": subject_ref, "revoke_cards": revoke_cards}
        return read(Erased.of, self._calls.once("POST", "/subjects/erase", body))

    def expiring(self, *, days: int = 30) -> Iterator[Card]:
        """Yield the valid cards of your organisation that end within so many days."""
        place = f"/credentials/expiring?days={days}"
        following: str | None = place
        while following is not None:
            cards, last = read(_page, self._calls.safely("GET", following))
            yield from cards
            following = None if last is None else f"{place}&after={last}"


def _page(data: Mapping[str, Any]) -> tuple[list[Card], str | None]:
    return [Card.of(one) for one in data["credentials"]], data["next"]
