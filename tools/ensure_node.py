"""Print the folder that holds a usable `node` and `npm`, bringing them first if need be.

For a PATH in a Makefile or shell: `PATH="$(python tools/ensure_node.py):$PATH"`.
"""

import importlib
import sys
from pathlib import Path

if __name__ == "__main__":
    # Run by its path, a script sees only its own folder; `tools` is a package of the folder above.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    print(importlib.import_module("tools.node").ensure_node().folder)
