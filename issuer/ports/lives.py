"""Offers that wait for their claims."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from issuer.model import SealedClaims


@dataclass(frozen=True, slots=True)
class Deferral:
    """A redeemed offer whose claims come later, if they have not come yet.

    Attributes:
        generation: counts the refresh tokens given; only the newest one counts.
        in_use: whether anything was done with the newest generation.
        transaction_mac: stands for the transaction id; None before the wallet asked for the
            credential, and once it has collected it.
        holder: the sealed public key that the credential will be bound to.
        expires_at: until when the wallet may come back.
    """

    offer_id: str
    generation: int
    in_use: bool
    transaction_mac: bytes | None
    holder: SealedClaims | None
    expires_at: datetime


class Deferrals(Protocol):
    """Redeemed offers that wait."""

    def add(self, deferral: Deferral) -> None:
        """Let an offer wait."""

    def get(self, offer_id: str) -> Deferral | None:
        """Return how an offer waits; None when it does not."""

    def turn(self, offer_id: str, *, generation: int) -> bool:
        """Pass on from that generation in one conditional write; says whether it was the newest."""

    def use(self, offer_id: str) -> None:
        """Note that the newest generation is in use."""

    def await_claims(self, offer_id: str, *, transaction_mac: bytes, holder: SealedClaims) -> None:
        """Remember what the wallet asked for; an earlier transaction is forgotten."""

    def collect(self, offer_id: str, transaction_mac: bytes) -> bool:
        """Use a transaction up in one conditional write; False when it is not the present one."""

    def shorten(self, offer_id: str, until: datetime) -> None:
        """Let it wait no longer than until then."""

    def end(self, offer_id: str) -> None:
        """Let it wait no more."""
