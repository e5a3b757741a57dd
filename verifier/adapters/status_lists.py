"""Fetches status lists, and the documents that name them, through the guarded fetcher."""

from collections.abc import Sequence

from openid4vc import limits
from openid4vc.status_list import aggregation
from openid4vc.status_list.forms import ACCEPT, ListToken, form_of
from verifier.adapters.trust_lists import Fetching
from verifier.usecases.failures import StatusUnknown

_OK = 200


class StatusListFetcher:
    """`ports.StatusListSource` over HTTP."""

    def __init__(self, fetcher: Fetching) -> None:
        self._fetcher = fetcher

    async def fetch(self, uri: str) -> ListToken:
        """Return the signed status list at `uri`, JWT or CWT as its server prefers (TSL 8.1).

        Raises:
            StatusUnknown: there is none at that address now.
            StatusListFormUnknown: what came says that it is something else.
            FetchRefused, FetchFailed: see `keys.fetch`.
        """
        reply = await self._fetcher.get(uri, accept=ACCEPT, max_bytes=limits.MAX_STATUS_TOKEN_CHARS)
        if reply.status != _OK:
            raise StatusUnknown(f"HTTP {reply.status}")
        return ListToken(form_of(reply.content_type), reply.body)

    async def names(self, uri: str) -> Sequence[str]:
        """Return where the status lists are that the document at `uri` names (TSL 9.3).

        Raises:
            StatusUnknown: there is no such document.
            MalformedJson, MalformedAggregation: it is something else.
            FetchRefused, FetchFailed: see `keys.fetch`.
        """
        reply = await self._fetcher.get(
            uri, accept=aggregation.MEDIA_TYPE, max_bytes=limits.MAX_AGGREGATION_BYTES
        )
        if reply.status != _OK or reply.content_type != aggregation.MEDIA_TYPE:
            raise StatusUnknown(f"HTTP {reply.status}")
        return aggregation.read_aggregation(reply.body)
