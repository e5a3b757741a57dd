"""Every way in which a request is refused by the wallet, or an answer by the verifier."""

from enum import StrEnum
from typing import ClassVar

from openid4vc.checks import CheckFailed
from openid4vc.dcql.errors import FormatNotSupported
from openid4vc.specs import Section


class WalletErrorCode(StrEnum):
    """What a wallet may tell a verifier (8.5)."""

    INVALID_REQUEST = "invalid_request"
    INVALID_CLIENT = "invalid_client"
    ACCESS_DENIED = "access_denied"
    VP_FORMATS_NOT_SUPPORTED = "vp_formats_not_supported"
    INVALID_REQUEST_URI_METHOD = "invalid_request_uri_method"
    INVALID_TRANSACTION_DATA = "invalid_transaction_data"
    WALLET_UNAVAILABLE = "wallet_unavailable"


def error_code_for(failure: CheckFailed) -> WalletErrorCode:
    """Return what a wallet answers after a failure in reading a request (8.5)."""
    if isinstance(failure, RequestRefused):
        return failure.error
    if isinstance(failure, FormatNotSupported):
        return WalletErrorCode.VP_FORMATS_NOT_SUPPORTED
    return WalletErrorCode.INVALID_REQUEST


# --- The wallet refuses a request ---------------------------------------------------------------


class RequestRefused(CheckFailed):
    """The wallet does not answer this request; the subclasses say why.

    Attributes:
        error: what the verifier is told, if it may be told anything.
    """

    code: ClassVar[str] = "request_refused"
    spec: ClassVar[str] = Section.VP_5
    error: ClassVar[WalletErrorCode] = WalletErrorCode.INVALID_REQUEST


class MalformedRequestLink(RequestRefused):
    """The scanned link is no OpenID4VP request by reference."""

    code: ClassVar[str] = "malformed_request_link"
    spec: ClassVar[str] = Section.VP_5_7


class RequestUriMethodInvalid(RequestRefused):
    """`request_uri_method` is neither `get` nor `post`, or there is no `request_uri` for it."""

    code: ClassVar[str] = "request_uri_method_invalid"
    spec: ClassVar[str] = Section.VP_5_1
    error: ClassVar[WalletErrorCode] = WalletErrorCode.INVALID_REQUEST_URI_METHOD


class MalformedRequest(RequestRefused):
    """A parameter of the request is missing, of the wrong JSON type, or too large."""

    code: ClassVar[str] = "malformed_request"
    spec: ClassVar[str] = Section.VP_5


class ClientIdPrefixNotSupported(RequestRefused):
    """The client identifier has another prefix than `x509_hash` and `x509_san_dns`."""

    code: ClassVar[str] = "client_id_prefix_not_supported"
    spec: ClassVar[str] = Section.VP_5_9_1


class ClientIdMismatch(RequestRefused):
    """The signed client identifier is not the one in the link."""

    code: ClassVar[str] = "client_id_mismatch"
    spec: ClassVar[str] = Section.VP_5_10_1


class ClientIdNotOfCertificate(RequestRefused):
    """The client identifier is neither hash nor DNS name of the certificate that signed."""

    code: ClassVar[str] = "client_id_not_of_certificate"
    spec: ClassVar[str] = Section.VP_5_9_3


class RelyingPartyUnknown(RequestRefused):
    """The certificate is trusted, but its holder is not on the list of relying parties."""

    code: ClassVar[str] = "relying_party_unknown"
    spec: ClassVar[str] = Section.RELYING_PARTY
    error: ClassVar[WalletErrorCode] = WalletErrorCode.INVALID_CLIENT


class WalletNonceMismatch(RequestRefused):
    """The request does not repeat the nonce that the wallet sent when it fetched it."""

    code: ClassVar[str] = "wallet_nonce_mismatch"
    spec: ClassVar[str] = Section.VP_5_10_1


class RequestForSomebodyElse(RequestRefused):
    """`aud` names another receiver than a wallet found by its link."""

    code: ClassVar[str] = "request_for_somebody_else"
    spec: ClassVar[str] = Section.VP_5_8


class RequestExpired(RequestRefused):
    """`exp` has passed."""

    code: ClassVar[str] = "request_expired"
    spec: ClassVar[str] = Section.RFC9101_4


class RequestFromFuture(RequestRefused):
    """`iat` or `nbf` lies ahead of the clock."""

    code: ClassVar[str] = "request_from_future"
    spec: ClassVar[str] = Section.RFC9101_4


class TransactionDataNotSupported(RequestRefused):
    """The request wants a transaction confirmed; ignoring that is not allowed."""

    code: ClassVar[str] = "transaction_data_not_supported"
    spec: ClassVar[str] = Section.VP_8_4
    error: ClassVar[WalletErrorCode] = WalletErrorCode.INVALID_TRANSACTION_DATA


