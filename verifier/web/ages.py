"""How old a list or a date is, in words."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from credential_schemas.i18n import HELSINKI, format_datetime, format_time
from credential_schemas.model import Lang

Words = Callable[..., str]
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def age_text(words: Words, age: timedelta) -> str:
    """Return an age in words, cut to whole minutes, hours or days: "2 tuntia vanha"."""
    if age < _MINUTE:
        return words("age.now")
    if age < _HOUR:
        return words("age.minutes", n=age // _MINUTE)
    if age < 2 * _DAY:
        return words("age.hours", n=age // _HOUR)
    return words("age.days", n=age // _DAY)


def as_of_text(words: Words, age: timedelta, *, at: datetime, lang: Lang) -> str:
    """Return as of when something was known: "tilanne klo 8.15, 2 tuntia vanha".

    Args:
        words: looks up a text.
        age: how old it was.
        at: when it was that old.
        lang: the language.
    """
    known = at - age
    same_day = known.astimezone(HELSINKI).date() == at.astimezone(HELSINKI).date()
    time = format_time(known, lang) if same_day else format_datetime(known, lang)
    return words("age.as_of", time=time, age=age_text(words, age))


def days_ago_text(words: Words, day: date, *, at: datetime) -> str | None:
    """Return how long ago a day was; None for a day to come."""
    days = (at.astimezone(HELSINKI).date() - day).days
    if days < 0:
        return None
    return words("age.today") if days == 0 else words("age.days_ago", n=days)
