"""The demo's plan, certificates and keys in memory."""

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from keys.checks import AnchorNotListed, KeyNotFound, PlanMalformed
from keys.demo_plan import default_plan, read_plan
from keys.devkeys import make_demo_pki
from keys.x509 import LeafProfile, organisation_identifier, validate_chain
from tests.keys.keys_kit import AT, pki

MINIMAL = """
secrets = ["a-secret"]
operator = {id = "operator", identifier = "NTRFI-1", name = "Operator"}
access = {id = "access", identifier = "NTRFI-2", name = "Access"}
receivers = []
[[issuers]]
id = "kela"
identifier = "NTRFI-3"
names = {fi = "Kela", sv = "FPA", en = "Kela"}
vcts = ["urn:kykylompakko:authority-decision:1"]
"""


def test_everybody_of_the_architecture_is_there() -> None:
    assert {issuer.id for issuer in pki().trust_list.issuers} == {
        "itsearviointi",
        "mallimaa",
        "kela",
        "elake",
        "tyollisyysalue",
        "palvelutarjotin",
        "oppilaitos",
        "pid-demo",
    }


def test_everybody_is_marked_as_invented() -> None:
    issuers = [issuer.names for issuer in pki().trust_list.issuers]
    receivers = [receiver.names for receiver in pki().trust_list.relying_parties]
    providers = [provider.names for provider in pki().wallet_providers.providers]
    names = [name for each in (*issuers, *receivers, *providers) for name in each.values()]
    assert len(names) == 48
    assert all(name.endswith("(TESTI)") for name in names)


def test_business_identity_codes_are_never_given_to_anybody() -> None:
    plan = default_plan()
    codes = [plan.operator.identifier, plan.access.identifier]
    codes += [issuer.identifier for issuer in plan.issuers]
    codes += [receiver.identifier for receiver in plan.receivers]
    codes += [provider.identifier for provider in plan.wallet_providers]
    for code in codes:
        digits = code.removeprefix("NTRFI-").partition("-")[0]
        weighted = zip(map(int, digits), (7, 9, 10, 5, 8, 4, 2), strict=True)
        assert sum(digit * weight for digit, weight in weighted) % 11 == 1


@pytest.mark.req("TRUST-07", "HAIP-15", "HAIP-16")
def test_every_signer_fits_its_use() -> None:
    trust = pki().trust_list
    for issuer in trust.issuers:
        for purpose, anchors, profile in (
            ("credential", issuer.issuing_anchors, LeafProfile.CREDENTIAL_SIGNER),
            ("status-list", issuer.status_anchors, LeafProfile.STATUS_LIST_SIGNER),
        ):
            signer = pki().keys.signer(issuer.id, purpose)
            found = validate_chain(signer.certificate_chain, anchors, at=AT, profile=profile)
            assert found.public_key == signer.public_key
    for org in ("te-toimisto-malli", "sote-keskus-malli"):
        found = validate_chain(
            pki().signer(org, "access").certificate_chain,
            trust.access_anchors,
            at=AT,
            profile=LeafProfile.ACCESS,
        )
        assert trust.relying_party(str(organisation_identifier(found.leaf)))


@pytest.mark.req("TRUST-06", "ABCA-16", "HAIP-07")
def test_attestation_signers_stand_under_their_provider() -> None:
    providers = pki().wallet_providers
    for provider in providers.providers:
        signer = pki().signer(provider.id, "wallet-attestation")
        found = validate_chain(
            signer.certificate_chain,
            providers.anchors,
            at=AT,
            profile=LeafProfile.WALLET_ATTESTATION_SIGNER,
        )
        assert found.public_key == signer.public_key
        assert providers.provider_of(found.anchor) == provider
    with pytest.raises(AnchorNotListed):
        providers.provider_of(pki().operator_anchor)


def test_every_organisation_has_anchors_of_its_own() -> None:
    issuers = pki().trust_list.issuers
    anchors = [anchor for issuer in issuers for anchor in issuer.issuing_anchors]
    assert len({anchor.subject for anchor in anchors}) == len(anchors) == 8
    # Both signers of an organisation stand under its one issuing CA.
    assert all(issuer.status_anchors == issuer.issuing_anchors for issuer in issuers)
    assert all(anchor.subject == anchor.issuer for anchor in anchors)


def test_an_authoritys_chain_is_its_certificate() -> None:
    (der,) = pki().signer("kela", "issuing-ca").certificate_chain
    kela = next(issuer for issuer in pki().trust_list.issuers if issuer.id == "kela")
    assert x509.load_der_x509_certificate(der) == kela.issuing_anchors[0]


def test_another_plan() -> None:
    small = make_demo_pki(read_plan(MINIMAL), at=AT)
    assert [issuer.id for issuer in small.trust_list.issuers] == ["kela"]
    assert small.keys.names() == [
        ("access", "access-ca"),
        ("kela", "credential"),
        ("kela", "issuing-ca"),
        ("kela", "status-list"),
        ("operator", "operator-ca"),
        ("operator", "trust-list"),
    ]
    with pytest.raises(KeyNotFound):
        small.signer("mallimaa", "credential")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("secrets =", "secrets"),
        ('secrets = ["a-secret"]', ""),
        ('["a-secret"]', '["../a"]'),
        ('["a-secret"]', "[1]"),
        ('["a-secret"]', "1"),
        ("operator =", "nobody ="),
        ('"operator"', '"Operator"'),
        ('"operator"', '"../operator"'),
        ('"operator"', '""'),
        ('name = "Operator"', 'name = ""'),
        ('name = "Operator"', "name = 1"),
        ("[[issuers]]", "[issuers]"),
        ('"kela"', '"-kela"'),
        (', en = "Kela"', ""),
        ('"NTRFI-3"', f'"{"x" * 65}"'),
        ("vcts = [", "vcts = [1, "),
        ("vcts =", "types ="),
        ("receivers = []", "receivers = []\nwallet_providers = [1]"),
        ("receivers = []", 'receivers = []\nwallet_providers = [{id = "a", identifier = "b"}]'),
        ("receivers = []", "receivers = [1]"),
        ("receivers = []", 'receivers = [{id = "a", identifier = "b"}]'),
    ],
)
def test_plans_that_cannot_be_read(old: str, new: str) -> None:
    assert old in MINIMAL
    with pytest.raises(PlanMalformed):
        read_plan(MINIMAL.replace(old, new, 1))


@given(st.text(max_size=60))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(PlanMalformed):
        read_plan(text)
