"""The wallet takes a showing back at our own desk, over its real pages: both sides speak alike."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from credential_schemas.loader import load_catalogue
from keys.fetch import Reply
from keys.software_signer import SoftwareSigner
from tests.verifier.places import HOOK, ISSUER, SECRET, Place, place_of
from tests.verifier.receipts import Receipt, given, wishes
from tests.verifier.world import BASE, demo_pki
from tests.wallet_sim.world import OsRandom, TextSource
from wallet_sim.control import Control, supervisor_address
from wallet_sim.deeds import DeedKind, Reason, Told
from wallet_sim.memory_store import MemoryStore
from wallet_sim.model import Card, Contents
from wallet_sim.permissions import State
from wallet_sim.tools import Tools
from wallet_sim.trusting import first_settings

SYSTEMS = {
    "webhook_url": HOOK,
    "webhook_secret": SECRET,
    "receipt_issuer_url": ISSUER,
    "receipt_api_key": "kyky_key",
}


class ToTheDesk:
    """The way from the wallet to the desk."""

    def __init__(self, place: Place) -> None:
        self.client = place.world.client

    async def get(self, url: str, *, accept: str) -> Reply:
        return self._reply(await self.client.get(url, headers={"Accept": accept}))

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        sent: dict[str, Any] = {"data": dict(form)} if form is not None else {"json": json}
        return self._reply(await self.client.post(url, headers=dict(headers or {}), **sent))

    def _reply(self, answer: httpx2.Response) -> Reply:
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        return Reply(answer.status_code, media_type, dict(answer.headers), answer.content)


def control_of(place: Place, receipt: Receipt) -> Control:
    """A wallet that holds this receipt, and reports to the desk."""
    pki, clock = demo_pki(), place.world.clock
    settings, _ = first_settings(
        location="trust-list.jws",
        jws=pki.trust_list_jws,
        operator_pem=pki.operator_anchor.public_bytes(Encoding.PEM),
        clock=clock,
    )
    card = Card(
        id="0a1b2c3d",
        type_id="consent_receipt",
        vct="urn:kykylompakko:consent-receipt:1",
        issuer_id="tyollisyysalue",
        issuer_names={"fi": "Mallimaan työllisyysalue (TESTI)"},
        sd_jwt=receipt.text,
        holder_key=receipt.holder.private_key.private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        ),
        received_at=clock.now(),
        expires_at=None,
    )
    supervisor = supervisor_address(f"{BASE}/privacy/reports", allow_loopback_http=True)
    contents = Contents(trust=settings, cards=(card,), supervisor=supervisor)
    tools = Tools(
        network=ToTheDesk(place),
        clock=clock,
        random=OsRandom(),
        new_key=SoftwareSigner.generate,
        catalogue=load_catalogue(),
        unsafe_loopback_http=True,
    )
    return Control(
        store=MemoryStore(contents), tools=tools, trust_source=TextSource(pki.trust_list_jws)
    )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = place_of(tmp_path, **SYSTEMS)
    yield place
    place.world.run(place.desk.client.aclose())
    place.world.close()


def test_erasure_then_withdrawal_then_a_report(place: Place) -> None:
    control = control_of(place, given(place, place.accepted()))
    run = place.world.run
    (found,) = control.permissions()
    assert (found.state, found.surplus()) == (State.ACTIVE, ())
    erased = run(control.ask(found, DeedKind.ERASURE))
    assert erased.told in (Told.ERASED, Told.NOTHING_KEPT)
    withdrawn = run(control.ask(control.permission(found.id), DeedKind.WITHDRAWAL))
    assert withdrawn.told is Told.WITHDRAWN
    assert control.permission(found.id).state is State.WITHDRAWN
    # Within its hour a record stands anywhere.
    assert {record.wish for record in wishes(place.world)} == {"erasure", "withdrawal"}
    report = run(control.report(control.entry(found.id), Reason.KEPT_TOO_LONG))
    assert report.told is Told.SENT
