"""From the client's answer to the page that tells it, by the pages' own clocks.

    make bench-desk

A real browser over both services in processes of their own, and a real wallet. Each round is one
client: over the network with the code that the client reads out, or without network by the codes
that a camera reads. What people do between the pages is not counted.
"""

import argparse
import asyncio
import html
import math
import platform
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from demo.payloads import example_claims
from demo.people import Client, IssuingSystem
from demo.services import RunningServices
from keys.fetch import Fetcher, Reply
from tests.browser.desk import ask, sign_in
from tools import needs
from wallet_sim.edges import GuardedNetwork, TrustListSource, real_surroundings, real_tools
from wallet_sim.memory_store import MemoryStore
from wallet_sim.offline import Offline
from wallet_sim.session import Session
from wallet_sim.wallet import Wallet

PASSPHRASE = "only for measuring"
GOAL_MS = 1000.0
LOADED = """() => {
  const [load] = performance.getEntriesByType('navigation');
  return load.loadEventEnd > 0 ? [performance.timeOrigin, load.loadEventEnd] : null; }"""
READ = "text => document.dispatchEvent(new CustomEvent('kyky-read', {detail: [text]}))"
READ_AT = "Number(sessionStorage.getItem('kyky-read-at'))"

Times = Mapping[str, float]


