"""An issuer that wallets ask by themselves, whom it asks in turn, who vouches; and a browser.

It is set up as for production as far as plain http on loopback goes: what an organisation with
health data gives out is encrypted. People choose which test person they are.
"""

import base64
import html
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2
from cryptography.hazmat.primitives.serialization import Encoding

from clients.pull_api.server import Answer, IssuingSystem, make_server, read_secret
from demo.services import RunningServices, free_port
from keys.certificates import Subject, make_authority, make_leaf
from keys.software_signer import SoftwareSigner
from keys.trust import TrustList
from keys.x509 import LeafProfile
from tests.interop.npm_programs import private_jwk
from tests.interop.story import (
    DECISION,
    Story,
    pinned,
    trust_of,
)

MAIJA, PEKKA, AINO = "0", "1", "2"
"""The test persons: whose claims are there, whose come later, and of whom nothing is known."""
LOOPBACK = "http://127.0.0.1:43210/callback"
PLAN = Story("04_service_plan", "kela", "service_plan", profile="", shown=frozenset())
"""Whose holder keys have to be attested."""
_SOON: Final = timedelta(days=20)
_HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_ACTION: Final = re.compile(r'<form[^>]* action="([^"]+)"')
_BACK: Final = re.compile(r'<a class="button main" href="([^"]+)"')


@dataclass(frozen=True)
class Register(IssuingSystem):
    """The sample of docs/pull-api.md, which has Maija's plan, too.

    Attributes:
        ends_soon: set while decisions end within a month.
        requests: the ids under which it was asked, the newest last.
    """

    ends_soon: threading.Event = field(default_factory=threading.Event)
    requests: list[str] = field(default_factory=list)

    def answer(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Say what the sample says, or what there is beside."""
        status, said = super().answer(headers, body)
        asked = json.loads(body)["data"]
        self.requests.append(asked["request_id"])
        claims = said.get("claims")
        if isinstance(claims, dict) and self.ends_soon.is_set():
            until = (datetime.now(UTC) + _SOON).date().isoformat()
            return status, {**said, "claims": {**claims, "valid_until": until}}
        is_maija = asked["person"] == {"identity_code": "120488-9123"}
        if status == HTTPStatus.NOT_FOUND and is_maija and asked["type"] == PLAN.type:
            ours = {**PLAN.claims, "issuing_authority": "Kela (TESTI)"}
            return HTTPStatus.OK, {"subject_ref": "client-1", "claims": ours}
        return status, said


@dataclass(frozen=True, slots=True)
class Vendor:
    """Somebody else's wallet product: its name, and its provider with an authority of its own."""

    client_id: str
    name: str
    signer: SoftwareSigner
    anchor: bytes

    @property
    def provider(self) -> dict[str, Any]:
        """What attests wallets and keys, as the npm programs take it."""
        chain = [base64.b64encode(one).decode("ascii") for one in self.signer.certificate_chain]
        key = private_jwk(self.signer)
        return {"clientId": self.client_id, "name": self.name, "key": key, "x5c": chain}


def new_vendor(name: str) -> Vendor:
    """Return a vendor with fresh keys."""
    subject = Subject(name=name, identifier="NTRFI-0000170-0", site="https://vendor.example/")
    now = datetime.now(UTC)
    authority = make_authority(subject, use="wallet CA", at=now)
    signer = make_leaf(
        authority, subject, profile=LeafProfile.WALLET_ATTESTATION_SIGNER, use="wallets", at=now
    )
    return Vendor("their-wallet", name, signer, authority.certificate.public_bytes(Encoding.PEM))


@dataclass(frozen=True, slots=True)
class AskedIssuer:
    """The running issuer, whom it asks, and the vendor on its list of wallet providers."""

    services: RunningServices
    register: Register
    vendor: Vendor

    def address(self, org: str) -> str:
        """The issuer identifier of an organisation."""
        return f"{self.services.issuer.url}/{org}"

    @property
    def trust(self) -> TrustList:
        """The services' trust list."""
        return trust_of(self.services)

    def pinned(self, story: Story) -> dict[str, list[str]]:
        """What a wallet is to trust for credentials of an organisation."""
        return pinned(self.trust, story)


@contextmanager
def asked_issuer(directory: Path) -> Iterator[AskedIssuer]:
    """Run the issuer, its keys made anew, and the system that it asks."""
    port, vendor = free_port(), new_vendor("Toisen lompakko (TESTI)")
    source = {
        "url": f"http://127.0.0.1:{port}/claims",
        "types": [DECISION.type, PLAN.type],
    }
    extra = {
        "KYKY_ISSUER_STATUS_TTL_SECONDS": "1",
        "KYKY_ISSUER_UNSAFE_TEST_SIGN_IN": "true",
        "KYKY_ISSUER_CLAIMS_SOURCES": json.dumps({DECISION.org: source}),
        "KYKY_ISSUER_KEY_ATTESTATIONS": json.dumps(
            {PLAN.type: {"key_storage": "iso_18045_moderate"}}
        ),
    }
    services = RunningServices(directory, extra=extra)
    keys, anchor = str(services.keys_directory), directory / "vendor.pem"
    anchor.write_bytes(vendor.anchor)
    services.run("kyky-keys", "init", "--dir", keys)
    listed = ("--add", "other-vendor", vendor.name, str(anchor))
    services.run("kyky-keys", "wallet-providers", "--dir", keys, *listed)
    secret = services.run("kyky-issuer", "claims-source", "secret", "--org", DECISION.org)
    register = Register(read_secret(secret.strip()))
    server = make_server(register, port)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        services.issuer.start()
        yield AskedIssuer(services, register, vendor)
    finally:
        services.stop()
        server.shutdown()
        serving.join()
        server.server_close()


def agreed(link: str, *, person: str = MAIJA, decision: str = "approve") -> str:
    """Open a wallet's link as a browser without script does, sign in and answer.

    Returns:
        where the browser is sent in the end: the wallet's redirect URI with its query.
    """
    with httpx2.Client(follow_redirects=True, trust_env=False) as browser:
        page = _pressed(browser, browser.get(link), decision="sign_in", person=person)
        browser.follow_redirects = False
        sent = _pressed(browser, page, decision=decision)
    if sent.status_code == HTTPStatus.SEE_OTHER:
        return str(sent.headers["location"])
    back = _BACK.search(sent.text)
    assert back is not None, sent.text
    return html.unescape(back.group(1))


def query_of(address: str) -> dict[str, str]:
    """What an address carries."""
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


def _pressed(browser: httpx2.Client, page: httpx2.Response, **fields: str) -> httpx2.Response:
    assert page.status_code == HTTPStatus.OK, page.text
    hidden = {name: html.unescape(value) for name, value in _HIDDEN.findall(page.text)}
    (action,) = _ACTION.findall(page.text)
    address = urljoin(str(page.url), html.unescape(action))
    return browser.post(address, data={**hidden, **fields})
