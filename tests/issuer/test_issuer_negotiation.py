"""Which form a caller gets, by the weights that it gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.web.negotiation import preferred_type, takes_gzip

JWT, CWT = "application/statuslist+jwt", "application/statuslist+cwt"


@pytest.mark.req("TSL-13")
@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JWT),
        ("", JWT),
        (" ", JWT),
        ("*/*", JWT),
        ("application/*", JWT),
        (JWT, JWT),
        (CWT, CWT),
        (CWT.upper(), CWT),
        (f"{JWT}, {CWT}", JWT),
        (f"{CWT}, {JWT}", JWT),
        (f"{JWT};q=0.5, {CWT}", CWT),
        (f"{JWT};q=0.5, {CWT};q=0.501", CWT),
        (f"{JWT} ; q=0.5 , {CWT} ; q=0.4", JWT),
        (f"*/*;q=0.1, {CWT};q=0.2", CWT),
        (f"*/*, {CWT};q=0.2", JWT),
        (f"*/*, {JWT};q=0", CWT),
        (f"application/*, {JWT};q=0", CWT),
        (f"{CWT};q=1.000;x=y", CWT),
        (f"{CWT};x=y;q=0.3", CWT),
        (f"text/html, {CWT};q=0.001", CWT),
        ("*/*;q=0", None),
        ("application/*;q=0, */*", None),
        (f"{JWT};q=0", None),
        ("text/html, text/*", None),
        ("application/jwt", None),
        ("statuslist+jwt", None),
        (",,;q=1,", None),
        *(
            (f"{CWT};q={q}", None)
            for q in ("2", "-1", "1.1", "0.0001", "nan", "", "inf", "1e0", "\u0661")
        ),
    ],
)
def test_the_media_type(accept: str | None, expected: str | None) -> None:
    assert preferred_type(accept, (JWT, CWT)) == expected


@pytest.mark.req("TSL-13")
@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        ("", False),
        ("identity", False),
        ("br", False),
        ("gzip", True),
        ("GZIP", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*, gzip;q=0", False),
        ("*;q=0", False),
        ("gzip;q=x", False),
    ],
)
def test_gzip(accept_encoding: str, expected: bool) -> None:
    assert takes_gzip(accept_encoding) is expected


@given(st.text(max_size=80) | st.text('/*;,=q01. "', max_size=40))
def test_any_header_gets_an_answer(header: str) -> None:
    assert preferred_type(header, (JWT, CWT)) in {JWT, CWT, None}
    assert takes_gzip(header) in {True, False}
