"""What can be wrong with handed-over claims, in stable codes and words that carry no value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, cast

from credential_schemas import data_files

ADVICE: Final = MappingProxyType(
    cast(
        "Mapping[str, Mapping[str, str]]",
        data_files.read(data_files.HOME / "advice.json", "labels"),
    )
)
"""Every problem code, with what the sender should do, in `fi`, `sv` and `en`."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault: where it is and what to do. Never holds the value.

    Attributes:
        path: place of the item, of plain names and list positions; () is the whole.
        code: stable code, a key of `ADVICE`.
    """

    path: tuple[str | int, ...]
    code: str

    @property
    def advice(self) -> str:
        """What the sender should do, in plain English."""
        return ADVICE[self.code]["en"]

    @property
    def words(self) -> Mapping[str, str]:
        """What the sender should do, in `fi`, `sv` and `en`."""
        return ADVICE[self.code]

    @property
    def pointer(self) -> str:
        """The place as a JSON Pointer (RFC 6901) into the claims; empty for the whole."""
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in self.path)
        return "".join(f"/{step}" for step in steps)

    def __str__(self) -> str:
        where = ".".join(str(part) for part in self.path) or "claims"
        return f"{where}: {self.code}"


class ClaimsRejected(Exception):
    """The claims may not be issued. `problems` lists everything that is wrong with them.

    `place` is where the claims stand in what was sent, as a JSON Pointer.
    """

    def __init__(self, problems: Iterable[Problem], *, place: str = "/claims") -> None:
        """Keep the problems, each once, in the order of their places."""
        self.place = place
        unique = sorted(
            set(problems), key=lambda problem: ([*map(str, problem.path)], problem.code)
        )
        self.problems: tuple[Problem, ...] = tuple(unique)
        super().__init__("; ".join(str(problem) for problem in self.problems))
