"""The code that is typed where no camera is at hand: fourteen signs that tell, and one that checks.

Twenty-three signs, none of which looks or, said in Finnish, sounds like another at a glance: no
0 O 1 I L, no 2 Z or 5 S twice, and no vowel, so that no word can come about. Their number is prime
and larger than the code is long: one wrong sign, or two that changed places, never pass.
"""

import re
from typing import Final

from keys.base64url import b64url_decode

SIGNS: Final = "23456789BCDFGHJKMNPRTWX"
TELLING: Final = 14
"""23 to the 14th: 63 bits."""

_GROUP: Final = 5
_BETWEEN: Final = re.compile(r"[\s\-\u2010-\u2015._]+")
_MISREAD: Final = str.maketrans("SZ", "52")
_FORM: Final = re.compile(f"[{SIGNS}]{{{TELLING + 1}}}")


def make(secret: str) -> str:
    """Return the code that a secret of 32 bytes, as base64url text, stands for."""
    values = drawn(secret, len(SIGNS), TELLING)
    check = -_weighed(values) * pow(TELLING + 1, -1, len(SIGNS)) % len(SIGNS)
    return "".join(SIGNS[value] for value in [*values, check])


def drawn(secret: str, base: int, count: int) -> list[int]:
    """Return `count` numbers below `base` from a secret of 32 bytes, the same each time.

    A 256-bit number is reduced, so every row is as good as equally likely up to 150 bits.
    """
    number = int.from_bytes(b64url_decode(secret)) % base**count
    values = []
    for _ in range(count):
        number, value = divmod(number, base)
        values.append(value)
    return values


def shown(code: str) -> str:
    """Return a code in groups, as it is printed."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def read(typed: str) -> str | None:
    """Return the code that somebody typed, in whatever case and with whatever between its groups.

    None when it is no code: too long or short, a sign that never stands in one, a slip.
    """
    code = _BETWEEN.sub("", typed).upper().translate(_MISREAD)
    if _FORM.fullmatch(code) is None:
        return None
    return None if _weighed([SIGNS.index(sign) for sign in code]) else code


def _weighed(values: list[int]) -> int:
    return sum(place * value for place, value in enumerate(values, 1)) % len(SIGNS)
