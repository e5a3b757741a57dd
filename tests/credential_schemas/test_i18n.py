"""Words from .po files, complete or refused, and dates and times as people write them."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from credential_schemas import i18n
from credential_schemas.data_files import HOME
from credential_schemas.i18n import BrokenTexts, Texts
from credential_schemas.model import LANGS

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
GOOD = {
    "fi": 'msgid "age"\nmsgid_plural "age"\nmsgstr[0] "{n} tunti"\nmsgstr[1] "{n} tuntia"\n\n'
    'msgid "closed"\nmsgstr "Suljettu {date}"\n',
    "sv": 'msgid "age"\nmsgid_plural "age"\nmsgstr[0] "{n} timme"\nmsgstr[1] "{n} timmar"\n\n'
    'msgid "closed"\nmsgstr "Stängd {date}"\n',
    "en": 'msgid "age"\nmsgid_plural "age"\nmsgstr[0] "{n} hour"\nmsgstr[1] "{n} hours"\n\n'
    'msgid "closed"\nmsgstr "Closed on {date}"\n',
}


def write(directory: Path, **changed: str | None) -> Path:
    """The three files, some with another body; None leaves a file out."""
    for lang, body in {**GOOD, **changed}.items():
        if body is not None:
            (directory / f"{lang}.po").write_text(HEADER + body, "utf-8")
    return directory


def test_words_with_values(tmp_path):
    texts = Texts.load(write(tmp_path))
    assert texts.keys() == {"age", "closed"}
    assert texts.text("closed", "fi", date="1.1.2027") == "Suljettu 1.1.2027"
    assert texts.text("closed", "sv", date="{date}") == "Stängd {date}"
    assert [texts.text("age", "fi", n=n) for n in (0, 1, 2)] == ["0 tuntia", "1 tunti", "2 tuntia"]
    assert texts.text("age", "sv", n=1) == "1 timme"
    assert texts.text("age", "en", n=21) == "21 hours"


@pytest.mark.parametrize(
    ("key", "lang", "values"),
    [
        ("nothing", "fi", {}),
        ("closed", "de", {"date": "x"}),
        ("closed", "fi", {}),
        ("age", "fi", {}),
    ],
)
def test_what_is_missing_is_loud(tmp_path, key, lang, values):
    texts = Texts.load(write(tmp_path))
    with pytest.raises(KeyError):
        texts.text(key, lang, **values)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"sv": None}, r"sv\.po"),
        ({"sv": ""}, "age, closed"),
        ({"en": GOOD["en"] + '\nmsgid "new"\nmsgstr "New"\n'}, "new"),
        ({"sv": GOOD["sv"].replace("Stängd {date}", "")}, "closed: empty"),
        ({"sv": GOOD["sv"].replace("Stängd {date}", "Stängd")}, "closed: placeholders"),
        ({"sv": GOOD["sv"].replace("{date}", "{datum}")}, "closed: placeholders"),
        ({"sv": GOOD["sv"].replace("{date}", "{date")}, "closed"),
        ({"sv": GOOD["sv"].replace("{date}", "{date.year}")}, "plain names"),
        ({"sv": GOOD["sv"].replace("{date}", "{date!r}")}, "plain names"),
        ({"sv": GOOD["sv"].replace("{date}", "{0}")}, "plain names"),
        ({"sv": GOOD["sv"].replace('msgid "closed"', '#, fuzzy\nmsgid "closed"')}, "fuzzy"),
        ({"sv": GOOD["sv"] + 'msgid "closed"\nmsgstr "Stängd {date}"\n'}, "twice"),
        ({"sv": GOOD["sv"].replace('msgstr "', "msgstr ")}, "line 11"),
        (
            {"en": 'msgid "age"\nmsgstr "{n} hours"\n\nmsgid "closed"\nmsgstr "Closed {date}"\n'},
            "plural forms differ",
        ),
    ],
)
def test_incomplete_words_are_refused(tmp_path, broken, said):
    with pytest.raises(BrokenTexts, match=said):
        Texts.load(write(tmp_path, **broken))


def test_a_chapter_of_its_own(tmp_path):
    write(tmp_path)
    for lang in LANGS:
        body = f'msgid "scan.title"\nmsgstr "{lang}"\n'
        (tmp_path / f"scan.{lang}.po").write_text(HEADER + body, "utf-8")
    texts = Texts.load(tmp_path)
    assert texts.keys() == {"age", "closed", "scan.title"}
    assert texts.text("scan.title", "sv") == "sv"
    (tmp_path / "more.sv.po").write_text(HEADER + 'msgid "closed"\nmsgstr "Stängd"\n', "utf-8")
    with pytest.raises(BrokenTexts, match="given twice: closed"):
        Texts.load(tmp_path)


def test_the_words_of_this_room_are_complete():
    assert Texts.load(HOME / "locales").text("answer.yes", "sv") == "Ja"


def test_dates_times_and_lists():
    moment = datetime(2026, 9, 14, 5, 5, tzinfo=UTC)
    winter = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    by_lang = {
        "fi": ("klo 8.05", "14.9.2026 klo 8.05", "23.11.2026 klo 0.30", "a, b ja c"),
        "sv": ("kl. 8.05", "14.9.2026 kl. 8.05", "23.11.2026 kl. 0.30", "a, b och c"),
        "en": ("8:05", "14.9.2026, 8:05", "23.11.2026, 0:30", "a, b and c"),
    }
    for lang in LANGS:
        assert (
            i18n.format_time(moment, lang),
            i18n.format_datetime(moment, lang),
            i18n.format_datetime(winter, lang),
            i18n.join_list(["a", "b", "c"], lang),
        ) == by_lang[lang]
        assert i18n.format_date(date(2026, 9, 4), lang) == "4.9.2026"
        assert i18n.join_list([], lang) == ""
        assert i18n.join_list(["a"], lang) == "a"


def test_a_clock_time_needs_a_time_zone():
    with pytest.raises(ValueError, match="time zone"):
        i18n.format_time(datetime(2026, 9, 14, 5, 5), "fi")  # noqa: DTZ001 - the fault tested
