"""Passwords under Argon2id (RFC 9106), a few at a time: each takes 64 MiB while it is hashed."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE: Final = 2


class Argon2Passwords:
    """`staff_ports.Passwords` with the second recommended option of RFC 9106 section 4."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._of_nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return a salted hash that holds its own parameters."""
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def is_same(self, password: str, password_hash: str | None) -> bool:
        """Compare; the same work is done, and False returned, when there is no hash."""
        if self._of_nobody is None:
            self._of_nobody = await self.hash("nobody's password")
        async with self._room:
            same = await asyncio.to_thread(self._verify, password_hash or self._of_nobody, password)
        return same and password_hash is not None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
