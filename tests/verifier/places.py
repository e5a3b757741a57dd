"""A desk with the systems around it: a case system, an issuer of receipts."""

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from credential_schemas.loader import load_catalogue
from keys import strict_json
from keys.checks import FetchFailed
from keys.fetch import Reply
from openid4vc.sd_jwt.model import WantedPath
from tests.verifier.world import NOW, REQUIRED, Asked, Browser, Order, World, make_card

SECRET = "a secret that both sides hold, 32 or more"
HOOK = "https://cases.test/hook"
ISSUER = "https://issuer.test"
OFFER = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.test%2Fo%2F1"
SUPPORT: tuple[WantedPath, ...] = (
    ("given_name",),
    ("family_name",),
    ("birthdate",),
    ("employment_impact",),
    ("employment_impact_scope", 0),
    ("restriction_duration",),
    ("restriction_valid_until",),
)


@dataclass
class Outside:
    """Everything this desk calls: status lists of the world, a case system, an issuer."""

    answer: Callable[[str], Reply] = field(default=lambda _: Reply(200, "", {}, b""))
    posted: list[tuple[str, Any, Mapping[str, str]]] = field(default_factory=list)
    world: World | None = None

    async def get(self, url: str, *, accept: str, max_bytes: int | None = None) -> Reply:
        assert self.world is not None
        return await self.world.status.get(url, accept=accept, max_bytes=max_bytes)

    async def post(
        self, url: str, *, json: object, headers: Mapping[str, str], max_bytes: int
    ) -> Reply:
        assert max_bytes <= 65_536
        self.posted.append((url, json, headers))
        return self.answer(url)


def offered(_url: str) -> Reply:
    """An issuer's answer."""
    body = {"offer_link": OFFER, "expires_at": (NOW + timedelta(minutes=15)).isoformat()}
    return Reply(201, "application/json", {}, strict_json.dumps(body))


def unreachable(_url: str) -> Reply:
    raise FetchFailed("timeout")


@dataclass
class Place:
    """A desk with the systems around it."""

    world: World
    desk: Browser
    outside: Outside

    def accepted(self, profile: str = "te_employment_support") -> Asked:
        """Bring the desk to an accepted outcome."""
        self.desk.sign_in()
        asked = self.desk.ask(profile)
        kind = load_catalogue().profiles[profile].credential_type
        wanted = SUPPORT if profile == "te_employment_support" else REQUIRED[kind]
        asked.answer(make_card(Order(kind)), wanted=wanted)
        self.desk.open(f"/desk/ask/{asked.id}")
        self.desk.submit(self.desk.path, identity="compared")
        assert self.desk.path == f"/desk/outcome/{asked.id}"
        return asked

    def page(self, asked: Asked) -> str:
        return html.unescape(self.desk.open(f"/desk/outcome/{asked.id}"))

    def deliver(self) -> int:
        arrived = self.world.run(self.world.parts.hand_on.deliver())
        assert isinstance(arrived, int)
        return arrived


def place_of(directory: Path, **settings: Any) -> Place:
    outside = Outside()
    world = World(directory, fetcher=outside, **settings)
    outside.world = world
    return Place(world, Browser(world), outside)
