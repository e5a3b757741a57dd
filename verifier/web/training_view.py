"""What a page of training shows beyond the page itself: the mark, and what the client does."""

from dataclasses import dataclass
from datetime import date

from fastapi import Request

from credential_schemas.i18n import format_date
from credential_schemas.model import Lang
from verifier.model import OPEN_STATES, State, Verification, scenario_in
from verifier.usecases.training_scenarios import SCENARIOS

SAID_COOKIE = "kyky_training_code"
PATH = "/desk/training"
_DIGITS = 6
_ENDED = frozenset({State.DECIDED, State.DECLINED, State.EXPIRED})


@dataclass(frozen=True, slots=True)
class TrainingView:
    """The mark of training, and the card beside the page.

    Attributes:
        scenario: what is practised, None on the list of scenarios.
        step: `answer`, `code`, `identity`, `after`, or None where there is no card.
        verification_id: which one; "" on the list.
        said: the code that the client reads out.
        document: what the identity document on the desk says: name and birthdate.
        as_expected: whether it came to what the scenario should come to.
        facing: the page is turned to the client.
    """

    scenario: str | None = None
    step: str | None = None
    verification_id: str = ""
    said: str | None = None
    document: tuple[str, str] | None = None
    as_expected: bool = True
    facing: bool = False


def training_of(request: Request, lang: Lang, *, facing: bool) -> TrainingView | None:
    """Return what a page shows of training, None for a page that has nothing to do with it.

    Args:
        request: what is answered.
        lang: the reader's language.
        facing: the page is turned to the client, so it has the mark and no card.
    """
    path = str(request.scope["path"])
    scenario = SCENARIOS.get(scenario_in(request.path_params.get("verification_id", "")) or "")
    if scenario is None:
        return TrainingView() if path == PATH or path.startswith(f"{PATH}/") else None
    shown = getattr(request.state, "seen", None)
    if facing or not isinstance(shown, Verification):
        return TrainingView(scenario.id, facing=facing)
    person = scenario.person
    born = format_date(date.fromisoformat(person.birthdate), lang)
    return TrainingView(
        scenario=scenario.id,
        step=_step(shown.state),
        verification_id=shown.id,
        said=_said(request.cookies.get(SAID_COOKIE, "")),
        document=(f"{person.given_name} {person.family_name}", born),
        as_expected=(shown.outcome, shown.code) == (scenario.outcome, scenario.code),
    )


def _step(state: State) -> str | None:
    if state in OPEN_STATES:
        return "answer"
    if state in _ENDED:
        return "after"
    return {State.CODE_PENDING: "code", State.IDENTITY_PENDING: "identity"}.get(state)


def _said(cookie: str) -> str | None:
    return cookie if len(cookie) == _DIGITS and cookie.isascii() and cookie.isdigit() else None
