"""QR codes out of pictures: small ones and whole ones only."""

import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from openid4vc.checks import CheckFailed
from wallet_sim.arguments import link_from
from wallet_sim.failures import (
    FileMissing,
    ImageTooLarge,
    ImageUnreadable,
    LinkTooLong,
    NoCodeInImage,
    NotALink,
    SeveralCodesInImage,
)
from wallet_sim.qr_image import LARGEST_BYTES, read_qr

LINK = "openid4vp://?client_id=x509_hash%3Aabc&request_uri=https%3A%2F%2Fte.example%2Frequests%2F1"


def png(text: str, **options: object) -> bytes:
    out = io.BytesIO()
    segno.make(text, micro=False).save(out, kind="png", scale=5, **options)
    return out.getvalue()


def as_jpeg(data: bytes) -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(data)).convert("RGB").save(out, "JPEG", quality=60)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(width: int, height: int) -> bytes:
    """A small file that claims to unpack to a huge picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


@pytest.mark.parametrize(
    "data",
    [
        png(LINK),
        png(LINK, dark="darkblue", light="yellow"),
        png(LINK, light=None),
        as_jpeg(png(LINK)),
    ],
    ids=["png", "colours", "see-through", "jpeg"],
)
def test_the_code_is_read(data):
    assert read_qr(data) == LINK


def test_a_turned_picture_is_read():
    out = io.BytesIO()
    Image.open(io.BytesIO(png(LINK))).convert("L").rotate(90, expand=True).save(out, "PNG")
    assert read_qr(out.getvalue()) == LINK


@pytest.mark.parametrize("size", [(30_000, 30_000), (9_000, 10), (65_000, 65_000), (5_000, 5_000)])
def test_a_picture_bomb_is_refused_before_it_unpacks(size):
    with pytest.raises(ImageTooLarge):
        read_qr(bomb(*size))


def test_too_many_bytes_are_refused():
    with pytest.raises(ImageTooLarge):
        read_qr(b"\x89PNG\r\n\x1a\n" + b"\0" * LARGEST_BYTES)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"GIF89a" + b"\0" * 99,
        png(LINK)[:200],
        b"\xff\xd8\xff\xe0" + b"\0" * 9,
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_what_is_no_whole_png_or_jpeg(data):
    with pytest.raises(ImageUnreadable):
        read_qr(data)


def test_other_formats_that_the_library_could_open_are_refused():
    out = io.BytesIO()
    Image.new("L", (50, 50), 255).save(out, "BMP")
    with pytest.raises(ImageUnreadable):
        read_qr(out.getvalue())


def test_a_picture_without_a_code():
    out = io.BytesIO()
    Image.new("L", (300, 300), 255).save(out, "PNG")
    with pytest.raises(NoCodeInImage):
        read_qr(out.getvalue())


def test_a_picture_with_two_codes():
    one, two = (Image.open(io.BytesIO(png(text))).convert("L") for text in (LINK, LINK + "2"))
    both = Image.new("L", (one.width + two.width, max(one.height, two.height)), 255)
    both.paste(one, (0, 0))
    both.paste(two, (one.width, 0))
    out = io.BytesIO()
    both.save(out, "PNG")
    with pytest.raises(SeveralCodesInImage):
        read_qr(out.getvalue())


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 400), byte=st.integers(0, 255))
def test_a_damaged_picture_is_read_or_refused_plainly(at, byte):
    data = bytearray(png(LINK))
    data[at % len(data)] = byte
    with suppress(CheckFailed):
        assert read_qr(bytes(data))


# --- files as arguments --------------------------------------------------------------------------


def test_a_picture_file_stands_for_its_code(tmp_path):
    file = tmp_path / "Näyttö 1.png"
    file.write_bytes(png(LINK))
    assert link_from(str(file)) == LINK


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("missing.png", FileMissing),
        ("missing.JPG", FileMissing),
        ("missing", NotALink),
        (".", NotALink),
        ("folder.png", FileMissing),
        ("a\0b.png", FileMissing),
        ("x" * 5_000, NotALink),
        ("openid4vp://" + "x" * 20_000, LinkTooLong),
    ],
)
def test_arguments_that_are_neither_link_nor_picture(tmp_path, monkeypatch, name, failure):
    monkeypatch.chdir(tmp_path)
    Path("folder.png").mkdir()
    with pytest.raises(failure):
        link_from(name)


def test_a_huge_file_is_not_even_read(tmp_path):
    file = tmp_path / "huge.png"
    with file.open("wb") as out:
        out.truncate(LARGEST_BYTES + 1)
    with pytest.raises(ImageTooLarge):
        link_from(str(file))
