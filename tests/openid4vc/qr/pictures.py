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


def drawn_again(text: str, *, level_m: bool = False) -> "qrcode.QRCode[Any]":
    """The same by `qrcode`, whose optimiser cuts a text into segments by itself."""
    level = ERROR_CORRECT_M if level_m else ERROR_CORRECT_L
    code = qrcode.QRCode(error_correction=level, border=QUIET_ZONE)
    code.add_data(text)
    code.make(fit=True)
    return code


def picture(code: "segno.QRCode | qrcode.QRCode[Any]", *, pixels: int) -> Image.Image:
    """The code with so many pixels per module, black on white."""
    if not isinstance(code, segno.QRCode):
        code.box_size = pixels
        image: Image.Image = code.make_image().get_image()
        return image.convert("L")
    buffer = BytesIO()
    code.save(buffer, kind="png", scale=pixels, border=QUIET_ZONE)
    return Image.open(buffer).convert("L")


Corner = tuple[float, float]

VIEWS: dict[str, tuple[Corner, Corner, Corner, Corner]] = {
    "from the left": ((-0.02, 0), (1.04, -0.06), (1.04, 1.06), (-0.02, 1)),
    "from above": ((0, -0.02), (1, -0.02), (1.06, 1.04), (-0.06, 1.04)),
    "askew": ((-0.04, -0.04), (1.02, -0.01), (1.05, 1.03), (-0.01, 1.06)),
}
"""Which points of the picture stand in the corners of the photograph, clockwise from the top left.

Sides of the picture are 1 long; opposite sides that differ are what a camera aside makes of it.
"""


def photographed(image: Image.Image, view: str = "askew") -> Image.Image:
    """The picture seen in perspective, unsharp, and kept as a JPEG of quality 80."""
    seen = image.transform(
        image.size,
        Image.Transform.PERSPECTIVE,
        _projection(image.size, VIEWS[view]),
        resample=Image.Resampling.BICUBIC,
        fillcolor=WHITE,
    )
    buffer = BytesIO()
    seen.filter(ImageFilter.GaussianBlur(1)).save(buffer, "JPEG", quality=80)
    return Image.open(buffer)


def _projection(
    size: tuple[int, int], corners: tuple[Corner, Corner, Corner, Corner]
) -> tuple[float, ...]:
    """The eight numbers of the projective map that takes the corners of a picture to these."""
    width, height = size
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = ((x * width, y * height) for x, y in corners)
    dx1, dx2, dx3 = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, dy3 = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    area = dx1 * dy2 - dx2 * dy1
    g, h = (dx3 * dy2 - dx2 * dy3) / area, (dx1 * dy3 - dx3 * dy1) / area
    right = (x1 - x0 + g * x1, y1 - y0 + g * y1, g)
    down = (x3 - x0 + h * x3, y3 - y0 + h * y3, h)
    across, along = ([n / width for n in right], [n / height for n in down])
    return (across[0], along[0], x0, across[1], along[1], y0, across[2], along[2])


def read(image: Image.Image) -> str:
    found = zxingcpp.read_barcodes(
        image, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    )
    assert len(found) == 1
    return found[0].text
