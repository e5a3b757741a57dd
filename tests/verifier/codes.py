"""A wallet without network, and the counter between it and the desk: codes shown and read."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import httpx2
import segno
from PIL import Image

from openid4vc.qr.answer import SELF_INITIATED_AUDIENCE, write_bound, write_self_initiated
from openid4vc.qr.challenge import Challenge
from openid4vc.qr.frames import write_frames
from openid4vc.qr.read_challenge import read_challenge
from openid4vc.sd_jwt.key_binding import bind
from openid4vc.sd_jwt.model import WantedPath
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from service_kit.system import SystemRandom
from tests.verifier.world import PERSON, REQUIRED, TYPE_OF, Asked, Card, Order, World, demo_pki
from tests.verifier.world import make_card as make

_random = SystemRandom()
# What a wallet may show by itself: no claim that is, or may reveal, health data.
SHOWN_ALONE: dict[str, tuple[WantedPath, ...]] = {
    "te_initial_interview": (*PERSON, ("assessment_date",)),
    "te_service_need": PERSON,
    "te_benefit_coordination": PERSON,
}


def card_for(profile: str, **order: Any) -> Card:
    """A card of the type that a profile asks."""
    return make(Order(TYPE_OF[profile], **order))


def challenge_of(asked: Asked) -> Challenge:
    """Read the desk's challenge as a wallet does."""
    link = challenge_link(asked)["link"]
    return read_challenge(link, trust=demo_pki().trust_list, at=asked.world.clock.now()).challenge


def challenge_link(asked: Asked) -> dict[str, Any]:
    """What the interface tells of the challenge."""
    path = f"/api/v1/verifications/{asked.id}/challenge"
    reply = asked.world.get(path, headers=asked.world.bearer)
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


@dataclass(frozen=True)
class Phone:
    """A wallet without network that holds one card."""

    card: Card
    wanted: tuple[WantedPath, ...]

    def presentation(self, *, audience: str, nonce: str, at: datetime) -> str:
        """Choose what goes along and bind it."""
        chosen = select(parse(self.card.text), self.wanted)
        return bind(chosen, signer=self.card.holder, audience=audience, nonce=nonce, at=at)

    def answer(self, challenge: Challenge, *, at: datetime, total: int = 1) -> tuple[str, ...]:
        """Answer a challenge: the frames on the phone's screen."""
        text = self.presentation(audience=challenge.client_id, nonce=challenge.nonce, at=at)
        return write_frames(write_bound(text, challenge=challenge), total=total)

    def show_alone(self, *, at: datetime, total: int = 1) -> tuple[str, ...]:
        """Show a code that nobody asked for."""
        text = self.presentation(audience=SELF_INITIATED_AUDIENCE, nonce=_random.token(16), at=at)
        return write_frames(write_self_initiated(text), total=total)


def phone(profile: str = "te_initial_interview", **order: Any) -> Phone:
    """A phone with a good card for the profile."""
    return Phone(card_for(profile, **order), REQUIRED[TYPE_OF[profile]])


def phone_alone(profile: str = "te_initial_interview", **order: Any) -> Phone:
    """The same, showing what may be shown without being asked."""
    return Phone(card_for(profile, **order), SHOWN_ALONE[profile])


def scan(world: World, frames: tuple[str, ...] | list[str], **target: str) -> httpx2.Response:
    """Hand in what was read from the phone."""
    body = {**target, "frames": list(frames)}
    return world.post("/api/v1/scans", json=body, headers=world.bearer)


def drawn(frames: tuple[str, ...], *, pixels: int = 3, kind: str = "png") -> bytes:
    """One picture with the codes beside one another."""
    codes = []
    for frame in frames:
        buffer = BytesIO()
        code = segno.make_qr(frame, mode="numeric", error="l", boost_error=False)
        code.save(buffer, kind="png", scale=pixels, border=4)
        codes.append(Image.open(buffer).convert("L"))
    whole = Image.new("L", (sum(one.width for one in codes), codes[0].height), 255)
    at = 0
    for one in codes:
        whole.paste(one, (at, 0))
        at += one.width
    out = BytesIO()
    whole.save(out, kind)
    return out.getvalue()
