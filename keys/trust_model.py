"""Who may say what: the content of a trust list, once it has been checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Self

from cryptography import x509

from keys.checks import AnchorNotListed


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An organisation that may issue credentials of certain types.

    Attributes:
        id: short stable name, such as `mallimaa`.
        names: display name by language ("fi", "sv", "en").
        issuing_anchors: its issuing authorities; credential signers lead to these only.
        status_anchors: its status authorities; status-list signers lead to these only.
        vcts: the credential types that it may issue.
        valid_from: since when (UTC).
        closed_on: the UTC day on which it stopped issuing, or None.
        status_lists_at: where the addresses of all its status lists are, or None (Token Status
            List 9.3).
    """

    id: str
    names: Mapping[str, str]
    issuing_anchors: tuple[x509.Certificate, ...]
    status_anchors: tuple[x509.Certificate, ...]
    vcts: frozenset[str]
    valid_from: datetime
    closed_on: date | None = None
    status_lists_at: str | None = None


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """An organisation that may ask for presentations.

    Attributes:
        identifier: its organizationIdentifier, as in its access certificate (EN 319 412-1).
        names: display name by language.
        roles: what it may act as, such as `te_office`.
    """

    identifier: str
    names: Mapping[str, str]
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class TrustList:
    """Everybody who is trusted, until the next update.

    Attributes:
        sequence: grows by each issue.
        issued_at: when it was made (UTC, whole seconds).
        next_update: until when it may be used (UTC, whole seconds).
        issuers: who may issue.
        access_anchors: authorities of the receivers' access certificates.
        relying_parties: who may ask.
    """

    sequence: int
    issued_at: datetime
    next_update: datetime
    issuers: tuple[TrustedIssuer, ...]
    access_anchors: tuple[x509.Certificate, ...]
    relying_parties: tuple[RelyingParty, ...]
    _issuing_anchors: tuple[x509.Certificate, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Collect the issuing authorities once: chains are remembered by this very tuple."""
        anchors = tuple(anchor for issuer in self.issuers for anchor in issuer.issuing_anchors)
        object.__setattr__(self, "_issuing_anchors", anchors)

    def issuing_anchors(self) -> tuple[x509.Certificate, ...]:
        """Return every issuing authority, always the same tuple; an anchor says whose it is."""
        return self._issuing_anchors

    def issuer_of(self, anchor: x509.Certificate) -> TrustedIssuer:
        """Return the organisation that an issuing authority belongs to.

        Raises:
            AnchorNotListed: nobody's issuing authority (a status authority is none).
        """
        for issuer in self.issuers:
            if anchor in issuer.issuing_anchors:
                return issuer
        raise AnchorNotListed("no organisation has this issuing authority")

    def with_status_lists_at(self, template: str) -> Self:
        """Return the list with an address for every issuer's status lists.

        Args:
            template: a URL in which `{org}` stands for the issuer's id.
        """
        return replace(
            self,
            issuers=tuple(
                replace(issuer, status_lists_at=template.replace("{org}", issuer.id))
                for issuer in self.issuers
            ),
        )

    def with_type(self, issuer_id: str, vct: str) -> Self:
        """Return the list with one more type that an issuer may issue.

        Raises:
            KeyError: no such issuer.
        """
        return self._with(issuer_id, lambda issuer: replace(issuer, vcts=issuer.vcts | {vct}))

    def with_closed(self, issuer_id: str, day: date) -> Self:
        """Return the list on which an issuer stopped issuing on that UTC day.

        Raises:
            KeyError: no such issuer.
        """
        return self._with(issuer_id, lambda issuer: replace(issuer, closed_on=day))

    def _with(self, issuer_id: str, change: Callable[[TrustedIssuer], TrustedIssuer]) -> Self:
        if all(issuer.id != issuer_id for issuer in self.issuers):
            raise KeyError(issuer_id)
        return replace(
            self,
            issuers=tuple(
                change(issuer) if issuer.id == issuer_id else issuer for issuer in self.issuers
            ),
        )

    def relying_party(self, identifier: str) -> RelyingParty | None:
        """Return the receiver with this organizationIdentifier, or None."""
        for party in self.relying_parties:
            if party.identifier == identifier:
                return party
        return None
