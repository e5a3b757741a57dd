"""Health data go to wallets encrypted, beneath TLS, unless an operator turned that off, loudly."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from credential_schemas.loader import load_catalogue
from issuer.settings import Settings
from openid4vc.openid4vci.deferred import read_deferral
from openid4vc.openid4vci.encryption import read_issuer_encryption
from openid4vc.openid4vci.issuer_id import CREDENTIAL_ISSUER, well_known
from tests.issuer.proving import refusal
from tests.issuer.test_issuer_encryption import Sealed
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, offer_body

HEALTH = {"itsearviointi", "mallimaa", "kela", "elake", "tyollisyysalue", "palvelutarjotin"}
MISSING = (400, "invalid_encryption_parameters", "response_encryption_missing")


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[World]:
    """An issuer as operators get it."""
    world = World(f"sqlite:///{tmp_path}/issuer.db", unsafe_clear_health_data=False)
    yield world
    world.close()


def described(world: World, org: str) -> dict[str, Any]:
    found: dict[str, Any] = world.get(
        well_known(f"https://issuer.test/{org}", CREDENTIAL_ISSUER)
    ).json()
    return found


def test_the_catalogue_says_which_types_hold_health_data() -> None:
    types = load_catalogue().types
    plain = {name for name, one in types.items() if not one.holds_health_data}
    assert plain == {
        "consent_receipt",
        "demo_pid",
        "qualification",
        "service_plan",
        "wellbeing_referral",
    }


@pytest.mark.req("VCI-11", "VCI-59")
def test_the_metadata_ask_for_it_where_health_data_are_issued(strict: World) -> None:
    organisations = load_catalogue().organisations
    offers = [read_issuer_encryption(described(strict, org)) for org in organisations]
    assert all(one.request is not None for one in offers)
    required = {
        org
        for org in organisations
        if read_issuer_encryption(described(strict, org)).response_required
    }
    assert required == HEALTH


@pytest.mark.req("VCI-59")
def test_a_request_in_the_clear_gets_no_health_data(strict: World) -> None:
    wallet = TinyWallet(strict)
    token = wallet.token(wallet.open_link(strict.offer()["offer_link"]))
    before = strict.dump()
    answer = wallet.ask_credential(token, wallet.request("statement_feedback"))
    assert refusal(answer) == MISSING
    assert strict.dump()["credentials"] == before["credentials"]


@pytest.mark.req("VCI-59", "VCI-60")
def test_an_encrypted_request_that_asks_for_no_encrypted_answer(strict: World) -> None:
    sealed = Sealed(strict)
    answer = sealed.post(sealed.seal(sealed.wallet.request("statement_feedback")))
    assert refusal(answer) == MISSING
    assert sealed.post(sealed.seal(sealed.body())).status_code == 200


@pytest.mark.req("VCI-59", "VCI-66")
def test_coming_back_for_it_asks_for_the_same(strict: World) -> None:
    body = offer_body()
    del body["claims"]
    sealed = Sealed(strict, body)
    waiting = sealed.post(sealed.seal(sealed.body()))
    transaction_id = read_deferral(sealed.opened(waiting)).transaction_id
    clear = {"transaction_id": transaction_id}
    headers = {"Authorization": f"Bearer {sealed.token}"}
    refused = strict.post("/mallimaa/deferred-credential", json=clear, headers=headers)
    assert refusal(refused) == MISSING
    asked = {
        **clear,
        "credential_response_encryption": sealed.body()["credential_response_encryption"],
    }
    again = sealed.post(sealed.seal(asked), to="deferred-credential")
    assert again.status_code == 202
    assert read_deferral(sealed.opened(again)).transaction_id == transaction_id


def test_who_issues_no_health_data_answers_in_the_clear_too(strict: World) -> None:
    wallet = TinyWallet(strict, org="oppilaitos")
    made = strict.offer(offer_body("qualification"), org="oppilaitos")
    token = wallet.token(wallet.open_link(made["offer_link"]))
    answer = wallet.ask_credential(token, wallet.request("qualification"))
    assert answer.status_code == 200, answer.text


def test_turning_it_off_is_loud(world: World) -> None:
    assert not Settings(base_url="https://issuer.example").unsafe_choices()
    loud = Settings(base_url="https://issuer.test", unsafe_clear_health_data=True)
    assert loud.unsafe_choices() == ("health data to wallets in the clear",)
    assert not read_issuer_encryption(described(world, "mallimaa")).response_required


@pytest.mark.parametrize(
    "choices",
    [
        {"base_url": "https://issuer.example"},
        {"base_url": "https://issuer.test.example"},
        {"base_url": "https://issuer.test", "real_identity_codes": True},
    ],
    ids=["a name that others reach", "one that only begins so", "real people"],
)
def test_turning_it_off_is_refused_where_it_could_hurt_somebody(choices: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"tests on this machine|never in a demo"):
        Settings(**choices, unsafe_clear_health_data=True)
