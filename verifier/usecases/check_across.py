"""Check 9: cards shown together are one person's."""

import unicodedata
from collections.abc import Mapping, Sequence

from verifier.usecases.failures import IdentityCodesConflict, NamesDiffer
from verifier.usecases.shown_values import PERSON_CLAIMS

_IDENTITY_CODE = "personal_administrative_number"


def check_same_person(cards: Sequence[Mapping[str, object]]) -> None:
    """Check that the cards of one response carry one person's data. One card always does.

    Names are compared without regard to case and spacing, birthdates exactly. Cards that do not
    show who they are about are not joined to others.

    Args:
        cards: the disclosed claims of each card.

    Raises:
        IdentityCodesConflict: two different personal identity codes.
        NamesDiffer: different or missing names or birthdates.
    """
    if len(cards) == 1:
        return
    codes = {str(card[_IDENTITY_CODE]).strip() for card in cards if _IDENTITY_CODE in card}
    if len(codes) > 1:
        raise IdentityCodesConflict
    if len({_person(card) for card in cards}) > 1:
        raise NamesDiffer


def _person(card: Mapping[str, object]) -> tuple[str, ...]:
    if any(name not in card for name in PERSON_CLAIMS):
        raise NamesDiffer("a card does not show who it is about")
    return tuple(_plain(str(card[name])) for name in PERSON_CLAIMS)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
