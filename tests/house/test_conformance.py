"""The conformance report is that of the tests, and no MUST is open outside what is planned."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tools.conformance import (
    CHECKLISTS,
    DATA,
    PAGE,
    Report,
    Requirement,
    Told,
    citations,
    collect,
    faults,
    page,
    read,
    read_checklist,
)
from tools.conformance_peers import NPM_LIST, locked_versions

MUST = Requirement("VCI-01", "I,W", "MUST", "Something", "VCI 1", "Metadata")
SHOULD = replace(MUST, number="VCI-02", level="SHOULD")
BOTH = (MUST, SHOULD)
COVERED = {"VCI-01": ["tests/test_it.py::test_it"]}
SOUND = Report(BOTH, COVERED, Told())


def test_no_must_is_open_and_every_reason_fits() -> None:
    assert list(faults(collect())) == []


def test_the_page_is_made_of_tests_checklist_and_data() -> None:
    assert PAGE.read_text("utf-8") == page(collect()), "run `make conformance`"


def test_every_line_of_the_checklist_is_read_and_every_id_stands_there_once() -> None:
    lines = [line for file in CHECKLISTS for line in file.read_text("utf-8").splitlines()]
    found = [one.number for one in read_checklist(lines)]
    assert found == [line.split(" ")[0] for line in lines if re.match(r"[A-Z0-9]+-\d+ ", line)]
    assert len(found) == len(set(found)) > 300
    assert all(one.chapter and one.source for one in read_checklist(lines))


@pytest.mark.parametrize(
    ("report", "fault"),
    [
        (replace(SOUND, cited={}), "VCI-01: a MUST, and open"),
        (replace(SOUND, told=Told(planned={"VCI-01": "mdoc"})), "VCI-01: covered, yet excused"),
        (replace(SOUND, told=Told(unneeded={"VCI-01": "x"})), "VCI-01: covered, yet excused"),
        (replace(SOUND, told=Told(planned={"VCI-99": "mdoc"})), "VCI-99: not on the checklist"),
        (replace(SOUND, told=Told(rest={"VCI-02": ("mdoc", "x")})), "VCI-02: a rest, and no test"),
        (replace(SOUND, told=Told(groups={"later": "x"})), "later: no such group"),
        (replace(SOUND, told=Told(rest={"VCI-01": ("later", "x")})), "later: no such group"),
        (
            Report(BOTH, {}, Told(planned={"VCI-01": "mdoc"}, unneeded={"VCI-01": "x"})),
            "VCI-01: several reasons",
        ),
    ],
)
def test_what_is_wrong_is_found(report: Report, fault: str) -> None:
    assert list(faults(report)) == [fault]


def test_clients_are_named_with_the_versions_that_run_and_what_cannot_run_is_said() -> None:
    told = read(
        '[clients]\n"@theirs/wallet" = "receives"\n'
        '[[no_registry]]\nwhat = "an app"\nwhere = "on a phone"\n'
    )
    report = Report(BOTH, COVERED, told, {"@theirs/wallet": "1.2.3"})
    assert list(faults(report)) == []
    assert "| `@theirs/wallet` | 1.2.3 | receives |" in page(report)
    assert "- an app: on a phone" in page(report)
    assert list(faults(replace(report, versions={}))) == [
        "@theirs/wallet: a client, and not locked"
    ]


def test_no_client_of_the_interop_tests_is_left_out() -> None:
    tools = {"@sd-jwt/crypto-nodejs", "jose"}
    installed = json.loads(NPM_LIST.read_text("utf-8"))["dependencies"].keys()
    told = read(DATA.read_text("utf-8")).peers
    assert told.run.keys() == installed - tools | {"openvc-core", "sd-jwt"}
    assert told.missing
    makers = (PAGE.parent / "interop.md").read_text("utf-8")
    assert [name for name in told.run if locked_versions()[name] not in makers] == []


def test_a_must_is_not_excused_as_left() -> None:
    left = replace(SOUND, cited={}, told=Told(left={"VCI-01": "too much work"}))
    assert set(faults(left)) == {"VCI-01: a MUST is never left", "VCI-01: a MUST, and open"}
    assert list(faults(replace(SOUND, told=Told(left={"VCI-02": "too much work"})))) == []


def test_an_id_is_excused_once_and_by_a_part_that_is_known() -> None:
    one = '[[not_applicable]]\nids = ["VCI-01"]\nbecause = "x"\n'
    assert read(one).unneeded == {"VCI-01": "x"}
    with pytest.raises(ValueError, match="VCI-01"):
        read(one + one)
    with pytest.raises(ValueError, match="excused"):
        read("[excused]\n")


def test_citations_are_those_of_marks_on_tests(tmp_path: Path) -> None:
    mark = ".".join(("pytest", "mark", "req"))  # no citation of this file's own
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_x.py").write_text(
        f'@{mark}("A-1", "A-2")\n'
        f'@pytest.mark.parametrize("x", [pytest.param(1, marks={mark}("A-3"))])\n'
        "def test_one(x): ...\n\n"
        f'@{mark}("A-1")\n'
        "async def test_two(): ...\n\n"
        f"# @{mark}('A-4')\n"
        "def test_three():\n"
        '    "A-5"\n'
    )
    assert citations(folder) == {
        "A-1": ["tests/test_x.py::test_one", "tests/test_x.py::test_two"],
        "A-2": ["tests/test_x.py::test_one"],
        "A-3": ["tests/test_x.py::test_one"],
    }
