"""What the ten types and their codes say: every code in words, records, scales and roles."""

from dataclasses import replace
from typing import Any

import pytest

from credential_schemas.data_files import BrokenCatalogue
from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS, Catalogue, ClaimDefinition, CredentialType
from credential_schemas.problems import ClaimsRejected
from credential_schemas.readings import reading_of, reading_text
from credential_schemas.render import label_for_path, value_text
from openid4vc.sd_jwt.type_metadata_own import write_type_document
from tests.credential_schemas.conftest import EXAMPLES, MISSING, example

CATALOGUE = load_catalogue()
SELF = "self_assessment_result"
UNREADABLE = {"Tietoa ei voi näyttää", "Uppgiften kan inte visas", "The item cannot be shown"}


def _coded() -> list[tuple[str, str, ClaimDefinition]]:
    """Every enumerated claim, or member of one: type, dotted name, definition."""
    return [
        (t.id, name, one)
        for t in CATALOGUE.types.values()
        for claim in t.claims.values()
        for name, one in [(claim.name, claim)]
        + [(f"{claim.name}.{member.name}", member) for member in claim.members.values()]
        if one.code_list is not None
    ]


def _allowed(type_id: str, dotted: str) -> set[str]:
    """The codes that the schema allows, read from the schema itself."""
    part: Any = CATALOGUE.types[type_id].schema
    for name in dotted.split("."):
        part = part.get("items", part)["properties"][name]
    if part["type"] == "object":
        members: dict[str, Any] = part["properties"]
        return set(members["direction"]["enum"]) if "direction" in members else set(members)
    part = part.get("items", part)
    return {part["const"]} if "const" in part else set(part["enum"])


@pytest.mark.parametrize(("type_id", "dotted", "claim"), _coded(), ids=lambda one: str(one)[:40])
def test_every_code_is_said_in_three_languages(type_id, dotted, claim) -> None:
    labels = CATALOGUE.code_lists[claim.code_list]
    for code in _allowed(type_id, dotted):
        said = {lang: labels[code][lang] for lang in LANGS}
        assert all(words[0].isupper() or words[0].isdigit() for words in said.values()), said
        assert not any("_" in words for words in said.values()), said
    if claim.kind not in {"code", "codes"} or "." in dotted:
        return
    kind = CATALOGUE.types[type_id]
    for code in _allowed(type_id, dotted):
        value = [code] if claim.kind == "codes" else code
        for lang in LANGS:
            words = value_text(CATALOGUE, kind, (dotted,), value, lang)
            assert words == ([labels[code][lang]] if claim.kind == "codes" else labels[code][lang])


@pytest.mark.parametrize("type_id", EXAMPLES)
def test_every_claim_of_an_example_is_said_in_words(catalogue: Catalogue, type_id: str) -> None:
    kind = catalogue.types[type_id]
    for name, value in example(type_id).items():
        for lang in LANGS:
            said = value_text(catalogue, kind, (name,), value, lang)
            for words in [said] if isinstance(said, str) else said:
                assert words
                assert words not in UNREADABLE


def test_actions_of_a_plan_in_words(catalogue: Catalogue) -> None:
    kind = catalogue.types["service_plan"]
    actions = example("service_plan")["actions"]
    assert value_text(catalogue, kind, ("actions",), actions, "fi")[0] == (
        "Työkokeilu neuvontatyössä, Kuka hoitaa: Kela (TESTI), Alkaa: 1.12.2026, "
        "Päättyy: 28.2.2027, Vaihe: Suunnitteilla"
    )
    assert value_text(catalogue, kind, ("actions", 1), actions[1], "sv") == (
        "Fysioterapia, Vem sköter: Mallimaan hyvinvointialue (TESTI), Börjar: 23.11.2026, "
        "Slutar: 29.1.2027, Läge: Pågår"
    )
    part = {"status": "done", "ends": "2027-01-29"}
    said = value_text(catalogue, kind, ("actions", 0), part, "en")
    assert said == "Ends: 29.1.2027, Stage: Done"
    assert value_text(catalogue, kind, ("actions", 0, "status"), "done", "en") == "Done"
    assert label_for_path(catalogue, kind, ("actions",), "sv") == "Avtalade åtgärder"
    assert label_for_path(catalogue, kind, ("actions", None, "ends"), "fi") == (
        "Sovitut toimet: Päättyy"
    )


def test_a_summary_in_words(catalogue: Catalogue) -> None:
    kind = catalogue.types["work_ability_referral"]
    summary = example("work_ability_referral")["self_assessment_summary"]
    dash = "\N{EN DASH}"
    assert value_text(catalogue, kind, ("self_assessment_summary",), summary, "en") == (
        "Kykyviisari (Abilitator), Date of assessment: 14.9.2026, "
        f"Work ability score (0{dash}10): 5 on a scale of 0{dash}10. Higher is better"
    )


