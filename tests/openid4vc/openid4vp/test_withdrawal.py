"""Withdrawing by receipt: what both sides write is what the other reads, and nothing else."""

import json
from datetime import timedelta

import pytest

from openid4vc.openid4vp.errors import (
    InvitationForSomebodyElse,
    MalformedInvitation,
    MalformedResponse,
)
from openid4vc.openid4vp.withdrawal import (
    Done,
    Wish,
    done_json,
    invitation_json,
    read_done,
    read_invitation,
    read_withdrawal_form,
    withdrawal_audience,
    withdrawal_form,
)

CLIENT = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk"
NONCE = "nonce-0123456789abcdef"


def invitation(**changed: object) -> bytes:
    told = invitation_json(CLIENT, nonce=NONCE, lifetime=timedelta(minutes=5))
    return json.dumps({**told, **changed}).encode()


def test_an_invitation_is_read_as_it_was_written() -> None:
    read = read_invitation(invitation(), client_id=CLIENT)
    assert (read.nonce, read.lifetime) == (NONCE, timedelta(minutes=5))
    assert read.audience == withdrawal_audience(CLIENT) != CLIENT
    assert NONCE not in repr(read)


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": None}, {"nonce": "short"}, {"nonce": "x" * 257}, {"nonce": "ä" * 20},
        {"nonce": 1}, {"aud": ""}, {"aud": None}, {"expires_in": 0}, {"expires_in": 3601},
        {"expires_in": "300"}, {"expires_in": True},
    ],
)  # fmt: skip
def test_an_invitation_of_another_form_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(MalformedInvitation):
        read_invitation(invitation(**changed), client_id=CLIENT)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b'{"nonce": 1, "nonce": 2}', b"{" + b" " * 9000]
)
def test_what_is_no_json_object_is_no_invitation(data: bytes) -> None:
    with pytest.raises(MalformedInvitation):
        read_invitation(data, client_id=CLIENT)


@pytest.mark.parametrize("aud", [CLIENT, withdrawal_audience("x509_hash:other"), "urn:x"])
def test_nobody_elses_nonce_is_signed(aud: str) -> None:
    """A desk's own client_id least of all: it would be an answer to its request."""
    with pytest.raises(InvitationForSomebodyElse):
        read_invitation(invitation(aud=aud), client_id=CLIENT)


@pytest.mark.parametrize("wish", list(Wish))
def test_a_form_is_read_as_it_was_written(wish: Wish) -> None:
    form = withdrawal_form("a.b.c~d.e.f", wish)
    assert read_withdrawal_form(list(form.items())) == ("a.b.c~d.e.f", wish)


def test_a_form_without_a_wish_withdraws() -> None:
    pairs = [("vp_token", "a.b.c~d.e.f"), ("other", "1")]
    assert read_withdrawal_form(pairs) == ("a.b.c~d.e.f", Wish.WITHDRAWAL)


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [("vp_token", "")],
        [("vp_token", "x" * 131_073)],
        [("vp_token", "a"), ("vp_token", "b")],
        [("vp_token", "a"), ("request", "everything")],
        [("vp_token", "a"), ("request", "")],
    ],
)
def test_another_form_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(MalformedResponse):
        read_withdrawal_form(pairs)


@pytest.mark.parametrize("done", list(Done))
def test_an_answer_is_read_as_it_was_written(done: Done) -> None:
    assert read_done(done_json(done)) is done


@pytest.mark.parametrize("told", [{}, {"outcome": "kept"}, {"outcome": 1}, {"outcome": None}])
def test_an_unknown_outcome_is_none(told: dict[str, object]) -> None:
    with pytest.raises(MalformedInvitation):
        read_done(told)
