"""Nonces for withdrawing by receipt, signed with their end: giving one out stores nothing."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

from keys.base64url import b64url_decode, b64url_encode
from keys.checks import CheckFailed
from verifier.model import Once
from verifier.ports import Random
from verifier.usecases.client_side_model import InvitationOver

LIFE: Final = timedelta(minutes=5)
_RANDOM_BYTES: Final = 16
_END_BYTES: Final = 8
_MAC_BYTES: Final = 16
_ALL_BYTES: Final = _RANDOM_BYTES + _END_BYTES + _MAC_BYTES
_CONTEXT: Final = b"kykylompakko withdrawal nonce 1\x00"


class Invitations:
    """Draws and knows nonces; each is good for one presentation within its life.

    Args:
        key: 32 bytes, the service's own.
        random: where they come from.
    """

    def __init__(self, *, key: bytes, random: Random) -> None:
        self._key = hmac.digest(key, _CONTEXT + b"key", hashlib.sha256)
        self._random = random

    def draw(self, client_id: str, *, at: datetime) -> str:
        """Return a fresh nonce for one receiver's name, good until `at` + `LIFE`."""
        end = int((at + LIFE).timestamp()).to_bytes(_END_BYTES, "big")
        said = self._random.bytes(_RANDOM_BYTES) + end
        return b64url_encode(said + self._mac(said, client_id))

    def check(self, nonce: str, client_id: str, *, at: datetime) -> Once:
        """Return what makes sure that a nonce is used once.

        Raises:
            InvitationOver: not one of ours for that name, or out of time.
        """
        try:
            held = b64url_decode(nonce)
        except CheckFailed as failure:
            raise InvitationOver("form") from failure
        said, mac = held[:-_MAC_BYTES], held[-_MAC_BYTES:]
        if len(held) != _ALL_BYTES or not hmac.compare_digest(mac, self._mac(said, client_id)):
            raise InvitationOver("not ours")
        end = int.from_bytes(said[_RANDOM_BYTES:], "big")
        if end <= at.timestamp():
            raise InvitationOver("out of time")
        key = hashlib.sha256(_CONTEXT + held).digest()
        return Once(key, datetime.fromtimestamp(end, UTC) + LIFE)

    def _mac(self, said: bytes, client_id: str) -> bytes:
        whole = _CONTEXT + said + client_id.encode()
        return hmac.digest(self._key, whole, hashlib.sha256)[:_MAC_BYTES]
