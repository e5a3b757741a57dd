"""The challenge: whoever reads it knows who asks, what, and for how long."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import strict_json
from keys.checks import (
    CertificateExpired,
    CertificateProfileWrong,
    ChainNotTrusted,
    MalformedCertificate,
    SignatureInvalid,
    WrongTokenType,
)
from keys.devkeys import make_demo_pki
from keys.jose import b64url_encode, sign_jws
from keys.software_signer import SoftwareSigner
from openid4vc.checks import CheckFailed
from openid4vc.openid4vp import client_id
from openid4vc.qr.challenge import (
    LIFE,
    MAX_LINK_DIGITS,
    SCHEME,
    Challenge,
    write_challenge,
    x509_hash,
)
from openid4vc.qr.errors import (
    CertificateNotHeld,
    ChallengeCertificateMismatch,
    ChallengeExpired,
    ChallengeFromFuture,
    ChallengeLivesTooLong,
    ChallengeMalformed,
    ChallengerUnknown,
    ChallengeSignerUnfit,
    ChallengeTooLarge,
    InflateFailed,
    MessageOfAnotherKind,
    NotAChallenge,
    PartsMalformed,
)
from openid4vc.qr.frames import Kind, Message, read_single, write_frames
from openid4vc.qr.packed import deflate
from openid4vc.qr.read_challenge import TrustedChallenge, read_challenge
from openid4vc.qr.shrinking import Shrinker
from tests.openid4vc.qr import kit

CERTIFICATE = kit.desk().certificate_chain[0]
THUMBPRINT = sha256(CERTIFICATE).digest()


def read(link: str, **changes: Any) -> TrustedChallenge:
    return read_challenge(link, **{"trust": kit.pki().trust_list, "at": kit.AT, **changes})


def link_of(body: bytes, kind: Kind = Kind.CHALLENGE) -> str:
    return SCHEME + write_frames(Message(kind, body))[0]


def claims(**changes: object) -> dict[str, object]:
    members = {
        "client_id": x509_hash(CERTIFICATE),
        "profile": "te_service_need",
        "nonce": kit.NONCE,
        "jwk": {"kty": "OKP", "crv": "X25519", "x": b64url_encode(kit.BOX_KEY.public_bytes)},
        "iat": int(kit.AT.timestamp()),
        "exp": int((kit.AT + LIFE).timestamp()),
        **changes,
    }
    return {name: value for name, value in members.items() if value is not None}


def bent(
    *,
    header: Mapping[str, object] | None = None,
    signer: SoftwareSigner | None = None,
    certificate: bytes = CERTIFICATE,
    by_hash: bool = False,
    **changes: object,
) -> str:
    """A challenge as written by hand, changed as told; None removes a claim."""
    full = {
        "typ": "kyky-challenge+jwt",
        "x5t#S256": b64url_encode(sha256(certificate).digest()),
        **(header or {}),
    }
    text = sign_jws(full, strict_json.dumps(claims(**changes)), signer or kit.desk())
    shrinker = Shrinker()
    head, payload, signature = text.split(".")
    shrinker.json(head)
    shrinker.json(payload)
    shrinker.signature(signature)
    deflated = deflate(certificate)
    front = (
        b"\x00" + sha256(certificate).digest()
        if by_hash
        else b"\x01" + len(deflated).to_bytes(2, "big") + deflated
    )
    return link_of(front + shrinker.packed())


@pytest.mark.req("DESK-03", "DESK-04")
def test_a_challenge_is_read_as_it_was_written() -> None:
    asked = kit.challenge()
    link = write_challenge(asked, signer=kit.desk())
    assert link.certificate_embedded
    assert link.text == SCHEME + link.digits
    trusted = read(f" {link.text}\n")
    assert trusted.challenge == asked
    assert trusted.relying_party.roles == {"te_office", "privacy_page"}
    assert trusted.certificate == CERTIFICATE
    assert read(bent()).challenge == replace(asked, held=frozenset())
    assert x509_hash(CERTIFICATE) == client_id.x509_hash(CERTIFICATE)


def test_thirty_two_held_certificates_still_fit_with_the_certificate() -> None:
    held = frozenset(sha256(bytes([number])).digest()[:4] for number in range(32))
    for org in ("te-toimisto-malli", "sote-keskus-malli"):
        signer = kit.pki().signer(org, "access")
        asked = kit.challenge(client_id=x509_hash(signer.certificate_chain[0]), held=held)
        link = write_challenge(asked, signer=signer)
        assert link.certificate_embedded
        assert len(link.digits) < MAX_LINK_DIGITS
        assert read(link.text).challenge == asked


class LongCertificate:
    """The desk's key, but a certificate too long for the code."""

    certificate_chain = (b"".join(sha256(bytes([n])).digest() for n in range(30)),)
    public_key = kit.desk().public_key

    def sign(self, message: bytes) -> bytes:
        return kit.desk().sign(message)


