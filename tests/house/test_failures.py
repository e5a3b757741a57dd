"""Every failure of the rooms is met by a test: by its class, or by its code in an answer."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import credential_schemas
import issuer
import keys
import openid4vc
import service_kit
import verifier
import wallet_sim
from keys.checks import CheckFailed

TESTS = Path(__file__).parents[1]
ROOMS = (keys, credential_schemas, openid4vc, service_kit, issuer, verifier, wallet_sim)
LISTS = {"test_wallet_words.py", "test_verifier_rules.py", Path(__file__).name}
"""These list failures to see that each has words; they do not bring any about."""


def failures() -> list[type[CheckFailed]]:
    """Every failure that the rooms define, except those that only others derive from."""
    for room in ROOMS:
        for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
            if not (module.name.endswith("__main__") or ".migrations" in module.name):
                importlib.import_module(module.name)
    names = {room.__name__ for room in ROOMS}
    found, waiting = set(), [CheckFailed]
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if one.__module__.partition(".")[0] in names:
            found.add(one)
    raised = set(named_in(path for room in names for path in (TESTS.parent / room).rglob("*.py")))
    return [one for one in found if not one.__subclasses__() or one.__name__ in raised]


def named_in(paths: Iterator[Path]) -> Iterator[str]:
    """The classes that are raised by name."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Raise):
                made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                if isinstance(made, ast.Name | ast.Attribute):
                    yield made.id if isinstance(made, ast.Name) else made.attr


def test_every_failure_is_met_by_a_test() -> None:
    names: set[str] = set()
    texts: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        if path.name in LISTS or "node_modules" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Name | ast.Attribute):
                names.add(node.id if isinstance(node, ast.Name) else node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
                value = node.value
                texts.add(value if isinstance(value, str) else value.decode("latin-1"))
    everything = failures()
    assert len(everything) > 340
    unmet = [one for one in everything if one.__name__ not in names and one.code not in texts]
    assert [f"{one.__module__}.{one.__name__}" for one in unmet] == []


def test_no_code_means_two_things() -> None:
    """Within a room; a room may speak of what it met in the words of the room below."""
    for room in ROOMS:
        own = [one for one in failures() if one.__module__.partition(".")[0] == room.__name__]
        codes = [one.code for one in own if not one.__subclasses__()]
        assert sorted(codes) == sorted(set(codes)), room.__name__
