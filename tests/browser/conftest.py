"""A real Chromium over the real services, for the page tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from demo.people import Client
from demo.services import RunningServices
from tests.browser.desk import client_with_a_card


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServices]:
    """Shared by all files that do not need services of their own kind."""
    with RunningServices(tmp_path_factory.mktemp("services")) as running:
        yield running


@pytest.fixture(scope="module")
def play() -> Iterator[Playwright]:
    """What drives browsers; it takes half a second to start."""
    with sync_playwright() as play:
        yield play


@pytest.fixture
def browser(play: Playwright, needs_chromium: Path) -> Iterator[Browser]:
    """A browser of its own for each test: what one leaves behind cannot hold up the next."""
    chromium = play.chromium.launch(
        executable_path=str(needs_chromium),
        args=[
            "--disable-gpu",
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ],
    )
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def client(services: RunningServices, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """A wallet that holds one self-assessment."""
    return client_with_a_card(services, tmp_path_factory.mktemp("wallet"))
