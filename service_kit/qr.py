"""QR pictures as SVG and PNG. Drawn by segno at error level M with a quiet zone of four modules."""

import io

import segno


def qr_svg(text: str, *, title: str) -> bytes:
    """Draw `text` as a scalable SVG document whose accessible name is `title`.

    Raises:
        segno.DataOverflowError: the text does not fit a QR code at level M (2,331 bytes).
    """
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(
        out, kind="svg", border=4, scale=4, omitsize=True, title=title, dark="#000", light="#fff"
    )
    return out.getvalue()


def qr_png(text: str, *, scale: int = 8) -> bytes:
    """Draw `text` as a black-on-white PNG with `scale` pixels to a module.

    Raises:
        segno.DataOverflowError: the text does not fit a QR code at level M (2,331 bytes).
    """
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="png", border=4, scale=scale)
    return out.getvalue()
