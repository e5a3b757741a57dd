"""Local accounts: add one, give it a new password. Rules for names and passwords stand here."""

import re
import unicodedata
from typing import Final

from verifier.ports import Clock, Random
from verifier.usecases.staff_failures import (
    PasswordUnfit,
    StaffNameTaken,
    StaffNameUnfit,
    StaffUnknown,
)
from verifier.usecases.staff_model import StaffPerson
from verifier.usecases.staff_ports import Passwords, SignInAttempts, StaffBook
from verifier.usecases.staff_sign_in import AttemptKeys, same_password, same_sign_in_name

MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 256
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._@-]{0,62}[a-z0-9])?")
_ID_BYTES = 16


def check_password(password: str, *, sign_in_name: str) -> str:
    """Return the password as it is hashed. Length is asked for, never a mix of characters.

    Raises:
        PasswordUnfit: shorter than 12 or longer than 256 characters, one character repeated, or
            the account's own name.
    """
    same = same_password(password)
    if not MIN_PASSWORD <= len(same) <= MAX_PASSWORD:
        raise PasswordUnfit("length")
    if len(set(same)) == 1 or same.casefold() == sign_in_name:
        raise PasswordUnfit("guessed at once")
    return same


def new_staff_id(random: Random) -> str:
    """Return a fresh id: nobody guesses it, and it tells nothing of the person."""
    return f"staff_{random.token(_ID_BYTES)}"


class AddStaff:
    """Adds a local account."""

    def __init__(
        self, *, book: StaffBook, passwords: Passwords, clock: Clock, random: Random
    ) -> None:
        self._book = book
        self._passwords = passwords
        self._clock = clock
        self._random = random

    async def __call__(
        self, *, sign_in_name: str, display_name: str, roles: frozenset[str], password: str
    ) -> StaffPerson:
        """Add a person.

        Args:
            sign_in_name: what the person types, such as `liisa.virkailija`.
            display_name: what the page's head shows.
            roles: what the person may act as.
            password: kept as a hash only.

        Raises:
            StaffNameUnfit, StaffNameTaken, PasswordUnfit: see their classes.
        """
        name = same_sign_in_name(sign_in_name)
        if not _NAME.fullmatch(name):
            raise StaffNameUnfit("sign-in name")
        shown = unicodedata.normalize("NFC", " ".join(display_name.split())) or name
        password = check_password(password, sign_in_name=name)
        person = StaffPerson(
            id=new_staff_id(self._random),
            display_name=shown,
            roles=roles,
            created_at=self._clock.now(),
            sign_in_name=name,
            password_hash=await self._passwords.hash(password),
        )
        if not await self._book.add(person):
            raise StaffNameTaken("sign-in name")
        return person


class ChangePassword:
    """Gives a local account a new password; whoever failed too often may try at once."""

    def __init__(
        self,
        *,
        book: StaffBook,
        passwords: Passwords,
        attempts: SignInAttempts,
        attempt_keys: AttemptKeys,
    ) -> None:
        self._book = book
        self._passwords = passwords
        self._attempts = attempts
        self._attempt_keys = attempt_keys

    async def __call__(self, *, sign_in_name: str, password: str) -> StaffPerson:
        """Replace the password.

        Raises:
            StaffUnknown, PasswordUnfit: see their classes.
        """
        person = await self._book.named(same_sign_in_name(sign_in_name))
        if person is None or person.sign_in_name is None:
            raise StaffUnknown("sign-in name")
        password = check_password(password, sign_in_name=person.sign_in_name)
        await self._book.set_password(person.id, await self._passwords.hash(password))
        await self._attempts.clear(self._attempt_keys(person.sign_in_name))
        return person
