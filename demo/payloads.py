"""The example payloads, their dates moved so that the story ends today."""

import json
import re
from datetime import date, timedelta
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "tests" / "fixtures" / "payloads"
STORY_ENDS = date(2026, 11, 9)  # the day on which the story's decision was issued
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def example_claims(name: str, *, today: date) -> dict[str, object]:
    """Return the claims of example `name`; every date but the birthdate is moved.

    What was issued after the story's end is issued today.

    Args:
        name: the file's name without `.json`, such as `01_self_assessment_result`.
        today: the day on which the story ends.
    """
    claims = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))["claims"]
    issued = date.fromisoformat(claims.get("date_of_issuance", STORY_ENDS.isoformat()))
    shift = today - max(STORY_ENDS, issued)
    return {
        claim: value if claim == "birthdate" else _moved(value, shift)
        for claim, value in claims.items()
    }


def _moved(value: object, shift: timedelta) -> object:
    if isinstance(value, str) and _DATE.fullmatch(value):
        return (date.fromisoformat(value) + shift).isoformat()
    if isinstance(value, list):
        return [_moved(item, shift) for item in value]
    if isinstance(value, dict):
        return {name: _moved(member, shift) for name, member in value.items()}
    return value
