"""Values in the words of people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS
from credential_schemas.render import label_for_path, value_text
from tests.credential_schemas.conftest import EXAMPLES, example

SELF, FEEDBACK, DECISION = "self_assessment_result", "statement_feedback", "authority_decision"
RECEIPT = "consent_receipt"
DASH = "\N{EN DASH}"
NBSP = "\N{NO-BREAK SPACE}"
SCALE = {"min": 0, "max": 100, "direction": "higher_is_better"}
UNREADABLE = ["Tietoa ei voi näyttää", "Uppgiften kan inte visas", "The item cannot be shown"]


@pytest.mark.parametrize(
    ("type_id", "path", "value", "said"),
    [
        (SELF, ("family_name",), "Mallikas", ["Mallikas", "Mallikas", "Mallikas"]),
        (SELF, ("birthdate",), "1988-04-12", ["12.4.1988"] * 3),
        (SELF, ("issuing_country",), "FI", ["Suomi", "Finland", "Finland"]),
        (SELF, ("personal_administrative_number",), "120488-9123", ["120488-9123"] * 3),
        (
            SELF,
            ("recommended_next_step",),
            "none",
            ["Jatkotoimia ei tarvita", "Inga fortsatta åtgärder behövs", "No further steps needed"],
        ),
        (
            SELF,
            ("work_ability_score",),
            5,
            [
                f"5 asteikolla 0{DASH}10. Suurempi on parempi.",
                f"5 på skalan 0{DASH}10. Högre är bättre.",
                f"5 on a scale of 0{DASH}10. Higher is better.",
            ],
        ),
        (
            SELF,
            ("whodas_score",),
            33.5,
            [
                "33,5. Suurempi luku tarkoittaa enemmän vaikeuksia.",
                "33,5. Ett högre tal betyder mer svårigheter.",
                "33.5. A higher number means more difficulty.",
            ],
        ),
        (SELF, ("domain_scores", "skills"), 66, ["66", "66", "66"]),
        (
            SELF,
            ("domain_scores",),
            {"skills": 66, "mind": 48.5},
            [
                ["Osaaminen: 66", "Mieli: 48,5"],
                ["Kunnande: 66", "Sinne: 48,5"],
                ["Skills: 66", "Mind: 48.5"],
            ],
        ),
        (
            SELF,
            ("domain_scale",),
            SCALE,
            [
                f"0{DASH}100. Suurempi on parempi.",
                f"0{DASH}100. Högre är bättre.",
                f"0{DASH}100. Higher is better.",
            ],
        ),
        (
            SELF,
            ("domain_scale",),
            {"max": 100},
            [["Suurin arvo: 100"], ["Högsta värde: 100"], ["Highest value: 100"]],
        ),
        (SELF, ("domain_scale", "min"), 0, ["0", "0", "0"]),
        (
            SELF,
            ("domain_scale", "direction"),
            "higher_is_better",
            ["Suurempi on parempi", "Högre är bättre", "Higher is better"],
        ),
        (SELF, ("work_ability_score_change",), -1, ["-1", "-1", "-1"]),
        (SELF, ("own_goals",), ["a", "b"], [["a", "b"], ["a", "b"], ["a", "b"]]),
        (SELF, ("own_goals", 1), "b", ["b", "b", "b"]),
        (
            SELF,
            ("support_needs", None),
            ["rehabilitation"],
            [["Kuntoutus"], ["Rehabilitering"], ["Rehabilitation"]],
        ),
        (
            SELF,
            ("support_needs", 0),
            "rehabilitation",
            ["Kuntoutus", "Rehabilitering", "Rehabilitation"],
        ),
        (FEEDBACK, ("health_work_link",), True, ["Kyllä", "Ja", "Yes"]),
        (FEEDBACK, ("health_work_link",), False, ["Ei", "Nej", "No"]),
        (
            FEEDBACK,
            ("max_weekly_hours",),
            1,
            ["1 tunti viikossa", "1 timme i veckan", "1 hour a week"],
        ),
        (
            FEEDBACK,
            ("max_weekly_hours",),
            30,
            ["30 tuntia viikossa", "30 timmar i veckan", "30 hours a week"],
        ),
        (DECISION, ("monthly_amount_eur",), 850.0, [f"850{NBSP}€", f"850{NBSP}€", "€850"]),
        (
            DECISION,
            ("monthly_amount_eur",),
            1850.5,
            [f"1{NBSP}850,50{NBSP}€", f"1{NBSP}850,50{NBSP}€", "€1,850.50"],
        ),
        (SELF, ("birthdate",), "tomorrow", UNREADABLE),
        (SELF, ("recommended_next_step",), "dance", UNREADABLE),
        (SELF, ("support_needs",), "rehabilitation", UNREADABLE),
        (SELF, ("own_goals",), [1], UNREADABLE),
        (SELF, ("domain_scores",), 5, UNREADABLE),
        (SELF, ("domain_scale",), 5, UNREADABLE),
        (SELF, ("family_name",), 5, UNREADABLE),
        (SELF, ("work_ability_score",), True, UNREADABLE),
        (SELF, ("work_ability_score",), 10**400, UNREADABLE),
        (SELF, ("work_ability_score",), float("nan"), UNREADABLE),
        (FEEDBACK, ("health_work_link",), 1, UNREADABLE),
        (
            RECEIPT,
            ("presented_at",),
            "2026-09-18T10:15:00Z",
            ["18.9.2026 klo 13.15", "18.9.2026 kl. 13.15", "18.9.2026, 13:15"],
        ),
        (RECEIPT, ("presented_at",), "2026-09-18T10:15:00", UNREADABLE),
        (RECEIPT, ("presented_at",), "2026-19-18T10:15:00Z", UNREADABLE),
        (RECEIPT, ("presented_at",), 0, UNREADABLE),
        (RECEIPT, ("purpose",), {"fi": "a", "sv": "b", "en": "c"}, ["a", "b", "c"]),
        (RECEIPT, ("purpose",), {"sv": "b"}, ["b", "b", "b"]),
        (RECEIPT, ("purpose", "sv"), "b", ["b", "b", "b"]),
        (RECEIPT, ("purpose",), {"sv": 1}, UNREADABLE),
        (RECEIPT, ("purpose",), "b", UNREADABLE),
        (
            RECEIPT,
            ("request_profile",),
            "te_initial_interview",
            ["Alkuhaastattelu", "Inledande intervju", "Initial interview"],
        ),
        (RECEIPT, ("request_profile",), "te_never", UNREADABLE),
        (
            RECEIPT,
            ("disclosed_claims",),
            ["self_assessment_result.own_goals", "self_assessment_result.domain_scores.skills"],
            [
                ["Omat tavoitteet ja toiveet", "Osa-alueiden pisteet: Osaaminen"],
                ["Egna mål och önskemål", "Delområdenas poäng: Kunnande"],
                ["Own goals and wishes", "Domain scores: Skills"],
            ],
        ),
        (
            RECEIPT,
            ("disclosed_claims", 0),
            "authority_decision.valid_from",
            ["Voimassa alkaen", "Gäller från", "Valid from"],
        ),
        (RECEIPT, ("disclosed_claims",), ["never.heard"], UNREADABLE),
        (RECEIPT, ("disclosed_claims",), ["authority_decision"], UNREADABLE),
        (RECEIPT, ("disclosed_claims",), [1], UNREADABLE),
        (RECEIPT, ("disclosed_claims",), "authority_decision.valid_from", UNREADABLE),
    ],
)
def test_values_in_words(catalogue, type_id, path, value, said):
    credential_type = catalogue.types[type_id]
    words = [value_text(catalogue, credential_type, path, value, lang) for lang in LANGS]
    assert words == said


@pytest.mark.parametrize("type_id", EXAMPLES)
@pytest.mark.parametrize("lang", LANGS)
def test_every_example_value_has_words(catalogue, type_id, lang):
    credential_type = catalogue.types[type_id]
    for name, value in example(type_id).items():
        words = value_text(catalogue, credential_type, (name,), value, lang)
        said = [words] if isinstance(words, str) else words
        assert said
        assert all(said)
        assert not {"_", "{"} & set("".join(said)), name
        assert UNREADABLE[LANGS.index(lang)] not in said


def test_every_kind_is_shown_somehow(catalogue):
    kinds = {claim.kind for t in catalogue.types.values() for claim in t.claims.values()}
    assert kinds >= {"text", "texts", "date", "code", "codes", "score", "scores", "scale", "hetu"}


def test_labels_of_paths(catalogue):
    t = catalogue.types[SELF]
    said = {
        ("own_goals",): "Omat tavoitteet ja toiveet",
        ("own_goals", None): "Omat tavoitteet ja toiveet",
        ("own_goals", 0): "Omat tavoitteet ja toiveet",
        ("domain_scores", "skills"): "Osa-alueiden pisteet: Osaaminen",
        ("domain_scale", "min"): "Osa-alueiden asteikko: Pienin arvo",
    }
    receipt = catalogue.types[RECEIPT]
    assert (
        label_for_path(catalogue, receipt, ("purpose", "sv"), "fi") == "Käyttötarkoitus: ruotsiksi"
    )
    for path, words in said.items():
        assert label_for_path(catalogue, t, path, "fi") == words


@pytest.mark.parametrize(
    "path",
    [(), (0,), ("diagnoses",), ("domain_scores", "happiness"), ("own_goals", "first")],
)
def test_a_path_that_leads_nowhere_is_an_error(catalogue, path):
    with pytest.raises(KeyError):
        label_for_path(catalogue, catalogue.types[SELF], path, "fi")


@given(
    name=st.sampled_from(sorted(load_catalogue().types[SELF].claims)),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ),
    lang=st.sampled_from(LANGS),
)
def test_any_value_is_shown_or_said_to_be_unreadable(name, value, lang):
    catalogue = load_catalogue()
    words = value_text(catalogue, catalogue.types[SELF], (name,), value, lang)
    assert isinstance(words, str | list)
