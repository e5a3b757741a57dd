"""The organisation's identity provider: Authlib's protocol pieces over our own guarded client.

Authlib builds the addresses, the client's authentication and the claims' checks; every request
goes through `keys.fetch`, every JSON text through `keys.strict_json`, and the signature is checked
by joserfc. docs/adr/0015 says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl, quote_plus, urlencode

from authlib.oauth2 import ClientAuth, OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oidc.discovery import get_well_known_url

from keys import strict_json
from keys.checks import CheckFailed
from keys.fetch import Reply
from verifier.adapters.oidc_token import Expected, TokenReader
from verifier.ports import Clock
from verifier.usecases.staff_failures import (
    ProviderCodeRefused,
    ProviderDeclined,
    ProviderIssuerMismatch,
    ProviderUnavailable,
)
from verifier.usecases.staff_model import Pending, ProviderAnswer, ProviderPerson

SCOPE = "openid profile"
MAX_SIGN_IN_AGE = timedelta(minutes=5)
_KEPT = timedelta(hours=1)
_MAX_BYTES = 262_144
_MAX_NAME = 120
_OK = 200
_THEIR_FAULT = 500


class ProviderHttp(Protocol):
    """The part of `keys.fetch.Fetcher` that is used here."""

    async def get(self, url: str, *, accept: str, max_bytes: int | None = None) -> Reply:
        """Get a document."""

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Reply:
        """Post a form."""


@dataclass(frozen=True, slots=True)
class Client:
    """What the provider knows of this desk, and the desk of the provider.

    Attributes:
        issuer: the provider's name of itself.
        client_id: the provider's name of this desk.
        client_secret: shared with it.
        redirect_uri: where browsers come back.
        after_sign_out: where they come back after signing out.
        role_claim: the ID token's claim that holds the roles.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    after_sign_out: str
    role_claim: str


