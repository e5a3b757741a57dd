"""Who may issue what, in whose name and for how long."""

from datetime import UTC, date, datetime

import pytest

from credential_schemas import policy
from credential_schemas.problems import ClaimsRejected, Problem
from tests.credential_schemas.conftest import EXAMPLES, MISSING, example

TODAY = date(2026, 11, 22)
ISSUERS = {
    "self_assessment_result": "itsearviointi",
    "statement_feedback": "mallimaa",
    "authority_decision": "kela",
    "consent_receipt": "tyollisyysalue",
    "service_plan": "tyollisyysalue",
    "work_ability_referral": "tyollisyysalue",
    "wellbeing_referral": "mallimaa",
    "wellbeing_survey_result": "palvelutarjotin",
    "medical_statement_key_data": "mallimaa",
    "qualification": "oppilaitos",
    "demo_pid": "pid-demo",
}


@pytest.mark.parametrize(
    ("type_id", "changes", "last_day"),
    [
        ("self_assessment_result", {}, date(2027, 3, 13)),
        ("self_assessment_result", {"date_of_expiry": MISSING}, date(2027, 5, 21)),
        ("self_assessment_result", {"date_of_expiry": "2030-01-01"}, date(2027, 5, 21)),
        ("statement_feedback", {}, date(2027, 4, 30)),
        ("statement_feedback", {"restriction_valid_until": "2027-02-01"}, date(2027, 2, 1)),
        (
            "statement_feedback",
            {"restriction_valid_until": MISSING, "date_of_expiry": MISSING},
            date(2027, 11, 22),
        ),
        ("authority_decision", {}, date(2027, 5, 31)),
        ("authority_decision", {"valid_until": "2026-11-22"}, TODAY),
        ("service_plan", {}, date(2027, 3, 18)),
        ("service_plan", {"date_of_expiry": MISSING}, date(2027, 3, 18)),
        ("service_plan", {"next_review_date": "2026-12-01"}, date(2026, 12, 31)),
        ("qualification", {}, date(2031, 5, 30)),
        ("qualification", {"licence_valid_until": MISSING}, date(2036, 11, 19)),
    ],
)
def test_validity_ends_on_the_earliest_day(catalogue, type_id, changes, last_day):
    claims = example(type_id, **changes)
    found = policy.validity(catalogue.types[type_id], claims, issued_on=TODAY)
    assert found == policy.Validity(TODAY, last_day)


def test_validity_in_tokens_is_rounded_to_whole_days_and_holds_the_last_day():
    days = policy.Validity(TODAY, TODAY)
    assert days.starts_at == datetime(2026, 11, 22, tzinfo=UTC)
    assert days.expires_at == datetime(2026, 11, 23, tzinfo=UTC)


def test_what_is_over_is_not_issued(catalogue):
    claims = example("authority_decision", valid_until="2026-11-21")
    with pytest.raises(ClaimsRejected) as caught:
        policy.validity(catalogue.types["authority_decision"], claims, issued_on=TODAY)
    assert caught.value.problems == (Problem(("valid_until",), "already_over"),)


@pytest.mark.req("VCT-20")
@pytest.mark.parametrize("type_id", EXAMPLES)
def test_only_the_named_organisations_may_issue_a_type(catalogue, type_id):
    policy.check_issuer(catalogue, ISSUERS[type_id], type_id, example(type_id))
    strangers = catalogue.organisations.keys() - catalogue.types[type_id].issuers
    for stranger in (*sorted(strangers), "nobody"):
        with pytest.raises(ClaimsRejected) as caught:
            policy.check_issuer(catalogue, stranger, type_id, example(type_id))
        assert caught.value.problems == (Problem((), "issuer_not_allowed"),)


def test_nobody_issues_a_type_that_does_not_exist(catalogue):
    with pytest.raises(ClaimsRejected):
        policy.check_issuer(catalogue, "kela", "labour_policy_statement", {})


def test_an_organisation_issues_in_its_own_name(catalogue):
    claims = example("authority_decision")
    with pytest.raises(ClaimsRejected) as caught:
        policy.check_issuer(catalogue, "elake", "authority_decision", claims)
    assert caught.value.problems == (Problem(("issuing_authority",), "issuing_authority_differs"),)
    swedish = example("authority_decision", issuing_authority="FPA (TESTI)")
    policy.check_issuer(catalogue, "kela", "authority_decision", swedish)
