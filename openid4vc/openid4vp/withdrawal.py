"""Withdrawing what was shown, by presenting its receipt: both sides' messages.

The wallet gets an invitation from the receipt's `withdrawal_uri` and posts a key-bound presentation
of the receipt there, of which nothing is disclosed but what every showing of a receipt reveals. Its
audience is a name of its own: nobody can pass a desk's nonce off as one for withdrawing, and what
was presented at a desk never withdraws anything.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from keys import strict_json
from keys.checks import MalformedJson
from openid4vc.openid4vp.errors import (
    InvitationForSomebodyElse,
    MalformedInvitation,
    MalformedResponse,
)
from openid4vc.openid4vp.response import MAX_PRESENTATION_CHARS
from openid4vc.shapes import Shape

AUDIENCE_PREFIX: Final = "urn:kykylompakko:withdrawal:1:"
MAX_INVITATION_BYTES: Final = 8_192
LONGEST_LIFE: Final = timedelta(hours=1)

_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,256}", re.ASCII)
_INVITATION: Final = Shape(MalformedInvitation)
_FORM: Final = Shape(MalformedResponse)


class Wish(StrEnum):
    """What the person asks of the receiver; the value of the form's `request`."""

    WITHDRAWAL = "withdrawal"
    ERASURE = "erasure"


class Done(StrEnum):
    """What the receiver did, as its answer says; the value of `outcome`."""

    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    NOTHING_KEPT = "nothing_kept"
    ASKED = "asked"  # somebody at the receiver decides


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a presentation for withdrawing has to be bound to, and for how long it is taken."""

    nonce: str = field(repr=False)
    audience: str
    lifetime: timedelta


def withdrawal_audience(client_id: str) -> str:
    """Return the receiver's name for withdrawals: never one that it asks by."""
    return AUDIENCE_PREFIX + client_id


def invitation_json(client_id: str, *, nonce: str, lifetime: timedelta) -> dict[str, object]:
    """Return what is served at a receipt's `withdrawal_uri`."""
    return {
        "nonce": nonce,
        "aud": withdrawal_audience(client_id),
        "expires_in": int(lifetime.total_seconds()),
    }


def read_invitation(data: bytes, *, client_id: str) -> Invitation:
    """Read what a `withdrawal_uri` served.

    Args:
        data: the body of the answer.
        client_id: the receiver, as the receipt names it (`verifier_id`).

    Raises:
        MalformedInvitation: not the agreed JSON object.
        InvitationForSomebodyElse: its audience is not this receiver's name for withdrawals.
    """
    try:
        told = strict_json.loads_object(data, max_bytes=MAX_INVITATION_BYTES)
    except MalformedJson as malformed:
        raise MalformedInvitation(malformed.detail) from None
    nonce = _INVITATION.text(told.get("nonce"), "nonce")
    if not _NONCE.fullmatch(nonce):
        raise MalformedInvitation("nonce")
    audience = _INVITATION.text(told.get("aud"), "aud")
    longest = int(LONGEST_LIFE.total_seconds())
    life = _INVITATION.integer(told.get("expires_in"), "expires_in", at_least=1, at_most=longest)
    if audience != withdrawal_audience(client_id):
        raise InvitationForSomebodyElse("aud")
    return Invitation(nonce, audience, timedelta(seconds=life))


def withdrawal_form(presentation: str, wish: Wish) -> dict[str, str]:
    """Return the form that is posted to a `withdrawal_uri`."""
    return {"vp_token": presentation, "request": wish.value}


def read_withdrawal_form(pairs: Sequence[tuple[str, str]]) -> tuple[str, Wish]:
    """Read the posted form: a presentation, not looked into, and what is asked.

    A form without `request` asks for withdrawal; unknown parameters do not matter.

    Raises:
        MalformedResponse: a repeated parameter, no presentation, or another wish.
    """
    form = _FORM.single_values(pairs)
    presentation = _FORM.text(form.get("vp_token"), "vp_token", max_chars=MAX_PRESENTATION_CHARS)
    try:
        return presentation, Wish(form.get("request", Wish.WITHDRAWAL))
    except ValueError:
        raise MalformedResponse("request") from None


def done_json(done: Done) -> dict[str, object]:
    """Return the answer to a form that was taken."""
    return {"outcome": done.value}


def read_done(told: Mapping[str, object]) -> Done:
    """Read such an answer.

    Raises:
        MalformedInvitation: an outcome that is not among ours.
    """
    try:
        return Done(_INVITATION.text(told.get("outcome"), "outcome"))
    except ValueError:
        raise MalformedInvitation("outcome") from None
