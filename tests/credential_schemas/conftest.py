import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from credential_schemas.data_files import HOME
from credential_schemas.loader import load_catalogue
from credential_schemas.model import Catalogue
from credential_schemas.problems import ClaimsRejected

PAYLOADS = Path(__file__).parents[1] / "fixtures" / "payloads"
EXAMPLES = {
    "self_assessment_result": "01_self_assessment_result.json",
    "statement_feedback": "02_statement_feedback.json",
    "authority_decision": "03_authority_decision.json",
    "service_plan": "04_service_plan.json",
    "work_ability_referral": "05_work_ability_referral.json",
    "wellbeing_referral": "06_wellbeing_referral.json",
    "wellbeing_survey_result": "07_wellbeing_survey_result.json",
    "medical_statement_key_data": "08_medical_statement_key_data.json",
    "qualification": "09_qualification.json",
    "consent_receipt": "10_consent_receipt.json",
    "demo_pid": "11_demo_pid.json",
}
Claims = dict[str, Any]
MISSING = object()
"""As a changed value: leave the claim out."""


def example(type_id: str, **changes: object) -> Claims:
    """The example claims of a type, some of them changed."""
    payload = json.loads((PAYLOADS / EXAMPLES[type_id]).read_text("utf-8"))
    claims = deepcopy(payload["claims"]) | changes
    return {name: value for name, value in claims.items() if value is not MISSING}


def rejected(catalogue: Catalogue, type_id: str, claims: Claims) -> set[tuple[str, str]]:
    """Places (dotted) and codes of the problems of claims that must be rejected."""
    with pytest.raises(ClaimsRejected) as caught:
        catalogue.types[type_id].check_claims(claims)
    return {(".".join(map(str, p.path)), p.code) for p in caught.value.problems}


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the product's data files, to change."""
    home = tmp_path / "catalogue"
    shutil.copytree(HOME, home, ignore=shutil.ignore_patterns("*.py", "__pycache__", "locales"))
    return home


@pytest.fixture
def edit(copied: Path) -> Callable[[str, Callable[[Any], object]], None]:
    """Change one JSON file of the copy in place."""

    def change(file: str, how: Callable[[Any], object]) -> None:
        place = copied / file
        data = json.loads(place.read_text("utf-8"))
        how(data)
        place.write_text(json.dumps(data), "utf-8")

    return change
