"""Why something was refused: one class, one stable code and one clause for each reason.

The text of a failure is technical. It never holds claim values, names, tokens, keys or nonces.
"""

from keys.edge_checks import (
    AddressForbidden,
    FetchFailed,
    FetchRefused,
    KeyNotFound,
    KeyStoreDamaged,
    KeyStoreExists,
    KeyStoreFailure,
    KeyStoreForeign,
    KeyStoreMissing,
    KeyStoreUnsafe,
    PassphraseUnfit,
    PassphraseWrong,
    PlanMalformed,
    RedirectForbidden,
    ReplyTooLarge,
    UrlForbidden,
)
from keys.failure import CheckFailed
from keys.specs import Section

__all__ = [
    "AddressForbidden",
    "AlgorithmNotAllowed",
    "AnchorInChain",
    "AnchorNotListed",
    "BoxBroken",
    "CertificateExpired",
    "CertificateNotYetValid",
    "CertificateProfileWrong",
    "ChainMissing",
    "ChainNotTrusted",
    "CheckFailed",
    "CriticalHeaderNotUnderstood",
    "DecryptionFailed",
    "FetchFailed",
    "FetchRefused",
    "KeyNotFound",
    "KeyStoreDamaged",
    "KeyStoreExists",
    "KeyStoreFailure",
    "KeyStoreForeign",
    "KeyStoreMissing",
    "KeyStoreUnsafe",
    "MalformedCbor",
    "MalformedCertificate",
    "MalformedCose",
    "MalformedJson",
    "MalformedJwe",
    "MalformedJws",
    "MalformedKey",
    "PassphraseUnfit",
    "PassphraseWrong",
    "PlanMalformed",
    "RedirectForbidden",
    "ReplyTooLarge",
    "SealBroken",
    "SignatureInvalid",
    "TrustListExtensionNotUnderstood",
    "TrustListMalformed",
    "TrustListNotYetValid",
    "TrustListOperatorNotTrusted",
    "TrustListRolledBack",
    "TrustListSignatureInvalid",
    "TrustListStale",
    "TrustListWrongType",
    "UrlForbidden",
    "WrongTokenType",
]

# JSON, JOSE, CBOR and COSE ------------------------------------------------------------------


class MalformedJson(CheckFailed):
    """The text is not JSON, repeats a name, or is larger or deeper than allowed."""

    code = "malformed_json"
    spec = Section.RFC8259_4


class MalformedJws(CheckFailed):
    """The text is not a compact JWS that we can read."""

    code = "malformed_jws"
    spec = Section.RFC7515_3_1


class MalformedJwe(CheckFailed):
    """The text is not a compact JWE that we can read."""

    code = "malformed_jwe"
    spec = Section.RFC7516_3_1


class MalformedKey(CheckFailed):
    """The key is not a public P-256 key."""

    code = "malformed_key"
    spec = Section.RFC7518_6_2


class AlgorithmNotAllowed(CheckFailed):
    """The message names an algorithm that we did not choose."""

    code = "algorithm_not_allowed"
    spec = Section.RFC8725_3_1


class WrongTokenType(CheckFailed):
    """The header's `typ` is not the one expected here."""

    code = "wrong_token_type"
    spec = Section.RFC8725_3_11


class CriticalHeaderNotUnderstood(CheckFailed):
    """The header demands an extension that we do not know."""

    code = "critical_header_not_understood"
    spec = Section.RFC7515_4_1_11


class SignatureInvalid(CheckFailed):
    """The signature does not belong to this message and key."""

    code = "bad_signature"
    spec = Section.RFC7515_5_2


class DecryptionFailed(CheckFailed):
    """The message was not encrypted to this key, or was changed on the way."""

    code = "decryption_failed"
    spec = Section.RFC7516_5_2


class MalformedCbor(CheckFailed):
    """The bytes are not one CBOR item in preferred form, or hold a tag that is not expected."""

    code = "malformed_cbor"
    spec = Section.RFC8949_4_1


class MalformedCose(CheckFailed):
    """The CBOR item is not a COSE_Sign1 that we can read."""

    code = "malformed_cose"
    spec = Section.RFC9052_4_2


# Certificates -------------------------------------------------------------------------------


class ChainMissing(CheckFailed):
    """There is no certificate chain where one is required."""

    code = "chain_missing"
    spec = Section.RFC7515_4_1_6


class MalformedCertificate(CheckFailed):
    """This is not an X.509 certificate with a P-256 key."""

    code = "malformed_certificate"
    spec = Section.RFC5280_4_1


class ChainNotTrusted(CheckFailed):
    """No path leads from the certificate to a trust anchor."""

    code = "chain_not_trusted"
    spec = Section.RFC5280_6_1


class CertificateExpired(CheckFailed):
    """The path is right, but one of its certificates is no longer valid."""

    code = "certificate_expired"
    spec = Section.RFC5280_4_1_2_5


class CertificateNotYetValid(CheckFailed):
    """The path is right, but one of its certificates is not valid yet."""

    code = "certificate_not_yet_valid"
    spec = Section.RFC5280_4_1_2_5


class CertificateProfileWrong(CheckFailed):
    """The certificate is trusted, but not for this use."""

    code = "certificate_profile_wrong"
    spec = Section.RFC5280_4_2


class AnchorInChain(CheckFailed):
    """The chain carries its own trust anchor or a self-signed certificate."""

    code = "anchor_in_chain"
    spec = Section.HAIP_6_1_1


# Trust list ---------------------------------------------------------------------------------


class TrustListMalformed(CheckFailed):
    """The trust list does not have the agreed shape."""

    code = "trust_list_malformed"
    spec = Section.TS119602_6


class TrustListSignatureInvalid(SignatureInvalid):
    """The trust list was changed after it was signed."""

    code = "trust_list_signature_invalid"
    spec = Section.TS119602_6


class TrustListOperatorNotTrusted(ChainNotTrusted):
    """The trust list was signed by somebody else than its operator."""

    code = "trust_list_operator_not_trusted"
    spec = Section.TS119602_6


class TrustListWrongType(CheckFailed):
    """This is some other list of trusted entities."""

    code = "trust_list_wrong_type"
    spec = Section.TS119602_ANNEX


class TrustListStale(CheckFailed):
    """The next update of the trust list was due earlier."""

    code = "trust_list_stale"
    spec = Section.TS119602_6_3_17


class TrustListNotYetValid(CheckFailed):
    """The trust list was issued in the future."""

    code = "trust_list_not_yet_valid"
    spec = Section.TS119602_6_3_17


class TrustListRolledBack(CheckFailed):
    """A newer trust list has been seen before this one."""

    code = "trust_list_rolled_back"
    spec = Section.TS119602_6_3_17


class TrustListExtensionNotUnderstood(CheckFailed):
    """The trust list holds a critical extension that we do not know."""

    code = "trust_list_extension_not_understood"
    spec = Section.TS119602_6_3_17


class AnchorNotListed(CheckFailed):
    """No organisation on the trust list has this anchor."""

    code = "anchor_not_listed"
    spec = Section.TS119602_6


# Sealed and boxed data ----------------------------------------------------------------------


class SealBroken(CheckFailed):
    """The sealed data was changed, or the key or its context is another one."""

    code = "seal_broken"
    spec = Section.NIST_SP_800_38D


class BoxBroken(CheckFailed):
    """The boxed data was changed, or the key or its context is another one."""

    code = "box_broken"
    spec = Section.RFC9180_5
