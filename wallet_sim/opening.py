"""Opening an offer: it is fetched, and so is what its issuer says of itself, signed if it can."""

from collections.abc import Awaitable, Callable

from credential_schemas.model import CredentialType
from keys.jose import ALGORITHM
from keys.trust import TrustedIssuer, TrustList
from openid4vc.checks import IssuerNotTrustedForType
from openid4vc.openid4vci.issuer_id import AUTHORIZATION_SERVER, CREDENTIAL_ISSUER, well_known
from openid4vc.openid4vci.offer import (
    CredentialOffer,
    OfferReference,
    parse_offer,
    parse_offer_link,
)
from openid4vc.openid4vci.read_metadata import (
    IssuerMetadata,
    read_authorization_server_metadata,
    read_issuer_metadata,
)
from openid4vc.openid4vci.signed_metadata import MEDIA_TYPE, read_signed_metadata
from openid4vc.openid4vci.wallet_errors import GrantNotSupported
from wallet_sim.answers import JSON, json_object, jwt_text
from wallet_sim.flow_failures import OfferedTypeUnknown
from wallet_sim.links import require_offer
from wallet_sim.offers import Endpoints, OpenOffer
from wallet_sim.tools import Tools

SIGNED_BEFORE_PLAIN = f"{MEDIA_TYPE}, {JSON};q=0.9"


class OfferReader:
    """Reads offers and the metadata behind them; nothing is sent but requests to read."""

    def __init__(self, tools: Tools, trust: Callable[[], Awaitable[TrustList]]) -> None:
        """Take the tools, and what gives the trust list that signed metadata are held against."""
        self._tools = tools
        self._trust = trust

    def read_link(self, link: str) -> CredentialOffer | OfferReference:
        """Read an offer's link (4.1); nothing is fetched.

        Raises:
            NotALink, LinkIsARequest, LinkTooLong: no offer.
            CheckFailed: an offer that breaks a rule.
        """
        require_offer(link)
        return parse_offer_link(link, allow_loopback_http=self._tools.unsafe_loopback_http)

    async def open(self, found: CredentialOffer | OfferReference) -> OpenOffer:
        """Fetch the offer when it is a reference, and its issuer's metadata (4.1.3, 12.2).

        Raises:
            OfferGone, IssuerBusy, IssuerAnswerUnclear, ConnectionLost: the offerer's answers.
            OfferedTypeUnknown, GrantNotSupported: nothing that this wallet can take.
            IssuerNotTrustedForType: the metadata are signed by somebody who may not issue this.
            CheckFailed: offer or metadata break a rule.
        """
        loopback = self._tools.unsafe_loopback_http
        if isinstance(found, OfferReference):
            data = await self._get(found.uri)
            found = parse_offer(data, allow_loopback_http=loopback)
        if found.pre_authorized_code is None:
            raise GrantNotSupported("no pre-authorised code")
        return await self._with_metadata(found, found.pre_authorized_code)

    async def _with_metadata(self, offer: CredentialOffer, code: str) -> OpenOffer:
        loopback = self._tools.unsafe_loopback_http
        # 1. The issuer says of itself what the offer says (12.2.4).
        data, signer = await self._metadata_of(offer.issuer)
        issuer = read_issuer_metadata(data, issuer=offer.issuer, allow_loopback_http=loopback)
        wanted = self._wanted(offer, issuer)
        # 2. If somebody signed that, it is somebody who may issue what is offered (12.2.3).
        if signer is not None and any(one.vct not in signer.vcts for one in wanted.values()):
            raise IssuerNotTrustedForType(signer.id)
        # 3. Its authorization server takes our grant (12.3).
        server_id = issuer.authorization_server(offer.authorization_server)
        server = read_authorization_server_metadata(
            await self._get(well_known(server_id, AUTHORIZATION_SERVER)),
            issuer=server_id,
            allow_loopback_http=loopback,
        )
        server.check_grant()
        return OpenOffer(
            offer=offer,
            code=code,
            endpoints=Endpoints(
                token=server.token_endpoint,
                credential=issuer.credential_endpoint,
                nonce=issuer.nonce_endpoint,
                notification=issuer.notification_endpoint,
                deferred=issuer.deferred_endpoint,
            ),
            issuer_names={locale[:2].lower(): name for locale, name in issuer.names.items()},
            wanted=wanted,
            encryption=issuer.encryption,
            batch_size=issuer.batch_size,
        )

    async def _metadata_of(self, issuer: str) -> tuple[object, TrustedIssuer | None]:
        """Return metadata, and who signed them; who offers no signature is not asked for one."""
        url = well_known(issuer, CREDENTIAL_ISSUER)
        reply = await self._tools.network.get(url, accept=SIGNED_BEFORE_PLAIN)
        if reply.content_type != MEDIA_TYPE:
            return json_object(reply), None
        signed = read_signed_metadata(
            jwt_text(reply),
            issuer=issuer,
            trust=await self._trust(),
            at=self._tools.clock.now(),
        )
        return signed.members, signed.signer

    def _wanted(self, offer: CredentialOffer, issuer: IssuerMetadata) -> dict[str, CredentialType]:
        """Return what of the offer this wallet can hold: known type, ES256 proof."""
        wanted: dict[str, CredentialType] = {}
        for name in offer.configuration_ids:
            configuration = issuer.configuration(name)
            known = self._tools.catalogue.type_for_vct(configuration.vct or "")
            if known is not None and ALGORITHM in configuration.proof_algorithms:
                wanted[name] = known
        if not wanted:
            raise OfferedTypeUnknown
        return wanted

    async def _get(self, url: str) -> dict[str, object]:
        return json_object(await self._tools.network.get(url, accept=JSON))
