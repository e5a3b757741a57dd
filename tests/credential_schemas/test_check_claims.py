"""Claims that may be issued, and every reason why others may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credential_schemas.loader import load_catalogue
from credential_schemas.model import Catalogue
from credential_schemas.problems import ADVICE, ClaimsRejected, Problem
from tests.credential_schemas.conftest import EXAMPLES, MISSING, example, rejected

HETU = "personal_administrative_number"
SELF, FEEDBACK, DECISION = "self_assessment_result", "statement_feedback", "authority_decision"
_LONG_TEXT = "pitkä teksti " * 50

CASES = [
    # the schema: names, kinds of value, codes, bounds
    (SELF, {"diagnoses": ["F32"]}, "diagnoses", "unknown_item"),
    (FEEDBACK, {"diagnoses": ["F32"]}, "diagnoses", "unknown_item"),
    (FEEDBACK, {"medication": "x"}, "medication", "unknown_item"),
    (DECISION, {"attachment": "x"}, "attachment", "unknown_item"),
    (DECISION, {"Liite 1": "x"}, "", "unknown_item"),
    (SELF, {"domain_scores": {"happiness": 5}}, "domain_scores.happiness", "unknown_item"),
    (SELF, {"domain_scores": {"F32": 5}}, "domain_scores", "unknown_item"),
    (SELF, {"assessment_date": MISSING}, "assessment_date", "missing"),
    (SELF, {"information_source": MISSING}, "information_source", "missing"),
    (FEEDBACK, {"work_ability_conclusion": MISSING}, "work_ability_conclusion", "missing"),
    (DECISION, {"decision_outcome": MISSING}, "decision_outcome", "missing"),
    (SELF, {"family_name": MISSING}, "family_name", "missing"),
    (SELF, {"domain_scale": {"min": 0, "max": 100}}, "domain_scale.direction", "missing"),
    (SELF, {"family_name": 5}, "family_name", "wrong_type"),
    (SELF, {"work_ability_score": "5"}, "work_ability_score", "wrong_type"),
    (SELF, {"work_ability_score": 5.5}, "work_ability_score", "wrong_type"),
    (FEEDBACK, {"health_work_link": "yes"}, "health_work_link", "wrong_type"),
    (FEEDBACK, {"task_restrictions": "heavy_lifting"}, "task_restrictions", "wrong_type"),
    (SELF, {"own_goals": [["a"]]}, "own_goals.0", "wrong_type"),
    (DECISION, {"grounds": None}, "grounds", "wrong_type"),
    (SELF, {"issuing_country": "SE"}, "issuing_country", "fixed_value"),
    (SELF, {"information_source": "health_professional"}, "information_source", "fixed_value"),
    (FEEDBACK, {"information_source": "self_reported"}, "information_source", "fixed_value"),
    (SELF, {"assessment_instrument": "horoscope"}, "assessment_instrument", "not_in_code_list"),
    (FEEDBACK, {"task_restrictions": ["x"]}, "task_restrictions.0", "not_in_code_list"),
    (DECISION, {"degree": "half"}, "degree", "not_in_code_list"),
    (SELF, {"work_ability_score": 11}, "work_ability_score", "out_of_range"),
    (SELF, {"wai_score": 6}, "wai_score", "out_of_range"),
    (FEEDBACK, {"max_weekly_hours": 41}, "max_weekly_hours", "out_of_range"),
    (DECISION, {"monthly_amount_eur": -1}, "monthly_amount_eur", "out_of_range"),
    (SELF, {"work_ability_score_change": -11}, "work_ability_score_change", "out_of_range"),
    (DECISION, {"grounds": _LONG_TEXT}, "grounds", "too_long"),
    (SELF, {"own_goals": [_LONG_TEXT]}, "own_goals.0", "too_long"),
    (SELF, {"own_goals": [str(n) for n in range(21)]}, "own_goals", "too_many"),
    (SELF, {"own_goals": []}, "own_goals", "empty"),
    (SELF, {"work_description": ""}, "work_description", "empty"),
    (SELF, {"work_description": "  "}, "work_description", "empty"),
    (SELF, {"domain_scores": {}}, "domain_scores", "empty"),
    (SELF, {"support_needs": ["rehabilitation"] * 2}, "support_needs", "repeated"),
    # dates
    (SELF, {"birthdate": "12.4.1988"}, "birthdate", "not_a_date"),
    (SELF, {"birthdate": "1988-02-30"}, "birthdate", "not_a_date"),
    (SELF, {"birthdate": "19880412"}, "birthdate", "not_a_date"),
    (SELF, {"birthdate": "1988-W15-2"}, "birthdate", "not_a_date"),
    (SELF, {"birthdate": "1988-04-12T00:00:00Z"}, "birthdate", "not_a_date"),
    (DECISION, {"valid_until": "2026-11-30"}, "valid_until", "date_order"),
    (DECISION, {"appeal_deadline": "2026-11-08"}, "appeal_deadline", "date_order"),
    (SELF, {"date_of_expiry": "2026-09-13"}, "date_of_expiry", "date_order"),
    (SELF, {"previous_assessment_date": "2026-09-15"}, "assessment_date", "date_order"),
    (FEEDBACK, {"restriction_valid_until": "2026-10-07"}, "restriction_valid_until", "date_order"),
    (FEEDBACK, {"reassessment_date": "2026-10-07"}, "reassessment_date", "date_order"),
    # what depends on something else
    (SELF, {"domain_scale": MISSING}, "domain_scale", "missing_companion"),
    (SELF, {"whodas_score": 20}, "whodas_method", "missing_companion"),
    (SELF, {"wai_category_scheme": "general"}, "wai_category", "missing_companion"),
    (
        SELF,
        {"previous_assessment_date": MISSING},
        "previous_assessment_date",
        "missing_companion",
    ),
    (FEEDBACK, {"employment_impact": MISSING}, "employment_impact", "missing_companion"),
    (SELF, {"work_ability_category": "moderate"}, "work_ability_category", "inconsistent"),
    (SELF, {"work_ability_score": 8}, "work_ability_category", "inconsistent"),
    (SELF, {"wai_score": 28, "wai_category": "poor"}, "wai_category", "inconsistent"),
    (
        SELF,
        {"wai_score": 28, "wai_category": "moderate", "wai_category_scheme": "young_31"},
        "wai_category",
        "inconsistent",
    ),
    (SELF, {"whodas_score": 61, "whodas_method": "simple"}, "whodas_score", "inconsistent"),
    (SELF, {"whodas_score": 20.5, "whodas_method": "simple"}, "whodas_score", "inconsistent"),
    (SELF, {"support_needs": ["none", "rehabilitation"]}, "support_needs", "inconsistent"),
    (
        FEEDBACK,
        {"recommended_services": ["none", "training"]},
        "recommended_services",
        "inconsistent",
    ),
    (
        SELF,
        {"domain_scale": {"min": 9, "max": 9, "direction": "higher_is_better"}},
        "domain_scale",
        "inconsistent",
    ),
    (
        SELF,
        {"domain_scale": {"min": 0, "max": 10, "direction": "higher_is_better"}},
        "domain_scores",
        "outside_scale",
    ),
    # text that is not a short text
    (DECISION, {"grounds": "data:application/pdf;base64,JVBERi0"}, "grounds", "document_in_text"),
    (DECISION, {"grounds": "JVBERi0xLjcKJeLjz9MK"}, "grounds", "document_in_text"),
    (DECISION, {"service_content": "a1B2" * 16}, "service_content", "document_in_text"),
    (SELF, {"own_goals": ["ok", "data:,x"]}, "own_goals.1", "document_in_text"),
    (DECISION, {"grounds": "<html><body>"}, "grounds", "document_in_text"),
    (DECISION, {"grounds": "a\x00b"}, "grounds", "unreadable_characters"),
    (SELF, {"given_name": "Maija\u202e"}, "given_name", "unreadable_characters"),
    (SELF, {"given_name": "Maija\ud800"}, "given_name", "unreadable_characters"),
    (SELF, {"work_description": "hetu 120488-9123"}, "work_description", "identity_code_in_text"),
    # diagnoses
    (FEEDBACK, {"suitable_tasks": ["Kevyt työ (F32.1)"]}, "suitable_tasks.0", "diagnosis_in_text"),
    (FEEDBACK, {"suitable_tasks": ["a", "m54 selkä"]}, "suitable_tasks.1", "diagnosis_in_text"),
    (FEEDBACK, {"contact_unit": "Poli, dg F33,2"}, "contact_unit", "diagnosis_in_text"),
    (FEEDBACK, {"contact_unit": "\uff2d54"}, "contact_unit", "diagnosis_in_text"),
    (FEEDBACK, {"issuing_unit": "B12.1"}, "issuing_unit", "diagnosis_in_text"),
    # identity codes
    (SELF, {HETU: "120488-912"}, HETU, "empty"),
    (
        SELF,
        {HETU: "120488-9124"},
        HETU,
        "identity_code_check",
    ),
    (
        SELF,
        {HETU: "310288-9123"},
        HETU,
        "identity_code_form",
    ),
    (SELF, {"birthdate": "1988-04-13"}, HETU, "identity_code_birthdate"),
]


@pytest.mark.parametrize("type_id", EXAMPLES)
def test_example_claims_pass(catalogue: Catalogue, type_id: str):
    catalogue.types[type_id].check_claims(example(type_id))


@pytest.mark.parametrize(("type_id", "changes", "place", "code"), CASES)
def test_rejected_at_the_place_with_the_code(catalogue, type_id, changes, place, code):
    assert (place, code) in rejected(catalogue, type_id, example(type_id, **changes))


@pytest.mark.parametrize(
    ("type_id", "changes"),
    [
        (SELF, {"wai_score": 28, "wai_category": "moderate"}),
        (SELF, {"wai_score": 36, "wai_category": "poor", "wai_category_scheme": "young_31"}),
        (SELF, {"work_ability_score": 8, "work_ability_category": "good_or_excellent"}),
        (SELF, {"whodas_score": 33.3, "whodas_method": "complex_irt"}),
        (SELF, {"support_needs": ["none"]}),
        (SELF, {"domain_scores": MISSING, "domain_scale": MISSING}),
        (SELF, {"work_challenges": ["Masennus F32"]}),
        (
            FEEDBACK,
            {"suitable_tasks": ["B12-vitamiinin pakkaus", "Ajo E18-tiellä", "A4-tulosteet"]},
        ),
        (FEEDBACK, {"restriction_valid_until": MISSING}),
        (DECISION, {"grounds": "Rivi yksi\nrivi kaksi"}),
        (DECISION, {"valid_from": "2026-12-01", "valid_until": "2026-12-01"}),
        (DECISION, {"grounds": "lentokonesuihkuturbiinimoottoriapumekaanikkoaliupseerioppilas"}),
    ],
)
def test_honest_variations_pass(catalogue, type_id, changes):
    catalogue.types[type_id].check_claims(example(type_id, **changes))


def test_every_problem_is_reported_once(catalogue):
    changes = {"work_ability_score": 99, "birthdate": "x", "own_goals": ["data:,x"], "extra": 1}
    found = rejected(catalogue, SELF, example(SELF, **changes))
    assert found >= {
        ("work_ability_score", "out_of_range"),
        ("birthdate", "not_a_date"),
        ("own_goals.0", "document_in_text"),
        ("extra", "unknown_item"),
    }


def test_numbers_that_json_does_not_know_are_rejected(catalogue):
    for number in (float("nan"), float("inf")):
        scores = {"skills": number}
        assert ("domain_scores.skills", "number_not_finite") in rejected(
            catalogue, SELF, example(SELF, domain_scores=scores)
        )


def test_identity_codes_of_real_people_need_leave(catalogue):
    unborn = {HETU: "120488A002R", "birthdate": "2088-04-12", "assessment_date": "2099-01-01"}
    real = example(SELF, **unborn, date_of_issuance="2099-01-01", date_of_expiry=MISSING)
    found = rejected(catalogue, SELF, real)
    assert found == {(HETU, "identity_code_real")}
    catalogue.types[SELF].check_claims(real, allow_real_identity_codes=True)


def test_huge_claims_are_refused_before_they_are_looked_at(catalogue):
    deep: object = "x"
    for _ in range(2000):
        deep = [deep]
    assert rejected(catalogue, SELF, {"own_goals": deep}) == {("", "too_deep")}
    many: list[object] = [1, "1"] * 600
    assert rejected(catalogue, SELF, {"own_goals": many}) == {("", "too_many")}


def test_nothing_of_a_value_or_an_unknown_name_is_told(catalogue):
    secret = "Salaisuus-F32-120488-9123"
    claims = example(FEEDBACK, **{secret: secret, "suitable_tasks": [secret], "birthdate": secret})
    claims |= {"work_ability_conclusion": secret, "contact_unit": {secret: [secret]}}
    claims |= {"issuing_authority": [{secret: float("inf")}]}
    with pytest.raises(ClaimsRejected) as caught:
        catalogue.types[FEEDBACK].check_claims(claims)
    told = repr(caught.value) + str(caught.value) + repr(caught.value.problems)
    assert "Salaisuus" not in told
    assert "9123" not in told


def test_a_problem_says_what_to_do():
    problem = Problem(("own_goals", 1), "too_long")
    assert str(problem) == "own_goals.1: too_long"
    assert problem.advice == "Shorten the text."


def test_every_code_has_a_case(catalogue):
    elsewhere = {
        "identity_code_real", "number_not_finite", "too_deep",  # above
        "already_over", "issuer_not_allowed", "issuing_authority_differs",  # test_policy
        "wrong_form",  # test_catalogue: only a type with a pattern has it
    }  # fmt: skip
    assert {code for *_, code in CASES} | elsewhere == set(ADVICE)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
_NAMES = sorted({name for t in load_catalogue().types.values() for name in t.claims})


@given(
    claims=st.dictionaries(st.sampled_from(_NAMES) | st.text(max_size=8), _JSON, max_size=8),
    type_id=st.sampled_from(sorted(EXAMPLES)),
)
def test_any_json_is_either_accepted_or_rejected_in_order(claims, type_id):
    with pytest.raises(ClaimsRejected) as caught:  # none of these holds the required claims
        load_catalogue().types[type_id].check_claims(claims)
    assert caught.value.problems


@given(name=st.sampled_from(_NAMES), value=_JSON, type_id=st.sampled_from(sorted(EXAMPLES)))
def test_any_value_in_good_claims_is_accepted_or_rejected(name, value, type_id):
    credential_type = load_catalogue().types[type_id]
    claims = example(type_id, **{name: value})
    try:
        credential_type.check_claims(claims)
    except ClaimsRejected as rejection:
        codes = {problem.code for problem in rejection.problems}
    else:
        codes = set()
    assert codes <= set(ADVICE)
    assert codes or name in credential_type.claims
