"""Take the answer by which a holder revokes an own card."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from issuer.model import AuditEntry, OfferState, Standing, StatusPlace
from issuer.ports import Clock, Records, Signers, Store, Vault
from issuer.usecases.addresses import Addresses
from issuer.usecases.after.failures import (
    CardNotKept,
    CardNotOfRequest,
    NotOneCard,
    RevocationNotOffered,
    RevocationRefused,
    RevocationRequestUsed,
)
from issuer.usecases.after.revocation_request import (
    QUERY_ID,
    OpenRevocation,
    RevocationRequests,
)
from issuer.usecases.ending import end_offer
from issuer.usecases.standing import set_standing
from keys.checks import CheckFailed
from openid4vc.openid4vp.response import AuthorizationResponse, WalletError, read_response
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.verify import Expected, PinnedIssuerKey, verify

REASON = "holder_request"
_NUMBER_DIGITS = 7


class RevocationOutcome(StrEnum):
    """What became of it, as the wallet is told."""

    REVOKED = "revoked"
    REVOKED_BEFORE = "revoked_before"
    DECLINED = "declined"  # the holder thought better of it


class TakeRevocation:
    """Revokes the very card that was presented, if its holder said so, to us, just now.

    Args:
        requests: None when the service has no access certificate for revoking.
    """

    def __init__(
        self,
        *,
        store: Store,
        vault: Vault,
        signers: Signers,
        clock: Clock,
        addresses: Addresses,
        requests: RevocationRequests | None,
    ) -> None:
        self._store = store
        self._vault = vault
        self._signers = signers
        self._clock = clock
        self._addresses = addresses
        self._requests = requests

    async def __call__(
        self, organisation: str, reference: str, pairs: Sequence[tuple[str, str]]
    ) -> RevocationOutcome:
        """Take the form that a wallet posted.

        Raises:
            RevocationNotOffered: holders cannot revoke here, or the organisation has closed.
            RevocationRequestUnknown: no such request, or its time is over.
            RevocationRefused: the answer does not revoke; its cause is the failed check.
        """
        if self._requests is None:
            raise RevocationNotOffered("no access certificate")
        now = self._clock.now()
        opened = self._requests.open(organisation, reference, at=now)
        try:
            response = read_response(pairs, key=opened.key, state=opened.state)
            if isinstance(response, WalletError):
                return RevocationOutcome.DECLINED
            place = self._place_of(response, opened, self._requests.client_id, now)
            return await self._store.write(
                lambda records: self._revoke(records, opened, place, now)
            )
        except RevocationNotOffered:
            raise
        except CheckFailed as failure:
            raise RevocationRefused(failure.code) from failure

    def _place_of(
        self,
        response: AuthorizationResponse,
        opened: OpenRevocation,
        client_id: str,
        now: datetime,
    ) -> StatusPlace:
        """Check what was presented and return which entry speaks of it."""
        # 1. One card, under the one query.
        presented = response.vp_token.get(QUERY_ID, ())
        if len(response.vp_token) != 1 or len(presented) != 1:
            raise NotOneCard("one card is asked")
        # 2. We signed it; its holder binds it to this request, to this client and to revoking.
        verified = verify(
            presented[0],
            Expected(
                issuer=PinnedIssuerKey(
                    self._signers.signer(opened.organisation, "credential").public_key
                ),
                at=now,
                key_binding=ExpectedKeyBinding(
                    audience=client_id,
                    nonce=opened.nonce,
                    at=now,
                    transaction_data=(opened.transaction,),
                ),
                require_status=True,
            ),
        )
        # 3. It is of the type that the request and its transaction name.
        if verified.vct != opened.vct:
            raise CardNotOfRequest("another type")
        if verified.status is None:
            raise CardNotKept("no status")
        return self._place(opened.organisation, verified.status)

    def _place(self, organisation: str, status: StatusReference) -> StatusPlace:
        lists = f"{self._addresses.status_lists(organisation)}/"
        number = status.uri.removeprefix(lists)
        is_number = number.isascii() and number.isdigit() and len(number) <= _NUMBER_DIGITS
        if not (status.uri.startswith(lists) and is_number):
            raise CardNotKept("another organisation's list")
        return StatusPlace(organisation, int(number), status.index)

    def _revoke(
        self, records: Records, opened: OpenRevocation, place: StatusPlace, now: datetime
    ) -> RevocationOutcome:
        if records.closings.get(opened.organisation) is not None:
            raise RevocationNotOffered("closed")
        # 4. The request is answered once.
        used = self._vault.mac("self-revocation", opened.id)
        if not records.one_time.consume("self-revocation", used, keep_until=opened.expires_at):
            raise RevocationRequestUsed("answered before")
        card = records.expiries.at_place(place)
        if card is None:
            raise CardNotKept("no such card")
        # 5. Revoking is final; whoever has the card gets no other copy of it.
        if not set_standing(records, card, Standing.REVOKED, at=now):
            return RevocationOutcome.REVOKED_BEFORE
        records.credentials.end_request(card.id)
        end_offer(records, card.offer_id, OfferState.COMPLETED, at=now)
        records.audit.add(
            AuditEntry(
                at=now,
                organisation=opened.organisation,
                actor="holder",
                action="revoke",
                object_id=card.id,
                reason=REASON,
            )
        )
        return RevocationOutcome.REVOKED
