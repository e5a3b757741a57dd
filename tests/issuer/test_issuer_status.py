"""Status lists as served, and the changes that issuing systems make."""

import gzip
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from keys import strict_json
from keys.jose import parse_jws
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import status_reference
from openid4vc.status_list.bits import Status
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, World

LIST = "/mallimaa/status-lists/1"
MEDIA_TYPE = "application/statuslist+jwt"


@pytest.fixture
def card(world: World, wallet: TinyWallet) -> tuple[str, str]:
    """An accepted credential and its id."""
    made = world.offer()
    credential = wallet.receive(made["offer_link"])
    (told,) = world.offer_state(made["offer_id"])["credentials"]
    return credential, told["credential_id"]


def change(world: World, card_id: str, action: str, reason: str | None = None) -> Any:
    body = {"action": action} if reason is None else {"action": action, "reason": reason}
    path = f"/api/v1/mallimaa/credentials/{card_id}/status"
    return world.post(path, json=body, headers=world.auth())


@pytest.mark.req("ARF-20", "TSL-23")
def test_suspending_is_undone_and_revoking_is_final(
    world: World, wallet: TinyWallet, card: tuple[str, str]
) -> None:
    credential, card_id = card
    steps = [
        ("suspend", "appeal_pending", Status.SUSPENDED, "suspended"),
        ("reinstate", None, Status.VALID, "valid"),
        ("suspend", "appeal_pending", Status.SUSPENDED, "suspended"),
        ("revoke", "decision_changed", Status.INVALID, "revoked"),
    ]
    for action, reason, status, state in steps:
        answer = change(world, card_id, action, reason)
        assert (answer.status_code, answer.json()["state"]) == (200, state)
        assert wallet.status_of(credential) is status
    path = f"/api/v1/mallimaa/credentials/{card_id}"
    assert world.get(path, headers=world.auth()).json()["state"] == "revoked"

    for action, reason in (("reinstate", None), ("suspend", "appeal_pending"), ("revoke", "used")):
        answer = change(world, card_id, action, reason)
        assert (answer.status_code, answer.json()["code"]) == (409, "revocation_is_final")
    assert wallet.status_of(credential) is Status.INVALID


@pytest.mark.parametrize(
    ("before", "action", "reason", "expected"),
    [
        (None, "reinstate", None, (409, "status_change_conflicts")),
        ("suspend", "suspend", "appeal_pending", (409, "status_change_conflicts")),
        (None, "suspend", None, (422, "reason_unknown")),
        (None, "suspend", "used", (422, "reason_unknown")),
        (None, "revoke", None, (422, "reason_unknown")),
        (None, "revoke", "appeal_pending", (422, "reason_unknown")),
        (None, "reinstate", "used", (422, "reason_unknown")),
    ],
)
def test_a_change_that_does_not_fit_changes_nothing(
    world: World,
    card: tuple[str, str],
    before: str | None,
    action: str,
    reason: str | None,
    expected: tuple[int, str],
) -> None:
    _, card_id = card
    if before is not None:
        assert change(world, card_id, before, "appeal_pending").status_code == 200
    rows = world.dump()
    answer = change(world, card_id, action, reason)
    assert (answer.status_code, answer.json()["code"]) == expected
    assert answer.json()["detail"]
    assert world.dump() == rows


def test_only_the_organisation_with_a_key_for_the_type_changes_a_status(
    world: World, card: tuple[str, str]
) -> None:
    _, card_id = card
    body = {"action": "revoke", "reason": "corrected"}
    elsewhere = world.post(
        f"/api/v1/kela/credentials/{card_id}/status", json=body, headers=world.auth("kela")
    )
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "credential_not_found")
    scoped = world.auth("mallimaa", "authority_decision")
    path = f"/api/v1/mallimaa/credentials/{card_id}"
    assert world.post(f"{path}/status", json=body, headers=scoped).status_code == 403
    assert world.get(path, headers=scoped).status_code == 403


def test_the_audit_record_says_who_and_why_and_nothing_personal(
    world: World, card: tuple[str, str]
) -> None:
    _, card_id = card
    change(world, card_id, "revoke", "corrected")
    rows = world.dump()["audit_entries"]
    key_id = world.api_key().split("_")[1]
    assert any(row[2:] == ("mallimaa", key_id, "revoke", card_id, "corrected") for row in rows)
    assert "client-4711" not in repr(rows)


