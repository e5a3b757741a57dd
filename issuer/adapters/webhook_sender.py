"""Posts messages through the guarded client."""

from collections.abc import Mapping

from issuer.ports.webhooks import Answer
from keys.fetch import Fetcher

_MAX_REPLY_BYTES = 16_384
_MAX_DIGITS = 6


class FetchWebhookSender:
    """`ports.webhooks.WebhookSender` over `keys.fetch`, which judges every address.

    Args:
        fetcher: the guarded client.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    async def send(
        self, url: str, message: Mapping[str, object], *, headers: Mapping[str, str]
    ) -> Answer:
        """Post a message once; redirects are not followed.

        Raises:
            UrlForbidden, AddressForbidden: we do not send there.
            RedirectForbidden, ReplyTooLarge, FetchFailed: it was not taken.
        """
        reply = await self._fetcher.post(
            url, json=message, headers=headers, max_bytes=_MAX_REPLY_BYTES
        )
        again = reply.headers.get("retry-after", "")
        is_seconds = again.isascii() and again.isdigit() and len(again) <= _MAX_DIGITS
        return Answer(reply.status, int(again) if is_seconds else None)
