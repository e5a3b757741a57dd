"""Whether a wallet, or what its keys lie in, still counts, by its provider's status list."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from issuer.ports import Clock
from issuer.ports.proving import WalletStatusSource
from issuer.usecases.proving.failures import WalletStatusUnknown
from keys.checks import CheckFailed
from keys.trust import TrustedIssuer
from keys.wallet_providers import WalletProvider
from openid4vc.checks import CredentialRevoked, CredentialSuspended
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.status_list.model import VerifiedStatusList
from openid4vc.status_list.token import read_status_list

_KEPT = 64
_FRESH_AT_MOST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Held:
    listed: VerifiedStatusList
    until: datetime


class CheckWalletStatus:
    """Reads status lists of wallet providers; a copy serves until its `ttl`, a quarter of an hour.

    A list counts when the very provider signed it that attests.
    """

    def __init__(self, *, source: WalletStatusSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._held: OrderedDict[tuple[str, str], _Held] = OrderedDict()

    async def is_revoked(self, provider: WalletProvider, reference: StatusReference | None) -> bool:
        """Say whether what an attestation is about was revoked or suspended.

        Args:
            provider: who attests.
            reference: what the attestation says of its status; without one it is just short-lived.

        Raises:
            WalletStatusUnknown: the list cannot be had, is not the provider's, or says nothing.
        """
        if reference is None:
            return False
        try:
            listed = await self._listed(provider, reference.uri)
            listed.check(reference.index)
        except (CredentialRevoked, CredentialSuspended):
            return True
        except CheckFailed as failure:
            raise WalletStatusUnknown(failure.code) from failure
        return False

    async def _listed(self, provider: WalletProvider, uri: str) -> VerifiedStatusList:
        now, place = self._clock.now(), (provider.id, uri)
        held = self._held.get(place)
        if held is not None and now < held.until:
            return held.listed
        text = await self._source.fetch(uri)
        listed = read_status_list(text, uri=uri, issuer=_as_issuer(provider), at=now)
        until = min(listed.fresh_until(now, otherwise=_FRESH_AT_MOST), now + _FRESH_AT_MOST)
        self._held[place] = _Held(listed, until)
        if len(self._held) > _KEPT:
            self._held.popitem(last=False)
        return listed


def _as_issuer(provider: WalletProvider) -> TrustedIssuer:
    return TrustedIssuer(
        id=provider.id,
        names=provider.names,
        issuing_anchors=(),
        status_anchors=provider.anchors,
        vcts=frozenset(),
        valid_from=provider.valid_from,
    )
