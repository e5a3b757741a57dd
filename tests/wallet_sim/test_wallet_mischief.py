"""Every misbehaviour produces what it claims, and the check that it names catches it."""

import asyncio

import pytest

from keys.software_signer import SoftwareSigner
from openid4vc.checks import CheckFailed
from openid4vc.sd_jwt.parse import parse
from tests.wallet_sim.world import World
from wallet_sim.consent import Wish
from wallet_sim.flow_failures import ReceiverRefused
from wallet_sim.mischief import (
    HONEST,
    Manners,
    disclose_everything,
    drop_a_disclosure,
    drop_key_binding,
    misbehaviours,
    tamper_disclosure,
)
from wallet_sim.model import Outcome

run = asyncio.run
ALL = misbehaviours(SoftwareSigner.generate())
CAUGHT_BY_A_CHECK = [
    name
    for name, one in ALL.items()
    if one.code.isascii() and "_" in one.code and one.code != "over_disclosed"
]


@pytest.fixture
def world():
    return run(World().with_card())


def present(world: World, manners: Manners) -> None:
    run(world.wallet.present(world.receiver.link(), Wish(), manners=manners))


@pytest.mark.req(
    "SDJWT-13", "SDJWT-20", "SDJWT-21", "VP-23", "VP-28", "VP-29", "VP-31", "VP-32", "DCQL-08"
)
@pytest.mark.parametrize("name", CAUGHT_BY_A_CHECK)
def test_the_named_check_catches_it(world, name):
    one = ALL[name]
    with pytest.raises(CheckFailed) as caught:
        present(world, one.manners)
    assert caught.value.code == one.code
    assert world.receiver.presented == []


def test_a_replayed_answer_is_refused_by_the_receivers_state(world):
    with pytest.raises(ReceiverRefused):
        present(world, ALL["replay"].manners)
    assert len(world.network.calls_to("/responses/1")) == 2
    first, second = world.network.calls_to("/responses/1")
    assert first.form == second.form
    assert len(world.receiver.presented) == 1
    assert world.wallet.log()[-1].outcome is Outcome.UNCLEAR


@pytest.mark.req("VP-33")
def test_an_over_disclosing_wallet_sends_what_nobody_asked(world):
    present(world, ALL["over-disclose"].manners)
    (shown,) = world.receiver.presented
    assert "personal_administrative_number" in shown.claims


def test_every_misbehaviour_is_known_by_name_and_code():
    assert set(ALL) == {
        "tamper-disclosure", "over-disclose", "drop-disclosure", "wrong-holder-key", "wrong-nonce",
        "wrong-audience", "stale-key-binding", "no-key-binding", "replay", "leave-out-needed",
        "in-the-clear", "no-array", "wrong-state", "no-state", "wrong-encryption-key",
        "unasked-query-id", "each-card-twice",
    }  # fmt: skip
    assert {one.code for one in ALL.values()} == {
        "disclosure_unreferenced", "over_disclosed", "kb_sd_hash_mismatch", "kb_signature_invalid",
        "kb_nonce_mismatch", "kb_audience_mismatch", "kb_stale", "key_binding_missing", "replayed",
        "query_not_satisfied", "response_not_encrypted", "malformed_vp_token", "state_mismatch",
        "decryption_failed", "presentation_not_asked", "too_many_presentations",
    }  # fmt: skip


def test_each_differs_from_the_honest_way_in_one_step():
    for one in ALL.values():
        fields = ("choose", "before_binding", "binding", "after_binding", "sealing", "times_sent")
        changed = [name for name in fields if getattr(one.manners, name) != getattr(HONEST, name)]
        assert len(changed) == 1, one.name


# --- the single steps ----------------------------------------------------------------------------


@pytest.fixture
def card(world):
    return world.wallet.cards()[0].sd_jwt


def test_tampering_changes_one_value_and_nothing_else(card):
    before, after = parse(card).disclosures, parse(tamper_disclosure(card)).disclosures
    assert before[:-1] == after[:-1]
    assert (before[-1].salt, before[-1].name) == (after[-1].salt, after[-1].name)
    assert before[-1].value != after[-1].value


def test_tampering_with_nothing_to_tamper_with_changes_nothing(card):
    bare = card.split("~", 1)[0] + "~"
    assert tamper_disclosure(bare) == bare


def test_disclosing_everything_takes_no_notice_of_what_was_asked(card):
    assert disclose_everything(parse(card), [("given_name",)]) == card


def test_dropping_the_key_binding_leaves_a_plain_sd_jwt(card):
    assert drop_key_binding(card + "a.b.c") == card


def test_dropping_a_disclosure_leaves_one_less(card):
    assert len(parse(drop_a_disclosure(card)).disclosures) == len(parse(card).disclosures) - 1
