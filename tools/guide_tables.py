"""Keep the staff guides' tables in the words of the desk's own pages.

Run after the words have changed: `python -m tools.guide_tables`. A house test compares.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from credential_schemas.i18n import Texts
from credential_schemas.model import LANGS, Lang

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "verifier" / "web" / "locales"
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "cannot_confirm": (
        *("suspended", "status_unknown", "status_stale", "self_initiated"),
        *("names_differ", "issuer_closed", "trust_list"),
    ),
    "reject": (
        *("revoked", "expired", "not_yet_valid", "not_same_person", "not_confirmed"),
        *("issuer_unknown", "issuer_wrong_type", "issuer_not_in_force", "tampered", "changed"),
        *("holder", "identity_codes_conflict", "other_request", "too_late", "replayed"),
        *("wrong_card", "unreadable", "status_unusable"),
    ),
    "not_shown": ("declined", "incomplete", "wallet_error", "over"),
    "reading": (
        *("no_code", "code_misread", "picture", "code_wifi", "code_offer", "code_request"),
        *("code_challenge", "code_link", "code_not_ours", "code_mixed", "code_other"),
        *("code_late", "code_newer", "certificate_not_held"),
    ),
}
"""The groups of failures (`verifier/web/failure_words.py`) in the order in which people meet them:
by outcome, and last those of reading a code, where there is no outcome yet."""

_HEADS: Final[Mapping[Lang, tuple[str, str]]] = {
    "fi": ("Sivulla lukee", "Mitä nyt"),
    "sv": ("På sidan står", "Vad du gör nu"),
    "en": ("The page says", "What you do now"),
}


def guide(lang: Lang) -> Path:
    """Return where the guide of a language is."""
    return ROOT / "docs" / f"staff-guide.{lang}.md"


def filled(text: str, lang: Lang, texts: Texts) -> str:
    """Return a guide with each of its tables made anew, between the marks that name its part.

    Args:
        text: the guide, which has a place for every part.
        lang: its language.
        texts: the words of the desk.
    """
    for part, groups in PARTS.items():
        begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = before + begin + _table(groups, lang, texts) + end + after
    return text


def _table(groups: tuple[str, ...], lang: Lang, texts: Texts) -> str:
    """Return a table in Markdown: what the page says, and what it says to do."""
    known = texts.keys()
    rows = [_HEADS[lang], ("---", "---")]
    for group in groups:
        steps = (f"next.{group}.{number}" for number in range(1, 10))
        told = " ".join(texts.text(step, lang) for step in steps if step in known)
        rows.append((texts.text(f"why.{group}", lang), told))
    return "".join(f"| {says} | {do} |\n" for says, do in rows)


def main() -> int:
    """Write the tables into the guides."""
    texts = Texts.load(LOCALES)
    for lang in LANGS:
        path = guide(lang)
        path.write_text(filled(path.read_text("utf-8"), lang, texts), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
