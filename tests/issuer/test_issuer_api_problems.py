"""Bad input: every fault by its place and in three languages, nothing stored, no value told."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from credential_schemas.model import LANGS
from credential_schemas.problems import ADVICE
from tests.issuer.world import World, claims_of, offer_body

OFFERS = "/api/v1/mallimaa/offers"
PDF = "JVBERi0xLjQKJcfsj6IKNSAwIG9iago8PC9MZW5ndGggNiAwIFIvRmlsdGVyIC9GbGF0ZURlY29kZT4+"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(f"sqlite:///{tmp_path_factory.mktemp('problems')}/issuer.db")
    yield world
    world.close()


def faults(world: World, body: dict[str, Any], lang: str = "fi") -> list[dict[str, Any]]:
    headers = world.auth() | {"Accept-Language": lang}
    before = world.dump()
    answer = world.post(OFFERS, json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert answer.headers["content-type"] == "application/problem+json"
    assert world.dump() == before
    found: list[dict[str, Any]] = answer.json()["problems"]
    return found


def with_claims(**changes: Any) -> dict[str, Any]:
    return offer_body(claims={**claims_of("statement_feedback"), **changes})


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "outside the schema": ({"diagnosis": "x"}, "/claims/diagnosis", "unknown_item"),
    "a document in disguise": (
        {"contact_unit": PDF},
        "/claims/contact_unit",
        "document_in_text",
    ),
    "a code not in its list": (
        {"work_ability_conclusion": "salainen"},
        "/claims/work_ability_conclusion",
        "not_in_code_list",
    ),
    "a wrong personal identity code": (
        {"personal_administrative_number": "120488-912A"},
        "/claims/personal_administrative_number",
        "identity_code_check",
    ),
    "dates in the wrong order": (
        {"date_of_expiry": "2026-01-01"},
        "/claims/date_of_expiry",
        "date_order",
    ),
    "no date": ({"birthdate": "salainen"}, "/claims/birthdate", "not_a_date"),
    "over-long": ({"family_name": "salainen" * 100}, "/claims/family_name", "too_long"),
}


@pytest.mark.parametrize("name", sorted(BAD))
@pytest.mark.parametrize("lang", LANGS)
def test_bad_content_is_told_by_its_place(world: World, name: str, lang: str) -> None:
    changes, pointer, code = BAD[name]
    found = faults(world, with_claims(**changes), lang)
    (fault,) = [one for one in found if (one["pointer"], one["code"]) == (pointer, code)]
    assert fault["words"] == dict(ADVICE[code])
    assert fault["advice"] == fault["words"][lang]
    assert fault["path"] == pointer.split("/")[2:]
    told = json.dumps(found)
    assert not any(str(value) in told for value in changes.values() if len(str(value)) > 1)


def test_all_faults_are_told_at_once(world: World) -> None:
    changes: dict[str, Any] = {}
    for change, _, _ in BAD.values():
        changes |= change
    found = {(one["pointer"], one["code"]) for one in faults(world, with_claims(**changes))}
    assert {(pointer, code) for _, pointer, code in BAD.values()} <= found


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"subject_ref": 5}, "/subject_ref", "string_type"),
        ({"subject_ref": ""}, "/subject_ref", "string_too_short"),
        ({"subject_ref": "x" * 201}, "/subject_ref", "string_too_long"),
        ({"type": "A B"}, "/type", "string_pattern_mismatch"),
        ({"claims": []}, "/claims", "dict_type"),
        ({"delivery": {"channel": "pigeon"}}, "/delivery/channel", "literal_error"),
        ({"delivery": {}}, "/delivery/channel", "missing"),
        ({"delivery": {"channel": "screen", "sms": 1}}, "/delivery/sms", "extra_forbidden"),
        ({"Salainen nimi": 1}, "", "extra_forbidden"),
        ({"delivery": {"channel": "screen", "a/b~c": 1}}, "/delivery", "extra_forbidden"),
    ],
)
def test_a_body_of_the_wrong_form_too(
    world: World, changes: dict[str, Any], pointer: str, code: str
) -> None:
    (fault,) = faults(world, offer_body(**changes))
    assert (fault["pointer"], fault["code"]) == (pointer, code)
    assert set(fault["words"]) == set(LANGS)
    assert fault["advice"] == fault["words"]["fi"]


def test_what_stands_outside_the_body_has_no_pointer(world: World) -> None:
    headers = world.auth() | {"Idempotency-Key": "a b"}
    (fault,) = world.post(OFFERS, json=offer_body(), headers=headers).json()["problems"]
    assert "pointer" not in fault
    assert fault["path"] == ["idempotency-key"]


def test_the_description_of_the_api_has_no_loose_ends(world: World) -> None:
    document = world.get("/openapi.json").json()
    text = json.dumps(document)
    named = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    cited = {part.partition('"')[0] for part in text.split('"$ref": "')[1:]}
    assert cited <= named
    batch = document["paths"]["/api/v1/{org}/offers/batch"]["post"]
    assert "application/x-ndjson" in batch["responses"]["200"]["content"]
    token = document["paths"]["/{org}/system-token"]["post"]
    assert "application/x-www-form-urlencoded" in token["requestBody"]["content"]
    assert "pointer" in document["components"]["schemas"]["ClaimProblem"]["properties"]
