"""The table of mutants fits the code; that each is noticed is for `make mutants` to show."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tools.mutants import LEAST, TABLE, Found, Mutant, faults, mutated, read

GOOD = Mutant(
    "A check", "room/door.py", "if locked:", "if False:", ("tests/test_door.py::test_it",)
)
ROOMS = ("verifier/", "openid4vc/", "keys/", "issuer/", "wallet_sim/")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small work tree that `GOOD` fits."""
    (tmp_path / "room").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "room" / "door.py").write_text("def go(locked):\n    if locked:\n        raise\n")
    (tmp_path / "tests" / "test_door.py").write_text("def test_it():\n    assert True\n")
    return tmp_path


def test_every_edit_is_possible_and_every_test_is_there() -> None:
    mutants = read(TABLE.read_text("utf-8"))
    assert list(faults(mutants)) == []
    assert len(mutants) >= LEAST
    for room in ROOMS:
        assert any(one.file.startswith(room) for one in mutants)
    checks = {one.breaks[0] for one in mutants if one.breaks[1:3] == ". "}
    assert checks == set("123456789"), "each of the nine checks is broken"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"file": "room/window.py"}, "no such file"),
        ({"old": "if open:"}, "0 times"),
        ({"old": "lock"}, "2 times"),
        ({"new": "if locked:"}, "changes nothing"),
        ({"new": "if"}, "no Python"),
        ({"tests": ()}, "no tests"),
        ({"tests": ("tests/test_door.py::test_that",)}, "no such test"),
        ({"tests": ("tests/test_window.py",)}, "no such test"),
    ],
)
def test_what_does_not_fit_is_found(house: Path, changes: dict[str, Any], fault: str) -> None:
    def found(one: Mutant) -> list[str]:
        many = [replace(one, breaks=str(number)) for number in range(LEAST)]
        return list(faults(many, house))

    assert found(GOOD) == []
    told = found(replace(GOOD, **changes))
    assert len(told) == LEAST
    assert fault in told[0]
    assert list(faults([GOOD], house)) == ["only 1 mutants"]


def test_one_edit_is_made_and_nothing_else() -> None:
    assert mutated("a\nif locked:\nb\n", GOOD) == "a\nif False:\nb\n"


def test_only_a_red_test_counts_as_noticed() -> None:
    codes = (0, 1, 2, 4, 5, None)
    assert [code for code in codes if Found(GOOD, code, 1.0).noticed] == [1]
    words = [str(Found(GOOD, code, 1.0)).split(" ")[0] for code in codes]
    assert words == ["SURVIVED", "noticed", "NOT", "NOT", "NOT", "TOO"]


def test_the_table_is_read_strictly() -> None:
    one = '[[mutant]]\nbreaks = "x"\nfile = "f"\nold = "a"\nnew = "b"\ntests = ["t"]\n'
    assert read(one) == (Mutant("x", "f", "a", "b", ("t",)),)
    for text in (one + one, one.replace('old = "a"\n', ""), one + 'more = "x"\n', "x = 1\n"):
        with pytest.raises(ValueError, match="mutant"):
            read(text)
