"""Sets letters with Typst: PDF/UA-1, tagged, one typeface, one page."""

import asyncio
import json
import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Final

import typst

from credential_schemas.i18n import format_date
from credential_schemas.model import LANGS, Lang
from issuer.ports.letters import LetterContent, LetterStyle
from issuer.usecases.letters.failures import LetterNotSet
from service_kit.qr import qr_svg

_HERE: Final = Path(__file__).parent
_LANGUAGE: Final[Mapping[LetterStyle, Lang]] = {
    "fi": "fi",
    "sv": "sv",
    "en": "en",
    "fi-plain": "fi",
}
_BOLD: Final = re.compile(r"\*([^*]+)\*")
Words = Mapping[str, str]


class TypstPress:
    """Sets letters as pages; nothing of one letter stays for the next."""

    async def pdf(self, content: LetterContent, style: LetterStyle) -> bytes:
        """Return the letter as a tagged PDF (PDF/UA-1): the same bytes for the same content.

        Raises:
            LetterNotSet: Typst refused it, such as a sign that the typeface does not have, or
                warned of something, such as a typeface that is not there.
        """
        return await asyncio.to_thread(_set, content, style)


def _set(content: LetterContent, style: LetterStyle) -> bytes:
    data = _data(content, words_of(style), _LANGUAGE[style])
    try:
        pdf, warnings = typst.compile_with_warnings(
            _HERE / "letter.typ",
            root=_HERE,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": json.dumps(data)},
            pdf_standards=["ua-1"],
            timestamp=int(_at(content.written_on).timestamp()),
        )
    except typst.TypstError as failure:
        # Its text may quote an address: only its kind is kept.
        raise LetterNotSet(type(failure).__name__) from None
    if warnings or not isinstance(pdf, bytes):
        raise LetterNotSet("set with warnings")
    return pdf


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[_HERE / "fonts"]
    )


@cache
def words_of(style: LetterStyle) -> Words:
    """Return the words of a style; every style has the same keys."""
    return tomllib.loads((_HERE / "words" / f"{style}.toml").read_text("utf-8"))


def _data(content: LetterContent, words: Words, lang: Lang) -> dict[str, object]:
    """Return what the layout shows. `*words*` of ours become bold, never those of the data."""
    values = {
        "sender": content.sender.name[lang],
        "card": content.card[lang],
        "place": content.place,
        "last_day": format_date(content.last_day, lang),
        "help": content.sender.help[lang],
    }

    def text(key: str) -> str:
        return words[key].format_map(values)

    def runs(key: str) -> list[dict[str, object]]:
        pieces = _BOLD.split(words[key])
        return [
            {"bold": place % 2 == 1, "text": piece.format_map(values)}
            for place, piece in enumerate(pieces)
            if piece
        ]

    steps = ("step_read", f"step_pin_{content.pin_medium}", "step_take")
    others = [each for each in LANGS if each != lang]
    return {
        "lang": lang,
        "sender": values["sender"],
        "address": content.sender.address,
        "date": format_date(content.written_on, lang),
        "recipient": content.recipient,
        "qr": qr_svg(content.link, title="QR").decode(),
        "typed_code": content.typed_code,
        "steps": [runs(step) for step in steps],
        "others": [{"lang": each, "text": content.sender.help[each]} for each in others],
        **{key: text(key) for key in ("title", "heading", "qr_alt")},
        **{key: text(key) for key in ("box_title", "steps_title", "paper_title")},
        **{key: runs(key) for key in ("what", "gain", "box_or", "valid", "paper", "help")},
    }


def _at(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
