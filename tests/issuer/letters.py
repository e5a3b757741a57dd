"""Letters as their makers and their readers handle them, for the tests."""

import html
import re
from typing import Any

import httpx2

from tests.issuer.world import BASE, World, claims_of

LETTERS = "/api/v1/mallimaa/letters"
RECIPIENT = ["Maija Testi Mallikas", "Mallitie 1 A 2", "00000 MALLIKYLÄ"]
TYPE = "statement_feedback"


def letter_body(**changes: object) -> dict[str, Any]:
    """A well-formed request for a letter."""
    body: dict[str, Any] = {
        "type": TYPE,
        "claims": claims_of(TYPE),
        "subject_ref": "client-4711",
        "pin_medium": "in_person",
        "recipient": RECIPIENT,
    }
    return {**body, **changes}


def make_letter(world: World, *, key: str | None = None, **changes: object) -> dict[str, Any]:
    """Make a letter through the API."""
    headers = world.auth() | ({} if key is None else {"Idempotency-Key": key})
    answer = world.post(LETTERS, json=letter_body(**changes), headers=headers)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert isinstance(made, dict)
    return made


def letter_state(world: World, made: dict[str, Any]) -> str:
    """What the API calls the letter's state."""
    answer = world.get(f"{LETTERS}/{made['letter_id']}", headers=world.auth())
    assert answer.status_code == 200, answer.text
    return str(answer.json()["state"])


def path_of(made: dict[str, Any]) -> str:
    """The path of the letter's page."""
    link = str(made["link"])
    assert link.startswith(f"{BASE}/l/")
    return link.removeprefix(BASE)


def form_token(page: httpx2.Response) -> str:
    """What the PIN form carries."""
    found = re.search(r'name="token" value="([0-9a-f]+)"', page.text)
    assert found is not None
    return found[1]


def try_pin(world: World, path: str, pin: str, lang: str = "fi") -> httpx2.Response:
    """Fetch the form and send a PIN with it."""
    token = form_token(world.get(f"{path}/pin?lang={lang}"))
    return world.post(f"{path}/pin?lang={lang}", data={"token": token, "pin": pin})


def wrong_pin(made: dict[str, Any]) -> str:
    """Six digits that are not the letter's."""
    return f"{(int(made['pin']) + 1) % 1_000_000:06d}"


def offer_link(page: httpx2.Response) -> str:
    """Where the page's button leads."""
    assert page.status_code == 200, page.text
    found = re.search(r'class="button main" href="(openid-credential-offer:[^"]+)"', page.text)
    assert found is not None
    return html.unescape(found[1])


def open_letter(world: World, made: dict[str, Any]) -> str:
    """Give the right PIN; returns the offer's link."""
    return offer_link(try_pin(world, path_of(made), made["pin"]))


def title_of(page: httpx2.Response) -> str:
    """The page's heading."""
    (title,) = re.findall(r"<h1>(.*?)</h1>", page.text)
    return html.unescape(title)
