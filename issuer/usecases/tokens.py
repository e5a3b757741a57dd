"""What wallets get for a code, and for a refresh token; and what stands for it in the records."""

from dataclasses import dataclass, field
from datetime import timedelta

from issuer.ports import Vault
from openid4vc.openid4vci.token import MAX_BEARER_LIFETIME

TOKEN_LIFETIME = MAX_BEARER_LIFETIME


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token and how long it works; with a refresh token while claims are missing."""

    text: str = field(repr=False)
    lifetime: timedelta
    refresh_token: str | None = field(default=None, repr=False)


def token_mac(vault: Vault, token: str) -> bytes:
    """Return what stands for an access token in the records."""
    return vault.mac("access-token", token)


def refresh_token_of(vault: Vault, offer_id: str, generation: int) -> str:
    """Return an offer's refresh token of one generation; nothing of it is kept."""
    secret = vault.secret_text("refresh-token", offer_id, str(generation))
    return f"{offer_id}.{generation}.{secret}"
