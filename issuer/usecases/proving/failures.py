"""Why what a wallet shows of itself is refused, beyond what the formats say."""

from typing import ClassVar

from keys.checks import CheckFailed
from openid4vc.oauth.attestation_errors import ClientAttestationRefused
from openid4vc.oauth.errors import AuthorizationRefused
from openid4vc.openid4vci.errors import InvalidProof, InvalidToken, ProtocolError
from openid4vc.specs import Section


class AccessTokenMissing(ProtocolError):
    """The wallet sent no access token; RFC 6750 wants no error code then."""

    code: ClassVar[str] = "access_token_missing"
    spec: ClassVar[str] = "RFC 6750 3.1"
    error: ClassVar[str] = "invalid_token"


class AccessTokenInQuery(ProtocolError):
    """The wallet sent an access token in the address, where logs and links carry it on."""

    code: ClassVar[str] = "access_token_in_query"
    spec: ClassVar[str] = "RFC 9700 4.3.2"
    error: ClassVar[str] = "invalid_request"


class TokenBoundToKey(InvalidToken):
    """The access token is bound to a key, and was sent as if its bearer might use it."""

    code: ClassVar[str] = "token_bound_to_key"
    spec: ClassVar[str] = "RFC 9449 7.2"


class TokenNotBound(InvalidToken):
    """The access token is bound to no key, and was sent as if it were."""

    code: ClassVar[str] = "token_not_bound"
    spec: ClassVar[str] = "RFC 9449 7.1"


class TokenOfAnotherKey(InvalidToken):
    """The access token is bound to another key than the proof was made with."""

    code: ClassVar[str] = "token_of_another_key"
    spec: ClassVar[str] = Section.RFC6750_3


class WalletProvidersUnavailable(CheckFailed):
    """The list of wallet providers cannot be read where it should be."""

    code: ClassVar[str] = "wallet_providers_unavailable"
    spec: ClassVar[str] = "ETSI TS 119 602 6.3.17"


class NoWalletProviders(AuthorizationRefused):
    """No list of wallet providers is in force here, so that no wallet can be judged."""

    code: ClassVar[str] = "no_wallet_providers"
    spec: ClassVar[str] = "ETSI TS 119 602 6.3.17"
    error: ClassVar[str] = "temporarily_unavailable"


class WalletStatusUnknown(AuthorizationRefused):
    """A wallet provider's status list cannot be had, so that nobody knows how a wallet stands."""

    code: ClassVar[str] = "wallet_status_unknown"
    spec: ClassVar[str] = "EUDI ARF ISSU_30a"
    error: ClassVar[str] = "temporarily_unavailable"


class WalletRevoked(ClientAttestationRefused):
    """The wallet's provider has revoked it."""

    code: ClassVar[str] = "wallet_revoked"
    spec: ClassVar[str] = "EUDI ARF ISSU_30"


class KeyStorageRevoked(InvalidProof):
    """The wallet's provider has revoked what the keys lie in."""

    code: ClassVar[str] = "key_storage_revoked"
    spec: ClassVar[str] = "EUDI ARF ISSU_30a"
