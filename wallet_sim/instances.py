"""What the wallet keeps of issuers that it signs in at: its keys there, and how to come back."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Instance:
    """The keys by which one authorization server knows this wallet, and no other server does.

    Attributes:
        server: the authorization server's issuer identifier.
        instance_key: PKCS #8 DER of the P-256 key that the wallet's provider vouches for.
        token_key: the same of the key that access tokens are bound to (RFC 9449).
    """

    server: str
    instance_key: bytes = field(repr=False)
    token_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A sign-in that the person was sent to, until the browser comes back (RFC 6749 4.1).

    Attributes:
        state: what the answer has to repeat.
        issuer: the credential issuer identifier.
        server: the authorization server's issuer identifier.
        issuer_state: what the offer wanted repeated; None without an offer.
    """

    state: str = field(repr=False)
    issuer: str
    server: str
    configuration_id: str
    redirect_uri: str
    code_verifier: str = field(repr=False)
    since: datetime
    issuer_state: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """How a card is renewed without signing in again, by the keys of the server's `Instance`."""

    issuer: str
    configuration_id: str
    server: str
    refresh_token: str = field(repr=False)
