"""The code that is typed where no camera is at hand."""

import hashlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.usecases.letters import typed_code
from keys.base64url import b64url_encode

SECRETS = st.binary(min_size=32, max_size=32).map(b64url_encode)
SOME = typed_code.make(b64url_encode(hashlib.sha256(b"some").digest()))


def test_it_is_long_enough_and_has_no_sign_that_looks_like_another() -> None:
    assert math.log2(len(typed_code.SIGNS)) * typed_code.TELLING >= 60
    assert len(set(typed_code.SIGNS)) == len(typed_code.SIGNS)
    for alike in ("0OQD", "1ILJ", "2Z", "5S", "UV", "AEIOUY01"):
        assert len(set(alike) & set(typed_code.SIGNS)) <= 1, alike


@given(SECRETS)
def test_what_is_made_can_be_typed_in_any_case_with_anything_between(secret: str) -> None:
    code = typed_code.make(secret)
    shown = typed_code.shown(code)

    assert [len(group) for group in shown.split("-")] == [5, 5, 5]
    for typed in (code, shown, shown.lower(), f" {shown.replace('-', ' ')} ", ".".join(code)):
        assert typed_code.read(typed) == code
    assert typed_code.read(shown.replace("5", "S").replace("2", "z")) == code


@given(SECRETS, st.integers(0, 14), st.sampled_from(typed_code.SIGNS))
def test_one_wrong_sign_never_passes(secret: str, place: int, sign: str) -> None:
    code = typed_code.make(secret)
    typed = code[:place] + sign + code[place + 1 :]
    assert typed_code.read(typed) == (code if typed == code else None)


@given(SECRETS, st.integers(0, 14), st.integers(0, 14))
def test_two_signs_that_changed_places_never_pass(secret: str, one: int, other: int) -> None:
    code = typed_code.make(secret)
    typed = list(code)
    typed[one], typed[other] = typed[other], typed[one]
    assert typed_code.read("".join(typed)) == (code if "".join(typed) == code else None)


@pytest.mark.parametrize("typed", ["", SOME[:-1], SOME + "2", SOME.replace(SOME[0], "A"), "ä" * 15])
def test_what_has_not_the_form_of_a_code_is_none(typed: str) -> None:
    assert typed_code.read(typed) is None


@given(st.text(max_size=60))
def test_anything_typed_is_a_code_or_none(typed: str) -> None:
    read = typed_code.read(typed)
    assert read is None or typed_code.read(read) == read
