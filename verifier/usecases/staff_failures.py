"""The failures of signing in at the desk: one class, one code, one clause each."""

from datetime import datetime
from typing import ClassVar

from keys.checks import CheckFailed


class SignInRefused(CheckFailed):
    """The name and the password do not belong together; which is wrong, is not told."""

    code: ClassVar[str] = "sign_in_refused"
    spec: ClassVar[str] = "NIST SP 800-63B 3.1.1"


class TooManyTries(CheckFailed):
    """Wrong passwords came too often; nothing is compared for a while."""

    code: ClassVar[str] = "too_many_tries"
    spec: ClassVar[str] = "NIST SP 800-63B 3.2.2"

    def __init__(self, until: datetime) -> None:
        """Keep until when nothing is compared."""
        super().__init__("barred for a while")
        self.until = until


class PasswordUnfit(CheckFailed):
    """The password is too short, too long, or the person's own name."""

    code: ClassVar[str] = "password_unfit"
    spec: ClassVar[str] = "NIST SP 800-63B 3.1.1.2"


class StaffNameUnfit(CheckFailed):
    """A sign-in name has 1 to 64 letters, digits, dots, dashes or underscores."""

    code: ClassVar[str] = "staff_name_unfit"
    spec: ClassVar[str] = "Kykylompakko staff accounts"


class StaffNameTaken(CheckFailed):
    """There is an account of that name already."""

    code: ClassVar[str] = "staff_name_taken"
    spec: ClassVar[str] = "Kykylompakko staff accounts"


class StaffUnknown(CheckFailed):
    """There is no local account of that name."""

    code: ClassVar[str] = "staff_unknown"
    spec: ClassVar[str] = "Kykylompakko staff accounts"


class RoleNotHeld(CheckFailed):
    """The person has no role that the organisation holds on the trust list."""

    code: ClassVar[str] = "role_not_held"
    spec: ClassVar[str] = "Kykylompakko decision 7 (allow-lists)"


class SessionLocked(CheckFailed):
    """Nobody did anything for a while; the person must show again who they are."""

    code: ClassVar[str] = "session_locked"
    spec: ClassVar[str] = "OWASP ASVS 7.3.1"


class RoleNotChosen(CheckFailed):
    """The person has several roles and has not said which one it is now."""

    code: ClassVar[str] = "role_not_chosen"
    spec: ClassVar[str] = "Kykylompakko decision 7 (allow-lists)"


class ProviderMissing(CheckFailed):
    """This desk has no identity provider."""

    code: ClassVar[str] = "provider_missing"
    spec: ClassVar[str] = "Kykylompakko staff accounts"


class ProviderUnavailable(CheckFailed):
    """The identity provider cannot be reached, or does not describe itself as it should."""

    code: ClassVar[str] = "provider_unavailable"
    spec: ClassVar[str] = "OpenID Connect Discovery 4.3"


class ProviderDeclined(CheckFailed):
    """The identity provider answered that nobody signed in."""

    code: ClassVar[str] = "provider_declined"
    spec: ClassVar[str] = "OpenID Connect Core 3.1.2.6"


class ProviderAnswerInvalid(CheckFailed):
    """What came back from the identity provider is not to be trusted; subclasses say why."""

    code: ClassVar[str] = "provider_answer_invalid"
    spec: ClassVar[str] = "OpenID Connect Core 3.1.2.7"


class ProviderStateMismatch(ProviderAnswerInvalid):
    """The answer is not one to this browser's sign-in."""

    code: ClassVar[str] = "provider_state_mismatch"
    spec: ClassVar[str] = "RFC 9700 4.7"


class ProviderIssuerMismatch(ProviderAnswerInvalid):
    """The answer comes from another identity provider."""

    code: ClassVar[str] = "provider_issuer_mismatch"
    spec: ClassVar[str] = "RFC 9207 2.4"


class ProviderCodeRefused(ProviderAnswerInvalid):
    """The identity provider takes the code not, or gives no token for it."""

    code: ClassVar[str] = "provider_code_refused"
    spec: ClassVar[str] = "OpenID Connect Core 3.1.3.4"


class ProviderTokenForged(ProviderAnswerInvalid):
    """The token is not signed by the identity provider, or not in a way that we take."""

    code: ClassVar[str] = "provider_token_forged"
    spec: ClassVar[str] = "OpenID Connect Core 3.1.3.7"


class ProviderTokenUnfit(ProviderAnswerInvalid):
    """The token is for somebody else, for another sign-in, or not of this moment."""

    code: ClassVar[str] = "provider_token_unfit"
    spec: ClassVar[str] = "OpenID Connect Core 3.1.3.7"
