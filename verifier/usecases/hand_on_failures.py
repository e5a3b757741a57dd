"""The failures of handing something on after an outcome."""

from typing import ClassVar

from keys.checks import CheckFailed


class HandOnNotAllowed(CheckFailed):
    """Nothing may be handed on: not accepted, not kept by this task, or erased already."""

    code: ClassVar[str] = "hand_on_not_allowed"
    spec: ClassVar[str] = "Kykylompakko decision 6 (presented data is for seeing)"


class CaseSystemRefused(CheckFailed):
    """The case system did not take a copy; it is sent again later."""

    code: ClassVar[str] = "case_system_refused"
    spec: ClassVar[str] = "Standard Webhooks 1.0.0: delivery"


class ReceiptUnavailable(CheckFailed):
    """The issuing service did not make an offer of the receipt now."""

    code: ClassVar[str] = "receipt_unavailable"
    spec: ClassVar[str] = "Kykylompakko issuer API: offers"
