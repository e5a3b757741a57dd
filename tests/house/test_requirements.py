"""The table of requirements is whole, names only what exists, and is the one in the docs."""

from dataclasses import replace

import pytest

from tools.requirements import DATA, NUMBERS, PAGE, Requirement, faults, page, read

GOOD = Requirement(
    number=1,
    source="001:1",
    asks="Something",
    state="met",
    code=("tools/requirements.py",),
    tests=("tests/house/test_requirements.py::test_all_120_are_there_and_name_only_what_exists",),
    pages=("docs/requirements.md",),
)


def test_all_120_are_there_and_name_only_what_exists() -> None:
    chapters, requirements = read(DATA.read_text("utf-8"))
    assert list(faults(requirements)) == []
    assert [one.number for one in requirements] == list(NUMBERS)
    starts = [chapter.first for chapter in chapters]
    assert starts[0] == 1
    assert starts == sorted(set(starts))


def test_the_page_is_made_of_the_data() -> None:
    made = page(*read(DATA.read_text("utf-8")))
    assert PAGE.read_text("utf-8") == made, "run `python -m tools.requirements`"


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        (replace(GOOD, code=("verifier/nowhere.py",)), "no such path"),
        (replace(GOOD, code=("../outside",)), "no such path"),
        (replace(GOOD, pages=("docs/nothing.md",)), "no such path"),
        (replace(GOOD, tests=("tests/house/test_requirements.py",)), "no such test"),
        (replace(GOOD, tests=("tests/house/test_requirements.py::test_none",)), "no such test"),
        (replace(GOOD, tests=("tools/requirements.py::main",)), "no such test"),
        (replace(GOOD, state="done"), "no such state"),
        (replace(GOOD, tests=()), "met, and neither"),
        (replace(GOOD, state="partly"), "no note"),
        (replace(GOOD, source=""), "source or words"),
    ],
)
def test_what_is_wrong_is_found(changed: Requirement, fault: str) -> None:
    found = [one for one in faults([changed]) if one.startswith("1: ")]
    assert len(found) == 1
    assert fault in found[0]


def test_a_number_that_is_missing_or_twice_is_found() -> None:
    every = [replace(GOOD, number=number) for number in NUMBERS]
    assert list(faults(every)) == []
    assert list(faults(every[1:])) == ["1 is missing"]
    assert list(faults([*every, GOOD])) == ["1 stands there 2 times"]
    assert list(faults([*every, replace(GOOD, number=121)])) == ["121 is none"]


def test_a_member_that_nobody_knows_is_refused() -> None:
    entry = '[[chapter]]\ntitle = "x"\nfirst = 1\n[[requirement]]\nnumber = 1\nmet = true\n'
    with pytest.raises(ValueError, match="met"):
        read(entry)
