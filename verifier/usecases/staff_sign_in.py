"""Sign in with a name and a password.

An unknown name costs the same work and gets the same answers as a known one, too many tries
included: attempts are counted under a keyed hash of whatever name was typed.
"""

import hashlib
import hmac
import unicodedata

from verifier.ports import Clock
from verifier.usecases.staff_failures import SignInRefused, TooManyTries
from verifier.usecases.staff_model import StaffPerson
from verifier.usecases.staff_ports import Passwords, SignInAttempts, StaffBook

_MAX_TYPED = 512


def same_sign_in_name(typed: str) -> str:
    """Return a sign-in name as it is stored, however it was typed."""
    return unicodedata.normalize("NFKC", typed[:_MAX_TYPED]).strip().casefold()


def same_password(typed: str) -> str:
    """Return a password as it is hashed: the same on every keyboard (NIST SP 800-63B 3.1.1.2)."""
    return unicodedata.normalize("NFKC", typed)


class AttemptKeys:
    """Under what attempts are counted: a keyed hash, as people type passwords into name fields.

    Args:
        secret: 32 bytes.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __call__(self, sign_in_name: str) -> bytes:
        """Return the key of a name as `same_sign_in_name` gives it: 32 bytes."""
        told = b"kykylompakko sign-in attempts 1\x00" + sign_in_name.encode("utf-8", "replace")
        return hmac.digest(self._secret, told, hashlib.sha256)


class SignInWithPassword:
    """See the module text."""

    def __init__(
        self,
        *,
        book: StaffBook,
        passwords: Passwords,
        attempts: SignInAttempts,
        attempt_keys: AttemptKeys,
        clock: Clock,
    ) -> None:
        self._book = book
        self._passwords = passwords
        self._attempts = attempts
        self._attempt_keys = attempt_keys
        self._clock = clock

    async def __call__(self, *, sign_in_name: str, password: str) -> StaffPerson:
        """Return who that is.

        Raises:
            TooManyTries: wrong ones came too often; nothing was compared.
            SignInRefused: no such name, another password, or a disabled account.
        """
        name = same_sign_in_name(sign_in_name)
        # 1. The attempt is counted before anything is compared
        key = self._attempt_keys(name)
        barred_until = await self._attempts.count(key, at=self._clock.now())
        if barred_until is not None:
            raise TooManyTries(barred_until)
        # 2. The password is right; without an account the same work is done for nothing
        person = await self._book.named(name)
        stored = None if person is None else person.password_hash
        typed = same_password(password[:_MAX_TYPED])
        if not await self._passwords.is_same(typed, stored) or person is None:
            raise SignInRefused("name or password")
        # 3. The account is in use
        if person.disabled_at is not None:
            raise SignInRefused("disabled")
        await self._attempts.clear(key)
        return person
