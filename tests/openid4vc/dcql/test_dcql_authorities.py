"""Cards of accepted issuers only: `trusted_authorities`."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from credential_schemas.loader import load_catalogue
from credential_schemas.model import RequestProfile
from keys.devkeys import DemoPki, make_demo_pki
from keys.jose import b64url_decode, b64url_encode
from openid4vc.dcql.authorities import UNKNOWN, Provenance, accepts, provenance_of
from openid4vc.dcql.errors import QueryNotSatisfied
from openid4vc.dcql.match import Presented, answer, check_satisfied
from openid4vc.dcql.profiles import accepting_only, query_for
from openid4vc.dcql.query import (
    CredentialQuery,
    Query,
    TrustedAuthority,
    parse_query,
    query_json,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "openid4vp"
AT = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
VCT = "urn:example:one:1"
LIST = "https://trust.example/list"
CATALOGUE = load_catalogue()


@cache
def pki() -> DemoPki:
    return make_demo_pki(at=AT)


def chain(org: str) -> tuple[bytes, ...]:
    return pki().signer(org, "credential").certificate_chain


def key_identifier(org: str) -> str:
    """The issuing authority's own key identifier, which stands in what it signs."""
    (anchor,) = (
        anchor
        for issuer in pki().trust_list.issuers
        if issuer.id == org
        for anchor in issuer.issuing_anchors
    )
    extension = anchor.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return b64url_encode(extension.value.digest)


def aki(*values: str) -> TrustedAuthority:
    return TrustedAuthority("aki", values)


def asking(*authorities: TrustedAuthority) -> CredentialQuery:
    return CredentialQuery("one", "dc+sd-jwt", (VCT,), trusted_authorities=authorities)


@pytest.mark.req("DCQL-14", "HAIP-12")
def test_the_authority_key_identifier_of_the_chain_matches() -> None:
    ours = provenance_of(chain("mallimaa"))
    assert accepts([aki(key_identifier("mallimaa"))], ours)
    assert accepts([aki(key_identifier("kela"), key_identifier("mallimaa"))], ours)
    assert accepts([aki(key_identifier("kela")), aki(key_identifier("mallimaa"))], ours)
    assert not accepts([aki(key_identifier("kela"))], ours)


@pytest.mark.req("DCQL-14", "HAIP-12")
def test_any_certificate_of_the_chain_may_match() -> None:
    long = provenance_of((*chain("kela"), *chain("mallimaa")))
    assert accepts([aki(key_identifier("kela"))], long)
    assert accepts([aki(key_identifier("mallimaa"))], long)


@pytest.mark.req("DCQL-14")
def test_bytes_are_compared_and_nothing_else_of_the_certificate() -> None:
    leaf = x509.load_der_x509_certificate(chain("mallimaa")[0])
    own = leaf.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    whole = key_identifier("mallimaa")
    ours = provenance_of(chain("mallimaa"))
    others = [
        b64url_encode(own),
        whole[:-4],
        whole + "====",
        f" {whole}",
        "",
        "ä",
        "!",
        whole.lower(),
    ]
    for other in others:
        assert not accepts([aki(other)], ours), other


@pytest.mark.req("DCQL-14")
def test_the_published_key_identifier() -> None:
    published = [json.loads(one["text"]) for one in
                 json.loads((VECTORS / "spec-trusted-authorities.json").read_text())]  # fmt: skip
    data = {"id": "one", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}}
    for entry in published:
        query = parse_query({"credentials": [{**data, "trusted_authorities": [entry]}]})
        (value,) = entry["values"]
        raw = b64url_decode(value) if entry["type"] == "aki" else b""
        ours = Provenance(frozenset({raw}), frozenset({value}))
        assert answer(query.credentials[0], vct=VCT, claims={}, provenance=ours) is not None
        assert answer(query.credentials[0], vct=VCT, claims={}) is None


@pytest.mark.req("DCQL-14")
def test_a_trusted_list_is_told_by_its_identifier() -> None:
    listed = provenance_of(chain("mallimaa"), trust_lists=[LIST])
    assert accepts([TrustedAuthority("etsi_tl", ("https://other.example", LIST))], listed)
    assert not accepts([TrustedAuthority("etsi_tl", (LIST + "/",))], listed)
    assert not accepts([TrustedAuthority("etsi_tl", (LIST,))], provenance_of(chain("mallimaa")))


@pytest.mark.req("DCQL-14")
@pytest.mark.parametrize("kind", ["openid_federation", "AKI", "aki ", "urn:example:new"])
def test_federations_and_unknown_kinds_match_nothing_and_spoil_nothing(kind: str) -> None:
    whole = key_identifier("mallimaa")
    ours = provenance_of(chain("mallimaa"), trust_lists=[LIST])
    other = TrustedAuthority(kind, (whole, LIST))
    assert not accepts([other], ours)
    assert accepts([other, aki(whole)], ours)


@pytest.mark.req("DCQL-14")
def test_of_a_card_without_a_readable_chain_nothing_is_known() -> None:
    ca = pki().operator_anchor.public_bytes(Encoding.DER)
    assert provenance_of(()) == UNKNOWN
    assert provenance_of((b"no certificate", b"", ca[:-1])) == UNKNOWN
    assert not accepts([aki("")], UNKNOWN)
    assert accepts([], UNKNOWN)


@pytest.mark.req("DCQL-14", "DCQL-19", "HAIP-12")
def test_wallet_and_verifier_hold_a_card_to_it() -> None:
    query = asking(aki(key_identifier("mallimaa")))
    right, wrong = provenance_of(chain("mallimaa")), provenance_of(chain("kela"))
    assert answer(query, vct=VCT, claims={}, provenance=right) is not None
    assert answer(query, vct=VCT, claims={}, provenance=wrong) is None
    check_satisfied(Query((query,)), {"one": [Presented(VCT, {}, provenance=right)]})
    for provenance in (wrong, UNKNOWN):
        with pytest.raises(QueryNotSatisfied):
            check_satisfied(Query((query,)), {"one": [Presented(VCT, {}, provenance=provenance)]})


@pytest.mark.req("DCQL-14", "HAIP-12")
@pytest.mark.parametrize("profile", CATALOGUE.profiles.values(), ids=lambda one: one.id)
def test_a_profile_can_name_the_authorities_that_may_issue_its_type(
    profile: RequestProfile,
) -> None:
    issuers = pki().trust_list.issuers
    query = accepting_only(query_for(profile, CATALOGUE), issuers)
    assert parse_query(query_json(query)) == query
    for credential, card in zip(query.credentials, profile.credentials, strict=True):
        vct = CATALOGUE.types[card.credential_type].vct
        for issuer in issuers:
            provenance = provenance_of(chain(issuer.id))
            assert accepts(credential.trusted_authorities, provenance) is (vct in issuer.vcts)


def test_a_type_that_nobody_may_issue_names_no_authority() -> None:
    query = Query((asking(),))
    assert accepting_only(query, pki().trust_list.issuers) == query
