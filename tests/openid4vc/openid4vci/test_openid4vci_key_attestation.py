"""Key attestations: made by a wallet provider, alone or in the header of a key proof."""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import strict_json
from keys.jose import parse_jws, public_jwk, sign_jws, x5c_header
from keys.software_signer import SoftwareSigner
from openid4vc.openid4vci import errors, key_errors
from openid4vc.openid4vci.credential import ATTESTATION, JWT, read_credential_request, request_json
from openid4vc.openid4vci.errors import InvalidProof
from openid4vc.openid4vci.key_attestation import (
    ATTACK_POTENTIALS,
    KeyAttestationClaims,
    KeyPolicy,
    ReadKeyAttestation,
    check_key_policy,
    key_policy_json,
    make_key_attestation,
    read_key_attestation,
    read_key_policy,
)
from openid4vc.openid4vci.proof import key_attestation_of, make_proof, read_proof
from openid4vc.openid4vci.wallet_errors import MalformedMetadata
from openid4vc.sd_jwt.model import StatusReference
from tests.openid4vc import wallet_provider as provider
from tests.openid4vc.openid4vci import kit

KEYS = [SoftwareSigner.generate() for _ in range(3)]
JWKS = tuple(public_jwk(one.public_key) for one in KEYS)
MODERATE = "iso_18045_moderate"
STATUS: dict[str, object] = {
    "status": {"status_list": {"idx": 7, "uri": "https://wallet.example/status/1"}}
}


def attestation(
    *,
    header: dict[str, object] | None = None,
    claims: dict[str, object] | None = None,
    signer: SoftwareSigner = provider.ATTESTER,
) -> str:
    """Sign an attestation with members changed, or left out where None."""
    full_header = {
        "typ": "key-attestation+jwt",
        "x5c": x5c_header(signer.certificate_chain),
        **(header or {}),
    }
    full_claims = {
        "iat": kit.NOW,
        "exp": kit.NOW + 3_600,
        "nonce": kit.NONCE,
        "attested_keys": list(JWKS),
        "key_storage": [MODERATE],
        **(claims or {}),
    }
    return sign_jws(
        {name: value for name, value in full_header.items() if value is not None},
        strict_json.dumps(
            {name: value for name, value in full_claims.items() if value is not None}
        ),
        signer,
    )


def read(text: str, *, with_jwt_proof: bool = True, **options: Any) -> ReadKeyAttestation:
    return read_key_attestation(
        text,
        **{
            "anchors": provider.ANCHORS,
            "at": kit.AT,
            "with_jwt_proof": with_jwt_proof,
            **options,
        },
    )


@pytest.mark.req("VCI-54", "VCI-57", "HAIP-07")
def test_an_attestation_comes_back_as_it_was_made() -> None:
    claims = KeyAttestationClaims(
        keys=JWKS,
        lifetime=timedelta(hours=1),
        nonce=kit.NONCE,
        key_storage=[MODERATE],
        user_authentication=["iso_18045_high"],
        key_storage_status={**STATUS, "exp": kit.NOW + 9},
    )
    text = make_key_attestation(claims, signer=provider.ATTESTER, at=kit.AT)
    assert read(text) == ReadKeyAttestation(
        jwks=JWKS,
        nonce=kit.NONCE,
        key_storage=(MODERATE,),
        user_authentication=("iso_18045_high",),
        anchor=provider.AUTHORITY.certificate,
        issued_at=kit.AT,
        status=StatusReference("https://wallet.example/status/1", 7),
    )
    jws = parse_jws(text)
    # The chain is there without its anchor, and its signer is not self-signed
    assert jws.header["x5c"] == x5c_header(provider.ATTESTER.certificate_chain)
    assert jws.header["typ"] == "key-attestation+jwt"
    assert json.loads(jws.payload)["exp"] == kit.NOW + 3_600
    assert kit.NONCE not in repr(read(text))


@pytest.mark.req("VCI-54")
def test_what_may_be_left_out_is_left_out() -> None:
    claims = KeyAttestationClaims(keys=JWKS[:1], lifetime=timedelta(hours=1))
    text = make_key_attestation(claims, signer=provider.ATTESTER, at=kit.AT)
    assert json.loads(parse_jws(text).payload).keys() == {"iat", "exp", "attested_keys"}
    found = read(attestation(claims={"exp": None, "key_storage": None}), with_jwt_proof=False)
    assert (found.key_storage, found.user_authentication, found.status) == ((), (), None)


