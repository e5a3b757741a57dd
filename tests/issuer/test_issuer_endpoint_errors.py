"""Each line of docs/endpoint-errors.md that is about the issuer, provoked."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from keys.jose import EncryptionKey, encrypt_jwe, public_jwk
from keys.ports import Signer
from keys.software_signer import SoftwareSigner
from openid4vc.oauth.authorization import pushed_request_form
from openid4vc.openid4vci.deferred import read_deferral
from openid4vc.openid4vci.encryption import response_encryption_json
from openid4vc.openid4vci.key_attestation import KeyAttestationClaims, make_key_attestation
from openid4vc.openid4vci.notification import Event
from openid4vc.openid4vci.proof import make_proof
from openid4vc.openid4vci.token import GRANT, refresh_request_form
from tests.issuer.asking import PROVIDER, AskingWallet, AskingWorld
from tests.issuer.proving import Prover
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, World, demo_pki, offer_body
from tools.endpoint_errors import Case, cases_of

TYPE, ORG, OTHER = "statement_feedback", "mallimaa", "kela"
CASES = cases_of("token", "pushed", "challenge", "nonce", "credential", "deferred", "notification")
JSON = {"Content-Type": "application/json"}


def _wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 1_000_000:06}"


class Asker:
    """Makes the requests; every one begins with an offer of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.wallet = TinyWallet(world)
        self.prover = Prover(world)
        self.asking = AskingWallet(world)

    # --- token -----------------------------------------------------------------------------

    def code(self, *, pin: bool = False) -> tuple[str, dict[str, Any]]:
        made = self.world.offer(offer_body(delivery={"channel": "screen", "pin": pin}))
        code = self.wallet.open_link(made["offer_link"]).pre_authorized_code
        assert code is not None
        return code, made

    def redeem(self, code: str, *, org: str = ORG, **form: str) -> httpx2.Response:
        said = {"grant_type": GRANT, "pre-authorized_code": code, **form}
        return self.world.post(f"/{org}/token", data=said)

    def token(self) -> str:
        text: str = self.redeem(self.code()[0]).json()["access_token"]
        return text

    def used(self) -> httpx2.Response:
        code, _ = self.code()
        self.redeem(code)
        return self.redeem(code)

    def late(self) -> httpx2.Response:
        code, _ = self.code()
        self.world.clock.advance(hours=1)
        return self.redeem(code)

    def wrong_pin(self) -> httpx2.Response:
        code, made = self.code(pin=True)
        return self.redeem(code, tx_code=_wrong(made["pin"]))

    def pin_too_late(self) -> httpx2.Response:
        code, made = self.code(pin=True)
        for _ in range(5):
            self.redeem(code, tx_code=_wrong(made["pin"]))
        return self.redeem(code, tx_code=made["pin"])

    def post_token(self, body: bytes, media_type: str) -> httpx2.Response:
        return self.world.post(f"/{ORG}/token", content=body, headers={"Content-Type": media_type})

    # --- credential, deferred, notification --------------------------------------------------

    def send(
        self, endpoint: str, body: object, *, token: str | None = None, org: str = ORG
    ) -> httpx2.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.world.post(f"/{org}/{endpoint}", json=body, headers=headers)

    def broken(self, endpoint: str) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token()}", **JSON}
        return self.world.post(f"/{ORG}/{endpoint}", content=b"{", headers=headers)

    def credential(self, **changes: object) -> httpx2.Response:
        """A good request, changed; `...` takes a member away."""
        body = {**self.wallet.request(TYPE), **changes}
        body = {name: value for name, value in body.items() if value is not ...}
        return self.send("credential", body, token=self.token())

    def proved(self, **changes: Any) -> httpx2.Response:
        wallet = self.wallet
        made: dict[str, Any] = {
            "signer": wallet.signer,
            "issuer": wallet.issuer,
            "nonce": wallet.nonce(),
            "at": self.world.clock.now(),
        }
        return self.credential(proofs={"jwt": [make_proof(**{**made, **changes})]})

    def forged(self) -> httpx2.Response:
        nonce = self.wallet.nonce()
        other = TinyWallet(self.world, signer=SoftwareSigner.generate()).proof(nonce)
        head = self.wallet.proof(nonce).rpartition(".")[0]
        return self.credential(proofs={"jwt": [f"{head}.{other.rpartition('.')[2]}"]})

    def proved_often(self, keys: int, *, times: int) -> httpx2.Response:
        nonce = self.wallet.nonce()
        wallets = [TinyWallet(self.world) for _ in range(keys)]
        return self.credential(proofs={"jwt": [one.proof(nonce) for one in wallets] * times})

    def encrypted_to_another(self) -> httpx2.Response:
        jwk = EncryptionKey.generate().public_jwk
        jwe = encrypt_jwe(b"{}", jwk, enc="A256GCM")
        return self.post_credential(jwe.encode(), "application/jwt")

    def nonce_again(self) -> httpx2.Response:
        token, nonce = self.token(), self.wallet.nonce()
        self.wallet.ask_credential(token, self.wallet.request(TYPE, nonce))
        return self.wallet.ask_credential(token, self.wallet.request(TYPE, nonce))

    def nonce_late(self) -> httpx2.Response:
        nonce = self.wallet.nonce()
        self.world.clock.advance(minutes=6)
        return self.wallet.ask_credential(self.token(), self.wallet.request(TYPE, nonce))

    def token_late(self) -> httpx2.Response:
        token = self.token()
        self.world.clock.advance(minutes=5)
        return self.wallet.ask_credential(token, self.wallet.request(TYPE))

    def elsewhere(self) -> httpx2.Response:
        return self.send("credential", self.wallet.request(TYPE), token=self.token(), org=OTHER)

    def confirmed(self) -> httpx2.Response:
        token = self.token()
        _, notification_id = self.wallet.credential(token)
        self.wallet.notify(token, notification_id, Event.ACCEPTED)
        return self.wallet.ask_credential(token, self.wallet.request(TYPE))

    def post_credential(self, body: bytes, media_type: str) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": media_type}
        return self.world.post(f"/{ORG}/credential", content=body, headers=headers)

    def waiting(self) -> tuple[str, str, str]:
        """A transaction: its id, its access token, its offer."""
        body = offer_body()
        del body["claims"]
        made = self.world.offer(body)
        token = self.wallet.token(self.wallet.open_link(made["offer_link"]))
        answer = self.wallet.ask_credential(token, self.wallet.request(TYPE))
        return read_deferral(answer.json()).transaction_id, token, made["offer_id"]

    def collect(self, transaction_id: object, token: str | None) -> httpx2.Response:
        return self.send("deferred-credential", {"transaction_id": transaction_id}, token=token)

    def collected(self) -> httpx2.Response:
        transaction_id, token, offer_id = self.waiting()
        put = self.world.client.put(
            f"/api/v1/{ORG}/offers/{offer_id}/claims",
            json={"claims": offer_body()["claims"]},
            headers=self.world.auth(ORG),
        )
        assert self.world.run(put).status_code == 200
        assert self.collect(transaction_id, token).status_code == 200
        return self.collect(transaction_id, token)

    def report(self, **changes: object) -> httpx2.Response:
        token = self.token()
        _, notification_id = self.wallet.credential(token)
        body = {"notification_id": notification_id, "event": "credential_accepted", **changes}
        body = {name: value for name, value in body.items() if value is not ...}
        return self.send("notification", body, token=token)

    def report_of_another(self) -> httpx2.Response:
        _, notification_id = self.wallet.credential(self.token())
        return self.wallet.notify(self.token(), notification_id, Event.ACCEPTED)

    def report_twice(self) -> httpx2.Response:
        token = self.token()
        _, notification_id = self.wallet.credential(token)
        self.wallet.notify(token, notification_id, Event.DELETED)
        return self.wallet.notify(token, notification_id, Event.ACCEPTED)

    # --- what a wallet proves of itself ---------------------------------------------------------

    def over(self) -> list[tuple[str, str]]:
        yesterday = self.world.clock.now() - timedelta(hours=24)
        return self.prover.attested(self.prover.attestation(at=yesterday))

    def proved_again(self) -> httpx2.Response:
        proof = ("DPoP", self.prover.dpop("token"))
        self.prover.redeem(proof)
        return self.prover.redeem(proof)

    def bound(self, **changes: Any) -> httpx2.Response:
        token = self.prover.token()
        proof = self.prover.dpop("credential", token, **changes)
        return self.prover.call("credential", token, ("DPoP", proof))

    def pushed(
        self, headers: list[tuple[str, str]] | None = None, **changes: str
    ) -> httpx2.Response:
        """A good pushed request, changed."""
        form = {**pushed_request_form(self.asking.request()), **changes}
        sent = self.prover.attested() if headers is None else headers
        return self.world.post(f"/{ORG}/par", data=form, headers=sent)

    def pushed_again(self) -> httpx2.Response:
        headers = self.prover.attested()
        assert self.pushed(headers).status_code == 201
        return self.pushed(headers)

    def key_attestation(self, key: SoftwareSigner, signer: Signer | None = None) -> str:
        said = KeyAttestationClaims(
            keys=[public_jwk(key.public_key)],
            lifetime=timedelta(minutes=5),
            nonce=self.wallet.nonce(),
        )
        provider = signer or demo_pki().signer(PROVIDER, "wallet-attestation")
        return make_key_attestation(said, signer=provider, at=self.world.clock.now())

    def attested(self, signer: Signer) -> httpx2.Response:
        attestation = self.key_attestation(SoftwareSigner.generate(), signer)
        return self.credential(proofs={"attestation": [attestation]})

    def not_attested(self) -> httpx2.Response:
        return self.proved(key_attestation=self.key_attestation(SoftwareSigner.generate()))


