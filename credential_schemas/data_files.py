"""Reading the data files of this room: strict JSON, held to `shapes.json`, faults by file name."""

import json
from functools import cache
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


def read(file: Path, shape: str) -> dict[str, object]:
    """Read one JSON object and hold it to a shape.

    Args:
        file: a data file.
        shape: name of a definition in `shapes.json`.

    Raises:
        BrokenCatalogue: missing, not JSON, a name given twice, or not of that shape.
    """
    data = read_plain(file)
    error = best_match(_shape(shape).iter_errors(data))
    if error is not None:
        raise BrokenCatalogue(file, f"{error.json_path}: {error.message}")
    return data


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
