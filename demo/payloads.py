"""The example payloads 01 to 03, their dates moved so that the story ends today."""

import json
import re
from datetime import date, timedelta
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "tests" / "fixtures" / "payloads"
STORY_ENDS = date(2026, 11, 9)  # the day on which the last of the three was issued
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def example_claims(name: str, *, today: date) -> dict[str, object]:
    """Return the claims of example `name`; every date but the birthdate is moved.

    Args:
        name: the file's name without `.json`, such as `01_self_assessment_result`.
        today: the day on which the story ends.
    """
    claims = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))["claims"]
    shift = today - STORY_ENDS
    return {
        claim: value if claim == "birthdate" else _moved(value, shift)
        for claim, value in claims.items()
    }


def _moved(value: object, shift: timedelta) -> object:
    if isinstance(value, str) and _DATE.fullmatch(value):
        return (date.fromisoformat(value) + shift).isoformat()
    return value
