"""Make docs/requirements.md of docs/requirements.toml: what is asked, and where it is met.

Run after either has changed: `python -m tools.requirements`. A house test compares, and holds every
path and every test that is named there to what exists.
"""

import ast
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
DATA: Final = ROOT / "docs" / "requirements.toml"
PAGE: Final = ROOT / "docs" / "requirements.md"
NUMBERS: Final = range(1, 121)
STATES: Final = {"met": "met", "partly": "in part", "outside": "outside"}
_MEMBERS: Final = frozenset({"number", "source", "asks", "state", "code", "tests", "pages", "note"})
_HEAD: Final = (
    "# What the source documents ask, and where it is met\n\n"
    "Made by `python -m tools.requirements` from [requirements.toml](requirements.toml): "
    "do not change this page.\nEach row: what is asked in our own words, with document and lines; "
    "then the code, the tests and the pages that meet it.\n\n"
    "The documents: **000** slides of the Omavire pilot, **001** the ministry's roadmap of work "
    "ability (STM 2023:2),\n**002** the final report from Central Ostrobothnia, **003** the report "
    "on health promotion (THL), **004** Omaolo in North Karelia.\n"
)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement. `tests` are `file::function`, `note` is empty or a sentence or two."""

    number: int
    source: str
    asks: str
    state: str
    code: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the table: its heading, and the number with which it begins."""

    title: str
    first: int


def read(text: str) -> tuple[tuple[Chapter, ...], tuple[Requirement, ...]]:
    """Read the data.

    Raises:
        ValueError: a member that is not known, or one that is missing.
    """
    told = tomllib.loads(text)
    chapters = tuple(Chapter(**one) for one in told["chapter"])
    return chapters, tuple(map(_requirement, told["requirement"]))


def faults(requirements: Sequence[Requirement]) -> Iterator[str]:
    """Yield what is wrong: numbers missing or twice, paths and tests that do not exist."""
    numbers = Counter(one.number for one in requirements)
    yield from (f"{number} is missing" for number in NUMBERS if number not in numbers)
    yield from (f"{n} stands there {count} times" for n, count in numbers.items() if count > 1)
    yield from (f"{number} is none" for number in numbers if number not in NUMBERS)
    for one in requirements:
        yield from (f"{one.number}: {fault}" for fault in _faults_of(one))


def page(chapters: Sequence[Chapter], requirements: Sequence[Requirement]) -> str:
    """Return the page."""
    counted = Counter(one.state for one in requirements)
    told = ", ".join(f"{counted[state]} {words}" for state, words in STATES.items())
    parts = [_HEAD, f"Of {len(requirements)} requirements: {told}.\n"]
    ends = [chapter.first for chapter in chapters[1:]] + [NUMBERS.stop]
    for chapter, end in zip(chapters, ends, strict=True):
        parts.append(f"## {chapter.title}\n")
        parts.append("| # | what is asked | state | where |\n| ---: | --- | --- | --- |")
        rows = [_row(one) for one in requirements if chapter.first <= one.number < end]
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def main() -> int:
    """Write the page; return 1 when something named there does not exist."""
    chapters, requirements = read(DATA.read_text("utf-8"))
    wrong = list(faults(requirements))
    for fault in wrong:
        print(fault, file=sys.stderr)
    PAGE.write_text(page(chapters, requirements), "utf-8")
    return 1 if wrong else 0


def _requirement(told: dict[str, Any]) -> Requirement:
    unknown = told.keys() - _MEMBERS
    if unknown:
        raise ValueError(f"{told.get('number')}: {sorted(unknown)}")
    lists = {name: tuple(told.get(name, ())) for name in ("code", "tests", "pages")}
    return Requirement(
        number=told["number"],
        source=told["source"],
        asks=told["asks"],
        state=told["state"],
        note=told.get("note", ""),
        **lists,
    )


def _faults_of(one: Requirement) -> Iterator[str]:
    if one.state not in STATES:
        yield f"no such state: {one.state}"
    if one.state == "met" and not (one.code and one.tests) and not (one.pages and one.note):
        yield "met, and neither code with tests is named nor a page with a note"
    if one.state in STATES and one.state != "met" and not one.note:
        yield "not met, and no note says why"
    if not (one.source and one.asks):
        yield "source or words are missing"
    yield from (f"no such path: {path}" for path in one.code + one.pages if not _is_there(path))
    yield from (f"no such test: {test}" for test in one.tests if not _is_test(test))


def _is_there(path: str) -> bool:
    place = (ROOT / path).resolve()
    return place.is_relative_to(ROOT) and place.exists()


def _is_test(test: str) -> bool:
    path, found, name = test.partition("::")
    place = ROOT / path
    is_file = place.name.startswith("test_") and place.suffix == ".py" and place.is_file()
    return bool(found) and is_file and name in _tests_in(place)


@cache
def _tests_in(file: Path) -> frozenset[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(
        node.name
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, functions) and node.name.startswith("test_")
    )


def _row(one: Requirement) -> str:
    where = [_links("code", one.code), _tests(one.tests), _links("pages", one.pages), one.note]
    told = "<br>".join(part.replace("|", "\\|") for part in where if part)
    asks = f"{one.asks} <sub>{one.source}</sub>"
    return f"| {one.number} | {asks} | {STATES[one.state]} | {told} |"


def _links(word: str, paths: Sequence[str]) -> str:
    if not paths:
        return ""
    return f"{word}: " + ", ".join(f"[{path}](../{path})" for path in paths)


def _tests(tests: Sequence[str]) -> str:
    """Name the tests file by file, each file linked once."""
    files: dict[str, list[str]] = {}
    for test in tests:
        path, _, name = test.partition("::")
        files.setdefault(path, []).append(f"`{name}`")
    told = (f"[{path}](../{path}) {', '.join(names)}" for path, names in files.items())
    return "tests: " + "; ".join(told) if files else ""


if __name__ == "__main__":
    sys.exit(main())
