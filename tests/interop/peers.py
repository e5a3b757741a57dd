"""An issuer and a verifier of other people's libraries, and our wallet for them to meet."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from credential_schemas.loader import load_catalogue
from demo.payloads import example_claims
from keys.devkeys import DemoPki, make_demo_pki
from keys.software_signer import SoftwareSigner
from openid4vc.dcql.profiles import query_for
from openid4vc.dcql.query import query_json
from tests.interop.npm_programs import conversation, private_jwk
from tests.interop.story import pem
from tests.wallet_sim.world import TextSource
from tools.node import Node
from wallet_sim.edges import real_tools
from wallet_sim.memory_store import MemoryStore
from wallet_sim.model import Contents
from wallet_sim.provider import DemoWalletProvider
from wallet_sim.trusting import first_settings
from wallet_sim.wallet import Wallet

Json = dict[str, Any]

TYPE, PROFILE = "self_assessment_result", "te_initial_interview"
PROVIDER = "lompakontarjoaja-malli"
PROFILE_FORMAT = "urn:kykylompakko:request-profile:1"
CATALOGUE = load_catalogue()


@dataclass(frozen=True, slots=True)
class Peers:
    """Their issuer and verifier, with demo keys, and a person with our wallet."""

    ask: Callable[[Json], Json]
    pki: DemoPki
    claims: Json
    vendor: SoftwareSigner | None = None
    """Who vouches for our wallet; None: the demo's provider."""

    def tell(self, command: str, **details: object) -> Json:
        given = {name: value for name, value in details.items() if value is not None}
        answer = self.ask({"do": command, **given})
        assert "error" not in answer, answer
        return answer

    def offer(self, **details: object) -> Json:
        return self.tell("offer", **self.content(), **details)

    def asked(self, **details: object) -> Json:
        """Have an answer ready for whoever asks next."""
        return self.tell("asked", **{**self.content(), **details})

    def content(self) -> Json:
        shown = {name: value for name, value in self.claims.items() if isinstance(value, dict)}
        always = CATALOGUE.types[TYPE].always_disclosed()
        hidden = [name for name in self.claims if name not in always]
        frame: Json = {"_sd": hidden, "_sd_decoy": 2}
        frame |= {name: {"_sd": list(value)} for name, value in shown.items() if name in hidden}
        expires = int((datetime.now(UTC) + timedelta(days=30)).timestamp())
        return {"claims": self.claims, "frame": frame, "expires": expires}

    def request(self, profile_id: str = PROFILE, **details: object) -> Json:
        query = query_json(query_for(CATALOGUE.profiles[profile_id], CATALOGUE))
        info = [{"format": PROFILE_FORMAT, "data": {"profile": profile_id}}]
        return self.tell("request", query=query, info=info, **details)

    def new_wallet(self) -> Wallet:
        """A wallet that the demo's provider vouches for."""
        signer = self.vendor or self.pki.signer(PROVIDER, "wallet-attestation")
        tools = real_tools(unsafe_loopback_http=True)
        tools = replace(tools, provider=DemoWalletProvider(lambda: signer, tools.clock))
        settings, _ = first_settings(
            location="trust-list.jws",
            jws=self.pki.trust_list_jws,
            operator_pem=self.pki.operator_anchor.public_bytes(Encoding.PEM),
            clock=tools.clock,
        )
        return Wallet(
            store=MemoryStore(Contents(trust=settings)),
            tools=tools,
            trust_source=TextSource(self.pki.trust_list_jws),
        )


def signing(signer: SoftwareSigner) -> Json:
    chain = [base64.b64encode(one).decode("ascii") for one in signer.certificate_chain]
    return {"key": private_jwk(signer), "x5c": chain}


@contextmanager
def their_side(node: Node) -> Iterator[Peers]:
    """Run `peers.mjs` for a while, with the demo's keys."""
    now = datetime.now(UTC).replace(microsecond=0)
    pki = make_demo_pki(at=now)
    (issuer,) = (one for one in pki.trust_list.issuers if one.id == "itsearviointi")
    claims = example_claims("01_self_assessment_result", today=now.date())
    with conversation(node, "peers.mjs") as ask:
        peers = Peers(ask, pki, claims)
        peers.tell(
            "open",
            issuer={
                **signing(pki.signer("itsearviointi", "credential")),
                "vct": CATALOGUE.types[TYPE].vct,
            },
            verifier={**signing(pki.signer("te-toimisto-malli", "access")), "dns": "localhost"},
            anchors=pem(issuer.issuing_anchors),
            walletAnchors=pem(pki.wallet_providers.anchors),
        )
        yield peers
