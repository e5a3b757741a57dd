"""Take a showing back by its receipt, from wallet to receiver, without any page.

The presentation is bound to a name that this receiver asks by nowhere else, so nothing that was
shown at a desk withdraws anything, and what is signed here is worth nothing at a desk.
"""

from collections.abc import Mapping, Sequence

from keys.checks import CheckFailed
from openid4vc.dcql.model import SD_JWT_VC, ClaimsQuery, CredentialQuery, Query
from openid4vc.openid4vp.withdrawal import (
    Done,
    invitation_json,
    read_withdrawal_form,
    withdrawal_audience,
)
from openid4vc.sd_jwt.parse import parse
from verifier.ports import Clock
from verifier.usecases.act_on_receipt import ReceiptWork
from verifier.usecases.check_presentation import ExpectedResponse
from verifier.usecases.check_receipt import ID
from verifier.usecases.client_side_model import ReceiptRefused
from verifier.usecases.failures import RequestUnknown
from verifier.usecases.invitations import LIFE, Invitations
from verifier.usecases.receipt_book import RECEIPT_TYPE, client_id_of


class WithdrawByReceipt:
    """See the module text."""

    def __init__(
        self,
        *,
        work: ReceiptWork,
        invitations: Invitations,
        client_id: str,
        vct: str,
        clock: Clock,
    ) -> None:
        """Take what it needs.

        Args:
            work: checks what is presented, and does what is asked.
            invitations: the nonces.
            client_id: this receiver, as its receipts name it now; older ones may name another.
            vct: the receipts' type.
            clock: the time.
        """
        self._work = work
        self._invitations = invitations
        self._client_id = client_id
        query = CredentialQuery(
            id=RECEIPT_TYPE, format=SD_JWT_VC, vct_values=(vct,), claims=(ClaimsQuery(path=(ID,)),)
        )
        self._query = Query((query,))
        self._clock = clock

    async def invite(self, named: str) -> Mapping[str, object]:
        """Return what a presentation has to be bound to.

        Args:
            named: last part of the address.

        Raises:
            RequestUnknown: no receipt of ours names that receiver.
        """
        client_id = await self._ours(named)
        nonce = self._invitations.draw(client_id, at=self._clock.now())
        return invitation_json(client_id, nonce=nonce, lifetime=LIFE)

    async def __call__(self, named: str, pairs: Sequence[tuple[str, str]]) -> Done:
        """Take the form that a wallet posted.

        Args:
            named: last part of the address.
            pairs: the form.

        Raises:
            RequestUnknown: no receipt of ours names that receiver.
            MalformedResponse: the form has another shape.
            InvitationOver: the nonce is not ours, out of time or used.
            ReceiptRefused: no receipt of ours in its holder's hands.
        """
        client_id = await self._ours(named)
        presentation, wish = read_withdrawal_form(pairs)
        now = self._clock.now()
        nonce = _nonce_in(presentation)
        once = self._invitations.check(nonce, client_id, at=now)
        expected = ExpectedResponse(
            query=self._query, client_id=withdrawal_audience(client_id), nonce=nonce, at=now
        )
        held = await self._work.check({RECEIPT_TYPE: (presentation,)}, expected)
        if held is None or held.receipt.client_id != client_id:
            raise ReceiptRefused
        return await self._work.act(held.receipt, wish, once=once)

    async def _ours(self, named: str) -> str:
        client_id = client_id_of(named)
        if client_id != self._client_id and not await self._work.given.knows(client_id):
            raise RequestUnknown
        return client_id


def _nonce_in(presentation: str) -> str:
    """Return the nonce that a presentation says it is bound to; nothing is checked yet."""
    try:
        binding = parse(presentation).key_binding
    except CheckFailed as failure:
        raise ReceiptRefused from failure
    nonce = None if binding is None else binding.claims.get("nonce")
    if not isinstance(nonce, str):
        raise ReceiptRefused
    return nonce
