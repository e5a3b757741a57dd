"""Why an organisation's address is refused or not there."""

from typing import ClassVar, Final

from keys.checks import CheckFailed

_RULE: Final = "Kykylompakko ADR 19 (what is told, and how)"


class WebhookAddressUnfit(CheckFailed):
    """The address is no plain https address of another machine."""

    code: ClassVar[str] = "webhook_address_unfit"
    spec: ClassVar[str] = _RULE


class WebhookNotSet(CheckFailed):
    """The organisation has no address at which it is told."""

    code: ClassVar[str] = "webhook_not_set"
    spec: ClassVar[str] = _RULE
