"""Check a receipt that its holder presents: the same nine checks as for any card, then: is it ours.

What cannot be confirmed is good enough here. The receipt only ever takes data away from this
receiver, and a status list that cannot be had must not stand in its holder's way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from verifier.model import Outcome
from verifier.usecases.check_presentation import CheckPresentation, ExpectedResponse
from verifier.usecases.client_side_model import GivenReceipt, GivenReceipts
from verifier.usecases.receipt_book import RECEIPT_TYPE, receipt_key

ID = "receipt_id"
_GOOD_ENOUGH = frozenset({None, Outcome.CANNOT_CONFIRM})


@dataclass(frozen=True, slots=True)
class HeldReceipt:
    """A receipt of ours in its holder's hands.

    Attributes:
        receipt: what is remembered of it.
        disclosed: what the holder lets us see of the card itself.
    """

    receipt: GivenReceipt
    disclosed: Mapping[str, object]


class CheckReceipt:
    """See the module text."""

    def __init__(self, *, check: CheckPresentation, given: GivenReceipts) -> None:
        self._check = check
        self._given = given

    async def __call__(
        self, vp_token: Mapping[str, Sequence[str]], expected: ExpectedResponse
    ) -> HeldReceipt | None:
        """Return the receipt, None for whatever is no receipt of ours in its holder's hands.

        Args:
            vp_token: query ids to presentations.
            expected: audience, nonce and query.
        """
        verdict = await self._check(vp_token, expected)
        if verdict.outcome not in _GOOD_ENOUGH or len(verdict.shown) != 1:
            return None
        (card,) = verdict.shown
        number = card.claims.get(ID)
        if card.type_id != RECEIPT_TYPE or not isinstance(number, str):
            return None
        receipt = await self._given.find(receipt_key(number))
        # Another organisation that may issue receipts could have copied the number.
        if receipt is None or receipt.issuer != card.issuer:
            return None
        return HeldReceipt(receipt, card.claims)
