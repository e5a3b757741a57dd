"""What roles may ask: exactly their profiles' claims, and never what they are denied."""

from dataclasses import replace

import pytest

from credential_schemas.model import Catalogue

INITIAL, NEED, BENEFIT = "te_initial_interview", "te_service_need", "te_benefit_coordination"
SUPPORT = "te_employment_support"


def test_profiles_of_the_desk(catalogue):
    asked = {role: [p.id for p in catalogue.profiles_for(role)] for role in catalogue.roles}
    assert asked["te_office"] == [
        "shared_situation_picture", "staff_consent_check", BENEFIT, "te_combined_first_visit",
        "te_competence_mapping", SUPPORT, "te_follow_up", INITIAL, "te_job_matching",
        "te_local_services", "te_plan_check", NEED, "te_statement_exists",
    ]  # fmt: skip
    assert asked["employer"] == ["employer_partial_work_ability", "employer_qualification_check"]
    assert asked["municipality_or_ngo"] == ["link_person_first_contact"]
    assert asked["social_services"] == ["shared_situation_picture"]
    assert asked["holder"] == ["client_consent_overview"]
    assert len(asked["health_centre"]) == 9
    assert len(asked["kela"]) == 3
    assert len(asked["work_ability_network"]) == 2
    assert catalogue.profiles_for("barber") == ()


def test_initial_interview(catalogue):
    profile = catalogue.profiles[INITIAL]
    assert profile.credential_type == "self_assessment_result"
    assert profile.identity_claims == (("given_name",), ("family_name",), ("birthdate",))
    assert profile.optional_claims == (
        ("own_goals",),
        ("domain_scores", "skills"),
        ("domain_scores", "vocational_skills"),
        ("domain_scale",),
    )
    assert ("recommended_next_step",) in profile.required_claims
    assert profile.required_if_held == ()


def test_revocation_data_are_a_day_old_at_most(catalogue):
    assert {p.status_max_age_hours for p in catalogue.profiles.values()} <= set(range(1, 25))
    assert catalogue.profiles[INITIAL].status_max_age_hours == 24


def test_what_a_credential_may_lack_is_not_required(catalogue):
    assert catalogue.profiles[NEED].required_if_held == (("restriction_valid_until",),)
    assert catalogue.profiles[BENEFIT].required_if_held == (("valid_from",), ("valid_until",))


@pytest.mark.parametrize("profile_id", [INITIAL, NEED, BENEFIT])
def test_desk_profiles_only_look(catalogue, profile_id):
    profile = catalogue.profiles[profile_id]
    assert profile.retention == "view_only"
    assert profile.retention_days is None
    assert profile.hand_on == "none"
    assert profile.approval_kind == "showing_only"
    assert profile.identity_check == "compare"
    assert ("personal_administrative_number",) not in profile.all_paths()
    assert ("monthly_amount_eur",) not in profile.all_paths()


def test_what_is_kept_has_an_end(catalogue):
    profile = catalogue.profiles[SUPPORT]
    assert (profile.retention, profile.retention_days) == ("store_with_stated_date", 730)
    assert profile.hand_on == "webhook"


@pytest.mark.req("ARF-06")
def test_each_role_may_ask_exactly_its_own_profiles_claims(catalogue):
    for role in catalogue.roles:
        for t in catalogue.types.values():
            asked = {
                path
                for profile in catalogue.profiles_for(role)
                for card in profile.credentials
                if card.credential_type == t.id
                for path in card.all_paths()
            }
            possible = {(name,) for name in t.claims} | {
                (name, member)
                for name, part in t.schema["properties"].items()
                for member in part.get("properties", {})
            }
            may = {path for path in possible if catalogue.may_ask(role, t.id, path)}
            below = {path for path in possible if path[:1] in asked}
            assert may == (asked & possible) | below


