"""A wallet that proves itself, well or badly, with an offer in its hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2

from keys.jose import public_jwk, sign_jws
from keys.ports import Signer
from keys.software_signer import SoftwareSigner
from openid4vc.oauth.attesting import (
    AttestationClaims,
    make_attestation_pop,
    make_client_attestation,
)
from openid4vc.oauth.dpop import PROOF_TYPE, token_hash
from openid4vc.openid4vci.token import token_request_form
from tests.issuer.asking import CLIENT_ID, PROVIDER
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, World, demo_pki, offer_body

HOURS = timedelta(hours=12)


@dataclass
class Prover:
    """One instance of a wallet; every header that it sends can be changed.

    `...` as a change takes a claim away.
    """

    world: World
    org: str = "mallimaa"
    key: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    instance: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    made: int = 0

    def __post_init__(self) -> None:
        self.holder = TinyWallet(self.world, org=self.org)

    @property
    def issuer(self) -> str:
        return f"{BASE}/{self.org}"

    def jti(self) -> str:
        self.made += 1
        return f"{id(self)}-{self.made}"

    def nonce(self) -> str:
        """A server nonce, as every answer brings one."""
        text: str = self.world.post(f"/{self.org}/nonce").headers["DPoP-Nonce"]
        return text

    def dpop(
        self, path: str, token: str | None = None, *, key: Signer | None = None, **changes: Any
    ) -> str:
        """A DPoP proof for a call, changed."""
        claims = {
            "jti": self.jti(),
            "htm": "POST",
            "htu": f"{self.issuer}/{path}",
            "iat": int(self.world.clock.now().timestamp()),
            **({} if "nonce" in changes else {"nonce": self.nonce()}),
            **({} if token is None else {"ath": token_hash(token)}),
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not ...}
        signer = key or self.key
        header = {"typ": PROOF_TYPE, "jwk": public_jwk(signer.public_key)}
        return sign_jws(header, json.dumps(claims).encode(), signer)

    def attestation(self, *, signer: Signer | None = None, **changes: Any) -> str:
        """What the provider says, changed; `at` moves it in time."""
        at = changes.pop("at", self.world.clock.now())
        said: dict[str, Any] = {
            "client_id": CLIENT_ID,
            "instance_jwk": public_jwk(self.instance.public_key),
            "lifetime": HOURS,
            "wallet_name": "Testilompakko",
        }
        return make_client_attestation(
            AttestationClaims(**{**said, **changes}),
            signer=signer or demo_pki().signer(PROVIDER, "wallet-attestation"),
            at=at,
        )

    def pop(self, **changes: Any) -> str:
        """A proof that this is the wallet attested, changed."""
        made: dict[str, Any] = {
            "signer": self.instance,
            "audience": self.issuer,
            "jti": self.jti(),
            "at": self.world.clock.now(),
        }
        return make_attestation_pop(**{**made, **changes})

    def attested(
        self, attestation: str | None = None, pop: str | None = None
    ) -> list[tuple[str, str]]:
        """Both headers of an attested wallet."""
        return [
            ("OAuth-Client-Attestation", attestation or self.attestation()),
            ("OAuth-Client-Attestation-PoP", pop or self.pop()),
        ]

    def redeem(
        self,
        *headers: tuple[str, str],
        body: Mapping[str, Any] | None = None,
        **form: str,
    ) -> httpx2.Response:
        """Redeem an offer made for this call."""
        made = self.world.offer(body or offer_body(), org=self.org)
        code = self.holder.open_link(made["offer_link"]).pre_authorized_code
        assert code is not None
        data = {**token_request_form(code), **form}
        return self.world.post(f"/{self.org}/token", data=data, headers=list(headers))

    def token(self, *headers: tuple[str, str], body: Mapping[str, Any] | None = None) -> str:
        """A token that is bound to the key."""
        answer = self.redeem(("DPoP", self.dpop("token")), *headers, body=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["token_type"] == "DPoP"
        text: str = answer.json()["access_token"]
        return text

    def call(
        self, path: str, token: str, *headers: tuple[str, str], body: object = None
    ) -> httpx2.Response:
        """Call an endpoint with a bound token and, without other headers, a good proof."""
        sent = headers or (("DPoP", self.dpop(path, token)),)
        return self.world.post(
            f"/{self.org}/{path}",
            json={} if body is None else body,
            headers=[("Authorization", f"DPoP {token}"), *sent],
        )


def refusal(answer: httpx2.Response) -> tuple[int, str, str]:
    """Status, the code of the protocol, our own code."""
    told = answer.json()
    return answer.status_code, told["error"], told["error_description"].partition(":")[0]
