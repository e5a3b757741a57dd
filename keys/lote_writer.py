"""Our trust lists as ETSI TS 119 602 lists of trusted entities (JSON)."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from keys import lote_names as names
from keys.trust_model import RelyingParty, TrustedIssuer, TrustList
from keys.wallet_provider_model import WalletProvider, WalletProviders

Json = dict[str, Any]

_OPERATOR: Final = {
    "fi": "Kykylompakon luottamuslistan ylläpitäjä (TESTI)",
    "sv": "Kykylompakkos förvaltare av förlitningslistan (TEST)",
    "en": "Kykylompakko trust list operator (TEST)",
}
_ACCESS_AUTHORITY: Final = {
    "fi": "Vastaanottajien varmentaja (TESTI)",
    "sv": "Mottagarnas certifikatutfärdare (TEST)",
    "en": "Authority for receivers' certificates (TEST)",
}
_SCHEME: Final = {
    "fi": "FI:Kykylompakon luottamuslista",
    "sv": "FI:Kykylompakkos förlitningslista",
    "en": "FI:Kykylompakko trust list",
}
_WALLET_SCHEME: Final = {
    "fi": "FI:Kykylompakon luettelo lompakontarjoajista",
    "sv": "FI:Kykylompakkos förteckning över plånboksleverantörer",
    "en": "FI:Kykylompakko list of wallet providers",
}
_SITE: Final = "https://kykylompakko.example/"
_KEEP_HISTORY_FOR_EVER: Final = 65_535


def write_lote(trust_list: TrustList) -> Json:
    """Return the payload of a trust list (TS 119 602 6), ready to be signed."""
    entities = [_issuer(issuer) for issuer in trust_list.issuers]
    if trust_list.access_anchors:
        entities.append(_access_authority(trust_list))
    entities.extend(_relying_party(party, trust_list) for party in trust_list.relying_parties)
    return _lote(_scheme(names.LIST_TYPE, _SCHEME, trust_list), entities)


def write_wallet_providers(providers: WalletProviders) -> Json:
    """Return the payload of a list of wallet providers, ready to be signed."""
    entities = [_wallet_provider(provider) for provider in providers.providers]
    return _lote(_scheme(names.WALLET_PROVIDERS_TYPE, _WALLET_SCHEME, providers), entities)


def _lote(scheme: Json, entities: list[Json]) -> Json:
    lote: Json = {"ListAndSchemeInformation": scheme}
    if entities:
        lote["TrustedEntitiesList"] = entities
    return {"LoTE": lote}


def _scheme(kind: str, name: Mapping[str, str], issue: TrustList | WalletProviders) -> Json:
    return {
        "LoTEVersionIdentifier": 1,
        "LoTESequenceNumber": issue.sequence,
        "LoTEType": kind,
        "SchemeOperatorName": _multilingual(_OPERATOR),
        "SchemeOperatorAddress": {
            "SchemeOperatorPostalAddress": [_postal_address()],
            "SchemeOperatorElectronicAddress": _uris(_SITE),
        },
        "SchemeName": _multilingual(name),
        "SchemeInformationURI": _uris(_SITE),
        "StatusDeterminationApproach": "urn:kykylompakko:trust:status-determination:operator",
        "SchemeTypeCommunityRules": _uris(_SITE + "rules"),
        "SchemeTerritory": "FI",
        "HistoricalInformationPeriod": _KEEP_HISTORY_FOR_EVER,
        "ListIssueDateTime": _time(issue.issued_at),
        "NextUpdate": _time(issue.next_update),
    }


def _issuer(issuer: TrustedIssuer) -> Json:
    services = [_issuance(issuer)]
    if issuer.status_anchors:
        services.append({"ServiceInformation": _revocation(issuer)})
    entity = _entity(issuer.names, site=f"https://{issuer.id}.example/", services=services)
    entity["TrustedEntityInformation"]["TEInformationExtensions"] = [
        _extension(names.ORGANISATION_ID, issuer.id)
    ]
    return entity


def _revocation(issuer: TrustedIssuer) -> Json:
    """Describe the service that tells which credentials still count."""
    told = _granted(
        names.CREDENTIAL_REVOCATION,
        issuer.names,
        identity=_certificates(issuer.status_anchors),
        since=issuer.valid_from,
    )
    if issuer.status_lists_at is not None:
        told["ServiceSupplyPoints"] = [
            {"ServiceType": names.STATUS_LIST_NAMES, "uriValue": issuer.status_lists_at}
        ]
    return told


def _issuance(issuer: TrustedIssuer) -> Json:
    """Describe the issuing service; one that has closed keeps its earlier status as history."""
    granted = _granted(
        names.CREDENTIAL_ISSUANCE,
        issuer.names,
        identity=_certificates(issuer.issuing_anchors),
        since=issuer.valid_from,
    )
    granted["ServiceInformationExtensions"] = [
        _extension(names.CREDENTIAL_TYPES, sorted(issuer.vcts), critical=True)
    ]
    if issuer.closed_on is None:
        return {"ServiceInformation": granted}
    closed = datetime.combine(issuer.closed_on, time(), UTC)
    return {
        "ServiceInformation": granted
        | {"ServiceStatus": names.WITHDRAWN, "StatusStartingTime": _time(closed)},
        "ServiceHistory": [granted],
    }


def _access_authority(trust_list: TrustList) -> Json:
    granted = _granted(
        names.ACCESS_ISSUANCE,
        _ACCESS_AUTHORITY,
        identity=_certificates(trust_list.access_anchors),
        since=trust_list.issued_at,
    )
    return _entity(_ACCESS_AUTHORITY, site=_SITE, services=[{"ServiceInformation": granted}])


def _relying_party(party: RelyingParty, trust_list: TrustList) -> Json:
    granted = _granted(
        names.RELYING_PARTY,
        party.names,
        identity={"OtherIds": [party.identifier]},
        since=trust_list.issued_at,
    )
    granted["ServiceInformationExtensions"] = [
        _extension(names.ROLES, sorted(party.roles), critical=True)
    ]
    return _entity(party.names, site=_SITE, services=[{"ServiceInformation": granted}])


def _wallet_provider(provider: WalletProvider) -> Json:
    granted = _granted(
        names.WALLET_ISSUANCE,
        provider.names,
        identity=_certificates(provider.anchors),
        since=provider.valid_from,
    )
    entity = _entity(
        provider.names,
        site=f"https://{provider.id}.example/",
        services=[{"ServiceInformation": granted}],
    )
    entity["TrustedEntityInformation"]["TEInformationExtensions"] = [
        _extension(names.ORGANISATION_ID, provider.id)
    ]
    return entity


def _granted(kind: str, name: Mapping[str, str], *, identity: Json, since: datetime) -> Json:
    """Describe a service that counts, and since when."""
    return {
        "ServiceName": _multilingual(name),
        "ServiceTypeIdentifier": kind,
        "ServiceDigitalIdentity": identity,
        "ServiceStatus": names.GRANTED,
        "StatusStartingTime": _time(since),
    }


def _entity(name: Mapping[str, str], *, site: str, services: list[Json]) -> Json:
    return {
        "TrustedEntityInformation": {
            "TEName": _multilingual(name),
            "TEAddress": {
                "TEPostalAddress": [_postal_address()],
                "TEElectronicAddress": _uris(site),
            },
            "TEInformationURI": _uris(site),
        },
        "TrustedEntityServices": services,
    }


def _multilingual(by_language: Mapping[str, str]) -> list[Json]:
    return [{"lang": lang, "value": value} for lang, value in sorted(by_language.items())]


def _uris(uri: str) -> list[Json]:
    return [{"lang": "en", "uriValue": uri}]


def _postal_address() -> Json:
    return {"lang": "fi", "StreetAddress": "Testikatu 1", "Locality": "Mallila", "Country": "FI"}


def _certificates(certificates: Sequence[x509.Certificate]) -> Json:
    encoded = (b64encode(certificate.public_bytes(Encoding.DER)) for certificate in certificates)
    return {"X509Certificates": [{"val": text.decode("ascii")} for text in encoded]}


def _extension(identifier: str, value: object, *, critical: bool = False) -> Json:
    return {"ExtensionId": identifier, "Critical": critical, "Value": value}


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(names.TIME_FORMAT)
