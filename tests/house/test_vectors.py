"""Every vector file has its source on record, and a test that reads it or a reason why not."""

import ast
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
VECTORS = TESTS / "vectors"
TABLE = VECTORS / "SOURCES.md"
NOT_READ = "not read: "
ALL_READ = ("sd-jwt/", "sd-jwt-vc/", "status-list/", "negative/", "openid4vp/query_lang-")
"""What we claim to handle in full: here no reason is good enough."""


def rows() -> dict[str, tuple[str, str]]:
    """The table: file to its source and to what it says about readers."""
    lines = [line for line in TABLE.read_text().splitlines() if line.startswith("| ")][1:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {file: (source, readers) for file, source, readers, _note in cells}


ROWS = rows()
READ = {
    file: readers.split(", ")
    for file, (_source, readers) in ROWS.items()
    if not readers.startswith(NOT_READ)
}


@cache
def texts_of(reader: str) -> frozenset[str]:
    """The string constants of a test module."""
    tree = ast.parse((TESTS / reader).read_text())
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(value for value in constants if isinstance(value, str))


def is_named(file: str, text: str) -> bool:
    """Whether a constant is the file's path, its name, its stem, or a pattern for its name."""
    name = file.rpartition("/")[2]
    if text in (file, name, name.partition(".")[0]):
        return True
    return "*" in text and text.endswith(Path(name).suffix) and fnmatchcase(name, text)


def test_the_table_lists_what_is_there() -> None:
    there = {
        path.relative_to(VECTORS).as_posix()
        for path in VECTORS.rglob("*")
        if path.is_file() and path != TABLE
    }
    assert len(there) > 60
    assert ROWS.keys() == there


def test_every_file_has_a_source() -> None:
    assert [file for file, (source, _readers) in ROWS.items() if len(source) < 10] == []


@pytest.mark.parametrize("file", READ)
def test_each_named_reader_names_the_file(file: str) -> None:
    for reader in READ[file]:
        assert (TESTS / reader).name.startswith("test_"), "a helper alone cannot fail"
        assert any(is_named(file, text) for text in texts_of(reader)), reader


def test_what_is_not_read_has_a_reason_and_is_no_format_of_ours() -> None:
    unread = {file: ROWS[file][1].removeprefix(NOT_READ) for file in ROWS.keys() - READ.keys()}
    assert all(len(reason) > 15 for reason in unread.values())
    assert [file for file in unread if file.startswith(ALL_READ)] == []
