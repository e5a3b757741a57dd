"""The signed trust list: what it says, and every reason to refuse one."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker
from referencing import Registry, Resource

from keys.checks import (
    AlgorithmNotAllowed,
    AnchorNotListed,
    CertificateExpired,
    CertificateNotYetValid,
    ChainNotTrusted,
    CheckFailed,
    CriticalHeaderNotUnderstood,
    SignatureInvalid,
    TrustListExtensionNotUnderstood,
    TrustListMalformed,
    TrustListNotYetValid,
    TrustListOperatorNotTrusted,
    TrustListRolledBack,
    TrustListSignatureInvalid,
    TrustListStale,
    TrustListWrongType,
)
from keys.jose import b64url_decode, b64url_encode, sign_jws, x5c_header
from keys.lote_names import TOKEN_TYPE
from keys.lote_reader import read_lote
from keys.lote_writer import write_lote
from keys.software_signer import SoftwareSigner
from keys.trust import TrustList, read_trust_list, renew_trust_list, sign_trust_list
from tests.keys.keys_kit import AT, pki, vector

ANCHORS = [pki().operator_anchor]
OPERATOR = pki().signer("trust-operator", "trust-list")
TEXT = pki().trust_list_jws
TRUST = pki().trust_list
LOTE: dict[str, Any] = write_lote(TRUST)
DAY = timedelta(days=1)

Change = Callable[[dict[str, Any]], object]


def read(text: str, *, at: datetime = AT, at_least_sequence: int = 0) -> TrustList:
    return read_trust_list(
        text, operator_anchors=ANCHORS, at=at, at_least_sequence=at_least_sequence
    )


def signed(payload: object, signer: SoftwareSigner = OPERATOR, **header: object) -> str:
    members = {"typ": TOKEN_TYPE, "x5c": x5c_header(signer.certificate_chain)} | header
    return sign_jws(members, json.dumps(payload).encode(), signer)


def changed(change: Change) -> str:
    lote = json.loads(json.dumps(LOTE))
    change(lote["LoTE"])
    return signed(lote)


def scheme(lote: dict[str, Any]) -> Any:
    return lote["ListAndSchemeInformation"]


def entity(lote: dict[str, Any]) -> Any:
    return lote["TrustedEntitiesList"][0]


def service(lote: dict[str, Any]) -> Any:
    return entity(lote)["TrustedEntityServices"][0]["ServiceInformation"]


# what it says -----------------------------------------------------------------------------


@pytest.mark.req("TRUST-03")
def test_there_and_back() -> None:
    assert read(TEXT) == TRUST


@pytest.mark.req("TRUST-02")
def test_who_may_what() -> None:
    trust = read(TEXT)
    mallimaa = next(issuer for issuer in trust.issuers if issuer.id == "mallimaa")
    assert "urn:kykylompakko:statement-feedback:1" in mallimaa.vcts
    assert "urn:kykylompakko:self-assessment-result:1" not in mallimaa.vcts
    assert mallimaa.names["fi"] == "Mallimaan hyvinvointialue (TESTI)"
    office = trust.relying_party("NTRFI-0000065-0")
    assert office is not None
    assert office.roles == {"te_office", "privacy_page"}
    assert trust.relying_party("NTRFI-0000000-0") is None
    assert len(trust.access_anchors) == 1


@pytest.mark.req("TRUST-05")
def test_only_issuing_anchors_say_whose_they_are() -> None:
    for issuer in TRUST.issuers:
        assert TRUST.issuer_of(issuer.issuing_anchors[0]) is issuer
    other = pki().operator_anchor
    for_status = tuple(replace(issuer, status_anchors=(other,)) for issuer in TRUST.issuers)
    for trust in (TRUST, replace(TRUST, issuers=for_status)):
        with pytest.raises(AnchorNotListed):
            trust.issuer_of(other)


@pytest.mark.req("TRUST-03")
def test_our_list_has_the_etsi_shape() -> None:
    schema = vector("trust/etsi-119602-lote-schema.json")
    jwk = Resource.from_contents({"$schema": schema["$schema"], "definitions": {"jwk": True}})
    registry = Registry().with_resource("rfcs/rfc7517.json", jwk)
    validator = Draft7Validator(schema, registry=registry, format_checker=FormatChecker())
    closed = replace(TRUST.issuers[0], closed_on=date(2026, 11, 1))
    placed = TRUST.with_status_lists_at("https://issuer.example/{org}/status-lists")
    for trust in (TRUST, placed, replace(TRUST, issuers=(closed, *TRUST.issuers[1:]))):
        assert list(validator.iter_errors(write_lote(trust))) == []


@pytest.mark.req("TRUST-03", "TRUST-05", "TRUST-02")
def test_a_list_of_pid_providers_can_be_read() -> None:
    sample = vector("trust/lote-pid-synthetic.json")["lote"]
    lote = read_lote(sample)
    assert lote.type == "http://uri.etsi.org/19602/LoTEType/EUPIDProvidersList"
    assert lote.sequence == 7
    assert lote.issued_at == datetime(2026, 11, 1, tzinfo=UTC)
    kinds = [each.type.rpartition("/")[2] for each in lote.entities[0].services]
    assert kinds == ["Issuance", "Revocation"]
    assert [len(each.certificates) for each in lote.entities[0].services] == [1, 1]
    with pytest.raises(TrustListWrongType):
        read(signed(sample))


def test_a_closed_issuer_stays_with_its_history() -> None:
    closed = replace(TRUST.issuers[0], closed_on=date(2026, 11, 1))
    trust = replace(TRUST, issuers=(closed, *TRUST.issuers[1:]))
    found = read(sign_trust_list(trust, OPERATOR))
    assert found == trust
    assert found.issuers[0].closed_on == date(2026, 11, 1)
    assert found.issuers[0].valid_from == TRUST.issuers[0].valid_from


def test_an_issuer_says_where_its_status_lists_are() -> None:
    trust = TRUST.with_status_lists_at("https://issuer.example/{org}/status-lists")
    found = read(signed(write_lote(trust)))
    assert found == trust
    places = {one.id: one.status_lists_at for one in found.issuers}
    assert places["kela"] == "https://issuer.example/kela/status-lists"
    assert {one.status_lists_at for one in read(TEXT).issuers} == {None}


def test_other_addresses_of_the_service_say_nothing_of_status_lists() -> None:
    def elsewhere(lote: dict[str, Any]) -> None:
        for one in lote["TrustedEntitiesList"]:
            for each in one["TrustedEntityServices"]:
                each["ServiceInformation"]["ServiceSupplyPoints"] = [
                    {"ServiceType": "urn:something:else", "uriValue": "https://a.example/"},
                    {"uriValue": "https://b.example/"},
                ]

    assert {one.status_lists_at for one in read(changed(elsewhere)).issuers} == {None}


def test_an_issuer_without_status_lists() -> None:
    poor = replace(TRUST, issuers=(replace(TRUST.issuers[0], status_anchors=()),))
    assert read(sign_trust_list(poor, OPERATOR)) == poor


def test_a_list_of_nobody() -> None:
    nobody = replace(TRUST, issuers=(), access_anchors=(), relying_parties=())
    assert read(sign_trust_list(nobody, OPERATOR)) == nobody


@pytest.mark.req("TRUST-01")
def test_withdrawn_receivers_and_access_authorities_are_gone() -> None:
    def withdraw(lote: dict[str, Any]) -> None:
        for each in lote["TrustedEntitiesList"]:
            for found in each["TrustedEntityServices"]:
                information = found["ServiceInformation"]
                if not information["ServiceTypeIdentifier"].endswith("credential/Issuance"):
                    information["ServiceStatus"] = "urn:kykylompakko:trust:svc-status:withdrawn"

    trust = read(changed(withdraw))
    assert trust.access_anchors == ()
    assert trust.relying_parties == ()
    assert all(issuer.status_anchors == () for issuer in trust.issuers)
    assert len(trust.issuers) == len(TRUST.issuers)


def test_services_that_we_do_not_know_grant_nothing() -> None:
    trust = read(changed(lambda lote: service(lote).update(ServiceTypeIdentifier="urn:x:Issuance")))
    assert TRUST.issuers[0].id not in {issuer.id for issuer in trust.issuers}


# TRUST-04: every reason to refuse ---------------------------------------------------------


@pytest.mark.req("TRUST-04")
def test_changed_after_signing() -> None:
    header, payload, signature = TEXT.split(".")
    lote = json.loads(b64url_decode(payload))
    lote["LoTE"]["ListAndSchemeInformation"]["LoTESequenceNumber"] = 99
    forged = ".".join([header, b64url_encode(json.dumps(lote).encode()), signature])
    with pytest.raises(TrustListSignatureInvalid):
        read(forged)
    assert issubclass(TrustListSignatureInvalid, SignatureInvalid)


@pytest.mark.req("TRUST-04")
@pytest.mark.parametrize(
    "signer",
    [
        SoftwareSigner.generate(),
        SoftwareSigner(SoftwareSigner.generate().private_key, (b"x",)),
        pki().signer("kela", "credential"),
        pki().signer("te-toimisto-malli", "access"),
        pki().signer("trust-operator", "operator-ca"),
    ],
    ids=["no chain", "no certificate", "an issuer", "a receiver", "the anchor itself"],
)
def test_not_the_operator(signer: SoftwareSigner) -> None:
    with pytest.raises(TrustListOperatorNotTrusted):
        read(signed(LOTE, signer))
    assert issubclass(TrustListOperatorNotTrusted, ChainNotTrusted)


def test_somebody_elses_certificate_for_the_operators_key() -> None:
    thief = SoftwareSigner(SoftwareSigner.generate().private_key, OPERATOR.certificate_chain)
    with pytest.raises(TrustListSignatureInvalid):
        read(signed(LOTE, thief))


@pytest.mark.parametrize(
    ("days", "failure"), [(-3, CertificateNotYetValid), (999, CertificateExpired)]
)
def test_the_operators_certificate_at_the_wrong_time(days: int, failure: type[Exception]) -> None:
    with pytest.raises(failure):
        read(TEXT, at=AT + days * DAY)


@pytest.mark.req("TRUST-04")
def test_some_other_list() -> None:
    with pytest.raises(TrustListWrongType):
        read(changed(lambda lote: scheme(lote).update(LoTEType="urn:other")))
    with pytest.raises(TrustListWrongType):
        read(signed(LOTE, typ="JWT"))


def test_header_tricks() -> None:
    with pytest.raises(CriticalHeaderNotUnderstood):
        read(signed(LOTE, crit=["sigT"]))
    header, payload, signature = TEXT.split(".")
    none = json.loads(b64url_decode(header)) | {"alg": "none"}
    with pytest.raises(AlgorithmNotAllowed):
        read(".".join([b64url_encode(json.dumps(none).encode()), payload, signature]))


@pytest.mark.req("TRUST-04")
def test_overdue() -> None:
    assert read(TEXT, at=TRUST.next_update - timedelta(seconds=1)) == TRUST
    with pytest.raises(TrustListStale):
        read(TEXT, at=TRUST.next_update)


def test_from_the_future() -> None:
    assert read(TEXT, at=AT - timedelta(minutes=5)) == TRUST
    with pytest.raises(TrustListNotYetValid):
        read(TEXT, at=AT - timedelta(minutes=6))


@pytest.mark.req("TRUST-04")
def test_older_than_seen() -> None:
    assert read(TEXT, at_least_sequence=1) == TRUST
    with pytest.raises(TrustListRolledBack):
        read(TEXT, at_least_sequence=2)


CRITICAL = {"ExtensionId": "urn:x", "Critical": True, "Value": 1}


@pytest.mark.req("TRUST-04")
@pytest.mark.parametrize(
    "change",
    [
        lambda lote: scheme(lote).update(SchemeExtensions=[CRITICAL]),
        lambda lote: entity(lote)["TrustedEntityInformation"]["TEInformationExtensions"].append(
            CRITICAL
        ),
        lambda lote: service(lote)["ServiceInformationExtensions"].append(CRITICAL),
        lambda lote: entity(lote)["TrustedEntityServices"][0].update(
            ServiceHistory=[service(lote) | {"ServiceInformationExtensions": [CRITICAL]}]
        ),
    ],
    ids=["scheme", "entity", "service", "history"],
)
def test_a_critical_extension_that_we_do_not_know(change: Change) -> None:
    with pytest.raises(TrustListExtensionNotUnderstood):
        read(changed(change))


def test_an_extension_that_is_not_critical() -> None:
    harmless = CRITICAL | {"Critical": False}
    assert read(changed(lambda lote: scheme(lote).update(SchemeExtensions=[harmless]))) == TRUST


LEAF = b64encode(OPERATOR.certificate_chain[0]).decode()
MALFORMED: dict[str, Change] = {
    "no scheme": lambda lote: lote.pop("ListAndSchemeInformation"),
    "version": lambda lote: scheme(lote).update(LoTEVersionIdentifier=2),
    "version is true": lambda lote: scheme(lote).update(LoTEVersionIdentifier=True),
    "no sequence": lambda lote: scheme(lote).pop("LoTESequenceNumber"),
    "negative sequence": lambda lote: scheme(lote).update(LoTESequenceNumber=-1),
    "sequence is text": lambda lote: scheme(lote).update(LoTESequenceNumber="1"),
    "no type": lambda lote: scheme(lote).pop("LoTEType"),
    "no next update": lambda lote: scheme(lote).update(NextUpdate=None),
    "local time": lambda lote: scheme(lote).update(NextUpdate="2027-01-01T00:00:00"),
    "no such day": lambda lote: scheme(lote).update(NextUpdate="2027-02-30T00:00:00Z"),
    "entities are an object": lambda lote: lote.update(TrustedEntitiesList={}),
    "too many entities": lambda lote: lote.update(TrustedEntitiesList=[{}] * 2_001),
    "entity is text": lambda lote: lote.update(TrustedEntitiesList=["x"]),
    "no services": lambda lote: entity(lote).update(TrustedEntityServices=[]),
    "no names": lambda lote: entity(lote)["TrustedEntityInformation"].pop("TEName"),
    "name twice": lambda lote: entity(lote)["TrustedEntityInformation"]["TEName"].append(
        {"lang": "fi", "value": "x"}
    ),
    "long name": lambda lote: entity(lote)["TrustedEntityInformation"].update(
        TEName=[{"lang": "fi", "value": "x" * 501}]
    ),
    "no organisation id": lambda lote: entity(lote)["TrustedEntityInformation"].pop(
        "TEInformationExtensions"
    ),
    "organisation id is empty": lambda lote: entity(lote)["TrustedEntityInformation"][
        "TEInformationExtensions"
    ][0].update(Value=""),
    "extension repeated": lambda lote: service(lote)["ServiceInformationExtensions"].append(
        service(lote)["ServiceInformationExtensions"][0]
    ),
    "extension without criticality": lambda lote: service(lote)["ServiceInformationExtensions"][
        0
    ].pop("Critical"),
    "types are text": lambda lote: service(lote)["ServiceInformationExtensions"][0].update(
        Value="urn:x"
    ),
    "no status": lambda lote: service(lote).pop("ServiceStatus"),
    "unknown status": lambda lote: service(lote).update(ServiceStatus="urn:x"),
    "withdrawn without history": lambda lote: service(lote).update(
        ServiceStatus="urn:kykylompakko:trust:svc-status:withdrawn"
    ),
    "no certificates": lambda lote: service(lote).update(ServiceDigitalIdentity={}),
    "certificate is no base64": lambda lote: service(lote).update(
        ServiceDigitalIdentity={"X509Certificates": [{"val": "?"}]}
    ),
    "certificate with spare bits": lambda lote: service(lote).update(
        ServiceDigitalIdentity={"X509Certificates": [{"val": "AB=="}]}
    ),
    "certificate is none": lambda lote: service(lote).update(
        ServiceDigitalIdentity={"X509Certificates": [{"val": "AAAA"}]}
    ),
    "certificate is a number": lambda lote: service(lote).update(
        ServiceDigitalIdentity={"X509Certificates": [{"val": 1}]}
    ),
    "supply points are text": lambda lote: service(lote).update(ServiceSupplyPoints="x"),
    "supply point without a URI": lambda lote: service(lote).update(
        ServiceSupplyPoints=[{"ServiceType": "x"}]
    ),
    "organisation twice": lambda lote: lote["TrustedEntitiesList"].append(entity(lote)),
    "receiver twice": lambda lote: lote["TrustedEntitiesList"].append(
        lote["TrustedEntitiesList"][-1]
    ),
    "receiver with two identifiers": lambda lote: lote["TrustedEntitiesList"][-1][
        "TrustedEntityServices"
    ][0]["ServiceInformation"].update(ServiceDigitalIdentity={"OtherIds": ["a", "b"]}),
    "an anchor of two organisations": lambda lote: service(lote).update(
        ServiceDigitalIdentity={"X509Certificates": [{"val": LEAF}, {"val": LEAF}]}
    ),
}


@pytest.mark.req("TRUST-03")
@pytest.mark.parametrize("fault", MALFORMED)
def test_malformed(fault: str) -> None:
    with pytest.raises(TrustListMalformed):
        read(changed(MALFORMED[fault]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        TEXT + ".",
        signed([]),
        signed({}),
        signed({"LoTE": []}),
        signed(LOTE, x5c="x"),
        sign_jws(
            {"typ": TOKEN_TYPE, "x5c": x5c_header(OPERATOR.certificate_chain)}, b"{", OPERATOR
        ),
    ],
)
def test_no_list_at_all(text: str) -> None:
    with pytest.raises(TrustListMalformed):
        read(text)


def test_size_and_depth_are_bounded() -> None:
    with pytest.raises(TrustListMalformed, match="too long"):
        read("A" * 5_000_000)
    deep: object = 1
    for _ in range(40):
        deep = [deep]
    with pytest.raises(TrustListMalformed, match="too deep"):
        read(signed({"LoTE": deep}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(st.data(), JSON)
def test_any_change_is_read_or_refused(data: st.DataObject, value: object) -> None:
    def put_anywhere(lote: dict[str, Any]) -> None:
        place: Any = lote
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = data.draw(st.sampled_from(keys))
            inner = place[key]
            if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
                place[key] = value
                return
            place = inner

    try:
        trust = read(changed(put_anywhere))
    except CheckFailed as failure:
        assert failure.code.startswith("trust_list_")  # noqa: PT017 - which class depends on the draw
        return
    assert isinstance(trust, TrustList)


@given(st.text(max_size=60) | st.text("ey.AJ0_-=", max_size=30))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises((TrustListMalformed, TrustListOperatorNotTrusted)):
        read(text)


# the next issue ---------------------------------------------------------------------------


def test_the_next_issue() -> None:
    later = TRUST.next_update + DAY
    trust = renew_trust_list(TEXT, operator_anchors=ANCHORS, at=later, valid_for=30 * DAY)
    assert trust == replace(TRUST, sequence=2, issued_at=later, next_update=later + 30 * DAY)
    assert read(sign_trust_list(trust, OPERATOR), at=later, at_least_sequence=2) == trust


def test_a_forged_list_has_no_next_issue() -> None:
    with pytest.raises(TrustListOperatorNotTrusted):
        renew_trust_list(
            signed(LOTE, pki().signer("kela", "credential")),
            operator_anchors=ANCHORS,
            at=AT,
            valid_for=DAY,
        )


def test_anchors_are_written_as_der() -> None:
    value = service(LOTE["LoTE"])["ServiceDigitalIdentity"]["X509Certificates"][0]["val"]
    der = TRUST.issuers[0].issuing_anchors[0].public_bytes(Encoding.DER)
    assert value == b64encode(der).decode()
