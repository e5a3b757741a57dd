"""The personal identity code, against codes published by the register authority (DVV)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credential_schemas import hetu

PUBLISHED = {
    "010594Y9032": date(1994, 5, 1),
    "010594Y9021": date(1994, 5, 1),
    "020594X903P": date(1994, 5, 2),
    "020594X902N": date(1994, 5, 2),
    "030594W903B": date(1994, 5, 3),
    "030694W9024": date(1994, 6, 3),
    "040594V9030": date(1994, 5, 4),
    "040594V902Y": date(1994, 5, 4),
    "050594U903M": date(1994, 5, 5),
    "050594U902L": date(1994, 5, 5),
    "010516B903X": date(2016, 5, 1),
    "010516B902W": date(2016, 5, 1),
    "020516C903K": date(2016, 5, 2),
    "020516C902J": date(2016, 5, 2),
    "030516D9037": date(2016, 5, 3),
    "030516D9026": date(2016, 5, 3),
    "010501E9032": date(2001, 5, 1),
    "020502E902X": date(2002, 5, 2),
    "020503F9037": date(2003, 5, 2),
    "020504A902E": date(2004, 5, 2),
    "020504B904H": date(2004, 5, 2),
}


@pytest.mark.parametrize(("code", "born"), PUBLISHED.items())
def test_published_code_is_sound_and_tells_the_birthdate(code, born):
    assert hetu.fault(code, birthdate=born) is None
    assert hetu.fault(code, birthdate=None) is None


@pytest.mark.parametrize("code", PUBLISHED)
def test_another_birthdate_is_noticed(code):
    assert hetu.fault(code, birthdate=date(1990, 1, 1)) == "identity_code_birthdate"


def test_separator_carries_the_century():
    assert hetu.fault("020504B904H", birthdate=date(1904, 5, 2)) == "identity_code_birthdate"
    assert hetu.fault("010594+9032", birthdate=date(1894, 5, 1)) is None


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("", "identity_code_form"),
        ("0105949032", "identity_code_form"),  # no separator
        ("010594Z9032", "identity_code_form"),
        ("010594y9032", "identity_code_form"),
        ("010594Y903G", "identity_code_form"),  # G is never a check character
        ("300294Y9032", "identity_code_form"),  # no such day
        ("010594Y0012", "identity_code_form"),  # individual numbers start at 002
        ("010594Y9032 ", "identity_code_form"),
        ("\u0660\u0661\u0660\u0665\u0669\u0664Y9032", "identity_code_form"),  # other digits
        ("010594Y9033", "identity_code_check"),
        ("120488A002R", "identity_code_real"),  # nobody is born in 2088 yet
    ],
)
def test_faults(code, problem):
    assert hetu.fault(code, birthdate=None) == problem


def test_real_number_needs_leave():
    assert hetu.fault("120488A002R", birthdate=date(2088, 4, 12), allow_real=True) is None


@given(st.text())
def test_any_text_is_judged(text):
    assert hetu.fault(text, birthdate=None) in {
        None,
        "identity_code_form",
        "identity_code_check",
        "identity_code_real",
    }
