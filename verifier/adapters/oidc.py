"""The organisation's identity provider, for the staff of a desk (`service_kit.oidc`)."""

from dataclasses import dataclass, field
from typing import Final

from service_kit.oidc.client import OidcClient, name_in, texts
from service_kit.oidc.model import Answer, Begun, ProviderHttp, Refusals, Registration
from verifier.ports import Clock
from verifier.usecases.staff_failures import (
    ProviderCodeRefused,
    ProviderDeclined,
    ProviderIssuerMismatch,
    ProviderTokenForged,
    ProviderTokenUnfit,
    ProviderUnavailable,
)
from verifier.usecases.staff_model import Pending, ProviderAnswer, ProviderPerson

_REFUSALS: Final = Refusals(
    unavailable=ProviderUnavailable,
    declined=ProviderDeclined,
    issuer_mismatch=ProviderIssuerMismatch,
    code_refused=ProviderCodeRefused,
    token_forged=ProviderTokenForged,
    token_unfit=ProviderTokenUnfit,
)


@dataclass(frozen=True, slots=True)
class Client:
    """What the provider knows of this desk, and the desk of the provider.

    Attributes:
        issuer: the provider's name of itself.
        client_id: the provider's name of this desk.
        client_secret: shared with it.
        redirect_uri: where browsers come back.
        after_sign_out: where they come back after signing out.
        role_claim: the ID token's claim that holds the roles.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    after_sign_out: str
    role_claim: str


class OidcProvider:
    """`staff_ports.IdentityProvider` over `service_kit.oidc`.

    Args:
        http: the guarded client.
        client: who we are there.
        clock: the time.
    """

    def __init__(self, *, http: ProviderHttp, client: Client, clock: Clock) -> None:
        self._client = client
        self._oidc = OidcClient(
            http=http,
            registration=Registration(
                issuer=client.issuer,
                client_id=client.client_id,
                client_secret=client.client_secret,
            ),
            clock=clock,
            refusals=_REFUSALS,
        )

    async def address(self, pending: Pending) -> str:
        """Return where the browser signs in."""
        return await self._oidc.address(self._begun(pending))

    async def identify(self, answer: ProviderAnswer, pending: Pending) -> ProviderPerson:
        """Return who signed in."""
        signed_in = await self._oidc.identify(
            Answer(answer.code, answer.error, answer.issuer), self._begun(pending)
        )
        claims = signed_in.claims
        return ProviderPerson(
            subject=f"{self._client.issuer} {claims['sub']}",
            display_name=name_in(claims),
            role_values=texts(claims.get(self._client.role_claim)),
            id_token=signed_in.id_token,
        )

    async def sign_out_address(self, id_token: str) -> str | None:
        """Return where the browser signs out there; None where it cannot."""
        return await self._oidc.sign_out_address(id_token, back=self._client.after_sign_out)

    def _begun(self, pending: Pending) -> Begun:
        return Begun(
            state=pending.state,
            nonce=pending.nonce,
            code_verifier=pending.code_verifier,
            redirect_uri=self._client.redirect_uri,
        )
