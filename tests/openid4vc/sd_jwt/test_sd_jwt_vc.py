"""Type, issuer, dates, protected claims and status reference of an SD-JWT VC."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from keys.checks import (
    CertificateExpired,
    CertificateProfileWrong,
    ChainMissing,
    ChainNotTrusted,
    CriticalHeaderNotUnderstood,
    SignatureInvalid,
)
from keys.jose import sign_jws
from keys.software_signer import SoftwareSigner
from openid4vc.checks import (
    CheckFailed,
    CredentialExpired,
    CredentialForSomebodyElse,
    CredentialNotYetValid,
    CredentialWrongType,
    ExpiryMissing,
    IssuerNotInForce,
    IssuerNotTrustedForType,
    MalformedDate,
    OtherTypesMalformed,
    ProtectedClaimDisclosed,
    StatusMissing,
    StatusReferenceMalformed,
    VctMissing,
)
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.hashes import digest_of
from openid4vc.sd_jwt.issue import issue
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import (
    PROTECTED_CLAIMS,
    check_protected_claims,
    find_issuer,
    issue_vc,
    status_reference,
)
from openid4vc.sd_jwt.verify import IssuersOnTrustList, Step, verify
from tests.openid4vc.sd_jwt.kit import (
    AT,
    AUDIENCE,
    ISSUER,
    NOW,
    STRANGER,
    VCT,
    bound,
    content,
    counting_salts,
    credential,
    encoded,
    expected,
    expected_binding,
    hiding,
    pki,
    sd_jwt,
    vc_claims,
)


def check(text: str, **more: Any) -> None:
    verify(text, expected(**more))


def on_trust_list(**changes: Any) -> IssuersOnTrustList:
    """The demo trust list, with the entry of `mallimaa` changed."""
    trust = pki().trust_list
    issuers = tuple(
        replace(each, **changes) if each.id == "mallimaa" else each for each in trust.issuers
    )
    return IssuersOnTrustList(replace(trust, issuers=issuers))


# --- type ---


@pytest.mark.req("VCT-01")
@pytest.mark.parametrize("typ", ["vc+sd-jwt", "JWT", "DC+SD-JWT", "application/dc+sd-jwt", ""])
def test_another_typ_is_refused(typ: str) -> None:
    with pytest.raises(CredentialWrongType):
        check(sd_jwt(vc_claims(), typ=typ))


@pytest.mark.req("VCT-01")
def test_the_old_typ_is_a_setting() -> None:
    check(sd_jwt(vc_claims(), typ="vc+sd-jwt"), accept_vc_sd_jwt=True)
    with pytest.raises(CredentialWrongType):
        check(sd_jwt(vc_claims(), typ="JWT"), accept_vc_sd_jwt=True)


@pytest.mark.req("VCT-02")
@pytest.mark.parametrize("vct", [None, "", 1, ["urn:a"], {}])
def test_a_credential_names_its_type(vct: object) -> None:
    with pytest.raises(VctMissing):
        check(sd_jwt(vc_claims(vct=vct)))


@pytest.mark.req("VCT-23", "VCT-20")
@pytest.mark.parametrize("others", ["urn:a", [], [1], [""], [VCT], ["urn:a", VCT]])
def test_other_types_are_an_array_of_other_names(others: object) -> None:
    with pytest.raises(OtherTypesMalformed):
        check(sd_jwt(vc_claims(aka_vcts=others)))


# --- issuer ---


@pytest.mark.req("VCT-06", "VCT-07", "HAIP-15")
def test_an_issuer_on_the_trust_list_is_found_by_its_chain() -> None:
    result = verify(credential(), expected(issuer=on_trust_list()))
    assert result.issuer is not None
    assert result.issuer.id == "mallimaa"
    assert result.checks == tuple(Step)
    assert result.expires_at is not None
    assert result.status == content().status


@pytest.mark.req("VCT-20")
def test_an_organisation_may_issue_only_its_types_and_is_named_otherwise() -> None:
    text = credential("itsearviointi")
    with pytest.raises(IssuerNotTrustedForType) as caught:
        check(text, issuer=on_trust_list())
    assert caught.value.organisation == "itsearviointi"
    assert VCT not in str(caught.value)


@pytest.mark.req("VCT-20")
def test_other_types_prove_no_authority() -> None:
    signer = pki().signer("itsearviointi", "credential")
    disguised = issue(
        vc_claims(aka_vcts=["urn:kykylompakko:self-assessment-result:1"]),
        hide=lambda _place: False,
        header=dict(parse(credential("itsearviointi")).jws.header),
        signer=signer,
        random_bytes=counting_salts(),
    )
    with pytest.raises(IssuerNotTrustedForType):
        check(disguised, issuer=on_trust_list())


@pytest.mark.req("VCT-06", "VCT-07")
def test_without_a_chain_there_is_no_issuer() -> None:
    with pytest.raises(ChainMissing):
        check(sd_jwt(vc_claims()), issuer=on_trust_list())


@pytest.mark.req("VCT-07")
def test_a_chain_to_somewhere_else_is_refused() -> None:
    trust = pki().trust_list
    others = tuple(each for each in trust.issuers if each.id != "mallimaa")
    without = IssuersOnTrustList(replace(trust, issuers=others))
    with pytest.raises(ChainNotTrusted):
        check(credential(), issuer=without)


@pytest.mark.req("VCT-07", "TRUST-05")
def test_a_status_signer_signs_no_credentials() -> None:
    signer = pki().signer("mallimaa", "status-list")
    text = issue_vc(content(), signer=signer, random_bytes=counting_salts())
    with pytest.raises(CertificateProfileWrong):
        check(text, issuer=on_trust_list())


@pytest.mark.req("VCT-07")
def test_an_expired_chain_is_refused() -> None:
    late = AT + timedelta(days=800)
    with pytest.raises(CertificateExpired):
        find_issuer(parse(credential()), trust=pki().trust_list, at=late)


@pytest.mark.req("SDJWT-11", "VCT-06")
def test_somebody_elses_chain_does_not_lend_its_trust() -> None:
    chain = pki().signer("mallimaa", "credential").certificate_chain
    thief = SoftwareSigner(STRANGER.private_key, chain)
    text = issue_vc(content(), signer=thief, random_bytes=counting_salts())
    passed: list[Step] = []
    with pytest.raises(SignatureInvalid):
        verify(text, expected(issuer=on_trust_list()), passed=passed.append)
    assert passed == [Step.FORM, Step.ISSUER]


@pytest.mark.req("VCT-04", "VCT-06")
def test_keys_in_the_header_are_not_followed() -> None:
    header = {"typ": "dc+sd-jwt", "jku": "https://evil.example/", "kid": "https://evil.example/k"}
    jws = sign_jws(header, b'{"vct":"urn:a","exp":1900000000}', STRANGER)
    with pytest.raises(SignatureInvalid):
        check(jws + "~")


def test_an_entry_that_has_not_begun_is_not_trusted() -> None:
    tomorrow = on_trust_list(valid_from=AT + timedelta(days=1))
    with pytest.raises(IssuerNotInForce) as caught:
        check(credential(), issuer=tomorrow)
    assert caught.value.organisation == "mallimaa"


def test_a_closed_organisation_issues_nothing_new() -> None:
    issued_on = date(2027, 1, 10)
    text = credential(issued_on=issued_on)
    check(text, issuer=on_trust_list(closed_on=issued_on))
    with pytest.raises(IssuerNotInForce):
        check(text, issuer=on_trust_list(closed_on=issued_on - timedelta(days=1)))


@pytest.mark.req("SDJWT-11")
def test_the_issuers_signature_is_checked() -> None:
    with pytest.raises(SignatureInvalid):
        check(sd_jwt(vc_claims(), signer=STRANGER))
    unknown = sign_jws({"typ": "dc+sd-jwt", "crit": ["x"], "x": 1}, b'{"vct":"urn:a"}', ISSUER)
    with pytest.raises(CriticalHeaderNotUnderstood):
        check(unknown + "~")


# --- dates ---

DATES: list[tuple[dict[str, object], type[CheckFailed]]] = [
    ({"exp": NOW}, CredentialExpired),
    ({"exp": NOW - 1}, CredentialExpired),
    ({"exp": NOW + 0.0}, CredentialExpired),
    ({"exp": None}, ExpiryMissing),
    ({"exp": "2030"}, MalformedDate),
    ({"exp": True}, MalformedDate),
    ({"exp": 10**18}, MalformedDate),
    ({"nbf": NOW + 61}, CredentialNotYetValid),
    ({"nbf": -1}, MalformedDate),
    ({"nbf": []}, MalformedDate),
    ({"iat": NOW + 61}, CredentialNotYetValid),
    ({"iat": "x"}, MalformedDate),
]


@pytest.mark.req("SDJWT-15", "SDJWT-16")
@pytest.mark.parametrize(("change", "failure"), DATES)
def test_a_credential_out_of_force_is_refused(
    change: dict[str, object], failure: type[CheckFailed]
) -> None:
    with pytest.raises(failure):
        check(sd_jwt(vc_claims(**change)))


@pytest.mark.req("SDJWT-15")
def test_beginnings_get_a_leeway_and_ends_may_be_open() -> None:
    check(sd_jwt(vc_claims(exp=NOW + 1, nbf=NOW + 60, iat=NOW + 60)))
    check(sd_jwt(vc_claims(iat=None)))
    with pytest.raises(CredentialNotYetValid):
        check(sd_jwt(vc_claims(nbf=NOW + 2)), leeway=timedelta(seconds=1))
    open_ended = sd_jwt(vc_claims(exp=None))
    assert verify(open_ended, expected(require_exp=False)).expires_at is None


@pytest.mark.req("VCT-03")
def test_the_date_of_issue_may_be_disclosed_and_is_then_checked() -> None:
    check(hiding(encoded("salt", "iat", NOW), iat=None))
    with pytest.raises(CredentialNotYetValid):
        check(hiding(encoded("salt", "iat", NOW + 61), iat=None))
    with pytest.raises(MalformedDate):
        check(hiding(encoded("salt", "iat", "today"), iat=None))


@pytest.mark.req("SDJWT-15")
@pytest.mark.parametrize("aud", [AUDIENCE, [AUDIENCE], ["urn:other", AUDIENCE]])
def test_a_credential_for_us_is_taken(aud: object) -> None:
    check(bound(sd_jwt(vc_claims(aud=aud))), key_binding=expected_binding())


@pytest.mark.req("SDJWT-15")
@pytest.mark.parametrize("aud", ["urn:other", [], ["urn:other"], {AUDIENCE: 1}, 7])
def test_a_credential_for_somebody_else_is_refused(aud: object) -> None:
    with pytest.raises(CredentialForSomebodyElse):
        check(bound(sd_jwt(vc_claims(aud=aud))), key_binding=expected_binding())


# --- protected claims ---


@pytest.mark.req("VCT-03", "SDJWT-16")
@pytest.mark.parametrize("name", sorted(PROTECTED_CLAIMS))
def test_what_rules_validity_is_never_disclosed(name: str) -> None:
    hidden = parse(hiding(encoded("salt", name, vc_claims().get(name, "x")), **{name: None}))
    with pytest.raises(ProtectedClaimDisclosed):
        check_protected_claims(disclose(hidden))


@pytest.mark.req("VCT-03")
def test_nor_are_its_parts() -> None:
    part = encoded("salt", "uri", "https://status.example/1")
    status = {"status_list": {"idx": 1, "_sd": [digest_of(part)]}}
    with pytest.raises(ProtectedClaimDisclosed):
        check(sd_jwt(vc_claims(status=status), [part]))


@pytest.mark.req("VCT-03")
def test_the_same_names_elsewhere_are_ordinary() -> None:
    part = encoded("salt", "status", "partial")
    check(sd_jwt(vc_claims(work={"_sd": [digest_of(part)]}), [part]))


@pytest.mark.req("SDJWT-16")
def test_single_audiences_may_be_disclosed() -> None:
    entry = encoded("salt", AUDIENCE)
    text = sd_jwt(vc_claims(aud=["urn:a", {"...": digest_of(entry)}]), [entry])
    check(bound(text), key_binding=expected_binding())


# --- status ---


@pytest.mark.req("TSL-05", "VCT-09")
def test_where_the_status_is_kept_is_data() -> None:
    entry = {"idx": 0, "uri": "https://status.example/1", "more": "ignored"}
    found = status_reference({"status": {"status_list": entry, "other_mechanism": {}}})
    assert found == StatusReference("https://status.example/1", 0)
    assert status_reference({}) is None


@pytest.mark.req("TSL-05", "HAIP-15", "TSL-06")
@pytest.mark.parametrize(
    "status",
    [
        "valid",
        {},
        {"status_list": None},
        {"status_list": []},
        {"status_list": {"idx": 1}},
        {"status_list": {"uri": "https://status.example/1"}},
        {"status_list": {"idx": -1, "uri": "https://status.example/1"}},
        {"status_list": {"idx": 1.0, "uri": "https://status.example/1"}},
        {"status_list": {"idx": True, "uri": "https://status.example/1"}},
        {"status_list": {"idx": "1", "uri": "https://status.example/1"}},
        {"status_list": {"idx": 1, "uri": ""}},
        {"status_list": {"idx": 1, "uri": ["https://status.example/1"]}},
        {"status_list": {"idx": 1, "uri": "https://status.example/" + "1" * 2048}},
    ],
)
def test_a_status_that_leads_nowhere_is_refused(status: object) -> None:
    with pytest.raises(StatusReferenceMalformed):
        check(sd_jwt(vc_claims(status=status)))


@pytest.mark.req("VCT-09")
def test_whether_a_status_is_needed_is_the_receivers_policy() -> None:
    check(sd_jwt(vc_claims()))
    with pytest.raises(StatusMissing):
        check(sd_jwt(vc_claims()), require_status=True)


# --- every claim is accounted for ---


def test_claims_that_nothing_looks_at_are_listed() -> None:
    claims = vc_claims(sub="s", jti="j", aud="urn:other", **{"vct#integrity": "sha256-x"})
    unchecked = verify(sd_jwt(claims), expected()).unchecked
    assert unchecked == {"iss", "sub", "jti", "aud", "vct#integrity"}
