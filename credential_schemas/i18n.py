"""Words in three languages from .po files, and dates, times and lists as people write them.

A directory holds `fi.po`, `sv.po` and `en.po`, and perhaps chapters of their own beside them
(`scan.fi.po`). A message's id is its key (`desk.title`), never an English sentence, so that no
language is the original of another. Placeholders are `{name}`.
"""

import re
import string
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.lists import format_list
from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_currency, format_decimal

from credential_schemas.model import LANGS, Lang

HELSINKI: Final = ZoneInfo("Europe/Helsinki")
_LOCALES: Final[Mapping[Lang, Locale]] = {
    "fi": Locale("fi", "FI"),
    "sv": Locale("sv", "FI"),
    "en": Locale("en", "GB"),
}
_PLACEHOLDER: Final = re.compile(r"[a-z][a-z0-9_]*")
_PO_LINE: Final = re.compile(r'(#.*|((msgid|msgid_plural|msgstr|msgstr\[\d\]) )?".*")?')
_CLOCK: Final[Mapping[Lang, str]] = {"fi": "klo {}.{:02}", "sv": "kl. {}.{:02}", "en": "{}:{:02}"}
_JOINT: Final[Mapping[Lang, str]] = {"fi": "{} {}", "sv": "{} {}", "en": "{}, {}"}
Forms = tuple[str, ...]
"""One form, or two: singular and plural."""


class BrokenTexts(Exception):
    """A .po file cannot be used. Says which file and key, and what is wrong."""

    def __init__(self, file: Path, fault: str) -> None:
        """Say the file and the fault."""
        super().__init__(f"{file}: {fault}")


class Texts:
    """The words of one surface, complete in every language."""

    def __init__(self, forms: Mapping[Lang, Mapping[str, Forms]]) -> None:
        """Keep the words; `load` is the way to get them."""
        self._forms = forms

    @classmethod
    def load(cls, directory: Path) -> "Texts":
        """Read the .po files of a directory: one for each language, and those of its chapters.

        Raises:
            BrokenTexts: a file or key is missing, empty, fuzzy or given twice in some language,
                or its placeholders or plural forms differ between languages.
        """
        forms: dict[Lang, Mapping[str, Forms]] = {
            lang: _read_all(directory, lang) for lang in LANGS
        }
        for lang in LANGS[1:]:
            _compare(directory / f"{lang}.po", forms[LANGS[0]], forms[lang])
        return cls(MappingProxyType(forms))

    def keys(self) -> frozenset[str]:
        """Every key, the same in each language."""
        return frozenset(self._forms[LANGS[0]])

    def text(self, key: str, lang: Lang, /, **values: object) -> str:
        """The words for a key.

        Args:
            key: the message id.
            lang: the language.
            values: one for each placeholder; `n` also chooses between singular and plural.

        Raises:
            KeyError: no such key or language, or a placeholder without a value.
        """
        forms = self._forms[lang][key]
        form = forms[0] if len(forms) == 1 or values["n"] == 1 else forms[-1]
        return form.format_map(values)


def format_date(day: date, lang: Lang) -> str:
    """14.9.2026 in every language: the one order that nobody here reads wrong."""
    del lang
    return f"{day.day}.{day.month}.{day.year}"


def format_time(moment: datetime, lang: Lang) -> str:
    """Clock time in Finland: klo 8.15, kl. 8.15, 8:15. The moment has a time zone."""
    local = _local(moment)
    return _CLOCK[lang].format(local.hour, local.minute)


def format_datetime(moment: datetime, lang: Lang) -> str:
    """Date and clock time in Finland: 14.9.2026 klo 8.15. The moment has a time zone."""
    return _JOINT[lang].format(format_date(_local(moment), lang), format_time(moment, lang))


def format_number(number: float, lang: Lang) -> str:
    """A number with the language's decimal mark, at most two decimals."""
    return format_decimal(number, format="#,##0.##", locale=_LOCALES[lang])


def format_euros(amount: float, lang: Lang) -> str:
    """An amount in euros, cents shown only when there are some."""
    decimals = "" if round(amount, 2) == int(amount) else ".00"
    pattern = f"¤#,##0{decimals}" if lang == "en" else f"#,##0{decimals}\N{NO-BREAK SPACE}¤"
    return format_currency(
        amount, "EUR", format=pattern, locale=_LOCALES[lang], currency_digits=False
    )


def join_list(items: Sequence[str], lang: Lang) -> str:
    """Items as one phrase: a, b ja c."""
    return format_list(items, locale=_LOCALES[lang])


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone has no clock time in Finland")
    return moment.astimezone(HELSINKI)


def _read_all(directory: Path, lang: Lang) -> Mapping[str, Forms]:
    told: dict[str, Forms] = {}
    for file in (directory / f"{lang}.po", *sorted(directory.glob(f"*.{lang}.po"))):
        chapter = _read(file, lang)
        if twice := sorted(told.keys() & chapter.keys()):
            raise BrokenTexts(file, f"a key is given twice: {', '.join(twice)}")
        told |= chapter
    return MappingProxyType(told)


def _read(file: Path, lang: Lang) -> Mapping[str, Forms]:
    try:
        lines = file.read_text("utf-8").splitlines()
        catalog = read_po(lines, locale=lang, abort_invalid=True)
    except (OSError, PoFileError, ValueError) as fault:
        raise BrokenTexts(file, str(fault)) from fault
    for number, line in enumerate(lines, start=1):
        if not _PO_LINE.fullmatch(line):
            raise BrokenTexts(file, f"line {number} is no line of a .po file")
    messages = [message for message in catalog if message.id]
    if sum(line.startswith('msgid "') for line in lines) != len(messages) + 1:
        raise BrokenTexts(file, "a key is given twice, or the header is missing")
    return MappingProxyType({_key(message): _forms(file, message) for message in messages})


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(file: Path, message: Message) -> Forms:
    key = _key(message)
    words = message.string or ""
    said = (words,) if isinstance(words, str) else tuple(words)
    if message.fuzzy or not all(form.strip() for form in said):
        raise BrokenTexts(file, f"{key}: empty or fuzzy")
    for form in said:
        _placeholders(file, key, form)
    return said


def _placeholders(file: Path, key: str, form: str) -> frozenset[str]:
    try:
        fields = list(string.Formatter().parse(form))
    except ValueError as fault:
        raise BrokenTexts(file, f"{key}: {fault}") from fault
    names = [name for _, name, _, _ in fields if name is not None]
    plain = all(_PLACEHOLDER.fullmatch(name) for name in names)
    if not plain or any(spec or conversion for _, _, spec, conversion in fields):
        raise BrokenTexts(file, f"{key}: placeholders are plain names, such as {{date}}")
    return frozenset(names)


def _compare(file: Path, first: Mapping[str, Forms], other: Mapping[str, Forms]) -> None:
    lopsided = sorted(first.keys() ^ other.keys())
    if lopsided:
        raise BrokenTexts(file, f"keys not in every language: {', '.join(lopsided)}")
    for key, forms in first.items():
        names, other_names = (
            frozenset[str]().union(*(_placeholders(file, key, form) for form in said))
            for said in (forms, other[key])
        )
        if names != other_names or len(forms) != len(other[key]):
            raise BrokenTexts(file, f"{key}: placeholders or plural forms differ")
