"""Reading an ETSI TS 119 602 list of trusted entities (JSON); the signature is checked elsewhere.

What is read: scheme type, sequence and times; of each entity its names and services; of each
service its type, identity, status, history and extensions. Addresses, information URIs and legal
notices are for people and deliberately not judged.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, TypeVar

from cryptography import x509

from keys import lote_names as names
from keys.checks import (
    MalformedCertificate,
    TrustListExtensionNotUnderstood,
    TrustListMalformed,
)
from keys.x509 import load_certificate

MAX_ENTITIES: Final = 2_000
MAX_ITEMS: Final = 64
MAX_TEXT: Final = 500

_T = TypeVar("_T")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@dataclass(frozen=True, slots=True)
class Status:
    """One stretch of a service's life: its status and since when."""

    status: str
    since: datetime


@dataclass(frozen=True, slots=True)
class SupplyPoint:
    """An address of a service, and what is found there; "" when the list does not say."""

    type: str
    uri: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a trusted entity.

    Attributes:
        type: the `ServiceTypeIdentifier`.
        certificates: the X.509 identities.
        other_ids: identities that are no certificates.
        supply_points: where the service is reached.
        status: the present status, or None when the list gives none.
        history: earlier statuses, in the list's order.
        extensions: value by extension identifier.
    """

    type: str
    certificates: tuple[x509.Certificate, ...]
    other_ids: tuple[str, ...]
    supply_points: tuple[SupplyPoint, ...]
    status: Status | None
    history: tuple[Status, ...]
    extensions: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Entity:
    """A trusted entity: names by language, extensions, services."""

    names: Mapping[str, str]
    extensions: Mapping[str, object]
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class Lote:
    """A list of trusted entities whose contents have the right shape."""

    type: str
    sequence: int
    issued_at: datetime
    next_update: datetime
    entities: tuple[Entity, ...]


def read_lote(payload: Mapping[str, object]) -> Lote:
    """Read the payload of a list of trusted entities of whatever type (TS 119 602 6).

    Raises:
        TrustListMalformed: a member is missing, of a wrong kind, or there is too much.
        TrustListExtensionNotUnderstood: a critical extension is unknown.
    """
    lote = _object(payload.get("LoTE"))
    scheme = _object(lote.get("ListAndSchemeInformation"))
    if _integer(scheme.get("LoTEVersionIdentifier")) != 1:
        raise TrustListMalformed("LoTEVersionIdentifier")
    _extensions(scheme.get("SchemeExtensions"))
    return Lote(
        type=_text(scheme.get("LoTEType")),
        sequence=_integer(scheme.get("LoTESequenceNumber")),
        issued_at=_time(scheme.get("ListIssueDateTime")),
        next_update=_time(scheme.get("NextUpdate")),
        entities=_each(lote.get("TrustedEntitiesList"), _entity, at_most=MAX_ENTITIES),
    )


def texts(value: object) -> frozenset[str]:
    """Return a JSON array of short strings as a set.

    Raises:
        TrustListMalformed: anything else.
    """
    return frozenset(_each(value, _text))


def _entity(value: object) -> Entity:
    entity = _object(value)
    information = _object(entity.get("TrustedEntityInformation"))
    services = _each(entity.get("TrustedEntityServices"), _service)
    if not services:
        raise TrustListMalformed("entity without services")
    return Entity(
        names=_names(information.get("TEName")),
        extensions=_extensions(information.get("TEInformationExtensions")),
        services=services,
    )


def _service(value: object) -> Service:
    service = _object(value)
    information = _object(service.get("ServiceInformation"))
    identity = _object(information.get("ServiceDigitalIdentity"))
    has_status = "ServiceStatus" in information
    return Service(
        type=_text(information.get("ServiceTypeIdentifier")),
        certificates=_each(identity.get("X509Certificates"), _certificate),
        other_ids=_each(identity.get("OtherIds"), _text),
        supply_points=_each(information.get("ServiceSupplyPoints"), _supply_point),
        status=_status(information) if has_status else None,
        history=_each(service.get("ServiceHistory"), _status),
        extensions=_extensions(information.get("ServiceInformationExtensions")),
    )


def _status(value: object) -> Status:
    instance = _object(value)
    _extensions(instance.get("ServiceInformationExtensions"))
    return Status(
        status=_text(instance.get("ServiceStatus")), since=_time(instance.get("StatusStartingTime"))
    )


def _certificate(value: object) -> x509.Certificate:
    encoded = _object(value).get("val")
    if not isinstance(encoded, str):
        raise TrustListMalformed("certificate")
    try:
        der = b64decode(encoded, validate=True)
        if b64encode(der).decode("ascii") != encoded:
            raise TrustListMalformed("certificate")
        return load_certificate(der)
    except (Base64Error, ValueError, MalformedCertificate):
        raise TrustListMalformed("certificate") from None


def _supply_point(value: object) -> SupplyPoint:
    kind = _member(value, "ServiceType")
    return SupplyPoint("" if kind is None else _text(kind), _text(_member(value, "uriValue")))


def _names(value: object) -> Mapping[str, str]:
    pairs = _each(value, lambda entry: (_text(_member(entry, "lang")), _member(entry, "value")))
    by_language = {lang: _text(text) for lang, text in pairs}
    if not by_language or len(by_language) != len(pairs):
        raise TrustListMalformed("names")
    return MappingProxyType(by_language)


def _extensions(value: object) -> Mapping[str, object]:
    """Read extensions; an unknown one may only be there when it says that it is not critical."""
    known: dict[str, object] = {}
    for entry in _each(value, _object):
        identifier = _text(entry.get("ExtensionId"))
        critical = entry.get("Critical")
        if not isinstance(critical, bool):
            raise TrustListMalformed("extension without Critical")
        if identifier in known:
            raise TrustListMalformed("repeated extension")
        if identifier in names.KNOWN_EXTENSIONS:
            known[identifier] = entry.get("Value")
        elif critical:
            raise TrustListExtensionNotUnderstood("critical extension")
    return MappingProxyType(known)


def _each(
    value: object, read: Callable[[object], _T], *, at_most: int = MAX_ITEMS
) -> tuple[_T, ...]:
    """Read an array, or nothing where there is none."""
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > at_most:
        raise TrustListMalformed("not an array of a sensible length")
    return tuple(read(entry) for entry in value)


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TrustListMalformed("object missing")
    return value


def _member(value: object, name: str) -> object:
    return _object(value).get(name)


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
        raise TrustListMalformed("text missing or too long")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TrustListMalformed("number missing")
    return value


def _time(value: object) -> datetime:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise TrustListMalformed("time missing")
    try:
        return datetime.strptime(value, names.TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        raise TrustListMalformed("no such time") from None
