"""What a receiver never gets: not by a task, not by a hand-made request, not from the desk's API.

A clinical claim is one that tells a diagnosis, findings or care (`yes-clinical` in the types).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from credential_schemas.loader import load_catalogue
from credential_schemas.model import RequestProfile
from keys.jose import EncryptionKey
from openid4vc.dcql.errors import OverAsked
from openid4vc.dcql.profiles import query_for
from openid4vc.dcql.query import (
    SD_JWT_VC,
    ClaimsQuery,
    CredentialQuery,
    CredentialSet,
    Query,
    query_json,
)
from openid4vc.openid4vp.client_id import x509_hash
from openid4vc.openid4vp.link import request_link
from openid4vc.openid4vp.write_request import AuthorizationRequest, sign_request
from tests.content.world import NOW, RECEIVERS, Everybody, everybody, example
from tests.issuer.world import World as Issuer
from tests.verifier.world import BASE, demo_pki
from tests.verifier.world import World as Verifier
from wallet_sim.flow_failures import PurposeUnknown
from wallet_sim.model import Outcome
from wallet_sim.over_asking import profile_of
from wallet_sim.wallet import Wallet

CATALOGUE = load_catalogue()
TE = "te_office"
CLINICAL = sorted(
    (kind.id, name)
    for kind in CATALOGUE.types.values()
    for name, claim in kind.claims.items()
    if claim.art9 == "yes-clinical"
)
AT = f"{BASE}/requests/made-by-hand"
BACK = f"{BASE}/responses/made-by-hand"


@pytest.fixture(scope="module")
def all_of_them(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everybody]:
    with everybody(tmp_path_factory.mktemp("never")) as made:
        made.desk(TE)
        yield made


@pytest.fixture(scope="module")
def wallet(all_of_them: Everybody) -> Wallet:
    """A wallet that holds a card of every type."""
    return all_of_them.wallet("01", "02", "03", "04", "05", "06", "07", "08", "09", "10")


def asked(type_id: str, *paths: tuple[Any, ...], **members: Any) -> CredentialQuery:
    return CredentialQuery(
        members.pop("id", type_id),
        SD_JWT_VC,
        members.pop("vct_values", (CATALOGUE.types[type_id].vct,)),
        tuple(ClaimsQuery(path, f"c{number}") for number, path in enumerate(paths)),
        **members,
    )


def link_to(all_of_them: Everybody, query: Query, *, role: str, profile_id: str | None) -> str:
    """A request as it should not be, signed with the real key of a receiver of that role."""
    signer = demo_pki().signer(RECEIVERS[role], "access")
    client_id = x509_hash(signer.certificate_chain[0])
    request = AuthorizationRequest(
        client_id=client_id,
        response_uri=BACK,
        nonce="nonce-of-a-request-made-by-hand",
        state="state-of-a-request-made-by-hand",
        query=query,
        encryption_jwk=EncryptionKey.generate().public_jwk,
        profile_id=profile_id,
    )
    all_of_them.network.served[AT] = sign_request(request, signer=signer, issued_at=NOW)
    return request_link(client_id, AT)


def refuses(
    all_of_them: Everybody,
    wallet: Wallet,
    query: Query,
    *,
    role: str = TE,
    profile_id: str | None = "te_service_need",
) -> None:
    """The wallet shows nobody anything, sends nothing but that it refuses, and remembers it."""
    link = link_to(all_of_them, query, role=role, profile_id=profile_id)
    before = len(all_of_them.network.posted)
    with pytest.raises((OverAsked, PurposeUnknown)):
        all_of_them.runner.run(wallet.open_request(link))
    assert [
        (url, sorted(form), form["error"])
        for url, form in all_of_them.network.posted[before:]
    ] == [(BACK, ["error", "state"], "invalid_request")]  # fmt: skip
    assert wallet.log()[-1].outcome is Outcome.REFUSED


# --- The lists -----------------------------------------------------------------------------------


def test_the_office_is_denied_every_clinical_claim() -> None:
    assert CLINICAL
    assert set(CLINICAL) <= CATALOGUE.forbidden(TE)


@pytest.mark.req("ARF-06")
@pytest.mark.parametrize("role", sorted(CATALOGUE.roles))
def test_no_task_asks_for_what_its_role_is_denied(role: str) -> None:
    for profile in CATALOGUE.profiles_for(role):
        for one in query_for(profile, CATALOGUE).credentials:
            names = {(one.id, str(claim.path[0])) for claim in one.claims}
            assert names.isdisjoint(CATALOGUE.forbidden(role)), profile.id


@pytest.mark.parametrize("role", ["employer", "municipality_or_ngo"])
def test_no_health_data_goes_to_an_employer_or_an_association(role: str) -> None:
    for profile in CATALOGUE.profiles_for(role):
        for card in profile.credentials:
            claims = CATALOGUE.types[card.credential_type].claims
            assert {claims[str(path[0])].art9 for path in card.all_paths()} <= {"no", "indirect"}


# --- Requests made by hand, and signed with a real key -------------------------------------------


@pytest.mark.parametrize(("type_id", "name"), CLINICAL)
@pytest.mark.parametrize("path", [(), (None,), (0,), ("text",)], ids=["whole", "all", "one", "in"])
def test_the_wallet_refuses_the_office_a_clinical_claim(
    all_of_them: Everybody, wallet: Wallet, type_id: str, name: str, path: tuple[Any, ...]
) -> None:
    task = next((p.id for p in CATALOGUE.profiles_for(TE) if p.credential_type == type_id), None)
    query = Query((asked(type_id, (name, *path)),))
    refuses(all_of_them, wallet, query, profile_id=task or "te_service_need")


@pytest.mark.parametrize("profile_id", [p.id for p in CATALOGUE.profiles_for(TE)])
def test_no_task_of_the_office_may_be_stretched(
    all_of_them: Everybody, wallet: Wallet, profile_id: str
) -> None:
    """The task's own query, with one clinical claim more."""
    query = query_for(CATALOGUE.profiles[profile_id], CATALOGUE)
    more = asked("medical_statement_key_data", ("diagnoses",), id="more")
    refuses(
        all_of_them,
        wallet,
        replace(query, credentials=(*query.credentials, more)),
        profile_id=profile_id,
    )


