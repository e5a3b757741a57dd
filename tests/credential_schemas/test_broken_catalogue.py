"""Data files that contradict themselves or one another are refused at load, by name."""

import re
import shutil

import pytest

from credential_schemas.data_files import BrokenCatalogue
from credential_schemas.loader import load_catalogue

SELF = "types/self_assessment_result"
PROFILE = "profiles/te_service_need.json"
PLAN = "types/service_plan/type.json"


def _set(*path_and_value):
    """Change one member, deep inside."""
    *path, last, value = path_and_value

    def how(data):
        for step in path:
            data = data[step]
        data[last] = value

    return how


def _drop(*path):
    *before, last = path

    def how(data):
        for step in before:
            data = data[step]
        del data[last]

    return how


BROKEN = [
    # shapes
    (f"{SELF}/type.json", _drop("title", "sv"), "'sv' is a required property"),
    (f"{SELF}/type.json", _set("title", "sv", " "), "title.sv"),
    (f"{SELF}/type.json", _set("vct", "https://example.org/x"), "vct"),
    (f"{SELF}/type.json", _set("colour", "blue"), "colour"),
    (f"{SELF}/type.json", _set("claims", "own_goals", "kind", "picture"), "kind"),
    (f"{SELF}/type.json", _drop("claims", "support_needs", "code_list"), "code_list"),
    (PROFILE, _set("retention", "forever"), "retention"),
    (PROFILE, _set("required_claims", []), "required_claims"),
    (PROFILE, _set("hand_on", "download"), "hand_on"),
    (PROFILE, _set("retention_days", 30), "does not allow 30"),
    ("profiles/te_employment_support.json", _drop("retention_days"), "retention_days"),
    ("profiles/te_employment_support.json", _set("retention_days", 0), "retention_days"),
    ("profiles/te_employment_support.json", _set("hand_on", "fax"), "hand_on"),
    (PROFILE, _drop("gain"), "gain"),
    (PROFILE, _set("status_max_age_hours", 25), "status_max_age_hours"),
    (PROFILE, _set("status_max_age_hours", 0), "status_max_age_hours"),
    (PROFILE, _set("status_max_age_hours", 1.5), "status_max_age_hours"),
    (PROFILE, _set("status_max_age_hours", None), "status_max_age_hours"),
    ("roles.json", _set("te_office", "denied", ["grounds"]), "denied"),
    ("organisations.json", _drop("kela", "names"), "names"),
    ("refused_types.json", _drop("labour_policy_statement", "en"), "en"),
    ("code_lists/finality.json", _set("final", "fi", ""), "final.fi"),
    ("common_claims.json", _drop("birthdate", "label"), "label"),
    # records, and rules of texts and dates
    (PLAN, _drop("claims", "actions", "members"), "members"),
    (
        "types/service_plan/schema.json",
        _drop("properties", "actions", "items", "properties", "responsible"),
        "members differ",
    ),
    ("code_lists/finality.json", _set("final", "national", "maybe"), "national"),
    (PLAN, _set("claims", "actions", "members", "status", "code_list", "x"), "no such code list"),
    (PLAN, _drop("claims", "actions", "members", "status", "code_list"), "code_list"),
    (PLAN, _set("claims", "actions", "members", "title", "kind", "records"), "kind"),
    (PLAN, _set("claims", "goals", "members", {}), "claims.goals"),
    (PLAN, _set("rules", "item_date_order", [["actions", "starts", "status"]]), "not dates"),
    (PLAN, _set("rules", "item_date_order", [["actions", "starts", "shoe_size"]]), "not dates"),
    (PLAN, _set("rules", "item_date_order", [["shoes", "starts", "ends"]]), "unknown claims"),
    (PLAN, _set("rules", "no_diagnosis_text", ["plan_date"]), "no texts"),
    (PLAN, _set("rules", "no_diagnosis_text", ["shoe_size"]), "unknown claims"),
    (PLAN, _set("validity", "days_after", {"goals": 3}), "not dates"),
    (PLAN, _set("validity", "days_after", {"shoe_size": 3}), "unknown claims"),
    (PLAN, _set("validity", "days_after", {"next_review_date": 0}), "days_after"),
    ("roles.json", _set("employer", "denied_art9", ["very"]), "denied_art9"),
    # what officials read first
    (f"{SELF}/type.json", _drop("desk"), "'desk' is a required property"),
    (f"{SELF}/type.json", _set("desk", "voice", "choir"), "voice"),
    (f"{SELF}/type.json", _set("desk", "says", []), "says"),
    (f"{SELF}/type.json", _set("desk", "quotes", ["shoe_size"]), "unknown claims: ['shoe_size']"),
    (f"{SELF}/type.json", _set("desk", "quotes", ["wai_score"]), "no words of a client"),
    (f"{SELF}/type.json", _set("desk", "voice", "authority"), "only a client is quoted"),
    (f"{SELF}/type.json", _set("desk", "says", 0, "words", "sv", "Nej."), "{value} once"),
    (f"{SELF}/type.json", _set("desk", "says", 0, "age", True), "only a date has an age"),
    # type and schema
    (f"{SELF}/type.json", _set("issuers", ["nobody"]), "organisations"),
    (f"{SELF}/type.json", _set("validity", "claims", ["nothing"]), "unknown claims"),
    (f"{SELF}/type.json", _set("validity", "claims", ["own_goals"]), "not dates"),
    (f"{SELF}/type.json", _set("rules", "date_order", [["a", "b"]]), "unknown claims"),
    (f"{SELF}/type.json", _set("common_claims", ["shoe_size"]), "common claims"),
    (f"{SELF}/type.json", _set("claims", "support_needs", "code_list", "x"), "code list"),
    (f"{SELF}/schema.json", _drop("properties", "own_goals"), "claims differ"),
    (f"{SELF}/schema.json", _set("properties", "photo", {"type": "string"}), "claims differ"),
    (f"{SELF}/schema.json", _set("required", []), "always disclosed"),
    (f"{SELF}/schema.json", _set("additionalProperties", True), "additionalProperties"),
    (f"{SELF}/schema.json", _drop("properties", "own_goals", "maxItems"), "maxItems"),
    (f"{SELF}/schema.json", _drop("properties", "own_goals", "items", "type"), "type is missing"),
    (f"{SELF}/schema.json", _set("properties", "work_description", "maxLength", 501), "maxLength"),
    (f"{SELF}/schema.json", _drop("properties", "wai_score", "maximum"), "maximum"),
    (f"{SELF}/schema.json", _set("properties", "wai_score", "multipleOf", 1), "multipleOf"),
    (f"{SELF}/schema.json", _set("properties", "wai_score", "$ref", "http://x/"), "$ref"),
    (f"{SELF}/schema.json", _set("properties", "wai_score", "type", "boolean"), "kind"),
    (f"{SELF}/schema.json", _set("properties", "wai_score", "type", "numeral"), "schemas"),
    (f"{SELF}/schema.json", _drop("properties", "birthdate", "format"), "maxLength"),
    (
        f"{SELF}/schema.json",
        _set("properties", "birthdate", {"type": "string", "maxLength": 10}),
        "format date",
    ),
    (
        f"{SELF}/schema.json",
        _set("properties", "assessment_setting", {"type": "string", "maxLength": 9}),
        "no enum",
    ),
    # profiles
    (PROFILE, _set("credential_type", "shopping_list"), "no such type"),
    (PROFILE, _set("optional_claims", ["diagnoses"]), "no such claim"),
    (PROFILE, _set("optional_claims", ["contact_unit.phone"]), "no such claim"),
    (PROFILE, _set("optional_claims", ["employment_impact"]), "asked twice"),
    (PROFILE, _set("roles", ["barber"]), "barber"),
    (PROFILE, _set("roles", ["employer"]), "employer"),
    ("profiles/te_benefit_coordination.json", _set("optional_claims", ["grounds"]), "grounds"),
]


