"""What the tests of this room share: one moment, one demo PKI, the vectors."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from keys.devkeys import DemoPki, make_demo_pki

VECTORS = Path(__file__).parents[1] / "vectors"
AT = datetime(2026, 11, 22, 8, 15, tzinfo=UTC)


@cache
def pki() -> DemoPki:
    return make_demo_pki(at=AT)


def vector(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())
