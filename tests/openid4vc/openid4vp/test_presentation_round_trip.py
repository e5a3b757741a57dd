"""The formats together: a profile asks, a wallet answers with no more, a verifier checks it all."""

from datetime import timedelta
from random import Random

import pytest

from credential_schemas.loader import load_catalogue
from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.dcql.errors import QueryNotSatisfied
from openid4vc.dcql.match import Presented, answer, check_satisfied, keep_only
from openid4vc.dcql.profiles import check_may_ask, query_for
from openid4vc.dcql.query import Query
from openid4vc.openid4vp.request import AuthorizationRequest, read_request, sign_request
from openid4vc.openid4vp.response import (
    AuthorizationResponse,
    encrypt_response,
    read_response,
    response_form,
)
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding, bind
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from openid4vc.sd_jwt.verify import Expected, IssuersOnTrustList, verify
from tests.openid4vc.openid4vp import kit

CATALOGUE = load_catalogue()
PROFILE = CATALOGUE.profiles["te_initial_interview"]
TYPE = CATALOGUE.types["self_assessment_result"]
HOLDER = SoftwareSigner.generate()
QUERY = query_for(PROFILE, CATALOGUE)

CLAIMS: dict[str, object] = {
    "issuing_authority": "Mallimaan itsearviointipalvelu (TESTI)",
    "given_name": "Aino",
    "family_name": "Esimerkki",
    "birthdate": "1990-04-12",
    "assessment_instrument": "kykyviisari",
    "assessment_date": "2026-09-14",
    "work_ability_score": 7,
    "support_needs": ["skills", "guidance"],
    "recommended_next_step": "service_need_assessment",
    "own_goals": ["Opiskella lisää"],
    "domain_scores": {"skills": 6, "vocational_skills": 5, "mind": 3},
}


def credential() -> str:
    content = VcContent(
        vct=TYPE.vct,
        issuer="https://issuer.example.fi/itsearviointi",
        claims=CLAIMS,
        always=TYPE.always_disclosed(),
        issued_on=kit.AT.date(),
        expires_at=kit.AT + timedelta(days=90),
        holder_jwk=public_jwk(HOLDER.public_key),
    )
    salts = Random(1)
    signer = kit.pki().signer("itsearviointi", "credential")
    return issue_vc(content, signer=signer, random_bytes=salts.randbytes)


def asked() -> AuthorizationRequest:
    return kit.request(query=QUERY, profile_id=PROFILE.id)


def presented(request: AuthorizationRequest) -> AuthorizationResponse:
    """Answer as a wallet does, and open the answer as the verifier does."""
    held = parse(credential())
    (query,) = request.query.credentials
    found = answer(query, vct=TYPE.vct, claims=disclose(held).claims)
    assert found is not None
    bound = bind(
        select(held, found.places),
        signer=HOLDER,
        audience=request.client_id,
        nonce=request.nonce,
        at=kit.AT,
    )
    form = response_form(encrypt_response(request, {query.id: [bound]}))
    read = read_response(list(form.items()), key=kit.KEY, state=kit.STATE)
    assert isinstance(read, AuthorizationResponse)
    return read


@pytest.mark.req("VP-31", "VP-32", "VP-33", "DCQL-05", "DCQL-16", "HAIP-20")
def test_a_profile_is_asked_answered_and_checked() -> None:
    text = sign_request(asked(), signer=kit.desk(), issued_at=kit.AT)
    trusted = read_request(text, link=kit.link(), trust=kit.pki().trust_list, at=kit.AT)
    assert "te_office" in trusted.relying_party.roles
    check_may_ask(trusted.request.query, role="te_office", catalogue=CATALOGUE)

    (presentation,) = presented(trusted.request).vp_token["self_assessment_result"]
    verified = verify(
        presentation,
        Expected(
            issuer=IssuersOnTrustList(kit.pki().trust_list),
            at=kit.AT,
            key_binding=ExpectedKeyBinding(kit.client_id(), kit.NONCE, kit.AT),
        ),
    )
    entry = Presented(verified.vct, verified.claims, verified.partial_arrays)
    (answered,) = check_satisfied(QUERY, {"self_assessment_result": [entry]})[
        "self_assessment_result"
    ]

    kept = keep_only(verified.claims, answered)
    assert kept == {
        **{name: value for name, value in CLAIMS.items() if name != "issuing_authority"},
        "domain_scores": {"skills": 6, "vocational_skills": 5},
    }
    assert "mind" not in str(verified.claims["domain_scores"])
    assert "issuing_authority" in verified.claims


@pytest.mark.req("VP-33")
def test_a_wallet_that_leaves_out_a_required_claim_is_found_out() -> None:
    held = parse(credential())
    shown = disclose(parse(select(held, [("given_name",)]))).claims
    with pytest.raises(QueryNotSatisfied):
        check_satisfied(
            Query(QUERY.credentials), {"self_assessment_result": [Presented(TYPE.vct, shown)]}
        )
