"""Taking a showing back: the receipt is presented to the receiver, bound to a nonce for just that.

The messages are ``openid4vc.openid4vp.withdrawal``'s. Of the receipt nothing is disclosed but what
every showing of it reveals.
"""

from http import HTTPStatus
from typing import Final

from openid4vc.openid4vp.errors import MalformedInvitation
from openid4vc.openid4vp.withdrawal import (
    Done,
    Invitation,
    Wish,
    read_done,
    read_invitation,
    withdrawal_form,
)
from openid4vc.shapes import Shape
from wallet_sim.answers import JSON, json_object
from wallet_sim.control_failures import (
    ReceiptUnknownThere,
    WithdrawalAddressMissing,
    WithdrawalNotTaken,
)
from wallet_sim.failures import WalletFailure
from wallet_sim.held import holder_signer
from wallet_sim.mischief import HONEST, Binding
from wallet_sim.ports import Reply
from wallet_sim.receipts import GivenReceipt
from wallet_sim.tools import Tools

_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_TAKEN: Final = frozenset({HTTPStatus.OK, HTTPStatus.ACCEPTED})
_ADDRESS: Final = Shape(WithdrawalAddressMissing)


class Withdrawer:
    """Sends one wish about one receipt."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def address(self, receipt: GivenReceipt) -> str:
        """Return where the receipt is taken back; raises ``WithdrawalAddressMissing``."""
        loopback = self._tools.unsafe_loopback_http
        return _ADDRESS.url(receipt.withdrawal_uri, "withdrawal_uri", allow_loopback_http=loopback)

    async def send(self, receipt: GivenReceipt, wish: Wish) -> Done:
        """Ask the receiver, with a fresh nonce once more when it does not take the first.

        Raises:
            WithdrawalAddressMissing: nothing was sent.
            ReceiptUnknownThere, WithdrawalNotTaken, ConnectionLost: the receiver's answers.
            MalformedInvitation, InvitationForSomebodyElse: what it wants signed is not for this.
        """
        address = self.address(receipt)
        reply = await self._post(address, receipt, wish)
        if reply.status == HTTPStatus.BAD_REQUEST:  # the nonce may have been used on the way
            reply = await self._post(address, receipt, wish)
        if reply.status in _GONE:
            raise ReceiptUnknownThere
        if reply.status not in _TAKEN:
            raise WithdrawalNotTaken(f"status {reply.status}")
        return _done(reply)

    async def _post(self, address: str, receipt: GivenReceipt, wish: Wish) -> Reply:
        invitation = await self._invitation(address, receipt)
        form = withdrawal_form(self._presentation(receipt, invitation), wish)
        return await self._tools.network.post(address, form=form)

    async def _invitation(self, address: str, receipt: GivenReceipt) -> Invitation:
        reply = await self._tools.network.get(address, accept=JSON)
        if reply.status in _GONE:
            raise ReceiptUnknownThere
        if reply.status != HTTPStatus.OK:
            raise WithdrawalNotTaken(f"status {reply.status}")
        return read_invitation(reply.body, client_id=receipt.receiver_id)

    def _presentation(self, receipt: GivenReceipt, invitation: Invitation) -> str:
        binding = Binding(
            signer=holder_signer(receipt.held.card),
            audience=invitation.audience,
            nonce=invitation.nonce,
            at=self._tools.clock.now(),
        )
        return HONEST.presentation(receipt.held.sd_jwt, (), binding)


def _done(reply: Reply) -> Done:
    """Read the answer; one that says nothing clear was none (it can safely be asked again)."""
    try:
        return Done.ASKED if reply.status == HTTPStatus.ACCEPTED else read_done(json_object(reply))
    except (WalletFailure, MalformedInvitation):
        raise WithdrawalNotTaken("answer") from None
