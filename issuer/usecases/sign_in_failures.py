"""Why signing in did not work: one class, one code, one clause for each reason."""

from typing import ClassVar

from keys.checks import CheckFailed


class SignInMissing(CheckFailed):
    """Nobody can sign in at this service: no identity provider is set."""

    code: ClassVar[str] = "sign_in_missing"
    spec: ClassVar[str] = "OpenID4VCI 5"


class SignInUnavailable(CheckFailed):
    """The identity provider cannot be reached, or does not describe itself as it should."""

    code: ClassVar[str] = "sign_in_unavailable"
    spec: ClassVar[str] = "OpenID Connect Discovery 4.3"


class SignInDeclined(CheckFailed):
    """The identity provider answered that nobody signed in."""

    code: ClassVar[str] = "sign_in_declined"
    spec: ClassVar[str] = "OpenID Connect Core 3.1.2.6"


class SignInAnswerInvalid(CheckFailed):
    """What came back from the identity provider is not to be trusted; subclasses say why."""

    code: ClassVar[str] = "sign_in_answer_invalid"
    spec: ClassVar[str] = "OpenID Connect Core 3.1.2.7"


class SignInStateMismatch(SignInAnswerInvalid):
    """The answer is not one to this browser's sign-in."""

    code: ClassVar[str] = "sign_in_state_mismatch"
    spec: ClassVar[str] = "RFC 9700 4.7"


class SignInIssuerMismatch(SignInAnswerInvalid):
    """The answer comes from another identity provider."""

    code: ClassVar[str] = "sign_in_issuer_mismatch"
    spec: ClassVar[str] = "RFC 9207 2.4"


class SignInCodeRefused(SignInAnswerInvalid):
    """The identity provider takes the code not, or gives no token for it."""

    code: ClassVar[str] = "sign_in_code_refused"
    spec: ClassVar[str] = "OpenID Connect Core 3.1.3.4"


class SignInTokenForged(SignInAnswerInvalid):
    """The token is not signed by the identity provider, or not in a way that we take."""

    code: ClassVar[str] = "sign_in_token_forged"
    spec: ClassVar[str] = "OpenID Connect Core 3.1.3.7"


class SignInTokenUnfit(SignInAnswerInvalid):
    """The token is for somebody else, for another sign-in, or not of this moment."""

    code: ClassVar[str] = "sign_in_token_unfit"
    spec: ClassVar[str] = "OpenID Connect Core 3.1.3.7"
