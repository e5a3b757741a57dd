"""The open challenges, sealed and opened: what is shown, and what opens an answer."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from openid4vc.qr.answer import MAX_AGE, challenge_tag
from openid4vc.qr.challenge import LIFE
from verifier.model import Once, StoredChallenge
from verifier.ports import Challenges, Random
from verifier.usecases.challenge_secrets import ChallengeSealer, ChallengeSecrets

SHOWN_FOR = LIFE - timedelta(seconds=30)
_ID_BYTES = 16
_SEAL_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class OpenChallenge:
    """A challenge with its secrets; `shown_until` says when the desk shows a new one."""

    secrets: ChallengeSecrets = field(repr=False)
    shown_until: datetime


class ChallengeBook:
    """See the module text."""

    def __init__(self, *, challenges: Challenges, sealer: ChallengeSealer, random: Random) -> None:
        self._challenges = challenges
        self._sealer = sealer
        self._random = random

    async def shown(self, verification_id: str, *, at: datetime) -> OpenChallenge | None:
        """Return the challenge that may still be shown, or None."""
        stored = await self._challenges.shown(verification_id, at=at)
        return None if stored is None else self._opened(stored)

    async def add(self, secrets: ChallengeSecrets, *, verification_id: str) -> OpenChallenge | None:
        """Keep a new challenge; None when its verification is over."""
        challenge = secrets.challenge
        challenge_id = self._random.token(_ID_BYTES)
        sealed = self._sealer.seal(
            secrets,
            verification_id=verification_id,
            challenge_id=challenge_id,
            nonce=self._random.bytes(_SEAL_NONCE_BYTES),
        )
        stored = StoredChallenge(
            id=challenge_id,
            verification_id=verification_id,
            tag=challenge_tag(challenge),
            sealed=sealed,
            shown_until=challenge.issued_at + SHOWN_FOR,
            answerable_until=challenge.expires_at + MAX_AGE,
        )
        if not await self._challenges.add(stored, at=challenge.issued_at):
            return None
        return OpenChallenge(secrets, stored.shown_until)

    async def named(self, verification_id: str, *, tag: bytes) -> ChallengeSecrets | None:
        """Return the verification's challenge that an answer names, or None."""
        stored = await self._challenges.named(verification_id, tag=tag)
        return None if stored is None else self._opened(stored).secrets

    async def was_taken(self, once: Once) -> bool:
        """Return whether that answer has been taken at this desk."""
        return await self._challenges.was_taken(once)

    def _opened(self, stored: StoredChallenge) -> OpenChallenge:
        secrets = self._sealer.open(
            stored.sealed, verification_id=stored.verification_id, challenge_id=stored.id
        )
        return OpenChallenge(secrets, stored.shown_until)
