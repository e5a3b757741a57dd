"""Every task that a desk can ask for, answered by a wallet of other people's libraries."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from credential_schemas.loader import load_catalogue
from demo.payloads import EXAMPLES, example_claims
from demo.services import RunningServices
from keys.devkeys import make_demo_pki
from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.dcql.match import Presented, check_satisfied
from openid4vc.dcql.profiles import query_for
from openid4vc.dcql.query import query_json
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from openid4vc.sd_jwt.verify import Expected, IssuersOnTrustList, verify
from tests.interop.npm_programs import NpmWallet, WalletRefused, formats, private_jwk
from tests.interop.story import outcome
from tools.node import Node

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]

Json = dict[str, Any]

CATALOGUE = load_catalogue()
AT_THE_DESK = sorted(one.id for one in CATALOGUE.profiles_for("te_office"))
PAYLOADS = {
    json.loads(path.read_text("utf-8"))["credential_type"]: path.stem
    for path in sorted(EXAMPLES.glob("*.json"), reverse=True)
}
SYSTEMS = {
    "itsearviointi": ("self_assessment_result",),
    "kela": ("authority_decision",),
    "mallimaa": ("medical_statement_key_data", "statement_feedback"),
    "oppilaitos": ("qualification",),
    "palvelutarjotin": ("wellbeing_survey_result",),
    "tyollisyysalue": ("consent_receipt", "service_plan"),
}
NONCE, CLIENT_ID = "n-0f9a1c2e3d4b5a697887", "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk"


def claims_of(type_id: str) -> Json:
    return example_claims(PAYLOADS[type_id], today=datetime.now(UTC).date())


def received(
    services: RunningServices, wallet: NpmWallet, type_id: str, claims: Json | None = None
) -> Json:
    """A card of this type, with the example's claims unless others are given."""
    ((org, types),) = ((org, types) for org, types in SYSTEMS.items() if type_id in types)
    reply = services.issuer_api(org, *types).post(
        f"/api/v1/{org}/offers",
        json={
            "type": type_id,
            "claims": claims or claims_of(type_id),
            "subject_ref": "client-1",
            "delivery": {"channel": "screen", "pin": True},
        },
    )
    assert reply.status_code == 201, reply.text
    offer = reply.json()
    return wallet.receive(offer["offer_link"], txCode=offer["pin"])


@pytest.fixture(scope="module")
def cards(services: RunningServices, running_wallet: NpmWallet) -> dict[str, Json]:
    """A card of each type that a TE-office may ask for."""
    with ThreadPoolExecutor(2) as hands:
        list(hands.map(lambda one: services.issuer_key(one[0], *one[1]), SYSTEMS.items()))
    types = [type_id for types in SYSTEMS.values() for type_id in types]
    return {type_id: received(services, running_wallet, type_id) for type_id in types}


def asked(desk: httpx2.Client, profile: str) -> Json:
    reply = desk.post("/api/v1/verifications", json={"profile": profile})
    assert reply.status_code == 201, reply.text
    verification: Json = reply.json()
    return verification


def shown_types(result: Json) -> set[str]:
    return {card["type"] for card in result["cards"]}


@pytest.mark.req("VP-31", "VP-33", "DCQL-01", "DCQL-02", "DCQL-04", "DCQL-05")
@pytest.mark.parametrize("profile_id", AT_THE_DESK)
def test_the_desk_gets_what_the_task_needs(
    wallet: NpmWallet, desk: httpx2.Client, cards: dict[str, Json], profile_id: str
) -> None:
    profile = CATALOGUE.profiles[profile_id]
    verification = asked(desk, profile_id)
    shown = wallet.present(verification["request_link"], *cards.values())
    result = outcome(desk, verification, shown)
    assert (result["outcome"], result["code"]) == ("accept", None)
    assert shown_types(result) == {card.credential_type for card in profile.credentials}
    for card in result["cards"]:
        assert card["claims"] == shown["disclosed"][card["type"]]


