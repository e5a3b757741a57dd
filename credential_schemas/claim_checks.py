"""The rules that claims must hold: the type's JSON Schema, and what a schema cannot say."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from jsonschema import Draft202012Validator

from credential_schemas import hetu, schema_checks, text_checks
from credential_schemas.problems import Problem
from credential_schemas.schema_checks import parse_date

_MAX_DEPTH: Final = 6
_MAX_VALUES: Final = 1000
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ClaimRules:
    """The checks of one credential type.

    Attributes:
        validator: from `schema_checks.make_validator`.
        texts: names of the claims that hold free text.
        identity_codes: names of the claims that hold a personal identity code.
        no_diagnosis_text: names of the claims whose text may hold nothing like a diagnosis.
        date_order: pairs of claim names; the first date may not be after the second.
        item_date_order: the same within each item of a list: claim, first date, second date.
        scores_within: pairs (scores, scale); every score lies within `min` and `max` of the scale.
    """

    validator: Draft202012Validator
    texts: frozenset[str]
    identity_codes: frozenset[str]
    no_diagnosis_text: frozenset[str] = frozenset()
    date_order: tuple[tuple[str, str], ...] = ()
    item_date_order: tuple[tuple[str, str, str], ...] = ()
    scores_within: tuple[tuple[str, str], ...] = ()

    def problems(
        self, claims: Mapping[str, object], *, allow_real_identity_codes: bool
    ) -> tuple[Problem, ...]:
        """Everything that is wrong with the claims; empty when they may be issued."""
        # 0. small enough to look at
        oversize = _oversize(claims)
        if oversize is not None:
            return (Problem((), oversize),)
        return (
            # 1. the schema of the type
            *schema_checks.problems(self.validator, claims),
            # 2. numbers are numbers
            *_not_finite((), claims),
            # 3. text is short readable text: no document, identity code or diagnosis
            *self._text_problems(claims),
            # 4. personal identity codes are sound and the person's own
            *self._identity_code_problems(claims, allow_real=allow_real_identity_codes),
            # 5. periods start before they end
            *self._date_problems(claims),
            # 6. scores fit the scale that travels with them
            *self._scale_problems(claims),
        )

    def _text_problems(self, claims: Mapping[str, object]) -> Iterator[Problem]:
        for name in self.texts & claims.keys():
            for place, text in _strings((name,), claims[name]):
                no_diagnosis = name in self.no_diagnosis_text
                found = text_checks.faults(text, no_diagnosis=no_diagnosis)
                yield from (Problem(place, code) for code in found)

    def _identity_code_problems(
        self, claims: Mapping[str, object], *, allow_real: bool
    ) -> Iterator[Problem]:
        birthdate = parse_date(claims.get("birthdate"))
        for name in self.identity_codes & claims.keys():
            value = claims[name]
            if isinstance(value, str):
                code = hetu.fault(value, birthdate=birthdate, allow_real=allow_real)
                if code is not None:
                    yield Problem((name,), code)

    def _date_problems(self, claims: Mapping[str, object]) -> Iterator[Problem]:
        for first, second in self.date_order:
            start, end = parse_date(claims.get(first)), parse_date(claims.get(second))
            if start is not None and end is not None and start > end:
                yield Problem((second,), "date_order")
        for name, first, second in self.item_date_order:
            for place, item in _children(claims.get(name)):
                if not isinstance(item, Mapping):
                    continue
                start, end = parse_date(item.get(first)), parse_date(item.get(second))
                if start is not None and end is not None and start > end:
                    yield Problem((name, place, second), "date_order")

    def _scale_problems(self, claims: Mapping[str, object]) -> Iterator[Problem]:
        for scores_name, scale_name in self.scores_within:
            scores, scale = claims.get(scores_name), claims.get(scale_name)
            if not isinstance(scores, Mapping) or not isinstance(scale, Mapping):
                continue
            low, high = _number(scale.get("min")), _number(scale.get("max"))
            numbers = [n for n in map(_number, scores.values()) if n is not None]
            if low is None or high is None:
                continue
            if low >= high:
                yield Problem((scale_name,), "inconsistent")
            elif any(not low <= number <= high for number in numbers):
                yield Problem((scores_name,), "outside_scale")


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _children(value: object) -> Sequence[tuple[str | int, object]]:
    if isinstance(value, Mapping):
        return [(str(name), member) for name, member in value.items()]
    if isinstance(value, list):
        return list(enumerate(value))
    return []


def _oversize(claims: Mapping[str, object]) -> str | None:
    """The problem code when there are too many levels or values, level by level."""
    level: list[object] = [claims]
    seen = 0
    for _ in range(_MAX_DEPTH):
        level = [member for value in level for _, member in _children(value)]
        seen += len(level)
        if seen > _MAX_VALUES:
            return "too_many"
        if not level:
            return None
    return "too_deep"


def _strings(place: Place, value: object) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    for step, member in _children(value):
        yield from _strings((*place, step) if _told(step) else place, member)


def _not_finite(place: Place, value: object) -> Iterator[Problem]:
    if isinstance(value, float) and not math.isfinite(value):
        yield Problem(place, "number_not_finite")
    for step, member in _children(value):
        yield from _not_finite((*place, step) if _told(step) else place, member)


def _told(step: str | int) -> bool:
    return isinstance(step, int) or schema_checks.tells(step)
