"""Failures that the issuer puts on the wire; `wallet_errors` has those that the wallet finds."""

import re
from typing import ClassVar, Final

from openid4vc.checks import CheckFailed
from openid4vc.specs import Section

MAX_DESCRIPTION_CHARS: Final = 300

_OUTSIDE_CHARSET: Final = re.compile(r"[^\x20-\x21\x23-\x5B\x5D-\x7E]")


class ProtocolError(CheckFailed):
    """A wallet's request is refused with an error code of the protocol.

    Attributes:
        error: the code on the wire; several failures share one.
    """

    code: ClassVar[str] = "protocol_error"
    spec: ClassVar[str] = Section.RFC6749_5_2
    error: ClassVar[str] = "invalid_request"


def error_json(failure: ProtocolError) -> dict[str, str]:
    """Return the error body: `error`, and our own code and remark as `error_description`.

    Characters that 8.3.1.2 does not allow in a description become `?`.
    """
    return {"error": failure.error, "error_description": description(str(failure))}


def description(text: str) -> str:
    """Return a text within the characters and length of an error or event description."""
    return _OUTSIDE_CHARSET.sub("?", text)[:MAX_DESCRIPTION_CHARS]


def is_description(text: str) -> bool:
    """Whether a text has only characters that a description may have (8.3.1.2, 11.1)."""
    return _OUTSIDE_CHARSET.search(text) is None


# --- Token endpoint -----------------------------------------------------------------------------


class InvalidRequest(ProtocolError):
    """A parameter is missing, or the request is malformed."""

    code: ClassVar[str] = "invalid_request"
    spec: ClassVar[str] = Section.VCI_6_3


class ParameterRepeated(InvalidRequest):
    """A parameter was sent twice."""

    code: ClassVar[str] = "parameter_repeated"
    spec: ClassVar[str] = Section.RFC6749_3_2


class TxCodeMissing(InvalidRequest):
    """The offer asks for a transaction code, the token request has none."""

    code: ClassVar[str] = "tx_code_missing"


class TxCodeNotExpected(InvalidRequest):
    """The offer asks for no transaction code, the token request has one."""

    code: ClassVar[str] = "tx_code_not_expected"


class InvalidGrant(ProtocolError):
    """The pre-authorised code is unknown, used or expired, or the transaction code is wrong."""

    code: ClassVar[str] = "invalid_grant"
    spec: ClassVar[str] = Section.VCI_6_3
    error: ClassVar[str] = "invalid_grant"


class InvalidClient(ProtocolError):
    """The client is unknown, or may not ask anonymously."""

    code: ClassVar[str] = "invalid_client"
    spec: ClassVar[str] = Section.VCI_6_3
    error: ClassVar[str] = "invalid_client"


class UnsupportedGrantType(ProtocolError):
    """Another grant type than the pre-authorised code."""

    code: ClassVar[str] = "unsupported_grant_type"
    spec: ClassVar[str] = Section.RFC6749_5_2
    error: ClassVar[str] = "unsupported_grant_type"


class InvalidAuthorizationDetails(ProtocolError):
    """Authorization details that are malformed, or for something that was not offered."""

    code: ClassVar[str] = "invalid_authorization_details"
    spec: ClassVar[str] = Section.RFC9396_5
    error: ClassVar[str] = "invalid_authorization_details"


# --- Credential endpoint ------------------------------------------------------------------------


class InvalidToken(ProtocolError):
    """The access token is missing, unknown, expired or for something else."""

    code: ClassVar[str] = "invalid_token"
    spec: ClassVar[str] = Section.RFC6750_3
    error: ClassVar[str] = "invalid_token"


class InvalidCredentialRequest(ProtocolError):
    """The credential request lacks something, says it twice, or is malformed."""

    code: ClassVar[str] = "invalid_credential_request"
    spec: ClassVar[str] = Section.VCI_8_3_1_2
    error: ClassVar[str] = "invalid_credential_request"


class UnknownCredentialConfiguration(ProtocolError):
    """The configuration is not one of this issuer, or not one of this grant."""

    code: ClassVar[str] = "unknown_credential_configuration"
    spec: ClassVar[str] = Section.VCI_8_3_1_2
    error: ClassVar[str] = "unknown_credential_configuration"


class UnknownCredentialIdentifier(ProtocolError):
    """The identifier is none that came with this access token."""

    code: ClassVar[str] = "unknown_credential_identifier"
    spec: ClassVar[str] = Section.VCI_8_3_1_2
    error: ClassVar[str] = "unknown_credential_identifier"


class CredentialRequestDenied(ProtocolError):
    """The credential cannot be issued, now or later."""

    code: ClassVar[str] = "credential_request_denied"
    spec: ClassVar[str] = Section.VCI_8_3_1_2
    error: ClassVar[str] = "credential_request_denied"


class InvalidEncryptionParameters(ProtocolError):
    """An encrypted response was asked for in a way that our metadata do not offer."""

    code: ClassVar[str] = "invalid_encryption_parameters"
    spec: ClassVar[str] = Section.VCI_8_3_1_2
    error: ClassVar[str] = "invalid_encryption_parameters"


