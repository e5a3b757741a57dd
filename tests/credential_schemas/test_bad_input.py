"""Bad content, of every type and every claim: each fault by its place, code and words."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS, CredentialType
from credential_schemas.policy import check_issuer
from credential_schemas.problems import ClaimsRejected, Problem
from tests.credential_schemas.conftest import EXAMPLES, MISSING, example

HETU = "personal_administrative_number"
SECRET = "Salaisuus"
"""In every bad value: nothing that is told may hold it."""

DOCUMENTS = {
    "data address": f"data:application/pdf;base64,{SECRET}",
    "PDF": f"%PDF-1.7 {SECRET}",
    "PDF in base64": f"{SECRET} JVBERi0xLjcKJeLj",
    "DOCX in base64": f"{SECRET} UEsDBBQABgAI",
    "picture in base64": f"{SECRET} iVBORw0KGgo",
    "base64 in short pieces": f"{SECRET} QmVuZUZhY2lvMTIzNDU2 c2FsYWlzdXVzMTIzNDU2Nzg5MEFC",
    "hexadecimal": f"{SECRET} 255044462d312e37",
    "page": f"<html>{SECRET}</html>",
    "PEM": f"-----BEGIN {SECRET}-----",
    "rich text": "{\\rtf1 " + SECRET,
}
DIAGNOSES = {
    "code": f"{SECRET} F32.1",
    "code in small letters": f"{SECRET} (m54,5)",
    "code with a space": f"{SECRET} F 32.1",
    "code in wide letters": f"{SECRET} \uff26\uff13\uff12",
    "code in Cyrillic letters": f"{SECRET} \u041c54, \u0444",
    "code in Greek letters": f"{SECRET} \u039c54",
    "code in other digits": f"{SECRET} F\u0663\u0662",
    "announced": f"{SECRET} dg: masennus",
    "announced in Swedish": f"{SECRET} Diagnos: ryggont",
    "coding system": f"{SECRET} ICD-10",
}
TYPES = load_catalogue().types
WITH_HETU = [type_id for type_id in EXAMPLES if HETU in example(type_id)]


def _schema(type_id: str) -> Any:
    return TYPES[type_id].schema


@dataclass(frozen=True)
class Place:
    """Where a value stands in a type's claims, and what its schema says."""

    type_id: str
    path: tuple[str | int, ...]
    schema: Any

    @property
    def name(self) -> str:
        return str(self.path[0])

    def __str__(self) -> str:
        return ".".join(map(str, (self.type_id, *self.path)))


@cache
def places() -> tuple[Place, ...]:
    """Every place of a single value, in every type, walked through the schemas."""
    return tuple(
        Place(t.id, path, part)
        for t in TYPES.values()
        for name, schema in _schema(t.id)["properties"].items()
        for path, part in _walk((name,), schema)
    )


