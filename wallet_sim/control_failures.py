"""What goes wrong when the person takes a showing back, asks for erasure, or reports a receiver."""

from typing import ClassVar

from wallet_sim.failures import Clause, WalletFailure


class ShowingNotFound(WalletFailure):
    """No entry of the log has this id, or several do."""

    code: ClassVar[str] = "showing_not_found"
    spec: ClassVar[str] = Clause.STORE


class NothingWasShown(WalletFailure):
    """Nothing was shown in this entry, so there is nothing to take back or erase."""

    code: ClassVar[str] = "nothing_was_shown"
    spec: ClassVar[str] = Clause.AFTERWARDS


class PermissionOver(WalletFailure):
    """The permission was withdrawn already, or its time is over."""

    code: ClassVar[str] = "permission_over"
    spec: ClassVar[str] = Clause.AFTERWARDS


class ReceiptMissing(WalletFailure):
    """The wallet holds no receipt of this showing, so it cannot prove that it was this person's."""

    code: ClassVar[str] = "receipt_missing"
    spec: ClassVar[str] = Clause.AFTERWARDS


class WithdrawalAddressMissing(WalletFailure):
    """The receipt names no usable address for withdrawing."""

    code: ClassVar[str] = "withdrawal_address_missing"
    spec: ClassVar[str] = Clause.AFTERWARDS


class ReceiptUnknownThere(WalletFailure):
    """The receiver does not know this receipt any more."""

    code: ClassVar[str] = "receipt_unknown_there"
    spec: ClassVar[str] = Clause.AFTERWARDS


class WithdrawalNotTaken(WalletFailure):
    """The receiver did not take what was sent, twice, or cannot answer now."""

    code: ClassVar[str] = "withdrawal_not_taken"
    spec: ClassVar[str] = Clause.AFTERWARDS


class NobodyToReport(WalletFailure):
    """The entry does not know who was on the other side."""

    code: ClassVar[str] = "nobody_to_report"
    spec: ClassVar[str] = Clause.AFTERWARDS


class ReportNotTaken(WalletFailure):
    """The supervisor did not take the report now."""

    code: ClassVar[str] = "report_not_taken"
    spec: ClassVar[str] = Clause.AFTERWARDS


class SupervisorAddressUnfit(WalletFailure):
    """The address for reports is no https address."""

    code: ClassVar[str] = "supervisor_address_unfit"
    spec: ClassVar[str] = Clause.INPUT
