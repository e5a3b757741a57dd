"""Remember which receipts were given, so that their holders can come back with them."""

from datetime import date, datetime, time, timedelta
from hashlib import sha256

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import Catalogue
from verifier.model import Verification
from verifier.ports import Clock
from verifier.usecases.client_side_model import GivenReceipt, GivenReceipts
from verifier.usecases.hand_on_copy import kept_until

RECEIPT_TYPE = "consent_receipt"
_PREFIX = "x509_hash:"
_ONE_DAY = timedelta(days=1)


def receipt_key(receipt_id: str) -> bytes:
    """Return by what a receipt of that number is found: a hash; the number itself is random."""
    return sha256(b"kykylompakko given receipt 1\x00" + receipt_id.encode()).digest()


class ReceiptBook:
    """See the module text.

    Args:
        catalogue: what can be said and asked.
        given: where they are remembered.
        base_url: where wallets reach this service.
        client_id: this receiver, as its requests name it.
        clock: the time.
    """

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        given: GivenReceipts,
        base_url: str,
        client_id: str,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._given = given
        self._base_url = base_url
        self.client_id = client_id
        self._clock = clock

    @property
    def withdrawal_uri(self) -> str:
        """Where a wallet takes a showing back: the same for everybody's receipts."""
        return f"{self._base_url}/privacy/withdrawals/{self.client_id.removeprefix(_PREFIX)}"

    async def note(self, verification: Verification, *, receipt_id: str, issuer: str) -> None:
        """Remember a receipt that is about to be offered; a second time changes nothing."""
        profile = self._catalogue.profiles[verification.profile]
        now = self._clock.now()
        until = kept_until(profile, at=verification.created_at)
        await self._given.add(
            GivenReceipt(
                key=receipt_key(receipt_id),
                verification_id=verification.id,
                client_id=self.client_id,
                issuer=issuer,
                profile=profile.id,
                role=verification.role,
                given_at=now,
                kept_until=until,
                forget_at=self._ends(now) if until is None else _end_of(until),
            )
        )

    def _ends(self, now: datetime) -> datetime:
        """Return when a receipt ends that no retention ends earlier."""
        return now + timedelta(days=self._catalogue.types[RECEIPT_TYPE].validity_days) + _ONE_DAY


def client_id_of(part: str) -> str:
    """Return the receiver that the last part of a withdrawal address names."""
    return _PREFIX + part


def _end_of(until: date) -> datetime:
    return datetime.combine(until + _ONE_DAY, time.min, HELSINKI)
