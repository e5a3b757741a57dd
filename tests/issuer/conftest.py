"""One issuer for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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
