"""Claim values as words that a client or an official reads.

Values come from a presentation, so any part of an object or a list may be missing. A value that
does not fit its claim is never shown raw: it reads "The item cannot be shown".
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from credential_schemas import i18n
from credential_schemas.labels import claim_at, label_for_path, texts
from credential_schemas.model import (
    LANGS,
    Catalogue,
    ClaimDefinition,
    CredentialType,
    Kind,
    Lang,
    Path,
)
from credential_schemas.schema_checks import parse_date

__all__ = ["label_for_path", "value_text"]

_Render = Callable[[Catalogue, ClaimDefinition, object, Lang], str | list[str]]


class _Unreadable(Exception):
    """The value does not fit the claim."""


def value_text(
    catalogue: Catalogue, credential_type: CredentialType, path: Path, value: object, lang: Lang
) -> str | list[str]:
    """One value in words.

    Args:
        catalogue: for the code lists.
        credential_type: the type that the claim belongs to.
        path: a DCQL or a concrete path; its first step names the claim.
        value: what the path leads to.
        lang: the language.

    Returns:
        Words; a list of them for a list or an object of named scores.

    Raises:
        KeyError: the type has no such claim.
    """
    claim = claim_at(credential_type, path)
    steps = path[1:]
    if claim.members and (member := _member_at(claim, steps)) is not None:
        claim, steps = member, ()
    kind = _kind_at(claim.kind, steps)
    try:
        if claim.kind == "scale" and steps:
            return _scale_member(catalogue, claim, value, lang)
        return _RENDERERS[kind](catalogue, claim, value, lang)
    except _Unreadable:
        return texts().text("value.unreadable", lang)


_SCALE_MEMBERS: Final = ("min", "max", "direction")
_LARGEST: Final = 1_000_000_000
_ELEMENT_OF: Final[Mapping[Kind, Kind]] = {
    "codes": "code",
    "texts": "text",
    "scores": "number",
    "words": "text",
    "claim_names": "claim_name",
    "records": "record",
}


def _kind_at(kind: Kind, steps: Path) -> Kind:
    """The kind of one element or member; of the whole when the path ends or selects all."""
    if steps and steps[0] is not None:
        return _ELEMENT_OF.get(kind, kind)
    return kind


def _member_at(claim: ClaimDefinition, steps: Path) -> ClaimDefinition | None:
    """The member that the path ends in; None when it ends above, in one record or all."""
    names = [step for step in steps if isinstance(step, str)]
    return claim.members[names[0]] if names else None


def _text(_catalogue: Catalogue, _claim: ClaimDefinition, value: object, _lang: Lang) -> str:
    if not isinstance(value, str):
        raise _Unreadable
    return value


def _texts_of(
    _catalogue: Catalogue, _claim: ClaimDefinition, value: object, _lang: Lang
) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _Unreadable
    return list(value)


def _date(_catalogue: Catalogue, _claim: ClaimDefinition, value: object, lang: Lang) -> str:
    day = parse_date(value)
    if day is None:
        raise _Unreadable
    return i18n.format_date(day, lang)


def _code(catalogue: Catalogue, claim: ClaimDefinition, value: object, lang: Lang) -> str:
    labels = catalogue.code_lists.get(claim.code_list or "", {})
    if not isinstance(value, str) or value not in labels:
        raise _Unreadable
    return labels[value][lang]


def _codes(catalogue: Catalogue, claim: ClaimDefinition, value: object, lang: Lang) -> list[str]:
    if not isinstance(value, list):
        raise _Unreadable
    return [_code(catalogue, claim, item, lang) for item in value]


def _boolean(_catalogue: Catalogue, _claim: ClaimDefinition, value: object, lang: Lang) -> str:
    if not isinstance(value, bool):
        raise _Unreadable
    return texts().text("answer.yes" if value else "answer.no", lang)


def _plain_number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Unreadable
    if not -_LARGEST <= value <= _LARGEST:
        raise _Unreadable
    return value


def _number(_catalogue: Catalogue, _claim: ClaimDefinition, value: object, lang: Lang) -> str:
    return i18n.format_number(_plain_number(value), lang)


def _hours(_catalogue: Catalogue, _claim: ClaimDefinition, value: object, lang: Lang) -> str:
    return texts().text("hours", lang, n=int(_plain_number(value)))


def _euros(_catalogue: Catalogue, _claim: ClaimDefinition, value: object, lang: Lang) -> str:
    return i18n.format_euros(_plain_number(value), lang)


def _score(catalogue: Catalogue, claim: ClaimDefinition, value: object, lang: Lang) -> str:
    score, scale = i18n.format_number(_plain_number(value), lang), claim.scale
    if scale is None:
        return score
    direction = catalogue.code_lists["scale_direction"][scale.direction][lang]
    if scale.lowest is None or scale.highest is None:
        return texts().text("score.open", lang, score=score, direction=direction)
    return texts().text(
        "score", lang, score=score, lowest=scale.lowest, highest=scale.highest, direction=direction
    )


def _scores(catalogue: Catalogue, claim: ClaimDefinition, value: object, lang: Lang) -> list[str]:
    if not isinstance(value, Mapping):
        raise _Unreadable
    return [
        texts().text(
            "item",
            lang,
            name=_code(catalogue, claim, name, lang),
            value=i18n.format_number(_plain_number(score), lang),
        )
        for name, score in value.items()
    ]


def _scale(
    catalogue: Catalogue, claim: ClaimDefinition, value: object, lang: Lang
) -> str | list[str]:
    if not isinstance(value, Mapping):
        raise _Unreadable
    if not value.keys() >= set(_SCALE_MEMBERS):
        return [
            texts().text(
                "item",
                lang,
                name=texts().text(f"scale.{name}", lang),
                value=_scale_member(catalogue, claim, value[name], lang),
            )
            for name in _SCALE_MEMBERS
            if name in value
        ]
    return texts().text(
        "scale",
        lang,
        lowest=_number(catalogue, claim, value.get("min"), lang),
        highest=_number(catalogue, claim, value.get("max"), lang),
        direction=_code(catalogue, claim, value.get("direction"), lang),
    )


def _scale_member(catalogue: Catalogue, claim: ClaimDefinition, value: object, lang: Lang) -> str:
    render = _code if isinstance(value, str) else _number
    return render(catalogue, claim, value, lang)


def _moment(_catalogue: Catalogue, _claim: ClaimDefinition, value: object, lang: Lang) -> str:
    if not isinstance(value, str) or not value.endswith("Z"):
        raise _Unreadable
    try:
        return i18n.format_datetime(datetime.fromisoformat(value), lang)
    except (ValueError, OverflowError):
        raise _Unreadable from None


def _words(_catalogue: Catalogue, _claim: ClaimDefinition, value: object, lang: Lang) -> str:
    """The reader's language; another one when that is all there is."""
    if not isinstance(value, Mapping):
        raise _Unreadable
    said = [value[one] for one in (lang, *LANGS) if isinstance(value.get(one), str)]
    if not said:
        raise _Unreadable
    return str(said[0])


