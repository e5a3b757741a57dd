"""The conformance report's page of other people's clients: which ones run, and which cannot."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
NPM_LIST: Final = ROOT / "tests" / "interop" / "npm" / "package.json"
PIP_LOCK: Final = ROOT / "requirements-dev.lock"

_HEAD: Final = """## Other people's clients

They run against ours in every test run; what each is held to, and where they and the texts
disagree, stands in [their own page](../tests/interop/README.md).

| client | version | what it does here |
| --- | --- | --- |"""


@dataclass(frozen=True, slots=True)
class Peers:
    """What conformance.toml says of clients that are not ours.

    Attributes:
        run: each package that the tests run: what it does here.
        missing: what no registry of the tests provides, and where it is instead.
    """

    run: Mapping[str, str] = field(default_factory=dict)
    missing: Sequence[tuple[str, str]] = ()


def read_peers(data: Mapping[str, Any]) -> Peers:
    """Read the parts `clients` and `no_registry` of conformance.toml."""
    missing = [(part["what"], part["where"]) for part in data.get("no_registry", ())]
    return Peers(data.get("clients", {}), missing)


def locked_versions() -> dict[str, str]:
    """Return the versions of what the tests install for themselves, from npm and from PyPI."""
    npm: dict[str, str] = json.loads(NPM_LIST.read_text("utf-8"))["dependencies"]
    pins = re.findall(r"^([a-z0-9_.\-]+)==([^\s;]+)", PIP_LOCK.read_text("utf-8"), re.MULTILINE)
    return {**dict(pins), **npm}


def peer_faults(peers: Peers, versions: Mapping[str, str]) -> Iterator[str]:
    """Yield the clients that the report names and no lock file holds."""
    yield from (f"{name}: a client, and not locked" for name in peers.run.keys() - versions.keys())


def peer_section(peers: Peers, versions: Mapping[str, str]) -> str:
    """Return the report's section."""
    rows = [f"| `{name}` | {versions.get(name)} | {what} |" for name, what in peers.run.items()]
    missing = [f"- {what}: {where}" for what, where in peers.missing]
    without = ["", "No registry that the tests install from (PyPI, npm, Debian) provides:", ""]
    return "\n".join([_HEAD, *rows, *without, *missing, ""])
