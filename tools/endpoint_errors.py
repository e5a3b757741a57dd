"""Write `docs/endpoint-errors.md` from `docs/endpoint-errors.toml`.

Run after a case has changed: `python -m tools.endpoint_errors`. A house test compares, and every
case is provoked by a test.
"""

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"
PAGE: Final = DOCS / "endpoint-errors.md"
_CASES: Final = DOCS / "endpoint-errors.toml"
_HEAD: Final = """# What each endpoint answers to what

*Written by `python -m tools.endpoint_errors` from `endpoint-errors.toml`; do not edit it by hand.
Every line is provoked by a test of the same name.*

An error is JSON with `error`, the code of the protocol, and `error_description`, a code of our own
that says more (the issuer's are listed in [errors-issuer.md](errors-issuer.md)). Nothing that was
sent is repeated. The last column names the requirements, as in [conformance.md](conformance.md).

A wallet whose presentation is refused by the desk is not told: it hears that its answer arrived.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """What is wrong with a request, and the answer.

    Attributes:
        endpoint: its short name, such as `token`.
        name: what is wrong, in words; unique for the endpoint.
        error: the code of the protocol.
        challenge: the `WWW-Authenticate` header, where there is one.
        ids: the requirements.
    """

    endpoint: str
    name: str
    status: HTTPStatus
    error: str
    ids: tuple[str, ...]
    challenge: str | None = None

    @property
    def id(self) -> str:
        """What tests call it."""
        return f"{self.endpoint}: {self.name}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint and its cases."""

    name: str
    title: str
    rule: str
    cases: tuple[Case, ...]


def endpoints() -> tuple[Endpoint, ...]:
    """Return every endpoint, in the order of the file.

    Raises:
        KeyError, TypeError, ValueError: the file breaks its form.
    """
    read = tomllib.loads(_CASES.read_text("utf-8"))
    return tuple(
        Endpoint(name, said["title"], said["rule"], tuple(_case(name, one) for one in said["case"]))
        for name, said in read.items()
    )


def cases_of(*names: str) -> tuple[Case, ...]:
    """Return the cases of these endpoints."""
    return tuple(case for one in endpoints() if one.name in names for case in one.cases)


def page() -> str:
    """Return the whole page."""
    return "".join([_HEAD, *map(_section, endpoints())])


def _case(endpoint: str, said: Mapping[str, object]) -> Case:
    ids = said["ids"]
    challenge = said.get("challenge")
    if not isinstance(ids, list):
        raise TypeError("ids is a list")
    return Case(
        endpoint,
        str(said["name"]),
        HTTPStatus(int(str(said["status"]))),
        str(said["error"]),
        tuple(map(str, ids)),
        None if challenge is None else str(challenge),
    )


def _section(endpoint: Endpoint) -> str:
    lines = [
        f"\n## {endpoint.title}\n\n{endpoint.rule}\n",
        "| what is wrong | status | `error` | requirements |\n| --- | --- | --- | --- |",
        *map(_line, endpoint.cases),
    ]
    return "\n".join(lines) + "\n"


def _line(case: Case) -> str:
    header = "" if case.challenge is None else f", `WWW-Authenticate: {case.challenge}`"
    ids = ", ".join(case.ids)
    return f"| {case.name} | {int(case.status)}{header} | `{case.error}` | {ids} |"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
