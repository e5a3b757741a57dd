"""Take the pictures of the staff guides: the demo's services, a real browser, a whole day's walk.

`make pictures` runs it, after the desk's pages have changed; the tests only see that each picture
is there. Everybody in the pictures is invented.
"""

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from credential_schemas.model import LANGS
from demo.payloads import example_claims
from demo.people import Client, IssuingSystem
from demo.services import RunningServices
from tests.browser.desk import ask, customer_window, scan, sign_in
from tools import needs

PICTURES: Final = Path(__file__).resolve().parent.parent / "docs" / "pictures"
LIMIT: Final = 150_000
"""How large a picture may be, in bytes."""

_COLOURS: Final = 48
_DESK, _PHONE = (1440, 900), (390, 700)
_HELD_MS: Final = 1_200  # so long a status list of these services may be held
_SOON_MS: Final = 15_000
_HANDS_OFF: Final = "document.activeElement?.blur()"


class TooLarge(Exception):
    """A picture is larger than the guide allows."""


def keep(page: Page, name: str, size: tuple[int, int] = _DESK) -> None:
    """Take a picture of a page in each language, whole; the page is Finnish again at the end.

    Args:
        page: where it shows an address that can be looked at again.
        name: what the files are called before their language.
        size: of the window, in pixels; a picture is as high as its page.

    Raises:
        TooLarge: a picture is larger than `LIMIT`.
    """
    address = page.url.partition("?")[0]
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for lang in LANGS:
        page.goto(f"{address}?lang={lang}")
        page.evaluate(_HANDS_OFF)
        taken = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
        path = PICTURES / f"{name}.{lang}.png"
        few = taken.quantize(_COLOURS, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
        if path.stat().st_size >= LIMIT:
            raise TooLarge(path.name)
    page.goto(f"{address}?lang=fi")


@dataclass(frozen=True, slots=True)
class Visit:
    """The desk, its services, a client with a card, and who gave the card."""

    page: Page
    services: RunningServices
    client: Client
    issuing: IssuingSystem
    card: str
    folder: Path

    def to(self, path: str) -> None:
        """Go to a page of the desk."""
        self.page.goto(f"{self.services.verifier.url}/desk{path}")

    def answers(self, how: str) -> dict[str, object]:
        """The client reads the code on the screen and answers."""
        return self.client.json("present", scan(self.page, self.folder), how)

    def outcome(self, how: str, name: str, *, is_confirmed: bool = False) -> None:
        """Ask, have it answered in a way that needs no comparing, and keep the outcome.

        Args:
            how: the wallet's option for its answer.
            name: what the picture is called.
            is_confirmed: the answer is good enough for the code to be asked for.
        """
        self.to("")
        ask(self.page)
        answered = self.answers(how)
        if is_confirmed:
            self.reads_out(answered)
        self.page.wait_for_url("**/desk/outcome/*", timeout=_SOON_MS)
        keep(self.page, name)

    def reads_out(self, answered: dict[str, object]) -> None:
        """The client reads the code out, the official types it."""
        self.page.wait_for_url("**/desk/code/*", timeout=_SOON_MS)
        self.page.locator("#code").fill(str(answered["confirmation_code"]))
        self.page.keyboard.press("Enter")


def usual_way(visit: Visit) -> None:
    """From the start page to the receipt."""
    page = visit.page
    keep(page, "start")
    ask(page)
    keep(page, "ask")
    screen = customer_window(page)
    keep(screen, "customer")
    screen.close()
    answered = visit.answers("--approve")
    page.wait_for_url("**/desk/code/*", timeout=_SOON_MS)
    keep(page, "code")
    phone = page.context.new_page()
    phone.goto(str(answered["redirect_uri"]))
    keep(phone, "phone-code", _PHONE)
    phone.close()
    visit.reads_out(answered)
    page.wait_for_url("**/desk/identity/*")
    keep(page, "identity")
    page.locator("button[value=compared]").click()
    page.wait_for_url("**/desk/outcome/*")
    keep(page, "outcome-accept")
    page.locator("form[action*='/desk/receipt/'] button").click()
    page.wait_for_url("**/desk/receipt/*")
    keep(page, "receipt")


def other_ways(visit: Visit) -> None:
    """A wallet without network, more time, paper, training."""
    page = visit.page
    visit.to("")
    ask(page)
    asking = page.url
    screen = customer_window(page)
    page.locator("button[name=help]").click()
    screen.locator("body.assisted").wait_for()
    keep(screen, "customer-assisted")
    screen.close()
    page.locator("form[action*='/desk/paper/'] button").click()
    page.wait_for_url("**/desk/paper/*")
    keep(page, "paper")
    page.goto(asking)
    page.locator("form[action*='/desk/scan/'] button").click()
    page.wait_for_url("**/desk/scan/*")
    keep(page, "scan")
    visit.to("/training")
    keep(page, "training")


def other_outcomes(visit: Visit) -> None:
    """Not shown, suspended, revoked; after this the card is of no use."""
    visit.outcome("--decline", "outcome-not-shown")
    visit.issuing.change(visit.card, "suspend", "under_review")
    visit.page.wait_for_timeout(_HELD_MS)
    visit.outcome("--approve", "outcome-cannot-confirm", is_confirmed=True)
    visit.issuing.change(visit.card, "revoke", "corrected")
    visit.page.wait_for_timeout(_HELD_MS)
    visit.outcome("--approve", "outcome-reject")


def without_network(visit: Visit) -> None:
    """The desk's own network is gone, but data were brought; after this the issuer is down."""
    bundle = str(visit.folder / "bundle.jws")
    visit.services.run("kyky-verifier", "bundle", "make", "--out", bundle)
    visit.services.issuer.stop()
    visit.services.run("kyky-verifier", "bundle", "load", bundle)
    visit.to("/offline")
    visit.page.locator("form[action='/desk/offline'] button").click()
    visit.page.wait_for_load_state()
    keep(visit.page, "offline")


@contextmanager
def visiting(browser: Browser, services: RunningServices, folder: Path) -> Iterator[Visit]:
    """Bring a client with a card to a desk where an official has signed in."""
    client = Client(folder / "wallet", services, "four words without sense")
    issuing = IssuingSystem(services, "itsearviointi", "self_assessment_result")
    claims = example_claims("01_self_assessment_result", today=datetime.now(UTC).date())
    offer = issuing.offer(claims, pin=False)
    picture = folder / "offer.png"
    picture.write_bytes(issuing.picture(offer["offer_id"]))
    client.json("receive", str(picture), "--approve")
    outside = browser.new_page()
    outside.goto(f"{services.verifier.url}/desk/sign-in")
    keep(outside, "sign-in")
    outside.close()
    page = sign_in(browser, services)
    card = issuing.credential_of(offer["offer_id"])
    yield Visit(page, services, client, issuing, card, folder)
    page.context.close()


def main() -> int:
    """Take every picture; return the exit status."""
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as made,
        RunningServices(
            Path(made) / "services", extra={"KYKY_ISSUER_STATUS_TTL_SECONDS": "1"}
        ) as services,
        sync_playwright() as play,
    ):
        chromium = play.chromium.launch(executable_path=needs.chromium())
        with visiting(chromium, services, Path(made)) as visit:
            usual_way(visit)
            other_ways(visit)
            other_outcomes(visit)
            without_network(visit)
        chromium.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