FEEDBACK, STATEMENT = (
    CATALOGUE.types[name].vct for name in ("statement_feedback", "medical_statement_key_data")
)
DIAGNOSES = ("diagnoses",)
STATEMENT_TYPE = ("statement_type",)
DISGUISES: Mapping[str, tuple[Query, str | None]] = {
    "behind another id": (
        Query((asked("medical_statement_key_data", DIAGNOSES, id="statement_feedback"),)),
        "te_service_need",
    ),
    "among accepted types": (
        Query((asked("statement_feedback", DIAGNOSES, vct_values=(FEEDBACK, STATEMENT)),)),
        "te_service_need",
    ),
    "in an option that comes last": (
        Query(
            (
                asked(
                    "medical_statement_key_data",
                    STATEMENT_TYPE,
                    DIAGNOSES,
                    claim_sets=(("c0",), ("c0", "c1")),
                ),
            )
        ),
        "te_statement_exists",
    ),
    "in a set that is not required": (
        Query(
            (
                asked("statement_feedback", ("work_ability_conclusion",)),
                asked("medical_statement_key_data", DIAGNOSES),
            ),
            (
                CredentialSet((("statement_feedback",),)),
                CredentialSet((("medical_statement_key_data",),), required=False),
            ),
        ),
        "te_service_need",
    ),
    "in a set that nobody asks for": (
        Query(
            (
                asked("statement_feedback", ("work_ability_conclusion",)),
                asked("medical_statement_key_data", DIAGNOSES),
            ),
            (CredentialSet((("statement_feedback",),)),),
        ),
        "te_service_need",
    ),
    "for another receiver's task": (
        Query((asked("medical_statement_key_data", DIAGNOSES),)),
        "hc_continuity_of_care",
    ),
    "for no task": (Query((asked("medical_statement_key_data", DIAGNOSES),)), None),
    "by guessing": (
        Query(
            (
                CredentialQuery(
                    "medical_statement_key_data",
                    SD_JWT_VC,
                    (STATEMENT,),
                    (ClaimsQuery(STATEMENT_TYPE, values=("b_statement",)),),
                ),
            )
        ),
        "te_statement_exists",
    ),
}


@pytest.mark.parametrize("disguise", sorted(DISGUISES))
def test_no_disguise_helps(all_of_them: Everybody, wallet: Wallet, disguise: str) -> None:
    query, profile_id = DISGUISES[disguise]
    refuses(all_of_them, wallet, query, profile_id=profile_id)


@pytest.mark.parametrize("role", sorted(RECEIVERS))
def test_every_role_is_refused_what_it_is_denied(
    all_of_them: Everybody, wallet: Wallet, role: str
) -> None:
    profile = CATALOGUE.profiles_for(role)[0]
    for type_id, name in sorted(CATALOGUE.forbidden(role))[::7]:
        query = Query((asked(type_id, (name,)),))
        refuses(all_of_them, wallet, query, role=role, profile_id=profile.id)


# --- The desk and its API ------------------------------------------------------------------------


QUERY = query_json(Query((asked("medical_statement_key_data", DIAGNOSES),)))


@pytest.mark.parametrize(
    "more",
    [
        {"dcql_query": QUERY},
        {"query": QUERY},
        {"claims": ["diagnoses"]},
        {"optional_claims": ["diagnoses"]},
        {"role": "health_centre"},
        {"profile": "hc_continuity_of_care"},
        {"profile": "../profiles/hc_continuity_of_care"},
        {"profile": {"id": "te_service_need", "optional_claims": ["diagnoses"]}},
        {"profile": ["te_service_need", "hc_continuity_of_care"]},
    ],
)
def test_the_api_cannot_be_made_to_ask(all_of_them: Everybody, more: dict[str, Any]) -> None:
    desk = all_of_them.desk(TE).world
    before = desk.bytes_on_disk().count(b"te_service_need")
    body = {"profile": "te_service_need", **more}
    answer = desk.post("/api/v1/verifications", json=body, headers=desk.bearer)
    assert answer.status_code in {400, 403, 404, 422}, answer.text
    assert desk.bytes_on_disk().count(b"te_service_need") == before, "nothing was started"


