"""Films for Chromium's fake camera: a phone that shows codes, written as Y4M."""

import io
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import segno
from PIL import Image, ImageChops, ImageFilter

WIDTH, HEIGHT = 1280, 720
PICTURES_A_SECOND = 10
HALF_A_SECOND = PICTURES_A_SECOND // 2
TABLE = 90  # how dark it is around the phone


def code(text: str) -> Image.Image:
    """A code as the wallet draws it, in the dark, nearly as high as the picture."""
    mode = "numeric" if text.isdigit() else None
    drawn = io.BytesIO()
    symbol = segno.make_qr(text, mode=mode, error="l", boost_error=False)
    scale = int(HEIGHT * 0.94) // symbol.symbol_size(border=4)[0]
    symbol.save(drawn, kind="png", scale=scale, border=4)
    phone = Image.open(drawn).convert("L")
    picture = Image.new("L", (WIDTH, HEIGHT), TABLE)
    picture.paste(phone, ((WIDTH - phone.width) // 2, (HEIGHT - phone.height) // 2))
    return picture


def nothing() -> Image.Image:
    """A table without a phone."""
    return Image.new("L", (WIDTH, HEIGHT), TABLE)


def as_seen(picture: Image.Image) -> Image.Image:
    """The same by a plain camera: a little tilted, out of focus, grey and noisy."""
    tilted = picture.rotate(3, Image.Resampling.BICUBIC, fillcolor=TABLE)
    soft = tilted.filter(ImageFilter.GaussianBlur(0.8))
    grey = soft.point([40 + value * 170 // 255 for value in range(256)])
    noise = Image.effect_noise(grey.size, 12)
    shift = random.Random(7).randrange(WIDTH)
    return ImageChops.add(grey, ImageChops.offset(noise, shift), offset=-128)


def film(path: Path, scenes: Iterable[tuple[Image.Image, int]]) -> Path:
    """Write a film; it is shown again and again.

    Args:
        path: ends in `.y4m`, or Chromium finds no camera.
        scenes: a picture, and for how many pictures of the film it stays.
    """
    colourless = bytes([128]) * (WIDTH // 2 * (HEIGHT // 2) * 2)
    with path.open("wb") as out:
        head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{PICTURES_A_SECOND}:1 Ip A1:1 C420jpeg\n"
        out.write(head.encode())
        for picture, count in scenes:
            out.write((b"FRAME\n" + picture.tobytes() + colourless) * count)
    return path


def cycling(pictures: Sequence[Image.Image]) -> list[tuple[Image.Image, int]]:
    """Several codes in turn, each for half a second, as a wallet shows them."""
    return [(picture, HALF_A_SECOND) for picture in pictures]
