"""Requests as the wallet reads them: first who asks, then what (OpenID4VP 1.0, 5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from keys import strict_json
from keys.checks import MalformedKey
from keys.jose import key_from_jwk, parse_jws, verify_jws, x5c_from
from keys.trust import RelyingParty, TrustList
from keys.x509 import LeafProfile, organisation_identifier, validate_chain
from openid4vc.dcql.query import SD_JWT_VC, parse_query
from openid4vc.openid4vp.client_id import check_certificate, check_prefix, check_response_host
from openid4vc.openid4vp.errors import (
    ClientIdMismatch,
    ClientMetadataMalformed,
    EncryptionNotPossible,
    FormatsNotSupported,
    MalformedRequest,
    NonceMalformed,
    QueryMissing,
    RedirectUriPresent,
    RelyingPartyUnknown,
    RequestExpired,
    RequestForSomebodyElse,
    RequestFromFuture,
    ResponseModeNotSupported,
    ResponseTypeNotSupported,
    ResponseUriInvalid,
    ScopeAndQuery,
    TransactionDataNotSupported,
    WalletNonceMismatch,
)
from openid4vc.openid4vp.link import RequestLink
from openid4vc.openid4vp.transaction_data import Transaction, read_transactions
from openid4vc.openid4vp.write_request import (
    ALGORITHMS,
    AUDIENCE,
    ENC_VALUES,
    PROFILE_FORMAT,
    REQUEST_TYPE,
    RESPONSE_MODE,
    RESPONSE_TYPE,
    AuthorizationRequest,
    url_safe,
)
from openid4vc.shapes import Shape

MAX_AHEAD: Final = timedelta(seconds=60)
MAX_KEYS: Final = 16
MAX_INFO: Final = 16
MAX_PROFILE_CHARS: Final = 128
KEY_AGREEMENT: Final = "ECDH-ES"
DEFAULT_ENC_VALUES: Final = ("A128GCM",)

_REQUEST: Final = Shape(MalformedRequest)
_METADATA: Final = Shape(ClientMetadataMalformed)
_RESPONSE_URI: Final = Shape(ResponseUriInvalid)


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where the wallet may send an error, and with which state."""

    response_uri: str
    state: str | None


@dataclass(frozen=True, slots=True)
class AuthenticatedRequest:
    """A request of a known verifier; its parameters are signed, but not read yet."""

    parameters: Mapping[str, object]
    relying_party: RelyingParty

    def reply_to(self, *, allow_loopback_http: bool = False) -> ReplyTo | None:
        """Return where an error goes (8.5), or None when the request names no usable place."""
        try:
            state = self.parameters.get("state")
            return ReplyTo(
                _response_uri(self.parameters, allow_loopback_http=allow_loopback_http),
                None if state is None else url_safe(state, "state"),
            )
        except (ResponseUriInvalid, NonceMalformed):
            return None


@dataclass(frozen=True, slots=True)
class TrustedRequest:
    """A request of a known verifier that the wallet can answer."""

    request: AuthorizationRequest
    relying_party: RelyingParty
    transactions: tuple[Transaction, ...] = ()


def read_request(
    text: str,
    *,
    link: RequestLink,
    trust: TrustList,
    at: datetime,
    allow_loopback_http: bool = False,
    wallet_nonce: str | None = None,
) -> TrustedRequest:
    """Read a fetched request object: `authenticate_request`, then `read_parameters`.

    A wallet that wants to send errors calls the two itself: only an authenticated request has a
    place to send them to.

    Raises:
        CheckFailed: as the two functions; `error_code_for` says what the verifier is told.
    """
    authenticated = authenticate_request(
        text, link=link, trust=trust, at=at, wallet_nonce=wallet_nonce
    )
    return read_parameters(authenticated, allow_loopback_http=allow_loopback_http)


