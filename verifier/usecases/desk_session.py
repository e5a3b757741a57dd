"""A person's session at the desk, remembered by a cookie.

The server stores a hash of the cookie, and the one result key that the desk holds sealed under a
key made from the cookie. Neither the database nor the service's own keys open it. When nobody has
done anything for a while the session is locked: it holds nothing any more, and signing in again,
which always makes a new cookie, is the only way on.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from keys import strict_json
from keys.seal import seal, unseal
from verifier.ports import Clock, Random
from verifier.usecases.failures import SessionEnded
from verifier.usecases.staff_failures import RoleNotHeld
from verifier.usecases.staff_model import DeskSession, StaffPerson
from verifier.usecases.staff_ports import DeskSessions, StaffBook

LIFE = timedelta(hours=12)
RolesHeld = Callable[[], Awaitable[frozenset[str]]]
"""Says which roles the organisation holds on the trust list now."""

_COOKIE_BYTES = 32
_COOKIE_CHARS = 43
_SEAL_NONCE_BYTES = 12
_SEAL_CONTEXT = b"kykylompakko desk session 1"
_TOKEN_CONTEXT = b"kykylompakko desk session id token 1"
_TOUCHES_A_LIFE = 20  # how finely the time of the last act is kept, as a share of the idle time


@dataclass(frozen=True, slots=True)
class OpenDesk:
    """A signed-in person, as one request sees it.

    Attributes:
        cookie: the secret that the browser holds.
        owner: id of the person.
        role: what the person acts as; "" until they have chosen.
        label: the person's name.
        roles: every role of the person.
        sign_in_name: of a local account; None when the identity provider signs them in.
        is_locked: whether the person must sign in again before anything else.
        idle_left: how long until the screen locks.
        verification_id: the one verification at hand, None when there is none.
        result_key: opens its values.
    """

    cookie: str = field(repr=False)
    owner: str
    role: str
    label: str
    roles: tuple[str, ...]
    sign_in_name: str | None
    is_locked: bool
    idle_left: timedelta
    verification_id: str | None = None
    result_key: str | None = field(default=None, repr=False)

    @property
    def form_token(self) -> str:
        """What every form of this session must carry."""
        return _derived(self.cookie, b"form").hex()


class DeskDoor:
    """Opens, finds, locks and ends sessions.

    Args:
        sessions: where they are stored.
        book: the staff.
        roles_held: which roles the organisation holds.
        idle: after how long without an act the screen locks.
        clock: the time.
        random: where cookies come from.
    """

    def __init__(
        self,
        *,
        sessions: DeskSessions,
        book: StaffBook,
        roles_held: RolesHeld,
        idle: timedelta,
        clock: Clock,
        random: Random,
    ) -> None:
        self._sessions = sessions
        self._book = book
        self._roles_held = roles_held
        self._idle = idle
        self._clock = clock
        self._random = random

    def sign_in_token(self) -> str:
        """Return a fresh token for a sign-in form."""
        return self._random.token(_COOKIE_BYTES)

    async def granted(self, roles: frozenset[str] | tuple[str, ...]) -> tuple[str, ...]:
        """Return those of a person's roles that the organisation holds, sorted.

        Raises:
            RoleNotHeld: none of them.
        """
        granted = tuple(sorted(frozenset(roles) & await self._roles_held()))
        if not granted:
            raise RoleNotHeld("not on the trust list")
        return granted

    async def open(
        self, person: StaffPerson, *, role: str = "", id_token: str | None = None
    ) -> OpenDesk:
        """Open a session for somebody who has shown who they are.

        Args:
            person: who.
            role: what they acted as before; kept if they still may.
            id_token: needed to sign out at the identity provider.

        Raises:
            RoleNotHeld: the person may act as nothing here.
        """
        granted = await self.granted(person.roles)
        if role not in granted:
            role = granted[0] if len(granted) == 1 else ""
        cookie = self._random.token(_COOKIE_BYTES)
        now = self._clock.now()
        sealed = None if id_token is None else self._seal(cookie, id_token.encode(), _TOKEN_CONTEXT)
        session = DeskSession(
            id=_derived(cookie, b"id"),
            owner=person.id,
            role=role,
            active_until=now + self._idle,
            expires_at=now + LIFE,
            id_token=sealed,
        )
        await self._sessions.add(session)
        return self._open(cookie, session, person)

    async def enter(self, cookie: str | None, *, acts: bool = True) -> OpenDesk:
        """Return the session behind a cookie.

        Args:
            cookie: what came along.
            acts: whether a person did something, which puts off the lock.

        Raises:
            SessionEnded: no such session, its time is over, or the person may not be here.
        """
        session, person = await self._find(cookie)
        if cookie is None:
            raise SessionEnded
        desk = self._open(cookie, session, person)
        if acts and not desk.is_locked:
            later = self._clock.now() + self._idle
            if session.active_until < later - self._idle / _TOUCHES_A_LIFE:
                await self._sessions.touch(session.id, active_until=later)
        return desk

    async def lock(self, desk: OpenDesk) -> None:
        """Lock now, and forget what is at hand."""
        session_id = _derived(desk.cookie, b"id")
        await self._sessions.seal(session_id, None)
        await self._sessions.touch(session_id, active_until=self._clock.now())

    async def act_as(self, desk: OpenDesk, role: str) -> None:
        """Change the role.

        Raises:
            RoleNotHeld: it is not the person's, or not the organisation's.
        """
        if role not in await self.granted(desk.roles):
            raise RoleNotHeld("not this person's")
        await self._sessions.act_as(_derived(desk.cookie, b"id"), role)

    async def hold(self, desk: OpenDesk, *, verification_id: str, result_key: str) -> None:
        """Remember the verification at hand and its result key instead of the one before."""
        plain = strict_json.dumps({"id": verification_id, "key": result_key})
        sealed = self._seal(desk.cookie, plain, _SEAL_CONTEXT)
        await self._sessions.seal(_derived(desk.cookie, b"id"), sealed)

    async def let_go(self, desk: OpenDesk) -> None:
        """Forget the verification at hand."""
        await self._sessions.seal(_derived(desk.cookie, b"id"), None)

    async def sign_out(self, desk: OpenDesk) -> str | None:
        """End the session; return what signing out at the identity provider needs, if anything."""
        session = await self._sessions.find(_derived(desk.cookie, b"id"))
        await self._sessions.remove(_derived(desk.cookie, b"id"))
        if session is None or session.id_token is None:
            return None
        key = _derived(desk.cookie, b"seal")
        return unseal(key, session.id_token, aad=_TOKEN_CONTEXT).decode()

    async def _find(self, cookie: str | None) -> tuple[DeskSession, StaffPerson]:
        if cookie is None or len(cookie) != _COOKIE_CHARS or not cookie.isascii():
            raise SessionEnded
        session = await self._sessions.find(_derived(cookie, b"id"))
        if session is None or session.expires_at <= self._clock.now():
            raise SessionEnded
        person = await self._book.find(session.owner)
        if person is None or person.disabled_at is not None:
            raise SessionEnded
        if session.role and session.role not in person.roles:
            raise SessionEnded
        return session, person

    def _open(self, cookie: str, session: DeskSession, person: StaffPerson) -> OpenDesk:
        held = self._held(cookie, session)
        left = session.active_until - self._clock.now()
        return OpenDesk(
            cookie=cookie,
            owner=person.id,
            role=session.role,
            label=person.display_name,
            roles=tuple(sorted(person.roles)),
            sign_in_name=person.sign_in_name,
            is_locked=left <= timedelta(0),
            idle_left=left,
            verification_id=held.get("id"),
            result_key=held.get("key"),
        )

    def _held(self, cookie: str, session: DeskSession) -> dict[str, str]:
        if session.sealed is None:
            return {}
        plain = unseal(_derived(cookie, b"seal"), session.sealed, aad=_SEAL_CONTEXT)
        return {name: str(value) for name, value in strict_json.loads_object(plain).items()}

    def _seal(self, cookie: str, plain: bytes, context: bytes) -> bytes:
        nonce = self._random.bytes(_SEAL_NONCE_BYTES)
        return seal(_derived(cookie, b"seal"), plain, aad=context, nonce=nonce)


def _derived(cookie: str, purpose: bytes) -> bytes:
    """Return 32 bytes that belong to a cookie of 256 random bits, different for each purpose."""
    return hmac.digest(cookie.encode("ascii"), b"kykylompakko desk 1\x00" + purpose, hashlib.sha256)
