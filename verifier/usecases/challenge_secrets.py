"""What a challenge must remember until it is answered, sealed at rest."""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime

from keys import strict_json
from keys.box import BoxKey
from keys.seal import seal, unseal
from openid4vc.qr.challenge import SCHEME, Challenge


@dataclass(frozen=True, slots=True)
class ChallengeSecrets:
    """A challenge as it is shown, and the private half of its key.

    Attributes:
        challenge: what is asked.
        key: opens the answer.
        digits: the frame that its QR code holds behind the scheme.
    """

    challenge: Challenge = field(repr=False)
    key: BoxKey = field(repr=False)
    digits: str = field(repr=False)

    @property
    def link(self) -> str:
        """The whole link, as a QR code reader returns it."""
        return SCHEME + self.digits


class ChallengeSealer:
    """Seals and opens `ChallengeSecrets`; the challenge's and the verification's ids are bound in.

    Args:
        key: 32 bytes, the service's own.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(
        self, secrets: ChallengeSecrets, *, verification_id: str, challenge_id: str, nonce: bytes
    ) -> bytes:
        """Return the sealed secrets. `nonce` is 12 fresh random bytes."""
        challenge = secrets.challenge
        plain = strict_json.dumps(
            {
                "client_id": challenge.client_id,
                "profile": challenge.profile_id,
                "nonce": challenge.nonce,
                "iat": int(challenge.issued_at.timestamp()),
                "exp": int(challenge.expires_at.timestamp()),
                "key": base64.b64encode(secrets.key.private_bytes).decode("ascii"),
                "digits": secrets.digits,
            }
        )
        return seal(self._key, plain, aad=_bound_to(verification_id, challenge_id), nonce=nonce)

    def open(self, sealed: bytes, *, verification_id: str, challenge_id: str) -> ChallengeSecrets:
        """Open sealed secrets. Which certificates were named as held is not among them.

        Raises:
            SealBroken: they were changed, or belong to another challenge.
        """
        plain = unseal(self._key, sealed, aad=_bound_to(verification_id, challenge_id))
        held = strict_json.loads_object(plain)
        key = BoxKey.from_private_bytes(base64.b64decode(str(held["key"])))
        challenge = Challenge(
            client_id=str(held["client_id"]),
            profile_id=str(held["profile"]),
            nonce=str(held["nonce"]),
            public_key=key.public_bytes,
            issued_at=_moment(held["iat"]),
            expires_at=_moment(held["exp"]),
        )
        return ChallengeSecrets(challenge, key, str(held["digits"]))


def _moment(value: object) -> datetime:
    return datetime.fromtimestamp(int(str(value)), UTC)


def _bound_to(verification_id: str, challenge_id: str) -> bytes:
    names = f"{verification_id}\x00{challenge_id}"
    return b"kykylompakko challenge secrets 1\x00" + names.encode("ascii")
