"""Every way in which a message of this room fails: one class, one code, one clause.

The base comes from `keys.checks`, as do the failures of signatures, certificates and JSON.
"""

from keys.checks import CheckFailed
from openid4vc.specs import Section

__all__ = ["CheckFailed"]

# --- SD-JWT: form -----------------------------------------------------------------------------


class MalformedSdJwt(CheckFailed):
    """The text is no SD-JWT in compact form."""

    code = "malformed_sd_jwt"
    spec = Section.RFC9901_4


class MalformedJsonSdJwt(CheckFailed):
    """The text is no SD-JWT in JWS JSON form, flattened or general."""

    code = "malformed_json_sd_jwt"
    spec = Section.RFC9901_8


class SdJwtTooLarge(CheckFailed):
    """Longer, deeper or of more disclosures or digests than `openid4vc.limits` allows."""

    code = "sd_jwt_too_large"
    spec = Section.RFC9901_4


class MalformedDisclosure(CheckFailed):
    """A disclosure is not base64url of a JSON array that starts with a salt."""

    code = "malformed_disclosure"
    spec = Section.RFC9901_4_2_1


class HashAlgorithmNotAllowed(CheckFailed):
    """`_sd_alg` names no hash function that we understand and hold to be secure."""

    code = "hash_algorithm_not_allowed"
    spec = Section.RFC9901_4_1_1


# --- SD-JWT: digests and disclosures ----------------------------------------------------------


class MalformedDigests(CheckFailed):
    """`_sd`, `...` or `_sd_alg` stands where it must not, or does not hold digests."""

    code = "malformed_digests"
    spec = Section.RFC9901_4_2_4


class DisclosureWrongShape(CheckFailed):
    """A member's disclosure has not three elements, or an array element's not two."""

    code = "disclosure_wrong_shape"
    spec = Section.RFC9901_7_1


class ReservedClaimName(CheckFailed):
    """A claim is called `_sd`, `...` or `_sd_alg`."""

    code = "reserved_claim_name"
    spec = Section.RFC9901_7_1


class ClaimNameClash(CheckFailed):
    """A disclosure names a claim that is already there at that level."""

    code = "claim_name_clash"
    spec = Section.RFC9901_7_1


class DigestRepeated(CheckFailed):
    """One digest stands in two places."""

    code = "digest_repeated"
    spec = Section.RFC9901_7_1


class DisclosureRepeated(CheckFailed):
    """One disclosure was sent twice."""

    code = "disclosure_repeated"
    spec = Section.RFC9901_4


class DisclosureUnreferenced(CheckFailed):
    """No digest in the SD-JWT belongs to this disclosure."""

    code = "disclosure_unreferenced"
    spec = Section.RFC9901_7_1


class ClaimAbsent(CheckFailed):
    """A place that was to be shown is not in the credential."""

    code = "claim_absent"
    spec = Section.RFC9901_7_2


# --- SD-JWT: issuing --------------------------------------------------------------------------


class SaltUnfit(CheckFailed):
    """A salt is shorter than 128 bits, or came twice."""

    code = "salt_unfit"
    spec = Section.RFC9901_9_3


class ValidityNotPositive(CheckFailed):
    """A credential was to be issued that ends before it begins."""

    code = "validity_not_positive"
    spec = Section.SD_JWT_VC_2_2_2_3


class ClaimNotOurs(CheckFailed):
    """An issuing system handed over a claim that only the issuer itself writes."""

    code = "claim_not_ours"
    spec = Section.SD_JWT_VC_2_2_2_3


# --- SD-JWT: validity -------------------------------------------------------------------------


class MalformedDate(CheckFailed):
    """`exp`, `nbf` or `iat` is no number of seconds since 1970."""

    code = "malformed_date"
    spec = Section.RFC9901_7_1


class ExpiryMissing(CheckFailed):
    """The credential names no end although our policy asks for one."""

    code = "expiry_missing"
    spec = Section.RFC9901_9_7


class CredentialExpired(CheckFailed):
    """`exp` has passed."""

    code = "credential_expired"
    spec = Section.RFC9901_7_1


class CredentialNotYetValid(CheckFailed):
    """`nbf` or `iat` lies ahead."""

    code = "credential_not_yet_valid"
    spec = Section.RFC9901_7_1


class CredentialForSomebodyElse(CheckFailed):
    """The credential's own `aud` does not name this receiver."""

    code = "credential_for_somebody_else"
    spec = Section.RFC9901_7_1


# --- SD-JWT: key binding ----------------------------------------------------------------------


class KeyBindingMissing(CheckFailed):
    """Key binding is required and was not given."""

    code = "key_binding_missing"
    spec = Section.RFC9901_7_3


class KeyBindingUnexpected(CheckFailed):
    """A key binding JWT came where a plain SD-JWT belongs."""

    code = "key_binding_unexpected"
    spec = Section.RFC9901_7_2


class HolderKeyMissing(CheckFailed):
    """The credential has no `cnf` with a `jwk` in it."""

    code = "holder_key_missing"
    spec = Section.SD_JWT_VC_2_2_2_3


class KbWrongType(CheckFailed):
    """The key binding JWT's `typ` is not `kb+jwt`."""

    code = "kb_wrong_type"
    spec = Section.RFC9901_7_3


class KbSignatureInvalid(CheckFailed):
    """The key binding JWT was not signed with the key that the credential is bound to."""

    code = "kb_signature_invalid"
    spec = Section.RFC9901_7_3


