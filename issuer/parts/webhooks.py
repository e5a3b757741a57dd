"""Webhooks, put together."""

from issuer.adapters.webhook_sender import FetchWebhookSender
from issuer.parts.base import Parts
from issuer.usecases.webhooks.administer import AdministerWebhooks
from issuer.usecases.webhooks.deliver import DeliverEvents
from keys.fetch import Fetcher

_SECONDS_FOR_ONE = 15.0


def make_deliver_events(parts: Parts, *, fetcher: Fetcher | None = None) -> DeliverEvents:
    """Return the chore that brings events to the organisations' systems.

    Args:
        parts: what the service stands on.
        fetcher: the way out; left out, the guarded client as the settings want it.
    """
    settings = parts.settings
    return DeliverEvents(
        store=parts.store,
        vault=parts.vault,
        sender=FetchWebhookSender(
            fetcher
            or Fetcher(
                allow_loopback_http=settings.unsafe_plain_http,
                internal_hosts=settings.webhook_internal_hosts,
                timeout=_SECONDS_FOR_ONE,
            )
        ),
        clock=parts.clock,
        random=parts.random,
    )


def make_administer_webhooks(parts: Parts) -> AdministerWebhooks:
    """Return what an operator does about webhooks."""
    return AdministerWebhooks(
        store=parts.store,
        vault=parts.vault,
        clock=parts.clock,
        random=parts.random,
        catalogue=parts.catalogue,
    )
