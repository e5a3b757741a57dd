"""Why an authorization server refuses; each failure names the error code on the wire."""

from typing import ClassVar

from openid4vc.checks import CheckFailed
from openid4vc.specs import Section


class TokenRequestRefused(CheckFailed):
    """A client's token request is refused with an error code of OAuth 2.0.

    Attributes:
        error: the code on the wire; several failures share one.
    """

    code: ClassVar[str] = "token_request_refused"
    spec: ClassVar[str] = Section.RFC6749_5_2
    error: ClassVar[str] = "invalid_request"


class TokenRequestMalformed(TokenRequestRefused):
    """A parameter is missing, repeated, too long or of the wrong form."""

    code: ClassVar[str] = "token_request_malformed"
    spec: ClassVar[str] = Section.RFC6749_4_4_2


class GrantTypeNotTaken(TokenRequestRefused):
    """The grant type is not `client_credentials`."""

    code: ClassVar[str] = "grant_type_not_taken"
    error: ClassVar[str] = "unsupported_grant_type"


class ScopeNotGranted(TokenRequestRefused):
    """A scope was asked for that this client does not have."""

    code: ClassVar[str] = "scope_not_granted"
    spec: ClassVar[str] = Section.RFC6749_3_3
    error: ClassVar[str] = "invalid_scope"


class ClientRefused(TokenRequestRefused):
    """The client did not show who it is."""

    code: ClassVar[str] = "client_refused"
    spec: ClassVar[str] = Section.RFC7523_3
    error: ClassVar[str] = "invalid_client"


class AssertionMissing(ClientRefused):
    """There is no client assertion, or it is not said to be a JWT."""

    code: ClassVar[str] = "assertion_missing"
    spec: ClassVar[str] = Section.RFC7521_4_2


class AssertionMalformed(ClientRefused):
    """The assertion is no JWT of ES256, or a claim of it is missing or of the wrong JSON type."""

    code: ClassVar[str] = "assertion_malformed"


class AssertionOfSomebodyElse(ClientRefused):
    """`iss`, `sub` and `client_id` do not all name the same client."""

    code: ClassVar[str] = "assertion_of_somebody_else"


class AssertionForSomebodyElse(ClientRefused):
    """`aud` names another server, or more than one."""

    code: ClassVar[str] = "assertion_for_somebody_else"


class AssertionExpired(ClientRefused):
    """`exp` has passed."""

    code: ClassVar[str] = "assertion_expired"


class AssertionLivesTooLong(ClientRefused):
    """`exp` lies further ahead, or `iat` further back, than an assertion may live."""

    code: ClassVar[str] = "assertion_lives_too_long"


class AssertionNotYetValid(ClientRefused):
    """`nbf` or `iat` lies ahead of our clock."""

    code: ClassVar[str] = "assertion_not_yet_valid"


class AssertionReplayed(ClientRefused):
    """The assertion was used before."""

    code: ClassVar[str] = "assertion_replayed"


class ClientUnknown(ClientRefused):
    """No live key that is registered for this client made the signature."""

    code: ClassVar[str] = "client_unknown"


# --- Authorization requests, and the codes that they lead to ------------------------------------


class AuthorizationRefused(CheckFailed):
    """A wallet's request to the authorization server is refused with an error code of OAuth 2.0.

    Attributes:
        error: the code on the wire; several failures share one.
    """

    code: ClassVar[str] = "authorization_refused"
    spec: ClassVar[str] = Section.RFC6749_4_1_2_1
    error: ClassVar[str] = "invalid_request"


class AuthorizationRequestMalformed(AuthorizationRefused):
    """A parameter is missing, repeated, too long or of the wrong form."""

    code: ClassVar[str] = "authorization_request_malformed"
    spec: ClassVar[str] = Section.RFC6749_4_1_1


class RequestByReference(AuthorizationRefused):
    """A pushed request refers to another one, or holds a request object."""

    code: ClassVar[str] = "request_by_reference"
    spec: ClassVar[str] = Section.RFC9126_2_1


class ResponseTypeNotTaken(AuthorizationRefused):
    """The response type is not `code`."""

    code: ClassVar[str] = "response_type_not_taken"
    error: ClassVar[str] = "unsupported_response_type"


class RedirectUriNotAllowed(AuthorizationRefused):
    """Whoever listens there could be anybody, or the address is none for a wallet."""

    code: ClassVar[str] = "redirect_uri_not_allowed"
    spec: ClassVar[str] = Section.RFC8252_7


class CodeChallengeMissing(AuthorizationRefused):
    """The request has no code challenge, or one that no verifier leads to."""

    code: ClassVar[str] = "code_challenge_missing"
    spec: ClassVar[str] = Section.RFC7636_4_4_1


class CodeChallengeMethodNotTaken(AuthorizationRefused):
    """The code challenge method is another than `S256`; left out, it is `plain`."""

    code: ClassVar[str] = "code_challenge_method_not_taken"
    spec: ClassVar[str] = Section.RFC7636_4_4_1


class AuthorizationDetailsMalformed(AuthorizationRefused):
    """The authorization details are no JSON array of `openid_credential` objects."""

    code: ClassVar[str] = "authorization_details_malformed"
    spec: ClassVar[str] = Section.RFC9396_5
    error: ClassVar[str] = "invalid_authorization_details"


class PushedRequestMissing(AuthorizationRefused):
    """The authorization request was not pushed first."""

    code: ClassVar[str] = "pushed_request_missing"
    spec: ClassVar[str] = Section.RFC9126_4


class CodeVerifierMissing(AuthorizationRefused):
    """The code was asked for with a challenge, and comes without the verifier."""

    code: ClassVar[str] = "code_verifier_missing"
    spec: ClassVar[str] = Section.RFC7636_4_6
    error: ClassVar[str] = "invalid_grant"


class CodeVerifierWrong(AuthorizationRefused):
    """The code verifier does not lead to the challenge that the code was asked for with."""

    code: ClassVar[str] = "code_verifier_wrong"
    spec: ClassVar[str] = Section.RFC7636_4_6
    error: ClassVar[str] = "invalid_grant"
