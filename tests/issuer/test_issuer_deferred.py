"""Offers whose claims come later: waiting, refreshing the access, collecting once."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from issuer.model import OfferState
from issuer.parts.lives import make_sweep_expired
from issuer.usecases.deferred.waiting import COLLECT_WITHIN, WAIT_AT_MOST
from issuer.usecases.failures import ClaimsAlreadyGiven, OfferNotOpen, TypeHasChanged
from openid4vc.openid4vci.credential import read_credential_response
from openid4vc.openid4vci.deferred import deferred_request_json, read_deferral
from openid4vc.openid4vci.errors import CredentialRequestDenied, InvalidTransactionId
from openid4vc.openid4vci.metadata import read_issuer_metadata
from openid4vc.openid4vci.notification import Event
from openid4vc.openid4vci.token import read_token_response, refresh_request_form
from openid4vc.sd_jwt.parse import parse
from openid4vc.status_list.bits import Status
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, claims_of, offer_body

TYPE = "statement_feedback"


class Waiting:
    """A wallet that has redeemed an offer without claims, and asked for the credential."""

    def __init__(self, world: World, wallet: TinyWallet) -> None:
        self.world, self.wallet = world, wallet
        body = offer_body()
        del body["claims"]
        self.made = world.offer(body)
        self.offer_id = self.made["offer_id"]
        answer = wallet.ask_token(wallet.open_link(self.made["offer_link"]))
        assert answer.status_code == 200, answer.text
        self._take(answer)

    def _take(self, answer: httpx2.Response) -> None:
        token = read_token_response(answer.json())
        assert token.refresh_token is not None
        self.token, self.refresh_token = token.access_token, token.refresh_token

    def ask(self) -> str:
        """Ask for the credential; returns the transaction id."""
        answer = self.wallet.ask_credential(self.token, self.wallet.request(TYPE))
        assert answer.status_code == 202, answer.text
        return read_deferral(answer.json()).transaction_id

    def come_back(self, transaction_id: str, token: str | None = None) -> httpx2.Response:
        return self.world.post(
            "/mallimaa/deferred-credential",
            json=deferred_request_json(transaction_id),
            headers={"Authorization": f"Bearer {token or self.token}"},
        )

    def send_refresh(self, refresh_token: str | None = None) -> httpx2.Response:
        form = refresh_request_form(refresh_token or self.refresh_token)
        return self.world.post("/mallimaa/token", data=form)

    def refresh(self) -> None:
        answer = self.send_refresh()
        assert answer.status_code == 200, answer.text
        self._take(answer)

    def put(self, claims: object = None, offer_id: str | None = None) -> httpx2.Response:
        path = f"/api/v1/mallimaa/offers/{offer_id or self.offer_id}/claims"
        body = {"claims": claims_of(TYPE) if claims is None else claims}
        return self.world.run(
            self.world.client.put(path, json=body, headers=self.world.auth("mallimaa"))
        )

    @property
    def state(self) -> dict[str, Any]:
        return self.world.offer_state(self.offer_id)


@pytest.fixture
def waiting(world: World, wallet: TinyWallet) -> Waiting:
    return Waiting(world, wallet)


def error(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


@pytest.mark.req("VCI-63", "VCI-66", "VCI-67", "VCI-75")
def test_a_wallet_waits_comes_back_and_collects_once(world: World, waiting: Waiting) -> None:
    transaction_id = waiting.ask()
    assert waiting.state["awaits_claims"]
    for _ in range(2):
        later = waiting.come_back(transaction_id)
        assert later.status_code == 202
        assert later.json() == {"transaction_id": transaction_id, "interval": 300}
    world.clock.advance(hours=30)
    assert waiting.come_back(transaction_id).status_code == 401  # five minutes, not longer
    waiting.refresh()
    assert waiting.come_back(transaction_id).status_code == 202

    assert waiting.put().status_code == 200
    assert not waiting.state["awaits_claims"]
    answer = waiting.come_back(transaction_id)
    assert answer.status_code == 200
    issued = read_credential_response(answer.json())
    assert issued.notification_id is not None
    claims = parse(issued.credentials[0]).claims
    assert claims["cnf"] == {"jwk": waiting.wallet.jwk}  # the key proved at the beginning
    assert waiting.wallet.status_of(issued.credentials[0]) is Status.VALID
    assert error(waiting.come_back(transaction_id)) == (400, InvalidTransactionId.error)

    told = waiting.wallet.notify(waiting.token, issued.notification_id, Event.ACCEPTED)
    assert told.status_code == 204
    assert waiting.state["state"] == "completed"
    dump = world.dump()
    assert dump["sealed_claims"] == dump["deferrals"] == []


@pytest.mark.req("VCI-66", "VCI-74")
@pytest.mark.parametrize("said", [{}, {"reports_follow": "yes"}, {"reports_follow": None}])
def test_a_wallet_that_does_not_say_that_it_reports_gets_nothing_to_report_with(
    world: World, waiting: Waiting, said: dict[str, object]
) -> None:
    body = {"transaction_id": waiting.ask(), **said}
    waiting.put()
    answer = world.post(
        "/mallimaa/deferred-credential",
        json=body,
        headers={"Authorization": f"Bearer {waiting.token}"},
    )
    assert answer.json().keys() == {"credentials"}
    world.clock.advance(hours=1)
    sweep(world)
    assert waiting.state["state"] == "lapsed"
    (text,) = read_credential_response(answer.json()).credentials
    assert waiting.wallet.status_of(text) is Status.VALID
    assert world.dump()["sealed_claims"] == []


@pytest.mark.req("VCI-66", "VCI-75")
def test_a_transaction_belongs_to_its_own_token(world: World, wallet: TinyWallet) -> None:
    mine, other = Waiting(world, wallet), Waiting(world, TinyWallet(world))
    mine_id, other_id = mine.ask(), other.ask()
    mine.put()
    other.put()
    assert error(mine.come_back(other_id)) == (400, InvalidTransactionId.error)
    assert error(mine.come_back("made-up")) == (400, InvalidTransactionId.error)
    assert mine.come_back(mine_id, token="made-up").status_code == 401
    without = world.post("/mallimaa/deferred-credential", json=deferred_request_json(mine_id))
    assert without.status_code == 401
    elsewhere = world.post(
        "/kela/deferred-credential",
        json=deferred_request_json(mine_id),
        headers={"Authorization": f"Bearer {mine.token}"},
    )
    assert elsewhere.status_code == 401
    assert mine.come_back(mine_id).status_code == 200
    assert other.come_back(other_id).status_code == 200


@pytest.mark.req("VCI-66")
def test_asking_again_makes_a_new_transaction_for_the_new_key(
    world: World, waiting: Waiting
) -> None:
    first = waiting.ask()
    waiting.wallet = TinyWallet(world)
    second = waiting.ask()
    waiting.put()
    assert error(waiting.come_back(first)) == (400, InvalidTransactionId.error)
    issued = read_credential_response(waiting.come_back(second).json())
    assert parse(issued.credentials[0]).claims["cnf"] == {"jwk": waiting.wallet.jwk}


def test_a_lost_answer_is_asked_for_again_with_a_fresh_proof(
    world: World, waiting: Waiting
) -> None:
    transaction_id = waiting.ask()
    waiting.put()
    lost = read_credential_response(waiting.come_back(transaction_id).json()).credentials[0]
    again, number = waiting.wallet.credential(waiting.token)
    assert waiting.wallet.status_of(lost) is Status.INVALID
    assert waiting.wallet.status_of(again) is Status.VALID
    assert waiting.wallet.notify(waiting.token, number, Event.ACCEPTED).status_code == 204


def test_of_several_collections_at_once_one_gets_the_card(world: World, waiting: Waiting) -> None:
    transaction_id = waiting.ask()
    waiting.put()
    headers = {"Authorization": f"Bearer {waiting.token}"}
    body = deferred_request_json(transaction_id)
    path = "/mallimaa/deferred-credential"
    answers = world.all_at_once([lambda: world.client.post(path, json=body, headers=headers)] * 5)
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400]
    assert [copy["state"] for copy in waiting.state["credentials"]] == ["valid"]


def test_claims_withdrawal_and_collection_at_once_leave_no_claims_of_an_ended_offer(
    world: World, waiting: Waiting
) -> None:
    transaction_id = waiting.ask()
    offer = f"/api/v1/mallimaa/offers/{waiting.offer_id}"
    claims = {"claims": claims_of(TYPE)}
    headers, bearer = world.auth(), {"Authorization": f"Bearer {waiting.token}"}
    body = deferred_request_json(transaction_id)
    answers = world.all_at_once(
        [
            lambda: world.client.put(f"{offer}/claims", json=claims, headers=headers),
            lambda: world.client.post("/mallimaa/deferred-credential", json=body, headers=bearer),
            lambda: world.client.post(f"{offer}/withdraw", headers=headers),
            lambda: world.client.put(f"{offer}/claims", json=claims, headers=headers),
            lambda: world.client.post("/mallimaa/deferred-credential", json=body, headers=bearer),
        ]
    )
    assert all(answer.status_code < 500 for answer in answers)
    told = waiting.state
    assert told["state"] == "withdrawn"
    assert all(copy["state"] == "revoked" for copy in told["credentials"])
    dump = world.dump()
    assert dump["sealed_claims"] == dump["deferrals"] == []


def test_claims_that_came_before_the_wallet_are_given_at_once(
    world: World, wallet: TinyWallet
) -> None:
    body = offer_body()
    del body["claims"]
    made = world.offer(body)
    path = f"/api/v1/mallimaa/offers/{made['offer_id']}/claims"
    put = world.run(world.client.put(path, json={"claims": claims_of(TYPE)}, headers=world.auth()))
    assert put.json()["awaits_claims"] is False
    assert put.json()["offer_link"] == made["offer_link"]
    answer = wallet.ask_token(wallet.open_link(made["offer_link"]))
    assert "refresh_token" not in answer.json()
    assert wallet.status_of(wallet.credential(answer.json()["access_token"])[0]) is Status.VALID


def test_claims_that_do_not_fit_are_refused_and_the_offer_goes_on_waiting(
    waiting: Waiting,
) -> None:
    transaction_id = waiting.ask()
    wrong = {**claims_of(TYPE), "family_name": 7, "made_up": "x"}
    refused = waiting.put(wrong)
    assert refused.status_code == 422
    assert len(refused.json()["problems"]) >= 2
    assert waiting.put({}).status_code == 422
    assert waiting.put([]).status_code == 422
    assert waiting.come_back(transaction_id).status_code == 202
    assert waiting.state["awaits_claims"]
    assert waiting.put().status_code == 200
    assert waiting.come_back(transaction_id).status_code == 200


def test_claims_are_given_once_and_the_same_call_does_no_harm(
    world: World, waiting: Waiting
) -> None:
    waiting.ask()
    path = f"/api/v1/mallimaa/offers/{waiting.offer_id}/claims"
    body, headers = {"claims": claims_of(TYPE)}, world.auth()
    answers = world.all_at_once([lambda: world.client.put(path, json=body, headers=headers)] * 4)
    assert {answer.status_code for answer in answers} == {200}
    other = {**claims_of(TYPE), "given_name": "Joku Muu"}
    refused = waiting.put(other)
    assert (refused.status_code, refused.json()["code"]) == (409, ClaimsAlreadyGiven.code)
    assert len(world.dump()["sealed_claims"]) == 1
    given = [row for row in world.dump()["audit_entries"] if "give_claims" in row]
    assert len(given) == 1


def test_an_offer_made_with_claims_takes_no_others(world: World, waiting: Waiting) -> None:
    made = world.offer()
    assert waiting.put(offer_id=made["offer_id"]).status_code == 200  # the very same
    refused = waiting.put({**claims_of(TYPE), "given_name": "Muu"}, offer_id=made["offer_id"])
    assert refused.json()["code"] == ClaimsAlreadyGiven.code


@pytest.mark.parametrize("end", ["withdrawn", "expired", "completed", "blocked"])
def test_an_offer_that_has_ended_takes_no_claims(
    world: World, wallet: TinyWallet, waiting: Waiting, end: str
) -> None:
    if end == "completed":
        transaction_id = waiting.ask()
        waiting.put()
        issued = read_credential_response(waiting.come_back(transaction_id).json())
        assert issued.notification_id is not None
        wallet.notify(waiting.token, issued.notification_id, Event.ACCEPTED)
        offer_id = waiting.offer_id
    else:
        body = offer_body(delivery={"channel": "screen", "pin": True})
        del body["claims"]
        made = world.offer(body)
        offer_id = made["offer_id"]
        if end == "withdrawn":
            path = f"/api/v1/mallimaa/offers/{offer_id}/withdraw"
            assert world.post(path, headers=world.auth()).status_code == 200
        elif end == "blocked":
            for _ in range(5):
                wallet.ask_token(wallet.open_link(made["offer_link"]), "000000x")
        else:
            world.clock.advance(minutes=15)
    refused = waiting.put(offer_id=offer_id)
    assert (refused.status_code, refused.json()["code"]) == (409, OfferNotOpen.code)
    assert world.offer_state(offer_id)["state"] == end
    assert not world.offer_state(offer_id)["awaits_claims"]


def test_only_the_organisation_and_scope_of_the_offer_may_give_claims(
    world: World, waiting: Waiting
) -> None:
    path = f"offers/{waiting.offer_id}/claims"
    body = {"claims": claims_of(TYPE)}

    def put(org: str, headers: dict[str, str]) -> tuple[int, str]:
        answer = world.run(world.client.put(f"/api/v1/{org}/{path}", json=body, headers=headers))
        return answer.status_code, answer.json()["code"]

    assert put("kela", world.auth("kela")) == (404, "offer_not_found")
    assert put("mallimaa", world.auth("mallimaa", "service_plan")) == (403, "type_not_in_scope")
    assert put("mallimaa", {}) == (401, "api_key_missing")
    assert waiting.state["awaits_claims"]


def test_a_type_that_has_changed_meanwhile_takes_no_claims(world: World, waiting: Waiting) -> None:
    def age(records: Any) -> None:
        records.offers._connection.exec_driver_sql("UPDATE offers SET schema_version = 99")

    world.run(world.parts.store.write(age))
    refused = waiting.put()
    assert (refused.status_code, refused.json()["code"]) == (409, TypeHasChanged.code)


def test_what_was_withdrawn_tells_the_waiting_wallet_so(world: World, waiting: Waiting) -> None:
    transaction_id = waiting.ask()
    path = f"/api/v1/mallimaa/offers/{waiting.offer_id}/withdraw"
    assert world.post(path, headers=world.auth()).status_code == 200
    assert error(waiting.come_back(transaction_id)) == (400, CredentialRequestDenied.error)
    assert error(waiting.send_refresh()) == (400, "invalid_grant")
    assert world.dump()["deferrals"] == []  # the holder's key is gone with it


# --- Refresh tokens -------------------------------------------------------------------------------


def test_a_refresh_token_counts_once_unless_the_answer_was_lost(
    world: World, waiting: Waiting
) -> None:
    first = waiting.refresh_token
    waiting.refresh()
    assert waiting.refresh_token != first
    newest = waiting.refresh_token
    again = waiting.send_refresh(first).json()  # the answer got lost: nothing was done with it
    assert again["refresh_token"] == newest
    waiting.token = again["access_token"]
    waiting.ask()
    assert error(waiting.send_refresh(first)) == (400, "invalid_grant")  # now it is theft
    assert error(waiting.send_refresh(newest)) == (400, "invalid_grant")
    assert waiting.state["state"] == "lapsed"


def test_made_up_and_strange_refresh_tokens_open_nothing(world: World, waiting: Waiting) -> None:
    other = Waiting(world, TinyWallet(world))
    offer_id, generation, secret = waiting.refresh_token.split(".")
    strange = [
        "x",
        f"{offer_id}.{generation}.{secret[::-1]}",
        f"{offer_id}.2.{secret}",
        f"{other.offer_id}.{generation}.{secret}",
        f"{'0' * 32}.1.{secret}",
        waiting.refresh_token + " ",
    ]
    for token in strange:
        assert error(waiting.send_refresh(token)) == (400, "invalid_grant"), token
    elsewhere = world.post("/kela/token", data=refresh_request_form(waiting.refresh_token))
    assert error(elsewhere) == (400, "invalid_grant")
    assert error(world.post("/mallimaa/token", data={"grant_type": "refresh_token"})) == (
        400,
        "invalid_request",
    )
    waiting.refresh()


def test_of_two_refreshes_at_once_both_wallets_know_the_same_next_token(
    world: World, waiting: Waiting
) -> None:
    form = refresh_request_form(waiting.refresh_token)
    answers = world.all_at_once([lambda: world.client.post("/mallimaa/token", data=form)] * 2)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    alive = [
        waiting.wallet.ask_credential(
            answer.json()["access_token"], waiting.wallet.request(TYPE)
        ).status_code
        for answer in answers
    ]
    assert sorted(alive) == [202, 401]  # one access token at a time


# --- Time -----------------------------------------------------------------------------------------


def sweep(world: World) -> None:
    world.run(make_sweep_expired(world.parts)())


def test_waiting_outlives_the_access_token_and_ends_in_its_time(
    world: World, waiting: Waiting
) -> None:
    waiting.ask()
    world.clock.advance(seconds=(WAIT_AT_MOST - timedelta(minutes=1)).total_seconds())
    sweep(world)
    assert waiting.state["state"] == "claimed"
    world.clock.advance(minutes=2)
    assert error(waiting.send_refresh()) == (400, "invalid_grant")
    sweep(world)
    dump = world.dump()  # the API key has ended, too
    assert [OfferState.LAPSED in row for row in dump["offers"]] == [True]
    assert dump["deferrals"] == []


def test_claims_that_nobody_collects_are_erased(world: World, waiting: Waiting) -> None:
    waiting.ask()
    waiting.put()
    world.clock.advance(seconds=(COLLECT_WITHIN - timedelta(minutes=1)).total_seconds())
    sweep(world)
    assert len(world.dump()["sealed_claims"]) == 1
    world.clock.advance(minutes=2)
    sweep(world)
    assert world.dump()["sealed_claims"] == []
    assert waiting.state["state"] == "lapsed"


def test_nothing_readable_is_kept_while_a_wallet_waits(
    world: World, waiting: Waiting, tmp_path: Any
) -> None:
    transaction_id = waiting.ask()
    stored = b"".join(file.read_bytes() for file in sorted(tmp_path.glob("issuer.db*")))
    for secret in (transaction_id, waiting.token, waiting.refresh_token, waiting.wallet.jwk["x"]):
        assert secret.encode() not in stored
    assert waiting.refresh_token.split(".")[2].encode() not in stored


@pytest.mark.req("VCI-07")
def test_the_metadata_name_the_deferred_endpoint(world: World) -> None:
    issuer = "https://issuer.test/mallimaa"
    data = world.get("/.well-known/openid-credential-issuer/mallimaa").json()
    read = read_issuer_metadata(data, issuer=issuer)
    assert read.deferred_endpoint == f"{issuer}/deferred-credential"
