"""The conversation with an OpenID provider: authorization code with PKCE, nonce and `iss`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qsl, quote_plus, urlencode

from authlib.oauth2 import ClientAuth, OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oidc.discovery import get_well_known_url

from keys import strict_json
from keys.checks import CheckFailed
from keys.fetch import Reply
from service_kit.oidc.model import (
    Answer,
    Begun,
    Clock,
    Expected,
    ProviderHttp,
    Refusals,
    Registration,
    SignedIn,
)
from service_kit.oidc.token import TokenReader

MAX_SIGN_IN_AGE = timedelta(minutes=5)
_KEPT = timedelta(hours=1)
_MAX_BYTES = 262_144
_MAX_NAME = 120
_OK = 200
_THEIR_FAULT = 500


@dataclass(frozen=True, slots=True)
class _Metadata:
    """What the provider says of itself."""

    values: Mapping[str, object]
    read_at: datetime

    def says(self, name: str) -> bool:
        return self.values.get(name) is True


class OidcClient:
    """One provider, asked on behalf of one service.

    Args:
        http: the guarded client.
        registration: who we are there.
        clock: the time.
        refusals: what to raise.
    """

    def __init__(
        self,
        *,
        http: ProviderHttp,
        registration: Registration,
        clock: Clock,
        refusals: Refusals,
    ) -> None:
        self._http = http
        self._client = registration
        self._clock = clock
        self._refusals = refusals
        self._metadata: _Metadata | None = None
        self._tokens = TokenReader(self._json, refusals)

    async def address(self, begun: Begun) -> str:
        """Return where the browser signs in.

        Raises:
            Refusals.unavailable: the provider cannot be asked.
        """
        metadata = await self._known()
        endpoint = self._address_of(metadata, "authorization_endpoint")
        if endpoint.startswith("http://") and self._client.issuer.startswith("https://"):
            raise self._refusals.unavailable("authorization_endpoint is not https")
        oauth = OAuth2Client(
            session=None,
            client_id=self._client.client_id,
            scope=self._client.scope,
            redirect_uri=begun.redirect_uri,
            code_challenge_method="S256",
        )
        wishes = {"acr_values": " ".join(self._client.levels)} if self._client.levels else {}
        # A browser may be shared: whoever sits there shows anew who they are.
        url, _state = oauth.create_authorization_url(
            endpoint,
            state=begun.state,
            code_verifier=begun.code_verifier,
            nonce=begun.nonce,
            prompt="login",
            max_age=str(int(MAX_SIGN_IN_AGE.total_seconds())),
            **wishes,
        )
        return str(url)

    async def identify(self, answer: Answer, begun: Begun) -> SignedIn:
        """Return what the provider says of who signed in. That the state fits is not judged here.

        Raises:
            CheckFailed: one of the refusals.
        """
        metadata = await self._known()
        # 1. This provider answers (RFC 9207 2.4)
        must_name_itself = metadata.says("authorization_response_iss_parameter_supported")
        if (answer.issuer or must_name_itself) and answer.issuer != self._client.issuer:
            raise self._refusals.issuer_mismatch("iss beside the code")
        # 2. Somebody signed in
        if answer.error or not answer.code:
            raise self._refusals.declined("no code")
        # 3. The code is good for a token
        token = await self._exchange(metadata, answer.code, begun)
        # 4. The token is genuine, for us, for this sign-in, of this moment
        claims = await self._tokens.read(
            token.id_token,
            keys_at=self._address_of(metadata, "jwks_uri"),
            expected=Expected(
                issuer=self._client.issuer,
                client_id=self._client.client_id,
                nonce=begun.nonce,
                access_token=token.access_token,
                at=self._clock.now(),
                max_age=MAX_SIGN_IN_AGE,
                levels=self._client.levels,
            ),
        )
        return SignedIn(claims, token.id_token)

    async def sign_out_address(self, id_token: str, *, back: str) -> str | None:
        """Return where the browser signs out there (OpenID Connect RP-Initiated Logout 2)."""
        try:
            endpoint = self._address_of(await self._known(), "end_session_endpoint")
        except self._refusals.unavailable:
            return None
        wish = {
            "id_token_hint": id_token,
            "client_id": self._client.client_id,
            "post_logout_redirect_uri": back,
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(wish)}"

    async def _known(self) -> _Metadata:
        now = self._clock.now()
        if self._metadata is None or self._metadata.read_at + _KEPT <= now:
            url = get_well_known_url(self._client.issuer, external=True)
            values = await self._json(str(url))
            if values.get("issuer") != self._client.issuer:
                raise self._refusals.unavailable("it names itself otherwise")
            self._metadata = _Metadata(values, now)
        return self._metadata

    def _address_of(self, metadata: _Metadata, name: str) -> str:
        """Return an address that must be there."""
        value = metadata.values.get(name)
        if not isinstance(value, str) or not value.startswith(("https://", "http://")):
            raise self._refusals.unavailable(f"no {name}")
        return value

    async def _json(self, url: str) -> Mapping[str, object]:
        try:
            reply = await self._http.get(url, accept="application/json", max_bytes=_MAX_BYTES)
        except CheckFailed as failure:
            raise self._refusals.unavailable(failure.code) from failure
        if reply.status != _OK:
            raise self._refusals.unavailable("status")
        return self._object(reply)

    async def _exchange(self, metadata: _Metadata, code: str, begun: Begun) -> "_Tokens":
        url = self._address_of(metadata, "token_endpoint")
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=begun.redirect_uri,
            code=code,
            code_verifier=begun.code_verifier,
        )
        shown = cast("Any", self._authentication(metadata))  # its `prepare` has no types
        _url, headers, body = shown.prepare("POST", url, {}, body)
        form = dict(parse_qsl(str(body), keep_blank_values=True))
        try:
            reply = await self._http.post(url, form=form, headers=headers, max_bytes=_MAX_BYTES)
        except CheckFailed as failure:
            raise self._refusals.unavailable(failure.code) from failure
        if reply.status >= _THEIR_FAULT:
            raise self._refusals.unavailable("status")
        if reply.status != _OK:
            raise self._refusals.code_refused("status")
        return self._read_tokens(self._object(reply))

    def _authentication(self, metadata: _Metadata) -> ClientAuth:
        """Return how the service shows its secret: in the header unless only the body is taken."""
        offered = metadata.values.get("token_endpoint_auth_methods_supported")
        names = texts(offered) or {"client_secret_basic"}
        if "client_secret_basic" not in names and "client_secret_post" in names:
            return ClientAuth(
                self._client.client_id, self._client.client_secret, "client_secret_post"
            )
        return ClientAuth(  # each part form-encoded first (RFC 6749 2.3.1)
            quote_plus(self._client.client_id),
            quote_plus(self._client.client_secret),
            "client_secret_basic",
        )

    def _read_tokens(self, reply: Mapping[str, object]) -> "_Tokens":
        id_token, access_token = reply.get("id_token"), reply.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise self._refusals.code_refused("no token")
        return _Tokens(id_token, access_token)

    def _object(self, reply: Reply) -> Mapping[str, object]:
        try:
            return strict_json.loads_object(reply.body, max_bytes=_MAX_BYTES)
        except CheckFailed as failure:
            raise self._refusals.unavailable(failure.code) from failure


@dataclass(frozen=True, slots=True)
class _Tokens:
    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


def texts(value: object) -> frozenset[str]:
    """Return a claim's texts: one, or a list of them."""
    many = cast("list[object]", value) if isinstance(value, list) else [value]
    return frozenset(one for one in many if isinstance(one, str))


def name_in(claims: Mapping[str, object]) -> str:
    """Return a name for pages: the person's, or what stands for one; "" without any."""
    for claim in ("name", "preferred_username", "sub"):
        value = claims.get(claim)
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())[:_MAX_NAME]
    return ""
