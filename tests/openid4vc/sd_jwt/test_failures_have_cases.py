"""Every failure of this room is one class with one code and one clause, and a test expects it."""

import ast
import inspect
from pathlib import Path

from openid4vc import checks
from openid4vc.checks import CheckFailed
from openid4vc.specs import Section

TESTS = Path(__file__).parents[1]
FAILURES = [
    each
    for _name, each in inspect.getmembers(checks, inspect.isclass)
    if issubclass(each, CheckFailed) and each.__module__ == checks.__name__
]


def names_used() -> set[str]:
    """Names that tests use outside of import statements."""
    return {
        node.id
        for path in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name)
    }


def test_every_failure_is_expected_by_a_test() -> None:
    assert len(FAILURES) > 40
    used = names_used()
    assert [each.__name__ for each in FAILURES if each.__name__ not in used] == []


def test_every_failure_has_a_code_of_its_own_and_a_clause() -> None:
    codes = [each.code for each in FAILURES]
    assert len(codes) == len(set(codes))
    for each in FAILURES:
        assert "code" in vars(each)
        assert each.code.replace("_", "").isalnum()
        assert each.spec in list(Section)
        assert each.__doc__
