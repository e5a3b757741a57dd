"""One card in several copies: what differs between them, and what they share."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from issuer.model import Credential, StatusPlace
from issuer.usecases.addresses import Addresses
from keys import strict_json
from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.openid4vci.credential import read_credential_response, request_json
from openid4vc.openid4vci.deferred import deferred_request_json, read_deferral
from openid4vc.openid4vci.errors import (
    InvalidNonce,
    ProofForOtherIssuer,
    ProofKeyRepeated,
    TooManyProofs,
)
from openid4vc.openid4vci.notification import Event
from openid4vc.openid4vci.proof import make_proof
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import status_reference
from openid4vc.status_list.bits import Status
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, World, claims_of, offer_body

TYPE = "statement_feedback"


class Batch:
    """A wallet with a token and several keys."""

    def __init__(self, world: World, *, size: int = 3, body: Any = None) -> None:
        self.world, self.wallet = world, TinyWallet(world)
        self.signers = [SoftwareSigner.generate() for _ in range(size)]
        self.made = world.offer(body)
        self.token = self.wallet.token(self.wallet.open_link(self.made["offer_link"]))

    def proofs(self, nonce: str | None = None, *, issuer: str | None = None) -> list[str]:
        """One proof for each key; without a nonce all share a fresh one."""
        shared = nonce or self.wallet.nonce()
        at = self.world.clock.now()
        to = issuer or self.wallet.issuer
        return [make_proof(signer=one, issuer=to, nonce=shared, at=at) for one in self.signers]

    def ask(self, proofs: list[str] | None = None) -> httpx2.Response:
        request = request_json(proofs=proofs or self.proofs(), configuration_id=TYPE)
        return self.wallet.ask_credential(self.token, request)

    def credentials(self, answer: httpx2.Response | None = None) -> tuple[str, ...]:
        answer = answer or self.ask()
        assert answer.status_code == 200, answer.text
        return read_credential_response(answer.json(), keys=len(self.signers)).credentials

    def copies(self) -> list[dict[str, Any]]:
        told = self.world.offer_state(self.made["offer_id"])["credentials"]
        assert isinstance(told, list)
        return told


@pytest.fixture
def batch(world: World) -> Batch:
    return Batch(world)


def refused(answer: httpx2.Response) -> tuple[str, str]:
    assert answer.status_code == 400, answer.text
    body = answer.json()
    return body["error"], body["error_description"].partition(":")[0]


@pytest.mark.req("VCI-10", "VCI-50", "VCI-61", "VCI-69", "HAIP-16", "ARF-23", "SDJWT-22")
def test_copies_share_what_they_say_and_nothing_that_links_them(batch: Batch) -> None:
    copies = [parse(one) for one in batch.credentials()]
    claims: list[Any] = [copy.claims for copy in copies]
    assert [one["cnf"] for one in claims] == [
        {"jwk": public_jwk(signer.public_key)} for signer in batch.signers
    ]
    said = [sorted((str(d.name), len(d.text)) for d in copy.disclosures) for copy in copies]
    assert said[0] == said[1] == said[2]
    salts = [disclosure.salt for copy in copies for disclosure in copy.disclosures]
    assert len(set(salts)) == len(salts)
    digests = [digest for one in claims for digest in one["_sd"]]
    assert len(set(digests)) == len(digests)
    assert len({one["status"]["status_list"]["idx"] for one in claims}) == 3
    assert len({copy.jws.signature for copy in copies}) == 3
    for name in ("iat", "exp"):
        (moment,) = {one[name] for one in claims}
        assert moment % 86_400 == 0
    assert claims[0]["iat"] == datetime(2026, 11, 24, tzinfo=UTC).timestamp()


@pytest.mark.req("VCI-10")
def test_ten_copies_are_a_batch_and_eleven_are_too_many(world: World) -> None:
    assert len(Batch(world, size=10).credentials()) == 10
    eleven = Batch(world, size=11).ask()
    assert refused(eleven) == ("invalid_proof", TooManyProofs.code)


@pytest.mark.req("VCI-50", "VCI-51", "VCI-61")
def test_one_key_twice_is_refused(batch: Batch) -> None:
    batch.signers[2] = batch.signers[0]
    assert refused(batch.ask()) == ("invalid_proof", ProofKeyRepeated.code)
    assert batch.copies() == []


@pytest.mark.req("VCI-50")
def test_one_bad_proof_spoils_the_batch_and_leaves_the_nonce(batch: Batch) -> None:
    nonce = batch.wallet.nonce()
    good, other = batch.proofs(nonce), batch.proofs(nonce, issuer="https://other.example")
    bad = batch.ask([*good[:2], other[2]])
    assert refused(bad) == ("invalid_proof", ProofForOtherIssuer.code)
    assert batch.copies() == []
    assert len(batch.credentials(batch.ask(good))) == 3


@pytest.mark.req("VCI-51", "VCI-52")
def test_every_nonce_of_a_batch_is_used_up(batch: Batch) -> None:
    first, second = batch.wallet.nonce(), batch.wallet.nonce()
    mixed = [batch.proofs(first)[0], batch.proofs(second)[1]]
    assert batch.ask(mixed).status_code == 200
    for nonce in (first, second):
        assert refused(batch.ask(batch.proofs(nonce))) == ("invalid_nonce", InvalidNonce.code)


@pytest.mark.req("VCI-68", "TSL-07")
def test_the_copies_are_reported_on_revoked_and_counted_as_one_card(batch: Batch) -> None:
    answer = batch.ask()
    credentials = batch.credentials(answer)
    notification_id = answer.json()["notification_id"]
    assert batch.wallet.notify(batch.token, notification_id, Event.ACCEPTED).status_code == 204
    (card,) = batch.copies()
    path = f"/api/v1/mallimaa/credentials/{card['credential_id']}/status"
    for action, reason, status in (
        ("suspend", "under_review", Status.SUSPENDED),
        ("reinstate", None, Status.VALID),
        ("revoke", "used", Status.INVALID),
    ):
        change = {"action": action} | ({} if reason is None else {"reason": reason})
        answer = batch.world.post(path, json=change, headers=batch.world.auth())
        assert answer.status_code == 200, answer.text
        assert [batch.wallet.status_of(one) for one in credentials] == [status] * 3


@pytest.mark.req("VCI-61")
def test_asking_again_revokes_every_copy_that_got_lost(batch: Batch) -> None:
    lost, kept = batch.credentials(), batch.credentials()
    assert {batch.wallet.status_of(one) for one in lost} == {Status.INVALID}
    assert {batch.wallet.status_of(one) for one in kept} == {Status.VALID}
    assert sorted(copy["state"] for copy in batch.copies()) == ["revoked", "valid"]


def test_a_card_is_found_by_the_status_entry_of_any_copy(batch: Batch) -> None:
    store, addresses = batch.world.parts.store, Addresses(BASE)
    credentials = batch.credentials()
    (card,) = batch.copies()

    def found_at(place: StatusPlace) -> Credential | None:
        return batch.world.run(store.read(lambda records: records.credentials.at_place(place)))

    for one in credentials:
        reference = status_reference(parse(one).claims)
        assert reference is not None
        place = addresses.status_place(reference.uri, reference.index)
        assert place is not None
        found = found_at(place)
        assert found is not None
        assert found.id == card["credential_id"]


@pytest.mark.req("VCI-61", "VCI-63", "VCI-66")
def test_a_batch_can_come_later(world: World) -> None:
    body = offer_body()
    del body["claims"]
    batch = Batch(world, body=body)
    later = batch.ask()
    assert later.status_code == 202
    put = world.client.put(
        f"/api/v1/mallimaa/offers/{batch.made['offer_id']}/claims",
        json={"claims": claims_of(TYPE)},
        headers=world.auth(),
    )
    assert world.run(put).status_code == 200
    answer = world.post(
        "/mallimaa/deferred-credential",
        json=deferred_request_json(read_deferral(later.json()).transaction_id),
        headers={"Authorization": f"Bearer {batch.token}"},
    )
    bound = [parse(one).claims["cnf"] for one in batch.credentials(answer)]
    assert bound == [{"jwk": public_jwk(signer.public_key)} for signer in batch.signers]


def test_a_key_that_was_kept_before_there_were_batches_still_opens(world: World) -> None:
    body = offer_body()
    del body["claims"]
    batch = Batch(world, size=1, body=body)
    transaction_id = read_deferral(batch.ask().json()).transaction_id
    jwk = public_jwk(batch.signers[0].public_key)
    kept = world.parts.vault.seal(
        strict_json.dumps(jwk), binding=b"holder\x00" + batch.made["offer_id"].encode()
    )

    def put_back(records: Any) -> None:
        mac = world.parts.vault.mac("transaction", transaction_id)
        records.deferrals.await_claims(batch.made["offer_id"], transaction_mac=mac, holder=kept)

    world.run(world.parts.store.write(put_back))
    path = f"/api/v1/mallimaa/offers/{batch.made['offer_id']}/claims"
    put = world.client.put(path, json={"claims": claims_of(TYPE)}, headers=world.auth())
    assert world.run(put).status_code == 200
    answer = world.post(
        "/mallimaa/deferred-credential",
        json=deferred_request_json(transaction_id),
        headers={"Authorization": f"Bearer {batch.token}"},
    )
    (credential,) = batch.credentials(answer)
    assert parse(credential).claims["cnf"] == {"jwk": jwk}
