"""What free text may not carry: documents, diagnosis and identity codes, invisible characters."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from credential_schemas import hetu

_ICD10: Final = re.compile(r"(?<!\w)[A-TV-Z]\d{2}(?:[.,]\d{1,2})?(?!\w)", flags=re.IGNORECASE)
_NOT_A_DIAGNOSIS: Final = frozenset({"B12", "E18", "K18"})
"""Words that look like ICD-10 and are not: a vitamin, a motorway, an age limit."""

_DOCUMENT: Final = re.compile(
    r"data:[\w.+/-]{0,100}[;,]|JVBERi0|%PDF-|<(?:\?xml|!doctype|html)|[\w+/=-]{64}",
    flags=re.IGNORECASE | re.ASCII,
)
_LOOK_AT: Final = 1000
"""Characters looked at: twice what any schema allows, so that a huge text costs nothing."""

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Co", "Cs"})


def faults(text: str, *, no_diagnosis: bool) -> Iterator[str]:
    """Problem codes of one free text.

    Args:
        text: what a person or a system wrote.
        no_diagnosis: also refuse text that holds something like an ICD-10 code.
    """
    text = text[:_LOOK_AT]
    plain = unicodedata.normalize("NFKC", text)
    if any(unicodedata.category(c) in _INVISIBLE and c != "\n" for c in text):
        yield "unreadable_characters"
    if not text.strip():
        yield "empty"
    if _DOCUMENT.search(plain):
        yield "document_in_text"
    if hetu.IN_TEXT.search(plain):
        yield "identity_code_in_text"
    if no_diagnosis and any(_is_diagnosis(word) for word in _ICD10.findall(plain)):
        yield "diagnosis_in_text"


def _is_diagnosis(word: str) -> bool:
    return word.upper() not in _NOT_A_DIAGNOSIS
