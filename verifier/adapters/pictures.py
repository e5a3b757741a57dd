"""Reads QR codes out of PNG and JPEG pictures. No other format, and no picture bomb, gets in."""

import asyncio
import io
from collections.abc import Sequence

import zxingcpp
from PIL import Image, UnidentifiedImageError

from verifier.usecases.failures import PictureTooLarge, PictureUnreadable

MAX_BYTES = 4_000_000
MAX_PIXELS = 16_000_000
MAX_SIDE = 8_192
_FORMATS = ("PNG", "JPEG")
_QR_ONLY = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))
_AT_ONCE = 2


class ZxingPictures:
    """`ports.PictureReader` over zxing-cpp and Pillow; two pictures at a time, off the loop."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def read(self, picture: bytes) -> Sequence[str]:
        """Return the texts of the QR codes in a PNG or JPEG picture.

        Raises:
            PictureTooLarge: more than 4 000 000 bytes or 16 000 000 pixels. The size stands in
                the picture's head, so nothing is unpacked to find out.
            PictureUnreadable: no PNG or JPEG, cut off or broken.
        """
        if len(picture) > MAX_BYTES:
            raise PictureTooLarge("bytes")
        async with self._turns:
            return await asyncio.to_thread(_read, picture)


def _read(data: bytes) -> list[str]:
    found = zxingcpp.read_barcodes(_grey(data), formats=_QR_ONLY)
    return [code.text for code in found if code.text]


def _grey(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
                raise PictureTooLarge("pixels")
            return _on_white(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLarge("pixels") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise PictureUnreadable from None


def _on_white(picture: Image.Image) -> Image.Image:
    """Return the picture in grey; what is see-through counts as paper white."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        whole = picture.convert("RGBA")
        paper = Image.new("RGBA", whole.size, "white")
        return Image.alpha_composite(paper, whole).convert("L")
    return picture.convert("L")