class TransactionDataMalformed(RequestRefused):
    """`transaction_data` breaks its form, or names a credential that is not asked."""

    code: ClassVar[str] = "transaction_data_malformed"
    spec: ClassVar[str] = Section.VP_8_4
    error: ClassVar[WalletErrorCode] = WalletErrorCode.INVALID_TRANSACTION_DATA


class ResponseTypeNotSupported(RequestRefused):
    """`response_type` is not `vp_token`."""

    code: ClassVar[str] = "response_type_not_supported"
    spec: ClassVar[str] = Section.VP_5_6


class ResponseModeNotSupported(RequestRefused):
    """`response_mode` is not `direct_post.jwt`."""

    code: ClassVar[str] = "response_mode_not_supported"
    spec: ClassVar[str] = Section.HAIP_5


class RedirectUriPresent(RequestRefused):
    """There is a `redirect_uri` although the answer goes by POST."""

    code: ClassVar[str] = "redirect_uri_present"
    spec: ClassVar[str] = Section.VP_8_2


class ResponseUriInvalid(RequestRefused):
    """`response_uri` is missing or no https URL."""

    code: ClassVar[str] = "response_uri_invalid"
    spec: ClassVar[str] = Section.VP_8_2


class ResponseUriOfAnotherHost(ResponseUriInvalid):
    """Who is known by a DNS name wants the answer sent to another host."""

    code: ClassVar[str] = "response_uri_of_another_host"
    spec: ClassVar[str] = Section.VP_5_9_3


class NonceMalformed(RequestRefused):
    """`nonce` or `state` is missing, too short or has characters outside the URL-safe set."""

    code: ClassVar[str] = "nonce_malformed"
    spec: ClassVar[str] = Section.VP_5_2


class QueryMissing(RequestRefused):
    """There is no `dcql_query`; other ways of asking are not ours."""

    code: ClassVar[str] = "query_missing"
    spec: ClassVar[str] = Section.VP_8_5


class ScopeAndQuery(RequestRefused):
    """The request has both a `scope` and a `dcql_query`."""

    code: ClassVar[str] = "scope_and_query"
    spec: ClassVar[str] = Section.VP_5_1


class ClientMetadataMalformed(RequestRefused):
    """`client_metadata` is missing or breaks a rule of its own."""

    code: ClassVar[str] = "client_metadata_malformed"
    spec: ClassVar[str] = Section.VP_5_1


class EncryptionNotPossible(RequestRefused):
    """No key or no content encryption that the verifier offers is one that we use."""

    code: ClassVar[str] = "encryption_not_possible"
    spec: ClassVar[str] = Section.VP_8_3


class FormatsNotSupported(RequestRefused):
    """The verifier does not take SD-JWT VC signed with ES256."""

    code: ClassVar[str] = "formats_not_supported"
    spec: ClassVar[str] = Section.VP_8_5
    error: ClassVar[WalletErrorCode] = WalletErrorCode.VP_FORMATS_NOT_SUPPORTED


class MalformedInvitation(RequestRefused):
    """What a receipt's `withdrawal_uri` says is not in the agreed form."""

    code: ClassVar[str] = "malformed_invitation"
    spec: ClassVar[str] = Section.WITHDRAWAL


class InvitationForSomebodyElse(RequestRefused):
    """What would be signed for withdrawing is addressed to another than the receipt's receiver."""

    code: ClassVar[str] = "invitation_for_somebody_else"
    spec: ClassVar[str] = Section.WITHDRAWAL


# --- The verifier refuses an answer -------------------------------------------------------------


class MalformedRequestFetch(CheckFailed):
    """What a wallet posted to fetch its request breaks a rule of the form."""

    code: ClassVar[str] = "malformed_request_fetch"
    spec: ClassVar[str] = Section.VP_5_10


class MalformedResponse(CheckFailed):
    """The answer is neither an encrypted response nor an error."""

    code: ClassVar[str] = "malformed_response"
    spec: ClassVar[str] = Section.VP_8_2


class MalformedVpToken(MalformedResponse):
    """`vp_token` is no object of arrays of presentations."""

    code: ClassVar[str] = "malformed_vp_token"
    spec: ClassVar[str] = Section.VP_8_1


class ResponseNotEncrypted(CheckFailed):
    """Presentations came without encryption."""

    code: ClassVar[str] = "response_not_encrypted"
    spec: ClassVar[str] = Section.VP_8_3


class StateMismatch(CheckFailed):
    """The answer belongs to another request."""

    code: ClassVar[str] = "state_mismatch"
    spec: ClassVar[str] = Section.VP_14_4_2
