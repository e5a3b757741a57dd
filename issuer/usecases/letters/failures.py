"""Why a call about a letter is refused."""

from typing import ClassVar

from keys.checks import CheckFailed

_RULE = "Kykylompakko architecture, the QR codes (letter)"


class LetterNotFound(CheckFailed):
    """There is no such letter."""

    code: ClassVar[str] = "letter_not_found"
    spec: ClassVar[str] = _RULE


class LetterNotOpen(CheckFailed):
    """The letter is locked or has ended: it is not printed, and not withdrawn. Holds its state."""

    code: ClassVar[str] = "letter_not_open"
    spec: ClassVar[str] = _RULE


class LetterClaimsGone(CheckFailed):
    """The earlier letter's claims are erased: a new letter needs them again."""

    code: ClassVar[str] = "letter_claims_gone"
    spec: ClassVar[str] = _RULE


class PinByLetter(CheckFailed):
    """The PIN of a letter never goes by letter: who takes one from the hall takes the other too."""

    code: ClassVar[str] = "pin_by_letter"
    spec: ClassVar[str] = _RULE


class LetterNotSet(CheckFailed):
    """The press could not set the letter as a page."""

    code: ClassVar[str] = "letter_not_set"
    spec: ClassVar[str] = "PDF/UA-1 (ISO 14289-1)"