@pytest.mark.req("VCI-54")
def test_unknown_members_and_links_for_people_are_ignored() -> None:
    claims: dict[str, object] = {"iss": "https://x.example", "certification": "https://x", "x": 1}
    assert read(attestation(claims=claims)).jwks == JWKS
    status = attestation(claims=STATUS)
    assert read(status).status == StatusReference("https://wallet.example/status/1", 7)


def test_an_attestation_may_be_a_minute_early_and_a_minute_late() -> None:
    assert read(attestation(claims={"iat": kit.NOW + 60})).jwks == JWKS
    assert read(attestation(claims={"exp": kit.NOW - 59})).jwks == JWKS


REFUSED: list[tuple[str, type[InvalidProof], str]] = [
    ("no JWT", key_errors.KeyAttestationMalformed, "x"),
    ("too long", key_errors.KeyAttestationMalformed, "e30.e30." + "A" * 16_384),
    (
        "no object inside",
        key_errors.KeyAttestationMalformed,
        sign_jws({"typ": "key-attestation+jwt"}, b"[]", provider.ATTESTER),
    ),
    ("no chain", key_errors.KeyAttesterNotTrusted, attestation(header={"x5c": None})),
    ("chain a text", key_errors.KeyAttesterNotTrusted, attestation(header={"x5c": "AA=="})),
    ("a stranger", key_errors.KeyAttesterNotTrusted, attestation(signer=provider.STRANGER)),
    (
        "a certificate for something else",
        key_errors.KeyAttesterNotTrusted,
        attestation(signer=provider.CREDENTIAL_SIGNER),
    ),
    (
        "the anchor in the chain",
        key_errors.KeyAttesterNotTrusted,
        attestation(
            header={
                "x5c": x5c_header(
                    (
                        *provider.ATTESTER.certificate_chain,
                        *provider.AUTHORITY.signer.certificate_chain,
                    )
                )
            }
        ),
    ),
    (
        "signed by its own authority",
        key_errors.KeyAttesterNotTrusted,
        attestation(signer=provider.AUTHORITY.signer),
    ),
    (
        "another signer than its chain",
        key_errors.KeyAttestationSignatureInvalid,
        attestation(
            header={"x5c": x5c_header(provider.ATTESTER.certificate_chain)},
            signer=provider.STRANGER,
        ),
    ),
    (
        "typ of a draft",
        key_errors.KeyAttestationSignatureInvalid,
        attestation(header={"typ": "keyattestation+jwt"}),
    ),
    (
        "typ missing",
        key_errors.KeyAttestationSignatureInvalid,
        attestation(header={"typ": None}),
    ),
    (
        "crit",
        key_errors.KeyAttestationSignatureInvalid,
        attestation(header={"crit": ["x"], "x": 1}),
    ),
    ("iat missing", key_errors.KeyAttestationMalformed, attestation(claims={"iat": None})),
    ("iat a text", key_errors.KeyAttestationMalformed, attestation(claims={"iat": "1"})),
    ("iat ahead", key_errors.KeyAttestationStale, attestation(claims={"iat": kit.NOW + 61})),
    ("exp missing", key_errors.KeyAttestationMalformed, attestation(claims={"exp": None})),
    ("exp passed", key_errors.KeyAttestationStale, attestation(claims={"exp": kit.NOW - 60})),
    ("no keys", key_errors.KeyAttestationMalformed, attestation(claims={"attested_keys": None})),
    ("keys empty", key_errors.KeyAttestationMalformed, attestation(claims={"attested_keys": []})),
    ("key a text", key_errors.KeyAttestationMalformed, attestation(claims={"attested_keys": [""]})),
    (
        "eleven keys",
        errors.TooManyProofs,
        attestation(claims={"attested_keys": [JWKS[0]] * 11}),
    ),
    (
        "one key twice",
        errors.ProofKeyRepeated,
        attestation(claims={"attested_keys": [JWKS[0], {**JWKS[0], "kid": "2"}]}),
    ),
    (
        "private part",
        errors.ProofKeyNotAllowed,
        attestation(claims={"attested_keys": [{**JWKS[0], "d": "AA"}]}),
    ),
    (
        "other curve",
        errors.ProofKeyNotAllowed,
        attestation(claims={"attested_keys": [{**JWKS[0], "crv": "P-384"}]}),
    ),
    ("nonce missing", errors.ProofNonceMissing, attestation(claims={"nonce": None})),
    ("nonce a number", errors.ProofNonceMissing, attestation(claims={"nonce": 7})),
    (
        "key_storage empty",
        key_errors.KeyAttestationMalformed,
        attestation(claims={"key_storage": []}),
    ),
    (
        "user_authentication a text",
        key_errors.KeyAttestationMalformed,
        attestation(claims={"user_authentication": MODERATE}),
    ),
    (
        "status of another shape",
        key_errors.KeyAttestationMalformed,
        attestation(claims={"status": {"status_list": {"idx": -1}}}),
    ),
    (
        "key_storage_status a text",
        key_errors.KeyAttestationMalformed,
        attestation(claims={"key_storage_status": "valid"}),
    ),
]


