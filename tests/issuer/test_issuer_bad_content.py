"""Bad content at the API: every fault by pointer, in three languages, and nothing stored."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import create_engine, func, select

from credential_schemas.model import LANGS
from issuer.adapters.sql.tables import metadata
from issuer.settings import Settings
from tests.issuer.world import World, claims_of, offer_body

OFFERS = "/api/v1/mallimaa/offers"
HETU = "personal_administrative_number"
SECRET = "Salaisuus"
REAL = {HETU: "120488A002R", "birthdate": "2088-04-12", "examination_date": "2088-05-01"}
"""Made up, with a number of the range that people are given, for somebody not yet born."""


def rows(world: World) -> dict[str, int]:
    """How many rows each table has."""
    engine = create_engine(world.settings.database)
    with engine.connect() as connection:
        found = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


def refused(world: World, **claims: object) -> list[dict[str, Any]]:
    """The faults of an offer with these claims."""
    body = offer_body(claims={**claims_of("statement_feedback"), **claims})
    headers = world.auth() | {"Idempotency-Key": "visit-2026-000123"}
    before = rows(world)
    answer = world.post(OFFERS, json=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert SECRET not in answer.text
    assert rows(world) == before
    problems: list[dict[str, Any]] = answer.json()["problems"]
    return problems


@pytest.mark.parametrize(
    ("claims", "pointer", "code"),
    [
        ({"attachment": SECRET}, "/claims/attachment", "unknown_item"),
        ({"diagnoses": [SECRET]}, "/claims/diagnoses", "unknown_item"),
        ({SECRET: "x"}, "/claims", "unknown_item"),
        ({"suitable_tasks": [f"JVBERi0xLjcKJeLj {SECRET}"]}, "/claims/suitable_tasks/0",
         "document_in_text"),
        ({"contact_unit": f"data:application/pdf;base64,{SECRET}"}, "/claims/contact_unit",
         "document_in_text"),
        ({"contact_unit": f"%PDF-1.7 {SECRET}"}, "/claims/contact_unit", "document_in_text"),
        ({"contact_unit": f"{SECRET} " * 60}, "/claims/contact_unit", "too_long"),
        ({"contact_unit": f"{SECRET} F32.1"}, "/claims/contact_unit", "diagnosis_in_text"),
        ({"task_restrictions": [SECRET]}, "/claims/task_restrictions/0", "not_in_code_list"),
        ({"work_ability_conclusion": SECRET}, "/claims/work_ability_conclusion",
         "not_in_code_list"),
        ({HETU: "120488-9124"}, f"/claims/{HETU}", "identity_code_check"),
        ({HETU: "1204889123"}, f"/claims/{HETU}", "empty"),
        ({HETU: "120488/9123"}, f"/claims/{HETU}", "identity_code_form"),
        ({"issuing_authority": "Kela (TESTI)"}, "/claims/issuing_authority",
         "issuing_authority_differs"),
        ({"reassessment_date": "2026-10-07"}, "/claims/reassessment_date", "date_order"),
        ({"restriction_valid_until": "2026-10-09"}, "/claims/restriction_valid_until",
         "already_over"),
    ],
)  # fmt: skip
def test_each_fault_has_its_place_and_words(
    world: World, claims: dict[str, object], pointer: str, code: str
) -> None:
    found = refused(world, **claims)
    assert (pointer, code) in {(one["pointer"], one["code"]) for one in found}
    for one in found:
        assert set(one["words"]) == set(LANGS)
        assert len(set(one["words"].values())) == len(LANGS)


@pytest.mark.parametrize(
    ("type_id", "code", "fault"),
    [
        ("self_assessment_result", "type_not_issued_here", "issuer_not_allowed"),
        ("qualification", "type_not_issued_here", "issuer_not_allowed"),
        ("labour_policy_statement", "type_refused", "issuer_not_allowed"),
        ("no_such_type", "type_unknown", "not_in_code_list"),
    ],
)
def test_a_type_that_the_organisation_may_not_issue(
    world: World, type_id: str, code: str, fault: str
) -> None:
    headers, before = world.auth(), rows(world)
    answer = world.post(OFFERS, json={**offer_body(), "type": type_id}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    (told,) = answer.json()["problems"]
    assert (told["pointer"], told["code"]) == ("/type", fault)
    assert set(told["words"]) == set(LANGS)
    assert SECRET not in answer.text
    assert rows(world) == before


def test_every_fault_is_told_at_once(world: World) -> None:
    found = refused(
        world, attachment=SECRET, contact_unit="F32", birthdate="x", task_restrictions=[SECRET]
    )
    assert {one["pointer"] for one in found} == {
        "/claims/attachment",
        "/claims/contact_unit",
        "/claims/birthdate",
        "/claims/task_restrictions/0",
    }


def test_real_identity_codes_need_a_setting(world: World, tmp_path: Path) -> None:
    (fault,) = [one for one in refused(world, **REAL) if one["pointer"] == f"/claims/{HETU}"]
    assert fault["code"] == "identity_code_real"
    real = World(
        f"sqlite:///{tmp_path}/real.db", real_identity_codes=True, unsafe_clear_health_data=False
    )
    claims = {**claims_of("statement_feedback"), **REAL}
    for name in ("date_of_issuance", "date_of_expiry", "reassessment_date",
                 "restriction_valid_until"):  # fmt: skip
        claims.pop(name, None)
    answer = real.post(OFFERS, json=offer_body(claims=claims), headers=real.auth())
    real.close()
    assert answer.status_code == 201, answer.text


def test_a_demo_takes_no_real_identity_codes() -> None:
    with pytest.raises(ValidationError, match="real_identity_codes"):
        Settings(base_url="http://127.0.0.1:8001", unsafe_plain_http=True, real_identity_codes=True)


def test_an_extra_catalogue_that_is_broken_stops_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "types" / "photo"
    folder.mkdir(parents=True)
    (folder / "type.json").write_text("{}", "utf-8")
    with pytest.raises(Exception, match=r"photo/type\.json"):
        World(f"sqlite:///{tmp_path}/i.db", extra_catalogue=tmp_path)