class ResponseEncryptionInTheClear(InvalidEncryptionParameters):
    """An encrypted response was asked for in a request that was not encrypted itself."""

    code: ClassVar[str] = "response_encryption_in_the_clear"
    spec: ClassVar[str] = Section.VCI_8_2


class ResponseEncryptionMissing(InvalidEncryptionParameters):
    """No encrypted response was asked for, although our metadata require it."""

    code: ClassVar[str] = "response_encryption_missing"
    spec: ClassVar[str] = Section.VCI_12_2_4


class RequestNotDecrypted(InvalidEncryptionParameters):
    """The request is no JWE to our key, or of a kind that our metadata do not name."""

    code: ClassVar[str] = "request_not_decrypted"
    spec: ClassVar[str] = Section.VCI_10


class InvalidProof(ProtocolError):
    """`proofs` is missing, or a key proof does not hold."""

    code: ClassVar[str] = "invalid_proof"
    spec: ClassVar[str] = Section.VCI_8_3_1_2
    error: ClassVar[str] = "invalid_proof"


class ProofMissing(InvalidProof):
    """There is no `proofs`; the `proof` of old drafts does not count."""

    code: ClassVar[str] = "proof_missing"
    spec: ClassVar[str] = Section.VCI_8_2


class ProofTypeNotSupported(InvalidProof):
    """`proofs` does not hold exactly one proof type, or one that we do not take."""

    code: ClassVar[str] = "proof_type_not_supported"
    spec: ClassVar[str] = Section.VCI_8_2


class TooManyProofs(InvalidProof):
    """More proofs than the metadata allows in a batch."""

    code: ClassVar[str] = "too_many_proofs"
    spec: ClassVar[str] = Section.VCI_12_2_4


class ProofKeyRepeated(InvalidProof):
    """Two proofs of a batch are for the same key; every copy needs one of its own."""

    code: ClassVar[str] = "proof_key_repeated"
    spec: ClassVar[str] = Section.VCI_3_3_2


class MalformedProof(InvalidProof):
    """The proof is no JWT, or a claim of it is missing or of the wrong JSON type."""

    code: ClassVar[str] = "malformed_proof"
    spec: ClassVar[str] = Section.VCI_F_1


class ProofKeyNotAllowed(InvalidProof):
    """The header does not hold exactly one key, as a public P-256 `jwk`."""

    code: ClassVar[str] = "proof_key_not_allowed"
    spec: ClassVar[str] = Section.VCI_F_1


class ProofSignatureInvalid(InvalidProof):
    """Wrong type or algorithm, or not signed with the key in the header."""

    code: ClassVar[str] = "proof_signature_invalid"
    spec: ClassVar[str] = Section.VCI_F_4


class ProofForOtherIssuer(InvalidProof):
    """`aud` is not this credential issuer."""

    code: ClassVar[str] = "proof_for_other_issuer"
    spec: ClassVar[str] = Section.VCI_F_1


class ProofOfOtherClient(InvalidProof):
    """`iss` is not the client, or is there although the client is anonymous."""

    code: ClassVar[str] = "proof_of_other_client"
    spec: ClassVar[str] = Section.VCI_F_1


class ProofStale(InvalidProof):
    """`iat` lies too far back, or ahead of our clock."""

    code: ClassVar[str] = "proof_stale"
    spec: ClassVar[str] = Section.VCI_F_4


class ProofNonceMissing(InvalidProof):
    """The proof carries no nonce."""

    code: ClassVar[str] = "proof_nonce_missing"
    spec: ClassVar[str] = Section.VCI_8_3_1_2


class InvalidNonce(ProtocolError):
    """The nonce is not ours, too old or used; a new one helps."""

    code: ClassVar[str] = "invalid_nonce"
    spec: ClassVar[str] = Section.VCI_8_3_1_2
    error: ClassVar[str] = "invalid_nonce"


# --- Deferred credential endpoint ---------------------------------------------------------------


class InvalidTransactionId(ProtocolError):
    """The transaction id is unknown, of another access token, or its credential was collected."""

    code: ClassVar[str] = "invalid_transaction_id"
    spec: ClassVar[str] = Section.VCI_9_3
    error: ClassVar[str] = "invalid_transaction_id"


# --- Notification endpoint ----------------------------------------------------------------------


class InvalidNotificationId(ProtocolError):
    """The notification names no issuance of this access token."""

    code: ClassVar[str] = "invalid_notification_id"
    spec: ClassVar[str] = Section.VCI_11_3
    error: ClassVar[str] = "invalid_notification_id"


class InvalidNotificationRequest(ProtocolError):
    """The notification lacks something or names an unknown event."""

    code: ClassVar[str] = "invalid_notification_request"
    spec: ClassVar[str] = Section.VCI_11_3
    error: ClassVar[str] = "invalid_notification_request"
