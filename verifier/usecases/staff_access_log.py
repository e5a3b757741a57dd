"""Note who saw whose data when, before they see it; answer whose looks there were.

The log holds no value. Whose data it was stands there as a keyed hash of name and birthdate, so
that a person who gives both can be told who looked, and nobody can read names out of the log.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence

from keys import strict_json
from verifier.model import ShownCard, Verification
from verifier.ports import Clock
from verifier.usecases.staff_model import Access, Shown
from verifier.usecases.staff_ports import AccessLog


class Whose:
    """Turns name and birthdate into what stands in the log.

    Args:
        secret: 32 bytes that stay the same for as long as the log is kept.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __call__(self, *, name: str, birthdate: str) -> bytes:
        """Return 32 bytes, the same for the same person however the name is written.

        Args:
            name: given names, then the family name.
            birthdate: `YYYY-MM-DD`.
        """
        same = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
        return self.keyed(b"whose", same, birthdate)

    def of_card(self, card: ShownCard) -> bytes | None:
        """Return whose card it is; None when it shows neither name nor birthdate."""
        names = [card.claims.get(name) for name in ("given_name", "family_name")]
        told = " ".join(name for name in names if isinstance(name, str))
        birthdate = card.claims.get("birthdate")
        if not told and birthdate is None:
            return None
        return self(name=told, birthdate=birthdate if isinstance(birthdate, str) else "")

    def keyed(self, purpose: bytes, *parts: str) -> bytes:
        """Return a keyed hash of some texts, which never run into one another."""
        told = b"kykylompakko access log 1\x00" + purpose + strict_json.dumps(list(parts))
        return hmac.digest(self._secret, told, hashlib.sha256)


class RecordAccess:
    """See the module text."""

    def __init__(self, *, log: AccessLog, whose: Whose, clock: Clock) -> None:
        self._log = log
        self._whose = whose
        self._clock = clock

    async def __call__(
        self,
        verification: Verification,
        cards: Sequence[ShownCard],
        *,
        viewer: str,
        shown: Shown,
    ) -> None:
        """Note that somebody is about to see these cards; a second look adds nothing.

        Args:
            verification: through which they are seen.
            cards: what is about to be shown.
            viewer: id of the person, or of the calling system's key.
            shown: in which way.
        """
        people = dict.fromkeys(self._whose.of_card(card) for card in cards)
        at = self._clock.now()
        await self._log.note(
            [
                Access(
                    id=self._whose.keyed(
                        b"look", verification.id, viewer, shown.value, (one or b"").hex()
                    ),
                    at=at,
                    viewer=viewer,
                    role=verification.role,
                    profile=verification.profile,
                    verification=verification.id,
                    shown=shown,
                    whose=one,
                )
                for one in people
            ]
        )


class FindAccess:
    """Answers who looked at somebody's data, from the log alone."""

    def __init__(self, *, log: AccessLog, whose: Whose) -> None:
        self._log = log
        self._whose = whose

    async def __call__(self, *, name: str, birthdate: str) -> Sequence[Access]:
        """Return the looks at one person's data, oldest first.

        Args:
            name: given names, then the family name, as the card says them.
            birthdate: `YYYY-MM-DD`.
        """
        return await self._log.entries(whose=self._whose(name=name, birthdate=birthdate))