def test_a_certificate_that_does_not_fit_is_left_out() -> None:
    signer = LongCertificate()
    asked = kit.challenge(client_id=x509_hash(signer.certificate_chain[0]))
    link = write_challenge(asked, signer=signer)
    assert not link.certificate_embedded
    with pytest.raises(CertificateNotHeld):
        read(link.text)
    with pytest.raises(MalformedCertificate):  # found by its hash, but no certificate at all
        read(link.text, certificates=lambda _digest: signer.certificate_chain[0])


def test_a_certificate_is_found_by_its_hash() -> None:
    link = bent(by_hash=True)
    assert read(link, certificates={THUMBPRINT: CERTIFICATE}.get).certificate == CERTIFICATE
    for wrong in (None, b"", CERTIFICATE + b"\x00"):
        with pytest.raises(CertificateNotHeld):
            read(link, certificates={THUMBPRINT: wrong}.get)


@pytest.mark.req("ARF-02")
def test_the_desk_cannot_sign_with_another_certificate() -> None:
    other = kit.pki().signer("sote-keskus-malli", "access")
    with pytest.raises(ChallengeSignerUnfit):
        write_challenge(kit.challenge(), signer=other)
    with pytest.raises(ChallengeSignerUnfit):
        write_challenge(kit.challenge(), signer=kit.HOLDER)


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "short"},
        {"nonce": "n" * 87},
        {"nonce": "not url-safe: ????????????????"},
        {"profile_id": ""},
        {"profile_id": "Te office"},
        {"public_key": bytes(31)},
        {"held": frozenset({b"abc"})},
        {"held": frozenset(bytes([n]) * 4 for n in range(33))},
    ],
)
def test_a_challenge_that_nobody_could_read_is_not_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ChallengeMalformed):
        kit.challenge(**changes)


def test_a_challenge_that_does_not_fit_is_not_made() -> None:
    class Wordy(LongCertificate):
        def sign(self, message: bytes) -> bytes:
            return super().sign(message) * 20

    signer = Wordy()
    with pytest.raises(ChallengeTooLarge):
        write_challenge(
            kit.challenge(client_id=x509_hash(signer.certificate_chain[0])), signer=signer
        )


def strangers() -> SoftwareSigner:
    """The access key of a desk by the same name, under anchors that nobody trusts."""
    return make_demo_pki(at=kit.AT).signer("te-toimisto-malli", "access")


@pytest.mark.req("DESK-01", "DESK-03")
@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"header": {"typ": "JWT"}}, WrongTokenType),
        ({"header": {"x5t#S256": "A" * 43}}, ChallengeCertificateMismatch),
        ({"header": {"x5t#S256": None}}, ChallengeCertificateMismatch),
        ({"client_id": x509_hash(b"another")}, ChallengeCertificateMismatch),
        ({"client_id": None}, ChallengeCertificateMismatch),
        ({"signer": kit.HOLDER}, SignatureInvalid),
        ({"certificate": b"no certificate"}, MalformedCertificate),
        ({"nonce": None}, ChallengeMalformed),
        ({"nonce": "short"}, ChallengeMalformed),
        ({"profile": 7}, ChallengeMalformed),
        ({"jwk": {"kty": "EC", "crv": "P-256"}}, ChallengeMalformed),
        ({"jwk": {"kty": "OKP", "crv": "X25519", "x": "AA"}}, ChallengeMalformed),
        ({"jwk": {"kty": "OKP", "crv": "X25519", "x": "A" * 43, "d": "x"}}, ChallengeMalformed),
        ({"jwk": "x"}, ChallengeMalformed),
        ({"held": "AAA"}, ChallengeMalformed),
        ({"held": "*"}, ChallengeMalformed),
        ({"iat": "now"}, ChallengeMalformed),
        ({"exp": None}, ChallengeMalformed),
        ({"exp": int(kit.AT.timestamp()) + 121}, ChallengeLivesTooLong),
        ({"exp": int(kit.AT.timestamp())}, ChallengeLivesTooLong),
    ],
)
def test_a_challenge_that_is_not_right_is_refused(
    changes: dict[str, Any], failure: type[CheckFailed]
) -> None:
    with pytest.raises(failure) as caught:
        read(bent(**changes))
    assert type(caught.value) is failure
    assert kit.NONCE not in str(caught.value)