class WatchedNetwork(GuardedNetwork):
    """The wallet's network; notes when the answer left."""

    sent_at_ms = 0.0

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send."""
        self.sent_at_ms = time.time() * 1000
        return await super().post(url, form=form, json=json, headers=headers)


@dataclass(frozen=True)
class Bench:
    """One desk and one client.

    Attributes:
        page: the desk's browser, signed in.
        url: the desk's address.
        wallet: the client's wallet, with network.
        network: that network.
        offline: the same cards without network.
        work: runs the wallet beside the browser's own loop.
    """

    page: Page
    url: str
    wallet: Wallet
    network: WatchedNetwork
    offline: Offline
    work: ThreadPoolExecutor

    def by_network(self) -> Times:
        """One client over the network."""
        self.page.goto(f"{self.url}/desk")
        ask(self.page)
        code, sent_at = self.work.submit(
            asyncio.run, self._answer(self._link("openid4vp"))
        ).result()
        told = self._at("**/desk/code/*") - sent_at
        self.page.locator("input[name=code]").fill(code)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/desk/identity/*")
        typed = self._load()
        compared = self._compare()
        return {"response": told, "code": typed, "compared": compared}

    def by_codes(self, total: int) -> Times:
        """One client without network, whose wallet shows so many codes."""
        self.page.goto(f"{self.url}/desk")
        ask(self.page)
        asked = self.page.url.partition("?")[0]
        self.page.goto(f"{asked}/offline")
        frames = self.offline.answer(
            self.offline.open_challenge(self._link("kyky-challenge")), draw=list, total=total
        )
        self.page.goto(asked.replace("/ask/", "/scan/"))
        for number, frame in enumerate(frames, start=1):
            self.page.evaluate(READ, frame)
            if number < total:
                self.page.locator(f"progress[value='{number}']").wait_for()
        told = self._at("**/desk/identity/*") - float(self.page.evaluate(READ_AT))
        return {"frame": told, "compared": self._compare()}

    async def _answer(self, link: str) -> tuple[str, float]:
        request = await self.wallet.open_request(link)
        receipt = await self.wallet.share(request)
        return str(receipt.confirmation_code), self.network.sent_at_ms

    def _link(self, scheme: str) -> str:
        found = re.search(rf"{scheme}:[^\s\"<]+", self.page.content())
        if found is None:
            raise RuntimeError(f"no {scheme} link at {self.page.url}")
        return html.unescape(found[0])

    def _compare(self) -> float:
        self.page.locator("button[value=compared]").click()
        self.page.wait_for_url("**/desk/outcome/*")
        return self._load()

    def _at(self, address: str) -> float:
        """Return when the page that came by itself had loaded, in milliseconds since 1970."""
        self.page.wait_for_url(address)
        return sum(self._loaded())

    def _load(self) -> float:
        """Return how long the page took, from the click to its being there."""
        return self._loaded()[1]

    def _loaded(self) -> tuple[float, float]:
        began, took = self.page.wait_for_function(LOADED).json_value()
        return began, took


@dataclass(frozen=True)
class Way:
    """A way to answer: its name, one round of it, and what its parts are called."""

    name: str
    once: Callable[[], Times]
    parts: Mapping[str, str]


def ways(bench: Bench) -> list[Way]:
    """Return the ways to answer."""
    compared = {"compared": "person compared -> outcome"}
    return [
        Way(
            "over the network",
            bench.by_network,
            {
                "response": "response sent -> page for the code",
                "code": "code typed -> page to compare the person",
                **compared,
            },
        ),
        Way(
            "by one code",
            lambda: bench.by_codes(1),
            {"frame": "code read -> page to compare the person", **compared},
        ),
        Way(
            "by three codes",
            lambda: bench.by_codes(3),
            {"frame": "last code read -> page to compare the person", **compared},
        ),
    ]


def table(way: Way, rounds: Sequence[Times]) -> str:
    """Return a table of the parts and of their sum, in milliseconds."""
    lines = [f"| {way.name} | median ms | p95 ms | worst ms |", "| --- | ---: | ---: | ---: |"]
    rows = {words: [one[part] for one in rounds] for part, words in way.parts.items()}
    rows["**answer to outcome, all pages**"] = [sum(one.values()) for one in rounds]
    for words, times in rows.items():
        figures = (statistics.median(times), percentile(times, 0.95), max(times))
        lines.append(f"| {words} | " + " | ".join(f"{one:.0f}" for one in figures) + " |")
    return "\n".join(lines)


def percentile(times: Sequence[float], share: float) -> float:
    """Return the smallest time that this share of all times does not exceed."""
    return sorted(times)[math.ceil(share * len(times)) - 1]


def client_of(services: RunningServices, folder: Path) -> tuple[Wallet, WatchedNetwork, Offline]:
    """Give a client one card; return the wallet with its network, and the same without."""
    client = Client(folder, services, PASSPHRASE)
    system = IssuingSystem(services, "itsearviointi", "self_assessment_result")
    claims = example_claims("01_self_assessment_result", today=datetime.now(UTC).date())
    picture = folder / "offer.png"
    picture.write_bytes(system.picture(system.offer(claims, pin=False)["offer_id"]))
    client.json("receive", str(picture), "--approve")
    around = replace(real_surroundings(), passphrase=PASSPHRASE)
    store = MemoryStore(Session(around, folder, "fi", machine=True).store().load())
    network = WatchedNetwork(Fetcher(allow_loopback_http=True))
    tools = replace(real_tools(True), network=network)
    wallet = Wallet(store=store, tools=tools, trust_source=TrustListSource(network))
    offline = Offline(
        store=store, clock=tools.clock, random=tools.random, catalogue=tools.catalogue
    )
    return wallet, network, offline


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for each way to answer."""
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args(arguments).rounds
    chromium = needs.chromium()
    if chromium is None:
        raise SystemExit("no Chromium here: python tools/ensure_system.py")
    with (
        tempfile.TemporaryDirectory() as folder,
        RunningServices(Path(folder) / "services") as services,
        ThreadPoolExecutor(1) as work,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=str(chromium))
        page = sign_in(browser, services)
        wallet, network, offline = client_of(services, Path(folder) / "wallet")
        bench = Bench(page, services.verifier.url, wallet, network, offline, work)
        print(
            f"{platform.machine()}, {browser.version}, {rounds} clients each way; goal: p95 under"
        )
        print(f"{GOAL_MS:.0f} ms from response or last code to the next page\n")
        for way in ways(bench):
            way.once()  # the first client of the day pays for starting up
            print(table(way, [way.once() for _ in range(rounds)]), end="\n\n")
        browser.close()


if __name__ == "__main__":
    main()
