"""Show the challenge of a verification: to a wallet that has no network.

A challenge lives two minutes. Half a minute before it ends a new one is shown, and the earlier one
stays answerable until a minute after its end, so that whoever reads slowly is not too late.
"""

from dataclasses import dataclass, field
from datetime import datetime

from keys.box import BoxKey
from openid4vc.qr.challenge import LIFE, SCHEME, Challenge, write_challenge
from verifier.model import OPEN_STATES, Verification
from verifier.ports import Clock, Random, Verifications
from verifier.usecases.certificate_book import CertificateBook
from verifier.usecases.challenge_book import ChallengeBook, OpenChallenge
from verifier.usecases.challenge_secrets import ChallengeSecrets
from verifier.usecases.failures import RequestOver, VerificationUnknown
from verifier.usecases.receiver import Receiver

_NONCE_BYTES = 16  # 128 bits: every character of the code is one more to photograph


@dataclass(frozen=True, slots=True)
class ShownChallenge:
    """What the desk's screen shows.

    Attributes:
        link: the whole link.
        segments: the same for drawing: the scheme, and digits that a QR code holds densely.
        expires_at: until when a wallet may answer it.
        shown_until: when to ask for the next one.
    """

    link: str = field(repr=False)
    segments: tuple[str, ...] = field(repr=False)
    expires_at: datetime
    shown_until: datetime


class ShowChallenge:
    """See the module text."""

    def __init__(
        self,
        *,
        receiver: Receiver,
        verifications: Verifications,
        book: ChallengeBook,
        certificates: CertificateBook,
        clock: Clock,
        random: Random,
    ) -> None:
        self._receiver = receiver
        self._verifications = verifications
        self._book = book
        self._certificates = certificates
        self._clock = clock
        self._random = random

    async def __call__(
        self, verification_id: str, *, owner: str, until: datetime | None = None
    ) -> ShownChallenge:
        """Return the challenge to show now; a new one when the last one ends soon.

        Args:
            verification_id: which.
            owner: public id of the caller's key.
            until: after that there are no new ones; the end of one request's life if left out.

        Raises:
            VerificationUnknown: no such verification of this owner.
            RequestOver: it is answered, closed or out of time.
            ChallengeSignerUnfit, ChallengeTooLarge: this desk's certificate does not suit.
        """
        now = self._clock.now()
        verification = await self._verifications.find(verification_id)
        if verification is None or verification.owner != owner:
            raise VerificationUnknown
        if verification.state not in OPEN_STATES or verification.expires_at <= now:
            raise RequestOver
        found = await self._book.shown(verification.id, at=now)
        if found is not None:
            return _shown(found)
        life = verification.created_at + self._receiver.request_life
        return await self._new(verification, now, until=life if until is None else until)

    async def _new(
        self, verification: Verification, now: datetime, *, until: datetime
    ) -> ShownChallenge:
        # New ones prolong the verification, so there is a time after which there are none.
        if until <= now:
            raise RequestOver
        now = now.replace(microsecond=0)
        key = BoxKey.generate()
        challenge = Challenge(
            client_id=self._receiver.client_id,
            profile_id=verification.profile,
            nonce=self._random.token(_NONCE_BYTES),
            public_key=key.public_bytes,
            issued_at=now,
            expires_at=now + LIFE,
            held=await self._certificates.prefixes(),
        )
        link = write_challenge(challenge, signer=self._receiver.signer)
        secrets = ChallengeSecrets(challenge, key, link.digits)
        added = await self._book.add(secrets, verification_id=verification.id)
        if added is None:
            raise RequestOver
        return _shown(added)


def _shown(found: OpenChallenge) -> ShownChallenge:
    return ShownChallenge(
        link=found.secrets.link,
        segments=(SCHEME, found.secrets.digits),
        expires_at=found.secrets.challenge.expires_at,
        shown_until=found.shown_until,
    )
