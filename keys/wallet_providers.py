"""The signed list of wallet providers: a list of its own, by the operator of the trust list."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography import x509

from keys import lote_names as names
from keys.checks import TrustListMalformed
from keys.lote_reader import Entity, Lote, Service
from keys.lote_writer import write_wallet_providers
from keys.ports import Signer
from keys.signed_lote import check_fresh, read_signed_lote, sign_lote
from keys.wallet_provider_model import WalletProvider, WalletProviders

__all__ = [
    "WalletProvider",
    "WalletProviders",
    "read_wallet_providers",
    "renew_wallet_providers",
    "sign_wallet_providers",
]


def sign_wallet_providers(providers: WalletProviders, signer: Signer) -> str:
    """Sign a list of wallet providers as its operator.

    Args:
        providers: the content; times are written in whole seconds.
        signer: an ES256 key with a trust-list certificate.
    """
    return sign_lote(write_wallet_providers(providers), signer, at=providers.issued_at)


def read_wallet_providers(
    text: str,
    *,
    operator_anchors: Sequence[x509.Certificate],
    at: datetime,
    at_least_sequence: int = 0,
) -> WalletProviders:
    """Check a signed list of wallet providers and return what it says (TS 119 602 6, annex E).

    A provider whose grant begins later is none yet: the list is read again before long.

    Args:
        text: the compact JWS.
        operator_anchors: authorities of the list's operator, known beforehand.
        at: the time to judge by, with a time zone.
        at_least_sequence: the highest sequence number seen so far.

    Raises:
        CheckFailed: as `keys.trust.read_trust_list`, which refuses for the same reasons.
    """
    lote = _signed(text, operator_anchors, at)
    check_fresh(lote, at=at, at_least_sequence=at_least_sequence)
    listed = _providers(lote)
    return replace(listed, providers=tuple(one for one in listed.providers if one.valid_from <= at))


def renew_wallet_providers(
    text: str, *, operator_anchors: Sequence[x509.Certificate], at: datetime, valid_for: timedelta
) -> WalletProviders:
    """Return the content of our own list for its next issue: one sequence number further.

    The old list may be overdue; all the rest is checked as in `read_wallet_providers`.
    """
    lote = _signed(text, operator_anchors, at)
    return replace(
        _providers(lote),
        sequence=lote.sequence + 1,
        issued_at=at.replace(microsecond=0),
        next_update=at.replace(microsecond=0) + valid_for,
    )


def _signed(text: str, operator_anchors: Sequence[x509.Certificate], at: datetime) -> Lote:
    return read_signed_lote(
        text, operator_anchors=operator_anchors, at=at, kind=names.WALLET_PROVIDERS_TYPE
    )


def _providers(lote: Lote) -> WalletProviders:
    providers = tuple(
        _provider(entity, service)
        for entity in lote.entities
        for service in entity.services
        if service.type == names.WALLET_ISSUANCE and _is_granted(service)
    )
    _check_unique([provider.id for provider in providers])
    _check_unique([anchor for provider in providers for anchor in provider.anchors])
    return WalletProviders(
        sequence=lote.sequence,
        issued_at=lote.issued_at,
        next_update=lote.next_update,
        providers=providers,
    )


def _is_granted(service: Service) -> bool:
    """Say whether a service counts: an attestation lives for hours, so a past provider is gone."""
    if service.status is None:
        raise TrustListMalformed("service without a status")
    if service.status.status not in {names.GRANTED, names.WITHDRAWN}:
        raise TrustListMalformed("unknown service status")
    return service.status.status == names.GRANTED


def _provider(entity: Entity, issuance: Service) -> WalletProvider:
    identifier = entity.extensions.get(names.ORGANISATION_ID)
    if not isinstance(identifier, str) or not identifier:
        raise TrustListMalformed("wallet provider without an identifier")
    if not issuance.certificates:
        raise TrustListMalformed("wallet provider without a certificate")
    if issuance.status is None:
        raise TrustListMalformed("service without a status")
    return WalletProvider(
        id=identifier,
        names=entity.names,
        anchors=issuance.certificates,
        valid_from=issuance.status.since,
    )


def _check_unique(values: Sequence[object]) -> None:
    if len(set(values)) != len(values):
        raise TrustListMalformed("listed twice")
