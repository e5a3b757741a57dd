"""QR codes drawn by two libraries, made as bad as a camera makes them, and read by a third."""

from io import BytesIO
from typing import Any

import qrcode  # type: ignore[import-untyped]  # ships no types
import segno
import zxingcpp
from PIL import Image, ImageFilter
from qrcode.constants import (  # type: ignore[import-untyped]  # ships no types
    ERROR_CORRECT_L,
    ERROR_CORRECT_M,
)

from openid4vc.qr.challenge import SCHEME, ChallengeLink

WHITE = 255
QUIET_ZONE = 4


def drawn(digits: str) -> segno.QRCode:
    """A frame as one numeric code at level L."""
    return segno.make_qr(digits, mode="numeric", error="l", boost_error=False)


def drawn_link(link: ChallengeLink) -> segno.QRCode:
    """A challenge: its scheme as bytes, its digits as digits, at level M."""
    segments: Any = [(SCHEME,), (link.digits,)]  # taken by segno, though its types do not say so
    return segno.make_qr(segments, error="m", boost_error=False)


def drawn_again(text: str, *, level_m: bool = False) -> tuple[int, Image.Image]:
    """The same by `qrcode`, which finds the segments by itself: version and picture, 2 px."""
    level = ERROR_CORRECT_M if level_m else ERROR_CORRECT_L
    code = qrcode.QRCode(error_correction=level, box_size=2, border=QUIET_ZONE)
    code.add_data(text)
    code.make(fit=True)
    return code.version, code.make_image().get_image().convert("L")


def picture(code: segno.QRCode, *, pixels: int) -> Image.Image:
    """The code with so many pixels per module, black on white."""
    buffer = BytesIO()
    code.save(buffer, kind="png", scale=pixels, border=QUIET_ZONE)
    return Image.open(buffer).convert("L")


def photographed(image: Image.Image) -> Image.Image:
    """The picture seen from a little aside, unsharp, and kept as a JPEG of quality 80."""
    width, height = image.size
    lean = width * 0.04
    seen = image.transform(
        (width, height),
        Image.Transform.QUAD,
        (-lean, -lean, lean / 2, height + lean, width + lean, height - lean / 2, width, 0),
        resample=Image.Resampling.BICUBIC,
        fillcolor=WHITE,
    )
    buffer = BytesIO()
    seen.filter(ImageFilter.GaussianBlur(1)).save(buffer, "JPEG", quality=80)
    return Image.open(buffer)


def read(image: Image.Image) -> str:
    found = zxingcpp.read_barcodes(
        image, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    )
    assert len(found) == 1
    return found[0].text
