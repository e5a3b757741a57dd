"""What callers of the interface for case systems are told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from verifier.model import started_hours
from verifier.usecases.hand_on_copy import reference_out
from verifier.usecases.read_result import Result


class Started(BaseModel):
    """A new verification. `result_key` is told here and never again."""

    id: str
    state: str
    request_link: str
    request_uri: str
    client_id: str
    qr_svg: str
    qr_png: str
    result_key: str
    expires_at: datetime


class CheckOut(BaseModel):
    """One of the nine checks."""

    check: str
    result: Literal["passed", "failed", "not_run"]
    code: str | None


class CardOut(BaseModel):
    """What one card showed: only the claims asked for. Unconfirmed unless accepted.

    `status_list` (`uri`, `idx`) is there for a card that a receiver takes in, such as a referral.
    """

    type: str
    vct: str
    issuer: str
    claims: dict[str, object]
    partial: list[list[str | int]]
    valid_until: datetime | None
    status_list: Mapping[str, str | int] | None


class VerificationOut(BaseModel):
    """Where a verification stands. `cards` is there only with the result key.

    While it is `code_pending`, nothing of what was shown and checked is told: the client reads a
    code out of the wallet, and it is to be sent to `.../code`, `tries_left` times at most. Where
    the browser comes back by itself, its `response_code` is to be sent to `.../return`, once.
    """

    id: str
    profile: str
    role: str
    state: str
    outcome: Literal["accept", "cannot_confirm", "reject", "not_shown"] | None
    code: str | None
    issuer: str | None
    confirmation: Literal["confirmed", "not_needed", "failed", "left"] | None
    tries_left: int | None
    identity: Literal["compared", "not_needed", "not_same"] | None
    on_behalf: str | None
    checks: list[CheckOut]
    cards: list[CardOut] | None
    trust_list_sequence: int | None
    trust_list_age_hours: int | None
    status_age_hours: int | None
    expires_at: datetime


def verification_out(result: Result) -> VerificationOut:
    """Return a verification as callers see it."""
    verification = result.verification
    return VerificationOut(
        id=verification.id,
        profile=verification.profile,
        role=verification.role,
        state=verification.state.value,
        outcome=verification.outcome and verification.outcome.value,
        code=verification.code,
        issuer=verification.issuer,
        confirmation=verification.confirmation and verification.confirmation.value,
        tries_left=verification.tries_left,
        on_behalf=verification.on_behalf and verification.on_behalf.value,
        identity=verification.identity and verification.identity.value,
        checks=[
            CheckOut(check=one.check.value, result=one.mark.value, code=one.code)
            for one in verification.checks
        ],
        cards=None
        if result.cards is None
        else [
            CardOut(
                type=card.type_id,
                vct=card.vct,
                issuer=card.issuer,
                claims=dict(card.claims),
                partial=[list(place) for place in card.partial],
                valid_until=card.valid_until,
                status_list=reference_out(card),
            )
            for card in result.cards
        ],
        trust_list_sequence=verification.trust_sequence,
        trust_list_age_hours=started_hours(verification.trust_age),
        status_age_hours=started_hours(verification.status_age),
        expires_at=verification.expires_at,
    )