@dataclass(frozen=True, slots=True)
class _Metadata:
    """What the provider says of itself."""

    values: Mapping[str, object]
    read_at: datetime

    def address(self, name: str) -> str:
        """Return an address that must be there."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value.startswith(("https://", "http://")):
            raise ProviderUnavailable(f"no {name}")
        return value

    def says(self, name: str) -> bool:
        return self.values.get(name) is True


class OidcProvider:
    """`staff_ports.IdentityProvider`: authorization code with PKCE, nonce, state and `iss`.

    Args:
        http: the guarded client.
        client: who we are there.
        clock: the time.
    """

    def __init__(self, *, http: ProviderHttp, client: Client, clock: Clock) -> None:
        self._http = http
        self._client = client
        self._clock = clock
        self._metadata: _Metadata | None = None
        self._tokens = TokenReader(self._json)

    async def address(self, pending: Pending) -> str:
        """Return where the browser signs in."""
        metadata = await self._known()
        endpoint = metadata.address("authorization_endpoint")
        if endpoint.startswith("http://") and self._client.issuer.startswith("https://"):
            raise ProviderUnavailable("authorization_endpoint is not https")
        oauth = OAuth2Client(
            session=None,
            client_id=self._client.client_id,
            scope=SCOPE,
            redirect_uri=self._client.redirect_uri,
            code_challenge_method="S256",
        )
        # A desk's browser is shared: whoever sits there shows anew who they are.
        url, _state = oauth.create_authorization_url(
            endpoint,
            state=pending.state,
            code_verifier=pending.code_verifier,
            nonce=pending.nonce,
            prompt="login",
            max_age=str(int(MAX_SIGN_IN_AGE.total_seconds())),
        )
        return str(url)

    async def identify(self, answer: ProviderAnswer, pending: Pending) -> ProviderPerson:
        """Return who signed in."""
        metadata = await self._known()
        # 1. This provider answers (RFC 9207 2.4)
        must_name_itself = metadata.says("authorization_response_iss_parameter_supported")
        if (answer.issuer or must_name_itself) and answer.issuer != self._client.issuer:
            raise ProviderIssuerMismatch("iss beside the code")
        # 2. Somebody signed in
        if answer.error or not answer.code:
            raise ProviderDeclined("no code")
        # 3. The code is good for a token
        token = await self._exchange(metadata, answer.code, pending.code_verifier)
        # 4. The token is genuine, for us, for this sign-in, of this moment
        claims = await self._tokens.read(
            token.id_token,
            keys_at=metadata.address("jwks_uri"),
            expected=Expected(
                issuer=self._client.issuer,
                client_id=self._client.client_id,
                nonce=pending.nonce,
                access_token=token.access_token,
                at=self._clock.now(),
                max_age=MAX_SIGN_IN_AGE,
            ),
        )
        return ProviderPerson(
            subject=f"{self._client.issuer} {claims['sub']}",
            display_name=_name(claims),
            role_values=_texts(claims.get(self._client.role_claim)),
            id_token=token.id_token,
        )

    async def sign_out_address(self, id_token: str) -> str | None:
        """Return where the browser signs out there (OpenID Connect RP-Initiated Logout 2)."""
        try:
            endpoint = (await self._known()).address("end_session_endpoint")
        except ProviderUnavailable:
            return None
        wish = {
            "id_token_hint": id_token,
            "client_id": self._client.client_id,
            "post_logout_redirect_uri": self._client.after_sign_out,
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(wish)}"

    async def _known(self) -> _Metadata:
        now = self._clock.now()
        if self._metadata is None or self._metadata.read_at + _KEPT <= now:
            url = get_well_known_url(self._client.issuer, external=True)
            values = await self._json(str(url))
            if values.get("issuer") != self._client.issuer:
                raise ProviderUnavailable("it names itself otherwise")
            self._metadata = _Metadata(values, now)
        return self._metadata

    async def _json(self, url: str) -> Mapping[str, object]:
        try:
            reply = await self._http.get(url, accept="application/json", max_bytes=_MAX_BYTES)
        except CheckFailed as failure:
            raise ProviderUnavailable(failure.code) from failure
        if reply.status != _OK:
            raise ProviderUnavailable("status")
        return _object(reply)

    async def _exchange(self, metadata: _Metadata, code: str, verifier: str) -> "_Tokens":
        url = metadata.address("token_endpoint")
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=self._client.redirect_uri,
            code=code,
            code_verifier=verifier,
        )
        shown = cast("Any", self._authentication(metadata))  # its `prepare` has no types
        _url, headers, body = shown.prepare("POST", url, {}, body)
        form = dict(parse_qsl(str(body), keep_blank_values=True))
        try:
            reply = await self._http.post(url, form=form, headers=headers, max_bytes=_MAX_BYTES)
        except CheckFailed as failure:
            raise ProviderUnavailable(failure.code) from failure
        if reply.status >= _THEIR_FAULT:
            raise ProviderUnavailable("status")
        if reply.status != _OK:
            raise ProviderCodeRefused("status")
        return _tokens(_object(reply))

    def _authentication(self, metadata: _Metadata) -> ClientAuth:
        """Return how the desk shows its secret: in the header unless only the body is taken."""
        offered = metadata.values.get("token_endpoint_auth_methods_supported")
        names = _texts(offered) or {"client_secret_basic"}
        if "client_secret_basic" not in names and "client_secret_post" in names:
            return ClientAuth(
                self._client.client_id, self._client.client_secret, "client_secret_post"
            )
        return ClientAuth(  # each part form-encoded first (RFC 6749 2.3.1)
            quote_plus(self._client.client_id),
            quote_plus(self._client.client_secret),
            "client_secret_basic",
        )


@dataclass(frozen=True, slots=True)
class _Tokens:
    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


def _tokens(reply: Mapping[str, object]) -> _Tokens:
    id_token, access_token = reply.get("id_token"), reply.get("access_token")
    if not isinstance(id_token, str) or not isinstance(access_token, str):
        raise ProviderCodeRefused("no token")
    return _Tokens(id_token, access_token)


def _object(reply: Reply) -> Mapping[str, object]:
    try:
        return strict_json.loads_object(reply.body, max_bytes=_MAX_BYTES)
    except CheckFailed as failure:
        raise ProviderUnavailable(failure.code) from failure


def _texts(value: object) -> frozenset[str]:
    """Return a claim's texts: one, or a list of them."""
    many = cast("list[object]", value) if isinstance(value, list) else [value]
    return frozenset(one for one in many if isinstance(one, str))


def _name(claims: Mapping[str, object]) -> str:
    for claim in ("name", "preferred_username", "sub"):
        value = claims.get(claim)
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())[:_MAX_NAME]
    return ""
