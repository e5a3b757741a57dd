"""The Finnish personal identity code (HETU): form, separators, check character, birthdate.

`DDMMYY` + separator + individual number of three digits + check character. The separator names the
century and tells persons apart (since 2023 several stand for one century): it is never dropped.
"""

import re
from datetime import date
from typing import Final

_CHECK_CHARACTERS: Final = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_CENTURY: Final = {
    "+": 1800,
    **dict.fromkeys("-YXWVU", 1900),
    **dict.fromkeys("ABCDEF", 2000),
}
_FORM: Final = re.compile(
    r"(\d\d)(\d\d)(\d\d)([-+A-FU-Y])(\d{3})([0-9A-FHJ-NPR-Y])", flags=re.ASCII
)
IN_TEXT: Final = re.compile(
    r"(?<!\w)\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y](?!\w)", flags=re.ASCII | re.IGNORECASE
)
"""A personal identity code inside other text."""

_LOWEST_GIVEN: Final = 2
_FIRST_ARTIFICIAL: Final = 900


def fault(code: str, *, birthdate: date | None, allow_real: bool = False) -> str | None:
    """Check a personal identity code.

    Args:
        code: the 11 characters.
        birthdate: the person's birthdate, None when it is not known here.
        allow_real: accept individual numbers 002-899, which are given to real people.

    Returns:
        A problem code of `problems.ADVICE`, or None when the code is sound.
    """
    match = _FORM.fullmatch(code)
    born = None if match is None else _birthdate(*match.group(1, 2, 3, 4))
    if match is None or born is None or int(match[5]) < _LOWEST_GIVEN:
        return "identity_code_form"
    if match[6] != check_character(match[1] + match[2] + match[3] + match[5]):
        return "identity_code_check"
    if int(match[5]) < _FIRST_ARTIFICIAL and not allow_real:
        return "identity_code_real"
    if birthdate is not None and born != birthdate:
        return "identity_code_birthdate"
    return None


def check_character(nine_digits: str) -> str:
    """The check character of `DDMMYYNNN`."""
    return _CHECK_CHARACTERS[int(nine_digits) % len(_CHECK_CHARACTERS)]


def _birthdate(day: str, month: str, year: str, separator: str) -> date | None:
    try:
        return date(_CENTURY[separator] + int(year), int(month), int(day))
    except ValueError:
        return None
