"""Certificate chains: which lead to an anchor, and what their leaves may be used for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from keys.checks import (
    AnchorInChain,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateProfileWrong,
    ChainMissing,
    ChainNotTrusted,
    MalformedCertificate,
)
from keys.x509 import LeafProfile, load_certificate, organisation_identifier, validate_chain
from tests.keys.certificate_kit import AUTHORITY, Draft, authority, leaf, name, usage
from tests.keys.keys_kit import AT, pki

CA = authority()
ANCHOR = CA.issue()
SIGNER = LeafProfile.CREDENTIAL_SIGNER
DAY = timedelta(days=1)


def validate(*chain: bytes, profile: LeafProfile = SIGNER, anchor=ANCHOR, at=AT):
    return validate_chain(chain, [anchor], at=at, profile=profile)


@pytest.mark.req("HAIP-15", "VCT-07")
def test_a_good_chain() -> None:
    draft = leaf()
    found = validate(draft.der(CA))
    assert found.anchor == ANCHOR
    assert found.leaf.subject == draft.subject
    assert found.public_key == draft.key.public_key()
    assert organisation_identifier(found.leaf) == "NTRFI-0000006-0"


def test_the_right_anchor_is_found_among_many() -> None:
    found = pki()
    chain = found.signer("oppilaitos", "credential").certificate_chain
    anchors = found.trust_list.issuing_anchors()
    assert len(anchors) == 8
    validated = validate_chain(chain, anchors, at=AT, profile=SIGNER)
    assert found.trust_list.issuer_of(validated.anchor).id == "oppilaitos"


def test_an_authority_in_between() -> None:
    root = authority("root").with_extension(
        "basic", x509.BasicConstraints(ca=True, path_length=1), critical=True
    )
    found = validate(leaf().der(CA), CA.der(root), anchor=root.issue())
    assert found.anchor.subject == root.subject


# 1. a chain -------------------------------------------------------------------------------


def test_no_chain() -> None:
    with pytest.raises(ChainMissing):
        validate()


def test_too_long_a_chain() -> None:
    with pytest.raises(ChainNotTrusted, match="too long"):
        validate(*[leaf().der(CA)] * 4)


@given(st.binary(max_size=80))
def test_no_certificate(data: bytes) -> None:
    with pytest.raises(MalformedCertificate):
        validate(data)


GOOD = leaf().der(CA)


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_no_changed_byte_survives(place: int, change: int) -> None:
    data = bytearray(GOOD)
    data[place] ^= change
    with pytest.raises(
        (
            MalformedCertificate,
            AnchorInChain,
            ChainNotTrusted,
            CertificateExpired,
            CertificateNotYetValid,
            CertificateProfileWrong,
        )
    ):
        validate(bytes(data))


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP256K1()),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["P-384", "secp256k1", "RSA"],
)
def test_other_kinds_of_keys(key) -> None:
    with pytest.raises(MalformedCertificate, match="P-256"):
        validate(replace(leaf(), key=key).der(CA))
    with pytest.raises(MalformedCertificate):
        load_certificate(replace(leaf(), key=key).der(CA))


# 2. no anchor inside ----------------------------------------------------------------------


@pytest.mark.req("HAIP-09", "HAIP-15", "HAIP-16")
def test_the_anchor_is_left_out() -> None:
    with pytest.raises(AnchorInChain):
        validate(GOOD, ANCHOR.public_bytes(Encoding.DER))


@pytest.mark.req("HAIP-09", "TRUST-07")
def test_the_leaf_is_not_self_signed() -> None:
    draft = leaf()
    with pytest.raises(AnchorInChain):
        validate(draft.der())
    with pytest.raises(AnchorInChain):
        validate(draft.der(), anchor=draft.issue())


def test_no_cross_certified_anchor_inside() -> None:
    root = authority("root").with_extension(
        "basic", x509.BasicConstraints(ca=True, path_length=1), critical=True
    )
    with pytest.raises(AnchorInChain):
        validate_chain(
            [leaf().der(CA), CA.der(root)], [ANCHOR, root.issue()], at=AT, profile=SIGNER
        )


# 3. a path, at this time ------------------------------------------------------------------


def test_nobodys_chain() -> None:
    with pytest.raises(ChainNotTrusted):
        validate(leaf().der(authority("somebody else")))
    with pytest.raises(ChainNotTrusted):
        validate_chain([GOOD], [], at=AT, profile=SIGNER)


def test_same_name_other_key() -> None:
    with pytest.raises(ChainNotTrusted):
        validate(leaf().der(authority()))


@pytest.mark.parametrize(
    ("days", "failure"), [(-2, CertificateNotYetValid), (101, CertificateExpired)]
)
def test_dates(days: int, failure: type[Exception]) -> None:
    with pytest.raises(failure):
        validate(GOOD, at=AT + days * DAY)


def test_an_expired_leaf_under_a_living_anchor() -> None:
    old = replace(leaf(), begins=AT - 20 * DAY, ends=AT - DAY)
    living = replace(CA, begins=AT - 30 * DAY)
    with pytest.raises(CertificateExpired):
        validate(old.der(living), anchor=living.issue())


def test_a_living_leaf_under_an_expired_anchor() -> None:
    expired = replace(CA, begins=AT - 30 * DAY, ends=AT - DAY)
    young = replace(leaf(), begins=AT - 2 * DAY)
    with pytest.raises(CertificateExpired):
        validate(young.der(expired), anchor=expired.issue())


def test_expired_and_untrusted_is_untrusted() -> None:
    old = replace(leaf(), begins=AT - 20 * DAY, ends=AT - DAY)
    with pytest.raises(ChainNotTrusted):
        validate(old.der(authority("somebody else")))
    with pytest.raises(ChainNotTrusted):
        validate(old.der(authority()))


def test_dates_that_never_met_are_untrusted() -> None:
    old = replace(leaf(), begins=AT - 20 * DAY, ends=AT - 10 * DAY)
    with pytest.raises(ChainNotTrusted):
        validate(old.der(CA))


@pytest.mark.req("TRUST-06")
@pytest.mark.parametrize("place", ["basic", "usage"])
def test_an_authority_says_that_it_is_one(place: str) -> None:
    weak = CA.without_extension(place)
    with pytest.raises(ChainNotTrusted):
        validate(leaf().der(weak), anchor=weak.issue())


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("basic", x509.BasicConstraints(ca=False, path_length=None)),
        ("usage", usage(digital_signature=True)),
    ],
)
def test_a_leaf_issues_nothing(place: str, value: x509.ExtensionType) -> None:
    weak = CA.with_extension(place, value, critical=True)
    with pytest.raises(ChainNotTrusted):
        validate(leaf().der(weak), anchor=weak.issue())


def test_a_signer_cannot_make_signers() -> None:
    signer = replace(leaf(), subject=name("another signer"))
    with pytest.raises(ChainNotTrusted):
        validate(leaf().der(signer), signer.der(CA))


def test_an_unknown_critical_extension() -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1"), b"\x05\x00")
    with pytest.raises(ChainNotTrusted):
        validate(leaf().with_extension("x", unknown, critical=True).der(CA))
    assert validate(leaf().with_extension("x", unknown, critical=False).der(CA))


def test_name_constraints_hold() -> None:
    limits = x509.NameConstraints(
        permitted_subtrees=[x509.UniformResourceIdentifier("other.example")],
        excluded_subtrees=None,
    )
    limited = CA.with_extension("limits", limits, critical=True)
    with pytest.raises(ChainNotTrusted):
        validate(leaf().der(limited), anchor=limited.issue())


# 4. the issuing authority -----------------------------------------------------------------


@pytest.mark.parametrize("path_length", [None, 1])
def test_the_issuing_authority_issues_leaves_only(path_length: int | None) -> None:
    wide = CA.with_extension(
        "basic", x509.BasicConstraints(ca=True, path_length=path_length), critical=True
    )
    with pytest.raises(CertificateProfileWrong, match="path length"):
        validate(leaf().der(wide), anchor=wide.issue())


def test_path_length_is_kept() -> None:
    sub = Draft(name("sub CA"), AUTHORITY)
    with pytest.raises(ChainNotTrusted):
        validate(leaf().der(sub), sub.der(CA))


# 5. the leaf's use ------------------------------------------------------------------------


@pytest.mark.req("TRUST-05")
@pytest.mark.parametrize("made_for", LeafProfile)
@pytest.mark.parametrize("used_as", LeafProfile)
def test_each_leaf_has_one_use(made_for: LeafProfile, used_as: LeafProfile) -> None:
    der = leaf(made_for).der(CA)
    if made_for is used_as:
        assert validate(der, profile=used_as).anchor == ANCHOR
        return
    with pytest.raises(CertificateProfileWrong, match="extended key usage"):
        validate(der, profile=used_as)


@pytest.mark.req("TRUST-05", "HAIP-16")
def test_credential_and_status_signers_are_never_the_same() -> None:
    found = pki()
    for issuer in found.trust_list.issuers:
        credential = found.signer(issuer.id, "credential").certificate_chain
        status = found.signer(issuer.id, "status-list").certificate_chain
        good = validate_chain(credential, issuer.issuing_anchors, at=AT, profile=SIGNER)
        assert good.anchor in issuer.issuing_anchors
        with pytest.raises(CertificateProfileWrong):
            validate_chain(
                credential, issuer.status_anchors, at=AT, profile=LeafProfile.STATUS_LIST_SIGNER
            )
        with pytest.raises(CertificateProfileWrong):
            validate_chain(status, issuer.issuing_anchors, at=AT, profile=SIGNER)


@pytest.mark.req("ABCA-16")
@pytest.mark.parametrize("used_as", LeafProfile)
def test_only_makers_of_wallets_need_not_name_the_use(used_as: LeafProfile) -> None:
    der = leaf(used_as).without_extension("extended").der(CA)
    if used_as is LeafProfile.WALLET_ATTESTATION_SIGNER:
        assert validate(der, profile=used_as).anchor == ANCHOR
        return
    with pytest.raises(CertificateProfileWrong, match="no extended key usage"):
        validate(der, profile=used_as)


def bad_leaves() -> dict[str, Draft]:
    good = leaf()
    any_use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])
    two_uses = x509.ExtendedKeyUsage([profile.key_usage for profile in list(LeafProfile)[:2]])
    return {
        "no key usage": good.without_extension("usage"),
        "key usage not critical": good.with_extension(
            "usage", usage(digital_signature=True), critical=False
        ),
        "not for signatures": good.with_extension(
            "usage", usage(key_agreement=True), critical=True
        ),
        "for certificates": good.with_extension(
            "usage", usage(digital_signature=True, key_cert_sign=True), critical=True
        ),
        "for revocation lists": good.with_extension(
            "usage", usage(digital_signature=True, crl_sign=True), critical=True
        ),
        "an authority": good.with_extension(
            "basic", x509.BasicConstraints(ca=True, path_length=0), critical=True
        ),
        "no use": good.without_extension("extended"),
        "any use": good.with_extension("extended", any_use, critical=False),
        "two uses": good.with_extension("extended", two_uses, critical=False),
        "no organisation": replace(good, subject=name("signer", identifier=None)),
    }


@pytest.mark.req("TRUST-07")
@pytest.mark.parametrize("fault", bad_leaves())
def test_bad_leaves(fault: str) -> None:
    with pytest.raises(CertificateProfileWrong):
        validate(bad_leaves()[fault].der(CA))


def test_basic_constraints_may_be_absent() -> None:
    assert validate(leaf().without_extension("basic").der(CA))


@pytest.mark.req("TRUST-07")
@pytest.mark.parametrize("place", ["contact", "policy"])
def test_an_access_certificate_says_more(place: str) -> None:
    poor = leaf(LeafProfile.ACCESS).without_extension(place).der(CA)
    with pytest.raises(CertificateProfileWrong):
        validate(poor, profile=LeafProfile.ACCESS)
    assert validate(leaf().without_extension(place).der(CA))


def test_a_web_name_is_no_contact() -> None:
    names = x509.SubjectAlternativeName([x509.DNSName("kela.example")])
    draft = leaf(LeafProfile.ACCESS).with_extension("contact", names, critical=False)
    with pytest.raises(CertificateProfileWrong, match="contact"):
        validate(draft.der(CA), profile=LeafProfile.ACCESS)


def test_one_organisation_identifier_or_none() -> None:
    two = x509.Name([*name("a", "NTRFI-1"), *name("b", "NTRFI-2")])
    assert organisation_identifier(replace(leaf(), subject=two).issue(CA)) is None
    with pytest.raises(CertificateProfileWrong):
        validate(replace(leaf(), subject=two).der(CA))
