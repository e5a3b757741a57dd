"""An issuer that people sign in at, on the network of memory; honest unless a test changes a field.

It demands all that HAIP 1.0 lets an issuer demand: attestations with a challenge, DPoP with nonces.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from os import urandom
from urllib.parse import parse_qsl, urlsplit

from keys.software_signer import SoftwareSigner
from openid4vc.checks import CheckFailed
from openid4vc.oauth.authorization import (
    REQUEST_URI_PREFIX,
    PushedRequest,
    pushed_response,
    read_authorization_query,
    read_pushed_request,
)
from openid4vc.oauth.client_attestation import AttestationPolicy, read_client_attestation
from openid4vc.oauth.dpop import ReadDpop, read_dpop_proof
from openid4vc.oauth.pkce import check_code_verifier
from openid4vc.oauth.redirects import success_redirect
from openid4vc.openid4vci.code_request import read_code_request
from openid4vc.openid4vci.errors import InvalidGrant, error_json
from openid4vc.openid4vci.metadata import ServerOffers, authorization_server_metadata
from openid4vc.openid4vci.token import read_refresh_request, token_response
from tests.wallet_sim.world import (
    Answer,
    Call,
    IssuerSimulator,
    World,
    json_answer,
    pki,
)
from wallet_sim.provider import DemoWalletProvider

PROVIDER = ("lompakontarjoaja-malli", "wallet-attestation")
REDIRECT = "http://127.0.0.1:54321/callback"
TOKEN_LIFE = timedelta(minutes=10)


def lower(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name.lower(): value for name, value in (headers or {}).items()}


class SigningInIssuer(IssuerSimulator):
    """The issuer's authorization server beside it.

    Attributes:
        pushed: the requests as read, oldest first.
        attestations: whose instance called, at the pushing and the token endpoint.
        proofs: every DPoP proof that was read.
        refusals: codes of what was refused, in order.
        challenges: those given and not used yet.
        decides: what the person's browser comes back with.
        refresh_token: what comes with every access token.
    """

    def __init__(self, world: World) -> None:
        self.pushed: list[PushedRequest] = []
        self.attestations: list[tuple[str, str]] = []
        self.proofs: list[ReadDpop] = []
        self.refusals: list[str] = []
        self.challenges: set[str] = set()
        self.nonce = "first-nonce"
        self.codes: dict[str, PushedRequest] = {}
        self.requests: dict[str, PushedRequest] = {}
        self.jkt: str | None = None
        self.refresh_token: str | None = "refresh-token"
        self.decides: Callable[[str], str] = lambda url: url
        self.server: Callable[[dict[str, object]], dict[str, object]] = lambda data: data
        super().__init__(world.network, world.clock)

    def _serve(self) -> None:
        super()._serve()
        on, base = self.network.on, self.base
        place = f"https://{urlsplit(base).netloc}/.well-known/oauth-authorization-server"
        on("GET", f"{place}{urlsplit(base).path}", lambda _: json_answer(self.server_metadata()))
        on("POST", f"{base}/par", self.answered(self.take_pushed))
        on("POST", f"{base}/attestation-challenge", self.give_challenge)
        on("POST", f"{base}/token", self.answered(self.give_token))
        on("POST", f"{base}/nonce", self.answered(self.give_nonce))
        on("POST", f"{base}/credential", self.answered(self.give_bound_credential))
        on("POST", f"{base}/notification", self.answered(self.take_bound_notification))

    def server_metadata(self) -> dict[str, object]:
        offers = ServerOffers(codes=True, attestations=True, dpop=True)
        return self.server(authorization_server_metadata(self.base, offers=offers))

    def answered(self, handler: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        """Every answer brings a fresh nonce; a refusal says why."""

        def handle(call: Call) -> Answer:
            try:
                answer = handler(call)
            except CheckFailed as failure:
                self.refusals.append(failure.code)
                error = getattr(failure, "error", "invalid_request")
                answer = json_answer({"error": error}, 400)
            return replace(answer, headers={**answer.headers, "dpop-nonce": self.nonce})

        return handle

    def give_challenge(self, _call: Call) -> Answer:
        challenge = urandom(8).hex()
        self.challenges.add(challenge)
        return json_answer({"attestation_challenge": challenge})

    # --- what is demanded ------------------------------------------------------------------------

    def dpop(self, call: Call, access_token: str | None = None) -> ReadDpop | None:
        """Read the proof; None when it lacks the newest nonce."""
        headers = lower(call.headers)
        found = [headers["dpop"]] if "dpop" in headers else []
        read = read_dpop_proof(
            found,
            method=call.method,
            url=call.url,
            at=self.clock.now(),
            access_token=access_token,
        )
        self.proofs.append(read)
        return read if read.nonce == self.nonce else None

    def client(self, call: Call) -> str:
        """Read the attestation; returns the instance."""
        headers = lower(call.headers)
        names = ("oauth-client-attestation", "oauth-client-attestation-pop")
        attestation, pop = ([headers[name]] if name in headers else [] for name in names)
        policy = AttestationPolicy(audience=self.base, anchors=pki().wallet_providers.anchors)
        read = read_client_attestation(
            attestation,
            pop,
            policy=policy,
            at=self.clock.now(),
            client_id=(call.form or {}).get("client_id"),
        )
        assert read.challenge in self.challenges
        self.challenges.remove(read.challenge)
        self.attestations.append((read.client_id, read.instance_thumbprint))
        return read.instance_thumbprint

    # --- the endpoints ---------------------------------------------------------------------------

    def take_pushed(self, call: Call) -> Answer:
        self.client(call)
        if self.dpop(call) is None:
            return json_answer({"error": "use_dpop_nonce"}, 400)
        request = read_pushed_request(list((call.form or {}).items()))
        self.pushed.append(request)
        request_uri = f"{REQUEST_URI_PREFIX}{len(self.pushed)}"
        self.requests[request_uri] = request
        return json_answer(pushed_response(request_uri, timedelta(seconds=60)), 201)

    def browse(self, link: str) -> str:
        """The person signs in and agrees; returns where the browser goes."""
        parts = urlsplit(link)
        assert link.startswith(f"{self.base}/authorize?")
        query = read_authorization_query(parse_qsl(parts.query))
        request = self.requests.pop(query.request_uri)
        assert query.client_id == request.client_id
        code = urandom(8).hex()
        self.codes[code] = request
        return self.decides(
            success_redirect(request.redirect_uri, code=code, state=request.state, issuer=self.base)
        )

    def give_token(self, call: Call) -> Answer:
        form = list((call.form or {}).items())
        if (call.form or {}).get("grant_type", "").endswith("pre-authorized_code"):
            return self.give_token_for_offer(call)
        self.client(call)
        proof = self.dpop(call)
        if proof is None:
            return json_answer({"error": "use_dpop_nonce"}, 400)
        refreshed = read_refresh_request(form)
        if refreshed is None:
            redeemed = read_code_request(form)
            asked = self.codes.pop(redeemed.code, None) if redeemed else None
            if redeemed is None or asked is None:
                return json_answer(error_json(InvalidGrant()), 400)
            check_code_verifier(redeemed.code_verifier, asked.code_challenge)
            assert redeemed.redirect_uri == asked.redirect_uri
            assert asked.dpop_jkt == proof.thumbprint
        elif refreshed != self.refresh_token:
            return json_answer(error_json(InvalidGrant()), 400)
        self.token_requests += 1
        self.token = f"bound-token-{self.token_requests}"
        self.jkt = proof.thumbprint
        body = token_response(
            self.token,
            lifetime=TOKEN_LIFE,
            refresh_token=self.refresh_token,
            token_type="DPoP",
        )
        return json_answer(body)

    def give_token_for_offer(self, call: Call) -> Answer:
        """Wallets may stay anonymous here; their tokens are bound all the same."""
        proof = self.dpop(call)
        if proof is None:
            return json_answer({"error": "use_dpop_nonce"}, 400)
        answer = super().give_token(call)
        if answer.status != 200:
            return answer
        self.jkt = proof.thumbprint
        body = token_response(
            self.token,
            lifetime=TOKEN_LIFE,
            refresh_token=self.refresh_token,
            token_type="DPoP",
        )
        return json_answer(body)

    def bound(self, call: Call) -> Call | Answer:
        """Return the call as if its token were not bound, once the proof of the key holds."""
        kind, _, token = lower(call.headers).get("authorization", "").partition(" ")
        if kind == "Bearer" and self.jkt is None:
            return call
        assert kind == "DPoP"
        proof = self.dpop(call, token)
        if proof is None:
            answer = json_answer({}, 401)
            wanted = {"www-authenticate": 'DPoP algs="ES256", error="use_dpop_nonce"'}
            return replace(answer, headers=wanted)
        assert proof.thumbprint == self.jkt
        return replace(call, headers={"Authorization": f"Bearer {token}"})

    def give_bound_credential(self, call: Call) -> Answer:
        found = self.bound(call)
        return found if isinstance(found, Answer) else self.give_credential(found)

    def take_bound_notification(self, call: Call) -> Answer:
        found = self.bound(call)
        return found if isinstance(found, Answer) else self.take_notification(found)


def provider_signer() -> SoftwareSigner:
    """The demo wallet provider's key."""
    org, _ = PROVIDER
    return pki().signer(org, "wallet-attestation")


class AddingWorld(World):
    """A wallet with a provider, and an issuer that people sign in at."""

    def __init__(self) -> None:
        super().__init__()
        self.issuer: SigningInIssuer = SigningInIssuer(self)
        self.provider = DemoWalletProvider(provider_signer, self.clock)
        self.tools = replace(self.tools, provider=self.provider)
        self.wallet = self.new_wallet()
