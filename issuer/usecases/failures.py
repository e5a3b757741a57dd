"""Why the issuer refuses: one class, one stable code and one clause for each reason."""

from enum import StrEnum
from typing import ClassVar

from credential_schemas.model import Label
from keys.checks import CheckFailed


class Rule(StrEnum):
    """The issuer's own rules, by the decision that they follow from."""

    TENANTS = "Kykylompakko architecture, decision 2 (issuing organisations are tenants)"
    SHORT_CLAIMS = "Kykylompakko architecture, decision 5 (claims live shortly)"
    ONE_TIME = "Kykylompakko architecture, decision 8 (one-time things)"
    API_KEYS = "Kykylompakko architecture, other rules (API keys)"
    CONTENT = "Kykylompakko content rules B.0 (what may be issued)"
    FOUR_EYES = "Kykylompakko architecture, other rules (four-eyes revocation)"
    TAKING_IN = "Kykylompakko architecture, other rules (a receiver marks a referral as used)"
    STATUS = "Kykylompakko architecture, decision 1 (revocation is final)"
    OFFERS = "Kykylompakko architecture, the QR codes (offer)"
    SELF_REVOCATION = "Kykylompakko architecture, other rules (self-revocation)"


class OrganisationUnknown(CheckFailed):
    """No issuing organisation has this name."""

    code: ClassVar[str] = "organisation_unknown"
    spec: ClassVar[str] = Rule.TENANTS


class OrganisationClosed(CheckFailed):
    """The organisation has closed: it issues and changes nothing any more."""

    code: ClassVar[str] = "organisation_closed"
    spec: ClassVar[str] = Rule.TENANTS


class ApiKeyMissing(CheckFailed):
    """The call carries no API key."""

    code: ClassVar[str] = "api_key_missing"
    spec: ClassVar[str] = Rule.API_KEYS


class ApiKeyRefused(CheckFailed):
    """The API key is unknown, expired or revoked."""

    code: ClassVar[str] = "api_key_refused"
    spec: ClassVar[str] = Rule.API_KEYS


class ApiKeyOfAnotherOrganisation(CheckFailed):
    """The API key belongs to another organisation."""

    code: ClassVar[str] = "api_key_of_another_organisation"
    spec: ClassVar[str] = Rule.API_KEYS


class AccessTokenRefused(CheckFailed):
    """The access token is unknown, expired, another organisation's, or its key is revoked."""

    code: ClassVar[str] = "access_token_refused"
    spec: ClassVar[str] = "RFC 6750 3.1"


class TypeNotInScope(CheckFailed):
    """The API key or access token may not be used for this credential type in this way."""

    code: ClassVar[str] = "type_not_in_scope"
    spec: ClassVar[str] = Rule.API_KEYS


class TooManyApiKeys(CheckFailed):
    """The system has two live keys already."""

    code: ClassVar[str] = "too_many_api_keys"
    spec: ClassVar[str] = Rule.API_KEYS


class ApiKeyNotFound(CheckFailed):
    """There is no such live API key."""

    code: ClassVar[str] = "api_key_not_found"
    spec: ClassVar[str] = Rule.API_KEYS


class TooManyClientKeys(CheckFailed):
    """The client has two live keys already."""

    code: ClassVar[str] = "too_many_client_keys"
    spec: ClassVar[str] = Rule.API_KEYS


class ClientKeyTaken(CheckFailed):
    """The public key is, or was, registered already, perhaps for somebody else."""

    code: ClassVar[str] = "client_key_taken"
    spec: ClassVar[str] = Rule.API_KEYS


class ClientKeyNotFound(CheckFailed):
    """There is no such live client key."""

    code: ClassVar[str] = "client_key_not_found"
    spec: ClassVar[str] = Rule.API_KEYS


class TypeUnknown(CheckFailed):
    """No credential type has this id."""

    code: ClassVar[str] = "type_unknown"
    spec: ClassVar[str] = Rule.CONTENT


