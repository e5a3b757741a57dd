"""JSON from outside: what is taken, what is refused, and that nothing else happens."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import strict_json
from keys.checks import MalformedJson

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


@given(VALUES)
def test_what_we_write_we_read(value: object) -> None:
    assert strict_json.loads(strict_json.dumps(value), max_depth=64) == value


@pytest.mark.parametrize("offset", range(8))
def test_a_number_may_have_forty_digits_wherever_it_stands(offset: int) -> None:
    before, number = b'["' + b"x" * offset + b'",', b"1" * 40
    read = strict_json.loads(before + number + b"]")
    assert isinstance(read, list)
    assert read[1] == int(number)
    for much in (b"1", b"1 "):
        with pytest.raises(MalformedJson):
            strict_json.loads(before + number + much + b"]")


@pytest.mark.parametrize("written", ["{}", " {}", "[{}]", "[ {}]"])
def test_a_sign_is_no_digit(written: str) -> None:
    assert str(-(10**39)) in str(strict_json.loads(written.format(-(10**39))))
    with pytest.raises(MalformedJson):
        strict_json.loads(written.format(-(10**40)))


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_input_is_read_or_refused(data: str | bytes) -> None:
    try:
        value = strict_json.loads(data)
    except MalformedJson:
        return
    assert value == json.loads(data)


@pytest.mark.parametrize(
    "data",
    [
        '{"a":1,"a":2}',
        '{"a":{"b":1,"b":1}}',
        '{"\\u0061":1,"a":2}',
        "NaN",
        "[Infinity]",
        "[-Infinity]",
        "1e999",
        "[1" + "0" * 50 + "]",
        "[ 1" + "0" * 50 + "]",
        "1." + "0" * 50,
        '"\\ud800"',
        '{"\\udfff":1}',
        "\ud800",
        '"\ud800"',
        b'"\xff"',
        b'\xef\xbb\xbf{"a":1}',
        '\ufeff{"a":1}',
        "{'a':1}",
        '{"a":1,}',
        '{"a":1} x',
        "[1]//",
        "",
        "\x00",
        "01",
        '"\n"',
    ],
)
def test_refused(data: str | bytes) -> None:
    with pytest.raises(MalformedJson):
        strict_json.loads(data)


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_depth(opening: str) -> None:
    with pytest.raises(MalformedJson):
        strict_json.loads(opening * 20_000, max_bytes=1_000_000)


def test_depth_is_counted_outside_of_strings() -> None:
    assert strict_json.loads('["' + "[" * 50 + '\\"{{{"]', max_depth=1) == ["[" * 50 + '"{{{']
    assert strict_json.loads("[[1],[2],[3]]", max_depth=2) == [[1], [2], [3]]
    with pytest.raises(MalformedJson, match="too deep"):
        strict_json.loads("[[[]]]", max_depth=2)
    assert strict_json.loads("1", max_depth=0) == 1


NESTED = st.recursive(
    st.text('[]{}"\\a', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("[}", max_size=2), inner),
    max_leaves=12,
)


def depth_of(value: object) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(NESTED, st.integers(0, 4))
def test_depth_is_that_of_the_value(value: object, max_depth: int) -> None:
    text = strict_json.dumps(value)
    if depth_of(value) <= max_depth:
        assert strict_json.loads(text, max_depth=max_depth) == value
    else:
        with pytest.raises(MalformedJson, match="too deep"):
            strict_json.loads(text, max_depth=max_depth)


def test_unfinished_string_does_not_hide_depth() -> None:
    with pytest.raises(MalformedJson):
        strict_json.loads('["' + "[" * 100)


def test_length_is_counted_in_bytes() -> None:
    assert strict_json.loads('"ä"', max_bytes=4) == "ä"
    with pytest.raises(MalformedJson, match="too long"):
        strict_json.loads('"ä"', max_bytes=3)
    with pytest.raises(MalformedJson, match="too long"):
        strict_json.loads(b'"aaa"', max_bytes=4)


def test_objects_only() -> None:
    assert strict_json.loads_object(b'{"a":1}') == {"a": 1}
    with pytest.raises(MalformedJson, match="not an object"):
        strict_json.loads_object("[]")


def test_escaped_pairs_are_characters() -> None:
    assert strict_json.loads('"\\ud83d\\ude00"') == "\U0001f600"


def test_we_write_no_nonsense() -> None:
    assert strict_json.dumps({"ä": [1, None]}) == '{"ä":[1,null]}'.encode()
    with pytest.raises(ValueError, match="JSON compliant"):
        strict_json.dumps(float("nan"))


# Several at once ---------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        b'["a"]',
        b'["a",1]',
        b'["a",',
        b'"b"]',
        b"[1]\n[2]",
        b"[1] ",
        b"\n[1]",
        b"[1],[2]",
        b"[1",
        b"]",
        b'[{"a":1,"a":2}]',
        b'[{"a":null}]',
        b"[NaN]",
        b"{}",
        b"1",
        b"",
        b"[1e5]",
        b'["\\u00e4"]',
        b"[" * 9 + b"]" * 9,
        b"[" + b"1" * 60 + b"]",
        '["ä"]'.encode(),
        b'["\xff"]',
        b'["[[[["]',
    ]
)


TABS = st.sampled_from(["", "\t", "\t\t"])


@given(st.lists(st.tuples(PIECES | st.binary(max_size=8), TABS), max_size=5), st.integers(1, 16))
def test_lines_are_read_as_each_would_be_or_not_at_all(
    texts: list[tuple[bytes, str]], max_depth: int
) -> None:
    lines = b"".join(text + tabs.encode() + b"\n" for text, tabs in texts)
    try:
        together = strict_json.loads_lines(lines, count=len(texts), max_depth=max_depth)
    except MalformedJson:
        return
    assert together == [strict_json.loads(text, max_depth=max_depth) for text, _ in texts]
    assert all(isinstance(value, dict | list) for value in together)


CONTAINERS = st.lists(VALUES, max_size=3) | st.dictionaries(st.text(max_size=5), VALUES, max_size=3)


@given(st.lists(CONTAINERS, max_size=5), TABS)
def test_lines_as_most_are_written_are_read(values: list[object], tabs: str) -> None:
    lines = b"".join(strict_json.dumps(value) + tabs.encode() + b"\n" for value in values)
    assert strict_json.loads_lines(lines, count=len(values), max_depth=1000) == values


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (b"[1]\n", 2),
        (b"[1]\n[2]\n", 1),
        (b"[1]\n[2]\n\n", 2),  # one holds two, the other nothing
        (b"[1]\n\n[2]\n", 2),
        (b"[1]", 1),
        (b"[[[[1]]]]\n", 1),
        (b"[" + b"1" * 60 + b"]\n", 1),
        (b'["' + b"a" * strict_json.MAX_BYTES + b'"]\n', 1),
        (b'[{"a":1,"a":2}]\n', 1),
    ],
)
def test_other_lines_are_refused(lines: bytes, count: int) -> None:
    with pytest.raises(MalformedJson):
        strict_json.loads_lines(lines, count=count, max_depth=3)


def test_depth_of_lines_is_that_of_the_deepest() -> None:
    flat, deep = b'[{"a":{}}]\n', b'[{"a":[{}]}]\n'
    assert len(strict_json.loads_lines(flat * 9, count=9, max_depth=3)) == 9
    with pytest.raises(MalformedJson, match="too deep"):
        strict_json.loads_lines(flat * 9 + deep, count=10, max_depth=3)
    with pytest.raises(MalformedJson):  # one without brackets makes no room for another's
        strict_json.loads_lines(b"1\n" + deep, count=2, max_depth=3)


@given(st.lists(VALUES, max_size=5))
def test_many_are_written_as_each_would_be(values: list[object]) -> None:
    assert strict_json.dumps_each(values) == [strict_json.dumps(value) for value in values]


def test_no_nonsense_among_many() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        strict_json.dumps_each([1, {"a": float("inf")}])