PROVOKED: dict[str, Callable[[Asker], httpx2.Response]] = {
    "token: no grant type": lambda ask: ask.redeem(ask.code()[0], grant_type=""),
    "token: a grant type that is none of ours": lambda ask: ask.redeem(
        ask.code()[0], grant_type="password"
    ),
    "token: no pre-authorised code": lambda ask: ask.redeem(""),
    "token: a code that is unknown": lambda ask: ask.redeem("guess"),
    "token: a code that was used": Asker.used,
    "token: a code that has expired": Asker.late,
    "token: a code of another organisation": lambda ask: ask.redeem(ask.code()[0], org=OTHER),
    "token: a PIN is asked for and missing": lambda ask: ask.redeem(ask.code(pin=True)[0]),
    "token: a PIN nobody asked for": lambda ask: ask.redeem(ask.code()[0], tx_code="123456"),
    "token: a wrong PIN": Asker.wrong_pin,
    "token: the right PIN after five wrong ones": Asker.pin_too_late,
    "token: authorization details that are malformed": lambda ask: ask.redeem(
        ask.code()[0], authorization_details="{"
    ),
    "token: authorization details for what was not offered": lambda ask: ask.redeem(
        ask.code()[0],
        authorization_details=(
            '[{"type": "openid_credential", "credential_configuration_id": "service_plan"}]'
        ),
    ),
    "token: a parameter sent twice": lambda ask: ask.post_token(
        b"grant_type=a&grant_type=a", "application/x-www-form-urlencoded"
    ),
    "token: a refresh token that is unknown": lambda ask: ask.world.post(
        f"/{ORG}/token", data=refresh_request_form("guess")
    ),
    "token: a body that is no form": lambda ask: ask.post_token(b"{}", "application/json"),
    "token: a body that is too large": lambda ask: ask.redeem("x" * 3_000_000),
    "token: an organisation that does not exist": lambda ask: ask.redeem("x", org="nobody"),
    "token: a DPoP proof for another address": lambda ask: ask.prover.redeem(
        ("DPoP", ask.prover.dpop("credential"))
    ),
    "token: a DPoP proof without a nonce of ours": lambda ask: ask.prover.redeem(
        ("DPoP", ask.prover.dpop("token", nonce=...))
    ),
    "token: a DPoP proof that was used": Asker.proved_again,
    "token: an attestation that is over": lambda ask: ask.prover.redeem(*ask.over()),
    "token: an authorization code that is unknown": lambda ask: ask.asking.redeem("guess"),
    "pushed: no attestation": lambda ask: ask.pushed([]),
    "pushed: an attestation without a proof": lambda ask: ask.pushed(ask.prover.attested()[:1]),
    "pushed: an attestation of an unknown wallet provider": lambda ask: ask.pushed(
        ask.prover.attested(ask.prover.attestation(signer=SoftwareSigner.generate()))
    ),
    "pushed: an attestation that is over": lambda ask: ask.pushed(ask.over()),
    "pushed: an attestation of another wallet": lambda ask: ask.pushed(
        ask.prover.attested(ask.prover.attestation(client_id="another"))
    ),
    "pushed: a proof of another key than the attested one": lambda ask: ask.pushed(
        ask.prover.attested(pop=Prover(ask.world).pop())
    ),
    "pushed: a proof for another issuer": lambda ask: ask.pushed(
        ask.prover.attested(pop=ask.prover.pop(audience=f"{BASE}/{OTHER}"))
    ),
    "pushed: a proof that was used": Asker.pushed_again,
    "pushed: a challenge that is not ours": lambda ask: ask.pushed(
        ask.prover.attested(pop=ask.prover.pop(challenge="guess"))
    ),
    "pushed: a DPoP proof without a nonce of ours": lambda ask: ask.pushed(
        [*ask.prover.attested(), ("DPoP", ask.prover.dpop("par", nonce=...))]
    ),
    "pushed: a request that refers to another": lambda ask: ask.pushed(
        request_uri="urn:ietf:params:oauth:request_uri:x"
    ),
    "pushed: a plain code challenge": lambda ask: ask.pushed(code_challenge_method="plain"),
    "pushed: a redirect address that runs code": lambda ask: ask.pushed(
        redirect_uri="javascript:alert(1)"
    ),
    "pushed: a scope of nothing that can be had": lambda ask: ask.pushed(scope="demo_pid"),
    "pushed: authorization details of nothing that can be had": lambda ask: ask.pushed(
        authorization_details=(
            '[{"type": "openid_credential", "credential_configuration_id": "demo_pid"}]'
        )
    ),
    "pushed: a body that is no form": lambda ask: ask.world.post(f"/{ORG}/par", json={}),
    "pushed: an organisation that does not exist": lambda ask: ask.world.post("/nobody/par"),
    "challenge: fetched by GET": lambda ask: ask.world.get(f"/{ORG}/attestation-challenge"),
    "challenge: of an organisation that does not exist": lambda ask: ask.world.post(
        "/nobody/attestation-challenge"
    ),
    "nonce: fetched by GET": lambda ask: ask.world.get(f"/{ORG}/nonce"),
    "nonce: of an organisation that does not exist": lambda ask: ask.world.post("/nobody/nonce"),
    "credential: no access token": lambda ask: ask.send("credential", {}),
    "credential: an access token that is unknown": lambda ask: ask.send(
        "credential", {}, token="guess"
    ),
    "credential: an access token that has expired": Asker.token_late,
    "credential: an access token of another organisation": Asker.elsewhere,
    "credential: a body that is no JSON": lambda ask: ask.broken("credential"),
    "credential: neither a configuration nor an identifier": lambda ask: ask.credential(
        credential_configuration_id=...
    ),
    "credential: a configuration and an identifier at once": lambda ask: ask.credential(
        credential_identifier="one"
    ),
    "credential: only the format of old drafts": lambda ask: ask.credential(
        credential_configuration_id=..., format="vc+sd-jwt"
    ),
    "credential: a configuration that does not exist": lambda ask: ask.credential(
        credential_configuration_id="nothing"
    ),
    "credential: a configuration that was not offered": lambda ask: ask.credential(
        credential_configuration_id="service_plan"
    ),
    "credential: an identifier that we did not give": lambda ask: ask.credential(
        credential_configuration_id=..., credential_identifier="one"
    ),
    "credential: no proofs": lambda ask: ask.credential(proofs=...),
    "credential: only the proof of old drafts": lambda ask: ask.credential(
        proofs=..., proof={"proof_type": "jwt", "jwt": ask.wallet.proof()}
    ),
    "credential: two types of proof": lambda ask: ask.credential(
        proofs={"jwt": [ask.wallet.proof()], "attestation": ["x"]}
    ),
    "credential: an empty list of proofs": lambda ask: ask.credential(proofs={"jwt": []}),
    "credential: a proof that is no JWT": lambda ask: ask.credential(proofs={"jwt": ["x"]}),
    "credential: a proof for another issuer": lambda ask: ask.proved(issuer="https://x.example"),
    "credential: a proof signed with another key": Asker.forged,
    "credential: a proof that is too old": lambda ask: ask.proved(
        at=ask.world.clock.now() - timedelta(minutes=6)
    ),
    "credential: a proof without a nonce": lambda ask: ask.proved(nonce=None),
    "credential: more proofs than the batch size": lambda ask: ask.proved_often(40, times=1),
    "credential: one key in two proofs": lambda ask: ask.proved_often(1, times=2),
    "credential: an encrypted answer asked for in the clear": lambda ask: ask.credential(
        credential_response_encryption=response_encryption_json(EncryptionKey.generate(), "A256GCM")
    ),
    "credential: a request encrypted to another key": Asker.encrypted_to_another,
    "credential: a nonce that is not ours": lambda ask: ask.proved(nonce="A" * 75),
    "credential: a nonce that was used": Asker.nonce_again,
    "credential: a nonce that is too old": Asker.nonce_late,
    "credential: the wallet has confirmed already": Asker.confirmed,
    "credential: another media type": lambda ask: ask.post_credential(b"{}", "text/plain"),
    "credential: a bound access token as a bearer token": lambda ask: ask.send(
        "credential", {}, token=ask.prover.token()
    ),
    "credential: a bound access token without a DPoP proof": lambda ask: ask.prover.call(
        "credential", ask.prover.token(), ("Accept", "*/*")
    ),
    "credential: a DPoP proof without a nonce of ours": lambda ask: ask.bound(nonce=...),
    "credential: a DPoP proof of another key": lambda ask: ask.bound(key=SoftwareSigner.generate()),
    "credential: a DPoP proof for another access token": lambda ask: ask.bound(ath="A" * 43),
    "credential: an access token in the address": lambda ask: ask.world.post(
        f"/{ORG}/credential", params={"access_token": "x"}, json={}
    ),
    "credential: a key attestation of an unknown wallet provider": lambda ask: ask.attested(
        SoftwareSigner.generate()
    ),
    "credential: a key proof of a key that was not attested": Asker.not_attested,
    "deferred: no access token": lambda ask: ask.collect("x", None),
    "deferred: an access token that is unknown": lambda ask: ask.collect("x", "guess"),
    "deferred: a body that is no JSON": lambda ask: ask.broken("deferred-credential"),
    "deferred: no transaction id": lambda ask: ask.send(
        "deferred-credential", {}, token=ask.token()
    ),
    "deferred: a transaction id that is unknown": lambda ask: ask.collect("x", ask.token()),
    "deferred: a transaction whose credential was collected": Asker.collected,
    "deferred: a transaction of another access token": lambda ask: ask.collect(
        ask.waiting()[0], ask.token()
    ),
    "notification: no access token": lambda ask: ask.send("notification", {}),
    "notification: an access token that is unknown": lambda ask: ask.send(
        "notification", {}, token="guess"
    ),
    "notification: a body that is no JSON": lambda ask: ask.broken("notification"),
    "notification: no notification id": lambda ask: ask.report(notification_id=...),
    "notification: an event that does not exist": lambda ask: ask.report(event="enjoyed"),
    "notification: a notification id that is unknown": lambda ask: ask.report(
        notification_id="guess"
    ),
    "notification: a notification id of another access token": Asker.report_of_another,
    "notification: another event after the last word": Asker.report_twice,
}


@pytest.fixture(scope="module")
def one_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One issuer for all of them: each case makes an offer of its own."""
    folder = tmp_path_factory.mktemp("endpoint-errors")
    world = AskingWorld(f"sqlite:///{folder}/issuer.db", folder)
    yield world
    world.close()


@pytest.mark.req("VCI-31", "VCI-35", "VCI-51", "VCI-64", "VCI-66", "VCI-68", "VCI-73", "VCI-75")
@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_the_answer_is_the_one_that_the_page_promises(one_world: World, case: Case) -> None:
    answer = PROVOKED[case.id](Asker(one_world))
    assert (answer.status_code, answer.json()["error"]) == (case.status, case.error)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers.get("www-authenticate") == case.challenge


def test_nothing_is_provoked_that_the_page_does_not_tell() -> None:
    assert PROVOKED.keys() == {case.id for case in CASES}
