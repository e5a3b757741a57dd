"""Access tokens of issuing systems: who gets one, for how long and what for."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from joserfc.jwk import ECKey, RSAKey

from credential_schemas.loader import load_catalogue
from issuer.cli import main
from issuer.parts.administration import make_administration
from issuer.parts.lives import make_sweep_expired
from issuer.usecases.clients.scopes import Act
from issuer.usecases.failures import (
    ClientKeyNotFound,
    ClientKeyTaken,
    OrganisationUnknown,
    TooManyClientKeys,
    TypeNotIssuedHere,
    TypeUnknown,
)
from keys.checks import MalformedKey
from tests.issuer.system_client import SystemClient
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, World, offer_body

OFFERS = "/api/v1/mallimaa/offers"
ALL = "offer:statement_feedback status:statement_feedback"


@pytest.fixture
def system(world: World) -> SystemClient:
    client = SystemClient(world)
    client.register()
    return client


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SystemClient]:
    """One for the many that are refused: nothing that they do leaves a trace."""
    world = World(f"sqlite:///{tmp_path_factory.mktemp('access')}/issuer.db")
    client = SystemClient(world)
    client.register()
    yield client
    world.close()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def hand_made(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = [b64(json.dumps(part).encode()) for part in (header, claims)]
    return ".".join([*parts, b64(signature)])


def test_a_signed_assertion_gives_a_token_that_works_as_a_key_does(
    world: World, system: SystemClient
) -> None:
    answer = system.ask()
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 300, ALL)

    headers = {"Authorization": f"Bearer {token['access_token']}"}
    made = world.post(OFFERS, json=offer_body(), headers=headers)
    assert made.status_code == 201, made.text
    assert token["access_token"] not in repr(world.dump())
    assert world.get(f"{OFFERS}/{made.json()['offer_id']}", headers=headers).status_code == 200

    world.clock.advance(minutes=5)
    over = world.get(f"{OFFERS}/{made.json()['offer_id']}", headers=headers)
    assert (over.status_code, over.json()["code"]) == (401, "access_token_refused")
    assert over.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": f"{BASE}/mallimaa/system-token"},
        {"aud": [f"{BASE}/mallimaa"]},
        {"iat": ...},
        {"nbf": 1},
        {"unknown": {"a": 1}},
    ],
)
def test_other_right_assertions(standing: SystemClient, changes: dict[str, Any]) -> None:
    assert standing.ask(standing.assertion(**changes)).status_code == 200


@pytest.mark.parametrize(
    "header", [{"typ": "client-authentication+jwt"}, {"kid": "mine"}, {"jku": "https://evil.test"}]
)
def test_other_right_headers(standing: SystemClient, header: dict[str, Any]) -> None:
    assert standing.ask(standing.assertion(header)).status_code == 200


MINUTE = 60
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another organisation's issuer": ({"aud": f"{BASE}/kela"}, "assertion_for_somebody_else"),
    "another server": ({"aud": "https://other.test"}, "assertion_for_somebody_else"),
    "two audiences": ({"aud": [f"{BASE}/mallimaa", "x"]}, "assertion_for_somebody_else"),
    "no audience": ({"aud": ...}, "assertion_malformed"),
    "iss differs": ({"iss": "somebody"}, "assertion_of_somebody_else"),
    "no sub": ({"sub": ...}, "assertion_malformed"),
    "sub no name": ({"iss": "a\0", "sub": "a\0"}, "assertion_malformed"),
    "no exp": ({"exp": ...}, "assertion_malformed"),
    "exp text": ({"exp": "soon"}, "assertion_malformed"),
    "exp absurd": ({"exp": 10**300}, "assertion_malformed"),
    "no jti": ({"jti": ...}, "assertion_malformed"),
    "jti empty": ({"jti": ""}, "assertion_malformed"),
    "jti long": ({"jti": "x" * 257}, "assertion_malformed"),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_an_assertion_with_a_wrong_claim(standing: SystemClient, name: str) -> None:
    changes, code = WRONG[name]
    assert refused(standing.ask(standing.assertion(**changes))) == ("invalid_client", code)


@pytest.mark.parametrize(
    ("claim", "seconds", "code"),
    [
        ("exp", -MINUTE, "assertion_expired"),
        ("exp", 6 * MINUTE + 1, "assertion_lives_too_long"),
        ("iat", MINUTE + 1, "assertion_not_yet_valid"),
        ("nbf", MINUTE + 1, "assertion_not_yet_valid"),
        ("iat", -6 * MINUTE - 1, "assertion_lives_too_long"),
    ],
)
def test_an_assertion_of_another_time(
    standing: SystemClient, claim: str, seconds: int, code: str
) -> None:
    now = int(standing.world.clock.now().timestamp())
    changes: dict[str, Any] = {claim: now + seconds}
    answer = standing.ask(standing.assertion(**changes))
    assert refused(answer) == ("invalid_client", code)


def with_hs256(system: SystemClient) -> str:
    """The public key as an HMAC secret: the classic confusion of algorithms."""
    unsigned = hand_made({"alg": "HS256", "typ": "JWT"}, system.claims()).rstrip(".")
    pem = system.key.as_pem(private=False)
    return f"{unsigned}.{b64(hmac.digest(pem, unsigned.encode(), hashlib.sha256))}"


def with_own_key(system: SystemClient) -> str:
    """A key that the assertion brings along itself."""
    stranger = SystemClient(system.world, name=system.name)
    return stranger.assertion({"jwk": stranger.key.as_dict(private=False)})


def cut(system: SystemClient) -> str:
    return system.assertion()[:-6]


FORGED: dict[str, tuple[Callable[[SystemClient], str], str]] = {
    "alg none": (lambda s: hand_made({"alg": "none"}, s.claims()), "assertion_malformed"),
    "alg HS256": (with_hs256, "assertion_malformed"),
    "no alg": (lambda s: hand_made({"typ": "JWT"}, s.claims(), b"x" * 64), "assertion_malformed"),
    "alg list": (
        lambda s: hand_made({"alg": ["ES256"]}, s.claims(), b"x" * 64),
        "assertion_malformed",
    ),
    "another typ": (lambda s: s.assertion({"typ": "dc+sd-jwt"}), "assertion_malformed"),
    "typ number": (
        lambda s: hand_made({"alg": "ES256", "typ": 1}, s.claims(), b"x" * 64),
        "assertion_malformed",
    ),
    "crit": (
        lambda s: hand_made({"alg": "ES256", "crit": ["b64"]}, s.claims(), b"x" * 64),
        "assertion_malformed",
    ),
    "its own key": (with_own_key, "client_unknown"),
    "cut": (cut, "client_unknown"),
    "no JWT": (lambda _: "nonsense", "assertion_malformed"),
    "claims a list": (lambda _: ".".join(["e30", "W10", "AAAA"]), "assertion_malformed"),
    "long": (lambda _: "a" * 8_193, "assertion_missing"),
}


@pytest.mark.parametrize("name", sorted(FORGED))
def test_a_forged_assertion(standing: SystemClient, name: str) -> None:
    make, code = FORGED[name]
    before = standing.world.dump()
    assert refused(standing.ask(make(standing))) == ("invalid_client", code)
    assert standing.world.dump() == before


def test_an_assertion_counts_once_however_many_send_it(world: World, system: SystemClient) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": system.assertion(),
    }
    answers = world.all_at_once(
        [lambda: world.client.post("/mallimaa/system-token", data=form) for _ in range(10)]
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [400] * 9
    assert len(world.dump()["system_tokens"]) == 1
    world.clock.advance(minutes=1)
    again = system.ask(form["client_assertion"])
    assert refused(again) == ("invalid_client", "assertion_replayed")


def test_the_same_jti_of_another_client_is_another_assertion(
    world: World, system: SystemClient
) -> None:
    other = SystemClient(world, name="other")
    other.register()
    for client in (system, other):
        assert client.ask(client.assertion(jti="same")).status_code == 200


def test_a_key_is_good_at_its_own_organisation_only(world: World, system: SystemClient) -> None:
    theirs = SystemClient(world, org="kela", types=("authority_decision",))
    theirs.register()
    # Kela's key, Mallimaa's client of the same name
    answer = world.post(
        "/mallimaa/system-token",
        data={
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": theirs.assertion(aud=f"{BASE}/mallimaa"),
        },
    )
    assert refused(answer) == ("invalid_client", "client_unknown")
    # Kela's token, Mallimaa's addresses
    taken = world.post(OFFERS, json=offer_body(), headers=theirs.auth())
    assert (taken.status_code, taken.json()["code"]) == (401, "access_token_refused")
    assert world.post("/nobody/system-token", data={"grant_type": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("form", "error", "code"),
    [
        ({"grant_type": ...}, "invalid_request", "token_request_malformed"),
        ({"grant_type": "password"}, "unsupported_grant_type", "grant_type_not_taken"),
        ({"client_assertion": ...}, "invalid_client", "assertion_missing"),
        ({"client_assertion_type": ...}, "invalid_client", "assertion_missing"),
        ({"client_assertion_type": "urn:x"}, "invalid_client", "assertion_missing"),
        ({"client_id": "somebody"}, "invalid_client", "assertion_of_somebody_else"),
        ({"scope": "offer:authority_decision"}, "invalid_scope", "scope_not_granted"),
        ({"scope": f"{ALL} admin"}, "invalid_scope", "scope_not_granted"),
        ({"scope": " "}, "invalid_scope", "scope_not_granted"),
        ({"scope": "x" * 5_000}, "invalid_request", "token_request_malformed"),
    ],
)
def test_a_request_of_the_wrong_form(
    standing: SystemClient, form: dict[str, Any], error: str, code: str
) -> None:
    before = standing.world.dump()
    assert refused(standing.ask(**form)) == (error, code)
    assert standing.world.dump() == before


def test_a_token_does_what_its_scope_says(world: World, system: SystemClient) -> None:
    wallet = TinyWallet(world)
    offering = system.auth(scope="offer:statement_feedback", client_id="lifecare")
    changing = system.auth(scope="status:statement_feedback")
    made = world.post(OFFERS, json=offer_body(), headers=offering).json()
    wallet.receive(made["offer_link"])
    (card,) = world.offer_state(made["offer_id"])["credentials"]
    path = f"/api/v1/mallimaa/credentials/{card['credential_id']}"

    for refusal in (
        world.post(OFFERS, json=offer_body(), headers=changing),
        world.get(f"{OFFERS}/{made['offer_id']}", headers=changing),
        world.get(path, headers=offering),
        world.post(f"{path}/status", json={"action": "revoke", "reason": "used"}, headers=offering),
    ):
        assert (refusal.status_code, refusal.json()["code"]) == (403, "type_not_in_scope")
    done = world.post(
        f"{path}/status", json={"action": "suspend", "reason": "under_review"}, headers=changing
    )
    assert (done.status_code, done.json()["state"]) == (200, "suspended")


def test_what_is_registered_bounds_what_can_be_asked_for(world: World) -> None:
    reader = SystemClient(world, name="reader", acts=(Act.STATUS,))
    reader.register()
    assert reader.ask().json()["scope"] == "status:statement_feedback"
    asked = reader.ask(scope="offer:statement_feedback")
    assert refused(asked) == ("invalid_scope", "scope_not_granted")


def test_a_revoked_key_ends_its_tokens_at_once(world: World, system: SystemClient) -> None:
    admin = make_administration(world.parts)
    headers = system.auth()
    path = f"{OFFERS}/{'0' * 32}"
    assert world.get(path, headers=headers).status_code == 404
    (key,) = world.run(admin.list_clients(organisation="mallimaa"))

    world.run(admin.revoke_client(key.id))

    assert world.get(path, headers=headers).status_code == 401
    assert refused(system.ask()) == ("invalid_client", "client_unknown")
    with pytest.raises(ClientKeyNotFound):
        world.run(admin.revoke_client(key.id))
    with pytest.raises(ClientKeyTaken):
        system.register()


def test_a_token_ends_with_its_key(world: World) -> None:
    system = SystemClient(world)
    system.register(days=1)
    world.clock.advance(days=1, minutes=-1)
    answer = system.ask()
    assert answer.json()["expires_in"] == 60
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    world.clock.advance(minutes=1)
    assert world.get(f"{OFFERS}/{'0' * 32}", headers=headers).status_code == 401
    assert refused(system.ask()) == ("invalid_client", "client_unknown")


def test_two_keys_live_at_a_time_and_both_work(world: World) -> None:
    system, second = SystemClient(world), SystemClient(world)
    first = system.register()
    second.register()
    third = SystemClient(world)
    with pytest.raises(TooManyClientKeys):
        third.register()
    assert system.ask().status_code == second.ask().status_code == 200
    world.run(make_administration(world.parts).revoke_client(first.id))
    third.register()
    assert system.ask().status_code == 400
    assert second.ask().status_code == third.ask().status_code == 200


def test_only_a_public_key_of_the_right_kind_for_the_right_types(world: World) -> None:
    with pytest.raises(OrganisationUnknown):
        SystemClient(world, org="nobody").register()
    with pytest.raises(TypeUnknown):
        SystemClient(world, types=("nothing",)).register()
    with pytest.raises(TypeNotIssuedHere):
        SystemClient(world, types=("self_assessment_result",)).register()
    for key in (ECKey.generate_key("P-384"), RSAKey.generate_key(2048)):
        with pytest.raises(MalformedKey):
            SystemClient(world, key=key).register()  # type: ignore[arg-type]  # the wrong kind
    assert not world.dump()["client_keys"]


def test_a_receiver_may_change_what_it_takes_in_but_offers_only_what_it_issues(
    tmp_path: Path,
) -> None:
    ours, referral = load_catalogue(), "work_ability_referral"
    taken = replace(ours.types[referral], taken_in_by=frozenset({"kela"}))
    catalogue = replace(ours, types={**ours.types, referral: taken})
    world = World(f"sqlite:///{tmp_path}/issuer.db", catalogue=catalogue)
    receiver = SystemClient(world, org="kela", types=(referral, "authority_decision"))
    assert receiver.register().scopes == {
        f"status:{referral}", "offer:authority_decision", "status:authority_decision",
    }  # fmt: skip
    with pytest.raises(TypeNotIssuedHere):
        SystemClient(world, org="kela", types=(referral,), acts=(Act.OFFER,)).register()
    world.close()


def test_used_assertions_and_old_tokens_are_forgotten(world: World, system: SystemClient) -> None:
    system.auth()
    world.clock.advance(minutes=6)
    world.run(make_sweep_expired(world.parts)())
    assert not world.dump()["system_tokens"]
    assert not world.dump()["one_time_values"]


def test_key_and_token_of_a_system_share_its_idempotency(
    world: World, system: SystemClient
) -> None:
    headers = system.auth() | {"Idempotency-Key": "k"}
    first = world.post(OFFERS, json=offer_body(), headers=headers)
    again = world.post(OFFERS, json=offer_body(), headers=system.auth() | {"Idempotency-Key": "k"})
    assert first.json() == again.json()


def test_browsers_are_not_invited(world: World, system: SystemClient) -> None:
    answer = world.post(
        "/mallimaa/system-token", data={"grant_type": "x"}, headers={"Origin": "https://a.test"}
    )
    assert "access-control-allow-origin" not in answer.headers


def test_the_operator_registers_lists_and_ends(environment: None, tmp_path: Path) -> None:
    key = ECKey.generate_key("P-256")
    public, private = tmp_path / "public.json", tmp_path / "private.json"
    public.write_text(json.dumps(key.as_dict(private=False)))
    private.write_text(json.dumps(key.as_dict(private=True)))

    def command(*words: str) -> Any:
        return CliRunner().invoke(main, ["clients", *words])

    def add(*words: str) -> Any:
        return command("add", "--org", "mallimaa", "--type", "statement_feedback", *words)

    CliRunner().invoke(main, ["migrate"])
    mistaken = add("--system", "lifecare", "--jwk", str(private))
    assert (mistaken.exit_code, "malformed_key" in mistaken.output) == (1, True)
    odd = add("--system", "Life care", "--jwk", str(public))
    assert (odd.exit_code, "small letters" in odd.output) == (2, True)
    made = add("--system", "lifecare", "--jwk", str(public), "--may", "offer")
    assert made.exit_code == 0, made.output
    assert "http://127.0.0.1:8001/mallimaa/system-token" in made.stderr
    key_id = made.stdout.strip()
    again = add("--system", "other", "--jwk", str(public))
    assert (again.exit_code, "client_key_taken" in again.output) == (1, True)

    (line,) = command("list", "--org", "mallimaa").stdout.splitlines()
    parts = line.split("\t")
    assert parts[:4] == [key_id, "mallimaa", "lifecare", "live"]
    assert parts[5:] == [key.thumbprint(), "offer:statement_feedback"]
    assert command("list", "--org", "kela").stdout == ""
    assert command("revoke", key_id).exit_code == 0
    assert "ended" in command("list").stdout
    assert command("revoke", key_id).exit_code == 1


def refused(answer: Any) -> tuple[str, str]:
    """The error code of OAuth 2.0 and our own."""
    assert answer.status_code == 400, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    return body["error"], body["error_description"].partition(":")[0]