def authenticate_request(
    text: str,
    *,
    link: RequestLink,
    trust: TrustList,
    at: datetime,
    wallet_nonce: str | None = None,
) -> AuthenticatedRequest:
    """Find out who asks. Nothing may be sent anywhere when this fails.

    Args:
        text: the request object as fetched.
        link: the link that was scanned.
        trust: access anchors and registered relying parties.
        at: now.
        wallet_nonce: what was sent when the request was fetched by POST.

    Raises:
        MalformedJws, MalformedJson, ChainMissing, ChainNotTrusted and other chain failures,
        WrongTokenType, AlgorithmNotAllowed, SignatureInvalid: the text is no signed request.
        ClientIdPrefixNotSupported, ClientIdMismatch, ClientIdNotOfCertificate: another client.
        RelyingPartyUnknown: a trusted certificate of nobody who is registered.
        WalletNonceMismatch, RequestForSomebodyElse, RequestExpired, RequestFromFuture.
    """
    # 1. Signed, as a request, by the holder of a trusted access certificate (VP 5, 5.9.3)
    jws = parse_jws(text)
    chain = x5c_from(jws.header)
    validated = validate_chain(chain, trust.access_anchors, at=at, profile=LeafProfile.ACCESS)
    verify_jws(jws, validated.public_key, typ=REQUEST_TYPE)
    parameters = strict_json.loads_object(jws.payload)
    # 2. The client identifier is the scanned one and belongs to that certificate
    client_id = _REQUEST.text(parameters.get("client_id"), "client_id")
    check_prefix(client_id)
    if client_id != link.client_id:
        raise ClientIdMismatch("client_id differs from the link")
    check_certificate(client_id, chain[0])
    # 3. The holder is a registered relying party
    identifier = organisation_identifier(validated.leaf)
    relying_party = None if identifier is None else trust.relying_party(identifier)
    if relying_party is None:
        raise RelyingPartyUnknown("not on the list of relying parties")
    # 4. It is meant for this wallet, now
    if wallet_nonce is not None and parameters.get("wallet_nonce") != wallet_nonce:
        raise WalletNonceMismatch("wallet_nonce differs")
    if parameters.get("aud") != AUDIENCE:
        raise RequestForSomebodyElse("aud differs")
    _check_lifetime(parameters, at)
    return AuthenticatedRequest(parameters, relying_party)


def read_parameters(
    authenticated: AuthenticatedRequest,
    *,
    allow_loopback_http: bool = False,
    confirms_transactions: bool = False,
) -> TrustedRequest:
    """Read what is asked; unknown parameters are ignored (VP 5).

    Args:
        authenticated: the outcome of `authenticate_request`.
        allow_loopback_http: UNSAFE, for demonstrations: `response_uri` may be http here.
        confirms_transactions: whether the caller shows `transaction_data` and binds it.

    Raises:
        RequestRefused: one of its subclasses, each a rule of VP 5, 8 or HAIP 5.
        MalformedQuery, FormatNotSupported: as `parse_query`.
    """
    parameters = authenticated.parameters
    # 1. Nothing that must not be ignored
    if "transaction_data" in parameters and not confirms_transactions:
        raise TransactionDataNotSupported("transaction_data is present")
    # 2. An encrypted answer by POST
    if parameters.get("response_type") != RESPONSE_TYPE:
        raise ResponseTypeNotSupported("response_type")
    if parameters.get("response_mode") != RESPONSE_MODE:
        raise ResponseModeNotSupported("response_mode")
    if "redirect_uri" in parameters:
        raise RedirectUriPresent("redirect_uri beside response_uri")
    response_uri = _response_uri(parameters, allow_loopback_http=allow_loopback_http)
    state = parameters.get("state")
    # 3. A query in DCQL and in nothing else
    if "dcql_query" not in parameters:
        raise QueryMissing("no dcql_query")
    if "scope" in parameters:
        raise ScopeAndQuery("scope beside dcql_query")
    metadata = _METADATA.members(parameters.get("client_metadata"), "client_metadata")
    _check_formats(metadata)
    request = AuthorizationRequest(
        client_id=_REQUEST.text(parameters.get("client_id"), "client_id"),
        response_uri=response_uri,
        nonce=url_safe(parameters.get("nonce"), "nonce"),
        state=None if state is None else url_safe(state, "state"),
        query=parse_query(parameters["dcql_query"]),
        encryption_jwk=_encryption_key(metadata),
        profile_id=_profile_id(parameters),
        enc_values=_enc_values(metadata),
    )
    transactions: tuple[Transaction, ...] = ()
    if "transaction_data" in parameters:
        ids = [one.id for one in request.query.credentials]
        transactions = read_transactions(parameters["transaction_data"], query_ids=ids)
    return TrustedRequest(request, authenticated.relying_party, transactions)