class KbMalformed(CheckFailed):
    """A claim of the key binding JWT is missing or of the wrong JSON type."""

    code = "kb_malformed"
    spec = Section.RFC9901_4_3


class KbStale(CheckFailed):
    """The key binding JWT was made too long ago, or lies ahead of our clock."""

    code = "kb_stale"
    spec = Section.RFC9901_7_3


class KbNonceMismatch(CheckFailed):
    """The key binding JWT answers another request."""

    code = "kb_nonce_mismatch"
    spec = Section.RFC9901_7_3


class KbAudienceMismatch(CheckFailed):
    """The key binding JWT was made for another receiver."""

    code = "kb_audience_mismatch"
    spec = Section.RFC9901_7_3


class KbSdHashMismatch(CheckFailed):
    """The key binding JWT was made over another selection of disclosures."""

    code = "kb_sd_hash_mismatch"
    spec = Section.RFC9901_7_3


class KbTransactionDataMismatch(CheckFailed):
    """The key binding JWT does not confirm the transaction that it was asked to confirm."""

    code = "kb_transaction_data_mismatch"
    spec = Section.VP_B_3_3_1


# --- SD-JWT VC --------------------------------------------------------------------------------


class CredentialWrongType(CheckFailed):
    """The issuer-signed JWT's `typ` is not `dc+sd-jwt`."""

    code = "credential_wrong_type"
    spec = Section.SD_JWT_VC_2_2_1


class VctMissing(CheckFailed):
    """There is no `vct`, or it is no name."""

    code = "vct_missing"
    spec = Section.SD_JWT_VC_2_2_2_1


class OtherTypesMalformed(CheckFailed):
    """`aka_vcts` is no array of other names, or repeats the `vct`."""

    code = "other_types_malformed"
    spec = Section.SD_JWT_VC_2_2_2_2


class ProtectedClaimDisclosed(CheckFailed):
    """A claim that rules validity came out of a disclosure."""

    code = "protected_claim_disclosed"
    spec = Section.SD_JWT_VC_2_2_2_3


class IssuerNotTrustedForType(CheckFailed):
    """The organisation is on the trust list, but may not issue this type."""

    code = "issuer_not_trusted_for_type"
    spec = Section.SD_JWT_VC_7_7

    def __init__(self, organisation: str) -> None:
        """Name the organisation by its identifier on the trust list."""
        super().__init__(f"{organisation} may not issue this type")
        self.organisation = organisation


class IssuerNotInForce(CheckFailed):
    """The organisation's entry has not begun, or was closed before the credential was issued."""

    code = "issuer_not_in_force"
    spec = Section.TRUST_LIST

    def __init__(self, organisation: str) -> None:
        """Name the organisation by its identifier on the trust list."""
        super().__init__(f"{organisation} was not an issuer then")
        self.organisation = organisation


class StatusMissing(CheckFailed):
    """The credential names no status list although our policy asks for one."""

    code = "status_missing"
    spec = Section.HAIP_6_1


class StatusReferenceMalformed(CheckFailed):
    """`status` does not hold a `status_list` with `idx` and `uri`."""

    code = "status_reference_malformed"
    spec = Section.TSL_6_2


# --- Token Status List ------------------------------------------------------------------------


class MalformedStatusList(CheckFailed):
    """`status_list` has other `bits` than 1, 2, 4, 8 or its `lst` does not inflate."""

    code = "malformed_status_list"
    spec = Section.TSL_4_2


class StatusListTooLarge(CheckFailed):
    """The list is, or would inflate to be, larger than allowed."""

    code = "status_list_too_large"
    spec = Section.TSL_11_1


class MalformedStatusToken(CheckFailed):
    """A required claim of the list token is missing, or one is of the wrong JSON type."""

    code = "malformed_status_token"
    spec = Section.TSL_5_1


class StatusListFormUnknown(CheckFailed):
    """What came from a status list's address says that it is neither a JWT nor a CWT list token."""

    code = "status_form_unknown"
    spec = Section.TSL_8_2


class MalformedAggregation(CheckFailed):
    """The document that names an issuer's status lists is not of the agreed shape."""

    code = "malformed_aggregation"
    spec = Section.TSL_9_3


class StatusListForOtherUri(CheckFailed):
    """The list token's `sub` is not the URI that the credential names."""

    code = "status_list_for_other_uri"
    spec = Section.TSL_8_3


class StatusListStale(CheckFailed):
    """The list token has expired."""

    code = "status_stale"
    spec = Section.TSL_8_3


class StatusListFromFuture(CheckFailed):
    """The list token was issued ahead of our clock, or is not valid yet."""

    code = "status_list_from_future"
    spec = Section.TSL_8_3


class StatusIndexOutOfRange(CheckFailed):
    """The list has no entry at this index."""

    code = "status_index_out_of_range"
    spec = Section.TSL_8_3


class StatusValueUnknown(CheckFailed):
    """The entry holds a value that is none of valid, invalid, suspended."""

    code = "status_value_unknown"
    spec = Section.TSL_7_1


class CredentialRevoked(CheckFailed):
    """The status list says that the credential is invalid for good."""

    code = "revoked"
    spec = Section.TSL_7_1


class CredentialSuspended(CheckFailed):
    """The status list says that the credential is out of force for the time being."""

    code = "suspended"
    spec = Section.TSL_7_1


# --- DCQL, OpenID4VCI, OpenID4VP: their failures follow here -----------------------------------
