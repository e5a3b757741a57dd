"""A real Chromium over the real services, for the page tests."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from demo.payloads import example_claims
from demo.people import Client, IssuingSystem
from demo.services import RunningServices


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServices]:
    with RunningServices(tmp_path_factory.mktemp("services")) as running:
        yield running


@pytest.fixture
def browser(needs_chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=str(needs_chromium),
            args=[
                "--disable-quic",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
            ],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def client(services: RunningServices, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """A wallet that holds one self-assessment."""
    client = Client(tmp_path_factory.mktemp("wallet") / "w", services, "a long passphrase")
    system = IssuingSystem(services, "itsearviointi", "self_assessment_result")
    claims = example_claims("01_self_assessment_result", today=datetime.now(UTC).date())
    offer = system.offer(claims, pin=False)
    picture = tmp_path_factory.mktemp("offer") / "offer.png"
    picture.write_bytes(system.picture(offer["offer_id"]))
    client.json("receive", str(picture), "--approve")
    return client
