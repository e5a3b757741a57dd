"""The form with which a wallet fetches a request."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import strict_json
from openid4vc.openid4vp import errors
from openid4vc.openid4vp.request_post import MAX_WALLET_NONCE_CHARS, fetch_form, read_fetch


@pytest.mark.req("VP-16", "VP-17")
def test_what_our_wallet_sends_is_what_a_verifier_reads() -> None:
    form = fetch_form("w-1")
    assert read_fetch(list(form.items())) == "w-1"
    assert strict_json.loads(form["wallet_metadata"].encode()) == {
        "vp_formats_supported": {
            "dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]}
        },
        "client_id_prefixes_supported": ["x509_hash", "x509_san_dns"],
        "request_object_signing_alg_values_supported": ["ES256"],
        "response_types_supported": ["vp_token"],
        "response_modes_supported": ["direct_post.jwt"],
    }


@pytest.mark.req("VP-16", "VP-42")
@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [("wallet_metadata", "{}")],
        [("wallet_metadata", "no JSON")],
        [("vp_formats_supported", "[object Object]"), ("new", "")],
    ],
)
def test_both_parameters_are_optional_and_others_are_passed_over(
    pairs: list[tuple[str, str]],
) -> None:
    assert read_fetch(pairs) is None
    assert read_fetch([*pairs, ("wallet_nonce", "w")]) == "w"


@pytest.mark.req("VP-17")
@pytest.mark.parametrize(
    "pairs",
    [
        [("wallet_nonce", "")],
        [("wallet_nonce", "a"), ("wallet_nonce", "a")],
        [("wallet_nonce", "a" * (MAX_WALLET_NONCE_CHARS + 1))],
        [("wallet_nonce", "ä")],
        [("wallet_nonce", "a\nb")],
    ],
)
def test_a_nonce_that_is_none_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(errors.MalformedRequestFetch):
        read_fetch(pairs)


@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(["wallet_nonce", "wallet_metadata", "x"]), st.text(max_size=40)),
        max_size=4,
    )
)
def test_garbage_never_breaks_the_reader_and_what_it_takes_is_what_was_sent(
    pairs: list[tuple[str, str]],
) -> None:
    with suppress(errors.MalformedRequestFetch):
        assert read_fetch(pairs) == dict(pairs).get("wallet_nonce")
