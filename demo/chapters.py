"""The cards of the story: who issues, which task asks, what may leave and what must not."""

from dataclasses import dataclass

IDENTITY = ("given_name", "family_name", "birthdate")


@dataclass(frozen=True)
class Chapter:
    """One card's way: who issues it, which task asks for it, what may leave, what must not."""

    payload: str
    org: str
    type_id: str
    profile: str
    pin: bool
    leaves: tuple[str, ...]
    seen: tuple[str, ...]
    unseen: tuple[str, ...]


CHAPTERS = (
    Chapter(
        payload="01_self_assessment_result",
        org="itsearviointi",
        type_id="self_assessment_result",
        profile="te_initial_interview",
        pin=True,
        leaves=(
            "assessment_instrument",
            "assessment_date",
            "work_ability_score",
            "support_needs",
            "recommended_next_step",
            "own_goals",
            "domain_scores.skills",
            "domain_scale",
        ),
        seen=("Löytää työ, jossa ei tarvitse nostaa raskasta", "Työttömän terveystarkastus"),
        unseen=("120488-9123", "Uupumus iltapäivisin", "Jaksaminen", "Keittiötyö"),
    ),
    Chapter(
        payload="03_authority_decision",
        org="kela",
        type_id="authority_decision",
        profile="te_benefit_coordination",
        pin=False,
        leaves=(
            "benefit_or_service",
            "decision_outcome",
            "valid_from",
            "valid_until",
            "service_content",
            "finality",
        ),
        seen=("Työkokeilu ja työhönvalmennus",),
        unseen=("120488-9123", "850", "TESTI-2026-000123", "Fiktiivinen perustelu"),
    ),
)

FEEDBACK = Chapter(
    payload="02_statement_feedback",
    org="mallimaa",
    type_id="statement_feedback",
    profile="te_service_need",
    pin=True,
    leaves=(
        "work_ability_conclusion",
        "employment_impact",
        "recommended_services",
        "restriction_valid_until",
        "rehabilitation_need",
        "reassessment_date",
        "contact_unit",
    ),
    seen=("Työkykyinen mukautuksin", "Merkittävä vaikutus"),
    unseen=("120488-9123", "Tohtorinen", "Kevyt toimistotyö"),
)

REFERRAL = Chapter(
    payload="05_work_ability_referral",
    org="tyollisyysalue",
    type_id="work_ability_referral",
    profile="hc_receive_referral",
    pin=False,
    leaves=(
        "referral_type",
        "referral_date",
        "referral_reasons",
        "referring_organisation",
        "occupation",
        "work_tasks",
        "work_challenges",
        "questions_to_health_care",
        "feedback_due_date",
        "personal_administrative_number",
        "referring_contact",
        "client_wishes",
        "self_assessment_summary",
        "interpreter_language",
        "unemployment_months",
    ),
    seen=("Millaista työtä asiakas voi tehdä nyt?", "Suurkeittiötyöntekijä"),
    unseen=("Omavalmentaja Oona Opas",),
)
