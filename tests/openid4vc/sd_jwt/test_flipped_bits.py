"""No bit of a presentation can be turned: neither of its text nor of what its parts say.

All bits of three presentations are for the whole run; a sample of them is for the inner loop.
"""

from collections.abc import Iterator
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

import pytest

from keys.checks import CheckFailed
from keys.jose import b64url_encode
from openid4vc.sd_jwt.model import WantedPath
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from openid4vc.sd_jwt.verify import Expected, IssuersOnTrustList, verify
from tests.openid4vc.sd_jwt.kit import AT, bound, content, credential, expected_binding, pki

BASE64URL = ascii_uppercase + ascii_lowercase + digits + "-_"
FLAT = frozenset({"task_restrictions", "work_ability"})
EVERY_SO_OFTEN = 131
"""No multiple of eight, so that a sample takes all bits of a byte in turn."""


def presented(*wanted: WantedPath, **more: Any) -> str:
    return bound(select(parse(credential(**more)), wanted))


SAMPLES = {
    "flat": presented(("given_name",), ("task_restrictions",), whole=FLAT, status=None),
    "recursive": presented(
        ("task_restrictions", 1), ("work_ability", "own_work"), ("birthdate",), status=None
    ),
    "with status": presented(*((name,) for name in content().claims if name != "birthdate")),
}
WITH_STATUS = Expected(
    issuer=IssuersOnTrustList(pki().trust_list),
    at=AT,
    key_binding=expected_binding(),
    require_status=True,
)
WITHOUT_STATUS = Expected(
    issuer=IssuersOnTrustList(pki().trust_list), at=AT, key_binding=expected_binding()
)


def accepted(name: str, text: str) -> bool:
    try:
        verify(text, WITH_STATUS if name == "with status" else WITHOUT_STATUS)
    except CheckFailed:
        return False
    return True


def flipped(data: bytes, bit: int) -> bytes:
    turned = bytearray(data)
    turned[bit // 8] ^= 1 << bit % 8
    return bytes(turned)


def turned_texts(text: str, step: int) -> Iterator[tuple[int, str]]:
    """The text with one bit of one of its bytes turned."""
    data = text.encode("ascii")
    for bit in range(0, 8 * len(data), step):
        yield bit, flipped(data, bit).decode("latin-1")


def parts_of(text: str) -> list[tuple[int, int]]:
    """Where the base64url parts begin and end: headers, payloads, signatures, disclosures."""
    parts, begin = [], 0
    for place, character in enumerate(text + "~"):
        if character in ".~":
            parts.append((begin, place))
            begin = place + 1
    return parts


def turned_contents(text: str, step: int) -> Iterator[tuple[int, str]]:
    """The text with one bit turned of what one of its parts says."""
    number = 0
    for begin, end in parts_of(text):
        said = decoded(text[begin:end])
        for bit in range(8 * len(said)):
            number += 1
            if number % step == 0:
                yield number, text[:begin] + b64url_encode(flipped(said, bit)) + text[end:]


def decoded(part: str) -> bytes:
    """What base64url says, read without any of the rules that a strict reader has."""
    bits = "".join(f"{BASE64URL.index(character):06b}" for character in part)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - len(bits) % 8, 8))


def same_contents(text: str) -> Iterator[str]:
    """The text with another last character of one part that says the same bytes."""
    for begin, end in parts_of(text):
        for character in BASE64URL:
            other = text[begin : end - 1] + character
            if character != text[end - 1] and decoded(other) == decoded(text[begin:end]):
                yield text[:begin] + other + text[end:]


def every_other_text(name: str, step: int) -> list[tuple[str, int]]:
    """Turn bits of a sample; return those that did no harm."""
    text = SAMPLES[name]
    assert accepted(name, text)
    ways = {"text": turned_texts(text, step), "contents": turned_contents(text, step)}
    return [
        (way, bit) for way, others in ways.items() for bit, other in others if accepted(name, other)
    ]


def test_the_samples_are_of_three_kinds() -> None:
    read = {name: verify(text, WITHOUT_STATUS) for name, text in SAMPLES.items()}
    assert {len(place) for place in read["flat"].disclosed} == {1}
    assert {("task_restrictions", 0), ("work_ability", "own_work")} < read["recursive"].disclosed
    assert ("task_restrictions",) in read["recursive"].partial_arrays
    assert read["with status"].status is not None
    assert len(read["with status"].disclosed) > 6
    assert read["flat"].status is read["recursive"].status is None


@pytest.mark.slow
@pytest.mark.req("SDJWT-11", "SDJWT-13", "SDJWT-21")
@pytest.mark.parametrize("name", SAMPLES)
def test_no_turned_bit_is_accepted(name: str) -> None:
    assert every_other_text(name, step=1) == []


@pytest.mark.req("SDJWT-11", "SDJWT-13", "SDJWT-21")
@pytest.mark.parametrize("name", SAMPLES)
def test_of_a_sample_of_the_bits_none_is_accepted_turned(name: str) -> None:
    assert every_other_text(name, step=EVERY_SO_OFTEN) == []


@pytest.mark.req("SDJWT-11", "SDJWT-13")
@pytest.mark.parametrize("name", SAMPLES)
def test_another_writing_of_the_same_bytes_is_not_accepted(name: str) -> None:
    """A last character with other spare bits leaves every byte as it is (RFC 4648 3.5)."""
    others = list(same_contents(SAMPLES[name]))
    assert len(others) >= 2 * 15, "a signature's last character has four spare bits"
    assert [other for other in others if accepted(name, other)] == []
