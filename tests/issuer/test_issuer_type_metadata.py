"""The documents that describe our types, and the credentials measured by them."""

from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from msgspec import structs

from credential_schemas.model import LANGS
from openid4vc.sd_jwt.model import UnverifiedSdJwt
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.type_metadata import ResolvedType, TypeReference, reference_of, resolve_type
from openid4vc.sd_jwt.type_metadata_checks import check_claims
from openid4vc.sd_jwt.type_metadata_errors import (
    ClaimDisclosureMismatch,
    IntegrityMismatch,
    MandatoryClaimMissing,
)
from openid4vc.sd_jwt.type_metadata_integrity import check_integrity
from openid4vc.sd_jwt.type_metadata_own import write_type_document
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, offer_body

ISSUED_BY = {
    "statement_feedback": "mallimaa",
    "self_assessment_result": "itsearviointi",
    "authority_decision": "kela",
    "service_plan": "tyollisyysalue",
    "work_ability_referral": "tyollisyysalue",
    "wellbeing_referral": "mallimaa",
    "wellbeing_survey_result": "palvelutarjotin",
    "medical_statement_key_data": "mallimaa",
    "qualification": "oppilaitos",
    "consent_receipt": "tyollisyysalue",
    "demo_pid": "pid-demo",
}


def issued(world: World, type_id: str) -> UnverifiedSdJwt:
    org = ISSUED_BY[type_id]
    offer = world.offer(offer_body(type_id), org=org)
    return parse(TinyWallet(world, org).receive(offer["offer_link"]))


def described(world: World, reference: TypeReference) -> ResolvedType:
    """What a consumer makes of what is served."""

    def fetch(wanted: TypeReference) -> bytes | None:
        answer = world.get(f"/type-metadata/{wanted.vct}")
        return answer.content if answer.status_code == 200 else None

    return resolve_type(reference, fetch)


@pytest.mark.req("VCT-11", "VCT-16")
def test_each_type_names_itself_and_its_claims_in_three_languages(world: World) -> None:
    for credential_type in world.parts.catalogue.types.values():
        found = described(world, TypeReference(credential_type.vct))
        assert {each.locale: each.name for each in found.display} == {
            lang: credential_type.title[lang] for lang in LANGS
        }
        assert {claim.path[0] for claim in found.claims} == credential_type.claims.keys()
        for claim in found.claims:
            assert claim.display is not None
            assert [each.locale for each in claim.display] == list(LANGS)
        whole = {claim.path[0]: claim for claim in found.claims if len(claim.path) == 1}
        for name, definition in credential_type.claims.items():
            labels = {each.locale: each.label for each in whole[name].display or ()}
            assert labels == {lang: definition.label[lang] for lang in LANGS}
        never = {claim.path[0] for claim in whole.values() if claim.sd == "never"}
        assert never == credential_type.always_disclosed()
        required: Any = credential_type.schema["required"]
        mandatory = {claim.path[0] for claim in found.claims if claim.mandatory}
        assert mandatory == set(required)


@pytest.mark.req("VCT-15", "VCT-24")
@pytest.mark.parametrize("type_id", ISSUED_BY)
def test_what_we_issue_is_what_we_describe(world: World, type_id: str) -> None:
    credential = issued(world, type_id)
    found = described(world, reference_of(credential.claims))
    check_claims(credential, found.claims, everything_disclosed=True)
    nothing_shown = structs.replace(credential, disclosures=())
    check_claims(nothing_shown, found.claims, everything_disclosed=False)
    # A wallet that has everything would notice what is missing, and that the flags are kept.
    with pytest.raises(MandatoryClaimMissing):
        check_claims(nothing_shown, found.claims, everything_disclosed=True)
    for claim in found.claims:
        turned = replace(claim, sd="never" if claim.sd == "always" else "always")
        there = claim.path[0] in credential.claims or any(
            each.name == claim.path[0] for each in credential.disclosures
        )
        if there and len(claim.path) == 1:
            with pytest.raises(ClaimDisclosureMismatch):
                check_claims(credential, [turned], everything_disclosed=True)


@pytest.mark.req("VCT-21", "VCT-22")
def test_documents_may_be_kept_and_asked_for_again(world: World) -> None:
    for credential_type in world.parts.catalogue.types.values():
        path = f"/type-metadata/{credential_type.vct}"
        answer = world.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "public, max-age=3600"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        again = world.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]
        other = world.get(path, headers={"If-None-Match": '"sha256-other"'})
        assert other.content == answer.content
        head = world.run(world.client.head(path))
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == answer.headers["etag"]


@pytest.mark.req("VCT-12")
def test_the_tag_is_the_integrity_of_the_bytes(world: World) -> None:
    catalogue = world.parts.catalogue
    one, other = list(catalogue.types.values())[:2]
    answer = world.get(f"/type-metadata/{one.vct}")
    integrity = answer.headers["etag"].strip('"')
    check_integrity(answer.content, integrity)
    assert answer.content == write_type_document(catalogue, one)
    assert described(world, TypeReference(one.vct, integrity)).vct == one.vct
    with pytest.raises(IntegrityMismatch):
        described(world, TypeReference(other.vct, integrity))


@pytest.mark.req("VCT-22")
def test_wallets_in_browsers_may_read_them(world: World) -> None:
    vct = next(iter(world.parts.catalogue.types.values())).vct
    answer = world.get(f"/type-metadata/{vct}", headers={"Origin": "https://wallet.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("vct", ["urn:kykylompakko:nothing:1", "statement_feedback", "x" * 500])
def test_types_that_are_not_ours_are_not_there(world: World, vct: str) -> None:
    answer = world.get(f"/type-metadata/{vct}")
    assert (answer.status_code, answer.json()["error_description"]) == (404, "address_unknown")


@pytest.mark.req("VCT-03", "VCT-12")
@pytest.mark.parametrize("type_id", ISSUED_BY)
def test_a_credential_says_in_clear_which_bytes_describe_its_type(
    world: World, type_id: str
) -> None:
    credential = issued(world, type_id)
    reference = reference_of(credential.claims)
    assert reference.integrity == credential.claims["vct#integrity"]
    served = world.get(f"/type-metadata/{reference.vct}").content
    assert reference.integrity == f"sha256-{b64encode(sha256(served).digest()).decode()}"
    assert "vct#integrity" not in {each.name for each in credential.disclosures}
