"""A holder revokes an own card: what was presented anywhere else, or by anybody else, does not."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest

from issuer.adapters.sql.tables import credentials as credentials_table
from issuer.model import Standing
from issuer.usecases.after.failures import (
    CardNotKept,
    CardNotOfRequest,
    NotOneCard,
    RevocationNotOffered,
    RevocationRefused,
    RevocationRequestUnknown,
    RevocationRequestUsed,
)
from issuer.usecases.after.take_revocation import RevocationOutcome
from keys.checks import CheckFailed, DecryptionFailed, KeyNotFound, SignatureInvalid
from keys.jose import EncryptionKey
from keys.ports import Signer
from keys.software_signer import SoftwareSigner
from openid4vc.checks import (
    CredentialExpired,
    KbAudienceMismatch,
    KbNonceMismatch,
    KbSignatureInvalid,
    KbStale,
    KbTransactionDataMismatch,
    KeyBindingMissing,
)
from openid4vc.openid4vp.client_id import x509_hash
from openid4vc.openid4vp.errors import (
    ResponseNotEncrypted,
    StateMismatch,
    WalletErrorCode,
)
from openid4vc.openid4vp.response import encrypt_response, error_form, response_form
from openid4vc.openid4vp.transaction_data import REVOKE_CARD, transaction_text
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from openid4vc.status_list.bits import Status
from tests.issuer.revoking import VCT, Revoking
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, World, demo_pki, offer_body

DESK = "te-toimisto-malli"


@pytest.fixture
def card(world: World, wallet: TinyWallet) -> str:
    return wallet.receive(world.offer()["offer_link"])


@pytest.mark.req(
    "VP-01", "VP-02", "VP-04", "VP-09", "VP-20", "VP-31", "VP-32", "HAIP-09", "HAIP-11"
)
def test_a_holder_revokes_an_own_card(world: World, wallet: TinyWallet, card: str) -> None:
    revoking = Revoking(world, wallet)
    assert revoking.outcome(card) == "revoked"
    assert wallet.status_of(card) is Status.INVALID
    entry = world.dump()["audit_entries"][-1]
    assert {"holder", "revoke", "holder_request"} <= set(entry)


def test_the_request_asks_for_no_data_and_says_what_it_is_for(
    world: World, wallet: TinyWallet, card: str
) -> None:
    revoking = Revoking(world, wallet)
    (query,) = revoking.asked.query.credentials
    assert (query.vct_values, query.claims) == ((VCT,), ())
    assert revoking.asked.profile_id is None
    details = {"organisation": "mallimaa", "card_type": VCT}
    assert revoking.asked.transaction_data == (
        transaction_text(REVOKE_CARD, credential_ids=["card"], details=details),
    )
    shown = parse(revoking.presentation(card))
    assert shown.disclosures == ()


def test_its_client_is_nobody_elses(world: World, wallet: TinyWallet) -> None:
    keys = demo_pki().keys
    others = [name for name in keys.names() if name != ("korttien-peruutus", "access")]
    mine = Revoking(world, wallet).link.client_id
    chains = [keys.signer(*name).certificate_chain for name in others]
    assert mine not in {x509_hash(chain[0]) for chain in chains if chain}


def test_asking_for_a_request_writes_nothing(world: World, wallet: TinyWallet) -> None:
    before = world.dump()
    first, second = Revoking(world, wallet), Revoking(world, wallet)
    assert world.dump() == before
    assert len({first.asked.nonce, second.asked.nonce, first.asked.state, second.asked.state}) == 4
    assert first.asked.encryption_jwk != second.asked.encryption_jwk


@pytest.mark.req("VP-28")
def test_one_request_is_answered_once(world: World, wallet: TinyWallet, card: str) -> None:
    other = wallet.receive(world.offer()["offer_link"])
    revoking = Revoking(world, wallet)
    form = revoking.form(revoking.presentation(card))
    assert revoking.send(form).status_code == 200
    assert revoking.refusal(form) is RevocationRequestUsed
    assert revoking.send(form).json()["error_description"] == RevocationRefused.code
    # Not even for another of the holder's cards.
    assert revoking.refusal(revoking.form(revoking.presentation(other))) is RevocationRequestUsed
    assert wallet.status_of(other) is Status.VALID


def test_of_many_equal_answers_one_counts(world: World, wallet: TinyWallet, card: str) -> None:
    revoking = Revoking(world, wallet)
    form = revoking.form(revoking.presentation(card))
    path = urlsplit(revoking.asked.response_uri).path

    async def send() -> int:
        return (await world.client.post(path, data=form)).status_code

    assert sorted(world.all_at_once([send] * 6)) == [200, 400, 400, 400, 400, 400]
    assert sum("holder" in row for row in world.dump()["audit_entries"]) == 1


def test_a_card_revoked_before_stays_so_and_its_holder_is_told(
    world: World, wallet: TinyWallet, card: str
) -> None:
    assert Revoking(world, wallet).outcome(card) == "revoked"
    lists = world.dump()["status_lists"]
    assert Revoking(world, wallet).outcome(card) == "revoked_before"
    assert world.dump()["status_lists"] == lists
    assert sum("holder" in row for row in world.dump()["audit_entries"]) == 1


def test_a_suspended_card_can_be_revoked(world: World, wallet: TinyWallet, card: str) -> None:
    (row,) = world.dump()["credentials"]
    world.run(
        world.parts.store.write(
            lambda records: records.credentials.stand(str(row[0]), Standing.SUSPENDED)
        )
    )
    assert Revoking(world, wallet).outcome(card) == "revoked"


def test_a_wallet_that_has_not_confirmed_gets_no_other_copy(
    world: World, wallet: TinyWallet
) -> None:
    token = wallet.token(wallet.open_link(world.offer()["offer_link"]))
    copy, _ = wallet.credential(token)
    assert Revoking(world, wallet).outcome(copy) == "revoked"
    answer = wallet.ask_credential(token, wallet.request("statement_feedback"))
    assert answer.json()["error"] == "credential_request_denied"


# What was presented elsewhere -------------------------------------------------------------------


def desk_client() -> str:
    return x509_hash(demo_pki().signer(DESK, "access").certificate_chain[0])


AT_A_DESK: Sequence[tuple[dict[str, Any], type[CheckFailed]]] = [
    # As it was presented at a desk: its nonce, its client, no transaction.
    ({"audience": desk_client(), "nonce": "n" * 43, "transaction_data": ()}, KbNonceMismatch),
    # A desk that made a request with our nonce gets this far and no further.
    ({"audience": desk_client(), "transaction_data": ()}, KbAudienceMismatch),
    ({"audience": desk_client()}, KbAudienceMismatch),
    # A holder who was not told what it is for has not confirmed it.
    ({"transaction_data": ()}, KbTransactionDataMismatch),
    ({"nonce": "n" * 43}, KbNonceMismatch),
]


@pytest.mark.req("VP-20", "VP-31", "VP-32")
def test_a_presentation_made_at_a_desk_never_revokes(
    world: World, wallet: TinyWallet, card: str
) -> None:
    for made, failure in AT_A_DESK:
        revoking = Revoking(world, wallet, bound_to=made)
        assert revoking.refusal(revoking.form(revoking.presentation(card))) is failure
    assert wallet.status_of(card) is Status.VALID


@pytest.mark.req("VP-20")
def test_the_hash_of_another_transaction_revokes_nothing(
    world: World, wallet: TinyWallet, card: str
) -> None:
    for details in (
        {"organisation": "kela", "card_type": VCT},
        {"organisation": "mallimaa", "card_type": "urn:kykylompakko:authority-decision:1"},
    ):
        other = transaction_text(REVOKE_CARD, credential_ids=["card"], details=details)
        revoking = Revoking(world, wallet, bound_to={"transaction_data": (other,)})
        found = revoking.refusal(revoking.form(revoking.presentation(card)))
        assert found is KbTransactionDataMismatch
    assert wallet.status_of(card) is Status.VALID


@pytest.mark.req("SDJWT-18")
def test_another_holders_key_revokes_nothing(world: World, wallet: TinyWallet, card: str) -> None:
    thief = Revoking(world, wallet, signer=SoftwareSigner.generate())
    assert thief.refusal(thief.form(thief.presentation(card))) is KbSignatureInvalid
    bare = Revoking(world, wallet)
    unbound = select(parse(card), ())
    assert bare.refusal(bare.form(unbound)) is KeyBindingMissing
    assert wallet.status_of(card) is Status.VALID


def forged(world: World, wallet: TinyWallet, *, index: int, **changes: Any) -> str:
    """A card that somebody else signed, pointing at an entry of our list."""
    content = VcContent(
        vct=VCT,
        issuer=f"{BASE}/mallimaa",
        claims={},
        always=frozenset(),
        issued_on=world.clock.now().date(),
        expires_at=world.clock.now() + timedelta(days=9),
        holder_jwk=wallet.jwk,
        status=StatusReference(f"{BASE}/mallimaa/status-lists/1", index),
    )
    signer = changes.pop("signer", demo_pki().signer("kela", "credential"))
    return issue_vc(replace(content, **changes), signer=signer, random_bytes=Random(1).randbytes)


def index_of(world: World) -> int:
    def read(connection: Any) -> int:
        row = connection.execute(credentials_table.select()).mappings().one()
        return int(row["list_index"])

    return world.run(world.parts.database.read(read))


def test_a_card_of_somebody_elses_making_revokes_nothing(
    world: World, wallet: TinyWallet, card: str
) -> None:
    revoking = Revoking(world, wallet)
    fake = forged(world, wallet, index=index_of(world))
    assert revoking.refusal(revoking.form(revoking.presentation(fake))) is SignatureInvalid
    assert wallet.status_of(card) is Status.VALID


OURS = {"signer": demo_pki().signer("mallimaa", "credential")}
OTHERS: Sequence[tuple[dict[str, Any], type[CheckFailed]]] = [
    # Signed by the organisation itself, but not what was asked for, or of nobody that we know.
    ({"vct": "urn:kykylompakko:authority-decision:1"}, CardNotOfRequest),
    ({"status": StatusReference(f"{BASE}/kela/status-lists/1", 3)}, CardNotKept),
    ({"status": StatusReference(f"{BASE}/mallimaa/status-lists/1x", 3)}, CardNotKept),
    ({"status": StatusReference(f"{BASE}/mallimaa/status-lists/00000001", 3)}, CardNotKept),
    ({"status": StatusReference("https://other.example/mallimaa/status-lists/1", 3)}, CardNotKept),
    ({}, CardNotKept),
]


def test_other_cards_of_the_organisation_revoke_nothing(
    world: World, wallet: TinyWallet, card: str
) -> None:
    free = (index_of(world) + 1) % 128
    for changes, failure in OTHERS:
        revoking = Revoking(world, wallet)
        other = forged(world, wallet, index=free, **{**OURS, **changes})
        assert revoking.refusal(revoking.form(revoking.presentation(other))) is failure
    assert wallet.status_of(card) is Status.VALID


def test_an_expired_card_and_an_old_proof(world: World, wallet: TinyWallet, card: str) -> None:
    ends = parse(card).claims["exp"]
    assert isinstance(ends, int)
    late = Revoking(world, wallet, bound_to={"at": world.clock.now() - timedelta(minutes=6)})
    assert late.refusal(late.form(late.presentation(card))) is KbStale
    world.clock.at += timedelta(seconds=ends - world.clock.now().timestamp())
    over = Revoking(world, wallet)
    assert over.refusal(over.form(over.presentation(card))) is CredentialExpired


def test_two_cards_or_none_or_another_query(world: World, wallet: TinyWallet, card: str) -> None:
    revoking = Revoking(world, wallet)
    one = revoking.presentation(card)
    for form in (revoking.form(one, one), revoking.form(one, query_id="statement_feedback")):
        assert revoking.refusal(form) is NotOneCard
    assert wallet.status_of(card) is Status.VALID


@pytest.mark.req("VP-29", "HAIP-11")
def test_an_answer_is_encrypted_to_this_request(
    world: World, wallet: TinyWallet, card: str
) -> None:
    revoking, other = Revoking(world, wallet), Revoking(world, wallet)
    presented = revoking.presentation(card)
    stranger = replace(revoking.asked, encryption_jwk=EncryptionKey.generate().public_jwk)
    bent: list[tuple[Callable[[], dict[str, str]], tuple[type[CheckFailed], ...]]] = [
        (
            lambda: {
                "vp_token": json.dumps({"card": [presented]}),
                "state": str(revoking.asked.state),
            },
            (ResponseNotEncrypted,),
        ),
        (
            lambda: response_form(encrypt_response(stranger, {"card": [presented]})),
            (DecryptionFailed, CheckFailed),
        ),
        (
            lambda: response_form(
                encrypt_response(replace(revoking.asked, state="x" * 30), {"card": [presented]})
            ),
            (StateMismatch,),
        ),
        (lambda: other.form(other.presentation(card)), (DecryptionFailed, CheckFailed)),
    ]
    for form, failures in bent:
        assert issubclass(revoking.refusal(form()), failures)
    assert wallet.status_of(card) is Status.VALID


@pytest.mark.req("VP-34")
def test_who_declines_has_declined(world: World, wallet: TinyWallet, card: str) -> None:
    revoking = Revoking(world, wallet)
    answer = revoking.send(error_form(WalletErrorCode.ACCESS_DENIED, state=revoking.asked.state))
    assert answer.json() == {"outcome": "declined"}
    assert wallet.status_of(card) is Status.VALID
    assert revoking.outcome(card) == "revoked", "nothing was used up"


# Addresses and preconditions --------------------------------------------------------------------


def test_a_request_lasts_five_minutes(world: World, wallet: TinyWallet, card: str) -> None:
    revoking = Revoking(world, wallet)
    world.clock.advance(minutes=5)
    gone = world.get(urlsplit(revoking.link.request_uri).path)
    assert (gone.status_code, gone.json()["error_description"]) == (
        404,
        RevocationRequestUnknown.code,
    )
    assert revoking.send(revoking.form(revoking.presentation(card))).status_code == 404
    assert wallet.status_of(card) is Status.VALID


def test_a_request_belongs_to_its_organisation(world: World, wallet: TinyWallet, card: str) -> None:
    revoking = Revoking(world, wallet)
    reference = revoking.link.request_uri.rpartition("/")[2]
    bad = [f"/kela/revocations/{reference}", f"/mallimaa/revocations/{reference[:-2]}"]
    bad += [
        "/mallimaa/revocations/x",
        "/mallimaa/revocations/%00",
        f"/nobody/revocations/{reference}",
    ]
    for path in bad:
        assert world.get(path).status_code == 404, path
    assert "statement" not in reference


def test_a_request_is_for_a_type_of_the_organisation(world: World) -> None:
    for org, form, code in (
        ("mallimaa", {"vct": "urn:kykylompakko:qualification:1"}, "type_not_issued_here"),
        ("mallimaa", {"other": "x"}, "type_not_issued_here"),
        ("nobody", {"vct": VCT}, "organisation_unknown"),
    ):
        answer = world.post(f"/{org}/revocations", data=form)
        assert answer.json()["error_description"] == code


class WithoutRevocation:
    """The demo's keys as they were before holders could revoke."""

    def signer(self, org: str, purpose: str) -> Signer:
        if (org, purpose) not in self.names():
            raise KeyNotFound("no such key")
        return demo_pki().keys.signer(org, purpose)

    def names(self) -> list[tuple[str, str]]:
        return [name for name in demo_pki().keys.names() if name[0] != "korttien-peruutus"]

    def secret(self, name: str) -> bytes:
        return demo_pki().keys.secret(name)


def test_without_an_access_certificate_it_is_not_offered(tmp_path: Any) -> None:
    world = World(f"sqlite:///{tmp_path}/issuer.db", keys=WithoutRevocation())
    for answer in (
        world.post("/mallimaa/revocations", data={"vct": VCT}),
        world.get("/mallimaa/revocations/x"),
        world.post("/mallimaa/revocations/x/answer", data={"response": "x"}),
    ):
        assert (answer.status_code, answer.json()["error_description"]) == (
            404,
            RevocationNotOffered.code,
        )
    world.close()


def test_an_erased_clients_card_can_still_be_revoked_by_its_holder(
    world: World, wallet: TinyWallet, card: str
) -> None:
    erased = world.post(
        "/api/v1/mallimaa/subjects/erase",
        json={"subject_ref": str(offer_body()["subject_ref"])},
        headers=world.auth(),
    )
    assert erased.status_code == 200
    assert Revoking(world, wallet).outcome(card) == RevocationOutcome.REVOKED
    assert wallet.status_of(card) is Status.INVALID