@pytest.mark.parametrize("value", [{}, {"shoe_size": 1}, "x", 7, None, [1], {"title": 7}])
def test_a_record_that_is_none(catalogue: Catalogue, value: object) -> None:
    kind = catalogue.types["service_plan"]
    assert value_text(catalogue, kind, ("actions", 0), value, "en") == "The item cannot be shown"
    assert value_text(catalogue, kind, ("actions",), value, "en") in (
        "The item cannot be shown", [],
    )  # fmt: skip


def test_type_metadata_names_the_parts_of_records(catalogue: Catalogue) -> None:
    document = write_type_document(catalogue, catalogue.types["service_plan"]).decode()
    assert '["actions",null,"status"]' in document.replace(" ", "")


# Scales ------------------------------------------------------------------------------------------


def _accepted(kind: CredentialType, claims: dict[str, Any]) -> bool:
    try:
        kind.check_claims(claims)
    except ClaimsRejected:
        return False
    return True


@pytest.mark.parametrize(
    ("score", "category", "more"),
    [
        ("work_ability_score", "work_ability_category", {}),
        ("wai_score", "wai_category", {}),
        ("wai_score", "wai_category", {"wai_category_scheme": "general"}),
        ("wai_score", "wai_category", {"wai_category_scheme": "young_31"}),
    ],
)
def test_the_limits_that_are_shown_are_those_that_are_checked(score, category, more) -> None:
    """Every number with every class: the schema takes exactly the one that the reading says."""
    kind = CATALOGUE.types[SELF]
    reading = reading_of(kind, score, more)
    assert reading is not None
    for number in range(reading.lowest, reading.highest + 1):
        (own,) = [code for code, (low, high) in reading.limits.items() if low <= number <= high]
        for code in reading.limits:
            claims = example(SELF, **{score: number, category: code}, **more)
            assert _accepted(kind, claims) is (code == own), (number, code)


def test_a_score_is_read_by_its_method_and_source() -> None:
    kind, dash = CATALOGUE.types[SELF], "\N{EN DASH}"

    def read(name: str, **claims: Any) -> str | None:
        return reading_text(CATALOGUE, kind, name, claims, "en")

    assert read("whodas_score", whodas_score=40, whodas_method="simple") == (
        f"Scale 12{dash}60. Source: World Health Organization, WHODAS 2.0."
    )
    assert "Scale 0" in str(read("whodas_score", whodas_score=40, whodas_method="complex_irt"))
    assert read("whodas_score", whodas_score=40) is None
    assert read("whodas_score", whodas_score=61, whodas_method="simple") is None
    assert str(read("wai_score", wai_score=40)).startswith("Class: Good.")
    young = read("wai_score", wai_score=40, wai_category_scheme="young_31")
    assert str(young).startswith("Class: Moderate.")
    assert "Kujala et al. 2005" in str(young)
    assert read("work_ability_score", work_ability_score="5") is None
    assert read("work_ability_score", work_ability_score=True) is None
    assert read("work_ability_score") is None
    assert read("own_goals", own_goals=["x"]) is None
    with pytest.raises(KeyError):
        read("shoe_size", shoe_size=45)


def test_each_score_says_where_its_classes_come_from() -> None:
    for kind in CATALOGUE.types.values():
        for claim in kind.claims.values():
            if claim.kind != "score":
                continue
            assert claim.scale is not None
            assert claim.scale.readings, claim.name
            for reading in claim.scale.readings:
                assert all(reading.source[lang] for lang in LANGS)


@pytest.mark.parametrize(
    "score", ["work_ability_score", "wai_score", "whodas_score", "domain_scores"]
)
def test_tool_and_version_travel_with_every_score(score: str) -> None:
    numbers = {"work_ability_score": 5, "wai_score": 30, "whodas_score": 20,
               "domain_scores": {"skills": 50}}  # fmt: skip
    others = dict.fromkeys(numbers, MISSING) | {"work_ability_category": MISSING}
    bare = example(SELF, **others, domain_scale=MISSING, work_ability_score_change=MISSING)
    scale = example(SELF)["domain_scale"]
    more = {"whodas_method": "simple"} if score == "whodas_score" else {}
    more |= {"domain_scale": scale} if score == "domain_scores" else {}
    claims = {**bare, score: numbers[score], **more}
    CATALOGUE.types[SELF].check_claims(claims)
    for tool in ("assessment_instrument", "assessment_instrument_version"):
        assert not _accepted(
            CATALOGUE.types[SELF], {n: v for n, v in claims.items() if n != tool}
        ), tool


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"limits": {"poor": [0, 5], "moderate": [7, 10]}}, "do not cover"),
        ({"limits": {"poor": [0, 5], "moderate": [5, 10]}}, "do not cover"),
        ({"limits": {"poor": [0, 5], "moderate": [6, 9]}}, "do not cover"),
        ({"limits": {"poor": [0, 5], "splendid": [6, 10]}}, "no label"),
        ({"range": [10, 10]}, "range is empty"),
        ({"when": {"shoe_size": "big"}}, "no such code"),
        ({"when": {"wai_category_scheme": "old"}}, "no such code"),
        ({"source": {"fi": "x", "sv": "x"}}, "'en' is a required property"),
    ],
)
def test_a_reading_that_does_not_fit_is_refused(copied, edit, change, fault) -> None:
    def how(data: Any) -> None:
        data["claims"]["work_ability_score"]["scale"]["readings"][0].update(change)

    edit(f"types/{SELF}/type.json", how)
    with pytest.raises(BrokenCatalogue, match=fault):
        load_catalogue(copied)


