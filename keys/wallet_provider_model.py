"""Who may vouch for wallets: the content of a list of wallet providers, once it was checked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from cryptography import x509

from keys.checks import AnchorNotListed, KeyNotFound


@dataclass(frozen=True, slots=True)
class WalletProvider:
    """An organisation that may attest wallets, and keys in them.

    Attributes:
        id: short stable name.
        names: display name by language ("fi", "sv", "en").
        anchors: its authorities; attestation signers lead to these only.
        valid_from: since when (UTC).
    """

    id: str
    names: Mapping[str, str]
    anchors: tuple[x509.Certificate, ...]
    valid_from: datetime


@dataclass(frozen=True, slots=True)
class WalletProviders:
    """Every wallet provider that is trusted, until the next update.

    Attributes:
        sequence: grows by each issue.
        issued_at: when it was made (UTC, whole seconds).
        next_update: until when it may be used (UTC, whole seconds).
        providers: who may attest.
        anchors: their authorities, always the same tuple: chains are remembered by it.
    """

    sequence: int
    issued_at: datetime
    next_update: datetime
    providers: tuple[WalletProvider, ...]
    anchors: tuple[x509.Certificate, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Collect the authorities once."""
        anchors = tuple(anchor for provider in self.providers for anchor in provider.anchors)
        object.__setattr__(self, "anchors", anchors)

    def provider_of(self, anchor: x509.Certificate) -> WalletProvider:
        """Return the provider that an authority belongs to.

        Raises:
            AnchorNotListed: nobody's on this list.
        """
        for provider in self.providers:
            if anchor in provider.anchors:
                return provider
        raise AnchorNotListed("no wallet provider has this authority")

    def amended(self, *, add: Sequence[WalletProvider], remove: Collection[str]) -> Self:
        """Return the list without some providers, and with others; one of an id stands in for it.

        Raises:
            KeyNotFound: who is to be removed is not on the list.
        """
        if not set(remove) <= {one.id for one in self.providers}:
            raise KeyNotFound("no such wallet provider on the list")
        gone = {*remove, *(one.id for one in add)}
        kept = [one for one in self.providers if one.id not in gone]
        return replace(self, providers=(*kept, *add))
