"""What goes wrong while a person revokes an own card."""

from typing import ClassVar

from wallet_sim.failures import Clause, WalletFailure


class RevocationNotPossible(WalletFailure):
    """The card's issuer lets nobody revoke a card by presenting it, or not any more."""

    code: ClassVar[str] = "revocation_not_possible"
    spec: ClassVar[str] = Clause.REVOKING


class RevocationRequestUnfit(WalletFailure):
    """What the issuer gave is no request to revoke this card and nothing more."""

    code: ClassVar[str] = "revocation_request_unfit"
    spec: ClassVar[str] = Clause.REVOKING
