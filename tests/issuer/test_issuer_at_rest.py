"""What lies in the database, and for how long."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from issuer.adapters.vault import ServiceKeyVault, VaultKeys
from issuer.model import SealedClaims
from issuer.parts.lives import make_sweep_expired
from issuer.usecases.sweep_expired import Swept
from keys.checks import SealBroken
from keys.jose import b64url_encode
from openid4vc.openid4vci.notification import Event
from openid4vc.sd_jwt.parse import parse
from openid4vc.status_list.bits import Status
from service_kit.system import SystemRandom
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, claims_of, offer_body

TYPE = "statement_feedback"


def bytes_on_disk(folder: Path) -> bytes:
    """Every byte of the database, its log included."""
    return b"".join(file.read_bytes() for file in sorted(folder.glob("issuer.db*")))


def folded(folder: Path) -> bytes:
    """The same, after SQLite's log was folded into the database."""
    with sqlite3.connect(folder / "issuer.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return bytes_on_disk(folder)


def texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for member in value.values() for text in texts(member)]
    if isinstance(value, list):
        return [text for member in value for text in texts(member)]
    return [value] if isinstance(value, str) and len(value) > 5 else []


def sweep(world: World) -> Swept:
    return world.run(make_sweep_expired(world.parts)())


@pytest.fixture
def claimed(world: World, wallet: TinyWallet) -> tuple[dict[str, Any], str]:
    """An offer whose code was redeemed, and the token."""
    made = world.offer()
    return made, wallet.token(wallet.open_link(made["offer_link"]))


def test_no_claim_and_no_secret_can_be_read_from_the_files(
    world: World, wallet: TinyWallet, tmp_path: Path
) -> None:
    made = world.offer(offer_body(delivery={"channel": "message"}), key="call-abc-1")
    offer = wallet.open_link(made["offer_link"])
    token = wallet.token(offer, made["pin"])
    nonce = wallet.nonce()
    answer = wallet.ask_credential(token, wallet.request(TYPE, nonce))
    notification_id = answer.json()["notification_id"]

    stored = bytes_on_disk(tmp_path) + folded(tmp_path)

    assert made["offer_id"].encode() in stored
    reference = made["offer_link"].rsplit("%2F", 1)[1]
    secrets = [
        reference, offer.pre_authorized_code, token, nonce, notification_id, made["pin"],
        world.api_key(), "client-4711", "call-abc-1", wallet.jwk["x"],
    ]  # fmt: skip
    for secret in [*secrets, *texts(claims_of(TYPE))]:
        assert secret is not None
        assert secret.encode() not in stored, secret


@pytest.mark.req("SDJWT-23", "ARF-23")
def test_nothing_of_the_signed_card_is_kept(
    claimed: tuple[dict[str, Any], str], wallet: TinyWallet, tmp_path: Path
) -> None:
    signed = parse(wallet.credential(claimed[1])[0])
    unique = [b64url_encode(signed.jws.signature), *(each.digest for each in signed.disclosures)]
    unique += [text for each in signed.disclosures for text in (each.salt, each.text)]
    assert len(unique) > 10
    stored = bytes_on_disk(tmp_path) + folded(tmp_path)
    assert claimed[0]["offer_id"].encode() in stored
    assert [one for one in unique if one.encode() in stored] == []
    assert signed.jws.signature not in stored


@pytest.mark.parametrize("end", ["accepted", "deleted", "withdrawn", "expired", "lapsed", "burnt"])
def test_after_its_end_nothing_of_the_claims_is_left(
    world: World, wallet: TinyWallet, tmp_path: Path, end: str
) -> None:
    made = world.offer(offer_body(delivery={"channel": "screen", "pin": True}))
    ((_, wrapped_key, ciphertext),) = world.dump()["sealed_claims"]
    assert isinstance(wrapped_key, bytes)
    assert isinstance(ciphertext, bytes)
    offer = wallet.open_link(made["offer_link"])
    if end in {"accepted", "deleted", "lapsed"}:
        token = wallet.token(offer, made["pin"])
        _, notification_id = wallet.credential(token)
        if end != "lapsed":
            wallet.notify(token, notification_id, Event(f"credential_{end}"))
        else:
            world.clock.advance(minutes=5)
            assert sweep(world) == Swept(expired=0, lapsed=1, forgotten=0)
    elif end == "withdrawn":
        path = f"/api/v1/mallimaa/offers/{made['offer_id']}/withdraw"
        assert world.post(path, headers=world.auth()).status_code == 200
    elif end == "expired":
        world.clock.advance(minutes=15)
        assert sweep(world) == Swept(expired=1, lapsed=0, forgotten=0)
    else:
        for _ in range(5):
            wallet.ask_token(offer, "no")

    assert not world.dump()["sealed_claims"]
    left = folded(tmp_path)
    assert wrapped_key not in left
    assert ciphertext not in left
    expected = {"accepted": "completed", "deleted": "completed", "burnt": "blocked"}.get(end, end)
    assert world.offer_state(made["offer_id"])["state"] == expected


