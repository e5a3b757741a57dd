"""What can be wrong with handed-over claims, in stable codes and words that carry no value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "already_over": "Do not issue data whose validity has already ended.",
        "date_order": "Give the earlier date first: the period ends before it starts.",
        "diagnosis_in_text": "Leave diagnosis codes out. Describe what the person can do.",
        "document_in_text": "Send single data items, never a document or encoded data.",
        "empty": "Leave the item out when there is nothing to say.",
        "fixed_value": "Use the one value that the schema allows here.",
        "identity_code_birthdate": "The personal identity code and the birthdate must agree.",
        "identity_code_check": "Check the personal identity code: its check character is wrong.",
        "identity_code_form": "Give the personal identity code in its 11-character form.",
        "identity_code_in_text": "Give a personal identity code only in its own item.",
        "identity_code_real": "Use test identity codes only (individual numbers 900-999).",
        "inconsistent": "Correct the item, or the one it depends on: they do not fit together.",
        "issuer_not_allowed": "This organisation may not issue this type.",
        "issuing_authority_differs": "Name the issuing organisation itself as issuing_authority.",
        "missing": "Add this item.",
        "missing_companion": "Add this item: another item given cannot be understood without it.",
        "not_a_date": "Give the date as YYYY-MM-DD.",
        "not_in_code_list": "Use a code of the code list.",
        "number_not_finite": "Give a finite number.",
        "out_of_range": "Give a number within the range of the schema.",
        "outside_scale": "Give scores that fit the scale given with them.",
        "repeated": "Give each element once.",
        "too_deep": "Flatten the data: items are values, lists or one level of names.",
        "too_long": "Shorten the text.",
        "too_many": "Give fewer elements.",
        "unknown_item": "Remove items that the schema does not name.",
        "unreadable_characters": "Remove control and invisible characters.",
        "wrong_form": "Give the value in the form that the schema describes.",
        "wrong_type": "Give the kind of JSON value that the schema names.",
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault: where it is and what to do. Never holds the value.

    Attributes:
        path: place of the item, of names the schema knows and list positions; () is the whole.
        code: stable code, a key of `ADVICE`.
    """

    path: tuple[str | int, ...]
    code: str

    @property
    def advice(self) -> str:
        """What the sender should do, in plain English."""
        return ADVICE[self.code]

    def __str__(self) -> str:
        where = ".".join(str(part) for part in self.path) or "claims"
        return f"{where}: {self.code}"


class ClaimsRejected(Exception):
    """The claims may not be issued. `problems` lists everything that is wrong with them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems, each once, in the order of their places."""
        unique = sorted(
            set(problems), key=lambda problem: ([*map(str, problem.path)], problem.code)
        )
        self.problems: tuple[Problem, ...] = tuple(unique)
        super().__init__("; ".join(str(problem) for problem in self.problems))
