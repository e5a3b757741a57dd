"""Set up what the tests use beyond Python packages: `python tools/ensure_system.py`."""

import importlib
import sys
from pathlib import Path

if __name__ == "__main__":
    # Run by its path, a script sees only its own folder; `tools` is a package of the folder above.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    sys.exit(importlib.import_module("tools.needs").main())
