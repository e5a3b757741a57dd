"""The signed trust list: written by its operator, read by everybody else."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from cryptography import x509

from keys import lote_names as names
from keys.checks import TrustListMalformed
from keys.lote_reader import Entity, Lote, Service, texts
from keys.lote_writer import write_lote
from keys.ports import Signer
from keys.signed_lote import check_fresh, read_signed_lote, sign_lote
from keys.trust_model import RelyingParty, TrustedIssuer, TrustList

__all__ = [
    "RelyingParty",
    "TrustList",
    "TrustedIssuer",
    "read_trust_list",
    "renew_trust_list",
    "sign_trust_list",
]


def sign_trust_list(trust_list: TrustList, signer: Signer) -> str:
    """Sign a trust list as its operator.

    Args:
        trust_list: the content; times are written in whole seconds.
        signer: an ES256 key with a trust-list certificate.
    """
    return sign_lote(write_lote(trust_list), signer, at=trust_list.issued_at)


def read_trust_list(
    text: str,
    *,
    operator_anchors: Sequence[x509.Certificate],
    at: datetime,
    at_least_sequence: int = 0,
) -> TrustList:
    """Check a signed trust list and return what it says (TS 119 602 6).

    Args:
        text: the compact JWS.
        operator_anchors: authorities of the list's operator, known beforehand.
        at: the time to judge by, with a time zone.
        at_least_sequence: the highest sequence number seen so far.

    Raises:
        TrustListMalformed: not a JWS, not JSON, or not of the agreed shape.
        TrustListOperatorNotTrusted: no chain to the operator's anchor for this use.
        CertificateExpired, CertificateNotYetValid: the operator's certificate at the wrong time.
        AlgorithmNotAllowed, CriticalHeaderNotUnderstood: the JWS header asks for too much.
        TrustListSignatureInvalid: changed after signing.
        TrustListWrongType: some other kind of list.
        TrustListExtensionNotUnderstood: a critical extension is unknown.
        TrustListNotYetValid, TrustListStale: issued in the future, or its next update is overdue.
        TrustListRolledBack: older than one seen before.
    """
    # 1. to 3. Signed by its operator, of the agreed shape and type
    lote = read_signed_lote(text, operator_anchors=operator_anchors, at=at, kind=names.LIST_TYPE)
    # 4. and 5. Neither from the future, nor overdue, nor older than what was seen before
    check_fresh(lote, at=at, at_least_sequence=at_least_sequence)
    # 6. It names each organisation and each anchor once
    return _trust_list(lote)


def renew_trust_list(
    text: str, *, operator_anchors: Sequence[x509.Certificate], at: datetime, valid_for: timedelta
) -> TrustList:
    """Return the content of our own list for its next issue: one sequence number further.

    The old list may be overdue; all the rest is checked as in `read_trust_list`, which says what
    may be raised.
    """
    lote = read_signed_lote(text, operator_anchors=operator_anchors, at=at, kind=names.LIST_TYPE)
    return replace(
        _trust_list(lote),
        sequence=lote.sequence + 1,
        issued_at=at.replace(microsecond=0),
        next_update=at.replace(microsecond=0) + valid_for,
    )


def _trust_list(lote: Lote) -> TrustList:
    issuers = tuple(
        _issuer(entity, service) for entity, service in _services(lote, names.CREDENTIAL_ISSUANCE)
    )
    parties = tuple(
        _relying_party(entity, service) for entity, service in _services(lote, names.RELYING_PARTY)
    )
    access = tuple(
        certificate
        for _entity, service in _services(lote, names.ACCESS_ISSUANCE)
        for certificate in service.certificates
    )
    _check_unique([issuer.id for issuer in issuers])
    _check_unique([party.identifier for party in parties])
    _check_unique([anchor for issuer in issuers for anchor in issuer.issuing_anchors])
    return TrustList(
        sequence=lote.sequence,
        issued_at=lote.issued_at,
        next_update=lote.next_update,
        issuers=issuers,
        access_anchors=access,
        relying_parties=parties,
    )


def _services(lote: Lote, kind: str) -> Iterator[tuple[Entity, Service]]:
    """Yield services of a kind; kinds that we do not know grant nothing and are passed over."""
    for entity in lote.entities:
        for service in entity.services:
            if service.type == kind and _counts(service):
                yield entity, service


def _counts(service: Service) -> bool:
    """Say whether a service counts: a closed issuer stays for what it signed, others are gone."""
    if service.status is None:
        raise TrustListMalformed("service without a status")
    if service.status.status not in {names.GRANTED, names.WITHDRAWN}:
        raise TrustListMalformed("unknown service status")
    return service.status.status == names.GRANTED or service.type == names.CREDENTIAL_ISSUANCE


def _issuer(entity: Entity, issuance: Service) -> TrustedIssuer:
    identifier = entity.extensions.get(names.ORGANISATION_ID)
    if not isinstance(identifier, str) or not identifier:
        raise TrustListMalformed("organisation without an identifier")
    if not issuance.certificates:
        raise TrustListMalformed("issuing service without a certificate")
    valid_from, closed_on = _life(issuance)
    revocation = [
        service
        for service in entity.services
        if service.type == names.CREDENTIAL_REVOCATION and _counts(service)
    ]
    return TrustedIssuer(
        id=identifier,
        names=entity.names,
        issuing_anchors=issuance.certificates,
        status_anchors=tuple(
            certificate for service in revocation for certificate in service.certificates
        ),
        vcts=texts(issuance.extensions.get(names.CREDENTIAL_TYPES)),
        valid_from=valid_from,
        closed_on=closed_on,
        status_lists_at=next(
            (
                point.uri
                for service in revocation
                for point in service.supply_points
                if point.type == names.STATUS_LIST_NAMES
            ),
            None,
        ),
    )


def _life(service: Service) -> tuple[datetime, date | None]:
    """Return since when a service was granted, and the day on which it was withdrawn, if it was."""
    if service.status is None:
        raise TrustListMalformed("service without a status")
    granted = [
        stretch.since
        for stretch in (service.status, *service.history)
        if stretch.status == names.GRANTED
    ]
    if not granted:
        raise TrustListMalformed("service that was never granted")
    withdrawn = service.status.status == names.WITHDRAWN
    return min(granted), service.status.since.date() if withdrawn else None


def _relying_party(entity: Entity, service: Service) -> RelyingParty:
    if len(service.other_ids) != 1:
        raise TrustListMalformed("receiver without one identifier")
    return RelyingParty(
        identifier=service.other_ids[0],
        names=entity.names,
        roles=texts(service.extensions.get(names.ROLES)),
    )


def _check_unique(values: Sequence[object]) -> None:
    if len(set(values)) != len(values):
        raise TrustListMalformed("listed twice")