def _walk(path: tuple[str | int, ...], schema: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if schema["type"] == "array":
        yield from _walk((*path, 0), schema["items"])
    elif schema["type"] == "object":
        for name, part in schema["properties"].items():
            yield from _walk((*path, name), part)
    else:
        yield path, schema


def _with(place: Place, value: object) -> dict[str, Any]:
    """The example's claims with one value at the place, and nothing else of that claim's."""
    if len(place.path) == 1:
        return example(place.type_id, **{place.name: value})
    whole: object = value
    for step in reversed(place.path[1:]):
        whole = [whole] if isinstance(step, int) else {step: whole}
    return example(place.type_id, **{place.name: whole})


def _problems(credential_type: CredentialType, claims: dict[str, Any]) -> tuple[Problem, ...]:
    problems: tuple[Problem, ...] = ()
    try:
        credential_type.check_claims(claims)
    except ClaimsRejected as rejected:
        problems = rejected.problems
        told = repr(rejected) + str(rejected)
    else:
        told = ""
    assert SECRET not in told + repr(problems)
    return problems


def _found(place: Place, value: object) -> set[str]:
    """Codes of the problems told at exactly that place."""
    pointer = "".join(f"/{step}" for step in place.path)
    problems = _problems(TYPES[place.type_id], _with(place, value))
    for problem in problems:
        assert set(problem.words) == set(LANGS)
        assert all(problem.words.values())
    return {problem.code for problem in problems if problem.pointer == pointer}


def _of(*, kind: str, **members: bool) -> list[Place]:
    return [
        one
        for one in places()
        if one.schema["type"] == kind
        and all((name in one.schema) is given for name, given in members.items())
    ]


def _free_texts() -> list[Place]:
    """Texts in people's own words: no code, date, pattern or identity code."""
    kinds = {"text", "texts", "words", "record", "records"}
    return [
        one
        for one in _of(kind="string", enum=False, const=False, format=False, pattern=False)
        if TYPES[one.type_id].claims[one.name].kind in kinds
    ]


@pytest.mark.parametrize("place", _of(kind="string", enum=True), ids=str)
def test_a_code_that_is_not_in_its_list(place: Place) -> None:
    assert "not_in_code_list" in _found(place, SECRET)
    assert "wrong_type" in _found(place, 7)


@pytest.mark.parametrize("place", [p for p in places() if "const" in p.schema], ids=str)
def test_a_value_that_is_not_the_only_one(place: Place) -> None:
    wrong = False if place.schema["type"] == "boolean" else SECRET
    assert "fixed_value" in _found(place, wrong)


@pytest.mark.parametrize("place", _of(kind="string", format=True), ids=str)
def test_a_date_that_is_none(place: Place) -> None:
    for wrong in (SECRET, "12.4.1988", "2026-02-30", "2026-2-3", "2026-11-22T00:00:00Z"):
        assert "not_a_date" in _found(place, wrong), wrong


@pytest.mark.parametrize("place", _of(kind="string", maxLength=True), ids=str)
def test_a_text_that_is_too_long(place: Place) -> None:
    assert "too_long" in _found(place, f"{SECRET} " * (1 + place.schema["maxLength"] // 5))


@pytest.mark.parametrize("place", _free_texts(), ids=str)
def test_a_document_in_disguise(place: Place) -> None:
    for what, text in DOCUMENTS.items():
        assert "document_in_text" in _found(place, text), what
    assert "identity_code_in_text" in _found(place, f"{SECRET} 120488-9123")
    assert "unreadable_characters" in _found(place, f"{SECRET}\u202e")
    assert _found(place, "Tavallinen suomenkielinen lause 12.") == set()


NO_DIAGNOSIS = {"statement_feedback", "work_ability_referral", "service_plan", "wellbeing_referral"}


@pytest.mark.parametrize("place", _free_texts(), ids=str)
def test_diagnosis_like_text(place: Place) -> None:
    checked = place.name in TYPES[place.type_id].rules.no_diagnosis_text
    if place.type_id in NO_DIAGNOSIS:
        assert checked
    for what, text in DIAGNOSES.items():
        assert ("diagnosis_in_text" in _found(place, text)) is checked, what
    for honest in ("B12-vitamiini", "Ajoa E18-tiellä", "K18", "Keskuskatu 1 A 14", "A4-tulosteet"):
        assert "diagnosis_in_text" not in _found(place, honest), honest


@pytest.mark.parametrize("place", _of(kind="number") + _of(kind="integer"), ids=str)
def test_a_number_out_of_its_range(place: Place) -> None:
    assert "out_of_range" in _found(place, place.schema["maximum"] + 1)
    assert "out_of_range" in _found(place, place.schema["minimum"] - 1)
    assert "wrong_type" in _found(place, SECRET)
    if place.schema["type"] == "integer":
        assert "wrong_type" in _found(place, place.schema["minimum"] + 0.5)


@pytest.mark.parametrize("place", [p for p in places() if "pattern" in p.schema], ids=str)
def test_a_text_of_another_form(place: Place) -> None:
    assert "wrong_form" in _found(place, f"{SECRET} ?")


@pytest.mark.parametrize("type_id", EXAMPLES)
def test_a_claim_outside_the_schema(type_id: str) -> None:
    """Told by its name when that is plain words, else by what holds it."""
    for name, pointer in (("attachment", "/attachment"), (SECRET, ""), ("f32", ""), ("a b", "")):
        problems = _problems(TYPES[type_id], example(type_id, **{name: SECRET}))
        assert [(p.pointer, p.code) for p in problems] == [(pointer, "unknown_item")]
    both = _problems(TYPES[type_id], example(type_id, attachment=SECRET, photo=SECRET))
    assert [p.pointer for p in both] == ["/attachment", "/photo"]


@pytest.mark.parametrize("type_id", EXAMPLES)
def test_a_claim_that_must_be_there(type_id: str) -> None:
    for name in _schema(type_id)["required"]:
        problems = _problems(TYPES[type_id], example(type_id, **{name: MISSING}))
        assert Problem((name,), "missing") in problems


@pytest.mark.parametrize(
    ("type_id", "first", "second"),
    [(t.id, *pair) for t in TYPES.values() for pair in t.rules.date_order],
)
def test_dates_in_the_wrong_order(type_id: str, first: str, second: str) -> None:
    dates = {first: "2026-11-02", second: "2026-11-01"}
    problems = _problems(TYPES[type_id], example(type_id, **dates))
    assert Problem((second,), "date_order") in problems
    same = _problems(
        TYPES[type_id], example(type_id, **{first: "2026-11-02", second: "2026-11-02"})
    )
    assert Problem((second,), "date_order") not in same


def test_dates_in_the_wrong_order_within_an_item() -> None:
    plan = example("service_plan")
    plan["actions"][1] |= {"starts": "2026-11-02", "ends": "2026-11-01"}
    problems = _problems(TYPES["service_plan"], plan)
    assert [(p.pointer, p.code) for p in problems] == [("/actions/1/ends", "date_order")]


@pytest.mark.parametrize("type_id", WITH_HETU)
def test_a_wrong_personal_identity_code(type_id: str) -> None:
    right = example(type_id)[HETU]
    cases = {
        right[:6] + right[7:]: "empty",  # without its separator: too short
        right[:6] + "/" + right[7:]: "identity_code_form",
        "32" + right[2:]: "identity_code_form",
        right[:-1] + ("A" if right[-1] != "A" else "B"): "identity_code_check",
        right[:7] + "001" + right[10]: "identity_code_form",
        right.lower() if right[-1].isalpha() else right[:6] + "x" + right[7:]: "identity_code_form",
    }
    for wrong, code in cases.items():
        found = _problems(TYPES[type_id], example(type_id, **{HETU: wrong}))
        assert Problem((HETU,), code) in found, wrong
    other_day = _problems(TYPES[type_id], example(type_id, birthdate="1970-01-01"))
    assert Problem((HETU,), "identity_code_birthdate") in other_day


@pytest.mark.parametrize("type_id", WITH_HETU)
def test_a_real_identity_code_needs_leave(type_id: str) -> None:
    """A made-up code with a number of the range that people are given."""
    person = {HETU: "120488A002R", "birthdate": "2088-04-12"}
    claims = {
        name: value
        for name, value in example(type_id, **person).items()
        if name in _schema(type_id)["required"] or name == HETU
    }
    dates = {second for first, second in TYPES[type_id].rules.date_order if first == "birthdate"}
    claims |= dict.fromkeys(dates & claims.keys(), "2099-01-01")
    late = {"next_review_date": "2099-01-02"}
    claims |= {name: value for name, value in late.items() if name in claims}
    problems = _problems(TYPES[type_id], claims)
    assert [(p.pointer, p.code) for p in problems] == [(f"/{HETU}", "identity_code_real")]
    TYPES[type_id].check_claims(claims, allow_real_identity_codes=True)


def test_a_type_that_the_organisation_may_not_issue() -> None:
    catalogue = load_catalogue()
    for t in catalogue.types.values():
        for organisation in catalogue.organisations:
            claims = example(t.id, issuing_authority=catalogue.organisations[organisation].names.fi)
            if organisation in t.issuers:
                check_issuer(catalogue, organisation, t.id, claims)
                continue
            with pytest.raises(ClaimsRejected) as caught:
                check_issuer(catalogue, organisation, t.id, claims)
            assert [(p.pointer, p.code) for p in caught.value.problems] == [
                ("", "issuer_not_allowed")
            ]


@pytest.mark.parametrize(
    ("type_id", "changes", "pointer", "code"),
    [
        ("work_ability_referral", {"feedback_requested": False}, "feedback_requested",
         "inconsistent"),
        ("work_ability_referral", {"feedback_requested": MISSING}, "feedback_requested",
         "missing_companion"),
        ("wellbeing_referral", {"phone_number": MISSING}, "phone_number", "missing"),
        ("medical_statement_key_data", {"vocational_rehabilitation_recommended": False},
         "vocational_rehabilitation_recommended", "inconsistent"),
        ("medical_statement_key_data", {"work_incapacity_start": MISSING},
         "work_incapacity_start", "missing_companion"),
        ("qualification", {"licence_code": MISSING}, "licence_code", "missing_companion"),
        ("service_plan", {"client_approved": False}, "client_approved", "fixed_value"),
        ("self_assessment_result", {"assessment_instrument_version": MISSING},
         "assessment_instrument_version", "missing_companion"),
        ("self_assessment_result", {"domain_scale": MISSING}, "domain_scale", "missing_companion"),
        ("medical_statement_key_data", {"diagnoses": [{"label": "x"}]}, "diagnoses/0/icd10",
         "missing"),
        ("service_plan", {"actions": [{"title": "a", "responsible": "b", "status": "done",
         "attachment": "x"}]}, "actions/0/attachment", "unknown_item"),
        ("wellbeing_survey_result", {"recommended_services": [{"title": "a", "provider": "b",
         "ptv_id": "1"}]}, "recommended_services/0/ptv_id", "wrong_form"),
    ],
)  # fmt: skip
def test_what_depends_on_something_else(type_id, changes, pointer, code) -> None:
    problems = _problems(TYPES[type_id], example(type_id, **changes))
    assert (f"/{pointer}", code) in {(p.pointer, p.code) for p in problems}


def test_a_pointer_is_escaped() -> None:
    assert Problem(("a/b", 0, "c~d"), "empty").pointer == "/a~1b/0/c~0d"
    assert Problem((), "empty").pointer == ""