class TypeRefused(CheckFailed):
    """Information of this kind never goes through a wallet; `reason` says why in each language."""

    code: ClassVar[str] = "type_refused"
    spec: ClassVar[str] = Rule.CONTENT

    def __init__(self, reason: Label) -> None:
        super().__init__("this kind of information goes another way by law")
        self.reason = reason


class TypeNotIssuedHere(CheckFailed):
    """The organisation may not issue this credential type."""

    code: ClassVar[str] = "type_not_issued_here"
    spec: ClassVar[str] = Rule.TENANTS


class PinRequired(CheckFailed):
    """An offer in a message needs a PIN that comes another way."""

    code: ClassVar[str] = "pin_required"
    spec: ClassVar[str] = Rule.OFFERS


class IdempotencyKeyReused(CheckFailed):
    """The Idempotency-Key was used for a different request."""

    code: ClassVar[str] = "idempotency_key_reused"
    spec: ClassVar[str] = Rule.ONE_TIME


class BatchTooLarge(CheckFailed):
    """The batch has more lines, or more bytes, than one call may have."""

    code: ClassVar[str] = "batch_too_large"
    spec: ClassVar[str] = "RFC 9110 15.5.14"


class BatchStalled(CheckFailed):
    """The batch stopped arriving before its end."""

    code: ClassVar[str] = "batch_stalled"
    spec: ClassVar[str] = "RFC 9110 15.5.9"


class LineTooLong(CheckFailed):
    """A line of a batch is longer than one request may be."""

    code: ClassVar[str] = "line_too_long"
    spec: ClassVar[str] = "RFC 9110 15.5.14"


class OfferNotFound(CheckFailed):
    """There is no such offer, or it is not to be had any more."""

    code: ClassVar[str] = "offer_not_found"
    spec: ClassVar[str] = Rule.OFFERS


class OfferNotOpen(CheckFailed):
    """The offer has ended, so it cannot be withdrawn. Holds its state."""

    code: ClassVar[str] = "offer_not_open"
    spec: ClassVar[str] = Rule.OFFERS


class CredentialNotFound(CheckFailed):
    """There is no such credential."""

    code: ClassVar[str] = "credential_not_found"
    spec: ClassVar[str] = Rule.STATUS


class StatusChangeConflicts(CheckFailed):
    """The credential's present status does not allow the change."""

    code: ClassVar[str] = "status_change_conflicts"
    spec: ClassVar[str] = Rule.STATUS


class RevocationIsFinal(StatusChangeConflicts):
    """The credential is revoked, and stays so."""

    code: ClassVar[str] = "revocation_is_final"


class SecondPairNeeded(StatusChangeConflicts):
    """The same system, or the same person, asked for this revocation; another one must agree."""

    code: ClassVar[str] = "second_pair_needed"
    spec: ClassVar[str] = Rule.FOUR_EYES


class ReferenceUnknown(CheckFailed):
    """The status reference belongs to nothing that this receiver may take in."""

    code: ClassVar[str] = "reference_unknown"
    spec: ClassVar[str] = Rule.TAKING_IN


class AlreadyTakenIn(CheckFailed):
    """Another receiver has taken it in before."""

    code: ClassVar[str] = "already_taken_in"
    spec: ClassVar[str] = Rule.TAKING_IN


class ClaimsAlreadyGiven(CheckFailed):
    """The offer has claims, and they are not these."""

    code: ClassVar[str] = "claims_already_given"
    spec: ClassVar[str] = Rule.SHORT_CLAIMS


class TypeHasChanged(CheckFailed):
    """The type's definition has changed since the offer was made."""

    code: ClassVar[str] = "type_has_changed"
    spec: ClassVar[str] = Rule.CONTENT


class ReasonUnknown(CheckFailed):
    """The reason is missing, or not one of the code list for this change."""

    code: ClassVar[str] = "reason_unknown"
    spec: ClassVar[str] = Rule.STATUS


class StatusListNotFound(CheckFailed):
    """There is no such status list."""

    code: ClassVar[str] = "status_list_not_found"
    spec: ClassVar[str] = Rule.STATUS
