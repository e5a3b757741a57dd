"""What is wrong with a service's settings, said without repeating them: one may be a password."""

from pydantic import ValidationError


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
