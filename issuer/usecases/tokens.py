"""What wallets get for a code, and for a refresh token; and what stands for it in the records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from issuer.model import Grant, Offer
from issuer.ports import Vault
from openid4vc.openid4vci.token import MAX_BEARER_LIFETIME

TOKEN_LIFETIME = MAX_BEARER_LIFETIME


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token and how long it works; with a refresh token if the wallet may come back.

    Attributes:
        identifiers: what the wallet has to ask by, if it sent authorization details.
        is_bound: it counts with a proof of the wallet's key only (DPoP).
    """

    text: str = field(repr=False)
    lifetime: timedelta
    refresh_token: str | None = field(default=None, repr=False)
    identifiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_bound: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """Who gets tokens, as far as it has shown that: a wallet product, one of it, and a key."""

    client_id: str | None = None
    instance_thumbprint: str | None = None
    dpop_jkt: str | None = None

    def is_that_of(self, grant: Grant) -> bool:
        """Whether this is who the grant is bound to, if to anybody."""
        return grant.dpop_jkt in (None, self.dpop_jkt) and grant.instance_thumbprint in (
            None,
            self.instance_thumbprint,
        )


def new_grant(
    offer: Offer, holder: Holder, *, mac: bytes, at: datetime, by_identifier: bool
) -> Grant:
    """Return what a holder may have of an offer from now on.

    Args:
        offer: what was offered, or agreed to.
        holder: who gets it; the grant is bound to what it has shown.
        mac: stands for the access token, see `token_mac`.
        at: now.
        by_identifier: the wallet has to ask by a credential identifier.
    """
    return Grant(
        token_mac=mac,
        offer_id=offer.id,
        organisation=offer.organisation,
        type_id=offer.type_id,
        schema_version=offer.schema_version,
        expires_at=at + TOKEN_LIFETIME,
        ended_at=None,
        client_id=holder.client_id,
        by_identifier=by_identifier,
        dpop_jkt=holder.dpop_jkt,
        instance_thumbprint=holder.instance_thumbprint,
    )


def token_mac(vault: Vault, token: str) -> bytes:
    """Return what stands for an access token in the records."""
    return vault.mac("access-token", token)


def identifier_of(vault: Vault, offer_id: str) -> str:
    """Return the credential identifier of an offer (OpenID4VCI 6.2)."""
    return vault.secret_text("credential-identifier", offer_id)


def identifiers_of(vault: Vault, grant: Grant) -> dict[str, tuple[str, ...]]:
    """Return by configuration id what the wallet has to ask by; nothing if it may ask by that."""
    if not grant.by_identifier:
        return {}
    return {grant.type_id: (identifier_of(vault, grant.offer_id),)}


def refresh_token_of(vault: Vault, offer_id: str, generation: int) -> str:
    """Return an offer's refresh token of one generation; nothing of it is kept."""
    secret = vault.secret_text("refresh-token", offer_id, str(generation))
    return f"{offer_id}.{generation}.{secret}"
