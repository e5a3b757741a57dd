"""A tiny wallet: just enough of OpenID4VCI to receive one credential."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2

from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.openid4vci.credential import read_credential_response, request_json
from openid4vc.openid4vci.issuer_id import AUTHORIZATION_SERVER, CREDENTIAL_ISSUER, well_known
from openid4vc.openid4vci.metadata import (
    AuthorizationServerMetadata,
    IssuerMetadata,
    read_authorization_server_metadata,
    read_issuer_metadata,
)
from openid4vc.openid4vci.nonce import read_nonce_response
from openid4vc.openid4vci.notification import Event, Notification, notification_json
from openid4vc.openid4vci.offer import (
    CredentialOffer,
    OfferReference,
    parse_offer,
    parse_offer_link,
)
from openid4vc.openid4vci.proof import make_proof
from openid4vc.openid4vci.token import read_token_response, token_request_form
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import status_reference
from openid4vc.sd_jwt.verify import Expected, IssuersOnTrustList, verify
from openid4vc.status_list.bits import Status
from openid4vc.status_list.token import read_status_list
from tests.issuer.world import BASE, World, demo_pki


@dataclass
class TinyWallet:
    """Holds one key; every step is a call of its own, so that a test can leave one out."""

    world: World
    org: str = "mallimaa"
    signer: SoftwareSigner = field(default_factory=SoftwareSigner.generate)

    @property
    def issuer(self) -> str:
        return f"{BASE}/{self.org}"

    @property
    def jwk(self) -> dict[str, str]:
        return public_jwk(self.signer.public_key)

    def metadata(self) -> tuple[IssuerMetadata, AuthorizationServerMetadata]:
        issuer = self.world.get(well_known(self.issuer, CREDENTIAL_ISSUER)).json()
        server = self.world.get(well_known(self.issuer, AUTHORIZATION_SERVER)).json()
        return (
            read_issuer_metadata(issuer, issuer=self.issuer),
            read_authorization_server_metadata(server, issuer=self.issuer),
        )

    def open_link(self, link: str) -> CredentialOffer:
        found = parse_offer_link(link)
        if isinstance(found, OfferReference):
            answer = self.world.get(urlsplit(found.uri).path)
            assert answer.status_code == 200, answer.text
            return parse_offer(answer.json())
        return found

    def ask_token(self, offer: CredentialOffer, pin: str | None = None) -> httpx2.Response:
        assert offer.pre_authorized_code is not None
        form = token_request_form(offer.pre_authorized_code, tx_code=pin)
        return self.world.post(f"/{self.org}/token", data=form)

    def token(self, offer: CredentialOffer, pin: str | None = None) -> str:
        answer = self.ask_token(offer, pin)
        assert answer.status_code == 200, answer.text
        return read_token_response(answer.json()).access_token

    def nonce(self) -> str:
        return read_nonce_response(self.world.post(f"/{self.org}/nonce").json())

    def proof(self, nonce: str | None = None) -> str:
        return make_proof(
            signer=self.signer,
            issuer=self.issuer,
            nonce=nonce or self.nonce(),
            at=self.world.clock.now(),
        )

    def request(self, type_id: str, nonce: str | None = None) -> dict[str, object]:
        return request_json(proofs=[self.proof(nonce)], configuration_id=type_id)

    def ask_credential(self, token: str, body: object) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return self.world.post(f"/{self.org}/credential", json=body, headers=headers)

    def credential(self, token: str, type_id: str = "statement_feedback") -> tuple[str, str]:
        """The credential and the notification id."""
        answer = self.ask_credential(token, self.request(type_id))
        assert answer.status_code == 200, answer.text
        response = read_credential_response(answer.json())
        assert response.notification_id is not None
        return response.credentials[0], response.notification_id

    def notify(self, token: str, notification_id: str, event: Event) -> httpx2.Response:
        return self.world.post(
            f"/{self.org}/notification",
            json=notification_json(Notification(notification_id, event)),
            headers={"Authorization": f"Bearer {token}"},
        )

    def receive(self, link: str, pin: str | None = None) -> str:
        """The whole way; returns the credential."""
        offer = self.open_link(link)
        token = self.token(offer, pin)
        credential, notification_id = self.credential(token, offer.configuration_ids[0])
        assert self.notify(token, notification_id, Event.ACCEPTED).status_code == 204
        return credential

    def status_of(self, credential: str) -> Status:
        """What the status list says, after the checks that a verifier makes."""
        trust = demo_pki().trust_list
        verified = verify(
            credential,
            Expected(
                issuer=IssuersOnTrustList(trust),
                at=self.world.clock.now(),
                key_binding=None,
                require_status=True,
            ),
        )
        reference = status_reference(parse(credential).claims)
        assert reference is not None
        assert verified.issuer is not None
        answer = self.world.get(urlsplit(reference.uri).path)
        assert answer.status_code == 200, answer.text
        listed = read_status_list(
            answer.text,
            uri=reference.uri,
            issuer=verified.issuer,
            at=self.world.clock.now(),
        )
        return listed.status_at(reference.index)