@pytest.mark.parametrize(("file", "how", "said"), BROKEN)
def test_broken_data_is_a_loud_error(copied, edit, file, how, said):
    edit(file, how)
    with pytest.raises(BrokenCatalogue, match=re.escape(said)) as caught:
        load_catalogue(copied)
    assert caught.value.file == copied / file


@pytest.mark.parametrize(
    ("file", "how", "named", "said"),
    [
        ("code_lists/support_need.json", _drop("rehabilitation"), "schema", "without labels"),
        ("code_lists/self_assessment_domain.json", _drop("skills"), "schema", "without labels"),
        ("code_lists/scale_direction.json", _drop("higher_is_worse"), "schema", "without labels"),
        (f"{SELF}/type.json", _drop("claims", "wai_score", "scale"), "schema", "needs its scale"),
    ],
)
def test_files_that_disagree_are_a_loud_error(copied, edit, file, how, named, said):
    edit(file, how)
    with pytest.raises(BrokenCatalogue, match=said) as caught:
        load_catalogue(copied)
    assert caught.value.file == copied / SELF / f"{named}.json"


def test_two_types_with_one_vct_are_a_loud_error(copied, edit):
    edit(f"{SELF}/type.json", _set("vct", "urn:kykylompakko:authority-decision:1"))
    with pytest.raises(BrokenCatalogue, match="another type has the same vct"):
        load_catalogue(copied)


@pytest.mark.req("VCT-03")
def test_a_claim_may_not_take_a_protocol_name(copied, edit):
    edit(f"{SELF}/type.json", lambda d: d["claims"].update(status=d["claims"]["own_goals"]))
    edit(f"{SELF}/schema.json",
         lambda d: d["properties"].update(status=d["properties"]["own_goals"]))  # fmt: skip
    with pytest.raises(BrokenCatalogue, match="protocol claim"):
        load_catalogue(copied)


def test_a_refused_type_cannot_be_added(copied):
    shutil.copytree(copied / SELF, copied / "types" / "labour_policy_statement")
    with pytest.raises(BrokenCatalogue, match="may not be issued"):
        load_catalogue(copied)


def test_a_common_claim_is_defined_once(copied, edit):
    edit(f"{SELF}/type.json", lambda d: d["claims"].update(birthdate=d["claims"]["own_goals"]))
    with pytest.raises(BrokenCatalogue, match="defined again"):
        load_catalogue(copied)


@pytest.mark.parametrize("text", ["{", "[]", '{"kela": 1, "kela": 2}', '{"kela": NaN'])
def test_bad_json_names_the_file(copied, text):
    (copied / "organisations.json").write_text(text, "utf-8")
    with pytest.raises(BrokenCatalogue, match=r"organisations\.json"):
        load_catalogue(copied)


def test_a_missing_file_is_named(copied):
    (copied / "roles.json").unlink()
    with pytest.raises(BrokenCatalogue, match=r"roles\.json"):
        load_catalogue(copied)
