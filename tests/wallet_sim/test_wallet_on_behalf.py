"""Somebody answers for the holder: the receiver is told what kind of person, and no name."""

from pathlib import Path

import pytest

from openid4vc.openid4vp.response import AuthorizationResponse, read_response
from tests.wallet_sim.terminal import Terminal
from wallet_sim.consent import ACTS_FOR_HOLDER


@pytest.fixture
def at(tmp_path: Path) -> Terminal:
    at = Terminal(tmp_path)
    at.with_card()
    return at


def told(at: Terminal) -> str | None:
    """What the receiver was told of who answered."""
    receiver = at.world.receiver
    (call,) = at.world.network.calls_to("/responses/1")
    pairs = list((call.form or {}).items())
    found = read_response(pairs, key=receiver.key, state=receiver.state)
    assert isinstance(found, AuthorizationResponse)
    return found.acted_by


@pytest.mark.parametrize("who", ACTS_FOR_HOLDER)
def test_the_receiver_is_told_who_answered(at: Terminal, who: str) -> None:
    page = at.page("present", at.world.receiver.link(), "--on-behalf", who, "--approve")
    assert "Vastaat kortin haltijan puolesta." in page
    assert told(at) == who


def test_without_a_word_it_is_the_holder(at: Terminal) -> None:
    page = at.page("present", at.world.receiver.link(), "--approve")
    assert "puolesta" not in page
    assert told(at) is None


def test_a_name_is_not_taken(at: Terminal) -> None:
    done = at.run("present", at.world.receiver.link(), "--on-behalf", "Matti", "--approve", code=2)
    assert "close_person" in done.output
    assert at.world.network.calls_to("/responses/1") == []
