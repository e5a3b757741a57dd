"""The public keys of issuing systems and the access tokens given for them, as they are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from issuer.model import ClientKey, SystemToken


class Clients(Protocol):
    """Registered client keys and live access tokens."""

    def add(self, key: ClientKey) -> bool:
        """Keep a new key; False when its thumbprint is there already, live or not."""

    def get(self, key_id: str) -> ClientKey | None:
        """Return a key by its id."""

    def of_client(self, organisation: str, client: str) -> Sequence[ClientKey]:
        """Return every key of one client, oldest first."""

    def all(self) -> Sequence[ClientKey]:
        """Return every key, oldest first."""

    def revoke(self, key_id: str, *, at: datetime) -> bool:
        """End a key and its tokens; False when there is no such key or it was ended before."""

    def add_token(self, token: SystemToken) -> None:
        """Keep a new access token."""

    def token(self, mac: bytes) -> SystemToken | None:
        """Return an access token, live or not."""

    def forget_tokens(self, now: datetime) -> int:
        """Drop tokens past their time; returns how many."""
