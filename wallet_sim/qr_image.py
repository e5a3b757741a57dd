"""Reads one QR code out of a PNG or JPEG picture. No other format, and no picture bomb, gets in."""

import io
import warnings

import zxingcpp
from PIL import Image, UnidentifiedImageError

from wallet_sim.failures import (
    ImageTooLarge,
    ImageUnreadable,
    NoCodeInImage,
    SeveralCodesInImage,
)

FORMATS = ("PNG", "JPEG")
QR_ONLY = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))
LARGEST_BYTES = 10 * 1024 * 1024
LARGEST_PIXELS = 24_000_000
LONGEST_SIDE = 8_192


def read_qr(data: bytes) -> str:
    """Return the text of the one QR code in the picture.

    The size stands in the picture's head, so a picture that would unpack to more than
    ``LARGEST_PIXELS`` is refused before anything is unpacked.

    Raises:
        ImageTooLarge: too many bytes or pixels.
        ImageUnreadable: no PNG or JPEG, cut off or broken.
        NoCodeInImage: there is no QR code that can be read.
        SeveralCodesInImage: there are two or more with different contents.
    """
    if len(data) > LARGEST_BYTES:
        raise ImageTooLarge("bytes")
    picture = _grey_picture(data)
    found = zxingcpp.read_barcodes(picture, formats=QR_ONLY)
    texts = {code.text for code in found if code.text}
    if not texts:
        raise NoCodeInImage
    if len(texts) > 1:
        raise SeveralCodesInImage
    return texts.pop()


def _grey_picture(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                width, height = picture.size
                if width * height > LARGEST_PIXELS or max(width, height) > LONGEST_SIDE:
                    raise ImageTooLarge("pixels")
                return _on_white(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageTooLarge("pixels") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise ImageUnreadable from None


def _on_white(picture: Image.Image) -> Image.Image:
    """Return the picture in grey; what is see-through counts as paper white."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        whole = picture.convert("RGBA")
        paper = Image.new("RGBA", whole.size, "white")
        return Image.alpha_composite(paper, whole).convert("L")
    return picture.convert("L")
