"""Problem documents (RFC 9457): what went wrong in words, and for bad content every fault of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from credential_schemas.i18n import Texts
from credential_schemas.model import LANGS, Lang
from credential_schemas.problems import ADVICE, ClaimsRejected
from credential_schemas.schema_checks import tells
from issuer.usecases.failures import TypeNotIssuedHere, TypeRefused, TypeUnknown
from keys.checks import CheckFailed

TEXTS: Final = Texts.load(Path(__file__).parent / "locales")
TYPE: Final = "urn:kykylompakko:problem:"

_KEYS: Final = TEXTS.keys()
_OUTSIDE_BODY: Final = frozenset({"path", "header", "query"})
# What pydantic calls a mistake, in the words that we have for the same mistake in claims.
_SAME_AS: Final[Mapping[str, str]] = {
    "missing": "missing",
    "extra_forbidden": "unknown_item",
    "string_too_long": "too_long",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
}
_TYPE_FAULTS: Final[Mapping[type[CheckFailed], str]] = {
    TypeNotIssuedHere: "issuer_not_allowed",
    TypeRefused: "issuer_not_allowed",
    TypeUnknown: "not_in_code_list",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake of a body: where, which kind, and what to do. Never what was sent.

    Attributes:
        pointer: the place in the body as a JSON Pointer (RFC 6901); None for what stands outside
            of the body, in its address or headers.
        path: the same place in steps, from the claims on for a mistake in them.
        words: what to do, in `fi`, `sv` and `en`.
    """

    pointer: str | None
    path: tuple[str | int, ...]
    code: str
    words: Mapping[str, str]

    def as_json(self, lang: Lang) -> dict[str, object]:
        """Return the fault's entry in a problem document."""
        entry: dict[str, object] = {} if self.pointer is None else {"pointer": self.pointer}
        return {
            **entry,
            "path": list(self.path),
            "code": self.code,
            "advice": self.words[lang],
            "words": {each: self.words[each] for each in LANGS},
        }


def faults_of_claims(rejected: ClaimsRejected) -> tuple[Fault, ...]:
    """Return the faults of claims, by their places in the body that held them."""
    return tuple(
        Fault(rejected.place + problem.pointer, problem.path, problem.code, problem.words)
        for problem in rejected.problems
    )


def faults_of_body(errors: Iterable[Mapping[str, Any]]) -> tuple[Fault, ...]:
    """Return the faults that pydantic found: places and kinds; unknown names if plain words."""
    return tuple(_fault(error["loc"], error["type"]) for error in errors)


def _fault(place: Sequence[str | int], kind: str) -> Fault:
    is_outside = bool(place) and place[0] in _OUTSIDE_BODY
    path = tuple(place[1:] if is_outside or place[:1] == ("body",) else place)
    if kind == "extra_forbidden" and not tells(path[-1]):
        path = path[:-1]
    pointer = "".join(f"/{_escaped(str(step))}" for step in path)
    words = ADVICE[_SAME_AS.get(kind, "wrong_type" if kind.endswith("_type") else "wrong_form")]
    return Fault(None if is_outside else pointer, path, kind, words)


def _fault_of_type(failure: CheckFailed) -> tuple[Fault, ...] | None:
    """Return the fault of a body that names a type it should not; None for any other failure."""
    for kind, code in _TYPE_FAULTS.items():
        if isinstance(failure, kind):
            return (Fault("/type", ("type",), code, ADVICE[code]),)
    return None


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def problem_document(
    failure: CheckFailed, status: HTTPStatus, lang: Lang, faults: Iterable[Fault] | None = None
) -> dict[str, object]:
    """Return the document for a failure.

    Args:
        failure: what went wrong.
        status: what it is in HTTP.
        lang: the caller's language.
        faults: every mistake of a body, when that is what went wrong.
    """
    code = failure.code if f"{failure.code}.title" in _KEYS else "bad_request"
    document: dict[str, object] = {
        "type": TYPE + failure.code,
        "title": TEXTS.text(f"{code}.title", lang),
        "status": int(status),
        "detail": TEXTS.text(f"{code}.detail", lang),
        "code": failure.code,
    }
    if isinstance(failure, TypeRefused):
        document["detail"] = failure.reason[lang]
        document["reason"] = {each: failure.reason[each] for each in LANGS}
    faults = _fault_of_type(failure) if faults is None else faults
    if faults is not None:
        document["problems"] = [fault.as_json(lang) for fault in faults]
    return document
