"""A desk's session: signed in with the desk's key, remembered by a cookie.

The server stores a hash of the cookie, and the one result key that the desk holds sealed under a
key made from the cookie. Neither the database nor the service's own keys open it.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta

from keys import strict_json
from keys.seal import seal, unseal
from verifier.model import ApiKey, DeskSession
from verifier.ports import Clock, DeskSessions, Random
from verifier.usecases.api_keys import CheckApiKey
from verifier.usecases.failures import KeyRefused, SessionEnded

IDLE = timedelta(minutes=30)
_COOKIE_BYTES = 32
_COOKIE_CHARS = 43
_SEAL_NONCE_BYTES = 12
_SEAL_CONTEXT = b"kykylompakko desk session 1"


@dataclass(frozen=True, slots=True)
class OpenDesk:
    """A signed-in desk, as one request sees it.

    Attributes:
        cookie: the secret that the browser holds.
        owner: public id of the desk's key.
        role: the key's role.
        label: the key's label, such as "Tiski 1".
        verification_id: the one verification at hand, None when there is none.
        result_key: opens its values.
    """

    cookie: str = field(repr=False)
    owner: str
    role: str
    label: str
    verification_id: str | None = None
    result_key: str | None = field(default=None, repr=False)

    @property
    def form_token(self) -> str:
        """What every form of this session must carry."""
        return _derived(self.cookie, b"form").hex()


class DeskDoor:
    """Opens, finds and ends desk sessions."""

    def __init__(
        self,
        *,
        sessions: DeskSessions,
        check_key: CheckApiKey,
        clock: Clock,
        random: Random,
    ) -> None:
        self._sessions = sessions
        self._check_key = check_key
        self._clock = clock
        self._random = random

    def sign_in_token(self) -> str:
        """Return a fresh token for a sign-in form."""
        return self._random.token(_COOKIE_BYTES)

    async def sign_in(self, key_text: str) -> OpenDesk:
        """Open a session with a desk's key.

        Raises:
            KeyRefused: the key is not live.
        """
        key = await self._check_key(key_text)
        cookie = self._random.token(_COOKIE_BYTES)
        await self._sessions.add(
            DeskSession(
                id=_derived(cookie, b"id"),
                owner=key.id,
                role=key.role,
                expires_at=self._clock.now() + IDLE,
            )
        )
        return _open(cookie, key)

    async def enter(self, cookie: str | None) -> OpenDesk:
        """Return the session behind a cookie, and put off its end.

        Raises:
            SessionEnded: no such session, or its time or its key has ended.
        """
        now = self._clock.now()
        if cookie is None or len(cookie) != _COOKIE_CHARS or not cookie.isascii():
            raise SessionEnded
        session = await self._sessions.find(_derived(cookie, b"id"))
        if session is None or session.expires_at <= now:
            raise SessionEnded
        try:
            key = await self._check_key.live(session.owner)
        except KeyRefused:
            raise SessionEnded from None
        if session.expires_at < now + IDLE - timedelta(minutes=1):
            await self._sessions.touch(session.id, expires_at=now + IDLE)
        desk = _open(cookie, key)
        if session.sealed is None:
            return desk
        held = strict_json.loads_object(
            unseal(_derived(cookie, b"seal"), session.sealed, aad=_SEAL_CONTEXT)
        )
        return _open(cookie, key, str(held["id"]), str(held["key"]))

    async def hold(self, desk: OpenDesk, *, verification_id: str, result_key: str) -> None:
        """Remember the verification at hand and its result key instead of the one before."""
        plain = strict_json.dumps({"id": verification_id, "key": result_key})
        sealed = seal(
            _derived(desk.cookie, b"seal"),
            plain,
            aad=_SEAL_CONTEXT,
            nonce=self._random.bytes(_SEAL_NONCE_BYTES),
        )
        await self._sessions.seal(_derived(desk.cookie, b"id"), sealed)

    async def let_go(self, desk: OpenDesk) -> None:
        """Forget the verification at hand."""
        await self._sessions.seal(_derived(desk.cookie, b"id"), None)

    async def sign_out(self, desk: OpenDesk) -> None:
        """End the session."""
        await self._sessions.remove(_derived(desk.cookie, b"id"))


def _open(
    cookie: str, key: ApiKey, verification_id: str | None = None, result_key: str | None = None
) -> OpenDesk:
    return OpenDesk(
        cookie=cookie,
        owner=key.id,
        role=key.role,
        label=key.label,
        verification_id=verification_id,
        result_key=result_key,
    )


def _derived(cookie: str, purpose: bytes) -> bytes:
    """Return 32 bytes that belong to a cookie of 256 random bits, different for each purpose."""
    return hmac.digest(cookie.encode("ascii"), b"kykylompakko desk 1\x00" + purpose, hashlib.sha256)
