"""The files of the catalogue: what they hold, how they grow, and what is refused in them."""

import json
from pathlib import Path
from typing import cast

import pytest

from credential_schemas.data_files import HOME
from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS, Label, Lang
from credential_schemas.problems import ClaimsRejected
from tests.credential_schemas.conftest import EXAMPLES, PAYLOADS, example

SELF = "types/self_assessment_result"
PROFILE = "profiles/te_service_need.json"
PROFILES = {
    "te_initial_interview", "te_follow_up", "te_service_need", "te_job_matching",
    "te_employment_support", "te_statement_exists", "te_benefit_coordination", "te_plan_check",
    "te_local_services", "te_competence_mapping", "hc_unemployed_health_check",
    "hc_continuity_of_care", "hc_rehabilitation_follow_up", "hc_receive_referral",
    "hc_booking_desk", "hc_lifestyle_guidance", "hc_wellbeing_follow_up",
    "kela_rehabilitation_guidance", "employer_partial_work_ability",
    "employer_qualification_check", "shared_situation_picture", "network_consultation",
    "link_person_first_contact", "staff_consent_check", "client_consent_overview",
    "te_combined_first_visit", "client_own_receipt",
}  # fmt: skip
"""The 25, the one for several cards, and the one of the client's privacy page."""


def labels_of_types(catalogue):
    for t in catalogue.types.values():
        yield t.id, t.title
        for claim in t.claims.values():
            yield f"{t.id}.{claim.name}", claim.label
            if claim.help is not None:
                yield f"{t.id}.{claim.name} help", claim.help


def labels(catalogue):
    """Every label of the catalogue, with where it is."""
    yield from labels_of_types(catalogue)
    for p in catalogue.profiles.values():
        for part in ("title", "purpose", "gain", "legal_basis"):
            yield f"{p.id} {part}", getattr(p, part)
    for name, codes in catalogue.code_lists.items():
        for code, label in codes.items():
            yield f"{name} {code}", label
    for organisation in catalogue.organisations.values():
        yield organisation.id, organisation.names
        yield f"{organisation.id} contact", organisation.contact
    for role in catalogue.roles.values():
        yield role.id, role.names
    yield from catalogue.refused_types.items()


def test_the_product_catalogue(catalogue):
    assert set(catalogue.types) == set(EXAMPLES)
    assert set(catalogue.profiles) == PROFILES
    assert set(catalogue.organisations) == {
        "itsearviointi", "mallimaa", "kela", "elake",
        "tyollisyysalue", "palvelutarjotin", "oppilaitos", "pid-demo",
    }  # fmt: skip
    assert load_catalogue() is catalogue


@pytest.mark.req("VCT-02")
@pytest.mark.parametrize(("type_id", "file"), EXAMPLES.items())
def test_types_are_what_the_example_payloads_say(catalogue, type_id, file):
    payload = json.loads((PAYLOADS / file).read_text("utf-8"))
    credential_type = catalogue.types[type_id]
    assert credential_type.vct == payload["vct"]
    assert catalogue.type_for_vct(payload["vct"]) is credential_type
    assert credential_type.validity_days == payload["validity_days"]
    assert credential_type.always_disclosed() == set(payload["always_disclosed"])
    hidden = set(payload["selectively_disclosable"])
    assert hidden <= credential_type.claims.keys() - credential_type.always_disclosed()


def test_an_unknown_vct_is_no_type(catalogue):
    assert catalogue.type_for_vct("urn:kykylompakko:self-assessment-result:2") is None


def test_every_word_is_said_in_three_languages(catalogue):
    for place, label in labels(catalogue):
        for lang in LANGS:
            assert label[lang].strip(), f"{place} has no {lang}"
            assert label.get(lang) == label[lang]


def test_an_unknown_language_is_an_error():
    with pytest.raises(KeyError):
        Label("a", "b", "c")[cast("Lang", "de")]


