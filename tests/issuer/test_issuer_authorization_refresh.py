"""Coming back with a refresh token: for the same wallet alone, and for a card near its end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from issuer.parts.lives import make_sweep_expired
from issuer.ports.claims_source import Later, Nothing, Ready
from issuer.usecases.claims_source_failures import ClaimsSourceUnavailable
from keys.software_signer import SoftwareSigner
from openid4vc.sd_jwt.parse import parse
from openid4vc.status_list.bits import Status
from tests.issuer.asking import AskingWallet, AskingWorld
from tests.issuer.proving import refusal
from tests.issuer.world import MALLIMAA_TYPE, claims_of

Change = Callable[[AskingWallet], object]


def near_its_end(world: AskingWorld, card: str) -> None:
    """Move on to ten days before a card's end."""
    end = parse(card).claims["exp"]
    assert isinstance(end, int)
    world.clock.advance(seconds=end - world.clock.now().timestamp() - 10 * 86_400)


def another_instance(wallet: AskingWallet) -> None:
    wallet.instance = SoftwareSigner.generate()


def another_key(wallet: AskingWallet) -> None:
    wallet.key = SoftwareSigner.generate()


def another_client(wallet: AskingWallet) -> None:
    wallet.client_id = "another-wallet"


@pytest.mark.req("ABCA-14")
@pytest.mark.parametrize("change", [another_instance, another_key, another_client])
def test_a_refresh_token_is_one_wallets(
    asked: AskingWorld, asking: AskingWallet, change: Change
) -> None:
    told = asking.tokens()
    thief = AskingWallet(asked, instance=asking.instance, key=asking.key, nonce=asking.nonce)
    change(thief)

    answer = thief.refresh(told["refresh_token"])

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert "refresh_of_other_wallet" in answer.json()["error_description"]
    assert asking.refresh(told["refresh_token"]).status_code == 200


@pytest.mark.req("ABCA-14")
@pytest.mark.parametrize("header", ["DPoP", "OAuth-Client-Attestation"])
def test_a_refresh_token_alone_is_nothing(
    asked: AskingWorld, asking: AskingWallet, header: str
) -> None:
    refresh_token = asking.tokens()["refresh_token"]
    headers = asking.headers("token")
    kept = {name: value for name, value in headers.items() if not name.startswith(header)}
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}

    assert asked.post("/mallimaa/token", data=form, headers=kept).status_code in {400, 401}


@pytest.mark.parametrize(
    "change", [lambda text: text[:-1] + "x", lambda text: "0" * 32 + text[32:]]
)
def test_a_guessed_refresh_token(asking: AskingWallet, change: Callable[[str], str]) -> None:
    refresh_token = asking.tokens()["refresh_token"]

    answer = asking.refresh(change(refresh_token)).json()

    assert answer["error"] == "invalid_grant"
    assert "refresh_refused" in answer["error_description"]


def test_another_token_for_the_same_card(asked: AskingWorld, asking: AskingWallet) -> None:
    told = asking.tokens()
    asked.clock.advance(minutes=4)

    again = asking.refresh(told["refresh_token"]).json()

    assert again["token_type"] == "DPoP"
    assert asking.ask_credential(told["access_token"]).status_code == 401
    asking.credential(again["access_token"])
    assert len(asked.source.asked) == 1


def test_a_card_near_its_end_gets_a_successor(asked: AskingWorld, asking: AskingWallet) -> None:
    card, told = asking.receive()
    near_its_end(asked, card)

    again = asking.refresh(told["refresh_token"])

    assert again.status_code == 200, again.text
    token = again.json()["access_token"]
    new, notification_id = asking.credential(token)
    assert asking.holder.status_of(card) is Status.VALID
    asking.accept(token, notification_id)
    assert asking.holder.status_of(card) is Status.INVALID
    assert asking.holder.status_of(new) is Status.VALID
    assert len({one[3] for one in asked.source.asked}) == 2
    # The same refresh token goes on.
    assert asking.refresh(told["refresh_token"]).status_code == 200


def test_a_card_that_never_arrived_is_made_anew(asked: AskingWorld, asking: AskingWallet) -> None:
    told = asking.tokens()
    asked.clock.advance(minutes=6)
    asked.run(sweep(asked))

    token = asking.refresh(told["refresh_token"]).json()["access_token"]

    card, _ = asking.credential(token)
    assert asking.holder.status_of(card) is Status.VALID


def test_in_between_there_is_nothing_to_be_had(asked: AskingWorld, asking: AskingWallet) -> None:
    _, told = asking.receive()
    asked.clock.advance(days=2)

    again = asking.refresh(told["refresh_token"])

    assert again.status_code == 200
    denied = asking.ask_credential(again.json()["access_token"])
    assert denied.json()["error"] == "credential_request_denied"
    assert len(asked.source.asked) == 1


@pytest.mark.parametrize("action", ["revoke", "suspend"])
def test_what_was_taken_away_is_not_renewed(
    asked: AskingWorld, asking: AskingWallet, action: str
) -> None:
    card, told = asking.receive()
    near_its_end(asked, card)
    (row,) = asked.dump()["credentials"]
    reason = "superseded" if action == "revoke" else "appeal_pending"
    body = {"action": action, "reason": reason}
    changed = asked.post(
        f"/api/v1/mallimaa/credentials/{row[0]}/status", json=body, headers=asked.auth()
    )
    assert changed.status_code == 200, changed.text

    answer = asking.refresh(told["refresh_token"])

    assert answer.json()["error"] == "invalid_grant"
    assert len(asked.source.asked) == 1


