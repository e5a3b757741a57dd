"""A wallet's side of revoking an own card, each part of which a test may bend."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from issuer.parts.services import make_services
from issuer.usecases.after.failures import RevocationRefused
from keys.checks import CheckFailed
from keys.ports import Signer
from openid4vc.openid4vp.link import RequestLink, parse_request_link
from openid4vc.openid4vp.read_request import authenticate_request, read_parameters
from openid4vc.openid4vp.response import encrypt_response, response_form
from openid4vc.openid4vp.write_request import AuthorizationRequest
from openid4vc.sd_jwt.key_binding import bind
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, demo_pki

VCT = "urn:kykylompakko:statement-feedback:1"


@dataclass
class Revoking:
    """A wallet's side, each part of which a test may bend.

    Attributes:
        asked: the request, read and authenticated.
        bound_to: what the key binding says, changes to what it should.
    """

    world: World
    wallet: TinyWallet
    vct: str = VCT
    signer: Signer | None = None
    bound_to: Mapping[str, Any] = field(default_factory=dict)
    asked: AuthorizationRequest = field(init=False)
    link: RequestLink = field(init=False)

    def __post_init__(self) -> None:
        self.link, self.asked = self.open()

    def open(self) -> tuple[RequestLink, AuthorizationRequest]:
        started = self.world.post(f"/{self.wallet.org}/revocations", data={"vct": self.vct})
        assert started.status_code == 200, started.text
        link = parse_request_link(started.json()["request_link"])
        text = self.world.get(urlsplit(link.request_uri).path)
        assert text.headers["content-type"] == "application/oauth-authz-req+jwt"
        known = authenticate_request(
            text.text, link=link, trust=demo_pki().trust_list, at=self.world.clock.now()
        )
        assert known.relying_party.roles == {"card_revocation"}
        trusted = read_parameters(known, confirms_transactions=True)
        (transaction,) = trusted.transactions
        return link, replace(trusted.request, transaction_data=(transaction.text,))

    def presentation(self, card: str) -> str:
        return bind(
            select(parse(card), ()),
            **{
                "signer": self.signer or self.wallet.signer,
                "audience": self.asked.client_id,
                "nonce": self.asked.nonce,
                "at": self.world.clock.now(),
                "transaction_data": self.asked.transaction_data,
                **self.bound_to,
            },
        )

    def form(self, *presented: str, query_id: str = "card") -> dict[str, str]:
        return response_form(encrypt_response(self.asked, {query_id: list(presented)}))

    def send(self, form: Mapping[str, str]) -> Any:
        return self.world.post(urlsplit(self.asked.response_uri).path, data=dict(form))

    def outcome(self, card: str) -> str:
        answer = self.send(self.form(self.presentation(card)))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["outcome"])

    def refusal(self, form: Mapping[str, str]) -> type[CheckFailed]:
        """Send a form by the use case itself, which says why; the wallet is told no more."""
        answer = self.send(form)
        assert (answer.status_code, answer.json()) == (
            400,
            {"error": "invalid_request", "error_description": "revocation_refused"},
        )
        reference = self.asked.response_uri.split("/")[-2]
        take = make_services(self.world.parts).after.take_revocation
        with pytest.raises(RevocationRefused) as caught:
            self.world.run(take(self.wallet.org, reference, list(form.items())))
        assert isinstance(caught.value.__cause__, CheckFailed)
        return type(caught.value.__cause__)
