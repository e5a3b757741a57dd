"""Wallet attestations, with a PoP or in DPoP combined mode."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.jose import (
    b64url_encode,
    key_from_jwk,
    parse_jws,
    public_jwk,
    sign_jws,
    thumbprint,
    verify_jws,
    x5c_from,
    x5c_header,
)
from openid4vc.oauth import attestation_errors as failures
from openid4vc.oauth.attestation_errors import ClientAttestationRefused
from openid4vc.oauth.attesting import (
    ATTESTATION_TYPE,
    POP_TYPE,
    AttestationClaims,
    make_attestation_pop,
    make_client_attestation,
)
from openid4vc.oauth.client_attestation import (
    AttestationPolicy,
    ReadAttestation,
    read_client_attestation,
)
from openid4vc.oauth.dpop import ReadDpop, read_dpop_proof
from openid4vc.sd_jwt.model import StatusReference
from tests.openid4vc import wallet_provider as provider
from tests.openid4vc.oauth import kit
from tests.openid4vc.openid4vci.kit import JSON, text, vector

JWK = public_jwk(provider.INSTANCE.public_key)
POLICY = AttestationPolicy(audience=kit.ISSUER, anchors=provider.ANCHORS)
STATUS = {"status_list": {"idx": 7, "uri": "https://wallet.example/status/1"}}


def read(attestation: str | None = None, pop: str | None = None, **options: Any) -> ReadAttestation:
    known: dict[str, Any] = {"policy": POLICY, "at": provider.AT}
    return read_client_attestation(
        [kit.attestation() if attestation is None else attestation],
        [kit.pop() if pop is None else pop],
        **{**known, **options},
    )


def combined(attestation: str, dpop: ReadDpop | None, **options: Any) -> ReadAttestation:
    return read_client_attestation(
        [attestation], [], policy=POLICY, at=provider.AT, dpop=dpop, **options
    )


def dpop(signer: Any = provider.INSTANCE, **claims: object) -> ReadDpop:
    proof = kit.dpop(header={"jwk": public_jwk(signer.public_key)}, claims=claims, signer=signer)
    return read_dpop_proof([proof], method="POST", url=kit.TOKEN_ENDPOINT, at=provider.AT)


# --- Both forms ---------------------------------------------------------------------------------


@pytest.mark.req("ABCA-02", "ABCA-03", "ABCA-17", "ABCA-16", "HAIP-02")
@pytest.mark.parametrize("issuer", [None, "https://wallet-provider.example.com"])
def test_both_forms_come_back_as_they_were_made(issuer: str | None) -> None:
    """With `iss` in both JWTs (-07, which OpenID4VCI 1.0 names), and without (newer)."""
    claims = AttestationClaims(
        client_id=kit.CLIENT,
        instance_jwk=JWK,
        lifetime=timedelta(hours=23),
        issuer=issuer,
        wallet_name="Kyky",
        client_status={"status": STATUS, "exp": provider.NOW + 9},
    )
    attestation = make_client_attestation(claims, signer=provider.ATTESTER, at=provider.AT)
    pop = make_attestation_pop(
        signer=provider.INSTANCE,
        audience=kit.ISSUER,
        jti=kit.JTI,
        at=provider.AT,
        challenge=kit.NONCE,
        client_id=None if issuer is None else kit.CLIENT,
    )
    assert read(attestation, pop, client_id=kit.CLIENT) == ReadAttestation(
        client_id=kit.CLIENT,
        instance_thumbprint=thumbprint(JWK),
        wallet_name="Kyky",
        anchor=provider.AUTHORITY.certificate,
        pop_jti=kit.JTI,
        challenge=kit.NONCE,
        issued_at=provider.AT,
        status=StatusReference("https://wallet.example/status/1", 7),
    )
    made, proof = parse_jws(attestation), parse_jws(pop)
    assert made.header["typ"] == "oauth-client-attestation+jwt"
    assert made.header["x5c"] == x5c_header(provider.ATTESTER.certificate_chain)
    assert proof.header == {"typ": "oauth-client-attestation-pop+jwt", "alg": "ES256"}
    has_issuer = issuer is not None
    for payload in (made.payload, proof.payload):
        assert ("iss" in json.loads(payload)) is has_issuer
    assert json.loads(made.payload)["exp"] == provider.NOW + 23 * 3_600
    assert json.loads(proof.payload)["aud"] == kit.ISSUER


@pytest.mark.req("ABCA-02", "ABCA-03")
def test_the_published_jwts_of_the_newer_form_are_of_the_shape_that_is_read() -> None:
    """Its attester has no certificate, so the chain is where it ends; the PoP is read whole."""
    examples = [
        "".join(one["text"].split()).partition(":")[2]
        for one in vector("abca/spec-examples.json")
        if one["text"].startswith("OAuth-Client-Attestation") and "eyJ" in one["text"]
    ]
    attestation, pop = (parse_jws(one) for one in examples)
    with pytest.raises(failures.ClientAttesterNotTrusted, match="chain_missing"):
        read(attestation.text)
    jwk = json.loads(attestation.payload)["cnf"]["jwk"]
    verify_jws(pop, key_from_jwk(jwk), typ=POP_TYPE)
    assert attestation.header["typ"] == ATTESTATION_TYPE
    assert json.loads(pop.payload)["aud"] == "https://as.example.com"


@pytest.mark.req("ABCA-17", "ABCA-16")
def test_the_published_attestation_of_openid4vci_has_its_own_anchor_in_it() -> None:
    """Signed right and in the form of -07, by a self-signed certificate, which HAIP forbids."""
    jws = parse_jws("".join(text("openid4vci/wallet_attestation.jwt.txt").split()))
    claims = json.loads(jws.payload)
    certificate = x509.load_der_x509_certificate(x5c_from(jws.header)[0])
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    verify_jws(jws, key, typ=ATTESTATION_TYPE)
    with pytest.raises(failures.ClientAttesterNotTrusted, match="anchor_in_chain"):
        read(
            jws.text,
            policy=replace(POLICY, anchors=(certificate,)),
            at=datetime.fromtimestamp(claims["nbf"], UTC),
        )


@pytest.mark.req("ABCA-02")
def test_unknown_members_are_ignored() -> None:
    attestation = kit.attestation(
        header={"kid": "11"}, claims={"wallet_link": "https://x", "eudi_x": {}, "status": STATUS}
    )
    found = read(attestation, kit.pop(header={"kid": "1"}, claims={"nonce": "n", "x": [1]}))
    assert (found.wallet_name, found.challenge) == (None, None)
    assert found.status == StatusReference("https://wallet.example/status/1", 7)


def test_the_audience_may_be_an_array_of_one() -> None:
    assert read(pop=kit.pop(claims={"aud": [kit.ISSUER]})).client_id == kit.CLIENT


@pytest.mark.req("ABCA-21")
def test_the_windows() -> None:
    for later in (timedelta(minutes=5), -timedelta(seconds=60)):
        assert read(at=provider.AT + later).issued_at == provider.AT
    for claims in ({"exp": provider.NOW - 59}, {"iat": provider.NOW + 60}, {"nbf": provider.NOW}):
        assert read(kit.attestation(claims=claims)).client_id == kit.CLIENT
    for claims in ({"exp": provider.NOW - 59}, {"nbf": provider.NOW + 60}):
        assert read(pop=kit.pop(claims=claims)).client_id == kit.CLIENT


# --- How many, and whose ------------------------------------------------------------------------


@pytest.mark.req("ABCA-04", "HAIP-02")
def test_exactly_one_of_each_header_comes() -> None:
    one, pop = kit.attestation(), kit.pop()
    known: dict[str, Any] = {"policy": POLICY, "at": provider.AT}
    with pytest.raises(failures.ClientAttestationMissing) as caught:
        read_client_attestation([], [pop], **known)
    assert caught.value.error == "invalid_client"
    for attestations, pops in (([one, one], [pop]), ([one], [pop, pop])):
        with pytest.raises(failures.ClientAttestationRepeated):
            read_client_attestation(attestations, pops, **known)
    with pytest.raises(failures.AttestationProofMissing):
        read_client_attestation([one], [], **known)
    with pytest.raises(failures.ClientAttestationMalformed):
        read(f"{one}, {one}")


@pytest.mark.req("ABCA-05")
@pytest.mark.parametrize("client_id", ["another", "", f"{kit.CLIENT}/"])
def test_the_request_names_the_wallet_that_is_attested(client_id: str) -> None:
    with pytest.raises(failures.ClientIdDiffers) as caught:
        read(client_id=client_id)
    assert caught.value.error == "invalid_client"


def with_alg(right: str, alg: str) -> str:
    header = {**parse_jws(right).header, "alg": alg}
    _, payload, signature = right.split(".")
    return f"{b64url_encode(json.dumps(header).encode())}.{payload}.{signature}"


SIGNED = failures.ClientAttestationSignatureInvalid
MALFORMED = failures.ClientAttestationMalformed
UNTRUSTED = failures.ClientAttesterNotTrusted
KEY = failures.ClientAttestationKeyNotAllowed
ATTESTATIONS: list[tuple[str, type[ClientAttestationRefused], str]] = [
    ("no JWT", MALFORMED, "x"),
    ("empty", MALFORMED, ""),
    ("too long", MALFORMED, "e30.e30." + "A" * 16_384),
    ("no object inside", MALFORMED, sign_jws({"typ": ATTESTATION_TYPE}, b"[]", provider.ATTESTER)),
    ("attestation and PoP in one", MALFORMED, f"{kit.attestation()}~{kit.pop()}"),
    ("no chain", UNTRUSTED, kit.attestation(header={"x5c": None})),
    ("chain a text", UNTRUSTED, kit.attestation(header={"x5c": "AA=="})),
    ("chain of garbage", UNTRUSTED, kit.attestation(header={"x5c": ["AA=="]})),
    ("a provider that is not listed", UNTRUSTED, kit.attestation(signer=provider.STRANGER)),
    (
        "a certificate for something else",
        UNTRUSTED,
        kit.attestation(signer=provider.CREDENTIAL_SIGNER),
    ),
    ("the authority itself", UNTRUSTED, kit.attestation(signer=provider.AUTHORITY.signer)),
    (
        "another signer than its chain",
        SIGNED,
        kit.attestation(
            header={"x5c": x5c_header(provider.ATTESTER.certificate_chain)},
            signer=provider.STRANGER,
        ),
    ),
    ("typ JWT", SIGNED, kit.attestation(header={"typ": "JWT"})),
    ("typ missing", SIGNED, kit.attestation(header={"typ": None})),
    ("typ of the PoP", SIGNED, kit.attestation(header={"typ": POP_TYPE})),
    ("crit", SIGNED, kit.attestation(header={"crit": ["x"], "x": 1})),
    ("alg none", SIGNED, with_alg(kit.attestation(), "none")),
    ("alg HS256", SIGNED, with_alg(kit.attestation(), "HS256")),
    ("alg ES384", SIGNED, with_alg(kit.attestation(), "ES384")),
    ("sub missing", MALFORMED, kit.attestation(claims={"sub": None})),
    ("sub a number", MALFORMED, kit.attestation(claims={"sub": 7})),
    ("sub too long", MALFORMED, kit.attestation(claims={"sub": "x" * 257})),
    ("sub not ASCII", MALFORMED, kit.attestation(claims={"sub": "ä"})),
    ("exp missing", MALFORMED, kit.attestation(claims={"exp": None})),
    ("exp a text", MALFORMED, kit.attestation(claims={"exp": "1"})),
    ("iat a text", MALFORMED, kit.attestation(claims={"iat": "1"})),
    ("nbf true", MALFORMED, kit.attestation(claims={"nbf": True})),
    ("cnf missing", MALFORMED, kit.attestation(claims={"cnf": None})),
    ("cnf of another kind", MALFORMED, kit.attestation(claims={"cnf": {"jkt": "x"}})),
    ("private part", KEY, kit.attestation(claims={"cnf": {"jwk": {**JWK, "d": "AA"}}})),
    ("other curve", KEY, kit.attestation(claims={"cnf": {"jwk": {**JWK, "crv": "P-384"}}})),
    ("symmetric", KEY, kit.attestation(claims={"cnf": {"jwk": {"kty": "oct", "k": "AA"}}})),
    ("wallet_name a number", MALFORMED, kit.attestation(claims={"wallet_name": 7})),
    ("wallet_name too long", MALFORMED, kit.attestation(claims={"wallet_name": "x" * 201})),
    ("client_status a text", MALFORMED, kit.attestation(claims={"client_status": "valid"})),
    (
        "client_status of another shape",
        MALFORMED,
        kit.attestation(claims={"client_status": {"status": {}}}),
    ),
    (
        "not valid yet",
        failures.ClientAttestationNotYetValid,
        kit.attestation(claims={"nbf": provider.NOW + 61}),
    ),
    (
        "issued ahead",
        failures.ClientAttestationNotYetValid,
        kit.attestation(claims={"iat": provider.NOW + 61}),
    ),
    (
        "lives for a day",
        failures.ClientAttestationLivesTooLong,
        kit.attestation(claims={"iat": provider.NOW, "exp": provider.NOW + 86_400}),
    ),
    (
        "lives for a day, it does not say since when",
        failures.ClientAttestationLivesTooLong,
        kit.attestation(claims={"iat": None, "exp": provider.NOW + 86_400}),
    ),
    (
        "was made long ago for long",
        failures.ClientAttestationLivesTooLong,
        kit.attestation(claims={"iat": provider.NOW - 86_000}),
    ),
]


@pytest.mark.req("ABCA-02", "ABCA-04", "ABCA-16", "ABCA-18", "ABCA-21", "HAIP-02")
@pytest.mark.parametrize(
    ("failure", "attestation"),
    [case[1:] for case in ATTESTATIONS],
    ids=[case[0] for case in ATTESTATIONS],
)
def test_an_attestation_that_breaks_a_rule_is_refused(
    failure: type[ClientAttestationRefused], attestation: str
) -> None:
    with pytest.raises(failure) as caught:
        read(attestation)
    assert type(caught.value) is failure
    assert caught.value.error == "invalid_client_attestation"


@pytest.mark.req("ABCA-07")
def test_an_attestation_that_is_over_is_to_be_replaced() -> None:
    with pytest.raises(failures.ClientAttestationStale) as caught:
        read(kit.attestation(claims={"exp": provider.NOW - 60}))
    assert caught.value.error == "use_fresh_attestation"


@pytest.mark.req("ABCA-18")
def test_how_long_an_attestation_may_live_is_the_servers_choice() -> None:
    long = kit.attestation(claims={"exp": provider.NOW + 365 * 86_400})
    assert read(long, policy=replace(POLICY, max_lifetime=None)).client_id == kit.CLIENT
    almost = kit.attestation(claims={"iat": provider.NOW, "exp": provider.NOW + 86_399})
    assert read(almost).client_id == kit.CLIENT
    with pytest.raises(failures.ClientAttestationLivesTooLong):
        read(almost, policy=replace(POLICY, max_lifetime=timedelta(hours=1)))


def test_an_expired_provider_is_not_trusted() -> None:
    later = provider.AT + timedelta(days=365 * 20)
    with pytest.raises(failures.ClientAttesterNotTrusted, match="certificate_expired"):
        read(at=later)


OTHER_KEY = failures.AttestationProofOfOtherKey
PROOF = failures.AttestationProofMalformed
STALE = failures.AttestationProofStale
OTHER_SERVER = failures.AttestationProofForOtherServer
POPS: list[tuple[str, type[ClientAttestationRefused], str]] = [
    ("no JWT", PROOF, "x"),
    ("too long", PROOF, "e30.e30." + "A" * 8_192),
    ("no object inside", PROOF, sign_jws({"typ": POP_TYPE}, b"[]", provider.INSTANCE)),
    ("another key", OTHER_KEY, kit.pop(signer=provider.DEVICE)),
    ("the provider's key", OTHER_KEY, kit.pop(signer=provider.ATTESTER)),
    (
        "another key that it brings along",
        OTHER_KEY,
        kit.pop(
            header={"jwk": public_jwk(provider.DEVICE.public_key)},
            signer=provider.DEVICE,
        ),
    ),
    ("typ JWT", OTHER_KEY, kit.pop(header={"typ": "JWT"})),
    ("typ of the attestation", OTHER_KEY, kit.pop(header={"typ": ATTESTATION_TYPE})),
    ("crit", OTHER_KEY, kit.pop(header={"crit": ["x"], "x": 1})),
    ("alg none", OTHER_KEY, with_alg(kit.pop(), "none")),
    ("alg HS256", OTHER_KEY, with_alg(kit.pop(), "HS256")),
    ("aud missing", PROOF, kit.pop(claims={"aud": None})),
    ("aud the endpoint", OTHER_SERVER, kit.pop(claims={"aud": kit.TOKEN_ENDPOINT})),
    ("aud another server", OTHER_SERVER, kit.pop(claims={"aud": "https://a.example"})),
    ("aud several", PROOF, kit.pop(claims={"aud": [kit.ISSUER, "https://a.example"]})),
    ("aud none", PROOF, kit.pop(claims={"aud": []})),
    (
        "iss another client",
        failures.AttestationProofOfOtherClient,
        kit.pop(claims={"iss": "another"}),
    ),
    ("iss a number", failures.AttestationProofOfOtherClient, kit.pop(claims={"iss": 7})),
    ("jti missing", PROOF, kit.pop(claims={"jti": None})),
    ("jti too long", PROOF, kit.pop(claims={"jti": "x" * 257})),
    ("challenge a number", PROOF, kit.pop(claims={"challenge": 7})),
    ("iat missing", PROOF, kit.pop(claims={"iat": None})),
    ("iat a text", PROOF, kit.pop(claims={"iat": "1"})),
    ("iat old", STALE, kit.pop(claims={"iat": provider.NOW - 301})),
    ("iat ahead", STALE, kit.pop(claims={"iat": provider.NOW + 61})),
    ("nbf ahead", STALE, kit.pop(claims={"nbf": provider.NOW + 61})),
    ("exp passed", STALE, kit.pop(claims={"exp": provider.NOW - 60})),
]


@pytest.mark.req("ABCA-03", "ABCA-04", "ABCA-21", "ABCA-10")
@pytest.mark.parametrize(
    ("failure", "pop"), [case[1:] for case in POPS], ids=[case[0] for case in POPS]
)
def test_a_proof_that_breaks_a_rule_is_refused(
    failure: type[ClientAttestationRefused], pop: str
) -> None:
    with pytest.raises(failure) as caught:
        read(pop=pop)
    assert type(caught.value) is failure
    assert caught.value.error == "invalid_client_attestation"


# --- DPoP combined mode -------------------------------------------------------------------------


@pytest.mark.req("ABCA-13")
def test_a_dpop_proof_of_the_instances_key_is_proof_enough() -> None:
    found = combined(kit.attestation(), dpop(nonce=kit.NONCE), client_id=kit.CLIENT)
    assert found.is_combined
    assert (found.challenge, found.pop_jti, found.issued_at) == (kit.NONCE, kit.JTI, provider.AT)
    assert found.instance_thumbprint == thumbprint(JWK)


@pytest.mark.req("ABCA-13")
def test_a_dpop_proof_of_another_key_is_no_proof_of_the_attestation() -> None:
    with pytest.raises(failures.AttestationProofOfOtherKey) as caught:
        combined(kit.attestation(), dpop(provider.DEVICE))
    assert caught.value.error == "invalid_client_attestation"
    # Beside a PoP it is a proof of its own, of whatever key
    found = read(dpop=dpop(provider.DEVICE, nonce="another"))
    assert (found.is_combined, found.challenge) == (False, None)


@pytest.mark.req("ABCA-13", "ABCA-04")
def test_a_dpop_proof_does_not_help_a_pop_that_is_wrong() -> None:
    with pytest.raises(failures.AttestationProofOfOtherKey):
        read(pop=kit.pop(signer=provider.DEVICE), dpop=dpop())


# --- Codes --------------------------------------------------------------------------------------


@pytest.mark.req("ABCA-06", "ABCA-07")
def test_what_only_the_server_can_judge_has_its_code() -> None:
    assert failures.AttestationChallengeNeeded().error == "use_attestation_challenge"
    assert failures.AttestationProofReplayed().error == "invalid_client_attestation"
    assert {one.error for one in defined()} == {
        "invalid_client",
        "invalid_client_attestation",
        "use_attestation_challenge",
        "use_fresh_attestation",
    }


def defined() -> list[type[ClientAttestationRefused]]:
    return [
        one
        for one in vars(failures).values()
        if isinstance(one, type) and issubclass(one, ClientAttestationRefused)
    ]


MEMBERS = st.sampled_from(
    ["typ", "x5c", "crit", "sub", "iss", "aud", "exp", "iat", "nbf", "cnf", "jti", "challenge"]
)


@settings(max_examples=60)
@given(header=st.dictionaries(MEMBERS, JSON), claims=st.dictionaries(MEMBERS, JSON))
def test_garbage_is_never_more_than_a_refusal(
    header: dict[str, object], claims: dict[str, object]
) -> None:
    with suppress(ClientAttestationRefused):
        assert read(kit.attestation(header=header, claims=claims)).pop_jti == kit.JTI
    with suppress(ClientAttestationRefused):
        assert read(pop=kit.pop(header=header, claims=claims)).client_id == kit.CLIENT


@given(st.text(max_size=60))
def test_garbage_is_neither_attestation_nor_proof(garbage: str) -> None:
    with pytest.raises(failures.ClientAttestationMalformed):
        read(garbage)
    with pytest.raises(failures.AttestationProofMalformed):
        read(pop=garbage)
