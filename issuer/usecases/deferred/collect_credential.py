"""Answer a wallet that comes back for its credential (OpenID4VCI 1.0, 9)."""

from datetime import timedelta

from issuer.ports import Records, Store
from issuer.usecases.deferred.waiting import ASK_AGAIN_AFTER, holders_of, transaction_mac
from issuer.usecases.find_grant import FindGrant
from issuer.usecases.make_copy import Asked, IssuedCredential, IssuingTools, MakeCopy
from issuer.usecases.proving.shown import Shown
from openid4vc.openid4vci.deferred import Deferral, read_deferred_request
from openid4vc.openid4vci.errors import CredentialRequestDenied, InvalidTransactionId

ASK_ONCE_MORE_WITHIN = timedelta(hours=1)
"""How long a wallet that lost the answer may still ask at the credential endpoint."""


class CollectCredential:
    """Gives the credential once its claims are there; each transaction gives it once.

    A wallet that lost the answer asks at the credential endpoint again, with a fresh key proof.
    """

    def __init__(
        self, *, store: Store, find_grant: FindGrant, make_copy: MakeCopy, tools: IssuingTools
    ) -> None:
        self._store = store
        self._find_grant = find_grant
        self._make_copy = make_copy
        self._tools = tools

    async def __call__(
        self, organisation: str, shown: Shown, body: object
    ) -> IssuedCredential | Deferral:
        """Return the credential, or the same transaction while the claims are missing.

        Raises:
            CheckFailed: no access token, or one that does not count (`FindGrant`).
            CredentialRequestDenied: the offer has ended; asking again will not help.
            InvalidCredentialRequest: malformed.
            InvalidTransactionId: not a transaction of this token, or collected before.
        """
        # 1. The grant allows it.
        grant = await self._find_grant(organisation, shown)
        if grant.ended_at is not None:
            raise CredentialRequestDenied("the grant has ended")
        # 2. The transaction is this token's, and nobody has collected.
        transaction_id = read_deferred_request(body)
        mac = transaction_mac(self._tools.vault, transaction_id)
        waiting = await self._store.read(lambda records: records.deferrals.get(grant.offer_id))
        if waiting is None or waiting.transaction_mac != mac:
            raise InvalidTransactionId("not of this token, or collected")
        if not waiting.in_use:
            await self._store.write(lambda records: records.deferrals.use(grant.offer_id))
        # 3. The claims are there.
        claims = await self._make_copy.claims_of(grant)
        if claims is None:
            return Deferral(transaction_id, ASK_AGAIN_AFTER)
        # 4. It is issued, and the transaction used up.
        until = self._tools.clock.now() + ASK_ONCE_MORE_WITHIN

        def use_up(records: Records) -> None:
            if not records.deferrals.collect(grant.offer_id, mac):
                raise InvalidTransactionId("collected")
            records.deferrals.shorten(grant.offer_id, until)

        holders = holders_of(self._tools.vault, grant, waiting)
        return await self._make_copy(Asked(grant, holders, use_up), claims)
