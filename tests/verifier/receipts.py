"""Receipts in their holders' wallets, and what a wallet does with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.openid4vp.request import (
    AuthorizationRequest,
    parse_request_link,
    read_request,
)
from openid4vc.openid4vp.response import encrypt_response, response_form
from openid4vc.sd_jwt.key_binding import bind
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from service_kit.system import SystemRandom
from tests.verifier.places import Place, offered
from tests.verifier.world import BASE, NOW, STATUS_URI, Asked, World, demo_pki
from verifier.model import Evidence

_salts = SystemRandom()
ALWAYS = frozenset({"issuing_authority", "issuing_country", "receipt_id", "verifier_id"})


@dataclass(frozen=True)
class Receipt:
    """A receipt card with its holder's key."""

    claims: Mapping[str, Any]
    text: str
    holder: SoftwareSigner

    def bound(self, world: World, *, audience: str, nonce: str, **changed: Any) -> str:
        """Present it; nothing is disclosed unless `wanted` says so."""
        wanted: Sequence[Any] = changed.pop("wanted", ())
        said = {
            "signer": self.holder,
            "audience": audience,
            "nonce": nonce,
            "at": world.clock.now(),
        }
        return bind(select(parse(self.text), wanted), **{**said, **changed})


def receipt_card(claims: Mapping[str, Any], *, org: str = "tyollisyysalue") -> Receipt:
    """Issue a receipt as an organisation does."""
    holder = SoftwareSigner.generate()
    day = NOW.date()
    content = VcContent(
        vct="urn:kykylompakko:consent-receipt:1",
        issuer=f"https://issuer.test/{org}",
        claims=claims,
        always=ALWAYS,
        issued_on=day,
        expires_at=datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=730),
        holder_jwk=public_jwk(holder.public_key),
        status=StatusReference(STATUS_URI.format(org=org), 9),
    )
    signer = demo_pki().signer(org, "credential")
    return Receipt(claims, issue_vc(content, signer=signer, random_bytes=_salts.bytes), holder)


def given(place: Place, asked: Asked) -> Receipt:
    """Have the desk give the receipt of a showing, and take it into a wallet."""
    before = place.outside.answer
    place.outside.answer = offered
    place.desk.open(f"/desk/outcome/{asked.id}")
    place.desk.submit(f"/desk/receipt/{asked.id}")
    place.outside.answer = before
    wish = place.outside.posted[-1][1]
    return receipt_card(wish["claims"])


def path_of(receipt: Receipt) -> str:
    """Where the wallet withdraws, without the host."""
    return str(receipt.claims["withdrawal_uri"]).removeprefix(BASE)


def invited(world: World, receipt: Receipt) -> dict[str, Any]:
    """What the wallet is told to bind to."""
    reply = world.get(path_of(receipt))
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


def withdraw(
    world: World, receipt: Receipt, request: str = "withdrawal", **changed: Any
) -> httpx2.Response:
    """Do what a wallet does; `changed` bends the key binding."""
    told = invited(world, receipt)
    binding = {"audience": told["aud"], "nonce": told["nonce"], **changed}
    presentation = receipt.bound(world, **binding)
    return post(world, receipt, presentation, request)


def post(
    world: World, receipt: Receipt, presentation: str, request: str = "withdrawal"
) -> httpx2.Response:
    """Post a presentation to where the receipt says."""
    form = {"vp_token": presentation, "request": request}
    return world.post(path_of(receipt), data=form)


def wishes(world: World) -> list[Evidence]:
    """The records of what clients asked afterwards."""
    return [record for record in world.evidence() if record.wish is not None]


def other_holder(receipt: Receipt) -> Receipt:
    """The same card in the hands of somebody without its key."""
    return replace(receipt, holder=SoftwareSigner.generate())


def read_link(world: World, link: str) -> AuthorizationRequest:
    """Read a request as a careful wallet does."""
    parsed = parse_request_link(link)
    reply = world.get(parsed.request_uri)
    assert reply.status_code == 200, reply.text
    return read_request(
        reply.text, link=parsed, trust=demo_pki().trust_list, at=world.clock.now()
    ).request


def send(world: World, request: AuthorizationRequest, presentation: str) -> httpx2.Response:
    """Answer a request."""
    token = {request.query.credentials[0].id: [presentation]}
    form = response_form(encrypt_response(request, token))
    return world.post(request.response_uri, data=form)
