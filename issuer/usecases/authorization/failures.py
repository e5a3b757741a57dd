"""Why an authorization ends: what the wallet is told, and what the person is."""

from typing import ClassVar

from keys.checks import CheckFailed
from openid4vc.oauth.errors import AuthorizationRefused

_VCI_5 = "OpenID4VCI 1.0 5.1"
_CODE = "RFC 6749 4.1.3"
_SESSION = "RFC 9700 4.7"


class NothingAskedFor(AuthorizationRefused):
    """No scope, or none of a card that wallets can ask this organisation for."""

    code: ClassVar[str] = "nothing_asked_for"
    spec: ClassVar[str] = _VCI_5
    error: ClassVar[str] = "invalid_scope"


class SeveralAskedFor(AuthorizationRefused):
    """Scopes of several cards; a wallet asks for one at a time."""

    code: ClassVar[str] = "several_asked_for"
    spec: ClassVar[str] = _VCI_5
    error: ClassVar[str] = "invalid_scope"


class DetailsNotToBeHad(AuthorizationRefused):
    """Authorization details of several cards, or of one that wallets cannot ask for here."""

    code: ClassVar[str] = "details_not_to_be_had"
    spec: ClassVar[str] = "RFC 9396 5"
    error: ClassVar[str] = "invalid_authorization_details"


class ProofOfOtherKey(AuthorizationRefused):
    """The pushed request names one key for its tokens and is proved with another."""

    code: ClassVar[str] = "proof_of_other_key"
    spec: ClassVar[str] = "RFC 9449 10.1"
    error: ClassVar[str] = "invalid_dpop_proof"


# --- What the person sees -----------------------------------------------------------------------


class AuthorizationOver(CheckFailed):
    """What the browser asks for is not there, or not any more; subclasses say why."""

    code: ClassVar[str] = "authorization_over"
    spec: ClassVar[str] = "RFC 9126 4"


class RequestUriUnknown(AuthorizationOver):
    """The request URI is unknown, used, too old, or another wallet's."""

    code: ClassVar[str] = "request_uri_unknown"


class BrowserUnknown(AuthorizationOver):
    """Nothing was begun in this browser, or it is over."""

    code: ClassVar[str] = "browser_unknown"
    spec: ClassVar[str] = _SESSION


class FormForged(AuthorizationOver):
    """The answer does not come from the page that this browser was shown."""

    code: ClassVar[str] = "form_forged"
    spec: ClassVar[str] = _SESSION


class NothingForPerson(CheckFailed):
    """The organisation has no such card for the person, and none is on its way."""

    code: ClassVar[str] = "nothing_for_person"
    spec: ClassVar[str] = "RFC 6749 4.1.2.1"


# --- Codes and refresh tokens -------------------------------------------------------------------


class CodeRefused(AuthorizationRefused):
    """The code is unknown or too old; subclasses say what else may be wrong with it."""

    code: ClassVar[str] = "code_refused"
    spec: ClassVar[str] = _CODE
    error: ClassVar[str] = "invalid_grant"


class CodeUsedBefore(CodeRefused):
    """The code was used before; what came of it ends."""

    code: ClassVar[str] = "code_used_before"
    spec: ClassVar[str] = "RFC 6749 4.1.2"


class CodeOfOtherClient(CodeRefused):
    """The code was given to another wallet product."""

    code: ClassVar[str] = "code_of_other_client"


class CodeOfOtherInstance(CodeRefused):
    """The code was given to another instance of the wallet."""

    code: ClassVar[str] = "code_of_other_instance"
    spec: ClassVar[str] = "OpenID4VC HAIP 1.0 4.4.1"


class CodeRedirectDiffers(CodeRefused):
    """The code was sent to another address than the token request names."""

    code: ClassVar[str] = "code_redirect_differs"


class CodeOfOtherKey(CodeRefused):
    """The code was asked for with another key for its tokens."""

    code: ClassVar[str] = "code_of_other_key"
    spec: ClassVar[str] = "RFC 9449 10"


class RefreshRefused(CodeRefused):
    """The refresh token is unknown or over, or what it stands for was revoked or suspended."""

    code: ClassVar[str] = "refresh_refused"
    spec: ClassVar[str] = "RFC 6749 6"


class RefreshOfOtherWallet(RefreshRefused):
    """The refresh token was given to another wallet, or to one with another key."""

    code: ClassVar[str] = "refresh_of_other_wallet"
    spec: ClassVar[str] = "Attestation-Based Client Authentication 9.3"


class RenewalNotNow(AuthorizationRefused):
    """The organisation's own system has no claims to give now; the refresh token stays good."""

    code: ClassVar[str] = "renewal_not_now"
    spec: ClassVar[str] = "RFC 6749 4.1.2.1"
    error: ClassVar[str] = "temporarily_unavailable"
