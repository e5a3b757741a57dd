"""One verifier for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verifier.world import Browser, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


@pytest.fixture
def desk(world: World) -> Iterator[Browser]:
    browser = Browser(world)
    yield browser
    world.run(browser.client.aclose())
