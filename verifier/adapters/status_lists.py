"""Fetches status lists through the guarded fetcher."""

from openid4vc.limits import MAX_STATUS_TOKEN_CHARS
from openid4vc.status_list.token import MEDIA_TYPE
from verifier.adapters.trust_lists import Fetching
from verifier.usecases.failures import StatusUnknown

_OK = 200


class StatusListFetcher:
    """`ports.StatusListSource` over HTTP."""

    def __init__(self, fetcher: Fetching) -> None:
        self._fetcher = fetcher

    async def fetch(self, uri: str) -> str:
        """Return the signed status list at `uri` (TSL 8.1).

        Raises:
            StatusUnknown: the answer is no status list.
            FetchRefused, FetchFailed: see `keys.fetch`.
        """
        reply = await self._fetcher.get(uri, accept=MEDIA_TYPE, max_bytes=MAX_STATUS_TOKEN_CHARS)
        media_type = reply.content_type.partition(";")[0].strip().lower()
        if reply.status != _OK or media_type != MEDIA_TYPE:
            raise StatusUnknown(f"HTTP {reply.status}")
        try:
            return reply.body.decode("ascii").strip()
        except UnicodeDecodeError as error:
            raise StatusUnknown("not ASCII") from error
