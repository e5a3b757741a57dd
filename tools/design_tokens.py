"""Make the desk's `tokens.css` from the npm package of a kept design system.

Run once for each new version, after `npm ci` in `tests/browser`: `python -m tools.design_tokens`.
The package has no style sheet of its own. Its licence covers the values; names, marks and typefaces
of the service that it was made for are not in it.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.node import Node, ensure_node

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tests" / "browser" / "node_modules" / "suomifi-design-tokens"
SHEET = ROOT / "verifier" / "web" / "static" / "tokens.css"
_GROUPS = {"colors": "color", "spacing": "space", "radiuses": "radius"}
_PRINT = "process.stdout.write(JSON.stringify(require(process.argv[1]).suomifiDesignTokens))"
_CAPITAL = re.compile(r"(?=[A-Z0-9])")


def sheet_of(node: Node, package: Path = PACKAGE) -> str:
    """Return the style sheet: each colour, space and radius of the package as a custom property."""
    said = subprocess.run(
        [node.node, "-e", _PRINT, str(package)], capture_output=True, text=True, check=True
    )
    tokens: Mapping[str, Mapping[str, str]] = json.loads(said.stdout)
    about = json.loads((package / "package.json").read_text("utf-8"))
    licence = (package / "LICENSE").read_text("utf-8").strip()
    lines = [
        f"  --fi-{short}-{_dashed(name)}: {value};"
        for group, short in _GROUPS.items()
        for name, value in tokens[group].items()
    ]
    head = f"/* Made by tools/design_tokens.py from {about['name']} {about['version']} (npm).\n\n"
    return f"{head}{licence}\n*/\n:root {{\n" + "\n".join(lines) + "\n}\n"


def _dashed(name: str) -> str:
    """Return `depthLight3` as `depth-light-3`."""
    return _CAPITAL.sub("-", name).lower()


def main() -> int:
    """Write the style sheet."""
    SHEET.write_text(sheet_of(ensure_node()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