def test_a_part_of_what_is_allowed_is_allowed_and_the_whole_of_a_part_is_not(catalogue):
    self_assessment = "self_assessment_result"
    assert catalogue.may_ask("te_office", self_assessment, ("own_goals", None))
    assert catalogue.may_ask("te_office", self_assessment, ("own_goals", 0))
    assert catalogue.may_ask("te_office", self_assessment, ("domain_scores", "skills"))
    assert not catalogue.may_ask("te_office", self_assessment, ("domain_scores",))
    assert not catalogue.may_ask("te_office", self_assessment, ("domain_scores", "mind"))
    assert not catalogue.may_ask("te_office", self_assessment, ("domain_scores", None))
    assert not catalogue.may_ask("te_office", self_assessment, ())


def test_strangers_may_ask_nothing(catalogue):
    assert not catalogue.may_ask("barber", "self_assessment_result", ("own_goals",))
    assert not catalogue.may_ask("te_office", "shopping_list", ("own_goals",))
    assert catalogue.is_denied("barber", "self_assessment_result", ("own_goals",))


def _asking(catalogue: Catalogue, role: str, type_id: str, *paths) -> Catalogue:
    """The catalogue with a profile that asks what it should not."""
    greedy = replace(
        catalogue.profiles[INITIAL],
        id="greedy",
        roles=frozenset({role}),
        credential_type=type_id,
        optional_claims=paths,
    )
    return replace(catalogue, profiles={**catalogue.profiles, "greedy": greedy})


@pytest.mark.parametrize(
    ("role", "type_id", "path"),
    [
        ("te_office", "authority_decision", ("grounds",)),
        ("te_office", "medical_statement_key_data", ("diagnoses", None, "icd10")),
        ("employer", "statement_feedback", ("max_weekly_hours",)),
        ("employer", "authority_decision", ("monthly_amount_eur",)),
        ("municipality_or_ngo", "qualification", ("personal_administrative_number",)),
        ("municipality_or_ngo", "authority_decision", ("valid_until",)),
        ("kela", "medical_statement_key_data", ("treatment_plan",)),
    ],
)
def test_the_deny_list_holds_even_against_a_profile(catalogue, role, type_id, path):
    greedy = _asking(catalogue, role, type_id, path, ("harmless",))
    assert not greedy.may_ask(role, type_id, path)


def test_what_is_not_denied_is_up_to_the_profile(catalogue):
    greedy = _asking(catalogue, "employer", "authority_decision", ("valid_until",))
    assert greedy.may_ask("employer", "authority_decision", ("valid_until",))


def test_a_denied_part_denies_what_would_bring_it_along(catalogue):
    role = replace(
        catalogue.roles["te_office"], denied=("self_assessment_result.domain_scores.mind",)
    )
    strict = replace(
        _asking(catalogue, "te_office", "self_assessment_result", ("domain_scores",)),
        roles={"te_office": role},
    )
    for path in (("domain_scores",), ("domain_scores", "mind"), ("domain_scores", None)):
        assert not strict.may_ask("te_office", "self_assessment_result", path)
    assert strict.may_ask("te_office", "self_assessment_result", ("domain_scores", "skills"))


def test_employers_and_associations_get_no_health_data(catalogue):
    for role in ("employer", "municipality_or_ngo"):
        for t in catalogue.types.values():
            for claim in t.claims.values():
                if claim.art9 in {"yes", "yes-clinical"}:
                    assert catalogue.is_denied(role, t.id, (claim.name,)), (role, t.id, claim.name)


def test_the_employment_area_gets_nothing_clinical(catalogue):
    for t in catalogue.types.values():
        for claim in t.claims.values():
            if claim.art9 == "yes-clinical":
                assert catalogue.is_denied("te_office", t.id, (claim.name,))


def test_the_employment_area_goes_by_its_name_of_today(catalogue):
    assert catalogue.roles["te_office"].names.fi == "Työllisyysalue (ent. TE-toimisto)"


def test_words_are_plain(catalogue):
    """Sentences that a client reads are short, and speak of cards and showing."""
    technical = {"credential", "verifier", "claim", "token", "dcql", "status list"}
    for profile in catalogue.profiles.values():
        for label in (profile.title, profile.purpose, profile.gain):
            for words in (label.fi, label.sv, label.en):
                assert not technical & set(words.lower().split())
                for sentence in words.split("."):
                    assert len(sentence.split()) <= 18, sentence
