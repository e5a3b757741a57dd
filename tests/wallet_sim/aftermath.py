"""What comes after a showing, simulated: receipts and their desk, a supervisor, status lists."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from openid4vc.openid4vp.withdrawal import (
    Done,
    Wish,
    done_json,
    invitation_json,
    read_withdrawal_form,
    withdrawal_audience,
)
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding
from openid4vc.sd_jwt.verify import Expected, IssuersOnTrustList, verify
from openid4vc.status_list.bits import Status, StatusList
from openid4vc.status_list.token import MEDIA_TYPE, sign_status_list
from tests.wallet_sim.world import (
    ISSUER,
    PIN,
    RECEIVER,
    Answer,
    Call,
    World,
    json_answer,
    payload,
    pki,
)
from wallet_sim.control import Control
from wallet_sim.model import Card, LogEntry

SUPERVISOR = "https://valvoja.example/reports"
WITHDRAWALS = f"{RECEIVER}/receipts/rcp-0001-test/withdraw"
run = asyncio.run


@dataclass
class ReceiptDesk:
    """Where receipts are taken back, honest unless a test changes a field."""

    world: World
    done: Done = Done.WITHDRAWN
    nonce: str = "nonce-0123456789abcdef"
    statuses: list[int] = field(default_factory=list)
    audience: Callable[[str], str] = withdrawal_audience
    heard: list[Wish] = field(default_factory=list)
    shown: list[set[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world.network.on("GET", WITHDRAWALS, self.invite)
        self.world.network.on("POST", WITHDRAWALS, self.take)

    def invite(self, _call: Call) -> Answer:
        client_id = self.world.receiver.client_id
        told = invitation_json(client_id, nonce=self.nonce, lifetime=timedelta(minutes=5))
        return json_answer({**told, "aud": self.audience(client_id)})

    def take(self, call: Call) -> Answer:
        """Verify as a receiver would: issuer, disclosures, key binding to this very name."""
        if self.statuses:
            return json_answer({"error": "not_now"}, self.statuses.pop(0))
        presentation, wish = read_withdrawal_form(list((call.form or {}).items()))
        now = self.world.clock.now()
        audience = withdrawal_audience(self.world.receiver.client_id)
        expected = Expected(
            issuer=IssuersOnTrustList(pki().trust_list),
            at=now,
            key_binding=ExpectedKeyBinding(audience=audience, nonce=self.nonce, at=now),
        )
        self.shown.append(set(verify(presentation, expected).claims))
        self.heard.append(wish)
        return json_answer(done_json(self.done))


class Aftermath:
    """A world in which something was shown; a receipt and a supervisor may follow."""

    def __init__(self, *, consent: bool = False, profile: str | None = None) -> None:
        self.world = World()
        world = self.world
        if consent:
            world.issuer.signer = pki().signer("mallimaa", "credential")
            world.issuer.type_id = "medical_statement_key_data"
            world.issuer.claims = payload("08")
            world.receiver.signer = pki().signer("kela-neuvonta-malli", "access")
            world.receiver.ask("kela_rehabilitation_guidance")
        elif profile is not None:
            world.issuer.signer = pki().signer("mallimaa", "credential")
            world.issuer.type_id = "statement_feedback"
            world.issuer.claims = payload("02")
            world.receiver.ask(profile)
        self.desk = ReceiptDesk(world)
        self.control = Control(store=world.store, tools=world.tools, trust_source=world.source)
        self.reports: list[object] = []

    def show(self) -> LogEntry:
        """Receive the card and show it."""
        run(self.world.with_card())
        run(self.world.wallet.present(self.world.receiver.link()))
        return self.world.wallet.log()[-1]

    def give_receipt(self, entry: LogEntry, **changed: object) -> Card:
        """Let the wallet receive a receipt of a showing."""
        world, issuer = self.world, self.world.issuer
        shown = [f"{card.type_id}.{name}" for card in entry.cards for name in card.shown]
        assert entry.terms is not None
        until = entry.terms.kept_until
        claims: dict[str, object] = {
            **payload("10"),
            "verifier_id": entry.client_id,
            "verifier_name": entry.party_names["fi"],
            "request_profile": entry.profile_id,
            "approval_kind": entry.terms.approval.value,
            "disclosed_claims": shown,
            "presented_at": entry.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "withdrawal_uri": WITHDRAWALS,
            **({"retention_until": until.isoformat()} if until else {}),
            **changed,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        issuer.type_id, issuer.claims = "consent_receipt", claims
        issuer.signer = pki().signer("tyollisyysalue", "credential")
        (card,) = run(world.wallet.receive(issuer.link(), pin=PIN))
        return card

    def supervise(self, status: int = 204) -> None:
        """Name a supervisor, who hears reports and answers so."""
        store = self.world.store

        def hear(call: Call) -> Answer:
            self.reports.append(call.json)
            return Answer(status, "", b"")

        store.change(lambda contents: replace(contents, supervisor=SUPERVISOR))
        self.world.network.on("POST", SUPERVISOR, hear)

    def list_says(self, status: Status, *, org: str = "itsearviointi") -> None:
        """Serve the status list that the issuer's cards name, with this for all of them."""
        network, clock = self.world.network, self.world.clock
        uri = f"{ISSUER}/status-lists/1"
        entries = StatusList(64)
        entries.set(7, status)

        def give(_call: Call) -> Answer:
            text = sign_status_list(
                entries,
                uri=uri,
                issued_at=clock.now(),
                expires_at=clock.now() + timedelta(days=1),
                ttl=timedelta(hours=1),
                signer=pki().signer(org, "status-list"),
            )
            return Answer(200, MEDIA_TYPE, text.encode())

        network.on("GET", uri, give)
