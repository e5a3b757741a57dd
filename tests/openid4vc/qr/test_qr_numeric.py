"""Bytes as digits: exact, one form each, as dense as they can be."""

from itertools import pairwise
from math import ceil, log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openid4vc.qr.errors import DigitsMalformed
from openid4vc.qr.numeric import BLOCK_BYTES, BLOCK_DIGITS, bytes_of, digit_count, digits_of


@given(st.binary(max_size=200))
def test_every_byte_string_comes_back(data: bytes) -> None:
    digits = digits_of(data)
    assert digits.isdecimal() or not data
    assert len(digits) == digit_count(len(data))
    assert bytes_of(digits) == data


@given(st.text(alphabet="0123456789", max_size=120))
def test_digits_that_are_read_are_the_only_form_of_their_bytes(digits: str) -> None:
    try:
        data = bytes_of(digits)
    except DigitsMalformed:
        return
    assert digits_of(data) == digits


@given(st.text(max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        bytes_of(text)
    except DigitsMalformed:
        return
    assert text.isdecimal() or not text


def test_the_largest_and_smallest_blocks() -> None:
    assert digits_of(bytes(BLOCK_BYTES)) == "0" * BLOCK_DIGITS
    assert bytes_of(digits_of(b"\xff" * BLOCK_BYTES)) == b"\xff" * BLOCK_BYTES
    assert digits_of(b"\xff") == "255"


@pytest.mark.parametrize("digits", ["1", "12", "256", "9" * 53, "1234", "12a", "¹²³", "١٢٣"])
def test_what_stands_for_no_bytes_is_refused(digits: str) -> None:
    with pytest.raises(DigitsMalformed):
        bytes_of(digits)


def test_the_density_is_what_is_claimed() -> None:
    # A block's digits can say just what its bytes can say, and one digit less could not.
    for count in range(1, BLOCK_BYTES + 1):
        assert 10 ** digit_count(count) >= 256**count > 10 ** (digit_count(count) - 1)
    # Any length: at most 0.04 % and one digit above what any code needs.
    for count in range(1, 20_000):
        assert digit_count(count) <= 1.0004 * count * log10(256) + 1
    # A QR code spends 10 bits on 3 digits, so 8 bits cost 8.03.
    assert BLOCK_DIGITS * 10 / 3 / BLOCK_BYTES < 8.031


def test_more_bytes_are_never_fewer_digits() -> None:
    lengths = [digit_count(count) for count in range(500)]
    assert all(less < more for less, more in pairwise(lengths))
    assert lengths[:5] == [0, *(ceil(count * log10(256)) for count in range(1, 5))]
