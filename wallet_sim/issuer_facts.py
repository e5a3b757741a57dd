"""What an issuer and its authorization server say of themselves, signed if the issuer can."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from credential_schemas.model import CredentialType
from keys.trust import TrustedIssuer, TrustList
from openid4vc.openid4vci.issuer_id import AUTHORIZATION_SERVER, CREDENTIAL_ISSUER, well_known
from openid4vc.openid4vci.read_metadata import (
    AuthorizationServerMetadata,
    IssuerMetadata,
    read_authorization_server_metadata,
    read_issuer_metadata,
)
from openid4vc.openid4vci.signed_metadata import MEDIA_TYPE, read_signed_metadata
from wallet_sim.answers import JSON, json_object, jwt_text
from wallet_sim.key_proofs import proof_kind
from wallet_sim.tools import Tools

SIGNED_BEFORE_PLAIN = f"{MEDIA_TYPE}, {JSON};q=0.9"


@dataclass(frozen=True, slots=True)
class IssuerFacts:
    """An issuer's metadata, and who of the trust list signed them; None when nobody did."""

    issuer: IssuerMetadata
    signer: TrustedIssuer | None


class IssuerReader:
    """Reads metadata; nothing is sent but requests to read (OpenID4VCI 1.0, 12.2 and 12.3)."""

    def __init__(self, tools: Tools, trust: Callable[[], Awaitable[TrustList]]) -> None:
        """Take the tools, and what gives the trust list that signed metadata are held against."""
        self._tools = tools
        self._trust = trust

    async def issuer(self, issuer: str) -> IssuerFacts:
        """Read what an issuer says of itself; who offers no signature is not asked for one.

        Raises:
            OfferGone, IssuerBusy, IssuerAnswerUnclear, ConnectionLost: its answers.
            CheckFailed: the metadata break a rule, or their signer is not on the trust list.
        """
        url = well_known(issuer, CREDENTIAL_ISSUER)
        reply = await self._tools.network.get(url, accept=SIGNED_BEFORE_PLAIN)
        signer = None
        if reply.content_type == MEDIA_TYPE:
            signed = read_signed_metadata(
                jwt_text(reply),
                issuer=issuer,
                trust=await self._trust(),
                at=self._tools.clock.now(),
            )
            data, signer = signed.members, signed.signer
        else:
            data = json_object(reply)
        loopback = self._tools.unsafe_loopback_http
        return IssuerFacts(
            read_issuer_metadata(data, issuer=issuer, allow_loopback_http=loopback), signer
        )

    async def server(self, issuer: IssuerMetadata, hint: str | None) -> AuthorizationServerMetadata:
        """Read what an issuer's authorization server says of itself.

        Raises:
            AuthorizationServerMismatch: the offer's hint is none of several servers.
            CheckFailed: as ``issuer``.
        """
        server_id = issuer.authorization_server(hint)
        url = well_known(server_id, AUTHORIZATION_SERVER)
        return read_authorization_server_metadata(
            json_object(await self._tools.network.get(url, accept=JSON)),
            issuer=server_id,
            allow_loopback_http=self._tools.unsafe_loopback_http,
        )

    def wanted(
        self, issuer: IssuerMetadata, configuration_ids: Sequence[str]
    ) -> dict[str, CredentialType]:
        """Return what of these this wallet can hold: of a known type, with a proof it can make.

        Raises:
            ConfigurationNotOffered: an id that the issuer does not have.
        """
        wanted: dict[str, CredentialType] = {}
        for name in configuration_ids:
            configuration = issuer.configuration(name)
            known = self._tools.catalogue.type_for_vct(configuration.vct or "")
            if known is not None and proof_kind(configuration) is not None:
                wanted[name] = known
        return wanted
