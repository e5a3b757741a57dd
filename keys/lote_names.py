"""The names by which our trust lists go in the ETSI TS 119 602 shape."""

from typing import Final

LIST_TYPE: Final = "urn:kykylompakko:trust:list-type:1"
WALLET_PROVIDERS_TYPE: Final = "urn:kykylompakko:trust:list-type:wallet-providers:1"
TOKEN_TYPE: Final = "kykylompakko-trust-list+jws"  # noqa: S105 - a media type, no password

CREDENTIAL_ISSUANCE: Final = "urn:kykylompakko:trust:svc-type:credential/Issuance"
CREDENTIAL_REVOCATION: Final = "urn:kykylompakko:trust:svc-type:credential/Revocation"
STATUS_LIST_NAMES: Final = "urn:kykylompakko:trust:svc-type:credential/StatusListAggregation"
ACCESS_ISSUANCE: Final = "urn:kykylompakko:trust:svc-type:access-certificate/Issuance"
WALLET_ISSUANCE: Final = "urn:kykylompakko:trust:svc-type:wallet-solution/Issuance"
RELYING_PARTY: Final = "urn:kykylompakko:trust:svc-type:relying-party"

GRANTED: Final = "urn:kykylompakko:trust:svc-status:granted"
WITHDRAWN: Final = "urn:kykylompakko:trust:svc-status:withdrawn"

# Extensions are objects {"ExtensionId": URI, "Critical": bool, "Value": anything}
ORGANISATION_ID: Final = "urn:kykylompakko:trust:ext:organisation-id"
CREDENTIAL_TYPES: Final = "urn:kykylompakko:trust:ext:credential-types"
ROLES: Final = "urn:kykylompakko:trust:ext:roles"
KNOWN_EXTENSIONS: Final = frozenset({ORGANISATION_ID, CREDENTIAL_TYPES, ROLES})

TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"
