"""Make the bundle that a desk without network works by: what is held here, signed as one."""

from datetime import datetime

from keys.checks import CheckFailed
from keys.trust import TrustList
from openid4vc.status_list.forms import read_token
from verifier.model import HeldList
from verifier.ports import Certificates, Clock, KeptLists
from verifier.usecases.bundle_format import Bundle, BundledList, write_bundle
from verifier.usecases.bundle_parts import MAX_CERTIFICATES, leads_to_an_issuer
from verifier.usecases.last_word import is_last_word
from verifier.usecases.list_shelf import MAX_AGE
from verifier.usecases.receiver import Receiver
from verifier.usecases.trust_keeper import TrustKeeper


class MakeBundle:
    """See the module text."""

    def __init__(
        self,
        *,
        trust: TrustKeeper,
        kept: KeptLists,
        certificates: Certificates,
        receiver: Receiver,
        clock: Clock,
    ) -> None:
        self._trust = trust
        self._kept = kept
        self._certificates = certificates
        self._receiver = receiver
        self._clock = clock

    async def __call__(self) -> tuple[Bundle, str]:
        """Return the bundle and its signed text.

        A list that is too old to confirm anything, or that no longer verifies, is left out.

        Raises:
            TrustListMissing, TrustListStale: there is no trust list to go by.
        """
        now = self._clock.now().replace(microsecond=0)
        trust_list = await self._trust.current(at=now)
        held = await self._certificates.newest(MAX_CERTIFICATES)
        chained = tuple(held.values())
        bundle = Bundle(
            made_at=now,
            trust_list=await self._trust.text(),
            status_lists=tuple(
                BundledList(row.issuer, row.uri, row.token, row.fetched_at)
                for row in await self._kept.all()
                if _is_of_use(row, trust_list, now)
            ),
            certificates=tuple(
                der for der in chained if leads_to_an_issuer(der, chained, trust_list, at=now)
            ),
        )
        return bundle, write_bundle(bundle, signer=self._receiver.signer)


def _is_of_use(row: HeldList, trust_list: TrustList, now: datetime) -> bool:
    issuer = next((one for one in trust_list.issuers if one.id == row.issuer), None)
    if issuer is None:
        return False
    try:
        found = read_token(row.token, uri=row.uri, issuer=issuer, at=row.fetched_at)
    except CheckFailed:
        return False
    return now - row.issued_at <= MAX_AGE or is_last_word(found, issuer)
