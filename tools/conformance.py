"""Make docs/conformance.md: for every requirement of the checklist, what covers it.

Run after tests, checklist or docs/conformance.toml have changed: `make conformance`. It prints the
figures and what is open; a house test compares the page and lets no MUST stay open.
"""

import ast
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from tools.conformance_peers import Peers, locked_versions, peer_faults, peer_section, read_peers

ROOT: Final = Path(__file__).resolve().parent.parent
DATA: Final = ROOT / "docs" / "conformance.toml"
PAGE: Final = ROOT / "docs" / "conformance.md"
TESTS: Final = ROOT / "tests"
CHECKLISTS: Final = tuple(
    TESTS / "conformance" / name for name in ("checklist.md", "checklist-more.md")
)
PLANNED_GROUPS: Final = frozenset(
    {"authorization", "mdoc", "dc-api", "proximity", "certificates", "trusted-lists"}
)
"""What may wait. Nothing else may: any other MUST is covered, or has a reason not to apply."""

_T = TypeVar("_T")
_PARTS: Final = {"planned", "rest", "not_applicable", "left", "clients", "no_registry"}
_STATES: Final = ("covered", "not applicable", "planned", "open")
_LINE: Final = re.compile(r"(?P<id>[A-Z]+-\d+) \| (?P<rest>.+ \| (?:MUST|SHOULD) \| .+)")
_HEADING: Final = re.compile(r"## \d+\. (?P<title>.+)")
_HEAD: Final = """# Conformance: which requirement is covered by which test

Made by `make conformance` from the citations in the tests and from
[conformance.toml](conformance.toml): do not change this page.

The requirements, with the versions of the documents that were read, are those of
[checklist.md](../tests/conformance/checklist.md) and its second part,
[checklist-more.md](../tests/conformance/checklist-more.md). Roles: I is the issuer, V the verifier,
W the wallet. A test names the requirement that it covers by `@pytest.mark.req("…")`.

- **covered**: by the tests named; what they leave to a later step is said there;
- **not applicable**: for the reason given;
- **planned**: in one of the groups below, and not built;
- **open**: none of these. A recommendation may be; no MUST may.
"""
_TABLE: Final = "| ID | | what is required | state |\n| --- | --- | --- | --- |"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of the checklist; `level` is MUST or SHOULD."""

    number: str
    roles: str
    level: str
    asks: str
    source: str
    chapter: str


@dataclass(frozen=True, slots=True)
class Told:
    """What conformance.toml says.

    Attributes:
        groups: each planned group: its words.
        planned: each ID that waits as a whole: its group.
        rest: each ID whose tests leave something to a group: the group and what is left.
        unneeded: each ID that does not apply: why.
        left: each recommendation that is not followed: why.
        peers: the clients that are not ours.
    """

    groups: Mapping[str, str] = field(default_factory=dict)
    planned: Mapping[str, str] = field(default_factory=dict)
    rest: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    unneeded: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, str] = field(default_factory=dict)
    peers: Peers = field(default_factory=Peers)


@dataclass(frozen=True, slots=True)
class Report:
    """All sources side by side: `cited` holds `file::test` by ID, `versions` what is locked."""

    requirements: Sequence[Requirement]
    cited: Mapping[str, Sequence[str]]
    told: Told
    versions: Mapping[str, str] = field(default_factory=dict)

    def state(self, number: str) -> str:
        """Return one of covered, not applicable, planned, open."""
        if self.cited.get(number):
            return "covered"
        if number in self.told.unneeded:
            return "not applicable"
        return "planned" if number in self.told.planned else "open"

    def open_musts(self) -> list[str]:
        """Return the IDs that must be covered and are not."""
        musts = (one.number for one in self.requirements if one.level == "MUST")
        return [number for number in musts if self.state(number) == "open"]


def collect() -> Report:
    """Read the checklist, the tests and the data as they are now."""
    lines = [line for page in CHECKLISTS for line in page.read_text("utf-8").splitlines()]
    return Report(
        requirements=list(read_checklist(lines)),
        cited=citations(),
        told=read(DATA.read_text("utf-8")),
        versions=locked_versions(),
    )


def read(text: str) -> Told:
    """Read conformance.toml.

    Raises:
        ValueError: an ID stands there twice, or a part is not known.
    """
    data = tomllib.loads(text)
    if unknown := data.keys() - _PARTS:
        raise ValueError(f"unknown parts: {sorted(unknown)}")
    groups = data.get("planned", {})
    return Told(
        groups={name: group["words"] for name, group in groups.items()},
        planned=_once((id_, name) for name, group in groups.items() for id_ in group["ids"]),
        rest=_once((one["id"], (one["group"], one["left"])) for one in data.get("rest", ())),
        unneeded=_reasons(data.get("not_applicable", ())),
        left=_reasons(data.get("left", ())),
        peers=read_peers(data),
    )


def read_checklist(lines: Iterable[str]) -> Iterator[Requirement]:
    """Yield the requirements in the order of their lines."""
    chapter = ""
    for line in lines:
        if heading := _HEADING.fullmatch(line):
            chapter = heading["title"]
        elif found := _LINE.fullmatch(line):
            roles, level, told = found["rest"].split(" | ", 2)
            asks, _, source = told.rpartition(" | ")
            yield Requirement(found["id"], roles, level, asks, source, chapter)


def citations(tests: Path = TESTS) -> dict[str, list[str]]:
    """Return for each ID the tests that cite it, as `path::name` below the root, in order."""
    found: dict[str, list[str]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        if "node_modules" in path.parts:
            continue
        file = path.relative_to(tests.parent).as_posix()
        for test, number in _cited_in(ast.parse(path.read_text("utf-8"))):
            found.setdefault(number, []).append(f"{file}::{test}")
    return {number: list(dict.fromkeys(names)) for number, names in found.items()}


def faults(report: Report) -> Iterator[str]:
    """Yield what is wrong with the data beside the tests and the checklist."""
    told = report.told
    levels = {one.number: one.level for one in report.requirements}
    reasons = Counter([*told.planned, *told.unneeded, *told.left])
    yield from (f"{id_}: not on the checklist" for id_ in {*reasons, *told.rest} - levels.keys())
    yield from (f"{id_}: several reasons" for id_, count in reasons.items() if count > 1)
    yield from (f"{id_}: covered, yet excused" for id_ in reasons if id_ in report.cited)
    yield from (f"{id_}: a rest, and no test" for id_ in told.rest if id_ not in report.cited)
    yield from (f"{id_}: a MUST is never left" for id_ in told.left if levels.get(id_) == "MUST")
    groups = {*told.groups, *(group for group, _ in told.rest.values())}
    yield from (f"{group}: no such group" for group in groups - PLANNED_GROUPS)
    yield from (f"{number}: a MUST, and open" for number in report.open_musts())
    yield from peer_faults(told.peers, report.versions)


def page(report: Report) -> str:
    """Return the page."""
    parts = [_HEAD, _figures(report), _groups(report)]
    parts.append(peer_section(report.told.peers, report.versions))
    for chapter in dict.fromkeys(one.chapter for one in report.requirements):
        parts.append(
            f"## {chapter}\n\n| ID | | what is required | state |\n| --- | --- | --- | --- |"
        )
        rows = [_row(report, one) for one in report.requirements if one.chapter == chapter]
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def main() -> int:
    """Write the page and print the figures; return 1 when a MUST is open or data do not fit."""
    report = collect()
    PAGE.write_text(page(report), "utf-8")
    print(_figures(report))
    wrong = list(faults(report))
    for fault in wrong:
        print(fault, file=sys.stderr)
    return 1 if wrong else 0


def _reasons(parts: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return _once((id_, part["because"]) for part in parts for id_ in part["ids"])


def _once(pairs: Iterable[tuple[str, _T]]) -> dict[str, _T]:
    found: dict[str, _T] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name} stands there twice")
        found[name] = value
    return found


def _cited_in(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (test, ID) for the marks on each test of the module."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                yield from ((node.name, number) for number in _marked(decorator))


def _marked(decorator: ast.expr) -> Iterator[str]:
    """Yield the IDs of every `req(…)` in a decorator, those of single cases with them."""
    for node in ast.walk(decorator):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.req"):
            yield from (str(ast.literal_eval(argument)) for argument in node.args)


def _figures(report: Report) -> str:
    levels = ("MUST", "SHOULD")
    counted = Counter((one.level, report.state(one.number)) for one in report.requirements)
    rows = [
        f"| {state} | " + " | ".join(str(counted[level, state]) for level in levels) + " |"
        for state in _STATES
    ]
    sums = [sum(counted[level, state] for state in _STATES) for level in levels]
    head = "| | MUST | SHOULD |\n| --- | ---: | ---: |\n"
    return head + "\n".join([*rows, f"| together | {sums[0]} | {sums[1]} |"]) + "\n"


def _groups(report: Report) -> str:
    told = report.told
    lines = ["Planned are:\n"]
    for name, words in told.groups.items():
        waiting = sum(group == name for group in told.planned.values())
        lines.append(f"- **{name}**: {words} ({waiting} requirements)")
    return "\n".join(lines) + "\n"


def _row(report: Report, one: Requirement) -> str:
    state = report.state(one.number)
    where = {
        "covered": _tests(report.cited.get(one.number, ())),
        "not applicable": report.told.unneeded.get(one.number, ""),
        "planned": report.told.planned.get(one.number, ""),
        "open": report.told.left.get(one.number, ""),
    }[state]
    if one.number in report.told.rest:
        group, left = report.told.rest[one.number]
        where += f"<br>left to *{group}*: {left}"
    shown = f"**{state}**" + (f": {where}" if where else "")
    asks = _cell(f"{one.asks} <sub>{one.source}</sub>")
    return f"| {one.number} | {one.level} {one.roles} | {asks} | {shown} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _tests(tests: Sequence[str]) -> str:
    """Name the tests file by file, each file linked once."""
    files: dict[str, list[str]] = {}
    for test in tests:
        path, _, name = test.partition("::")
        files.setdefault(path, []).append(f"`{name}`")
    return "; ".join(
        f"[{Path(path).name}](../{path}) {', '.join(names)}" for path, names in files.items()
    )


if __name__ == "__main__":
    sys.exit(main())