@pytest.mark.parametrize("lapsed", [True, False])
def test_a_renewal_that_was_begun_is_no_way_around_a_revocation(
    asked: AskingWorld, asking: AskingWallet, *, lapsed: bool
) -> None:
    card, told = asking.receive()
    near_its_end(asked, card)
    token = asking.refresh(told["refresh_token"]).json()["access_token"]
    (row,) = asked.dump()["credentials"]
    changed = asked.post(
        f"/api/v1/mallimaa/credentials/{row[0]}/status",
        json={"action": "revoke", "reason": "superseded"},
        headers=asked.auth(),
    )
    assert changed.status_code == 200, changed.text
    denied = asking.ask_credential(token)
    assert refusal(denied)[:2] == (400, "credential_request_denied")
    if lapsed:
        asked.clock.advance(minutes=6)
        asked.run(make_sweep_expired(asked.parts)())

    answer = asking.refresh(told["refresh_token"])

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert "refresh_refused" in answer.json()["error_description"]
    assert len(asked.source.asked) == 2


def test_a_renewal_that_lapsed_still_replaces_the_older_card(
    asked: AskingWorld, asking: AskingWallet
) -> None:
    card, told = asking.receive()
    near_its_end(asked, card)
    assert asking.refresh(told["refresh_token"]).status_code == 200
    asked.clock.advance(minutes=6)
    asked.run(make_sweep_expired(asked.parts)())

    token = asking.refresh(told["refresh_token"]).json()["access_token"]
    _, notification_id = asking.credential(token)
    asking.accept(token, notification_id)

    assert asking.holder.status_of(card) is Status.INVALID


def test_what_is_taken_away_while_the_system_is_asked_is_not_renewed(
    asked: AskingWorld, asking: AskingWallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, told = asking.receive()
    near_its_end(asked, card)
    (row,) = asked.dump()["credentials"]
    body = {"action": "revoke", "reason": "superseded"}
    headers, fetch = asked.auth(), asked.source.fetch

    async def revoked_meanwhile(*wanted: Any, **more: Any) -> Any:
        changed = await asked.client.post(
            f"/api/v1/mallimaa/credentials/{row[0]}/status", json=body, headers=headers
        )
        assert changed.status_code == 200, changed.text
        return await fetch(*wanted, **more)

    monkeypatch.setattr(asked.source, "fetch", revoked_meanwhile)

    answer = asking.refresh(told["refresh_token"])

    assert answer.json()["error"] == "invalid_grant"
    assert "refresh_refused" in answer.json()["error_description"]
    assert len(asked.dump()["offers"]) == 1


@pytest.mark.parametrize("answer", [Nothing(), Ready("client-4712", claims_of(MALLIMAA_TYPE))])
def test_nothing_more_or_somebody_elses(
    asked: AskingWorld, asking: AskingWallet, answer: Ready | Nothing
) -> None:
    card, told = asking.receive()
    near_its_end(asked, card)
    asked.source.answer = answer

    assert asking.refresh(told["refresh_token"]).json()["error"] == "invalid_grant"
    assert asking.holder.status_of(card) is Status.VALID


def test_a_system_that_is_away_costs_no_refresh_token(
    asked: AskingWorld, asking: AskingWallet
) -> None:
    card, told = asking.receive()
    near_its_end(asked, card)
    answer = asked.source.answer
    asked.source.answer = ClaimsSourceUnavailable("away")

    away = asking.refresh(told["refresh_token"])

    assert (away.status_code, away.json()["error"]) == (503, "temporarily_unavailable")
    assert "renewal_not_now" in away.json()["error_description"]
    asked.source.answer = answer
    assert asking.refresh(told["refresh_token"]).status_code == 200


def test_a_successor_may_be_waited_for(asked: AskingWorld, asking: AskingWallet) -> None:
    card, told = asking.receive()
    near_its_end(asked, card)
    asked.source.answer = Later("client-4711")

    token = asking.refresh(told["refresh_token"]).json()["access_token"]

    assert asking.ask_credential(token).status_code == 202
    assert asking.holder.status_of(card) is Status.VALID


def test_a_lost_phone_renews_nothing(asked: AskingWorld, asking: AskingWallet) -> None:
    _, told = asking.receive()
    report = asked.post(
        "/api/v1/mallimaa/subjects/lost-phone",
        json={"subject_ref": "client-4711"},
        headers=asked.auth() | {"Idempotency-Key": "lost"},
    )
    assert report.status_code == 200, report.text

    assert asking.refresh(told["refresh_token"]).json()["error"] == "invalid_grant"
    (row,) = asked.dump()["authorizations"]
    assert "over" in row


def test_an_erased_client_leaves_no_authorization(asked: AskingWorld, asking: AskingWallet) -> None:
    _, told = asking.receive()
    erased = asked.post(
        "/api/v1/mallimaa/subjects/erase",
        json={"subject_ref": "client-4711"},
        headers=asked.auth(),
    )
    assert erased.status_code == 200, erased.text

    assert asked.dump()["authorizations"] == []
    assert asking.refresh(told["refresh_token"]).json()["error"] == "invalid_grant"


def test_after_that_many_days_somebody_signs_in_again(tmp_path: Path) -> None:
    world = AskingWorld(f"sqlite:///{tmp_path}/issuer.db", tmp_path, authorization_days=3)
    wallet = AskingWallet(world)
    told = wallet.receive()[1]
    world.clock.advance(days=3)

    assert wallet.refresh(told["refresh_token"]).json()["error"] == "invalid_grant"
    world.run(sweep(world))
    assert world.dump()["authorizations"] == []
    world.close()


async def sweep(world: AskingWorld) -> None:
    await make_sweep_expired(world.parts)()
