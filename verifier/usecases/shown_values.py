"""Shown values between the check and the desk: as JSON, boxed to the creator's key."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import cast

from keys import strict_json
from keys.base64url import b64url_decode
from keys.box import BoxKey, box, unbox
from keys.checks import CheckFailed
from openid4vc.sd_jwt.model import StatusReference
from verifier.model import ShownCard
from verifier.usecases.failures import ResultKeyWrong

_MAX_BYTES = 1_048_576
_MAX_DEPTH = 24
PERSON_CLAIMS = ("given_name", "family_name", "birthdate")


def box_values(cards: Sequence[ShownCard], *, public: bytes, verification_id: str) -> bytes:
    """Return the cards boxed to a public key; the verification's id is bound in."""
    plain = strict_json.dumps({"cards": [_card_json(card) for card in cards]})
    return box(public, plain, info=_bound_to(verification_id))


def open_values(boxed: bytes, *, result_key: str, verification_id: str) -> tuple[ShownCard, ...]:
    """Open boxed cards with the creator's result key.

    Raises:
        ResultKeyWrong: this is no key, or not the key of this verification.
    """
    try:
        key = BoxKey.from_private_bytes(b64url_decode(result_key))
        plain = unbox(key, boxed, info=_bound_to(verification_id))
    except (CheckFailed, ValueError) as failure:
        raise ResultKeyWrong from failure
    held = strict_json.loads_object(plain, max_bytes=_MAX_BYTES, max_depth=_MAX_DEPTH)
    return tuple(_card(card) for card in cast("list[Mapping[str, object]]", held["cards"]))


def only_the_person(cards: Sequence[ShownCard]) -> tuple[ShownCard, ...]:
    """Return the cards cut down to name and birthdate, for comparing the person."""
    return tuple(
        ShownCard(
            query_id=card.query_id,
            type_id=card.type_id,
            vct=card.vct,
            issuer=card.issuer,
            claims={name: card.claims[name] for name in PERSON_CLAIMS if name in card.claims},
            valid_until=card.valid_until,
        )
        for card in cards
    )


def _bound_to(verification_id: str) -> bytes:
    return b"kykylompakko shown values 1\x00" + verification_id.encode("ascii")


def _card_json(card: ShownCard) -> dict[str, object]:
    reference = card.take_in
    return {
        "query": card.query_id,
        "type": card.type_id,
        "vct": card.vct,
        "issuer": card.issuer,
        "claims": dict(card.claims),
        "partial": [list(place) for place in card.partial],
        "valid_until": None if card.valid_until is None else int(card.valid_until.timestamp()),
        "take_in": None if reference is None else [reference.uri, reference.index],
        "issuer_closed_on": None if card.issuer_closed_on is None else str(card.issuer_closed_on),
    }


def _card(data: Mapping[str, object]) -> ShownCard:
    until = data["valid_until"]
    reference = cast("tuple[str, int] | None", data["take_in"])
    closed_on = data["issuer_closed_on"]
    return ShownCard(
        query_id=str(data["query"]),
        type_id=str(data["type"]),
        vct=str(data["vct"]),
        issuer=str(data["issuer"]),
        claims=cast("Mapping[str, object]", data["claims"]),
        partial=tuple(tuple(place) for place in cast("list[list[str | int]]", data["partial"])),
        valid_until=datetime.fromtimestamp(until, UTC) if isinstance(until, int) else None,
        take_in=None if reference is None else StatusReference(*reference),
        issuer_closed_on=None if closed_on is None else date.fromisoformat(str(closed_on)),
    )