def test_languages_were_not_mixed_up(catalogue):
    """Only names are the same in Finnish and Swedish."""
    same = {place for place, label in labels(catalogue) if label.fi == label.sv}
    languages = ("bn", "hi", "ln", "om", "sw", "te", "ti", "ur")
    assert same == {
        "assessment_instrument omavire", "assessment_instrument kykyviisari",
        *(f"interpreter_language {code}" for code in languages),
    }  # fmt: skip


def enumerated(schema):
    """Every enum and const value in a schema, at any depth."""
    if isinstance(schema, dict):
        yield from schema.get("enum", [])
        yield from [schema["const"]] if "const" in schema else []
        for part in schema.values():
            yield from enumerated(part)


@pytest.mark.parametrize("type_id", EXAMPLES)
def test_every_enumerated_value_has_words(catalogue, type_id):
    """Walks the schema on its own, not the way the loader does."""
    credential_type = catalogue.types[type_id]
    for name, part in credential_type.schema["properties"].items():
        codes = set(enumerated(part))
        if credential_type.claims[name].kind == "scores":
            codes |= set(part["properties"])
        described = [credential_type.claims[name], *credential_type.claims[name].members.values()]
        lists = [one.code_list for one in described if one.code_list is not None]
        labelled = {code for one in lists for code in catalogue.code_lists[one]}
        codes.discard(True)  # a boolean that must be true
        assert codes <= labelled, name
        assert bool(codes) == bool(labelled), name


def test_schemas_hold_no_document(catalogue):
    def walk(part):
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
        if part.get("type") == "array":
            assert part["maxItems"] <= 40
        if part.get("type") == "string" and "format" not in part and "const" not in part:
            assert "enum" in part or part["maxLength"] <= 500
        for child in [*part.get("properties", {}).values(), *filter(None, [part.get("items")])]:
            walk(child)

    for t in catalogue.types.values():
        walk(t.schema)


def test_statement_feedback_has_no_place_for_a_diagnosis(catalogue):
    clinical = {c.name for c in catalogue.types["statement_feedback"].claims.values()
                if c.art9 == "yes-clinical"}  # fmt: skip
    assert not clinical


def test_organisations_are_fictional_and_say_so(catalogue):
    for organisation in catalogue.organisations.values():
        for lang in LANGS:
            assert organisation.names[lang].endswith(" (TESTI)")
            assert "\u00a0000\u00a0000\u00a00000" in organisation.contact[lang]


def test_organisations_know_their_types(catalogue):
    issuing = {one.id: one.types for one in catalogue.organisations.values()}
    assert issuing == {
        "elake": {"authority_decision", "service_plan"},
        "itsearviointi": {"self_assessment_result", "work_ability_referral"},
        "kela": {"authority_decision", "consent_receipt", "service_plan"},
        "mallimaa": {
            "statement_feedback", "medical_statement_key_data", "authority_decision",
            "consent_receipt", "service_plan", "wellbeing_referral", "work_ability_referral",
        },
        "oppilaitos": {"qualification"},
        "palvelutarjotin": {"wellbeing_survey_result"},
        "pid-demo": {"demo_pid"},
        "tyollisyysalue": {
            "authority_decision", "consent_receipt", "service_plan", "wellbeing_referral",
            "work_ability_referral",
        },
    }  # fmt: skip


def test_what_goes_between_authorities_by_law_is_no_type(catalogue):
    assert set(catalogue.refused_types) == {
        "labour_policy_statement",
        "insurance_claim_patient_data",
    }
    assert not catalogue.refused_types.keys() & catalogue.types.keys()


