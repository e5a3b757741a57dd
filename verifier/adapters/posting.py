"""What of the guarded HTTP client is used for sending."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from keys.fetch import Reply


@runtime_checkable
class Posting(Protocol):
    """Posts JSON to where the settings say; `keys.fetch.Fetcher` is the real one."""

    async def post(
        self, url: str, *, json: object, headers: Mapping[str, str], max_bytes: int
    ) -> Reply:
        """Post a JSON value.

        Raises:
            CheckFailed: it could not be sent, or was not answered.
        """