# Roles -------------------------------------------------------------------------------------------


def test_what_a_role_never_gets(catalogue: Catalogue) -> None:
    clinical = {
        ("medical_statement_key_data", "diagnoses"),
        ("medical_statement_key_data", "functioning_description"),
        ("medical_statement_key_data", "treatment_plan"),
        ("medical_statement_key_data", "strengths_and_motivation"),
        ("authority_decision", "grounds"),
    }
    more = {
        ("medical_statement_key_data", "statement_purposes"),
        ("wellbeing_survey_result", "wellbeing_needs"),
    }
    assert catalogue.forbidden("te_office") == clinical | more
    assert catalogue.forbidden("kela") == {
        ("medical_statement_key_data", "diagnoses"),
        ("medical_statement_key_data", "treatment_plan"),
    }
    whole = {t for t, _ in catalogue.forbidden("employer")}
    assert whole == catalogue.types.keys() - {"qualification", "consent_receipt", "demo_pid"}
    hetu = {t for t, name in catalogue.forbidden("municipality_or_ngo")
            if name == "personal_administrative_number"}  # fmt: skip
    assert hetu == {
        t.id for t in catalogue.types.values() if "personal_administrative_number" in t.claims
    }
    everything = {(t.id, name) for t in catalogue.types.values() for name in t.claims}
    assert catalogue.forbidden("barber") == everything


def test_a_sensitive_claim_of_a_new_type_is_denied_without_being_named(
    catalogue: Catalogue,
) -> None:
    old = catalogue.types["qualification"]
    clinical = replace(old.claims["skills"], art9="yes-clinical")
    health = replace(old.claims["licence_code"], art9="yes")
    new = replace(
        old,
        id="new_type",
        claims={**old.claims, "skills": clinical, "licence_code": health},
    )
    wider = replace(catalogue, types={**catalogue.types, "new_type": new})
    assert wider.is_denied("te_office", "new_type", ("skills",))
    assert not wider.is_denied("te_office", "new_type", ("licence_code",))
    for role in ("employer", "municipality_or_ngo"):
        assert wider.is_denied(role, "new_type", ("skills", None))
        assert wider.is_denied(role, "new_type", ("licence_code",))
        assert not wider.is_denied(role, "new_type", ("field_of_study",))


@pytest.mark.parametrize(
    ("file", "claim"),
    [
        ("te_statement_exists", "diagnoses"),
        ("te_benefit_coordination", "grounds"),
        ("te_local_services", "wellbeing_needs"),
        ("kela_rehabilitation_guidance", "treatment_plan"),
        ("employer_partial_work_ability", "monthly_amount_eur"),
        ("link_person_first_contact", "referring_unit"),
        ("link_person_first_contact", "personal_administrative_number"),
    ],
)
def test_a_profile_that_asks_what_is_denied_is_refused(copied, edit, file, claim) -> None:
    edit(f"profiles/{file}.json", lambda data: data["optional_claims"].append(claim))
    with pytest.raises(BrokenCatalogue, match="may not ask"):
        load_catalogue(copied)


def test_a_further_card_is_held_to_the_deny_list_too(copied, edit) -> None:
    def how(data: Any) -> None:
        next(one for one in data["further"] if one["credential_type"] == "authority_decision")[
            "optional_claims"
        ].append("grounds")

    edit("profiles/te_combined_first_visit.json", how)
    with pytest.raises(BrokenCatalogue, match="may not ask"):
        load_catalogue(copied)


def test_text_that_the_office_may_read_is_checked_for_diagnoses(catalogue: Catalogue) -> None:
    """Whatever others write about a client, in claims that the employment area may ask for."""
    people = {"given_name", "family_name"}
    for profile in catalogue.profiles_for("te_office"):
        for card in profile.credentials:
            kind = catalogue.types[card.credential_type]
            if kind.id == "consent_receipt":
                continue
            asked = {str(path[0]) for path in card.all_paths()} & kind.rules.texts
            assert asked - people - {"licence_code"} <= kind.rules.no_diagnosis_text, profile.id


def test_values_that_a_card_must_have(copied, edit, catalogue: Catalogue) -> None:
    profile = catalogue.profiles["employer_partial_work_ability"]
    assert dict(profile.values) == {("benefit_or_service",): ("partial_work_ability_certificate",)}
    for values, fault in (
        ({"benefit_or_service": ["lottery_win"]}, "no code"),
        ({"valid_from": ["2026-01-01"]}, "not required"),
    ):
        edit("profiles/employer_partial_work_ability.json",
             lambda data, values=values: data.update(values=values))  # fmt: skip
        with pytest.raises(BrokenCatalogue, match=fault):
            load_catalogue(copied)
