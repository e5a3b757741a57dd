"""Which words a failure gets at the desk: many technical codes, few things for staff to do.

A group `g` has the text `why.g` (one sentence) and `next.g.1`, `next.g.2`, ... (what to do now).
Where a group holds several codes, each code `c` has a sentence of its own besides, `fault.c`.
"""

from collections.abc import Callable, Mapping

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "tampered": ("bad_signature", "algorithm_not_allowed", "critical_header_not_understood"),
    "unreadable": (
        "malformed_json",
        "malformed_jws",
        "malformed_key",
        "malformed_certificate",
        "malformed_sd_jwt",
        "sd_jwt_too_large",
        "malformed_disclosure",
        "hash_algorithm_not_allowed",
        "wrong_token_type",
        "credential_wrong_type",
        "vct_missing",
        "other_types_malformed",
        "malformed_date",
        "expiry_missing",
        "status_reference_malformed",
        "qr_answer_malformed",
        "qr_inflate_failed",
        "qr_compact_too_large",
        "qr_parts_malformed",
        "qr_token_unknown",
        "qr_raw_bytes_mismatch",
        "qr_reference_dangling",
    ),
    "self_initiated": ("self_initiated",),
    "code_not_ours": ("qr_not_ours",),
    "code_challenge": ("qr_message_of_another_kind",),
    "code_newer": ("qr_version_unknown",),
    "code_misread": (
        "qr_frame_malformed",
        "qr_frame_checksum_wrong",
        "qr_digits_malformed",
        "qr_message_damaged",
        "qr_message_too_large",
    ),
    "code_mixed": ("qr_frame_of_another_message",),
    "code_other": ("qr_answer_to_another_challenge", "box_broken"),
    "code_late": ("qr_challenge_expired",),
    "certificate_not_held": ("qr_certificate_not_held",),
    "no_code": ("no_code_read",),
    "picture": ("picture_too_large", "picture_unreadable"),
    "changed": (
        "malformed_digests",
        "disclosure_wrong_shape",
        "reserved_claim_name",
        "claim_name_clash",
        "digest_repeated",
        "disclosure_repeated",
        "disclosure_unreferenced",
        "protected_claim_disclosed",
        "kb_sd_hash_mismatch",
    ),
    "issuer_unknown": (
        "chain_missing",
        "chain_not_trusted",
        "certificate_expired",
        "certificate_not_yet_valid",
        "certificate_profile_wrong",
        "anchor_in_chain",
        "anchor_not_listed",
    ),
    "issuer_wrong_type": ("issuer_not_trusted_for_type",),
    "issuer_not_in_force": ("issuer_not_in_force",),
    "expired": ("credential_expired",),
    "not_yet_valid": ("credential_not_yet_valid",),
    "holder": (
        "key_binding_missing",
        "holder_key_missing",
        "kb_wrong_type",
        "kb_signature_invalid",
        "kb_malformed",
    ),
    "other_request": (
        "kb_nonce_mismatch",
        "kb_audience_mismatch",
        "credential_for_somebody_else",
    ),
    "too_late": ("kb_stale",),
    "wrong_card": ("vct_not_asked", "presentation_not_asked", "too_many_presentations"),
    "incomplete": ("query_not_satisfied",),
    "revoked": ("revoked",),
    "suspended": ("suspended",),
    "status_unknown": ("status_unknown", "status_missing", "status_form_unknown"),
    "status_stale": ("status_stale",),
    "status_unusable": ("status_index_out_of_range", "status_value_unknown"),
    "issuer_closed": ("issuer_closed",),
    "names_differ": ("names_differ",),
    "identity_codes_conflict": ("identity_codes_conflict",),
    "not_confirmed": ("not_confirmed",),
    "not_same_person": ("not_same_person",),
    "replayed": ("replayed",),
    "trust_list": ("trust_list_missing", "trust_list_stale"),
    "declined": ("access_denied",),
    "wallet_error": (
        "wallet_error",
        "wallet_invalid_request",
        "wallet_invalid_client",
        "wallet_vp_formats_not_supported",
        "wallet_invalid_request_uri_method",
        "wallet_invalid_transaction_data",
        "wallet_unavailable",
    ),
}

GROUP_OF: Mapping[str, str] = {code: group for group, codes in _GROUPS.items() for code in codes}
_ALONE = frozenset(codes[0] for codes in _GROUPS.values() if len(codes) == 1)
OVER = "over"
_UNKNOWN = "unreadable"


def group_of(code: str | None) -> str:
    """Return the group of words for a code; no code at all means that the time ran out."""
    if code is None:
        return OVER
    return GROUP_OF.get(code, _UNKNOWN)


def sentence(words: Callable[..., str], code: str | None) -> str:
    """Return the sentence of one failure: its own, or its group's where it is the only one.

    Args:
        words: looks up a text.
        code: the failure's code; None when the time ran out.
    """
    if code is None or code in _ALONE or code not in GROUP_OF:
        return words(f"why.{group_of(code)}")
    return words(f"fault.{code}")
