"""A list in chunks is one zlib stream to everybody, and a change compresses one chunk anew."""

import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openid4vc.status_list.bits import WIDTHS, StatusList
from openid4vc.status_list.chunks import CHUNK_BYTES, ChunkedStream

SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 7]


@pytest.mark.req("TSL-02")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fill", ["zeros", "ones", "noise"])
def test_the_stream_inflates_to_the_bytes(size: int, fill: str) -> None:
    noise = random.Random(size).randbytes(size)
    data = bytearray({"zeros": bytes(size), "ones": b"\xff" * size, "noise": noise}[fill])
    stream = ChunkedStream(data).compressed()
    assert zlib.decompress(stream) == data
    inflater = zlib.decompressobj()
    piecewise = b"".join(
        inflater.decompress(stream[i : i + 100]) for i in range(0, len(stream), 100)
    )
    assert piecewise + inflater.flush() == data
    assert inflater.eof
    assert not inflater.unused_data
    assert stream[-4:] == zlib.adler32(data).to_bytes(4, "big")


@pytest.mark.req("TSL-01", "TSL-02")
@given(
    size=st.integers(1, 4 * CHUNK_BYTES),
    bits=st.sampled_from(WIDTHS),
    rounds=st.lists(
        st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6), max_size=4
    ),
)
@settings(deadline=None, max_examples=50)
def test_after_any_changes_the_stream_is_that_of_the_list(
    size: int, bits: int, rounds: list[list[tuple[float, int]]]
) -> None:
    status_list = StatusList(size * (8 // bits), bits=bits)
    for changes in rounds:
        for place, value in changes:
            status_list.set(int(place * (len(status_list) - 1)), value % (1 << bits))
        stream = status_list.compressed()
        assert zlib.decompress(stream) == status_list.packed()
        fresh = StatusList.from_packed(status_list.packed(), bits=bits)
        assert stream == fresh.compressed()


def test_only_the_chunks_of_changes_are_compressed() -> None:
    """What changes untold stays as it was: nothing looked at it again."""
    data = bytearray(5 * CHUNK_BYTES)
    stream = ChunkedStream(data)
    stream.compressed()
    for number in range(5):
        data[number * CHUNK_BYTES] = 0xFF
    stream.changed(2 * CHUNK_BYTES)
    stream.changed(3 * CHUNK_BYTES - 1)
    told = bytearray(5 * CHUNK_BYTES)
    told[2 * CHUNK_BYTES] = 0xFF
    assert zlib.decompress(stream.compressed()) == told
    stream.changed(4 * CHUNK_BYTES)
    told[4 * CHUNK_BYTES] = 0xFF
    assert zlib.decompress(stream.compressed()) == told


def test_a_list_of_ten_million_is_read_by_everybody() -> None:
    rng = random.Random(3)
    status_list = StatusList(10_000_000)
    for _ in range(5_000):
        status_list.set(rng.randrange(10_000_000), rng.choice([1, 2]))
    first = status_list.compressed()
    assert zlib.decompress(first) == status_list.packed()
    status_list.set(5_000_000, 3)
    second = status_list.compressed()
    assert zlib.decompress(second) == status_list.packed()
    # Elsewhere it is byte for byte the same: a cache that knows deltas sends little.
    assert first[: len(first) // 3] == second[: len(first) // 3]
