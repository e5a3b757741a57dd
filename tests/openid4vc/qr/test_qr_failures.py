"""Every failure of this package is one class with one code and one clause, and is met by a test."""

import ast
import inspect
import re
from pathlib import Path

from openid4vc.checks import CheckFailed
from openid4vc.qr import errors
from openid4vc.qr.errors import Clause

HERE = Path(__file__).parent
SPECIFICATION = Path(__file__).parents[3] / "docs" / "qr-presentation.md"
FAILURES = [
    one
    for _name, one in inspect.getmembers(errors, inspect.isclass)
    if issubclass(one, CheckFailed) and one.__module__ == errors.__name__
]


def names_used() -> set[str]:
    """Names that tests use outside of import statements."""
    return {
        node.id
        for path in HERE.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Name)
    }


def test_every_failure_is_expected_by_a_test() -> None:
    assert len(FAILURES) > 20
    used = names_used()
    assert [one.__name__ for one in FAILURES if one.__name__ not in used] == []


def test_every_failure_has_a_code_and_a_clause_of_the_specification() -> None:
    codes = [one.code for one in FAILURES]
    assert len(codes) == len(set(codes))
    text = SPECIFICATION.read_text("utf-8")
    sections = set(re.findall(r"^##+ ([0-9.]+[0-9]|[0-9]+)\b", text, re.MULTILINE))
    for one in FAILURES:
        assert one.code.startswith("qr_")
        assert one.spec in list(Clause)
        assert one.spec.rpartition(" ")[2] in sections
        assert f"`{one.code}`" in text


def test_every_clause_is_cited() -> None:
    assert {one.spec for one in FAILURES} == set(Clause)
