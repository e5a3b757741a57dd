"""The holder's proof holds for this receiver, this request, these disclosures and now."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keys.checks import AlgorithmNotAllowed, CheckFailed, MalformedJson, MalformedKey
from keys.jose import b64url_encode, parse_jws, public_jwk, sign_jws
from openid4vc.checks import (
    HolderKeyMissing,
    KbAudienceMismatch,
    KbMalformed,
    KbNonceMismatch,
    KbSdHashMismatch,
    KbSignatureInvalid,
    KbStale,
    KbTransactionDataMismatch,
    KbWrongType,
    KeyBindingMissing,
    KeyBindingUnexpected,
)
from openid4vc.sd_jwt.hashes import digest_of
from openid4vc.sd_jwt.key_binding import bind
from openid4vc.sd_jwt.verify import verify
from tests.openid4vc.sd_jwt.kit import (
    AT,
    AUDIENCE,
    HOLDER,
    NONCE,
    NOW,
    STRANGER,
    bound,
    encoded,
    expected,
    expected_binding,
    hiding,
    sd_jwt,
    vc_claims,
    vector,
    with_kb,
)

PRESENTED = hiding(encoded("salt", "given_name", "Aino"))
SOUND = {"iat": NOW, "aud": AUDIENCE, "nonce": NONCE, "sd_hash": digest_of(PRESENTED)}


def check(text: str, **more: Any) -> None:
    verify(text, expected(key_binding=expected_binding(**more)))


@pytest.mark.req("SDJWT-18", "SDJWT-19", "VP-32")
def test_what_is_bound_is_accepted_and_says_what_it_must() -> None:
    text = bound(PRESENTED)
    check(text)
    jws = parse_jws(text.split("~")[-1])
    assert jws.header == {"typ": "kb+jwt", "alg": "ES256"}
    assert verify(text, expected(key_binding=expected_binding())).holder_jwk == public_jwk(
        HOLDER.public_key
    )
    check(with_kb(PRESENTED, SOUND))


@pytest.mark.req("SDJWT-19", "SDJWT-06")
@pytest.mark.parametrize(("name", "function"), [("sha-384", "sha384"), ("sha-512", "sha512")])
def test_sd_hash_follows_the_hash_of_the_credential(name: str, function: str) -> None:
    plain = sd_jwt(vc_claims(_sd_alg=name))
    check(bound(plain))
    longer = b64url_encode(hashlib.new(function, plain.encode()).digest())
    check(with_kb(plain, {**SOUND, "sd_hash": longer}))
    with pytest.raises(KbSdHashMismatch):
        check(with_kb(plain, {**SOUND, "sd_hash": digest_of(plain)}))


@pytest.mark.req("SDJWT-20")
def test_required_and_absent_is_refused_whatever_the_message_says() -> None:
    with pytest.raises(KeyBindingMissing):
        check(PRESENTED)


@pytest.mark.req("SDJWT-17")
def test_not_wanted_and_present_is_refused() -> None:
    with pytest.raises(KeyBindingUnexpected):
        verify(bound(PRESENTED), expected())
    with pytest.raises(KeyBindingUnexpected):
        bound(bound(PRESENTED))


@pytest.mark.req("SDJWT-21", "VCT-04")
@pytest.mark.parametrize(
    "confirmation",
    [
        None,
        "key",
        {},
        {"kid": "https://keys.example/1"},
        {"jku": "https://keys.example/1"},
        {"jwk": None},
        {"jwk": []},
    ],
)
def test_without_a_key_in_the_credential_nobody_is_the_holder(confirmation: object) -> None:
    plain = sd_jwt(vc_claims(cnf=confirmation))
    with pytest.raises(HolderKeyMissing):
        check(bound(plain))


@pytest.mark.req("SDJWT-21")
@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "oct", "k": "AA"},
        {**public_jwk(HOLDER.public_key), "d": "AA"},
    ],
)
def test_a_holder_key_that_is_no_public_p256_key_is_refused(jwk: Mapping[str, str]) -> None:
    with pytest.raises(MalformedKey):
        check(bound(sd_jwt(vc_claims(cnf={"jwk": jwk}))))


@pytest.mark.req("SDJWT-21")
def test_another_key_is_not_the_holders() -> None:
    with pytest.raises(KbSignatureInvalid):
        check(bound(PRESENTED, STRANGER))


@pytest.mark.req("SDJWT-21")
def test_a_key_in_the_header_proves_nothing() -> None:
    header = {"typ": "kb+jwt", "jwk": public_jwk(STRANGER.public_key)}
    with pytest.raises(KbSignatureInvalid):
        check(PRESENTED + sign_jws(header, b'{"iat":1}', STRANGER))


@pytest.mark.req("SDJWT-18")
@pytest.mark.parametrize("typ", ["JWT", "KB+JWT", "application/kb+jwt", "dc+sd-jwt", ""])
def test_another_type_is_refused(typ: str) -> None:
    with pytest.raises(KbWrongType):
        check(with_kb(PRESENTED, SOUND, typ=typ))


@pytest.mark.req("SDJWT-18")
def test_an_unsigned_binding_is_refused() -> None:
    head = b64url_encode(b'{"typ":"kb+jwt","alg":"none"}')
    body = with_kb(PRESENTED, SOUND).split("~")[-1].split(".")[1]
    with pytest.raises(AlgorithmNotAllowed):
        check(f"{PRESENTED}{head}.{body}.")


def test_the_content_has_to_be_a_json_object() -> None:
    with pytest.raises(MalformedJson):
        check(PRESENTED + sign_jws({"typ": "kb+jwt"}, b"[]", HOLDER))


CHANGED: list[tuple[dict[str, object], type[CheckFailed]]] = [
    ({"nonce": NONCE[:-1]}, KbNonceMismatch),
    ({"nonce": ""}, KbNonceMismatch),
    ({"nonce": "\N{GREEK SMALL LETTER NU}"}, KbNonceMismatch),
    ({"nonce": None}, KbMalformed),
    ({"nonce": 7}, KbMalformed),
    ({"nonce": [NONCE]}, KbMalformed),
    ({"aud": AUDIENCE.removeprefix("x509_hash:")}, KbAudienceMismatch),
    ({"aud": AUDIENCE + "/"}, KbAudienceMismatch),
    ({"aud": [AUDIENCE]}, KbMalformed),
    ({"aud": None}, KbMalformed),
    ({"sd_hash": digest_of(PRESENTED[:-1])}, KbSdHashMismatch),
    ({"sd_hash": digest_of(PRESENTED) + "="}, KbSdHashMismatch),
    ({"sd_hash": None}, KbMalformed),
    ({"iat": NOW - 301}, KbStale),
    ({"iat": NOW + 61}, KbStale),
    ({"iat": None}, KbMalformed),
    ({"iat": str(NOW)}, KbMalformed),
    ({"iat": True}, KbMalformed),
    ({"iat": -1}, KbMalformed),
    ({"iat": 10**30}, KbMalformed),
    ({"exp": NOW}, KbStale),
    ({"exp": "soon"}, KbMalformed),
    ({"nbf": NOW + 61}, KbStale),
    ({"nbf": {}}, KbMalformed),
]


@pytest.mark.req("SDJWT-18", "SDJWT-19", "SDJWT-21", "VP-32")
@pytest.mark.parametrize(("change", "failure"), CHANGED)
def test_every_claim_is_checked(change: dict[str, object], failure: type[CheckFailed]) -> None:
    with pytest.raises(failure):
        check(with_kb(PRESENTED, {**SOUND, **change}))


@pytest.mark.req("SDJWT-18")
@pytest.mark.parametrize("name", SOUND)
def test_every_required_claim_is_required(name: str) -> None:
    with pytest.raises(KbMalformed):
        check(with_kb(PRESENTED, {each: SOUND[each] for each in SOUND if each != name}))


ASKED = ("dHJhbnNhY3Rpb24", "b2YgYW5vdGhlcg")
HASHES = [digest_of(text) for text in ASKED]


def confirming(**claims: object) -> str:
    return with_kb(PRESENTED, {**SOUND, **claims})


def check_confirming(text: str) -> None:
    check(text, transaction_data=ASKED)


@pytest.mark.req("VP-20")
def test_the_transactions_asked_for_are_confirmed_by_their_hashes() -> None:
    bound = bind(
        PRESENTED, signer=HOLDER, audience=AUDIENCE, nonce=NONCE, at=AT, transaction_data=ASKED
    )
    check_confirming(bound)
    check_confirming(confirming(transaction_data_hashes=HASHES))
    check(bound)  # whoever asked for none does not look


@pytest.mark.req("VP-20")
@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"transaction_data_hashes": None},
        {"transaction_data_hashes": []},
        {"transaction_data_hashes": HASHES[:1]},
        {"transaction_data_hashes": HASHES[::-1]},
        {"transaction_data_hashes": [*HASHES, HASHES[0]]},
        {"transaction_data_hashes": [HASHES[0], digest_of("another")]},
        {"transaction_data_hashes": " ".join(HASHES)},
        {"transaction_data_hashes": HASHES, "transaction_data_hashes_alg": "sha-512"},
        {"transaction_data_hashes": HASHES, "transaction_data_hashes_alg": ["sha-256"]},
    ],
)
def test_a_binding_that_confirms_something_else_or_nothing_is_refused(
    claims: dict[str, object],
) -> None:
    with pytest.raises(KbTransactionDataMismatch):
        check_confirming(confirming(**claims))


@pytest.mark.req("SDJWT-21", "DESK-01")
def test_the_window_is_the_receivers() -> None:
    for iat in (NOW - 300, NOW + 60, NOW - 0.5):
        check(with_kb(PRESENTED, {**SOUND, "iat": iat}))
    for change in ({"at": AT + timedelta(seconds=61)}, {"at": AT - timedelta(seconds=11)}):
        with pytest.raises(KbStale):
            check(
                bound(PRESENTED),
                max_age=timedelta(seconds=60),
                max_ahead=timedelta(seconds=10),
                **change,
            )


@pytest.mark.req("SDJWT-19")
def test_a_disclosure_added_after_binding_is_noticed() -> None:
    one, two = encoded("s1", "a", 1), encoded("s2", "b", 2)
    both = hiding(one, two)
    only_one = both.replace(two + "~", "")
    with pytest.raises(KbSdHashMismatch):
        check(both + bound(only_one).split("~")[-1])
    swapped = both.replace(f"{one}~{two}", f"{two}~{one}")
    with pytest.raises(KbSdHashMismatch):
        check(swapped + bound(both).split("~")[-1])


@pytest.mark.req("SDJWT-19", "VP-32")
def test_the_published_key_binding_payload_is_read_and_holds_for_its_own_text_only() -> None:
    """OpenID4VP's example also answers `transaction_data`, which we do not send (8.4)."""
    said = vector("openid4vp/response-kb_jwt_unsecured.json")
    made = datetime.fromtimestamp(said["iat"], UTC)
    policy = {"audience": said["aud"], "nonce": said["nonce"], "at": made}
    with pytest.raises(KbSdHashMismatch):
        check(with_kb(PRESENTED, said), **policy)
    check(with_kb(PRESENTED, {**said, "sd_hash": SOUND["sd_hash"]}), **policy)
