"""Opening an offer: it is fetched, and so is what its issuer says of itself, signed if it can."""

from collections.abc import Awaitable, Callable, Mapping

from credential_schemas.model import CredentialType
from keys.jose import ALGORITHM
from keys.trust import TrustList
from openid4vc.checks import IssuerNotTrustedForType
from openid4vc.oauth.pkce import METHOD
from openid4vc.openid4vci.issuer_id import issuer_identifier
from openid4vc.openid4vci.offer import (
    CredentialOffer,
    OfferReference,
    parse_offer,
    parse_offer_link,
)
from openid4vc.openid4vci.read_metadata import AuthorizationServerMetadata, IssuerMetadata
from openid4vc.openid4vci.wallet_errors import GrantNotSupported, IssuerIdentifierInvalid
from wallet_sim.adding_failures import ServerChanged
from wallet_sim.answers import JSON, json_object
from wallet_sim.failures import NotALink
from wallet_sim.flow_failures import OfferedTypeUnknown
from wallet_sim.issuer_facts import IssuerFacts, IssuerReader
from wallet_sim.key_proofs import proof_kind
from wallet_sim.links import require_offer
from wallet_sim.offers import Endpoints, OpenOffer, SignIn, code_of
from wallet_sim.tools import Tools

ATTESTED = "attest_jwt_client_auth"


class OfferReader:
    """Reads offers and the metadata behind them; nothing is sent but requests to read."""

    def __init__(self, tools: Tools, trust: Callable[[], Awaitable[TrustList]]) -> None:
        """Take the tools, and what gives the trust list that issuers are held against."""
        self._tools = tools
        self._trust = trust
        self._reader = IssuerReader(tools, trust)

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
        if isinstance(found, OfferReference):
            loopback = self._tools.unsafe_loopback_http
            found = parse_offer(await self._get(found.uri), allow_loopback_http=loopback)
        # 1. The issuer says of itself what the offer says (12.2.4).
        facts = await self._reader.issuer(found.issuer)
        wanted = self._reader.wanted(facts.issuer, found.configuration_ids)
        if not wanted:
            raise OfferedTypeUnknown
        # 2. If somebody signed that, it is somebody who may issue what is offered (12.2.3).
        signer = facts.signer
        if signer is not None and any(one.vct not in signer.vcts for one in wanted.values()):
            raise IssuerNotTrustedForType(signer.id)
        return _usable(await self._with_server(found, facts, wanted))

    async def open_issuer(self, issuer: str) -> OpenOffer:
        """Read what an issuer has, of which the trust list says that somebody may issue it.

        Raises:
            NotALink: no issuer identifier.
            OfferedTypeUnknown: nothing that this wallet can hold.
            IssuerNotTrustedForType: nobody on the trust list may issue what there is, or not who
                signed the metadata.
            CheckFailed: as ``open``.
        """
        try:
            issuer = issuer_identifier(issuer, allow_loopback_http=self._tools.unsafe_loopback_http)
        except IssuerIdentifierInvalid:
            raise NotALink from None
        facts = await self._reader.issuer(issuer)
        known = self._reader.wanted(facts.issuer, tuple(facts.issuer.configurations))
        if not known:
            raise OfferedTypeUnknown
        may_issue = (facts.signer,) if facts.signer else (await self._trust()).issuers
        vcts = frozenset[str]().union(*(one.vcts for one in may_issue))
        wanted = {name: one for name, one in known.items() if one.vct in vcts}
        if not wanted:
            raise IssuerNotTrustedForType("nobody on the list")
        offer = CredentialOffer(issuer, tuple(wanted), None, by_signing_in=True)
        return _usable(await self._with_server(offer, facts, wanted))

    async def reopen(self, *, issuer: str, configuration_id: str, server: str | None) -> OpenOffer:
        """Read anew what is needed to come back for a card.

        Args:
            issuer: the credential issuer identifier.
            configuration_id: the card.
            server: the authorization server that knows the wallet; None when none does.

        Raises:
            ServerChanged: the issuer has another authorization server now.
            CheckFailed: as ``open``.
        """
        facts = await self._reader.issuer(issuer)
        wanted = self._reader.wanted(facts.issuer, (configuration_id,))
        if not wanted:
            raise OfferedTypeUnknown
        offer = CredentialOffer(issuer, (configuration_id,), None, by_signing_in=True)
        opened = await self._with_server(offer, facts, wanted)
        if server is not None and opened.server != server:
            raise ServerChanged
        return opened

    async def _with_server(
        self, offer: CredentialOffer, facts: IssuerFacts, wanted: Mapping[str, CredentialType]
    ) -> OpenOffer:
        issuer = facts.issuer
        # 3. Its authorization server takes our grant (12.3).
        server = await self._reader.server(issuer, offer.authorization_server)
        if offer.pre_authorized_code is not None:
            server.check_grant()
        return OpenOffer(
            offer=offer,
            code=offer.pre_authorized_code or code_of(next(iter(wanted))),
            endpoints=Endpoints(
                token=server.token_endpoint,
                credential=issuer.credential_endpoint,
                nonce=issuer.nonce_endpoint,
                notification=issuer.notification_endpoint,
                deferred=issuer.deferred_endpoint,
                challenge=server.challenge_endpoint,
            ),
            issuer_names={locale[:2].lower(): name for locale, name in issuer.names.items()},
            wanted=wanted,
            encryption=issuer.encryption,
            batch_size=issuer.batch_size,
            server=server.issuer,
            sign_in=None if offer.pre_authorized_code else _sign_in(server, issuer),
            is_attested=ATTESTED in server.auth_methods,
            binds_tokens=ALGORITHM in server.dpop_algorithms,
            proofs={
                name: kind for name in wanted if (kind := proof_kind(issuer.configuration(name)))
            },
            signer=facts.signer,
        )

    async def _get(self, url: str) -> dict[str, object]:
        return json_object(await self._tools.network.get(url, accept=JSON))


def _usable(offer: OpenOffer) -> OpenOffer:
    """Return an offer that this wallet can take up; raises ``GrantNotSupported``."""
    if offer.offer.pre_authorized_code is None and offer.sign_in is None:
        raise GrantNotSupported("neither a pre-authorised code nor signing in")
    return offer


def _sign_in(server: AuthorizationServerMetadata, issuer: IssuerMetadata) -> SignIn | None:
    """Return how to sign in: by a pushed request, with PKCE and DPoP, or not at all (HAIP 4)."""
    pushed, page = server.pushed_endpoint, server.authorization_endpoint
    is_strict = METHOD in server.challenge_methods and ALGORITHM in server.dpop_algorithms
    if pushed is None or page is None or not is_strict:
        return None
    return SignIn(
        pushed=pushed,
        page=page,
        names_itself=server.names_itself,
        scopes={
            name: one.scope for name, one in issuer.configurations.items() if one.scope is not None
        },
        location=issuer.issuer if issuer.authorization_servers else None,
    )
