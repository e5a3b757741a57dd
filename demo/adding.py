"""The wallet begins: its person signs in at Kela, agrees, and a decision comes into the wallet."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import IO, cast
from urllib.parse import urljoin

import httpx2

import issuer.web
from demo.asked_system import ORG, TYPE_ID
from demo.people import Client, Json, heading, text_of
from demo.services import path_of
from demo.stage import Stage
from demo.telling import must

MAIJA, NOBODY = "0", "2"
"""Places among the test persons: one whom Kela's system knows, and one whom it does not."""

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_ACTION = re.compile(r'<form[^>]* action="([^"]+)"')
_FILES = Path(issuer.web.__file__).parent / "static" / "letters"
_BACK = re.compile(r'<a class="button main" href="([^"]+)"')
_LONGEST = 60


class Browser:
    """The person's browser at the issuer, without script, in Finnish."""

    def __init__(self) -> None:
        self._http = httpx2.Client(
            follow_redirects=True, trust_env=False, headers={"Accept-Language": "fi"}
        )

    def open(self, link: str) -> httpx2.Response:
        """Open the link that the wallet prints; return the page where people sign in."""
        return self._http.get(link)

    def press(self, page: httpx2.Response, decision: str, **fields: str) -> httpx2.Response:
        """Press a button of a page's form; return where that leads."""
        action = _ACTION.search(page.text)
        must(action, f"the page has no form: {heading(page)}")
        hidden = {name: html.unescape(value) for name, value in _HIDDEN.findall(page.text)}
        address = urljoin(str(page.url), html.unescape(action.group(1))) if action else ""
        return self._http.post(address, data={**hidden, **fields, "decision": decision})

    def follow(self, page: httpx2.Response) -> httpx2.Response:
        """Follow the page's link back to the wallet."""
        back = _BACK.search(page.text)
        must(back, f"no way back: {heading(page)}")
        return self._http.get(html.unescape(back.group(1)) if back else "")

    def close(self) -> None:
        """Close the window."""
        self._http.close()


class Adding:
    """`kyky-wallet add`, which prints a link and waits for the browser to come back.

    Args:
        client: whose wallet.
        issuer: the issuing service's address.
    """

    def __init__(self, client: Client, issuer: str) -> None:
        asked = ("--json", "add", f"{issuer}/{ORG}", "--type", TYPE_ID, "--approve")
        program, *arguments = client.command(*asked)
        self._process = subprocess.Popen(
            [path_of(program), *arguments],
            env=client.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        must(self._process.stdout, "the wallet says nothing")
        self._out = cast("IO[str]", self._process.stdout)
        said = json.loads(self._out.readline() or "{}")
        must("link" in said, f"the wallet said: {said}")
        self.link = str(said["link"])

    def end(self) -> Json:
        """Return what the wallet says at the end."""
        with self._out:
            said = self._out.read()
        self._process.wait(_LONGEST)
        must(said, "the wallet ended without a word")
        return cast(Json, json.loads(said))


def _save(stage: Stage, page: httpx2.Response, name: str) -> None:
    """Keep a page of the issuer as a file, with what it is dressed in."""
    pages = stage.output / "pages"
    shutil.copytree(_FILES, pages / "static" / "issuer", dirs_exist_ok=True)
    text = page.text.replace('"/l/files/', '"static/issuer/')
    (pages / f"{name}.html").write_text(text, "utf-8")


def tell_adding(stage: Stage) -> None:
    """Tell the chapter."""
    stage.teller.heading("7. The wallet begins: the client signs in at Kela and adds a decision")
    browser = Browser()
    try:
        with stage.teller.step("the client signs in, and reads what, from whom, and what for"):
            adding = Adding(stage.client, stage.services.issuer.url)
            page = browser.press(browser.open(adding.link), "sign_in", person=MAIJA)
            must("Mallikas" in text_of(page), f"after signing in: {heading(page)}")
            _save(stage, page, "10-consent")
        stage.teller.quote(heading(page))
        with stage.teller.step("the same link in another browser opens nothing"):
            stranger = Browser()
            copied = stranger.open(adding.link)
            stranger.close()
            must(copied.is_client_error, f"the copied link led to: {heading(copied)}")
        with stage.teller.step("the client agrees, Kela's system is asked, the card is there"):
            back = browser.press(page, "approve")
            must(back.is_success, f"the browser came back to: {back.status_code}")
            said = adding.end()
            must(said.get("outcome") == "received", f"the wallet said: {said}")
            must(said["cards"][0]["type"] == TYPE_ID, f"what came: {said['cards']}")
        with stage.teller.step("the client says no: nothing is issued, no reason is asked"):
            adding = Adding(stage.client, stage.services.issuer.url)
            page = browser.press(browser.open(adding.link), "sign_in", person=MAIJA)
            browser.press(page, "decline")
            said = adding.end()
            must("error" in said, f"the wallet said: {said}")
        stage.teller.quote(str(said["message"]))
        with stage.teller.step("somebody whom Kela knows nothing of is told so"):
            adding = Adding(stage.client, stage.services.issuer.url)
            page = browser.press(browser.open(adding.link), "sign_in", person=NOBODY)
            page = browser.press(page, "approve")
            _save(stage, page, "11-nothing-there")
            browser.follow(page)
            said = adding.end()
            must("error" in said, f"the wallet said: {said}")
        stage.teller.quote(heading(page))
    finally:
        browser.close()
