"""The pages of a task that asks for several cards, looked at like every other page of the desk.

They are made in the same process and handed to the browser as they are: no service runs.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.desk import look
from tests.content.world import everybody
from tests.verifier.world import BASE
from verifier.parts import HERE
from wallet_sim.consent import Wish

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

STATIC = HERE / "web" / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
EMPTY = '<svg xmlns="http://www.w3.org/2000/svg"/>'


def written(directory: Path) -> Mapping[str, str]:
    """One client's visit with five cards, page by page: address to page."""
    pages: dict[str, str] = {}
    with everybody(directory) as all_of_them:
        wallet = all_of_them.wallet("01", "02", "03", "04")
        trial = {"title": "Työkokeilu", "responsible": "Kela (TESTI)", "status": "planned"}
        name = all_of_them.catalogue.organisations["mallimaa"].names.fi
        all_of_them.give(wallet, "04", org="mallimaa", issuing_authority=name, actions=[trial])
        desk = all_of_them.desk("te_office")
        showing = desk.ask("shared_situation_picture")

        def keep(place: str) -> None:
            address = f"/desk/{place}/{showing.asked.id}?lang=fi"
            pages[f"/{place}"] = desk.browser.open(address)

        keep("ask")
        keep("customer")
        showing.answer(wallet, Wish(acted_by="supporter"))
        showing.compare()
        for lang in ("sv", "fi"):
            address = f"/desk/outcome/{showing.asked.id}?lang={lang}"
            pages[f"/outcome-{lang}"] = desk.browser.open(address)
        keep("print")
    return pages


def test_the_pages_of_several_cards(browser: Browser, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as apart:  # the browser's own loop runs in this thread
        pages = apart.submit(written, tmp_path).result()

    def give(route: Route) -> None:
        path = route.request.url.removeprefix(BASE).partition("?")[0]
        file = STATIC / path.removeprefix("/static/")
        if path in pages:
            route.fulfill(body=pages[path], content_type="text/html; charset=utf-8")
        elif path.startswith("/static/") and file.is_file():
            kind = KINDS.get(file.suffix, "application/octet-stream")
            route.fulfill(body=file.read_bytes(), content_type=kind)
        else:
            route.fulfill(body=EMPTY, content_type="image/svg+xml")

    context = browser.new_context(java_script_enabled=True)
    page = context.new_page()
    page.route("**/*", give)
    for path in pages:
        page.goto(f"{BASE}{path}", wait_until="load")
        expect(page.locator("h1")).to_be_visible()
        look(page, f"picture{path.replace('/', '-')}")
    page.goto(f"{BASE}/outcome-fi")
    expect(page.locator("h1")).to_have_text("Yhteinen tilannekuva")
    expect(page.get_by_role("table").first).to_contain_text("Fysioterapia")
    context.close()
