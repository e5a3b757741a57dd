"""JSON Schema findings as problems: places and codes, without the values that caused them."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Final, cast

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from credential_schemas.problems import Problem

_PLAIN_NAME: Final = re.compile(r"[a-z][a-z_]{0,63}", flags=re.ASCII)
"""A name that is no value in disguise: no digits, capitals, spaces or letters of names."""

_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", flags=re.ASCII)
_CODE_OF: Final[Mapping[str, str]] = {
    "additionalProperties": "unknown_item",
    "const": "fixed_value",
    "dependentRequired": "missing_companion",
    "enum": "not_in_code_list",
    "format": "not_a_date",
    "maxItems": "too_many",
    "maxLength": "too_long",
    "maximum": "out_of_range",
    "minItems": "empty",
    "minLength": "empty",
    "minProperties": "empty",
    "minimum": "out_of_range",
    "pattern": "wrong_form",
    "required": "missing",
    "type": "wrong_type",
    "uniqueItems": "repeated",
}
KEYWORDS: Final = frozenset(_CODE_OF)
"""The assertions that a schema of claims may use: each has a problem code."""


def parse_date(value: object) -> date | None:
    """A date written as YYYY-MM-DD, or None."""
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _is_date(value: object) -> bool:
    return not isinstance(value, str) or parse_date(value) is not None


def _format_checker() -> FormatChecker:
    checker = FormatChecker(formats=())
    register: Callable[[Callable[[object], bool]], object] = checker.checks("date")
    register(_is_date)
    return checker


def make_validator(schema: Mapping[str, object]) -> Draft202012Validator:
    """A validator that asserts `format: date` strictly and fetches nothing.

    Raises:
        jsonschema.exceptions.SchemaError: the schema itself is broken.
    """
    return _validator(json.dumps(dict(schema)))


@lru_cache(maxsize=256)
def _validator(schema: str) -> Draft202012Validator:
    plain = json.loads(schema)
    Draft202012Validator.check_schema(plain)
    return Draft202012Validator(plain, format_checker=_format_checker())


def tells(name: object) -> bool:
    """Whether a problem may repeat the name: plain words, which hold nothing about a person."""
    return isinstance(name, str) and _PLAIN_NAME.fullmatch(name) is not None


def problems(validator: Draft202012Validator, claims: Mapping[str, object]) -> Iterator[Problem]:
    """Everything the schema finds wrong with the claims."""
    for error in validator.iter_errors(dict(claims)):
        place = tuple(error.absolute_path)
        names = _missing_names(error) or _unknown_names(error)
        if names:
            code = _CODE_OF[str(error.validator)]
            yield from (Problem((*place, *name), code) for name in names)
        elif {"then", "else"} & set(error.absolute_schema_path):
            yield Problem(place, "inconsistent")
        else:
            yield Problem(place, _CODE_OF[str(error.validator)])


def _unknown_names(error: ValidationError) -> list[tuple[str, ...]]:
    """The names that the schema does not have; () for one that may not be repeated."""
    if error.validator != "additionalProperties" or not isinstance(error.instance, Mapping):
        return []
    known = cast("Mapping[str, object]", error.schema).get("properties", {})
    unknown = set(error.instance) - set(cast("Mapping[str, object]", known))
    return [(name,) if tells(name) else () for name in unknown]


def _missing_names(error: ValidationError) -> list[tuple[str, ...]]:
    present = error.instance
    if not isinstance(present, Mapping):
        return []
    if error.validator == "required":
        wanted = cast("list[str]", error.validator_value)
    elif error.validator == "dependentRequired":
        needs = cast("Mapping[str, list[str]]", error.validator_value)
        wanted = [name for given, names in needs.items() if given in present for name in names]
    else:
        return []
    return [(name,) for name in wanted if name not in present]
