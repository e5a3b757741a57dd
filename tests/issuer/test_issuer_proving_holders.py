"""Keys that cards are bound to: attested by a wallet provider, and kept as their type wants it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from issuer.settings import KeyPolicySetting
from issuer.usecases.failures import TypeUnknown
from issuer.usecases.proving.failures import WalletProvidersUnavailable
from keys.jose import public_jwk, sign_jws
from keys.ports import Signer
from keys.software_signer import SoftwareSigner
from keys.strict_json import dumps
from openid4vc.openid4vci.credential import request_json
from openid4vc.openid4vci.issuer_id import CREDENTIAL_ISSUER, well_known
from openid4vc.openid4vci.key_attestation import KeyAttestationClaims, make_key_attestation
from openid4vc.openid4vci.proof import PROOF_TYPE, make_proof
from openid4vc.sd_jwt.parse import parse
from tests.issuer.asking import PROVIDER, AskingWorld
from tests.issuer.proving import HOURS, Prover, refusal
from tests.issuer.world import World, demo_pki, offer_body

TYPE, OPEN_TYPE = "statement_feedback", "medical_statement_key_data"
BASIC = "iso_18045_basic"
POLICY = {TYPE: KeyPolicySetting(key_storage=BASIC)}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AskingWorld]:
    """One issuer for all: it wants to know how keys are kept for one type, and for no other."""
    folder = tmp_path_factory.mktemp("proving-holders")
    made = AskingWorld(f"sqlite:///{folder}/issuer.db", folder, key_attestations=POLICY)
    yield made
    made.close()


@pytest.fixture
def wallet(world: AskingWorld) -> "Holder":
    return Holder(world)


class Holder(Prover):
    """A wallet with keys, and with what its provider says of them."""

    def keys(self, count: int = 1) -> list[SoftwareSigner]:
        return [SoftwareSigner.generate() for _ in range(count)]

    def key_attestation(
        self, *keys: SoftwareSigner, signer: Signer | None = None, **changes: Any
    ) -> str:
        """What the provider says of keys, changed; `at` moves it in time."""
        at = changes.pop("at", self.world.clock.now())
        said: dict[str, Any] = {
            "keys": [public_jwk(key.public_key) for key in keys],
            "lifetime": HOURS,
            "nonce": self.holder.nonce(),
            "key_storage": ("iso_18045_moderate",),
        }
        return make_key_attestation(
            KeyAttestationClaims(**{**said, **changes}),
            signer=signer or demo_pki().signer(PROVIDER, "wallet-attestation"),
            at=at,
        )

    def proof(self, key: SoftwareSigner, attestation: str | None = None, **changes: Any) -> str:
        made: dict[str, Any] = {
            "signer": key,
            "issuer": self.issuer,
            "nonce": self.holder.nonce(),
            "at": self.world.clock.now(),
            "key_attestation": attestation,
        }
        return make_proof(**{**made, **changes})

    def ask(self, type_id: str = TYPE, **proofs: Any) -> Any:
        """Ask for a card of an offer made for this."""
        answer = self.redeem(body=offer_body(type_id))
        assert answer.status_code == 200, answer.text
        body = request_json(configuration_id=type_id, **proofs)
        return self.holder.ask_credential(answer.json()["access_token"], body)


def bound_to(answer: Any) -> list[object]:
    """The keys that the cards of an answer are bound to."""
    assert answer.status_code == 200, answer.text
    cards = [one["credential"] for one in answer.json()["credentials"]]
    confirmations = [parse(card).claims["cnf"] for card in cards]
    return [one["jwk"] for one in confirmations if isinstance(one, dict)]


def jwks(*keys: SoftwareSigner) -> list[dict[str, str]]:
    return [public_jwk(key.public_key) for key in keys]


@pytest.mark.req("VCI-53", "VCI-56", "ABCA-19", "ARF-32", "HAIP-07")
def test_every_attested_key_gets_a_copy(wallet: Holder) -> None:
    keys = wallet.keys(3)
    answer = wallet.ask(attestation=wallet.key_attestation(*keys))
    assert bound_to(answer) == jwks(*keys)


@pytest.mark.req("VCI-55", "VCI-56", "ABCA-19")
def test_one_proof_with_an_attestation_of_several_keys(wallet: Holder) -> None:
    keys = wallet.keys(3)
    proof = wallet.proof(keys[0], wallet.key_attestation(*keys))
    assert bound_to(wallet.ask(proofs=[proof])) == jwks(*keys)


@pytest.mark.req("VCI-55", "HAIP-07")
def test_several_proofs_with_one_attestation(wallet: Holder) -> None:
    keys = wallet.keys(3)
    attestation = wallet.key_attestation(*keys)
    proofs = [wallet.proof(key, attestation) for key in reversed(keys)]
    assert bound_to(wallet.ask(proofs=proofs)) == jwks(*reversed(keys))


@pytest.mark.req("ABCA-19", "VCI-48")
def test_a_proof_may_name_its_key_by_the_attestation(wallet: Holder) -> None:
    first, second = wallet.keys(2)
    attestation = wallet.key_attestation(first, second)
    claims = {
        "aud": wallet.issuer,
        "iat": int(wallet.world.clock.now().timestamp()),
        "nonce": wallet.holder.nonce(),
    }
    header = {"typ": PROOF_TYPE, "kid": "0", "key_attestation": attestation}
    good = sign_jws(header, dumps(claims), first)
    assert bound_to(wallet.ask(proofs=[good])) == jwks(first, second)
    claims["nonce"] = wallet.holder.nonce()
    header["key_attestation"] = wallet.key_attestation(first, second)
    bad = sign_jws(header, dumps(claims), second)
    assert refusal(wallet.ask(proofs=[bad]))[1:] == ("invalid_proof", "proof_signature_invalid")


@pytest.mark.req("VCI-55", "ARF-32")
def test_a_type_that_wants_it_takes_no_bare_proof(wallet: Holder) -> None:
    (bare,) = wallet.keys()
    answer = wallet.ask(proofs=[wallet.proof(bare)])
    assert refusal(answer) == (400, "invalid_proof", "key_attestation_missing")
    # One good proof in a batch does not help another.
    one, other = wallet.keys(2)
    proofs = [wallet.proof(one, wallet.key_attestation(one)), wallet.proof(other)]
    assert refusal(wallet.ask(proofs=proofs))[2] == "key_attestation_missing"


@pytest.mark.req("VCI-57")
@pytest.mark.parametrize(
    ("storage", "is_enough"),
    [
        (("iso_18045_high",), True),
        (("iso_18045_moderate",), True),
        (("iso_18045_enhanced-basic",), True),
        ((BASIC,), True),
        (("something-else", BASIC), True),
        (("something-else",), False),
        ((), False),
    ],
)
def test_how_hard_to_break_keys_are(
    wallet: Holder, storage: tuple[str, ...], *, is_enough: bool
) -> None:
    (key,) = wallet.keys()
    attestation = wallet.key_attestation(key, key_storage=storage)
    answers = [
        wallet.ask(attestation=attestation),
        wallet.ask(proofs=[wallet.proof(key, wallet.key_attestation(key, key_storage=storage))]),
    ]
    for answer in answers:
        if is_enough:
            assert bound_to(answer) == jwks(key)
        else:
            assert refusal(answer) == (400, "invalid_proof", "key_kept_too_weakly")


@pytest.mark.req("VCI-53", "VCI-54", "VCI-55", "ARF-32", "TRUST-01")
@pytest.mark.parametrize("in_proof", [True, False])
@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        (
            {"signer": demo_pki().signer("kela", "credential")},
            "invalid_proof",
            "key_attester_not_trusted",
        ),
        ({"signer": SoftwareSigner.generate()}, "invalid_proof", "key_attester_not_trusted"),
        ({"lifetime": timedelta(seconds=-90)}, "invalid_proof", "key_attestation_stale"),
        ({"nonce": None}, "invalid_proof", "proof_nonce_missing"),
        ({"nonce": "guess"}, "invalid_nonce", "invalid_nonce"),
        ({"keys": []}, "invalid_proof", "key_attestation_malformed"),
    ],
)
def test_an_attestation_that_does_not_hold(
    wallet: Holder, changes: dict[str, Any], error: str, code: str, *, in_proof: bool
) -> None:
    (key,) = wallet.keys()
    attestation = wallet.key_attestation(key, **changes)
    proofs: dict[str, Any] = (
        {"proofs": [wallet.proof(key, attestation)]} if in_proof else {"attestation": attestation}
    )
    assert refusal(wallet.ask(**proofs)) == (400, error, code)


@pytest.mark.req("VCI-55")
def test_a_proof_of_a_key_that_was_not_attested(wallet: Holder) -> None:
    key, other = wallet.keys(2)
    answer = wallet.ask(proofs=[wallet.proof(key, wallet.key_attestation(other))])
    assert refusal(answer) == (400, "invalid_proof", "key_not_attested")


@pytest.mark.req("VCI-53", "VCI-52")
def test_an_attestation_counts_once(wallet: Holder) -> None:
    (key,) = wallet.keys()
    attestation = wallet.key_attestation(key)
    assert wallet.ask(attestation=attestation).status_code == 200
    assert refusal(wallet.ask(attestation=attestation))[1] == "invalid_nonce"
    again = wallet.proof(key, attestation)
    assert refusal(wallet.ask(proofs=[again]))[1] == "invalid_nonce"


@pytest.mark.req("VCI-10")
def test_more_keys_than_a_batch_has(wallet: Holder) -> None:
    keys = wallet.keys(11)
    answer = wallet.ask(attestation=wallet.key_attestation(*keys))
    assert refusal(answer)[1:] == ("invalid_proof", "too_many_proofs")
    first = wallet.proof(keys[0], wallet.key_attestation(*keys[:6]))
    second = wallet.proof(keys[6], wallet.key_attestation(*keys[6:]))
    answer = wallet.ask(proofs=[first, second])
    assert refusal(answer)[1:] == ("invalid_proof", "too_many_proofs")


@pytest.mark.req("VCI-09", "VCI-55")
def test_other_types_ask_for_none_and_check_what_comes(wallet: Holder) -> None:
    (key,) = wallet.keys()
    assert bound_to(wallet.ask(OPEN_TYPE, proofs=[wallet.proof(key)])) == jwks(key)
    weak = wallet.key_attestation(key, key_storage=())
    assert bound_to(wallet.ask(OPEN_TYPE, attestation=weak)) == jwks(key)
    forged = wallet.key_attestation(key, signer=SoftwareSigner.generate())
    refused = wallet.ask(OPEN_TYPE, proofs=[wallet.proof(key, forged)])
    assert refusal(refused)[2] == "key_attester_not_trusted"


@pytest.mark.req("VCI-09", "ABCA-11", "ABCA-12")
def test_the_metadata_say_exactly_this(world: AskingWorld, tmp_path: Any) -> None:
    found = world.get(well_known("https://issuer.test/mallimaa", CREDENTIAL_ISSUER)).json()
    types = found["credential_configurations_supported"]
    asked = {"key_storage": ["iso_18045_high", "iso_18045_moderate", "iso_18045_enhanced-basic"]}
    asked["key_storage"].append(BASIC)
    strict, free = (types[one]["proof_types_supported"] for one in (TYPE, OPEN_TYPE))
    assert {one["key_attestations_required"] == asked for one in strict.values()} == {True}
    assert set(strict) == set(free) == {"jwt", "attestation"}
    assert all("key_attestations_required" not in one for one in free.values())
    # Without a list of wallet providers nobody could judge an attestation, and none is taken.
    bare = World(f"sqlite:///{tmp_path}/issuer.db")
    try:
        found = bare.get(well_known("https://issuer.test/mallimaa", CREDENTIAL_ISSUER)).json()
        types = found["credential_configurations_supported"]
        assert {tuple(one["proof_types_supported"]) for one in types.values()} == {("jwt",)}
        holder = Holder(bare)
        (key,) = holder.keys()
        answer = holder.ask(attestation=holder.key_attestation(key))
        assert refusal(answer)[2] == "proof_type_not_supported"
        with_header = holder.proof(key, holder.key_attestation(key))
        assert bound_to(holder.ask(proofs=[with_header])) == jwks(key)
    finally:
        bare.close()


def test_settings_that_nobody_could_meet_are_refused_at_start(tmp_path: Any) -> None:
    database = f"sqlite:///{tmp_path}/issuer.db"
    with pytest.raises(WalletProvidersUnavailable):
        World(database, key_attestations=POLICY)
    with pytest.raises(TypeUnknown):
        AskingWorld(database, tmp_path, key_attestations={"nothing": KeyPolicySetting()})
