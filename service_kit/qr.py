"""QR pictures as SVG and PNG. Drawn by segno at error level M with a quiet zone of four modules."""

import io
from typing import Any

import segno


def qr_svg(text: str | tuple[str, ...], *, title: str) -> bytes:
    """Draw a text as a scalable SVG document whose accessible name is `title`.

    Args:
        text: what the code holds; when it comes in pieces, each is a segment in its own mode, so
            that digits behind a scheme take the room of digits.
        title: the accessible name.

    Raises:
        segno.DataOverflowError: the text does not fit a QR code at level M (2,331 bytes).
    """
    out = io.BytesIO()
    _code(text).save(
        out, kind="svg", border=4, scale=4, omitsize=True, title=title, dark="#000", light="#fff"
    )
    return out.getvalue()


def qr_png(text: str | tuple[str, ...], *, scale: int = 8) -> bytes:
    """Draw a text as a black-on-white PNG with `scale` pixels to a module.

    Raises:
        segno.DataOverflowError: the text does not fit a QR code at level M (2,331 bytes).
    """
    out = io.BytesIO()
    _code(text).save(out, kind="png", border=4, scale=scale)
    return out.getvalue()


def _code(text: str | tuple[str, ...]) -> segno.QRCode:
    if isinstance(text, str):
        return segno.make_qr(text, error="m")
    segments: Any = [(piece,) for piece in text]  # taken by segno, though its types do not say so
    return segno.make_qr(segments, error="m", boost_error=False)
