"""The sentence for every failure: what happened, that nothing was lost or shown, what to do next.

A failure has a sentence of its own (``error.<code>``), or one for its flow
(``error.present.<code>``), or it shares one with its family, which again may differ by flow.
"""

from collections.abc import Mapping
from types import MappingProxyType

from wallet_sim.model import Kind
from wallet_sim.words import Words

UNSIGNED = (
    "bad_signature",
    "algorithm_not_allowed",
    "wrong_token_type",
    "critical_header_not_understood",
    "malformed_jws",
    "chain_missing",
    "malformed_certificate",
    "credential_wrong_type",
)
UNTRUSTED = (
    "chain_not_trusted",
    "anchor_in_chain",
    "anchor_not_listed",
    "certificate_profile_wrong",
    "relying_party_unknown",
    "qr_challenger_unknown",
)
IMPOSTOR = (
    "client_id_mismatch",
    "client_id_not_of_certificate",
    "client_id_prefix_not_supported",
    "qr_challenge_certificate_mismatch",
    "request_for_somebody_else",
    "response_uri_of_another_host",
    "wallet_nonce_mismatch",
)
OUT_OF_DATE = ("certificate_expired", "certificate_not_yet_valid", "signed_metadata_stale")
ALTERED = (
    "claim_absent",
    "claim_name_clash",
    "digest_repeated",
    "disclosure_repeated",
    "disclosure_unreferenced",
    "disclosure_wrong_shape",
    "hash_algorithm_not_allowed",
    "holder_key_missing",
    "malformed_digests",
    "malformed_disclosure",
    "malformed_sd_jwt",
    "protected_claim_disclosed",
    "reserved_claim_name",
    "sd_jwt_too_large",
    "malformed_key",
)
UNSAFE_ADDRESS = (
    "fetch_refused",
    "fetch_url_forbidden",
    "fetch_address_forbidden",
)
BAD_ANSWER = ("fetch_redirect_forbidden", "fetch_reply_too_large")
TRUST_LIST = (
    "trust_list_extension_not_understood",
    "trust_list_malformed",
    "trust_list_not_yet_valid",
    "trust_list_operator_not_trusted",
    "trust_list_rolled_back",
    "trust_list_signature_invalid",
    "trust_list_wrong_type",
)
DAMAGED_CODE = (
    "qr_answer_malformed",
    "qr_challenge_malformed",
    "qr_digits_malformed",
    "qr_frame_checksum_wrong",
    "qr_frame_malformed",
    "qr_inflate_failed",
    "qr_message_damaged",
    "qr_parts_malformed",
    "qr_raw_bytes_mismatch",
    "qr_reference_dangling",
    "qr_token_unknown",
)
TYPE_DESCRIPTION = (
    "claim_disclosure_mismatch",
    "claim_path_mismatch",
    "integrity_not_understood",
    "mandatory_claim_missing",
    "type_chain_too_long",
    "type_extends_in_circle",
    "type_extension_not_allowed",
    "type_metadata_for_other_type",
    "type_metadata_malformed",
)
BROKEN = (
    "authorization_response_malformed",
    "authorization_server_mismatch",
    "claim_asked_twice",
    "claim_descriptions_contradict",
    "claim_sets_without_claims",
    "client_metadata_malformed",
    "credential_for_somebody_else",
    "encryption_not_possible",
    "expiry_missing",
    "format_not_supported",
    "formats_not_supported",
    "invalid_nonce",
    "copies_differ",
    "copies_linked",
    "encryption_not_supported",
    "issuer_identifier_invalid",
    "malformed_claims_path",
    "malformed_credential_response",
    "malformed_date",
    "malformed_error_response",
    "malformed_json",
    "malformed_jwe",
    "malformed_metadata",
    "malformed_nonce_response",
    "malformed_offer",
    "malformed_offer_link",
    "malformed_query",
    "malformed_request",
    "malformed_request_link",
    "malformed_token_response",
    "nonce_malformed",
    "other_types_malformed",
    "qr_challenge_lives_too_long",
    "qr_challenge_signer_unfit",
    "qr_challenge_too_large",
    "pushed_response_malformed",
    "query_id_repeated",
    "query_missing",
    "redirect_uri_present",
    "request_refused",
    "request_uri_method_invalid",
    "response_mode_not_supported",
    "credential_response_in_the_clear",
    "response_type_not_supported",
    "response_uri_invalid",
    "scope_and_query",
    "signed_metadata_malformed",
    "status_missing",
    "status_reference_malformed",
    "transaction_data_malformed",
    "vct_missing",
    "vct_values_missing",
)

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        code: family
        for family, codes in {
            "unsigned": UNSIGNED,
            "untrusted": UNTRUSTED,
            "impostor": IMPOSTOR,
            "out_of_date": OUT_OF_DATE,
            "altered": ALTERED,
            "unsafe_address": UNSAFE_ADDRESS,
            "bad_answer": BAD_ANSWER,
            "trust_list": TRUST_LIST,
            "damaged_code": DAMAGED_CODE,
            "type_description": TYPE_DESCRIPTION,
            "broken": BROKEN,
        }.items()
        for code in codes
    }
)


def sentence(words: Words, code: str, kind: Kind | None = None) -> str:
    """Return the plain sentence for a failure's code.

    Args:
        words: the language.
        code: ``CheckFailed.code``.
        kind: the flow it happened in; None outside the flows.
    """
    return words.say(next(key for key in keys_for(code, kind) if words.has(key)))


def keys_for(code: str, kind: Kind | None) -> list[str]:
    """Return the text keys to look under, the most specific first; the last one always exists."""
    names = [code, FAMILIES.get(code, "broken"), "broken"]
    flow = [f"error.{kind}.{name}" for name in names] if kind else []
    own = [f"error.{name}" for name in names]
    pairs = zip(flow, own, strict=True) if flow else ((key,) for key in own)
    return [key for pair in pairs for key in pair]
