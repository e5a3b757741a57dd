"""What free text may not carry: documents, diagnoses, identity codes, invisible characters."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from credential_schemas import hetu

_ICD10: Final = re.compile(
    r"(?<!\w)(?:[A-TV-Z]\d{2}(?: ?[.,] ?\d{1,2})?|[A-TV-Z] \d{2}[.,]\d{1,2})(?!\w)",
    flags=re.IGNORECASE,
)
_LOOK_ALIKE: Final = str.maketrans(
    "\u0410\u0412\u0421\u0415\u041d\u0406\u0408\u041a\u041c\u041e\u0420\u0405\u0422\u0425\u0423"
    "\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7\u03a5\u0396",
    "ABCEHIJKMOPSTXYABEHIKMNOPTXYZ",
)
"""Cyrillic and Greek letters, and the Latin ones that they look like."""

_NOT_A_DIAGNOSIS: Final = frozenset({"B12", "E18", "K18"})
"""Words that look like ICD-10 and are not: a vitamin, a motorway, an age limit."""

_DIAGNOSIS_FOLLOWS: Final = re.compile(
    r"(?<!\w)(?:(?:dg|dgn|diagnoosi|diagnoosit|diagnos|diagnoser|diagnosis)\.? ?[:=]"
    r"|icd[ -]?1[01](?!\w))",
    flags=re.IGNORECASE,
)

_BEGINS_DOCUMENT: Final = re.compile(
    r"data:[\w.+/-]{0,100}[;,]"  # an address that holds what it names
    r"|%PDF-|\{\\rtf|<(?:\?xml|!doctype|html|svg)"  # PDF, RTF, markup
    r"|-----BEGIN|begin-base64|Content-Transfer-Encoding"  # PEM, uuencode, MIME
    r"|25504446(?:2d|[0-9a-f]{6})|504b0304",  # PDF and ZIP in hexadecimal
    flags=re.IGNORECASE | re.ASCII,
)
_BEGINS_ENCODED: Final = re.compile(
    r"(?<![A-Za-z0-9+/])"
    r"(?:JVBERi0|UEsDB|0M8R4KGx|iVBORw0KG|/9j/4|R0lGOD|e1xydGY|PD94bWw|PCFET0|PGh0bWw|PHN2Zy)"
)
"""PDF, ZIP and DOCX, old Office, PNG, JPEG, GIF, RTF and markup, in base64."""

_LONG_RUN: Final = re.compile(r"[\w+/=-]{64}", flags=re.ASCII)
_ENCODED_RUN: Final = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_CASES: Final = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]"))
_LOOK_AT: Final = 1000
"""Characters looked at: twice what any schema allows, so that a huge text costs nothing."""

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Co", "Cs"})


def faults(text: str, *, no_diagnosis: bool) -> Iterator[str]:
    """Problem codes of one free text.

    Args:
        text: what a person or a system wrote.
        no_diagnosis: also refuse text that holds something like a diagnosis: an ICD-10 code, or
            a word that announces one.
    """
    text = text[:_LOOK_AT]
    plain = unicodedata.normalize("NFKC", text)
    if any(unicodedata.category(c) in _INVISIBLE and c != "\n" for c in text):
        yield "unreadable_characters"
    if not text.strip():
        yield "empty"
    if _is_document(plain):
        yield "document_in_text"
    if hetu.IN_TEXT.search(plain):
        yield "identity_code_in_text"
    if no_diagnosis and _tells_diagnosis(plain):
        yield "diagnosis_in_text"


def _is_document(text: str) -> bool:
    """Whether it begins like a document, or a run of it is longer or wilder than any word."""
    known = (_BEGINS_DOCUMENT, _BEGINS_ENCODED, _LONG_RUN)
    if any(pattern.search(text) for pattern in known):
        return True
    return any(all(case.search(run) for case in _CASES) for run in _ENCODED_RUN.findall(text))


def _tells_diagnosis(text: str) -> bool:
    latin = text.upper().translate(_LOOK_ALIKE)
    codes = ("".join(word.split()) for word in _ICD10.findall(latin))
    return bool(_DIAGNOSIS_FOLLOWS.search(text)) or any(
        code not in _NOT_A_DIAGNOSIS for code in codes
    )
