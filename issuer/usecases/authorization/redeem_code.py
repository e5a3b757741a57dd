"""Redeem an authorization code for tokens that are bound to the wallet's keys."""

import hmac

from issuer.model import UNDELIVERED, Offer, OfferState
from issuer.ports import Records
from issuer.ports.authorization import Authorization
from issuer.usecases.authorization import secrets_of_authorization as secret
from issuer.usecases.authorization.failures import (
    CodeOfOtherClient,
    CodeOfOtherInstance,
    CodeOfOtherKey,
    CodeRedirectDiffers,
    CodeRefused,
    CodeUsedBefore,
)
from issuer.usecases.authorization.tools import AuthorizationTools
from issuer.usecases.claiming import claim_offer
from issuer.usecases.ending import end_offer, revoke_copies
from issuer.usecases.proving.shown import Shown
from issuer.usecases.tokens import (
    TOKEN_LIFETIME,
    AccessToken,
    Holder,
    identifiers_of,
    new_grant,
    token_mac,
)
from openid4vc.oauth.errors import AuthorizationRefused
from openid4vc.oauth.pkce import check_code_verifier
from openid4vc.openid4vci.code_request import CodeRequest
from openid4vc.openid4vci.errors import InvalidAuthorizationDetails

_ONCE = 1


class RedeemCode:
    """Gives tokens for a code, once, to the wallet that it was made for.

    A code that somebody else shows, or that is shown again, has been stolen, here or there: it
    dies, and what came of it ends (RFC 6749 4.1.2, RFC 9700 4.5).
    """

    def __init__(self, tools: AuthorizationTools) -> None:
        self._tools = tools

    async def __call__(self, organisation: str, request: CodeRequest, shown: Shown) -> AccessToken:
        """Return tokens.

        Raises:
            AuthorizationRefused: the wallet does not show who it is, or by which key.
            CodeRefused: one of its subclasses: the code is no good, or not this wallet's.
            CodeVerifierMissing, CodeVerifierWrong: whoever sends it did not ask for it.
            InvalidAuthorizationDetails: for something else than was agreed to.
        """
        tools = self._tools
        # 1. The wallet is attested, and holds the key of its tokens.
        holder = await tools.holder(organisation, shown, client_id=request.client_id)
        # 2. The code is its own, and used once.
        token = tools.random.token()
        answer = await tools.store.write(
            lambda records: self._redeem(records, organisation, request, holder, token)
        )
        if isinstance(answer, AuthorizationRefused):
            raise answer
        return answer

    def _redeem(
        self,
        records: Records,
        organisation: str,
        request: CodeRequest,
        holder: Holder,
        token: str,
    ) -> AccessToken | AuthorizationRefused:
        """Try a code in one transaction; a refusal is returned, so that what it ends stays so."""
        now, vault = self._tools.clock.now(), self._tools.vault
        offer = records.offers.by_code(organisation, secret.code_mac(vault, request.code))
        found = None if offer is None else records.authorizations.get(organisation, offer.id)
        if offer is None or found is None:
            return CodeRefused("no such code")
        if request.details not in (None, {offer.type_id}):
            raise InvalidAuthorizationDetails("not what was agreed to")
        # 1. It is tried once, in one conditional write, before anything is compared.
        if records.offers.count_attempt(offer.id, now=now, limit=_ONCE) is None:
            return self._refuse_again(records, found, offer)
        # 2. Whoever shows it is who asked for it.
        refusal = _refusal(found, request, holder)
        if refusal is not None:
            self._end(records, found, offer, OfferState.BLOCKED)
            return refusal
        # 3. The offer is claimed, and the authorization bound to the wallet's keys for good.
        grant = new_grant(
            offer,
            holder,
            mac=token_mac(vault, token),
            at=now,
            by_identifier=found.by_identifier or request.details is not None,
        )
        is_redeemed = records.authorizations.redeem(
            found.id, dpop_jkt=holder.dpop_jkt or "", now=now, until=now + self._tools.lifetime
        )
        if not (is_redeemed and claim_offer(records, grant, at=now)):
            raise CodeRefused("ended a moment ago")
        return AccessToken(
            text=token,
            lifetime=TOKEN_LIFETIME,
            refresh_token=secret.refresh_token_of(vault, found.id),
            identifiers=identifiers_of(vault, grant),
            is_bound=True,
        )

    def _refuse_again(
        self, records: Records, found: Authorization, offer: Offer
    ) -> AuthorizationRefused:
        # Read again: where two come at once, the first may have been counted since.
        present = records.offers.get(offer.organisation, offer.id)
        if present is None or present.attempts < _ONCE:
            return CodeRefused("too old, or taken back")
        self._end(records, found, offer, OfferState.LAPSED)
        return CodeUsedBefore("used before")

    def _end(
        self, records: Records, found: Authorization, offer: Offer, target: OfferState
    ) -> None:
        """End what came of a code: the grant, copies that nobody confirmed, and coming back."""
        now = self._tools.clock.now()
        end_offer(records, offer.id, target, at=now)
        revoke_copies(records, offer.id, in_delivery=UNDELIVERED, at=now)
        records.authorizations.end(found.id)


def _refusal(
    found: Authorization, request: CodeRequest, holder: Holder
) -> AuthorizationRefused | None:
    """Return why a code is not this wallet's; None when it is."""
    if holder.client_id != found.client_id:
        return CodeOfOtherClient("client_id")
    if holder.instance_thumbprint != found.instance_thumbprint:
        return CodeOfOtherInstance("instance key")
    if not hmac.compare_digest((request.redirect_uri or "").encode(), found.redirect_uri.encode()):
        return CodeRedirectDiffers("redirect_uri")
    try:
        check_code_verifier(request.code_verifier, found.code_challenge)
    except AuthorizationRefused as refusal:
        return refusal
    if found.dpop_jkt not in (None, holder.dpop_jkt):
        return CodeOfOtherKey("dpop_jkt")
    return None