@pytest.mark.req("TSL-01", "TSL-02", "TSL-03", "TSL-13", "TSL-18", "HAIP-16", "VCI-74", "ARF-20")
def test_a_list_is_a_signed_token_for_any_cache(world: World, card: tuple[str, str]) -> None:
    answer = world.get(LIST, headers={"Origin": "https://wallet.example"})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert answer.headers["access-control-allow-origin"] == "*"
    token = parse_jws(answer.text)
    payload = strict_json.loads_object(token.payload)
    assert token.header["typ"] == "statuslist+jwt"
    assert token.header["x5c"]
    assert payload["sub"] == f"{BASE}{LIST}"
    assert payload["ttl"] == 300
    assert payload["exp"] - payload["iat"] == 86_400  # type: ignore[operator]  # JSON
    assert payload["status_list"]["bits"] == 2  # type: ignore[index]  # JSON
    assert set(payload) == {"sub", "iat", "exp", "ttl", "status_list"}


@pytest.mark.req("TSL-13")
def test_a_copy_stays_good_until_something_changes(world: World, card: tuple[str, str]) -> None:
    first = world.get(LIST)
    etag = first.headers["etag"]
    assert etag.startswith('"')
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = world.get(LIST, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
        assert again.headers["cache-control"] == first.headers["cache-control"]
    assert world.get(LIST, headers={"If-None-Match": '"other"'}).text == first.text

    change(world, card[1], "revoke", "used")

    changed = world.get(LIST, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


@pytest.mark.req("TSL-13")
def test_a_list_travels_compressed_when_asked(world: World, card: tuple[str, str]) -> None:
    plain = world.get(LIST, headers={"Accept-Encoding": "identity"})
    packed = world.run(_raw(world, {"Accept-Encoding": "br, gzip;q=0.5"}))
    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.text == plain.text
    refused = world.get(LIST, headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers
    assert gzip.decompress(gzip.compress(plain.content, mtime=0)) == plain.content


async def _raw(world: World, headers: dict[str, str]) -> Any:
    return await world.client.get(LIST, headers=headers)


@pytest.mark.req("TSL-13", "TSL-15")
def test_what_a_list_is_not(world: World, card: tuple[str, str]) -> None:
    for accept in ("text/html", "application/json", f"{MEDIA_TYPE};q=0", "*/*;q=0", "text/*"):
        answer = world.get(LIST, headers={"Accept": accept})
        assert (answer.status_code, answer.json()["error_description"]) == (406, "not_acceptable")
    for accept in (MEDIA_TYPE, "*/*", f"text/html, {MEDIA_TYPE};q=0.9", "application/*"):
        answer = world.get(LIST, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)
    past = world.get(f"{LIST}?time=1760000000")
    assert (past.status_code, past.json()["error_description"]) == (501, "history_not_kept")
    for number in ("2", "0", "-1", "x", "1.5", "99999999999999999999"):
        assert world.get(f"/mallimaa/status-lists/{number}").status_code == 404
    for org in ("kela", "nobody", "MALLIMAA", "%00", "a" * 100):
        assert world.get(f"/{org}/status-lists/1").status_code == 404
    assert world.run(world.client.head(LIST)).content == b""


def test_a_list_is_signed_anew_when_half_its_life_is_over(
    world: World, wallet: TinyWallet, card: tuple[str, str]
) -> None:
    first = world.get(LIST).text
    world.clock.advance(hours=11, minutes=59)
    assert world.get(LIST).text == first
    world.clock.advance(minutes=2)
    second = world.get(LIST).text
    assert second != first
    expires = strict_json.loads_object(parse_jws(second).payload)["exp"]
    assert isinstance(expires, int)
    assert expires == int((world.clock.now() + timedelta(hours=24)).timestamp())
    assert wallet.status_of(card[0]) is Status.VALID


def test_many_readers_at_once_get_the_same_token(world: World, card: tuple[str, str]) -> None:
    answers = world.all_at_once([lambda: world.client.get(LIST) for _ in range(10)])
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.req("TSL-05")
def test_a_credential_refers_to_the_list_by_its_address(
    world: World, card: tuple[str, str]
) -> None:
    reference = status_reference(parse(card[0]).claims)
    assert reference is not None
    assert reference.uri == f"{BASE}{LIST}"
    assert urlsplit(reference.uri).path == LIST
