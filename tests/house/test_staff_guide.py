"""The staff guides say what the pages say, in three languages, and show pictures that exist."""

import re

import pytest

from credential_schemas.i18n import Texts
from credential_schemas.model import LANGS, Lang
from tools.desk_pictures import LIMIT
from tools.guide_tables import LOCALES, PARTS, filled, guide
from verifier.model import Outcome
from verifier.usecases.outcome_table import OUTCOME_OF
from verifier.web.failure_words import GROUP_OF, OVER
from verifier.web.foreign_codes import kind_of

BOLD = re.compile(r"\*\*(.+?)\*\*")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)]+)\)")
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
SELF_INITIATED = "self_initiated"  # decided by how it came, not by a failure of a check
ONLY_READ = ("wifi:x", "openid-credential-offer:x", "openid4vp:x", "https://example.org")


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts.load(LOCALES)


def headings(text: str) -> list[str]:
    return re.findall(r"^(#+) ", text, re.MULTILINE)


@pytest.mark.parametrize("lang", LANGS)
def test_tables_are_the_pages_own_sentences(texts: Texts, lang: Lang) -> None:
    text = guide(lang).read_text("utf-8")
    for part in PARTS:
        assert text.count(f"<!-- {part} -->") == text.count(f"<!-- end of {part} -->") == 1
    assert text == filled(text, lang, texts), "run python -m tools.guide_tables"
    for group in (group for groups in PARTS.values() for group in groups):
        assert f"| {texts.text(f'why.{group}', lang)} |" in text


def test_every_group_of_failures_is_told_once_under_its_outcome() -> None:
    told = [group for groups in PARTS.values() for group in groups]
    assert len(told) == len(set(told))
    assert set(told) == {*GROUP_OF.values(), OVER, *map(kind_of, ONLY_READ)}
    for outcome, besides in (
        (Outcome.CANNOT_CONFIRM, {SELF_INITIATED}),
        (Outcome.NOT_SHOWN, {"declined", "wallet_error", OVER}),
    ):
        by_checks = {
            GROUP_OF[failure.code]
            for failure, leads_to in OUTCOME_OF.items()
            if leads_to is outcome and failure.code in GROUP_OF
        }
        assert set(PARTS[outcome.value]) == by_checks | besides


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_bold_stands_on_a_page(texts: Texts, lang: Lang) -> None:
    keys = texts.keys()
    said = {texts.text(key, lang) for key in keys if plain(texts, key, lang)}
    bold = set(BOLD.findall(guide(lang).read_text("utf-8")))
    assert len(bold) > 40
    assert bold - said == set()


def plain(texts: Texts, key: str, lang: Lang) -> bool:
    """Tell whether a text has no placeholder, so that a page shows it as it is."""
    try:
        texts.text(key, lang)
    except KeyError:
        return False
    return True


@pytest.mark.parametrize("lang", LANGS)
def test_pictures_are_there_small_and_described(lang: Lang) -> None:
    path = guide(lang)
    pictures = PICTURE.findall(path.read_text("utf-8"))
    taken = {f"pictures/{one.name}" for one in (path.parent / "pictures").glob(f"*.{lang}.png")}
    assert {name for _, name in pictures} == taken
    assert len(taken) > 10
    for described, name in pictures:
        assert len(described) > 20, name
        assert (path.parent / name).stat().st_size < LIMIT, name


@pytest.mark.parametrize("lang", LANGS)
def test_links_lead_somewhere(lang: Lang) -> None:
    path = guide(lang)
    text = path.read_text("utf-8")
    places = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    links = LINK.findall(text)
    assert len(links) == 3
    for link in links:
        there = link[1:] in places if link.startswith("#") else (path.parent / link).is_file()
        assert there, link


def test_the_three_are_built_alike() -> None:
    built = {lang: headings(guide(lang).read_text("utf-8")) for lang in LANGS}
    assert built["fi"] == built["sv"] == built["en"]
    shown = [
        [name.split(".")[0] for _, name in PICTURE.findall(guide(lang).read_text("utf-8"))]
        for lang in LANGS
    ]
    assert shown[0] == shown[1] == shown[2]
