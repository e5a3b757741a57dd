"""The issuing service that makes receipts, over its API for issuing systems."""

from collections.abc import Mapping
from datetime import datetime

from keys import strict_json
from keys.checks import CheckFailed
from verifier.adapters.posting import Posting
from verifier.usecases.hand_on_failures import ReceiptUnavailable
from verifier.usecases.hand_on_ports import OfferedReceipt

TYPE_ID = "consent_receipt"
_CREATED = 201
_MAX_REPLY_BYTES = 65_536
_OFFER = "openid-credential-offer://"


class HttpReceiptIssuer:
    """`hand_on_ports.ReceiptIssuer` over HTTP.

    Args:
        http: the guarded client.
        base_url: the issuing service, without a slash at its end.
        organisation: in whose name receipts are made.
        api_key: a key of that organisation that may offer receipts.
    """

    def __init__(self, http: Posting, *, base_url: str, organisation: str, api_key: str) -> None:
        self._http = http
        self._url = f"{base_url}/api/v1/{organisation}/offers"
        self._organisation = organisation
        self._api_key = api_key

    @property
    def organisation(self) -> str:
        """Id of the organisation in whose name receipts are made."""
        return self._organisation

    async def offer(self, claims: Mapping[str, object], *, receipt_id: str) -> OfferedReceipt:
        """Have a receipt offered; the same id makes it once.

        Raises:
            ReceiptUnavailable: it cannot be reached, refuses, or answers something else.
        """
        wish = {
            "type": TYPE_ID,
            "claims": claims,
            "subject_ref": f"receipt-{receipt_id}",
            "delivery": {"channel": "screen", "pin": False},
        }
        headers = {
            "Authorization": f"Bearer {self._api_key}",
            "Idempotency-Key": f"receipt-{receipt_id}",
        }
        try:
            reply = await self._http.post(
                self._url, json=wish, headers=headers, max_bytes=_MAX_REPLY_BYTES
            )
            told = strict_json.loads_object(reply.body, max_bytes=_MAX_REPLY_BYTES)
        except CheckFailed as failure:
            raise ReceiptUnavailable(failure.code) from failure
        if reply.status != _CREATED:
            raise ReceiptUnavailable(str(reply.status))
        return _offered(told)


def _offered(told: Mapping[str, object]) -> OfferedReceipt:
    link, until = told.get("offer_link"), told.get("expires_at")
    if not isinstance(link, str) or not link.startswith(_OFFER) or not isinstance(until, str):
        raise ReceiptUnavailable("not an offer")
    try:
        at = datetime.fromisoformat(until)
    except ValueError:
        raise ReceiptUnavailable("not an offer") from None
    if at.tzinfo is None:
        raise ReceiptUnavailable("not an offer")
    return OfferedReceipt(link, at)
