"""Draws an answer's frames as pictures: one PNG for each, and of several a GIF that shows all."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import segno
from PIL import Image

from wallet_sim.edges import write_files

PIXELS = 6
"""For each module; readers need three of their own."""
QUIET_ZONE = 4
SHOWN_FOR = 500
"""Milliseconds of each picture in the GIF."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn.

    Attributes:
        frames: the digits of each frame.
        pictures: the PNG of each frame, in the same order.
        animation: the GIF; None for a single frame.
    """

    frames: tuple[str, ...]
    pictures: tuple[Path, ...]
    animation: Path | None


def draw_to(out: Path, frames: Sequence[str]) -> Drawn:
    """Write the pictures; all of them or none.

    Args:
        out: the file for a single frame; several get ``-1-of-3`` and so on before its ending.
        frames: digits that codes of level L hold.

    Raises:
        PictureNotWritten: a file could not be written.
    """
    images = _images(frames)
    total = len(frames)
    if total == 1:
        write_files({out: images[0]})
        return Drawn(tuple(frames), (out,), None)
    pictures = tuple(
        out.with_name(f"{out.stem}-{number}-of-{total}{out.suffix}")
        for number in range(1, total + 1)
    )
    animation = out.with_suffix(".gif")
    write_files({**dict(zip(pictures, images, strict=True)), animation: _animated(images)})
    return Drawn(tuple(frames), pictures, animation)


def _images(frames: Sequence[str]) -> list[bytes]:
    """Return the PNGs, all of the same size so that they can follow one another."""
    version = max(int(_code(frame).version) for frame in frames)
    return [_png(_code(frame, version)) for frame in frames]


def _code(frame: str, version: int | None = None) -> segno.QRCode:
    return segno.make_qr(frame, version=version, mode="numeric", error="l", boost_error=False)


def _png(code: segno.QRCode) -> bytes:
    out = io.BytesIO()
    code.save(out, kind="png", scale=PIXELS, border=QUIET_ZONE)
    return out.getvalue()


def _animated(images: Sequence[bytes]) -> bytes:
    first, *others = (Image.open(io.BytesIO(image)).convert("L") for image in images)
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=others, duration=SHOWN_FOR, loop=0)
    return out.getvalue()