def _task(catalogue: Catalogue, _claim: ClaimDefinition, value: object, lang: Lang) -> str:
    if not isinstance(value, str) or value not in catalogue.profiles:
        raise _Unreadable
    return catalogue.profiles[value].title[lang]


def _claim_name(catalogue: Catalogue, _claim: ClaimDefinition, value: object, lang: Lang) -> str:
    """A `type.claim` path as what the claim is called."""
    if not isinstance(value, str):
        raise _Unreadable
    type_id, *path = value.split(".")
    try:
        return label_for_path(catalogue, catalogue.types[type_id], tuple(path), lang)
    except KeyError:
        raise _Unreadable from None


def _claim_names(
    catalogue: Catalogue, claim: ClaimDefinition, value: object, lang: Lang
) -> list[str]:
    if not isinstance(value, list):
        raise _Unreadable
    return [_claim_name(catalogue, claim, item, lang) for item in value]


def _record(catalogue: Catalogue, claim: ClaimDefinition, value: object, lang: Lang) -> str:
    """The members in one phrase: the first as it is, each other one after its name."""
    if not isinstance(value, Mapping):
        raise _Unreadable
    said = [
        (member.label[lang], _RENDERERS[member.kind](catalogue, member, value[name], lang))
        for name, member in claim.members.items()
        if name in value
    ]
    if not said:
        raise _Unreadable
    leads = next(iter(claim.members)) in value
    named = [texts().text("item", lang, name=name, value=text) for name, text in said]
    told = [str(said[0][1]), *named[1:]] if leads else named
    return texts().text("part.between", lang).join(one.rstrip(".") for one in told)


def _records(catalogue: Catalogue, claim: ClaimDefinition, value: object, lang: Lang) -> list[str]:
    if not isinstance(value, list):
        raise _Unreadable
    return [_record(catalogue, claim, item, lang) for item in value]


_RENDERERS: Final[Mapping[Kind, _Render]] = {
    "text": _text,
    "texts": _texts_of,
    "date": _date,
    "code": _code,
    "codes": _codes,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "score": _score,
    "scores": _scores,
    "scale": _scale,
    "euros": _euros,
    "hours": _hours,
    "hetu": _text,
    "moment": _moment,
    "words": _words,
    "task": _task,
    "claim_name": _claim_name,
    "claim_names": _claim_names,
    "record": _record,
    "records": _records,
    "identifier": _text,
}
