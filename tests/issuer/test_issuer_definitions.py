"""Schemas and code lists as others may read them, under names that stay."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from credential_schemas.model import LANGS
from tests.issuer.world import FILES, World, claims_of


def test_every_type_and_code_list_has_a_definition(world: World) -> None:
    named = world.get("/definitions").json()["definitions"]
    catalogue = world.parts.catalogue
    assert named == sorted(named)
    assert {one for one in named if one.endswith(":schema")} == {
        f"{kind.vct}:schema" for kind in catalogue.types.values()
    }
    assert len(named) == len(catalogue.types) + len(catalogue.code_lists)
    assert all(one.startswith("urn:kykylompakko:") for one in named)


@pytest.mark.parametrize("type_id", FILES)
def test_a_schema_takes_what_the_issuer_takes_and_names_its_code_lists(
    world: World, type_id: str
) -> None:
    kind = world.parts.catalogue.types[type_id]
    answer = world.get(f"/definitions/{kind.vct}:schema")
    assert answer.headers["cache-control"] == "public, max-age=3600"
    schema: Any = answer.json()
    assert schema["$id"] == f"{kind.vct}:schema"
    assert "draft" in schema["x-status"]
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert validator.is_valid(claims_of(type_id))
    assert not validator.is_valid({**claims_of(type_id), "attachment": "x"})
    for name, urn in schema["x-code-lists"].items():
        codes = world.get(f"/definitions/{urn}").json()
        assert codes["id"] == urn
        value = claims_of(type_id).get(name)
        held = value if isinstance(value, list) else [value]
        assert {one for one in held if isinstance(one, str)} <= codes["codes"].keys()


def test_a_code_list_has_words_in_three_languages(world: World) -> None:
    found = world.get("/definitions/urn:kykylompakko:codes:plan-type:1").json()
    assert found["codes"]["employment_plan"] == {
        "fi": "Työllistymissuunnitelma",
        "sv": "Sysselsättningsplan",
        "en": "Employment plan",
    }
    assert all(set(words) == set(LANGS) for words in found["codes"].values())


@pytest.mark.parametrize("urn", ["urn:kykylompakko:codes:nothing:1", "plan_type", "..%2Fx"])
def test_what_is_not_defined_is_not_found(world: World, urn: str) -> None:
    assert world.get(f"/definitions/{urn}").status_code == 404
