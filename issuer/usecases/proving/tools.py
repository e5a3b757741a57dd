"""What judging proofs needs beside the proofs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from issuer.ports import Clock, Store, Vault
from issuer.usecases.proving.server_nonces import ServerNonces

_UNTIL_AFTER_THE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ProvingTools:
    """Records, time and nonces, as every proof is judged by them."""

    store: Store
    vault: Vault
    clock: Clock
    nonces: ServerNonces

    async def is_new(self, kind: str, *names: str, until: datetime) -> bool:
        """Say whether a proof was not used before, in whatever process, and remember it.

        Args:
            kind: of proof.
            names: what tells it apart from others of its kind.
            until: when it is stale by itself.
        """
        mac = self.vault.mac(kind, *names)
        keep_until = until + _UNTIL_AFTER_THE_SECOND
        return await self.store.write(
            lambda records: records.one_time.consume(kind, mac, keep_until=keep_until)
        )
