"""Plain words in one language: texts, names, dates, values. Every page of the wallet is built here.

A page is a list of lines. Text that strangers wrote (values, names) is cut of control characters
before it reaches a terminal.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from datetime import date as Date  # noqa: N812 - Words has a method of that name
from functools import cache
from pathlib import Path

from credential_schemas import i18n
from credential_schemas.model import Catalogue, CredentialType, Lang
from credential_schemas.model import Path as ClaimPath
from credential_schemas.render import label_for_path, value_text

LOCALES = Path(__file__).parent / "locales"
INDENT = "  "


@cache
def texts() -> i18n.Texts:
    """Return the wallet's words, read once."""
    return i18n.Texts.load(LOCALES)


def printable(text: str) -> str:
    """Return the text on one line, without control, format and direction characters."""
    return "".join(
        " " if sign.isspace() else sign
        for sign in text
        if sign.isspace() or unicodedata.category(sign)[0] != "C"
    )


class Words:
    """The words of one language over one catalogue."""

    def __init__(self, lang: Lang, catalogue: Catalogue) -> None:
        self.lang: Lang = lang
        self.catalogue = catalogue

    def say(self, key: str, **values: object) -> str:
        """Return the text for a key; KeyError when there is none."""
        clean = {
            name: printable(value) if isinstance(value, str) else value
            for name, value in values.items()
        }
        return texts().text(key, self.lang, **clean)

    def has(self, key: str) -> bool:
        """Say whether there is a text for this key."""
        return key in texts().keys()  # noqa: SIM118 - a method of Texts, not of a dict

    def name(self, names: Mapping[str, str]) -> str:
        """Return an organisation's name in this language or another, or the words for none."""
        found = names.get(self.lang) or next(iter(names.values()), "")
        return printable(found) or self.say("party.unknown")

    def date(self, moment: datetime) -> str:
        """Return the date in Finland."""
        return i18n.format_date(moment.astimezone(i18n.HELSINKI).date(), self.lang)

    def day(self, day: Date) -> str:
        """Return a date."""
        return i18n.format_date(day, self.lang)

    def moment(self, moment: datetime) -> str:
        """Return date and clock time in Finland."""
        return i18n.format_datetime(moment, self.lang)

    def last_day(self, expires_at: datetime) -> str:
        """Return the last whole day of validity (issuers end validity at midnight UTC)."""
        last = expires_at.astimezone(UTC) - timedelta(microseconds=1)
        return i18n.format_date(last.date(), self.lang)

    def join(self, items: Sequence[str]) -> str:
        """Return ``a, b ja c``."""
        return i18n.join_list([printable(item) for item in items], self.lang)

    def type_title(self, type_id: str) -> str:
        """Return a card type's title; the id itself when the catalogue no longer has it."""
        found = self.catalogue.types.get(type_id)
        return found.title[self.lang] if found else type_id

    def label(self, credential_type: CredentialType, path: ClaimPath) -> str:
        """Return what a claim is called; its technical name when it has no words."""
        try:
            return label_for_path(self.catalogue, credential_type, path, self.lang)
        except KeyError:
            return printable(".".join(str(part) for part in path))

    def label_of(self, type_id: str, dotted: str) -> str:
        """Return what a dotted claim name of the log is called."""
        credential_type = self.catalogue.types.get(type_id)
        path = tuple(None if part == "*" else part for part in dotted.split("."))
        return self.label(credential_type, path) if credential_type else printable(dotted)

    def value(
        self, credential_type: CredentialType, path: ClaimPath, value: object
    ) -> str | list[str]:
        """Return a value in words."""
        if isinstance(value, dict):
            value = self._in_order(credential_type, path, value)
        said = value_text(self.catalogue, credential_type, path, value, self.lang)
        return printable(said) if isinstance(said, str) else [printable(one) for one in said]

    def _in_order(
        self, credential_type: CredentialType, path: ClaimPath, value: dict[str, object]
    ) -> dict[str, object]:
        """Return named parts in the order of their code list: presentations shuffle them."""
        claim = credential_type.claims.get(str(path[0]))
        listed = self.catalogue.code_lists.get(claim.code_list or "", {}) if claim else {}
        order = {name: place for place, name in enumerate(listed)}
        return dict(sorted(value.items(), key=lambda part: (order.get(part[0], 99), part[0])))

    def row(self, label: str, said: str | list[str]) -> list[str]:
        """Return ``label: value``; a list of several values stands below its label."""
        if isinstance(said, list) and len(said) == 1:
            said = said[0]
        if isinstance(said, str):
            return [f"{INDENT}{label}: {said}"]
        return [f"{INDENT}{label}:", *(f"{INDENT}{INDENT}- {one}" for one in said)]
