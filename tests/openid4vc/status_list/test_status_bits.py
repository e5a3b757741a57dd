"""Status lists pack, compress and inflate as the draft's vectors say, and never without bound."""

import hashlib
import json
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.checks import CheckFailed
from keys.jose import b64url_decode, b64url_encode
from openid4vc import limits
from openid4vc.checks import MalformedStatusList, StatusIndexOutOfRange, StatusListTooLarge
from openid4vc.status_list.bits import WIDTHS, Status, StatusList

VECTORS = Path(__file__).parents[2] / "vectors" / "status-list"
JSON_VECTORS = sorted(path.name for path in VECTORS.glob("*bit-*-json.json"))


def vector(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


def test_all_vectors_are_here() -> None:
    assert {name[0] for name in JSON_VECTORS} == {"1", "2", "4", "8"}


@pytest.mark.req("TSL-01", "TSL-02")
@pytest.mark.parametrize("name", JSON_VECTORS)
def test_the_vectors_of_the_draft_are_read(name: str) -> None:
    said = vector(name)
    read = StatusList.from_lst(said["status_list"]["lst"], bits=said["status_list"]["bits"])
    assert read.bits == said["expect"]["bits"]
    assert len(read) == said["expect"]["entries"]
    assert len(read.packed()) == said["expect"]["uncompressed_bytes"]
    assert hashlib.sha256(read.packed()).hexdigest() == said["expect"]["uncompressed_sha256"]
    non_zero = {int(index): value for index, value in said["expect"]["non_zero"].items()}
    assert {index: read.get(index) for index in non_zero} == non_zero
    if len(read) < 100:
        assert [i for i in range(len(read)) if read.get(i)] == sorted(non_zero)


@pytest.mark.req("TSL-01", "TSL-02")
@pytest.mark.parametrize("name", JSON_VECTORS)
def test_the_vectors_of_the_draft_are_written(name: str) -> None:
    said = vector(name)["expect"]
    ours = StatusList(said["entries"], bits=said["bits"])
    for index, value in said["non_zero"].items():
        ours.set(int(index), value)
    assert hashlib.sha256(ours.packed()).hexdigest() == said["uncompressed_sha256"]
    assert StatusList.from_lst(ours.lst(), bits=ours.bits).packed() == ours.packed()


@pytest.mark.req("TSL-02")
def test_lst_is_base64url_of_a_zlib_stream() -> None:
    ours = StatusList(16)
    ours.set(0, Status.SUSPENDED)
    assert "=" not in ours.lst()
    assert zlib.decompress(b64url_decode(ours.lst())) == b"\x02\x00\x00\x00"


@pytest.mark.req("TSL-18", "TSL-23")
def test_new_entries_are_valid_and_statuses_fit() -> None:
    ours = StatusList(10)
    assert ours.bits == 2
    assert len(ours) == 12
    assert {ours.get(index) for index in range(12)} == {Status.VALID}
    ours.set(11, Status.SUSPENDED)
    ours.set(11, Status.INVALID)
    assert ours.get(11) == Status.INVALID
    for value in (4, -1):
        with pytest.raises(ValueError, match="too wide"):
            ours.set(0, value)
    with pytest.raises(ValueError, match="too wide"):
        StatusList(8, bits=1).set(0, Status.SUSPENDED)


@pytest.mark.req("TSL-09")
@pytest.mark.parametrize("index", [-1, 12, 2**40])
def test_outside_the_list_there_is_no_status(index: int) -> None:
    ours = StatusList(12)
    with pytest.raises(StatusIndexOutOfRange):
        ours.get(index)
    with pytest.raises(StatusIndexOutOfRange):
        ours.set(index, 1)


@pytest.mark.req("TSL-01")
@pytest.mark.parametrize("bits", [0, 3, 5, 16, -1, True])
def test_other_widths_are_refused(bits: int) -> None:
    with pytest.raises(MalformedStatusList):
        StatusList(8, bits=bits)


SOUND = zlib.compress(b"\x00" * 64)


@pytest.mark.req("TSL-02")
@pytest.mark.parametrize(
    "lst",
    [
        "",
        "!",
        b64url_encode(SOUND) + "=",
        b64url_encode(SOUND[:-1]),
        b64url_encode(SOUND + b"\x00"),
        b64url_encode(SOUND + SOUND),
        b64url_encode(SOUND[:-1] + bytes([SOUND[-1] ^ 1])),
        b64url_encode(SOUND[2:-4]),
        b64url_encode(b"\x00" * 64),
    ],
)
def test_what_is_no_whole_zlib_stream_is_refused(lst: str) -> None:
    with pytest.raises(MalformedStatusList):
        StatusList.from_lst(lst, bits=2)


@pytest.mark.req("TSL-12")
def test_a_list_that_inflates_to_64_mib_does_not_hurt() -> None:
    bomb = b64url_encode(zlib.compress(b"\x00" * (64 * 1_048_576), 9))
    tracemalloc.start()
    with pytest.raises(StatusListTooLarge):
        StatusList.from_lst(bomb, bits=2)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * limits.MAX_STATUS_LIST_BYTES


@pytest.mark.req("TSL-12")
def test_the_bound_is_exact() -> None:
    lst = StatusList(400).lst()
    assert len(StatusList.from_lst(lst, bits=2, max_bytes=100)) == 400
    with pytest.raises(StatusListTooLarge):
        StatusList.from_lst(lst, bits=2, max_bytes=99)


@pytest.mark.req("TSL-01", "TSL-02", "TSL-23")
@given(bits=st.sampled_from(WIDTHS), data=st.data())
@settings(deadline=None, max_examples=60)
def test_what_is_set_is_got(bits: int, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.integers(0, 2**bits - 1), min_size=1, max_size=40))
    ours = StatusList(len(values), bits=bits)
    for index, value in enumerate(values):
        ours.set(index, value)
    read = StatusList.from_lst(ours.lst(), bits=bits)
    assert [read.get(index) for index in range(len(values))] == values


@given(lst=st.binary(max_size=60).map(b64url_encode) | st.text(max_size=40))
@settings(deadline=None, max_examples=200)
def test_any_text_is_read_or_refused_in_an_orderly_way(lst: str) -> None:
    try:
        read = StatusList.from_lst(lst, bits=2)
    except CheckFailed:
        return
    assert StatusList.from_lst(read.lst(), bits=2).packed() == read.packed()
