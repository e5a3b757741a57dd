"""The credential and notification endpoints: proofs, nonces, lost answers, ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keys.software_signer import SoftwareSigner
from openid4vc.openid4vci.credential import read_credential_response
from openid4vc.openid4vci.notification import Event
from openid4vc.openid4vci.proof import make_proof
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import status_reference
from openid4vc.status_list.bits import Status
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import NOW, World, claims_of, demo_pki, offer_body

TYPE = "statement_feedback"

EITHER = 'Bearer, DPoP algs="ES256"'


@pytest.fixture
def token(world: World, wallet: TinyWallet) -> str:
    return wallet.token(wallet.open_link(world.offer()["offer_link"]))


def refused(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()["error"]


def index_of(credential: str) -> int:
    reference = status_reference(parse(credential).claims)
    assert reference is not None
    return reference.index


@pytest.mark.req("VCI-45", "VCI-38")
def test_nonces_are_fresh_and_asking_writes_nothing(world: World) -> None:
    before = world.dump()
    answers = [world.post("/mallimaa/nonce") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["c_nonce"] for answer in answers}) == 5
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    assert world.dump() == before
    assert world.post("/nobody/nonce").status_code == 404
    assert world.get("/mallimaa/nonce").status_code == 405


@pytest.mark.req("VCI-64", "VCI-75")
@pytest.mark.parametrize("path", ["credential", "notification"])
@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        (None, EITHER),
        ("Basic abc", EITHER),
        ("Bearer ", EITHER),
        ("DPoP ", EITHER),
        ("Bearer guess", 'Bearer error="invalid_token"'),
        ("DPoP guess", 'DPoP error="invalid_token", algs="ES256"'),
    ],
)
def test_without_a_good_token_the_answer_is_401(
    world: World, path: str, header: str | None, challenge: str
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = world.post(f"/mallimaa/{path}", json={}, headers=headers)
    assert refused(answer) == (401, "invalid_token")
    assert answer.headers["www-authenticate"] == challenge
    why = answer.json()["error_description"].partition(":")[0]
    assert why == ("access_token_missing" if challenge == EITHER else "invalid_token")


@pytest.mark.req("VCI-64")
def test_a_token_of_another_organisation_is_no_token(world: World, token: str) -> None:
    stranger = TinyWallet(world, "kela")
    answer = stranger.ask_credential(token, stranger.request("authority_decision"))
    assert refused(answer) == (401, "invalid_token")


@pytest.mark.req("VCI-47", "VCI-51", "VCI-58", "VCI-64", "VCI-73")
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"credential_configuration_id": "no_such"}, "unknown_credential_configuration"),
        ({"credential_configuration_id": "authority_decision"}, "unknown_credential_configuration"),
        ({"credential_configuration_id": None}, "invalid_credential_request"),
        ({"credential_configuration_id": 7}, "invalid_credential_request"),
        ({"credential_identifier": "x"}, "invalid_credential_request"),
        ({"credential_configuration_id": ..., "format": "dc+sd-jwt"}, "invalid_credential_request"),
        (
            {"credential_configuration_id": ..., "credential_identifier": "x"},
            "unknown_credential_identifier",
        ),
        ({"credential_response_encryption": {"jwk": {}}}, "invalid_encryption_parameters"),
        ({"proofs": ...}, "invalid_proof"),
        ({"proofs": ..., "proof": {"proof_type": "jwt", "jwt": "x"}}, "invalid_proof"),
        ({"proofs": {}}, "invalid_proof"),
        ({"proofs": {"jwt": []}}, "invalid_proof"),
        ({"proofs": {"jwt": ["x"]}}, "invalid_proof"),
        ({"proofs": {"jwt": ["x", "y"]}}, "invalid_proof"),
        ({"proofs": {"jwt": ["x"], "attestation": ["y"]}}, "invalid_proof"),
        ({"proofs": {"attestation": ["y"]}}, "invalid_proof"),
    ],
)
def test_each_fault_of_a_request_has_its_own_code(
    world: World, wallet: TinyWallet, token: str, change: dict[str, Any], error: str
) -> None:
    body = {**wallet.request(TYPE), **change}
    before = world.dump()
    answer = wallet.ask_credential(token, {k: v for k, v in body.items() if v is not ...})
    assert refused(answer) == (400, error)
    assert world.dump() == before
    wallet.credential(token)


@pytest.mark.req("VCI-48", "VCI-49", "VCI-50", "VCI-51")
def test_a_proof_that_does_not_hold_costs_nothing(
    world: World, wallet: TinyWallet, token: str
) -> None:
    nonce = wallet.nonce()

    def proof(**changes: Any) -> str:
        options = {
            "signer": wallet.signer,
            "issuer": wallet.issuer,
            "nonce": nonce,
            "at": world.clock.now(),
        }
        return make_proof(**{**options, **changes})

    good = proof()
    other_key = proof(signer=SoftwareSigner.generate())
    faults = {
        "swapped signature": good.rsplit(".", 1)[0] + "." + other_key.rsplit(".", 1)[1],
        "another audience": proof(issuer=f"{wallet.issuer}/credential"),
        "old": proof(at=world.clock.now() - timedelta(minutes=6)),
        "from the future": proof(at=world.clock.now() + timedelta(minutes=2)),
        "no nonce": proof(nonce=None),
    }
    for name, jwt in faults.items():
        body = {"credential_configuration_id": TYPE, "proofs": {"jwt": [jwt]}}
        assert refused(wallet.ask_credential(token, body)) == (400, "invalid_proof"), name
    assert not world.dump()["one_time_values"]
    # The nonce is still good: it is taken only when everything else holds.
    assert wallet.ask_credential(token, wallet.request(TYPE, nonce)).status_code == 200


@pytest.mark.req("VCI-46", "VCI-51", "VCI-52")
def test_a_nonce_is_ours_fresh_and_used_once(world: World, wallet: TinyWallet, token: str) -> None:
    used = wallet.nonce()
    assert wallet.ask_credential(token, wallet.request(TYPE, used)).status_code == 200
    again = wallet.ask_credential(token, wallet.request(TYPE, used))
    assert refused(again) == (400, "invalid_nonce")
    foreign = wallet.ask_credential(token, wallet.request(TYPE, "A" * 75))
    assert refused(foreign) == (400, "invalid_nonce")
    other_token = wallet.token(wallet.open_link(world.offer()["offer_link"]))
    elsewhere = wallet.ask_credential(other_token, wallet.request(TYPE, used))
    assert refused(elsewhere) == (400, "invalid_nonce")

    old = wallet.nonce()
    world.clock.advance(minutes=4)
    fresh_token = wallet.token(wallet.open_link(world.offer()["offer_link"]))
    world.clock.advance(minutes=2)
    assert refused(wallet.ask_credential(fresh_token, wallet.request(TYPE, old))) == (
        400,
        "invalid_nonce",
    )
    wallet.credential(fresh_token)


@pytest.mark.req("TSL-16", "VCI-61", "VCI-69")
def test_a_wallet_that_lost_the_answer_asks_again(
    world: World, wallet: TinyWallet, token: str
) -> None:
    lost, lost_id = wallet.credential(token)
    kept, kept_id = wallet.credential(token)

    assert index_of(lost) != index_of(kept)
    assert lost_id != kept_id
    assert wallet.status_of(lost) is Status.INVALID
    assert wallet.status_of(kept) is Status.VALID
    assert refused(wallet.notify(token, lost_id, Event.ACCEPTED)) == (
        400,
        "invalid_notification_id",
    )
    assert wallet.notify(token, kept_id, Event.ACCEPTED).status_code == 204

    denied = wallet.ask_credential(token, wallet.request(TYPE))
    assert refused(denied) == (400, "credential_request_denied")
    assert wallet.status_of(kept) is Status.VALID


@pytest.mark.parametrize(
    "wish",
    [
        {"action": "revoke", "reason": "corrected"},
        {"action": "suspend", "reason": "under_review"},
    ],
    ids=["revoked", "suspended"],
)
def test_a_card_taken_away_on_its_way_is_not_given_again(
    world: World, wallet: TinyWallet, wish: dict[str, str]
) -> None:
    made = world.offer()
    token = wallet.token(wallet.open_link(made["offer_link"]))
    card, _ = wallet.credential(token)
    (copy,) = world.offer_state(made["offer_id"])["credentials"]
    path = f"/api/v1/mallimaa/credentials/{copy['credential_id']}/status"
    assert world.post(path, json=wish, headers=world.auth()).status_code == 200
    denied = wallet.ask_credential(token, wallet.request(TYPE))
    assert refused(denied) == (400, "credential_request_denied")
    assert wallet.status_of(card) is not Status.VALID
    assert len(world.offer_state(made["offer_id"])["credentials"]) == 1


@pytest.mark.req("TSL-16", "VCI-61")
def test_ten_requests_at_once_leave_one_live_credential(
    world: World, wallet: TinyWallet, token: str
) -> None:
    bodies = [wallet.request(TYPE) for _ in range(10)]
    headers = {"Authorization": f"Bearer {token}"}

    def asking(body: object) -> Any:
        return lambda: world.client.post("/mallimaa/credential", json=body, headers=headers)

    answers = world.all_at_once([asking(body) for body in bodies])

    issued = [
        read_credential_response(answer.json()).credentials[0]
        for answer in answers
        if answer.status_code == 200
    ]
    assert issued
    assert {answer.status_code for answer in answers} <= {200, 400}
    assert [wallet.status_of(one) for one in issued].count(Status.VALID) == 1
    standing = [row[7] for row in world.dump()["credentials"]]
    assert sorted(map(str, standing)) == ["revoked"] * 9 + ["valid"]


def test_ten_requests_with_one_nonce_are_answered_once(
    world: World, wallet: TinyWallet, token: str
) -> None:
    body = wallet.request(TYPE)
    headers = {"Authorization": f"Bearer {token}"}
    answers = world.all_at_once(
        [
            lambda: world.client.post("/mallimaa/credential", json=body, headers=headers)
            for _ in range(10)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 9
    errors = {answer.json()["error"] for answer in answers if answer.status_code == 400}
    assert errors == {"invalid_nonce"}


@pytest.mark.req("VCI-68", "VCI-75")
def test_notifications_may_repeat_and_mean_something(world: World, wallet: TinyWallet) -> None:
    expected = {
        Event.ACCEPTED: ("completed", "accepted", Status.VALID),
        Event.DELETED: ("completed", "deleted", Status.INVALID),
        Event.FAILURE: ("claimed", "failed", Status.INVALID),
    }
    for event, (state, delivery, status) in expected.items():
        made = world.offer()
        token = wallet.token(wallet.open_link(made["offer_link"]))
        credential, notification_id = wallet.credential(token)
        for _ in range(3):
            assert wallet.notify(token, notification_id, event).status_code == 204
        told = world.offer_state(made["offer_id"])
        assert (told["state"], told["credentials"][-1]["delivery"]) == (state, delivery)
        assert wallet.status_of(credential) is status


def test_after_a_failure_the_wallet_may_ask_again(
    world: World, wallet: TinyWallet, token: str
) -> None:
    _, failed_id = wallet.credential(token)
    wallet.notify(token, failed_id, Event.FAILURE)
    kept, kept_id = wallet.credential(token)
    assert wallet.notify(token, kept_id, Event.ACCEPTED).status_code == 204
    assert wallet.status_of(kept) is Status.VALID
    contrary = wallet.notify(token, failed_id, Event.ACCEPTED)
    assert refused(contrary) == (400, "invalid_notification_id")
    assert wallet.notify(token, kept_id, Event.DELETED).status_code == 204
    assert wallet.status_of(kept) is Status.INVALID


@pytest.mark.req("VCI-68")
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"notification_id": "guess"}, "invalid_notification_id"),
        ({"notification_id": ""}, "invalid_notification_request"),
        ({"notification_id": 5}, "invalid_notification_request"),
        ({"event": "credential_lost"}, "invalid_notification_request"),
        ({"event": None}, "invalid_notification_request"),
        ({"event_description": '"quoted"'}, "invalid_notification_request"),
    ],
)
def test_each_fault_of_a_notification_has_its_own_code(
    world: World, wallet: TinyWallet, token: str, change: dict[str, Any], error: str
) -> None:
    _, notification_id = wallet.credential(token)
    body = {"notification_id": notification_id, "event": "credential_accepted", **change}
    before = world.dump()
    answer = world.post(
        "/mallimaa/notification", json=body, headers={"Authorization": f"Bearer {token}"}
    )
    assert refused(answer) == (400, error)
    assert world.dump() == before


@pytest.mark.req("VCI-39", "VCI-64", "VCI-75")
def test_a_token_opens_nothing_after_its_five_minutes(
    world: World, wallet: TinyWallet, token: str
) -> None:
    _, notification_id = wallet.credential(token)
    world.clock.advance(minutes=5)
    for answer in (
        wallet.ask_credential(token, wallet.request(TYPE)),
        wallet.notify(token, notification_id, Event.ACCEPTED),
    ):
        assert refused(answer) == (401, "invalid_token")
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_another_tokens_notification_id_is_refused(world: World, wallet: TinyWallet) -> None:
    tokens = [wallet.token(wallet.open_link(world.offer()["offer_link"])) for _ in range(2)]
    _, other_id = wallet.credential(tokens[1])
    answer = wallet.notify(tokens[0], other_id, Event.ACCEPTED)
    assert refused(answer) == (400, "invalid_notification_id")


@pytest.mark.req("VCI-69", "SDJWT-22", "HAIP-15", "HAIP-17", "ARF-23")
def test_times_in_a_credential_are_rounded_to_the_day(
    world: World, wallet: TinyWallet, token: str
) -> None:
    claims = parse(wallet.credential(token)[0]).claims
    midnight = int(datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC).timestamp())
    assert claims["iat"] == midnight
    assert isinstance(claims["exp"], int)
    assert claims["exp"] % 86_400 == 0
    assert set(claims["status"]) == {"status_list"}  # type: ignore[call-overload]  # JSON


def test_an_end_named_in_the_claims_ends_the_credential(world: World) -> None:
    wallet = TinyWallet(world, "kela")
    made = world.offer(offer_body("authority_decision"), org="kela")
    claims = parse(wallet.receive(made["offer_link"])).claims
    assert claims["exp"] == int(datetime(2027, 6, 1, tzinfo=UTC).timestamp())


def test_a_type_that_has_changed_since_the_offer_is_denied(
    world: World, wallet: TinyWallet, token: str
) -> None:
    def change(records: Any) -> None:
        records.grants._connection.exec_driver_sql("UPDATE grants SET schema_version = 99")

    world.run(world.parts.store.write(change))
    answer = wallet.ask_credential(token, wallet.request(TYPE))
    assert refused(answer) == (400, "credential_request_denied")


def test_what_ended_while_it_was_on_offer_is_denied(world: World) -> None:
    wallet = TinyWallet(world, "kela")
    claims = claims_of("authority_decision")
    claims |= {"valid_from": "2026-11-01", "valid_until": "2026-11-25"}
    body = offer_body("authority_decision", claims=claims, delivery={"channel": "message"})
    made = world.offer(body, org="kela")
    world.clock.advance(days=2)
    token = wallet.token(wallet.open_link(made["offer_link"]), made["pin"])
    answer = wallet.ask_credential(token, wallet.request("authority_decision"))
    assert refused(answer) == (400, "credential_request_denied")
    assert not world.dump()["credentials"]


def test_a_missing_key_of_ours_is_not_the_wallets_fault(
    world: World, wallet: TinyWallet, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    def spoil(records: Any) -> None:
        connection = records.offers._connection
        connection.exec_driver_sql("UPDATE sealed_claims SET wrapped_key = ciphertext")

    world.run(world.parts.store.write(spoil))
    answer = wallet.ask_credential(token, wallet.request(TYPE))
    assert refused(answer) == (500, "server_error")
    assert "seal_broken" in caplog.text


@pytest.mark.req("HAIP-16", "TSL-16", "TSL-17", "ARF-23")
def test_indexes_are_random_and_a_filled_list_is_followed_by_another(
    world: World, wallet: TinyWallet
) -> None:
    token = wallet.token(wallet.open_link(world.offer()["offer_link"]))
    places = []
    for _ in range(160):  # lists of this world have 128 entries
        reference = status_reference(parse(wallet.credential(token)[0]).claims)
        assert reference is not None
        places.append((reference.uri.rsplit("/", 1)[1], reference.index))

    assert len(set(places)) == len(places)
    first = [index for number, index in places if number == "1"]
    assert first != sorted(first)
    assert {number for number, _ in places} >= {"1", "2"}
    assert len(first) > 64
    assert all(0 <= index < 128 for _, index in places)


class FailingKeys:
    """The demo's keys, except that signing a credential fails as often as told."""

    def __init__(self, failures: int) -> None:
        self.failures = failures

    def signer(self, org: str, purpose: str) -> Any:
        if purpose == "credential" and self.failures:
            self.failures -= 1
            raise OSError("the signing device is away")
        return demo_pki().keys.signer(org, purpose)

    def names(self) -> list[tuple[str, str]]:
        return demo_pki().keys.names()

    def secret(self, name: str) -> bytes:
        return demo_pki().keys.secret(name)


def test_a_signer_that_fails_loses_nothing(tmp_path: Any) -> None:
    world = World(f"sqlite:///{tmp_path}/issuer.db", keys=FailingKeys(failures=2))
    wallet = TinyWallet(world)
    made = world.offer()
    token = wallet.token(wallet.open_link(made["offer_link"]))

    for _ in range(2):
        answer = wallet.ask_credential(token, wallet.request(TYPE))
        assert refused(answer) == (500, "server_error")
    recorded = world.offer_state(made["offer_id"])["credentials"]
    assert sorted(one["delivery"] for one in recorded) == ["recorded", "replaced"]

    credential, notification_id = wallet.credential(token)
    assert wallet.notify(token, notification_id, Event.ACCEPTED).status_code == 204
    assert wallet.status_of(credential) is Status.VALID
    standing = [one["state"] for one in world.offer_state(made["offer_id"])["credentials"]]
    assert sorted(standing) == ["revoked", "revoked", "valid"]
    world.close()
