"""The clock and the randomness of a running service. Tests hand in their own."""

import base64
import secrets
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""
        return datetime.now(UTC)


class SystemRandom:
    """The operating system's cryptographic randomness."""

    def bytes(self, count: int) -> bytes:
        """Return `count` random bytes."""
        return secrets.token_bytes(count)

    def token(self, count: int = 32) -> str:
        """Return `count` random bytes as unpadded base64url text (A-Z a-z 0-9 - _)."""
        return base64.urlsafe_b64encode(secrets.token_bytes(count)).rstrip(b"=").decode("ascii")

    def digits(self, count: int) -> str:
        """Return `count` random decimal digits, leading zeros kept."""
        return f"{secrets.randbelow(10**count):0{count}d}"

    def below(self, bound: int) -> int:
        """Return a random integer in [0, bound)."""
        return secrets.randbelow(bound)
