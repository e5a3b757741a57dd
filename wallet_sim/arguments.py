"""What a person typed where a code is expected: a link, or a picture of its QR code."""

import re
from pathlib import Path

from wallet_sim.edges import LARGEST_PICTURE, read_file
from wallet_sim.failures import (
    FileMissing,
    FileTooLarge,
    ImageTooLarge,
    NotALink,
)
from wallet_sim.links import scheme_of
from wallet_sim.qr_image import read_qr

PICTURE_ENDINGS = (".png", ".jpg", ".jpeg")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:", re.ASCII)


def link_from(argument: str) -> str:
    """Return the link, reading it from the picture when the argument names a file.

    Raises:
        NotALink, LinkTooLong: neither.
        FileMissing, ImageTooLarge, ImageUnreadable, NoCodeInImage, SeveralCodesInImage: the
            picture.
    """
    text = argument.strip()
    if _SCHEME.match(text):
        scheme_of(text)
        return text
    try:
        return read_qr(read_file(Path(text), at_most=LARGEST_PICTURE)).strip()
    except FileTooLarge:
        raise ImageTooLarge("bytes") from None
    except FileMissing:
        if text.lower().endswith(PICTURE_ENDINGS):
            raise
        raise NotALink from None