def test_only_registered_receivers_with_access_certificates_ask() -> None:
    stranger = strangers()
    (certificate,) = stranger.certificate_chain
    mine: dict[str, Any] = {
        "signer": stranger,
        "certificate": certificate,
        "client_id": x509_hash(certificate),
    }
    with pytest.raises(ChainNotTrusted):
        read(bent(**mine))
    issuer = kit.pki().signer("kela", "credential")
    (certificate,) = issuer.certificate_chain
    theirs: dict[str, Any] = {
        "signer": issuer,
        "certificate": certificate,
        "client_id": x509_hash(certificate),
    }
    with pytest.raises(ChainNotTrusted):
        read(bent(**theirs))
    trust = kit.pki().trust_list
    both = replace(trust, access_anchors=trust.access_anchors + trust.issuing_anchors())
    with pytest.raises(CertificateProfileWrong):
        read(bent(**theirs), trust=both)
    with pytest.raises(ChallengerUnknown):
        read(bent(), trust=replace(trust, relying_parties=()))


@pytest.mark.req("DESK-01")
def test_a_challenge_lives_for_two_minutes() -> None:
    link = bent()
    read(link, at=kit.AT + LIFE - timedelta(seconds=1))
    read(link, at=kit.AT - timedelta(seconds=60))
    with pytest.raises(ChallengeExpired):
        read(link, at=kit.AT + LIFE)
    with pytest.raises(ChallengeFromFuture):
        read(link, at=kit.AT - timedelta(seconds=61))
    with pytest.raises(CertificateExpired):
        read(link, at=kit.AT + timedelta(days=2_000))


@pytest.mark.parametrize(
    ("link", "failure"),
    [
        ("openid4vp://?client_id=x", NotAChallenge),
        (SCHEME[:-1], NotAChallenge),
        (link_of(b"\x00" * 40, Kind.BOUND_ANSWER), MessageOfAnotherKind),
        (link_of(b"\x02abc"), ChallengeMalformed),
        (link_of(b"\x00" + THUMBPRINT[:5]), CertificateNotHeld),
        (link_of(b"\x01\x00\x09abc"), InflateFailed),
        (link_of(b"\x01\x00"), InflateFailed),
    ],
)
def test_other_codes_are_no_challenges(link: str, failure: type[CheckFailed]) -> None:
    with pytest.raises(failure):
        read(link)


def test_the_link_is_read_without_regard_to_the_case_of_its_scheme() -> None:
    assert read(bent().replace(SCHEME, SCHEME.upper())).challenge.nonce == kit.NONCE


def test_parts_behind_the_challenge_are_refused() -> None:
    text = sign_jws({}, b"{}", kit.desk())
    shrinker = Shrinker()
    for part in (*text.split(".")[:2], "e30"):
        shrinker.json(part)
    shrinker.json("e30")
    front = b"\x00" + THUMBPRINT
    with pytest.raises(PartsMalformed):
        read(link_of(front + shrinker.packed()), certificates=lambda _digest: CERTIFICATE)


def test_every_bit_of_a_challenge_matters() -> None:
    """Of the JWS; a bit of the certificate beside it makes it another one."""
    body = read_single(write_challenge(kit.challenge(), signer=kit.desk()).digits).body
    for place in range(len(body) * 8):
        flipped = bytearray(body)
        flipped[place // 8] ^= 1 << place % 8
        try:
            trusted = read(link_of(bytes(flipped)))
        except CheckFailed:
            continue
        # Only padding bits at the end of deflated data may change, and change nothing.
        assert trusted.challenge == kit.challenge()


@given(st.binary(min_size=1, max_size=200))
def test_no_bytes_raise_anything_but_a_check(body: bytes) -> None:
    with pytest.raises(CheckFailed):
        read(link_of(body))


@given(st.text(max_size=60))
def test_no_text_raises_anything_but_a_check(text: str) -> None:
    for link in (text, SCHEME + text):
        with pytest.raises(CheckFailed):
            read(link)


@given(
    st.dictionaries(
        st.sampled_from(["profile", "nonce", "jwk", "held", "iat", "exp"]),
        st.none() | st.integers() | st.text(max_size=50) | st.lists(st.integers(), max_size=2),
    )
)
def test_no_claims_raise_anything_but_a_check(changes: dict[str, Any]) -> None:
    try:
        trusted = read(bent(**changes))
    except CheckFailed:
        return
    assert isinstance(trusted.challenge, Challenge)
