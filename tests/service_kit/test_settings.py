"""A wrong setting is named with its rule; what was set is never repeated."""

from pathlib import Path

import pytest
from pydantic import BaseModel, Field, ValidationError, model_validator

from issuer.settings import Settings as Issuer
from service_kit.settings import faults_of
from verifier.settings import Settings as Verifier


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


@pytest.mark.parametrize(("service", "kind"), [("issuer", Issuer), ("verifier", Verifier)])
def test_a_file_may_say_it_and_a_variable_goes_before(
    service: str,
    kind: type[Issuer | Verifier],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "kyky.toml"
    file.write_text(f'[{service}]\nbase_url = "https://kyky.example"\nport = 9001\n')
    monkeypatch.setenv("KYKY_SETTINGS", str(file))
    assert (kind().base_url, kind().port) == ("https://kyky.example", 9001)
    monkeypatch.setenv(f"KYKY_{service.upper()}_PORT", "9002")
    assert kind().port == 9002


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "KYKY_SETTINGS: the file cannot be read"),
        ("= 1", "KYKY_SETTINGS: the file is no TOML"),
        ("[verifier]", "KYKY_SETTINGS: the file has no table [issuer]"),
        ("issuer = 1", "KYKY_SETTINGS: [issuer] is no table"),
        ("[issuer]\nbasurl = 1", "KYKY_ISSUER_BASURL: Extra inputs are not permitted"),
    ],
)
def test_a_file_that_is_wrong_is_told(
    text: str | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kyky.toml"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv("KYKY_SETTINGS", str(file))
    monkeypatch.setenv("KYKY_ISSUER_BASE_URL", "https://kyky.example")
    with pytest.raises(ValidationError) as error:
        Issuer()
    assert faults_of(error.value, prefix="KYKY_ISSUER_") == [said]
