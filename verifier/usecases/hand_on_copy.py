"""Make the copy that may leave the desk for the receiver's own case system.

Only what the task keeps anyway leaves, only when it was accepted, and only while it is on screen.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import Catalogue, RequestProfile
from verifier.model import Outcome, ShownCard
from verifier.usecases.hand_on_failures import HandOnNotAllowed
from verifier.usecases.read_result import Result

FORMAT = "kykylompakko-copy-1"


def kept_until(profile: RequestProfile, *, at: datetime) -> date | None:
    """Return the last day on which the receiver keeps what it saw; None when it keeps nothing.

    Args:
        profile: the task.
        at: when it was asked, or now for what is about to be asked.
    """
    if profile.retention_days is None:
        return None
    return at.astimezone(HELSINKI).date() + timedelta(days=profile.retention_days)


class MakeCopy:
    """See the module text."""

    def __init__(self, *, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def way(self, result: Result) -> Literal["none", "download", "webhook"]:
        """Return how a copy of what this desk sees now may leave it."""
        found = result.verification
        if found.outcome is not Outcome.ACCEPT or not result.cards:
            return "none"
        return self._catalogue.profiles[found.profile].hand_on

    def __call__(self, result: Result) -> Mapping[str, object]:
        """Return the copy as JSON values.

        `format`, `verification`, `profile`, `decided_on` and `kept_until` (days in Finland),
        `identity`, and `cards`: each with `type`, `issuer`, `claims`, `shown_in_part`, the names
        of claims of which only some was shown, and, for a card that the receiver takes in,
        `status_list` (`uri`, `idx`).

        Raises:
            HandOnNotAllowed: see the class.
        """
        found = result.verification
        profile = self._catalogue.profiles[found.profile]
        until = kept_until(profile, at=found.created_at)
        if self.way(result) == "none" or until is None or found.decided_at is None:
            raise HandOnNotAllowed
        return {
            "format": FORMAT,
            "verification": found.id,
            "profile": profile.id,
            "decided_on": found.decided_at.astimezone(HELSINKI).date().isoformat(),
            "kept_until": until.isoformat(),
            "identity": None if found.identity is None else found.identity.value,
            "cards": [_card(card) for card in result.cards or ()],
        }


def reference_out(card: ShownCard) -> Mapping[str, str | int] | None:
    """Return by what the receiver of a card tells its issuer that it was taken in."""
    reference = card.take_in
    return None if reference is None else {"uri": reference.uri, "idx": reference.index}


def _card(card: ShownCard) -> Mapping[str, object]:
    copy: dict[str, object] = {
        "type": card.vct,
        "issuer": card.issuer,
        "claims": dict(card.claims),
        "shown_in_part": sorted({str(place[0]) for place in card.partial}),
    }
    reference = reference_out(card)
    return copy if reference is None else {**copy, "status_list": reference}