def test_staff_cannot_be_made_to_ask(all_of_them: Everybody) -> None:
    browser = all_of_them.desk(TE).browser
    browser.open("/desk?lang=en")
    page = browser.submit("/desk/start", profile="hc_continuity_of_care", claims="diagnoses")
    assert "/desk/ask/" not in browser.path
    assert "openid4vp:" not in page


def greedy(profile: RequestProfile) -> RequestProfile:
    return replace(
        profile,
        credential_type="medical_statement_key_data",
        required_claims=(STATEMENT_TYPE,),
        required_if_held=(),
        optional_claims=(DIAGNOSES,),
    )


def hidden_further_on(profile: RequestProfile) -> RequestProfile:
    more = replace(greedy(profile).credentials[0], if_held=True)
    return replace(profile, further=(more,))


@pytest.mark.parametrize("change", [greedy, hidden_further_on])
def test_a_task_that_slipped_into_the_catalogue_is_not_signed(tmp_path: Path, change: Any) -> None:
    """The list behind the tasks holds when a task itself is wrong."""
    wrong = change(CATALOGUE.profiles["te_service_need"])
    catalogue = replace(CATALOGUE, profiles={**CATALOGUE.profiles, wrong.id: wrong})
    world = Verifier(tmp_path, catalogue=catalogue)
    body = {"profile": wrong.id}
    answer = world.post("/api/v1/verifications", json=body, headers=world.bearer)
    assert (answer.status_code, answer.json()["code"]) == (400, "over_asked")
    assert b"te_service_need" not in world.bytes_on_disk(), "nothing was stored or signed"
    world.close()


# --- Free text -----------------------------------------------------------------------------------


TEXT = {"text", "texts", "record", "records"}
NOT_CHECKED = {
    ("self_assessment_result", "given_name"): "a name",
    ("qualification", "licence_code"): "a licence's own code looks like one",
    ("consent_receipt", "verifier_name"): "a receiver's name, written by the receiver",
}


def free_texts() -> list[tuple[str, str]]:
    """Free text that the office may be shown, beside names of people."""
    return sorted(
        {
            (card.credential_type, str(path[0]))
            for profile in CATALOGUE.profiles_for(TE)
            for card in profile.credentials
            for path in card.required_claims + card.required_if_held + card.optional_claims
            if CATALOGUE.types[card.credential_type].claims[str(path[0])].kind in TEXT
        }
        - NOT_CHECKED.keys()
    )


def with_text(value: Any, text: str) -> Any:
    """The same value with something behind its first text."""
    if isinstance(value, str):
        return f"{value} {text}"
    if isinstance(value, list):
        return [with_text(value[0], text), *value[1:]]
    name = next(iter(value))
    return {**value, name: with_text(value[name], text)}


@pytest.mark.parametrize(("type_id", "name"), free_texts())
@pytest.mark.parametrize("text", ["M54.5", "(F32)"])
def test_a_diagnosis_in_free_text_never_gets_as_far_as_the_wallet(
    all_of_them: Everybody, type_id: str, name: str, text: str
) -> None:
    number, org = next(
        (number, org)
        for number, org in (
            ("01", "itsearviointi"), ("02", "mallimaa"), ("03", "kela"), ("04", "tyollisyysalue"),
            ("07", "palvelutarjotin"), ("08", "mallimaa"), ("09", "oppilaitos"),
        )
        if example(number).type_id == type_id
    )  # fmt: skip
    claims = dict(example(number).claims)
    claims[name] = with_text(claims[name], text)
    issuer: Issuer = all_of_them.issuer
    body = {
        "type": type_id,
        "claims": claims,
        "subject_ref": "client-text",
        "delivery": {"channel": "screen", "pin": False},
    }
    answer = issuer.post(f"/api/v1/{org}/offers", json=body, headers=issuer.auth(org))
    assert answer.status_code == 422, answer.text
    (problem,) = answer.json()["problems"]
    assert problem["pointer"].startswith(f"/claims/{name}")
    assert problem["code"] == "diagnosis_in_text"
    assert not re.search(r"M54|F32", answer.text), "what was refused is not repeated"


@pytest.mark.req("ARF-06", "ARF-07")
@pytest.mark.parametrize("change", [greedy, hidden_further_on])
def test_the_wallet_goes_by_the_list_even_if_its_own_task_is_wrong(change: Any) -> None:
    wrong = change(CATALOGUE.profiles["te_service_need"])
    catalogue = replace(CATALOGUE, profiles={**CATALOGUE.profiles, wrong.id: wrong})
    card = wrong.credentials[-1]
    query = Query((asked(card.credential_type, *card.all_paths()),))
    with pytest.raises(OverAsked):
        profile_of(query, wrong.id, roles={TE}, catalogue=catalogue)