def test_a_type_is_added_by_adding_files(copied: Path):
    """A licence card: two files, and the organisation may issue it at once."""
    folder = copied / "types" / "licence_card"
    folder.mkdir()
    words = {"fi": "Lupakortti", "sv": "Tillståndskort", "en": "Licence card"}
    said = {"label": words, "disclosure": "sd", "art9": "no"}
    (folder / "type.json").write_text(
        json.dumps(
            {
                "vct": "urn:kykylompakko:licence-card:1",
                "version": 1,
                "status": "draft",
                "title": words,
                "issuers": ["oppilaitos"],
                "validity": {"days": 30, "claims": ["licence_valid_until"]},
                "rules": {},
                "desk": {
                    "title": words,
                    "voice": "authority",
                    "quotes": [],
                    "says": [{"claim": "licence_code", "words": dict.fromkeys(LANGS, "{value}")}],
                    "note": words,
                },
                "common_claims": ["family_name"],
                "claims": {
                    "licence_code": {**said, "kind": "text"},
                    "licence_valid_until": {**said, "kind": "date"},
                },
            }
        ),
        "utf-8",
    )
    (folder / "schema.json").write_text(
        json.dumps(
            {
                "type": "object",
                "properties": {
                    "family_name": {"type": "string", "maxLength": 100},
                    "licence_code": {"type": "string", "maxLength": 10, "pattern": "^[A-Z]+$"},
                    "licence_valid_until": {"type": "string", "format": "date"},
                },
                "required": ["licence_code"],
                "additionalProperties": False,
            }
        ),
        "utf-8",
    )
    (copied / "profiles" / "te_licence.json").write_text(
        (copied / PROFILE)
        .read_text("utf-8")
        .replace("statement_feedback", "licence_card")
        .replace('"given_name", "family_name", "birthdate"', '"family_name"')
        .replace('"work_ability_conclusion", "employment_impact", "recommended_services"',
                 '"licence_code"')
        .replace('"restriction_valid_until"', "")
        .replace('"rehabilitation_need", "reassessment_date", "contact_unit"', ""),
        "utf-8",
    )  # fmt: skip
    catalogue = load_catalogue(copied)
    added = catalogue.types["licence_card"]
    added.check_claims({"licence_code": "HYGIENIA", "licence_valid_until": "2027-01-01"})
    with pytest.raises(ClaimsRejected) as caught:
        added.check_claims({"licence_code": "a 1"})
    assert [(p.path, p.code) for p in caught.value.problems] == [(("licence_code",), "wrong_form")]
    assert catalogue.may_issue("oppilaitos", "licence_card")
    assert catalogue.organisations["oppilaitos"].types == {"licence_card", "qualification"}
    assert catalogue.may_ask("te_office", "licence_card", ("licence_code",))
    assert not load_catalogue().may_ask("te_office", "licence_card", ("licence_code",))


def test_a_tool_is_marked_as_the_national_choice_in_one_file(copied, edit):
    """No tool is yet. It is said wherever the tool is named."""
    tools = "code_lists/assessment_instrument.json"
    edit(tools, lambda data: data["kykyviisari"].update(national=True))
    labels = load_catalogue(copied).code_lists["assessment_instrument"]
    assert labels["kykyviisari"] == Label(
        "Kykyviisari (kansallinen valinta)",
        "Kykyviisari (nationellt val)",
        "Kykyviisari (Abilitator) (the national choice)",
    )
    assert labels["omavire"] == Label("Omavire", "Omavire", "Omavire")


def test_a_claim_taken_out_of_a_copy_is_gone(copied, edit):
    edit(f"{SELF}/type.json", lambda d: d["claims"].pop("development_areas"))
    edit(f"{SELF}/type.json", lambda d: d["desk"].update(says=d["desk"]["says"][:1]))
    edit(f"{SELF}/schema.json", lambda d: d["properties"].pop("development_areas"))
    with pytest.raises(ClaimsRejected):
        load_catalogue(copied).types["self_assessment_result"].check_claims(
            example("self_assessment_result")
        )


def test_every_data_file_is_used():
    """Nothing lies beside the catalogue that no loader reads."""
    read = {"advice.json", "common_claims.json", "organisations.json", "refused_types.json",
            "roles.json", "shapes.json"}  # fmt: skip
    assert {file.name for file in HOME.glob("*.json")} == read
    assert {file.name for file in HOME.glob("types/*/*")} == {"type.json", "schema.json"}


def test_every_code_list_is_used(catalogue):
    claims = [c for t in catalogue.types.values() for c in t.claims.values()]
    used = {one.code_list for c in claims for one in (c, *c.members.values())}
    for_status = {"revocation_reason", "suspension_reason"}
    assert catalogue.code_lists.keys() == (used - {None}) | for_status
