"""A card that is not there yet: what the wallet keeps until it is (OpenID4VCI 1.0, 9)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A receipt whose answer was lost: the token can be used again until it ends.

    Attributes:
        offer: what tells the same offer again (``OpenOffer.fingerprint``).
        server: whose `Instance` the token is bound to; None for one that nothing binds.
        identifiers: what to ask for instead of configuration ids.
    """

    offer: str
    access_token: str = field(repr=False)
    expires_at: datetime
    server: str | None = None
    refresh_token: str | None = field(default=None, repr=False)
    identifiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An offer that was taken, whose card the issuer does not have yet.

    Attributes:
        id: 8 hexadecimal digits, made by the wallet.
        offer: what tells the same offer again (``OpenOffer.fingerprint``).
        issuer: the credential issuer identifier.
        issuer_names: its names by language, as it gives them itself: unchecked.
        configuration_id: what was asked for.
        type_id: the catalogue's name of the type.
        endpoints: where to go: ``token``, ``credential``, ``deferred``, and ``nonce`` and
            ``notification`` if there are such.
        transaction_id: what to ask under; None once the issuer has given the card away and the
            answer was lost.
        token_until: when the access token ends.
        holder_key: PKCS #8 DER of the P-256 key that the card will be bound to.
        more_keys: those of its further copies.
        ask_after: not to be asked about sooner.
        server: whose `Instance` the tokens are bound to; None when nothing binds them.
        is_signed_in: the person signed in for it, so that the wallet says whose it is.
        is_encrypted: requests and answers were encrypted, and will be.
        replaces: the id of the card that this one renews; None for a first one.
    """

    id: str
    offer: str
    code: str = field(repr=False)
    issuer: str
    issuer_names: Mapping[str, str]
    configuration_id: str
    type_id: str
    endpoints: Mapping[str, str]
    transaction_id: str | None = field(repr=False)
    access_token: str = field(repr=False)
    token_until: datetime
    refresh_token: str | None = field(repr=False)
    holder_key: bytes = field(repr=False)
    since: datetime
    ask_after: datetime
    more_keys: tuple[bytes, ...] = field(default=(), repr=False)
    server: str | None = None
    is_signed_in: bool = False
    is_encrypted: bool = False
    replaces: str | None = None
