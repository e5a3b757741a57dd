"""What a claim is: its words, how it is shown and disclosed, the scale of a number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Lang = Literal["fi", "sv", "en"]
LANGS: Final[tuple[Lang, ...]] = ("fi", "sv", "en")

Path = tuple[str | int | None, ...]
"""A DCQL claims path: names, list positions, and None for all elements of a list."""

Kind = Literal[
    "text", "texts", "date", "code", "codes", "integer", "number", "boolean",
    "score", "scores", "scale", "euros", "hours", "hetu", "moment", "words", "task",
    "claim_name", "claim_names", "record", "records", "identifier",
]  # fmt: skip
"""How a claim is shown: `render.py` has one way for each."""

Disclosure = Literal["always", "sd"]
Sensitivity = Literal["no", "indirect", "yes", "yes-clinical"]
"""GDPR Article 9: not health data, may reveal health, health data, clinical detail."""


@dataclass(frozen=True, slots=True)
class Label:
    """The same words in the three languages."""

    fi: str
    sv: str
    en: str

    def __getitem__(self, lang: Lang) -> str:
        """The words in one language; KeyError for a language that we do not speak."""
        if lang not in LANGS:
            raise KeyError(lang)
        words: str = getattr(self, lang)
        return words

    def get(self, lang: Lang) -> str:
        """The same as `label[lang]`."""
        return self[lang]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a number of a scale is to be read, and whose view that is.

    Attributes:
        when: a claim and the code it must have for this reading; None: it always holds.
        limits: from codes of the list to the lowest and highest number of that class; empty when
            the number is not put into classes.
    """

    when: tuple[str, str] | None
    lowest: int
    highest: int
    code_list: str | None
    limits: Mapping[str, tuple[int, int]]
    source: Label


@dataclass(frozen=True, slots=True)
class Scale:
    """Range of a score and which end is good; no range when the method decides it.

    Attributes:
        readings: how its numbers are read; the first that holds counts.
    """

    lowest: int | None
    highest: int | None
    direction: Literal["higher_is_better", "higher_is_worse"]
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimDefinition:
    """One claim of a type: its words, how it is disclosed and how it is shown.

    Attributes:
        members: of a record, or of each of several records: what each member is. They are
            disclosed like the claim, and as sensitive as it.
    """

    name: str
    label: Label
    help: Label | None
    disclosure: Disclosure
    art9: Sensitivity
    code_list: str | None
    kind: Kind
    scale: Scale | None = None
    members: Mapping[str, "ClaimDefinition"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saying:
    """A plain sentence about one claim.

    Attributes:
        claim: name of the claim.
        words: the sentence, with `{value}` once in each language.
        age: of a date: also say how long ago it was.
    """

    claim: str
    words: Label
    age: bool = False


@dataclass(frozen=True, slots=True)
class DeskView:
    """What an official reads first of a type, before the table of everything that was asked.

    Attributes:
        title: the heading.
        voice: who speaks in the card: the client, a professional, an authority, a receiver.
        quotes: claims in the client's own words, shown as quotations.
        says: a sentence for each claim that matters, in the order of reading.
        note: what this is, and what it is not.
    """

    title: Label
    voice: Literal["client", "professional", "authority", "receiver"]
    quotes: tuple[str, ...]
    says: tuple[Saying, ...]
    note: Label
