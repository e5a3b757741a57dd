"""What staff can practise, as data: what the made-up client does, and what it must come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from credential_schemas.model import Path
from keys.checks import CheckFailed
from verifier.model import Identity, Outcome

VALID, REVOKED, SUSPENDED = 0, 1, 2
"""Places in the training status lists."""


class ScenarioUnknown(CheckFailed):
    """There is no such thing to practise, or not with this role's tasks."""

    code: ClassVar[str] = "scenario_unknown"
    spec: ClassVar[str] = "Kykylompakko training mode"


@dataclass(frozen=True, slots=True)
class Person:
    """A person who does not exist: what an identity document would say."""

    given_name: str
    family_name: str
    birthdate: str


MAIJA: Final = Person("Maija Testi", "Mallikas", "1988-04-12")
AINO: Final = Person("Aino Testi", "Esimerkki", "1991-02-03")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing to practise. The defaults are a good card, shown by whom it is about.

    Attributes:
        id: its name in addresses and texts.
        outcome: what it must come to; None when nothing is asked at all.
        code: code of the failure behind it, None when nothing fails.
        identity: what staff have to find when they compare the person.
        person: whose identity document lies on the desk.
        issued_days_ago: when the card was issued.
        valid_days: for how long.
        place: which entry of the status list is the card's.
        stale: its status list is two days old.
        changed: somebody has changed a value on the card.
        foreign: somebody who is not on the trust list has issued it.
        declines: the client shows nothing.
        in_part: the client shows only the first item of a list, and leaves out what is optional.
        over_asks: the task asks for more than the role may.
    """

    id: str
    outcome: Outcome | None
    code: str | None = None
    identity: Identity = Identity.COMPARED
    person: Person = MAIJA
    issued_days_ago: int = 20
    valid_days: int = 180
    place: int = VALID
    stale: bool = False
    changed: bool = False
    foreign: bool = False
    declines: bool = False
    in_part: bool = False
    over_asks: bool = False


_ALL: Final = (
    Scenario("valid", Outcome.ACCEPT),
    Scenario("shown_in_part", Outcome.ACCEPT, in_part=True),
    Scenario(
        "wrong_person",
        Outcome.REJECT,
        "not_same_person",
        identity=Identity.NOT_SAME,
        person=AINO,
    ),
    Scenario("expired", Outcome.REJECT, "credential_expired", issued_days_ago=200),
    Scenario("revoked", Outcome.REJECT, "revoked", place=REVOKED),
    Scenario("suspended", Outcome.CANNOT_CONFIRM, "suspended", place=SUSPENDED),
    Scenario("stale", Outcome.CANNOT_CONFIRM, "status_stale", stale=True),
    Scenario("tampered", Outcome.REJECT, "disclosure_unreferenced", changed=True),
    Scenario("foreign_issuer", Outcome.REJECT, "chain_not_trusted", foreign=True),
    Scenario("declined", Outcome.NOT_SHOWN, "access_denied", declines=True),
    Scenario("over_asked", None, "over_asked", over_asks=True),
)
SCENARIOS: Final[Mapping[str, Scenario]] = {scenario.id: scenario for scenario in _ALL}

CARDS: Final[Mapping[str, Mapping[str, object]]] = {
    "self_assessment_result": {
        "information_source": "self_reported",
        "assessment_instrument": "kykyviisari",
        "assessment_setting": "self_online",
        "work_ability_score": 6,
        "domain_scores": {"skills": 70, "vocational_skills": 58, "body": 45},
        "domain_scale": {"min": 0, "max": 100, "direction": "higher_is_better"},
        "support_needs": ["employment_services", "health_check"],
        "recommended_next_step": "health_check",
        "own_goals": ["Löytää osa-aikatyö, jossa voi välillä istua"],
    },
    "statement_feedback": {
        "information_source": "health_professional",
        "statement_basis": "unemployed_health_check",
        "work_ability_conclusion": "able_with_adjustments",
        "employment_impact": "significant",
        "recommended_services": ["work_trial", "vocational_rehabilitation"],
        "rehabilitation_need": "yes",
    },
}
"""What the made-up cards say beyond the person, by credential type; tried in this order."""

DATES: Final[Mapping[str, str]] = {
    "self_assessment_result": "assessment_date",
    "statement_feedback": "examination_date",
}
"""The claim that holds the day of issue."""

FIRST_ITEM_ONLY: Final[Mapping[str, Path]] = {
    "self_assessment_result": ("support_needs",),
    "statement_feedback": ("recommended_services",),
}
"""The list of which only the first item is shown where something is shown in part."""


def scenario_of(scenario_id: str) -> Scenario:
    """Return a scenario.

    Raises:
        ScenarioUnknown: there is none of that name.
    """
    try:
        return SCENARIOS[scenario_id]
    except KeyError:
        raise ScenarioUnknown("no such scenario") from None
