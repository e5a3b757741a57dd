"""How a wallet waits: it gets a transaction id, and the keys it proved are kept, sealed."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from issuer.model import Grant
from issuer.ports import Records, Store, Vault
from issuer.ports.lives import Deferral as Waiting
from issuer.usecases.make_copy import Asked, IssuingTools
from keys import strict_json
from openid4vc.openid4vci.deferred import Deferral
from openid4vc.openid4vci.errors import InvalidToken

WAIT_AT_MOST = timedelta(days=30)
"""How long a redeemed offer waits for its claims."""

COLLECT_WITHIN = timedelta(days=14)
"""How long claims that came later wait for the wallet."""

_KEYS = "keys"

ASK_AGAIN_AFTER = timedelta(minutes=5)


class DeferCredential:
    """Lets a wallet wait whose offer has no claims yet."""

    def __init__(self, *, store: Store, tools: IssuingTools) -> None:
        self._store = store
        self._tools = tools

    async def __call__(self, asked: Asked) -> Deferral | None:
        """Remember what was asked for.

        Returns:
            The transaction to ask about later; None when the claims have come in the meantime, or
            the offer does not wait for any. Then nothing was used up.

        Raises:
            InvalidToken: the grant ended in the meantime.
            CheckFailed: what `asked.use_up` raises.
        """
        grant, tools = asked.grant, self._tools
        transaction_id = tools.random.token()
        now = tools.clock.now()
        holder = tools.vault.seal(
            strict_json.dumps({_KEYS: [dict(jwk) for jwk in asked.holder_jwks]}),
            binding=_holder_binding(grant),
        )

        def wait(records: Records) -> bool:
            if not records.grants.hold(grant.token_mac, now=now):
                raise InvalidToken("ended in the meantime")
            is_waiting = records.offers.hold(grant.offer_id)
            if not is_waiting or records.offers.sealed_claims(grant.offer_id) is not None:
                return False
            if records.deferrals.get(grant.offer_id) is None:
                return False
            asked.use_up(records)
            mac = transaction_mac(tools.vault, transaction_id)
            records.deferrals.await_claims(grant.offer_id, transaction_mac=mac, holder=holder)
            records.deferrals.use(grant.offer_id)
            return True

        if not await self._store.write(wait):
            return None
        return Deferral(transaction_id, ASK_AGAIN_AFTER)


def transaction_mac(vault: Vault, transaction_id: str) -> bytes:
    """Return what stands for a transaction id in the records."""
    return vault.mac("transaction", transaction_id)


def holders_of(vault: Vault, grant: Grant, waiting: Waiting) -> Sequence[Mapping[str, str]]:
    """Return the public keys that the copies shall be bound to."""
    if waiting.holder is None:
        raise ValueError("a transaction without a key")
    opened = strict_json.loads_object(vault.unseal(waiting.holder, binding=_holder_binding(grant)))
    # Before there were batches, the only key was kept by itself.
    keys = opened.get(_KEYS, [opened])
    if not isinstance(keys, list):
        raise TypeError("keys are kept as a list")
    return [{name: str(value) for name, value in dict(key).items()} for key in keys]


def _holder_binding(grant: Grant) -> bytes:
    return b"holder\x00" + grant.offer_id.encode()
