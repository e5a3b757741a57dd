"""The token endpoint: one token for one code, five tries for a PIN, exact errors."""

from typing import Any

import pytest

from openid4vc.openid4vci.token import GRANT, token_request_form
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, offer_body

WITH_PIN = {"channel": "screen", "pin": True}


def wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 1_000_000:06}"


@pytest.mark.req("VCI-34", "VCI-38", "VCI-39")
def test_a_code_gives_a_bearer_token_of_five_minutes(world: World, wallet: TinyWallet) -> None:
    answer = wallet.ask_token(wallet.open_link(world.offer()["offer_link"]))
    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert set(body) == {"access_token", "token_type", "expires_in"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 300)
    token = body["access_token"]
    world.clock.advance(minutes=5)
    late = wallet.ask_credential(token, wallet.request("statement_feedback"))
    assert (late.status_code, late.json()["error"]) == (401, "invalid_token")


@pytest.mark.req("VCI-28")
def test_ten_at_once_get_one_token(world: World, wallet: TinyWallet) -> None:
    offer = wallet.open_link(world.offer()["offer_link"])
    form = token_request_form(offer.pre_authorized_code or "")

    answers = world.all_at_once(
        [lambda: world.client.post("/mallimaa/token", data=form) for _ in range(10)]
    )

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [400] * 9
    refused = [answer.json()["error"] for answer in answers if answer.status_code == 400]
    assert refused == ["invalid_grant"] * 9
    assert len(world.dump()["grants"]) == 1


@pytest.mark.req("VCI-31", "VCI-35")
def test_five_wrong_pins_kill_the_code(world: World, wallet: TinyWallet) -> None:
    made = world.offer(offer_body(delivery=WITH_PIN))
    offer = wallet.open_link(made["offer_link"])
    assert offer.tx_code is not None
    assert (offer.tx_code.length, offer.tx_code.input_mode) == (6, "numeric")

    for _ in range(5):
        answer = wallet.ask_token(offer, wrong(made["pin"]))
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    assert wallet.ask_token(offer, made["pin"]).json()["error"] == "invalid_grant"
    assert world.offer_state(made["offer_id"])["state"] == "blocked"
    assert not world.dump()["sealed_claims"]


@pytest.mark.req("VCI-31")
def test_guesses_at_once_are_counted_before_they_are_compared(
    world: World, wallet: TinyWallet
) -> None:
    made = world.offer(offer_body(delivery=WITH_PIN))
    offer = wallet.open_link(made["offer_link"])
    guesses = [wrong(made["pin"])] * 40 + [made["pin"]]
    forms = [token_request_form(offer.pre_authorized_code or "", tx_code=pin) for pin in guesses]

    def asking(form: dict[str, str]) -> Any:
        return lambda: world.client.post("/mallimaa/token", data=form)

    answers = world.all_at_once([asking(form) for form in forms])

    assert {answer.status_code for answer in answers} == {400}
    assert world.offer_state(made["offer_id"])["state"] == "blocked"


def test_four_wrong_pins_leave_one_try(world: World, wallet: TinyWallet) -> None:
    made = world.offer(offer_body(delivery=WITH_PIN))
    offer = wallet.open_link(made["offer_link"])
    for pin in ("000000x", "\uff11\uff12\uff13\uff14\uff15\uff16", " ", wrong(made["pin"])):
        assert wallet.ask_token(offer, pin).status_code == 400
    assert wallet.token(offer, made["pin"])


@pytest.mark.req("VCI-29", "VCI-35")
@pytest.mark.parametrize(
    ("has_pin", "form", "error"),
    [
        (False, {"tx_code": "123456"}, "invalid_request"),
        (True, {}, "invalid_request"),
        (True, {"tx_code": ""}, "invalid_request"),
        (True, {"tx_code": "x" * 65}, "invalid_request"),
        (False, {"pre-authorized_code": "guess"}, "invalid_grant"),
        (False, {"pre-authorized_code": ""}, "invalid_request"),
        (False, {"grant_type": "client_credentials"}, "unsupported_grant_type"),
        (False, {"grant_type": ""}, "invalid_request"),
    ],
)
def test_each_fault_has_its_own_code_and_costs_nothing(
    world: World, wallet: TinyWallet, has_pin: bool, form: dict[str, str], error: str
) -> None:
    made = world.offer(offer_body(delivery={"channel": "screen", "pin": has_pin}))
    offer = wallet.open_link(made["offer_link"])
    base = {"grant_type": GRANT, "pre-authorized_code": offer.pre_authorized_code or ""}
    before = world.dump()

    answer = world.post("/mallimaa/token", data={**base, **form})

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["cache-control"] == "no-store"
    assert world.dump() == before
    assert wallet.token(offer, made.get("pin"))


@pytest.mark.req("VCI-17", "VCI-34")
def test_unknown_parameters_and_a_client_id_are_no_fault(world: World, wallet: TinyWallet) -> None:
    offer = wallet.open_link(world.offer()["offer_link"])
    form = token_request_form(offer.pre_authorized_code or "")
    extra = {"client_id": "wallet", "resource": "https://issuer.test/mallimaa", "user_pin": "1"}
    assert world.post("/mallimaa/token", data=form | extra).status_code == 200


@pytest.mark.req("VCI-28", "VCI-35")
def test_a_code_works_at_its_own_organisation_and_until_it_expires(
    world: World, wallet: TinyWallet
) -> None:
    offer = wallet.open_link(world.offer()["offer_link"])
    form = token_request_form(offer.pre_authorized_code or "")
    elsewhere = world.post("/kela/token", data=form)
    assert (elsewhere.status_code, elsewhere.json()["error"]) == (400, "invalid_grant")
    nowhere = world.post("/nobody/token", data=form)
    assert nowhere.status_code == 404
    world.clock.advance(minutes=15)
    assert wallet.ask_token(offer).json()["error"] == "invalid_grant"


def test_a_parameter_said_twice_is_refused(world: World, wallet: TinyWallet) -> None:
    offer = wallet.open_link(world.offer()["offer_link"])
    pair = f"pre-authorized_code={offer.pre_authorized_code}"
    answer = world.post(
        "/mallimaa/token",
        content=f"grant_type={GRANT}&{pair}&{pair}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert wallet.token(offer)
