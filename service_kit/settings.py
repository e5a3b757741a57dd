"""What is wrong with a service's settings, said without repeating them: one may be a password."""

import os
import tomllib
from pathlib import Path
from typing import ClassVar

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource


class ServiceSettings(BaseSettings):
    """Settings of a service: variables first, then its table in the TOML file, if one is named."""

    section: ClassVar[str]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Say where settings come from, first to last."""
        del dotenv_settings, file_secret_settings  # the signature is pydantic's
        return init_settings, env_settings, toml_section(settings_cls, cls.section)


def faults_of(error: ValidationError, *, prefix: str) -> list[str]:
    """Return one line for each fault: the variable that is wrong, and the rule.

    Args:
        error: what reading the settings raised.
        prefix: how the service's variables begin, such as `KYKY_ISSUER_`.
    """
    return [
        ": ".join(filter(None, (_variable(fault["loc"], prefix), _rule(fault["msg"]))))
        for fault in error.errors(include_input=False, include_url=False, include_context=False)
    ]


def _variable(place: tuple[int | str, ...], prefix: str) -> str:
    """Return the variable's name; empty when the rule names it itself."""
    name = ".".join(str(part) for part in place).upper()
    return name if not name or name.startswith("KYKY_") else f"{prefix}{name}"


def _rule(message: str) -> str:
    return message.removeprefix("Value error, ")


def toml_section(kind: type[BaseSettings], section: str) -> InitSettingsSource:
    """Return the settings under `[section]` of the TOML file that `KYKY_SETTINGS` names.

    Without that variable there is no file. Variables of the environment go before the file.

    Args:
        kind: the settings class.
        section: the service's table, such as `issuer`.

    Raises:
        ValidationError: the file is not there, is no TOML, or has no such table.
    """
    path = os.environ.get("KYKY_SETTINGS")
    if path is None:
        return InitSettingsSource(kind, init_kwargs={})
    try:
        table = tomllib.loads(Path(path).read_text("utf-8"))[section]
    except OSError:
        raise _fault(kind, "the file cannot be read") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _fault(kind, "the file is no TOML") from error
    except KeyError:
        raise _fault(kind, f"the file has no table [{section}]") from None
    if not isinstance(table, dict):
        raise _fault(kind, f"[{section}] is no table")
    return InitSettingsSource(kind, init_kwargs=table)


def _fault(kind: type[BaseSettings], rule: str) -> ValidationError:
    wrong = PydanticCustomError("settings_file", "{rule}", {"rule": rule})
    return ValidationError.from_exception_data(
        kind.__name__, [InitErrorDetails(type=wrong, loc=("KYKY_SETTINGS",), input=None)]
    )
