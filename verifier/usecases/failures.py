"""The failures that only a verifier knows: one class, one code, one clause each."""

from typing import ClassVar

from keys.checks import CheckFailed


class ProfileNotAllowed(CheckFailed):
    """There is no such profile for this role."""

    code: ClassVar[str] = "profile_not_allowed"
    spec: ClassVar[str] = "Kykylompakko decision 7 (allow-lists)"


class VerificationUnknown(CheckFailed):
    """There is no such verification, or it belongs to somebody else."""

    code: ClassVar[str] = "verification_unknown"
    spec: ClassVar[str] = "OpenID4VP 14.4.3"


class RequestUnknown(CheckFailed):
    """No request stands behind this address."""

    code: ClassVar[str] = "request_unknown"
    spec: ClassVar[str] = "OpenID4VP 5.10"


class RequestOver(CheckFailed):
    """The request is answered, closed or out of time."""

    code: ClassVar[str] = "request_over"
    spec: ClassVar[str] = "OpenID4VP 14.4.2"


class Replayed(CheckFailed):
    """A response to this request has been taken already."""

    code: ClassVar[str] = "replayed"
    spec: ClassVar[str] = "OpenID4VP 14.4.2"


class SelfInitiated(CheckFailed):
    """The wallet showed the code by itself, to nobody's challenge: nothing is confirmed by it."""

    code: ClassVar[str] = "self_initiated"
    spec: ClassVar[str] = "Kykylompakko presentation QR 6.2"


class NoCodeRead(CheckFailed):
    """There was no code in what the desk was given to read."""

    code: ClassVar[str] = "no_code_read"
    spec: ClassVar[str] = "Kykylompakko presentation QR 3.2"


class PictureTooLarge(CheckFailed):
    """The picture has more bytes or pixels than the desk reads."""

    code: ClassVar[str] = "picture_too_large"
    spec: ClassVar[str] = "Kykylompakko verifier API"


class PictureUnreadable(CheckFailed):
    """The file is no PNG or JPEG picture, or a broken one."""

    code: ClassVar[str] = "picture_unreadable"
    spec: ClassVar[str] = "Kykylompakko verifier API"


class TrustListMissing(CheckFailed):
    """No trust list has been read yet."""

    code: ClassVar[str] = "trust_list_missing"
    spec: ClassVar[str] = "ETSI TS 119 602"


class TrustListUnavailable(CheckFailed):
    """The trust list's source could not be read."""

    code: ClassVar[str] = "trust_list_unavailable"
    spec: ClassVar[str] = "ETSI TS 119 602"


class StatusUnknown(CheckFailed):
    """No usable status list could be had."""

    code: ClassVar[str] = "status_unknown"
    spec: ClassVar[str] = "Token Status List 8.3"


class IssuerClosed(CheckFailed):
    """The issuer has closed and its last status list has ended."""

    code: ClassVar[str] = "issuer_closed"
    spec: ClassVar[str] = "Kykylompakko trust list: history of an entry"


class NamesDiffer(CheckFailed):
    """Two cards of one response name different people."""

    code: ClassVar[str] = "names_differ"
    spec: ClassVar[str] = "Kykylompakko check 9"


class IdentityCodesConflict(CheckFailed):
    """Two cards of one response carry different personal identity codes."""

    code: ClassVar[str] = "identity_codes_conflict"
    spec: ClassVar[str] = "Kykylompakko check 9"


class ConfirmationCodeMalformed(CheckFailed):
    """What was typed cannot be a confirmation code: it is no six digits. No try is used up."""

    code: ClassVar[str] = "confirmation_code_malformed"
    spec: ClassVar[str] = "OpenID4VP 14.3 (codes read out at the desk)"


class ConfirmationCodeWrong(CheckFailed):
    """It is not the code that the wallet was given. It may be typed again."""

    code: ClassVar[str] = "confirmation_code_wrong"
    spec: ClassVar[str] = "OpenID4VP 14.3 (codes read out at the desk)"


class NotConfirmed(CheckFailed):
    """No try was the code that the wallet was given; everything is erased."""

    code: ClassVar[str] = "not_confirmed"
    spec: ClassVar[str] = "OpenID4VP 14.3 (codes read out at the desk)"


class ResponseCodeWrong(CheckFailed):
    """The browser that came back is not the one that asked, or brings another response's code."""

    code: ClassVar[str] = "response_code_wrong"
    spec: ClassVar[str] = "OpenID4VP 14.3"


class ReturnMalformed(CheckFailed):
    """Where the browser is to go on is no address, or its session is no secret."""

    code: ClassVar[str] = "return_malformed"
    spec: ClassVar[str] = "OpenID4VP 14.3"


class ReturnNotAllowed(CheckFailed):
    """The browser would be sent to a web site that the operator of this service has not named."""

    code: ClassVar[str] = "return_not_allowed"
    spec: ClassVar[str] = "OpenID4VP 13.3"


class NotSamePerson(CheckFailed):
    """Staff recorded that the client is not the person of the card."""

    code: ClassVar[str] = "not_same_person"
    spec: ClassVar[str] = "Kykylompakko outcomes: identity compared"


class IdentityCheckRequired(CheckFailed):
    """The profile asks staff to compare the person; it cannot be left out."""

    code: ClassVar[str] = "identity_check_required"
    spec: ClassVar[str] = "Kykylompakko outcomes: identity compared"


class ResultKeyWrong(CheckFailed):
    """The key does not open these values."""

    code: ClassVar[str] = "result_key_wrong"
    spec: ClassVar[str] = "OpenID4VP 14.4.3"


class KeyRefused(CheckFailed):
    """The API key is unknown, has ended or was revoked."""

    code: ClassVar[str] = "key_refused"
    spec: ClassVar[str] = "RFC 6750 3.1"


class SessionEnded(CheckFailed):
    """The desk is not signed in."""

    code: ClassVar[str] = "session_ended"
    spec: ClassVar[str] = "Kykylompakko desk session"


class FormNotOurs(CheckFailed):
    """The form's token does not belong to this session."""

    code: ClassVar[str] = "form_not_ours"
    spec: ClassVar[str] = "OWASP ASVS 4.2.2"
