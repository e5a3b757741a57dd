"""Every failure of this room is one class with one code and one clause, and a test expects it."""

import ast
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import keys
from keys.checks import CheckFailed, FetchRefused, KeyStoreFailure
from keys.specs import Section

FAMILIES = {CheckFailed, FetchRefused, KeyStoreFailure}


def failures() -> set[type[CheckFailed]]:
    for module in walk_packages(keys.__path__, "keys."):
        import_module(module.name)
    found: set[type[CheckFailed]] = set()
    waiting: list[type[CheckFailed]] = [CheckFailed]
    while waiting:
        each = waiting.pop()
        waiting.extend(each.__subclasses__())
        if each.__module__.startswith("keys."):
            found.add(each)
    return found - FAMILIES


def expected_by_tests() -> set[str]:
    """Names in `pytest.raises(...)` and in parameters, not in imports."""
    return {
        node.id
        for path in Path(__file__).parent.glob("test_*.py")
        if path != Path(__file__)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name)
    }


def test_every_failure_has_a_case() -> None:
    assert len(failures()) > 35
    assert {each.__name__ for each in failures()} - expected_by_tests() == set()


def test_every_failure_has_a_code_of_its_own() -> None:
    codes = [each.code for each in failures() | FAMILIES]
    assert len(set(codes)) == len(codes)
    assert all(code.isascii() and code.islower() for code in codes)


def test_every_failure_cites_a_clause() -> None:
    assert all(isinstance(each.spec, Section) for each in failures())


def test_every_failure_says_why() -> None:
    docs = [each.__doc__ for each in failures()]
    assert all(docs)
    assert len(set(docs)) == len(docs)


def test_every_clause_is_enforced() -> None:
    sources = "".join(path.read_text() for path in Path(keys.__file__).parent.rglob("*.py"))
    unused = {clause.name for clause in Section if f"Section.{clause.name}" not in sources}
    assert unused == set()


def test_the_text_is_the_code_and_the_remark() -> None:
    assert str(CheckFailed()) == "check_failed"
    assert str(CheckFailed("remark")) == "check_failed: remark"
    assert CheckFailed("remark").detail == "remark"
