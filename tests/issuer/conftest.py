"""One issuer for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.issuer.asking import AskingWallet, AskingWorld
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(f"sqlite:///{tmp_path}/issuer.db")
    yield world
    world.close()


@pytest.fixture
def wallet(world: World) -> TinyWallet:
    return TinyWallet(world)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[AskingWorld]:
    world = AskingWorld(f"sqlite:///{tmp_path}/issuer.db", tmp_path)
    yield world
    world.close()


@pytest.fixture
def asking(asked: AskingWorld) -> AskingWallet:
    return AskingWallet(asked)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of a command, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "BASE_URL": "http://127.0.0.1:8001",
        "DATABASE": f"sqlite:///{tmp_path}/issuer.db",
        "UNSAFE_PLAIN_HTTP": "true",
        "UNSAFE_MEMORY_KEYS": "true",
    }.items():
        monkeypatch.setenv(f"KYKY_ISSUER_{name}", value)
