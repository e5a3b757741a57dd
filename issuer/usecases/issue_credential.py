"""Answer a wallet's request for a credential: with a signed copy, or with when to come again."""

import hmac
from collections.abc import Iterable
from datetime import datetime

from issuer.model import Grant
from issuer.ports import Records
from issuer.usecases.deferred.waiting import DeferCredential
from issuer.usecases.find_grant import FindGrant
from issuer.usecases.make_copy import Asked, IssuedCredential, IssuingTools, MakeCopy
from issuer.usecases.proving.demands import Demands
from issuer.usecases.proving.prove_holders import NONCE_LIFETIME, ProveHolders
from issuer.usecases.proving.shown import Shown
from issuer.usecases.tokens import identifier_of
from openid4vc.openid4vci.credential import CredentialRequest, read_credential_request
from openid4vc.openid4vci.deferred import Deferral
from openid4vc.openid4vci.errors import (
    CredentialRequestDenied,
    InvalidCredentialRequest,
    InvalidNonce,
    UnknownCredentialConfiguration,
    UnknownCredentialIdentifier,
)

_NONCE_KEPT_FOR = 2 * NONCE_LIFETIME


class IssueCredential:
    """Issues one credential for one grant, in as many copies as keys were proved.

    A wallet that lost the answer asks again with the same token, until it confirms or the token
    ends: each answer holds copies of its own, and revokes those before.
    """

    def __init__(
        self,
        *,
        find_grant: FindGrant,
        make_copy: MakeCopy,
        defer: DeferCredential,
        tools: IssuingTools,
        prove_holders: ProveHolders,
        demands: Demands,
    ) -> None:
        self._find_grant = find_grant
        self._make_copy = make_copy
        self._defer = defer
        self._tools = tools
        self._prove_holders = prove_holders
        self._demands = demands

    async def __call__(
        self, organisation: str, shown: Shown, body: object
    ) -> IssuedCredential | Deferral:
        """Return fresh signed copies, one for each key; a transaction when claims are missing.

        Args:
            organisation: whose credential endpoint was called.
            shown: the headers with the access token, and the proof of its key.
            body: the parsed JSON of the request.

        Raises:
            CheckFailed: no access token, or one that does not count (`FindGrant`).
            CredentialRequestDenied: the wallet has confirmed already, or another request of the
                same wallet was answered in the meantime.
            InvalidCredentialRequest, UnknownCredentialConfiguration, InvalidProof, InvalidNonce:
                see OpenID4VCI 8.3.1.2.
        """
        now = self._tools.clock.now()
        # 1. The grant allows it.
        grant = await self._find_grant(organisation, shown)
        if grant.ended_at is not None:
            raise CredentialRequestDenied("the grant has ended")
        proof_types = self._demands.proof_types(grant.type_id)
        request = read_credential_request(body, proof_types=proof_types)
        self._check_wanted(request, grant)
        self._make_copy.type_of(grant)
        # 2. Every key proof is valid and its nonce fresh, and no key is there twice; the keys are
        #    kept as this type wants it.
        holders = await self._prove_holders(grant, request)
        asked = Asked(
            grant, holders.jwks, lambda records: self._take_nonces(records, holders.nonces, now)
        )
        # 3. The claims are unsealed; without them the wallet is told to come again.
        claims = await self._make_copy.claims_of(grant)
        if claims is None:
            deferral = await self._defer(asked)
            if deferral is not None:
                return deferral
            claims = await self._make_copy.claims_of(grant)
        if claims is None:
            raise CredentialRequestDenied("the claims are gone")
        # 4. to 7. Reserved, recorded, signed and issued.
        return await self._make_copy(asked, claims)

    def _check_wanted(self, request: CredentialRequest, grant: Grant) -> None:
        """Check that the wallet asks for what it was granted, the way it was told to (8.2)."""
        if request.identifier is not None:
            ours = identifier_of(self._tools.vault, grant.offer_id)
            is_ours = hmac.compare_digest(request.identifier.encode(), ours.encode())
            if not (grant.by_identifier and is_ours):
                raise UnknownCredentialIdentifier("none of this access token")
        elif grant.by_identifier:
            raise InvalidCredentialRequest("ask by the credential identifier")
        elif request.configuration_id != grant.type_id:
            raise UnknownCredentialConfiguration("not what was granted")

    def _take_nonces(self, records: Records, nonces: Iterable[str], at: datetime) -> None:
        """Use up what the proofs carry: mostly one nonce, which all of them share."""
        for nonce in sorted(nonces):
            mac = self._tools.vault.mac("proof-nonce", nonce)
            if not records.one_time.consume("proof-nonce", mac, keep_until=at + _NONCE_KEPT_FOR):
                raise InvalidNonce("used before")
