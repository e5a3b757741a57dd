"""Wallets that say what they are: attestations at the token endpoint and for pushed requests."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keys.checks import CheckFailed
from keys.wallet_providers import WalletProviders, sign_wallet_providers
from openid4vc.openid4vci.token import refresh_request_form
from tests.issuer.asking import CLIENT_ID, PROVIDER, AskingWorld
from tests.issuer.proving import Prover, refusal
from tests.issuer.world import BASE, demo_pki, offer_body

Sent = list[tuple[str, str]]
CHALLENGE = "OAuth-Client-Attestation-Challenge"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AskingWorld]:
    """One issuer for all: each test has a wallet and offers of its own."""
    folder = tmp_path_factory.mktemp("proving-clients")
    made = AskingWorld(f"sqlite:///{folder}/issuer.db", folder)
    yield made
    made.close()


@pytest.fixture
def wallet(world: AskingWorld) -> Prover:
    return Prover(world)


def push(wallet: Prover, sent: Sent, **form: str) -> Any:
    """A pushed request that lacks nothing but maybe what is sent beside it."""
    asked = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": "http://127.0.0.1:43210/callback",
        "scope": "statement_feedback",
        "code_challenge": "A" * 43,
        "code_challenge_method": "S256",
    }
    return wallet.world.post("/mallimaa/par", data={**asked, **form}, headers=sent)


@pytest.mark.req("ABCA-01", "ABCA-04", "HAIP-02", "ARF-32")
def test_an_attested_wallet_is_known_by_its_grant(wallet: Prover) -> None:
    answer = wallet.redeem(("DPoP", wallet.dpop("token")), *wallet.attested())
    assert answer.status_code == 200, answer.text
    kept = repr(wallet.world.dump()["grants"])
    assert CLIENT_ID in kept
    assert push(wallet, wallet.attested()).status_code == 201


@pytest.mark.req("ABCA-17")
def test_the_form_that_openid4vci_names_is_taken_too(wallet: Prover) -> None:
    older = wallet.attested(
        wallet.attestation(issuer="https://lompakontarjoaja-malli.example"),
        wallet.pop(client_id=CLIENT_ID),
    )
    assert push(wallet, older).status_code == 201


@pytest.mark.req("HAIP-02", "ABCA-04")
def test_a_pushed_request_needs_an_attestation_and_an_offer_does_not(wallet: Prover) -> None:
    answer = push(wallet, [])
    assert refusal(answer) == (400, "invalid_client", "client_attestation_missing")
    assert wallet.redeem().status_code == 200


def _forged(wallet: Prover) -> Sent:
    head = wallet.attestation().rpartition(".")[0]
    other = wallet.attestation(signer=demo_pki().signer(PROVIDER, "wallet-attestation"))
    return wallet.attested(f"{head}.{'A' * len(other.rpartition('.')[2])}")


def _of_another_key(wallet: Prover) -> Sent:
    stolen = Prover(wallet.world)
    return wallet.attested(pop=stolen.pop())


BAD: dict[str, tuple[Callable[[Prover], Sent], str, str]] = {
    "two attestations": (
        lambda one: [*one.attested(), *one.attested()[:1]],
        "invalid_client_attestation",
        "client_attestation_repeated",
    ),
    "two proofs": (
        lambda one: [*one.attested(), *one.attested()[1:]],
        "invalid_client_attestation",
        "client_attestation_repeated",
    ),
    "no proof": (
        lambda one: one.attested()[:1],
        "invalid_client_attestation",
        "attestation_proof_missing",
    ),
    "a proof alone": (
        lambda one: one.attested()[1:],
        "invalid_client",
        "client_attestation_missing",
    ),
    "no JWT": (
        lambda one: one.attested("x"),
        "invalid_client_attestation",
        "client_attestation_malformed",
    ),
    "a proof that is no JWT": (
        lambda one: one.attested(pop="x"),
        "invalid_client_attestation",
        "attestation_proof_malformed",
    ),
    "a provider that is not on the list": (
        lambda one: one.attested(one.attestation(signer=demo_pki().signer("kela", "credential"))),
        "invalid_client_attestation",
        "client_attester_not_trusted",
    ),
    "a signature that is not the provider's": (
        _forged,
        "invalid_client_attestation",
        "client_attestation_signature_invalid",
    ),
    "over": (
        lambda one: one.attested(one.attestation(at=one.world.clock.now() - timedelta(hours=13))),
        "use_fresh_attestation",
        "client_attestation_stale",
    ),
    "for a whole day": (
        lambda one: one.attested(one.attestation(lifetime=timedelta(hours=24))),
        "invalid_client_attestation",
        "client_attestation_lives_too_long",
    ),
    "ahead": (
        lambda one: one.attested(
            one.attestation(at=one.world.clock.now() + timedelta(minutes=2)),
        ),
        "invalid_client_attestation",
        "client_attestation_not_yet_valid",
    ),
    "another wallet's": (
        lambda one: one.attested(one.attestation(client_id="another")),
        "invalid_client",
        "client_id_differs",
    ),
    "of another key": (
        _of_another_key,
        "invalid_client_attestation",
        "attestation_proof_of_other_key",
    ),
    "for another issuer": (
        lambda one: one.attested(pop=one.pop(audience=f"{BASE}/kela")),
        "invalid_client_attestation",
        "attestation_proof_for_other_server",
    ),
    "for an endpoint": (
        lambda one: one.attested(pop=one.pop(audience=f"{one.issuer}/par")),
        "invalid_client_attestation",
        "attestation_proof_for_other_server",
    ),
    "a proof by another wallet": (
        lambda one: one.attested(pop=one.pop(client_id="another")),
        "invalid_client_attestation",
        "attestation_proof_of_other_client",
    ),
    "a proof that is too old": (
        lambda one: one.attested(
            pop=one.pop(at=one.world.clock.now() - timedelta(minutes=5, seconds=2))
        ),
        "invalid_client_attestation",
        "attestation_proof_stale",
    ),
    "a challenge that is not ours": (
        lambda one: one.attested(pop=one.pop(challenge="guess")),
        "use_attestation_challenge",
        "attestation_challenge_needed",
    ),
}


@pytest.mark.req("ABCA-03", "ABCA-04", "ABCA-05", "ABCA-06", "ABCA-07", "ABCA-16", "ABCA-21")
@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("endpoint", ["par", "token"])
def test_a_bad_attestation(wallet: Prover, endpoint: str, name: str) -> None:
    make, error, code = BAD[name]
    sent = make(wallet)
    answer = push(wallet, sent) if endpoint == "par" else wallet.redeem(*sent, client_id=CLIENT_ID)
    assert refusal(answer) == (400, error, code)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.req("ABCA-10")
def test_a_proof_counts_once_in_all_processes(wallet: Prover) -> None:
    sent = wallet.attested()
    assert push(wallet, sent).status_code == 201
    replayed = (400, "invalid_client_attestation", "attestation_proof_replayed")
    assert refusal(push(wallet, sent)) == replayed
    assert refusal(wallet.redeem(*sent)) == replayed


@pytest.mark.req("ABCA-06", "ABCA-08", "ABCA-09")
def test_a_challenge_is_given_and_known_again(wallet: Prover) -> None:
    given = wallet.world.post("/mallimaa/attestation-challenge")
    assert given.status_code == 200
    assert given.headers["cache-control"] == "no-store"
    challenge = given.json()["attestation_challenge"]
    answer = push(wallet, wallet.attested(pop=wallet.pop(challenge=challenge)))
    assert answer.status_code == 201
    # The next comes with the answer.
    after = push(wallet, wallet.attested(pop=wallet.pop(challenge=answer.headers[CHALLENGE])))
    assert after.status_code == 201
    wallet.world.clock.advance(minutes=5, seconds=1)
    late = push(wallet, wallet.attested(pop=wallet.pop(challenge=challenge)))
    assert refusal(late)[1:] == ("use_attestation_challenge", "attestation_challenge_needed")
    helped = push(wallet, wallet.attested(pop=wallet.pop(challenge=late.headers[CHALLENGE])))
    assert helped.status_code == 201


@pytest.mark.req("ABCA-08")
def test_the_challenge_endpoint(world: AskingWorld) -> None:
    assert world.get("/mallimaa/attestation-challenge").status_code == 405
    assert world.post("/nobody/attestation-challenge").status_code == 404


@pytest.mark.req("ABCA-13")
def test_the_dpop_proof_may_be_the_proof_of_both(wallet: Prover) -> None:
    alone = wallet.attested()[:1]
    good = ("DPoP", wallet.dpop("par", key=wallet.instance))
    assert push(wallet, [*alone, good]).status_code == 201
    other = ("DPoP", wallet.dpop("par"))
    refused = (400, "invalid_client_attestation", "attestation_proof_of_other_key")
    assert refusal(push(wallet, [*alone, other])) == refused
    assert refusal(push(wallet, [*alone, good]))[1:] == ("invalid_dpop_proof", "dpop_replayed")


@pytest.mark.req("ABCA-14")
def test_waiting_goes_on_in_the_same_instance_only(wallet: Prover) -> None:
    body = offer_body()
    del body["claims"]
    answer = wallet.redeem(*wallet.attested(), body=body)
    form = refresh_request_form(answer.json()["refresh_token"])
    for sent in (Prover(wallet.world).attested(), []):
        refused = wallet.world.post("/mallimaa/token", data=form, headers=sent)
        assert refusal(refused)[:2] == (400, "invalid_grant")
    good = wallet.world.post("/mallimaa/token", data=form, headers=wallet.attested())
    assert good.status_code == 200


# --- the list of wallet providers -----------------------------------------------------------------


def listed(folder: Path, **changes: Any) -> None:
    """Write another issue of the list."""
    now = demo_pki().wallet_providers
    issue = {
        "sequence": now.sequence,
        "issued_at": now.issued_at,
        "next_update": now.next_update,
        "providers": now.providers,
    }
    signer = changes.pop("signer", demo_pki().signer("trust-operator", "trust-list"))
    text = sign_wallet_providers(WalletProviders(**{**issue, **changes}), signer)
    (folder / "wallet-providers.jws").write_text(text)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[AskingWorld]:
    made = AskingWorld(f"sqlite:///{tmp_path}/issuer.db", tmp_path)
    yield made
    made.close()


@pytest.mark.req("TRUST-01", "ARF-32")
def test_the_list_is_read_again(own: AskingWorld, tmp_path: Path) -> None:
    wallet = Prover(own)
    assert push(wallet, wallet.attested()).status_code == 201
    listed(tmp_path, sequence=2, providers=())
    assert push(wallet, wallet.attested()).status_code == 201
    own.run(own.parts.wallet_providers.refresh())
    gone = refusal(push(wallet, wallet.attested()))
    assert gone[1:] == ("invalid_client_attestation", "client_attester_not_trusted")


@pytest.mark.req("TRUST-04")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sequence": 1}, "trust_list_rolled_back"),
        ({"next_update": demo_pki().wallet_providers.issued_at}, "trust_list_stale"),
        ({"signer": demo_pki().signer("kela", "credential")}, "trust_list_operator_not_trusted"),
    ],
)
def test_a_list_that_is_no_good_changes_nothing(
    own: AskingWorld, tmp_path: Path, changes: dict[str, Any], code: str
) -> None:
    wallet = Prover(own)
    listed(tmp_path, sequence=2)
    own.run(own.parts.wallet_providers.refresh())
    listed(tmp_path, providers=(), **{"sequence": 3, **changes})
    with pytest.raises(CheckFailed, match=code):
        own.run(own.parts.wallet_providers.refresh())
    assert push(wallet, wallet.attested()).status_code == 201


@pytest.mark.req("TRUST-04")
def test_what_was_seen_is_remembered_over_a_restart(own: AskingWorld, tmp_path: Path) -> None:
    listed(tmp_path, sequence=7)
    own.run(own.parts.wallet_providers.refresh())
    listed(tmp_path, sequence=6, providers=())
    again = AskingWorld(own.settings.database, tmp_path)
    try:
        # The older list is refused, and the last good one is gone by.
        listed(tmp_path, sequence=6, providers=())
        wallet = Prover(again)
        assert push(wallet, wallet.attested()).status_code == 201
    finally:
        again.close()


@pytest.mark.req("TRUST-04")
def test_a_list_that_has_ended_lets_nobody_in(own: AskingWorld) -> None:
    wallet = Prover(own)
    assert push(wallet, wallet.attested()).status_code == 201
    own.clock.at = demo_pki().wallet_providers.next_update
    answer = push(wallet, wallet.attested())
    assert refusal(answer) == (503, "temporarily_unavailable", "no_wallet_providers")
    # The same for who asks before it is looked for again.
    assert push(wallet, wallet.attested()).status_code == 503


def test_a_list_that_cannot_be_read_lets_nobody_in(own: AskingWorld, tmp_path: Path) -> None:
    (tmp_path / "wallet-providers.jws").unlink()
    wallet = Prover(own)
    answer = push(wallet, wallet.attested())
    assert refusal(answer) == (503, "temporarily_unavailable", "no_wallet_providers")
    # It is looked for again, but not by everybody who asks.
    listed(tmp_path)
    assert push(wallet, wallet.attested()).status_code == 503
    own.clock.advance(minutes=1)
    assert push(wallet, wallet.attested()).status_code == 201


@pytest.mark.req("ABCA-06")
def test_a_challenge_may_be_demanded(tmp_path: Path) -> None:
    world = AskingWorld(
        f"sqlite:///{tmp_path}/issuer.db", tmp_path, attestation_challenge_required=True
    )
    wallet = Prover(world)
    try:
        answer = push(wallet, wallet.attested())
        refused = (400, "use_attestation_challenge", "attestation_challenge_needed")
        assert refusal(answer) == refused
        pop = wallet.pop(challenge=answer.headers[CHALLENGE])
        assert push(wallet, wallet.attested(pop=pop)).status_code == 201
    finally:
        world.close()


def test_types_of_jwts_are_not_mixed_up(wallet: Prover) -> None:
    swapped = [
        ("OAuth-Client-Attestation", wallet.pop()),
        ("OAuth-Client-Attestation-PoP", wallet.attestation()),
    ]
    assert refusal(push(wallet, swapped))[1] == "invalid_client_attestation"
