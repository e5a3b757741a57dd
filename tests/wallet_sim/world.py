"""A small world around a wallet: an issuer and a receiver that tests bend, on a network of memory.

Both peers are built with the same protocol functions as the services, but decide by themselves what
to break. Nothing of the wallet is replaced.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from json import loads
from os import urandom
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding

from credential_schemas.loader import load_catalogue
from keys import strict_json
from keys.devkeys import DemoPki, make_demo_pki
from keys.jose import EncryptionKey
from keys.software_signer import SoftwareSigner
from openid4vc.dcql.match import Presented, check_satisfied
from openid4vc.dcql.profiles import query_for
from openid4vc.dcql.query import Query
from openid4vc.openid4vci.credential import credential_response, read_credential_request
from openid4vc.openid4vci.errors import InvalidGrant, InvalidNonce, error_json
from openid4vc.openid4vci.issuer_id import AUTHORIZATION_SERVER, CREDENTIAL_ISSUER, well_known
from openid4vc.openid4vci.metadata import authorization_server_metadata, issuer_metadata
from openid4vc.openid4vci.nonce import check_nonce, make_nonce, nonce_response
from openid4vc.openid4vci.notification import read_notification
from openid4vc.openid4vci.offer import (
    CredentialOffer,
    TxCodeSpec,
    link_by_reference,
    link_by_value,
    offer_json,
)
from openid4vc.openid4vci.proof import read_proof
from openid4vc.openid4vci.token import check_tx_code_sent, read_token_request, token_response
from openid4vc.openid4vp.client_id import x509_hash
from openid4vc.openid4vp.link import request_link
from openid4vc.openid4vp.response import WalletError, read_response
from openid4vc.openid4vp.write_request import REQUEST_TYPE, AuthorizationRequest, sign_request
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding
from openid4vc.sd_jwt.model import StatusReference, VerifiedSdJwt
from openid4vc.sd_jwt.type_metadata_integrity import integrity_of
from openid4vc.sd_jwt.type_metadata_own import write_type_document
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from openid4vc.sd_jwt.verify import Expected, IssuersOnTrustList, verify
from wallet_sim.flow_failures import ConnectionLost
from wallet_sim.memory_store import MemoryStore
from wallet_sim.model import Contents
from wallet_sim.tools import Tools
from wallet_sim.trusting import first_settings
from wallet_sim.wallet import Wallet

NOON = datetime(2026, 11, 22, 10, tzinfo=UTC)
PAYLOADS = Path(__file__).parents[1] / "fixtures" / "payloads"
ISSUER = "https://itsearviointi.example/itsearviointi"
DESCRIPTIONS = "https://itsearviointi.example/type-metadata"
RECEIVER = "https://te.example"
PIN = "271828"
CODE = "splx-pre-authorized-code"
"""Not a secret: the code of a simulated offer."""


@cache
def pki() -> DemoPki:
    """The demo PKI, drawn once for all tests."""
    return make_demo_pki(at=NOON)


def payload(number: str) -> dict[str, object]:
    """The claims of an example payload."""
    file = next(PAYLOADS.glob(f"{number}_*.json"))
    claims: dict[str, object] = loads(file.read_text())["claims"]
    return claims


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(body: object, status: int = 200) -> Answer:
    return Answer(status, "application/json", strict_json.dumps(body))


@dataclass(frozen=True)
class Call:
    """What reached the network."""

    method: str
    url: str
    form: Mapping[str, str] | None = None
    json: object | None = None
    headers: Mapping[str, str] | None = None


Handler = Callable[[Call], Answer]


class MemoryNetwork:
    """Addresses to handlers; everything else is out of reach."""

    def __init__(self) -> None:
        self.handlers: dict[tuple[str, str], Handler] = {}
        self.calls: list[Call] = []
        self.lose_answers_of: dict[str, int] = {}

    def on(self, method: str, url: str, handler: Handler) -> None:
        self.handlers[method, url] = handler

    async def get(self, url: str, *, accept: str) -> Answer:
        return self._answer(Call("GET", url, headers={"Accept": accept}))

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        return self._answer(Call("POST", url, form, json, headers))

    def calls_to(self, ending: str) -> list[Call]:
        return [call for call in self.calls if urlsplit(call.url).path.endswith(ending)]

    def _answer(self, call: Call) -> Answer:
        self.calls.append(call)
        handler = self.handlers.get((call.method, call.url))
        if handler is None:
            raise ConnectionLost
        answer = handler(call)
        left = self.lose_answers_of.get(call.url, 0)
        if left:
            self.lose_answers_of[call.url] = left - 1
            raise ConnectionLost
        return answer


class TestClock:
    """A clock that tests set."""

    __test__ = False

    def __init__(self, now: datetime = NOON) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def pass_by(self, time: timedelta) -> None:
        self.time += time


class OsRandom:
    def bytes(self, count: int) -> bytes:
        return urandom(count)


@dataclass
class TextSource:
    """A trust list source; None means that it cannot be reached."""

    text: str | None

    async def read(self, location: str) -> str:
        if not location or self.text is None:
            raise ConnectionLost
        return self.text


class IssuerSimulator:
    """One organisation's issuer, honest unless a test changes a field.

    Attributes:
        claims: what the credential says.
        signer: what signs it.
        change: the last word on the content, before it is signed.
        after: the last word on the credential, after it was signed.
    """

    def __init__(
        self, network: MemoryNetwork, clock: TestClock, *, org: str = "itsearviointi"
    ) -> None:
        self.network = network
        self.clock = clock
        self.catalogue = load_catalogue()
        self.base = ISSUER
        self.type_id = "self_assessment_result"
        self.claims = payload("01")
        self.signer: SoftwareSigner = pki().signer(org, "credential")
        self.pin: str | None = PIN
        self.life = timedelta(days=112)
        self.change: Callable[[VcContent], VcContent] = lambda content: content
        self.after: Callable[[str], str] = lambda text: text
        self.secret = urandom(32)
        self.token = "token-of-the-simulator"
        self.used_nonces: set[str] = set()
        self.issued: list[str] = []
        self.events: list[str] = []
        self.token_requests = 0
        self._serve()

    @property
    def offer(self) -> CredentialOffer:
        tx_code = None if self.pin is None else TxCodeSpec(length=len(self.pin))
        return CredentialOffer(self.base, (self.type_id,), CODE, tx_code)

    def link(self) -> str:
        return link_by_value(self.offer)

    def reference(self) -> str:
        return link_by_reference(f"{self.base}/offers/1")

    def _serve(self) -> None:
        on, base = self.network.on, self.base
        on("GET", f"{base}/offers/1", lambda _: json_answer(offer_json(self.offer)))
        on("GET", well_known(base, CREDENTIAL_ISSUER), lambda _: json_answer(self.metadata()))
        on(
            "GET",
            well_known(base, AUTHORIZATION_SERVER),
            lambda _: json_answer(authorization_server_metadata(base)),
        )
        for each in self.catalogue.types.values():
            on("GET", f"{DESCRIPTIONS}/{each.vct}", self.give_description)
        on("POST", f"{base}/token", self.give_token)
        on("POST", f"{base}/nonce", self.give_nonce)
        on("POST", f"{base}/credential", self.give_credential)
        on("POST", f"{base}/notification", self.take_notification)

    def metadata(self) -> dict[str, object]:
        organisation = self.catalogue.organisations["itsearviointi"]
        return issuer_metadata(
            self.base, names=organisation.names, types=self.catalogue.types.values()
        )

    def document(self, vct: str) -> bytes:
        described = self.catalogue.type_for_vct(vct)
        assert described is not None
        return write_type_document(self.catalogue, described)

    def give_description(self, call: Call) -> Answer:
        return Answer(200, "application/json", self.document(call.url.rpartition("/")[2]))

    def give_token(self, call: Call) -> Answer:
        self.token_requests += 1
        request = read_token_request(list((call.form or {}).items()))
        check_tx_code_sent(request, expected=self.pin is not None)
        if request.code != CODE or request.tx_code != self.pin:
            return json_answer(error_json(InvalidGrant()), 400)
        return json_answer(token_response(self.token, lifetime=timedelta(minutes=5)))

    def give_nonce(self, _call: Call) -> Answer:
        nonce = make_nonce(self.secret, random=urandom(16), at=self.clock.now())
        return json_answer(nonce_response(nonce))

    def give_credential(self, call: Call) -> Answer:
        if (call.headers or {}).get("Authorization") != f"Bearer {self.token}":
            return json_answer({"error": "invalid_token"}, 401)
        request = read_credential_request(call.json)
        proof = read_proof(request.proofs[0], issuer=self.base, at=self.clock.now())
        check_nonce(self.secret, proof.nonce, at=self.clock.now(), max_age=timedelta(minutes=5))
        if proof.nonce in self.used_nonces:
            return json_answer(error_json(InvalidNonce()), 400)
        self.used_nonces.add(proof.nonce)
        credential_type = self.catalogue.types[self.type_id]
        content = VcContent(
            vct=credential_type.vct,
            issuer=self.base,
            claims=self.claims,
            always=credential_type.always_disclosed(),
            issued_on=self.clock.now().date(),
            expires_at=self.clock.now() + self.life,
            holder_jwk=proof.jwk,
            status=StatusReference(f"{self.base}/status-lists/1", 7),
            vct_integrity=integrity_of(self.document(credential_type.vct)),
        )
        text = issue_vc(self.change(content), signer=self.signer, random_bytes=urandom)
        self.issued.append(text)
        return json_answer(credential_response([self.after(text)], notification_id="n-1"))

    def take_notification(self, call: Call) -> Answer:
        assert (call.headers or {}).get("Authorization") == f"Bearer {self.token}"
        self.events.append(read_notification(call.json).event.value)
        return Answer(204, "", b"")


class ReceiverSimulator:
    """One receiver at its desk, honest unless a test changes a field."""

    def __init__(self, network: MemoryNetwork, clock: TestClock) -> None:
        self.network = network
        self.clock = clock
        self.catalogue = load_catalogue()
        self.signer: SoftwareSigner = pki().signer("te-toimisto-malli", "access")
        self.key = EncryptionKey.generate()
        self.state = "state-0123456789abcdef"
        self.nonce = "nonce-0123456789abcdef"
        self.profile_id: str | None = "te_initial_interview"
        self.query: Query = query_for(
            self.catalogue.profiles["te_initial_interview"], self.catalogue
        )
        self.change: Callable[[AuthorizationRequest], AuthorizationRequest] = lambda request: (
            request
        )
        self.after: Callable[[str], str] = lambda text: text
        self.life: timedelta | None = timedelta(minutes=5)
        self.answer: Callable[[], Answer] = lambda: json_answer({})
        self.presented: list[VerifiedSdJwt] = []
        self.errors: list[str] = []
        self.answered = False
        self.named: str | None = None
        self.move(RECEIVER)

    def move(self, base: str) -> None:
        """Be at another address."""
        self.base = base
        self.network.on("GET", f"{base}/requests/1", self.give_request)
        self.network.on("POST", f"{base}/requests/1", self.give_request)
        self.network.on("POST", f"{base}/responses/1", self.take_response)

    @property
    def client_id(self) -> str:
        return self.named or x509_hash(self.signer.certificate_chain[0])

    def ask(self, profile_id: str) -> None:
        """Ask for another task."""
        self.profile_id = profile_id
        self.query = query_for(self.catalogue.profiles[profile_id], self.catalogue)

    def link(self) -> str:
        return request_link(self.client_id, f"{self.base}/requests/1")

    def give_request(self, call: Call) -> Answer:
        now = self.clock.now()
        text = sign_request(
            self.change(
                AuthorizationRequest(
                    client_id=self.client_id,
                    response_uri=f"{self.base}/responses/1",
                    nonce=self.nonce,
                    state=self.state,
                    query=self.query,
                    encryption_jwk=self.key.public_jwk,
                    profile_id=self.profile_id,
                )
            ),
            signer=self.signer,
            issued_at=now,
            expires_at=now + self.life if self.life else None,
            wallet_nonce=(call.form or {}).get("wallet_nonce"),
        )
        return Answer(200, f"application/{REQUEST_TYPE}", self.after(text).encode())

    def take_response(self, call: Call) -> Answer:
        if self.answered:
            return json_answer({"error": "invalid_request"}, 400)
        found = read_response(list((call.form or {}).items()), key=self.key, state=self.state)
        if isinstance(found, WalletError):
            self.errors.append(found.error)
            return json_answer({})
        self.answered = True
        presented = {
            query_id: [self.verified(text) for text in texts]
            for query_id, texts in found.vp_token.items()
        }
        check_satisfied(
            self.query,
            {
                query_id: [Presented(one.vct, one.claims, one.partial_arrays) for one in ones]
                for query_id, ones in presented.items()
            },
        )
        self.presented += [one for ones in presented.values() for one in ones]
        return self.answer()

    def verified(self, text: str) -> VerifiedSdJwt:
        expected = Expected(
            issuer=IssuersOnTrustList(pki().trust_list),
            at=self.clock.now(),
            key_binding=ExpectedKeyBinding(
                audience=self.client_id, nonce=self.nonce, at=self.clock.now()
            ),
        )
        return verify(text, expected)


class World:
    """A wallet with an issuer and a receiver."""

    def __init__(self) -> None:
        self.clock = TestClock()
        self.network = MemoryNetwork()
        self.issuer: IssuerSimulator = IssuerSimulator(self.network, self.clock)
        self.receiver = ReceiverSimulator(self.network, self.clock)
        self.source = TextSource(pki().trust_list_jws)
        settings, _ = first_settings(
            location="trust-list.jws",
            jws=pki().trust_list_jws,
            operator_pem=pki().operator_anchor.public_bytes(Encoding.PEM),
            clock=self.clock,
        )
        self.store = MemoryStore(Contents(trust=settings))
        self.tools = Tools(
            network=self.network,
            clock=self.clock,
            random=OsRandom(),
            new_key=SoftwareSigner.generate,
            catalogue=load_catalogue(),
        )
        self.wallet = self.new_wallet()

    def new_wallet(self) -> Wallet:
        """The same wallet in a process of its own."""
        return Wallet(store=self.store, tools=self.tools, trust_source=self.source)

    async def with_card(self) -> "World":
        """Receive the issuer's card."""
        await self.wallet.receive(self.issuer.link(), pin=PIN)
        return self