def test_after_the_next_sweep_the_log_beside_the_database_is_clean_as_well(
    world: World, wallet: TinyWallet, tmp_path: Path, claimed: tuple[dict[str, Any], str]
) -> None:
    ((_, wrapped_key, ciphertext),) = world.dump()["sealed_claims"]
    assert isinstance(wrapped_key, bytes)
    assert isinstance(ciphertext, bytes)
    _, token = claimed
    _, notification_id = wallet.credential(token)
    wallet.notify(token, notification_id, Event.ACCEPTED)
    assert wrapped_key in bytes_on_disk(tmp_path)  # in an earlier version of its page

    sweep(world)

    left = bytes_on_disk(tmp_path)
    assert wrapped_key not in left
    assert ciphertext not in left


def test_a_sweep_ends_what_is_due_and_leaves_the_rest(
    world: World, wallet: TinyWallet, claimed: tuple[dict[str, Any], str]
) -> None:
    _, token = claimed
    credential, _ = wallet.credential(token)
    young = world.offer(offer_body(delivery={"channel": "message"}))
    world.offer(key="remembered")

    assert sweep(world) == Swept(0, 0, 0)
    world.clock.advance(minutes=5)
    assert sweep(world) == Swept(expired=0, lapsed=1, forgotten=0)
    world.clock.advance(minutes=10)
    assert sweep(world) == Swept(expired=1, lapsed=0, forgotten=1)  # the proof's nonce
    world.clock.advance(hours=24)
    assert sweep(world) == Swept(expired=0, lapsed=0, forgotten=1)  # the call
    assert sweep(world) == Swept(0, 0, 0)

    # Signed and answered: it may well be in the wallet, so it stays valid.
    assert wallet.status_of(credential) is Status.VALID
    assert world.offer_state(young["offer_id"])["state"] == "offered"


def test_a_copy_that_was_never_signed_is_revoked_when_the_token_ends(
    world: World, wallet: TinyWallet, claimed: tuple[dict[str, Any], str]
) -> None:
    made, token = claimed
    wallet.credential(token)
    with_store = world.parts.store

    def as_if_killed(records: Any) -> None:
        connection = records.offers._connection
        connection.exec_driver_sql("UPDATE credentials SET delivery = 'recorded'")

    world.run(with_store.write(as_if_killed))
    world.clock.advance(minutes=5)
    sweep(world)
    (copy,) = world.offer_state(made["offer_id"])["credentials"]
    assert (copy["delivery"], copy["state"]) == ("replaced", "revoked")


def make_vault(seed: bytes = b"w") -> ServiceKeyVault:
    return ServiceKeyVault(VaultKeys(seed * 32, b"m" * 32, b"o" * 32), random=SystemRandom())


def test_sealed_claims_open_for_their_own_offer_and_key_only() -> None:
    vault = make_vault()
    sealed = vault.seal(b"claims", binding=b"offer 1")
    again = vault.seal(b"claims", binding=b"offer 1")

    assert vault.unseal(sealed, binding=b"offer 1") == b"claims"
    assert sealed.ciphertext != again.ciphertext
    broken = [
        (vault, sealed, b"offer 2"),
        (make_vault(b"x"), sealed, b"offer 1"),
        (vault, SealedClaims(again.wrapped_key, sealed.ciphertext), b"offer 1"),
        (vault, SealedClaims(sealed.wrapped_key, sealed.ciphertext[:-1] + b"\0"), b"offer 1"),
    ]
    for opener, altered, binding in broken:
        with pytest.raises(SealBroken):
            opener.unseal(altered, binding=binding)


def test_what_stands_for_secrets_is_apart_by_purpose_and_parts() -> None:
    vault = make_vault()
    assert vault.mac("a", "bc") != vault.mac("ab", "c")
    assert vault.mac("a", "b", "c") != vault.mac("a", "bc")
    assert vault.secret_text("a", "b") == make_vault(b"x").secret_text("a", "b")
    assert vault.secret_text("a", "b").encode() != vault.mac("a", "b")
    digits = {vault.digits("pin", 6, str(number)) for number in range(200)}
    assert len(digits) > 190
    assert all(len(each) == 6 and each.isdigit() for each in digits)
