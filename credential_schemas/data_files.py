"""Reading the data files of this room: strict JSON, held to `shapes.json`, faults by file name."""

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

HOME: Final = Path(__file__).parent
"""Where the data files of the product lie."""


class BrokenCatalogue(Exception):
    """A data file cannot be used. Says which file and what is wrong with it."""

    def __init__(self, file: Path, fault: str) -> None:
        """Keep the file and the fault, and say both."""
        super().__init__(f"{file}: {fault}")
        self.file = file
        self.fault = fault


@dataclass(frozen=True, slots=True)
class CatalogueFiles:
    """The files of several directories of one layout; a later one only adds to the earlier."""

    homes: tuple[Path, ...]

    def named(self, pattern: str) -> dict[str, Path]:
        """Files by name (`types/*/type.json`: by their folder's), in the order of the names.

        Raises:
            BrokenCatalogue: two directories have the same.
        """
        found: dict[str, Path] = {}
        for file in (file for home in self.homes for file in sorted(home.glob(pattern))):
            name = file.parent.name if file.name == "type.json" else file.stem
            if name in found:
                raise BrokenCatalogue(file, f"there is one already: {found[name]}")
            found[name] = file
        return dict(sorted(found.items()))

    def merged(self, name: str) -> dict[str, object]:
        """The members of the first directory's file and of the others', where they have it.

        The shape is the one called like the file.

        Raises:
            BrokenCatalogue: a member is in two of them.
        """
        shape = name.removesuffix(".json")
        first, *others = [home / name for home in self.homes]
        data = read(first, shape)
        for file in (file for file in others if file.exists()):
            more = read(file, shape)
            if more.keys() & data.keys():
                raise BrokenCatalogue(file, f"there already: {sorted(more.keys() & data.keys())}")
            data |= more
        return data


def read(file: Path, shape: str) -> dict[str, object]:
    """Read one JSON object and hold it to a shape.

    Args:
        file: a data file.
        shape: name of a definition in `shapes.json`.

    Raises:
        BrokenCatalogue: missing, not JSON, a name given twice, or not of that shape.
    """
    data = read_plain(file)
    fault = _fault(shape, json.dumps(data))
    if fault is not None:
        raise BrokenCatalogue(file, fault)
    return data


@lru_cache(maxsize=512)
def _fault(shape: str, content: str) -> str | None:
    """What is wrong with a file's content; looked at once for each content."""
    error = best_match(_shape(shape).iter_errors(json.loads(content)))
    return None if error is None else f"{error.json_path}: {error.message}"


def read_plain(file: Path) -> dict[str, object]:
    """Read one JSON object of any shape; BrokenCatalogue when it is not one."""
    try:
        data: object = json.loads(file.read_text("utf-8"), object_pairs_hook=_once)
    except (OSError, ValueError) as fault:
        raise BrokenCatalogue(file, str(fault)) from fault
    if not isinstance(data, dict):
        raise BrokenCatalogue(file, "not a JSON object")
    return cast("dict[str, object]", data)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name is given twice in one object")
    return members


@cache
def _shape(name: str) -> Draft202012Validator:
    shapes = json.loads((HOME / "shapes.json").read_text("utf-8"))
    return Draft202012Validator({**shapes, "$ref": f"#/$defs/{name}"})