@pytest.mark.req("VCI-53", "VCI-54", "VCI-50", "HAIP-07")
@pytest.mark.parametrize(
    ("failure", "text"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_an_attestation_that_breaks_a_rule_is_refused(
    failure: type[InvalidProof], text: str
) -> None:
    with pytest.raises(failure) as caught:
        read(text)
    assert type(caught.value) is failure
    assert caught.value.error == "invalid_proof"


def test_every_failure_of_an_attestation_has_a_case_and_says_the_same_on_the_wire() -> None:
    defined = {
        one
        for one in vars(key_errors).values()
        if isinstance(one, type)
        and issubclass(one, InvalidProof)
        and one.__module__ == key_errors.__name__
    }
    elsewhere = {
        key_errors.KeyAttestationMissing,  # for the issuer, where its metadata ask for one
        key_errors.KeyNotAttested,
        key_errors.KeyKeptTooWeakly,
    }
    assert defined == elsewhere | {case[1] for case in REFUSED} & defined
    assert {one.error for one in defined} == {"invalid_proof"}
    assert len({one.code for one in defined}) == len(defined)


def test_an_expired_provider_is_not_trusted() -> None:
    later = kit.AT + timedelta(days=365 * 20)
    with pytest.raises(key_errors.KeyAttesterNotTrusted, match="certificate_expired"):
        read(attestation(), at=later)


# --- How well keys are kept ---------------------------------------------------------------------


@pytest.mark.req("VCI-57")
@pytest.mark.parametrize("attested", ATTACK_POTENTIALS)
@pytest.mark.parametrize("member", ["key_storage", "user_authentication"])
def test_one_of_the_accepted_values_has_to_be_attested(attested: str, member: str) -> None:
    accepted = ATTACK_POTENTIALS[:2]
    found = read(attestation(claims={"key_storage": None, member: ["x", attested]}))
    policy = KeyPolicy(**{member: accepted})
    if attested in accepted:
        check_key_policy(found, policy)
        return
    with pytest.raises(key_errors.KeyKeptTooWeakly, match=member) as caught:
        check_key_policy(found, policy)
    assert caught.value.error == "invalid_proof"


@pytest.mark.req("VCI-57")
def test_nothing_attested_is_too_little_where_something_is_asked() -> None:
    found = read(attestation(claims={"key_storage": None}))
    check_key_policy(found, KeyPolicy())
    with pytest.raises(key_errors.KeyKeptTooWeakly):
        check_key_policy(found, KeyPolicy(key_storage=ATTACK_POTENTIALS))


@pytest.mark.req("VCI-09")
@pytest.mark.parametrize(
    "policy",
    [
        KeyPolicy(),
        KeyPolicy(key_storage=ATTACK_POTENTIALS[:2]),
        KeyPolicy(key_storage=(MODERATE,), user_authentication=(MODERATE,)),
    ],
)
def test_a_policy_comes_back_as_it_was_published(policy: KeyPolicy) -> None:
    published = key_policy_json(policy)
    assert read_key_policy(json.loads(json.dumps(published))) == policy
    assert all(published.values())


@pytest.mark.req("VCI-09")
@pytest.mark.parametrize("value", [[], "x", None, {"key_storage": []}, {"key_storage": "x"}])
def test_a_policy_of_another_shape_is_no_policy(value: object) -> None:
    with pytest.raises(MalformedMetadata):
        read_key_policy(value)


# --- In the header of a key proof ---------------------------------------------------------------


def proof(signer: SoftwareSigner, text: str | None = None) -> str:
    return make_proof(
        signer=signer, issuer=kit.ISSUER, nonce=kit.NONCE, at=kit.AT, key_attestation=text
    )


@pytest.mark.req("VCI-55")
@pytest.mark.parametrize("signer", KEYS)
def test_a_proof_of_any_attested_key_holds(signer: SoftwareSigner) -> None:
    text = proof(signer, attestation())
    attested = key_attestation_of(text)
    assert attested is not None
    found = read_proof(text, issuer=kit.ISSUER, at=kit.AT, attestation=read(attested))
    assert found.jwk == public_jwk(signer.public_key)


@pytest.mark.req("VCI-55")
def test_a_proof_of_a_key_that_nobody_attested_is_refused() -> None:
    text = proof(kit.HOLDER, attestation())
    with pytest.raises(key_errors.KeyNotAttested) as caught:
        read_proof(text, issuer=kit.ISSUER, at=kit.AT, attestation=read(attestation()))
    assert caught.value.error == "invalid_proof"


@pytest.mark.req("ABCA-19")
def test_a_proof_that_names_its_key_by_kid_is_of_the_first_attested_key() -> None:
    for signer, holds in ((KEYS[0], True), (KEYS[1], False), (kit.HOLDER, False)):
        text = kit.proof(header={"jwk": None, "kid": "0"}, signer=signer)
        if holds:
            found = read_proof(text, issuer=kit.ISSUER, at=kit.AT, attestation=read(attestation()))
            assert found.jwk == JWKS[0]
            continue
        with pytest.raises(errors.ProofSignatureInvalid):
            read_proof(text, issuer=kit.ISSUER, at=kit.AT, attestation=read(attestation()))


@pytest.mark.parametrize("header", [{"kid": "0"}, {"jwk": None}, {"x5c": ["AA=="]}])
def test_an_attestation_makes_no_other_key_header_right(header: dict[str, object]) -> None:
    with pytest.raises(errors.ProofKeyNotAllowed):
        read_proof(
            kit.proof(header=header, signer=KEYS[0]),
            issuer=kit.ISSUER,
            at=kit.AT,
            attestation=read(attestation()),
        )


def test_a_proof_without_attestation_has_none() -> None:
    assert key_attestation_of(proof(KEYS[0])) is None
    with pytest.raises(errors.MalformedProof):
        key_attestation_of(kit.proof(header={"key_attestation": 1}))
    with pytest.raises(errors.MalformedProof):
        key_attestation_of("x")


# --- As a proof by itself -----------------------------------------------------------------------


@pytest.mark.req("VCI-53")
def test_an_attestation_is_a_proof_type_of_its_own() -> None:
    data = request_json(configuration_id="a", attestation="e.e.e")
    assert data == {"credential_configuration_id": "a", "proofs": {"attestation": ["e.e.e"]}}
    found = read_credential_request(data, proof_types=(JWT, ATTESTATION))
    assert (found.attestation, found.proofs) == ("e.e.e", ())


@pytest.mark.req("VCI-53", "VCI-47")
@pytest.mark.parametrize(
    ("failure", "proofs"),
    [
        (errors.TooManyProofs, {"attestation": ["a", "b"]}),
        (errors.ProofTypeNotSupported, {"attestation": ["a"], "jwt": ["b"]}),
        (errors.ProofTypeNotSupported, {}),
        (errors.MalformedProof, {"attestation": []}),
        (errors.MalformedProof, {"attestation": "a"}),
        (errors.MalformedProof, {"attestation": ["x" * 16_385]}),
    ],
)
def test_exactly_one_attestation_comes(failure: type[InvalidProof], proofs: object) -> None:
    data = {"credential_configuration_id": "a", "proofs": proofs}
    with pytest.raises(failure):
        read_credential_request(data, proof_types=(JWT, ATTESTATION))


@pytest.mark.req("VCI-53")
def test_an_attestation_is_no_proof_where_nobody_is_trusted_to_attest() -> None:
    with pytest.raises(errors.ProofTypeNotSupported):
        read_credential_request(request_json(configuration_id="a", attestation="e.e.e"))


@pytest.mark.parametrize("shown", [{}, {"proofs": ["a"], "attestation": "b"}])
def test_a_request_shows_proofs_or_an_attestation(shown: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        request_json(configuration_id="a", **shown)


MEMBERS = st.sampled_from(
    ["typ", "x5c", "iat", "exp", "nonce", "attested_keys", "key_storage", "status"]
)


@settings(max_examples=60)
@given(header=st.dictionaries(MEMBERS, kit.JSON), claims=st.dictionaries(MEMBERS, kit.JSON))
def test_garbage_is_never_more_than_an_invalid_proof(
    header: dict[str, object], claims: dict[str, object]
) -> None:
    with suppress(InvalidProof):
        read(attestation(header=header, claims=claims))
