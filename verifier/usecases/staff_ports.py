"""What signing in and the access log need from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from verifier.usecases.staff_model import (
    Access,
    DeskSession,
    Pending,
    ProviderAnswer,
    ProviderPerson,
    StaffPerson,
)


class StaffBook(Protocol):
    """The people who may sign in."""

    async def add(self, person: StaffPerson) -> bool:
        """Store a new person; False when the name or subject is taken."""

    async def find(self, person_id: str) -> StaffPerson | None:
        """Return the person of that id, or None."""

    async def named(self, sign_in_name: str) -> StaffPerson | None:
        """Return the person of that local account, or None."""

    async def of_subject(self, subject: str) -> StaffPerson | None:
        """Return the person whom the identity provider knows by that subject, or None."""

    async def all(self) -> Sequence[StaffPerson]:
        """Return everybody, oldest first."""

    async def set_password(self, person_id: str, password_hash: str) -> None:
        """Replace a local account's password."""

    async def renew(self, person_id: str, *, display_name: str, roles: frozenset[str]) -> None:
        """Take over what the identity provider says now."""

    async def disable(self, person_id: str, *, at: datetime) -> bool:
        """Let the person in no more; False when there is no such person, or so already."""


class Passwords(Protocol):
    """How passwords are hashed and compared; both take a while on purpose."""

    async def hash(self, password: str) -> str:
        """Return a salted hash that holds its own parameters."""

    async def is_same(self, password: str, password_hash: str | None) -> bool:
        """Compare; the same work is done, and False returned, when there is no hash."""


class SignInAttempts(Protocol):
    """Failed attempts by name, whether or not there is such a name."""

    async def count(self, key: bytes, *, at: datetime) -> datetime | None:
        """Count one attempt by one conditional write, before anything is compared.

        Returns:
            None when the attempt may be made; else until when none is.
        """

    async def clear(self, key: bytes) -> None:
        """Forget them: the password was right, or a new one was given."""

    async def forget(self, at: datetime) -> int:
        """Delete what has been quiet for long enough; return how many."""


class AccessLog(Protocol):
    """Who saw whose data when, apart from the evidence."""

    async def note(self, accesses: Sequence[Access]) -> None:
        """Store what is not there yet, before anything is shown."""

    async def entries(self, *, whose: bytes | None = None) -> Sequence[Access]:
        """Return all entries, or those of one person's data, oldest first."""

    async def purge(self, before: datetime) -> int:
        """Delete the entries older than that; return how many."""


class IdentityProvider(Protocol):
    """The organisation's own sign-in (OpenID Connect)."""

    async def address(self, pending: Pending) -> str:
        """Return where the browser signs in.

        Raises:
            ProviderUnavailable: the provider cannot be reached, or is not as it should be.
        """

    async def identify(self, answer: ProviderAnswer, pending: Pending) -> ProviderPerson:
        """Return who signed in.

        Raises:
            ProviderDeclined: nobody did.
            ProviderUnavailable: the provider cannot be reached, or is not as it should be.
            ProviderAnswerInvalid: the answer is not one to this browser, or not genuine;
                its subclasses say why.
        """

    async def sign_out_address(self, id_token: str) -> str | None:
        """Return where the browser signs out there, None when the provider offers it not."""


class DeskSessions(Protocol):
    """Who is signed in, at which browser."""

    async def add(self, session: DeskSession) -> None:
        """Store a new session."""

    async def find(self, session_id: bytes) -> DeskSession | None:
        """Return the session of that id, or None."""

    async def touch(self, session_id: bytes, *, active_until: datetime) -> None:
        """Put off, or bring forward, when the screen locks."""

    async def act_as(self, session_id: bytes, role: str) -> None:
        """Change the role."""

    async def seal(self, session_id: bytes, sealed: bytes | None) -> None:
        """Replace what the session holds sealed."""

    async def remove(self, session_id: bytes) -> None:
        """End a session."""

    async def remove_ended(self, at: datetime) -> int:
        """Delete the sessions that ended before `at`; return how many."""