@pytest.mark.req("DCQL-05")
def test_of_the_claim_sets_it_takes_the_first_that_its_card_has(
    services: RunningServices, wallet: NpmWallet, desk: httpx2.Client
) -> None:
    dropped = {"contact_unit", "reassessment_date"}
    whole = claims_of("statement_feedback")
    claims = {name: value for name, value in whole.items() if name not in dropped}
    poorer = received(services, wallet, "statement_feedback", claims)
    verification = asked(desk, "te_service_need")
    shown = wallet.present(verification["request_link"], poorer)
    result = outcome(desk, verification, shown)
    assert result["outcome"] == "accept"
    (card,) = result["cards"]
    profile = CATALOGUE.profiles["te_service_need"]
    wanted = {
        str(path[0])
        for path in (
            *profile.credentials[0].required_claims,
            *profile.credentials[0].optional_claims,
        )
    }
    assert dropped <= wanted
    assert card["claims"].keys() & wanted == wanted - dropped


@pytest.mark.req("DCQL-06", "DCQL-07")
def test_of_the_credential_sets_it_answers_those_it_can(
    wallet: NpmWallet, desk: httpx2.Client, cards: dict[str, Json]
) -> None:
    profile = CATALOGUE.profiles["te_combined_first_visit"]
    needed = [card.credential_type for card in profile.credentials if not card.if_held]
    may_be = [card.credential_type for card in profile.credentials if card.if_held]
    assert needed
    assert may_be

    held = {*needed, may_be[-1]}
    verification = asked(desk, profile.id)
    shown = wallet.present(verification["request_link"], *(cards[one] for one in held))
    result = outcome(desk, verification, shown)
    assert result["outcome"] == "accept"
    assert shown_types(result) == held

    verification = asked(desk, profile.id)
    with pytest.raises(WalletRefused, match="cannot satisfy the query"):
        wallet.present(verification["request_link"], *(cards[one] for one in may_be))


@pytest.mark.req("DCQL-08", "VP-23")
def test_where_several_cards_may_be_shown_it_shows_several(
    services: RunningServices, wallet: NpmWallet, desk: httpx2.Client, cards: dict[str, Json]
) -> None:
    another = received(services, wallet, "service_plan")
    verification = asked(desk, "shared_situation_picture")
    shown = wallet.present(verification["request_link"], cards["service_plan"], another)
    result = outcome(desk, verification, shown)
    assert result["outcome"] == "accept"
    assert [card["type"] for card in result["cards"]] == ["service_plan"] * 2


@pytest.mark.req("VP-31", "VP-32", "SDJWT-21", "DCQL-16")
def test_the_queries_of_every_role_are_answered_so_that_we_accept(needs_node: Node) -> None:
    """Without services: their query engine and their presentations, our checks of them."""
    now = datetime.now(UTC).replace(microsecond=0)
    pki, rng, holder = make_demo_pki(at=now), random.Random(5), SoftwareSigner.generate()

    def card(type_id: str, payload: str) -> Json:
        credential_type = CATALOGUE.types[type_id]
        content = VcContent(
            vct=credential_type.vct,
            issuer="https://issuer.example/org",
            claims=example_claims(payload, today=now.date()),
            always=credential_type.always_disclosed(),
            issued_on=now.date(),
            expires_at=now + timedelta(days=30),
            holder_jwk=public_jwk(holder.public_key),
        )
        signer = pki.signer(min(credential_type.issuers), "credential")
        text = issue_vc(content, signer=signer, random_bytes=rng.randbytes)
        return {"credential": text, "holderKey": private_jwk(holder)}

    held = [card(type_id, payload) for type_id, payload in sorted(PAYLOADS.items())]
    held.append(card("authority_decision", "12_partial_work_ability_certificate"))
    queries = {one.id: query_for(one, CATALOGUE) for one in CATALOGUE.profiles.values()}
    wish = {"do": "answer", "held": held, "audience": CLIENT_ID, "nonce": NONCE}
    wishes: list[Json] = [{**wish, "query": query_json(one)} for one in queries.values()]
    expected = Expected(
        issuer=IssuersOnTrustList(pki.trust_list),
        at=now + timedelta(seconds=1),
        key_binding=ExpectedKeyBinding(
            audience=CLIENT_ID, nonce=NONCE, at=datetime.now(UTC) + timedelta(seconds=1)
        ),
    )
    assert len(queries) >= 27
    for (profile_id, query), reply in zip(
        queries.items(), formats(needs_node, wishes), strict=True
    ):
        assert "result" in reply, (profile_id, reply)
        presented = {
            query_id: [verify(text, expected) for text in texts]
            for query_id, texts in reply["result"]["vpToken"].items()
        }
        check_satisfied(
            query,
            {
                query_id: [Presented(one.vct, one.claims, one.partial_arrays) for one in ones]
                for query_id, ones in presented.items()
            },
        )
