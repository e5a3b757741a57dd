"""A wrong setting is named with its rule; what was set is never repeated."""

import pytest
from pydantic import BaseModel, Field, ValidationError, model_validator

from service_kit.settings import faults_of


class Example(BaseModel):
    port: int = Field(default=1, ge=0)
    password: int = 1
    base_url: str = ""

    @model_validator(mode="after")
    def _check(self) -> "Example":
        if self.base_url == "http://x":
            raise ValueError("base_url: https only")
        return self


def test_each_fault_names_its_variable_and_rule() -> None:
    with pytest.raises(ValidationError) as error:
        Example.model_validate({"port": -1, "password": "hunter2"})
    said = faults_of(error.value, prefix="KYKY_DEMO_")
    assert [line.partition(":")[0] for line in said] == ["KYKY_DEMO_PORT", "KYKY_DEMO_PASSWORD"]
    assert "hunter2" not in " ".join(said)


def test_a_rule_over_several_settings_speaks_for_itself() -> None:
    with pytest.raises(ValidationError) as error:
        Example.model_validate({"base_url": "http://x"})
    assert faults_of(error.value, prefix="KYKY_DEMO_") == ["base_url: https only"]
