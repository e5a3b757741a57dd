"""CBOR from outside: one reading of each text, no tags, no surprises, no work without bound."""

import math
from typing import Any

import cbor2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keys import cbor
from keys.checks import MalformedCbor

# RFC 8949 appendix A, as far as it has a place here.
READ: list[tuple[str, object]] = [
    ("00", 0),
    ("17", 23),
    ("1818", 24),
    ("1903e8", 1000),
    ("1a000f4240", 1_000_000),
    ("1bffffffffffffffff", 2**64 - 1),
    ("3bffffffffffffffff", -(2**64)),
    ("20", -1),
    ("3863", -100),
    ("f93c00", 1.0),
    ("fa47c35000", 100_000.0),
    ("fb3ff199999999999a", 1.1),
    ("f4", False),
    ("f5", True),
    ("f6", None),
    ("40", b""),
    ("4401020304", b"\x01\x02\x03\x04"),
    ("60", ""),
    ("62c3bc", "ü"),
    ("80", []),
    ("8301820203820405", [1, [2, 3], [4, 5]]),
    ("a0", {}),
    ("a201020304", {1: 2, 3: 4}),
    ("a26161016162820203", {"a": 1, "b": [2, 3]}),
    ("a120f6", {-1: None}),
]

REFUSED = {
    "nothing": "",
    "two items": "0000",
    "cut off head": "19",
    "cut off number": "1903",
    "cut off bytes": "4401",
    "cut off array": "8201",
    "cut off map": "a101",
    "number longer than needed": "1817",
    "number longer than needed, two bytes": "190017",
    "number longer than needed, four bytes": "1a0000ffff",
    "number longer than needed, eight bytes": "1b00000000ffffffff",
    "negative number longer than needed": "3800",
    "length longer than needed": "5800",
    "array length longer than needed": "980100",
    "indefinite bytes": "5f4101ff",
    "indefinite text": "7f6161ff",
    "indefinite array": "9f01ff",
    "indefinite map": "bf0101ff",
    "break alone": "ff",
    "reserved": "1c",
    "map key twice": "a201010102",
    "map key as text twice": "a2616101616102",
    "map key bytes": "a1410101",
    "map key array": "a18001",
    "map key boolean": "a1f501",
    "map key float": "a1f93c0001",
    "text that is not UTF-8": "61ff",
    "NaN, half": "f97e00",
    "NaN": "fb7ff8000000000000",
    "infinity, half": "f97c00",
    "infinity, single": "fa7f800000",
    "undefined": "f7",
    "simple value": "f0",
    "simple value of two bytes": "f8ff",
    "simple value, never allowed": "f818",
    "date in words": "c074323031332d30332d32315432303a30343a30305a",
    "date": "c11a514b67b0",
    "bignum": "c249010000000000000000",
    "decimal fraction": "c48221196ab3",
    "pattern": "d8236161",
    "shared value": "d81c80",
    "tag inside": "81c101",
    "tag in a map": "a101c101",
    "bytes of 18 exabytes": "5bffffffffffffffff",
    "array of 18 exa": "9bffffffffffffffff",
    "map of 18 exa": "bbffffffffffffffff",
}


@pytest.mark.parametrize(("text", "value"), READ)
def test_what_is_read(text: str, value: object) -> None:
    read = cbor.loads(bytes.fromhex(text))
    assert read == value
    assert type(read) is type(value)
    if not isinstance(value, float):
        assert cbor.dumps(read).hex() == text


@pytest.mark.parametrize("text", REFUSED.values(), ids=list(REFUSED))
def test_what_is_refused(text: str) -> None:
    with pytest.raises(MalformedCbor):
        cbor.loads(bytes.fromhex(text))


def test_only_the_tag_that_is_expected_is_taken_and_only_around_the_whole() -> None:
    assert cbor.dumps([1], tag=18).hex() == "d28101"
    assert cbor.loads(bytes.fromhex("d28101"), tag=18) == [1]
    for text in ("8101", "d18101", "d2d28101", "d83dd28101", "d8128101", "d281d201", "d2", ""):
        with pytest.raises(MalformedCbor):
            cbor.loads(bytes.fromhex(text), tag=18)
    with pytest.raises(MalformedCbor):
        cbor.loads(bytes.fromhex("d28101"))


def test_a_map_may_be_asked_for() -> None:
    assert cbor.loads_map(b"\xa1\x01\x02") == {1: 2}
    for other in (b"\x80", b"\x01", b"\xf6"):
        with pytest.raises(MalformedCbor):
            cbor.loads_map(other)


@pytest.mark.parametrize("container", [b"\x81", b"\xa1\x00"])
def test_depth_is_bounded(container: bytes) -> None:
    for inside in (b"\x00", b"\x80", b"\xa0"):
        deepest = 3 if inside == b"\x00" else 2
        cbor.loads(container * deepest + inside, max_depth=3)
        with pytest.raises(MalformedCbor):
            cbor.loads(container * (deepest + 1) + inside, max_depth=3)
    with pytest.raises(MalformedCbor):
        cbor.loads(container * 30_000 + b"\x00")


def test_size_and_number_of_items_are_bounded() -> None:
    text = cbor.dumps(b"x" * 100)
    cbor.loads(text, max_bytes=len(text))
    with pytest.raises(MalformedCbor):
        cbor.loads(text, max_bytes=len(text) - 1)
    many = cbor.dumps([0] * (cbor.MAX_ITEMS - 1))
    assert len(cbor.loads(many)) == cbor.MAX_ITEMS - 1  # type: ignore[arg-type]  # it is a list
    with pytest.raises(MalformedCbor):
        cbor.loads(cbor.dumps([0] * cbor.MAX_ITEMS))


LEAVES = (
    st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(max_size=20)
    | st.booleans()
    | st.none()
    | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(-(2**64), 2**64 - 1) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_there_and_back(value: object) -> None:
    assert cbor.loads(cbor.dumps(value)) == value


@given(st.binary(max_size=60))
@example(b"\xc1\xfb\x7f\xef\xff\xff\xff\xff\xff\xff")
@example(b"\xd8\x23\x64((((")
def test_garbage_is_read_in_one_way_or_refused(data: bytes) -> None:
    try:
        value = cbor.loads(data)
    except MalformedCbor:
        return
    assert cbor.loads(cbor.dumps(value)) == value
    if not _holds_float(value):
        assert cbor.dumps(value) == data


@given(VALUES, st.data())
def test_a_changed_text_is_read_or_refused(value: object, data: st.DataObject) -> None:
    text = bytearray(cbor.dumps(value))
    text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = cbor.loads(bytes(text))
    except MalformedCbor:
        return
    assert read == cbor2.loads(bytes(text))


def _holds_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_float, value.values()))
    if isinstance(value, list):
        return any(map(_holds_float, value))
    return isinstance(value, float) and math.isfinite(value)