def _response_uri(parameters: Mapping[str, object], *, allow_loopback_http: bool) -> str:
    uri = _RESPONSE_URI.url(
        parameters.get("response_uri"), "response_uri", allow_loopback_http=allow_loopback_http
    )
    check_response_host(_REQUEST.text(parameters.get("client_id"), "client_id"), uri)
    return uri


def _check_lifetime(parameters: Mapping[str, object], at: datetime) -> None:
    now = at.timestamp()
    for name in ("iat", "nbf"):
        if (
            name in parameters
            and _REQUEST.seconds(parameters[name], name) > (at + MAX_AHEAD).timestamp()
        ):
            raise RequestFromFuture(f"{name} lies ahead")
    if "exp" in parameters and _REQUEST.seconds(parameters["exp"], "exp") <= now:
        raise RequestExpired("exp has passed")


def _check_formats(metadata: Mapping[str, object]) -> None:
    formats = _METADATA.members(metadata.get("vp_formats_supported"), "vp_formats_supported")
    if SD_JWT_VC not in formats:
        raise FormatsNotSupported("no SD-JWT VC")
    ours = _METADATA.members(formats[SD_JWT_VC], "SD-JWT VC format")
    for name in ("sd-jwt_alg_values", "kb-jwt_alg_values"):
        if name in ours and set(ALGORITHMS).isdisjoint(_METADATA.texts(ours[name], name)):
            raise FormatsNotSupported("no ES256")


def _encryption_key(metadata: Mapping[str, object]) -> Mapping[str, object]:
    jwks = _METADATA.members(metadata.get("jwks"), "jwks")
    entries = _METADATA.array(jwks.get("keys"), "keys", max_items=MAX_KEYS)
    keys = [_METADATA.members(entry, "key") for entry in entries]
    names = [_METADATA.text(key.get("kid"), "kid") for key in keys]
    if len(set(names)) != len(names):
        raise ClientMetadataMalformed("kid is not unique")
    usable = next((key for key in keys if _is_usable(key)), None)
    if usable is None:
        raise EncryptionNotPossible("no ECDH-ES key on P-256")
    return usable


def _is_usable(key: Mapping[str, object]) -> bool:
    """Whether we can encrypt to it; keys for other purposes are passed over (VP 8.3)."""
    if key.get("alg") != KEY_AGREEMENT or key.get("use", "enc") != "enc":
        return False
    try:
        key_from_jwk(key)
    except MalformedKey:
        return False
    return True


def _enc_values(metadata: Mapping[str, object]) -> tuple[str, ...]:
    name = "encrypted_response_enc_values_supported"
    offered = _METADATA.texts(metadata[name], name) if name in metadata else DEFAULT_ENC_VALUES
    common = tuple(value for value in offered if value in ENC_VALUES)
    if not common:
        raise EncryptionNotPossible("no AES-GCM")
    return common


def _profile_id(parameters: Mapping[str, object]) -> str | None:
    """Return the profile that the verifier names; entries of other formats are ignored (5.1)."""
    if "verifier_info" not in parameters:
        return None
    items = _REQUEST.array(parameters["verifier_info"], "verifier_info", max_items=MAX_INFO)
    entries = [_REQUEST.members(item, "verifier_info entry") for item in items]
    ours = [entry for entry in entries if entry.get("format") == PROFILE_FORMAT]
    if len(ours) > 1:
        raise MalformedRequest("verifier_info names several profiles")
    if not ours:
        return None
    data = _REQUEST.members(ours[0].get("data"), "profile reference")
    return _REQUEST.text(data.get("profile"), "profile", max_chars=MAX_PROFILE_CHARS)
