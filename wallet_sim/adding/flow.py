"""Adding a card that nobody offered: the person signs in at the issuer, in a browser.

    offer = await adding.open(issuer)                                  # who it is, what it has
    started = await adding.start(offer.only(name), redirect_uri=...)   # open started.link
    fetched = await adding.finish(redirected_to)                       # verified, not stored

What ties the three together is stored, so that each may happen in a process of its own.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, urlsplit

from keys.checks import CheckFailed
from keys.jose import b64url_encode, public_jwk, thumbprint
from openid4vc.oauth.authorization import (
    PushedRequest,
    authorization_link,
    pushed_request_form,
    read_pushed_response,
)
from openid4vc.oauth.pkce import VERIFIER_BYTES, code_challenge, make_code_verifier
from openid4vc.oauth.redirects import read_authorization_response
from openid4vc.oauth.wallet_errors import AuthorizationDenied
from openid4vc.openid4vci.code_request import CodeRequest, code_request_form
from openid4vc.openid4vci.offer import CredentialOffer
from wallet_sim.adding_failures import (
    ProviderMissing,
    SignInNeeded,
    SignInOver,
    SignInRefused,
    SignInUnknown,
)
from wallet_sim.answers import error_code, json_object
from wallet_sim.calls import Caller
from wallet_sim.endings import bad_end
from wallet_sim.fetching import Fetching
from wallet_sim.flow_failures import IssuerBusy, IssuerRefused
from wallet_sim.held import signer_of
from wallet_sim.instance_keys import InstanceKeys
from wallet_sim.instances import Begun
from wallet_sim.logbook import Logbook
from wallet_sim.model import Contents
from wallet_sim.offers import Fetched, Grant, OpenOffer, SignIn
from wallet_sim.opening import OfferReader
from wallet_sim.ports import Reply, Store
from wallet_sim.tokens import Tokens
from wallet_sim.tools import Tools

STATE_BYTES: Final = 24
LONGEST: Final = timedelta(hours=1)
"""How long a person may take to sign in, as far as the wallet is concerned."""

_NOT_NOW: Final = frozenset({"temporarily_unavailable", "server_error"})
_REFUSALS: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED})


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in that may begin.

    Attributes:
        link: to open in a browser, once and soon.
        until: when the link has run out.
    """

    link: str = field(repr=False)
    until: datetime


class Adding:
    """The authorization code flow of one wallet."""

    def __init__(
        self,
        *,
        store: Store,
        tools: Tools,
        offers: OfferReader,
        calls: Caller,
        fetching: Fetching,
        logbook: Logbook,
    ) -> None:
        self._store = store
        self._tools = tools
        self._offers = offers
        self._calls = calls
        self._tokens = Tokens(tools, calls)
        self._keys = InstanceKeys(store, tools)
        self._fetching = fetching
        self._logbook = logbook

    async def open(self, issuer: str) -> OpenOffer:
        """Read who an issuer is and what it has; nothing is sent but requests to read.

        Raises:
            CheckFailed: as ``OfferReader.open_issuer``; logged.
        """
        try:
            return await self._offers.open_issuer(issuer)
        except CheckFailed as failure:
            named = CredentialOffer(issuer, (), None)
            entry = self._logbook.unopened_offer(named, bad_end(failure), failure.code)
            self._store.change(lambda contents: contents.with_entry(entry))
            raise

    async def start(self, offer: OpenOffer, *, redirect_uri: str) -> Started:
        """Push the request for one card, and return the link that begins signing in (RFC 9126).

        Args:
            offer: of one card alone (``OpenOffer.only``).
            redirect_uri: where the browser is to come back to.

        Raises:
            ProviderMissing: nobody vouches for this wallet.
            SignInRefused: the issuer does not let it begin.
            CheckFailed: as ``Caller.post``; all are logged.
        """
        try:
            return await self._start(offer, redirect_uri)
        except CheckFailed as failure:
            self._fetching.settle_failed(offer, failure)
            raise

    def awaits(self, url: str) -> bool:
        """Say whether this is the way back from a sign-in that was begun and is not over."""
        return self._begun(url) is not None

    async def finish(self, url: str) -> Fetched:
        """Take the way back from the browser; fetch and verify the card. It is not stored.

        Args:
            url: the redirect URI as the browser called it, with its query.

        Raises:
            SignInUnknown: no sign-in of this wallet leads here, or it was taken already.
            SignInOver: it took too long, or the code is no good any more.
            AuthorizationDenied: the person, or the issuer, did not want to.
            IssuerBusy: the issuer cannot now.
            CheckFailed: as ``read_authorization_response`` and ``Fetching.fetch_by``; logged.
        """
        begun = self._begun(url)
        if begun is None:
            raise SignInUnknown
        offer = await self._offers.reopen(
            issuer=begun.issuer, configuration_id=begun.configuration_id, server=begun.server
        )
        # Once, whatever comes of it, and in one process
        self._store.change(lambda contents: _taken(contents, begun))
        return await self._fetching.fetch_by(offer, lambda: self._redeem(url, begun, offer))

    async def _start(self, offer: OpenOffer, redirect_uri: str) -> Started:
        sign_in, client_id = _sign_in(offer), self._client_id()
        (configuration_id,) = offer.wanted
        instance = self._keys.at(offer.server)
        begun = Begun(
            state=b64url_encode(self._tools.random.bytes(STATE_BYTES)),
            issuer=offer.offer.issuer,
            server=offer.server,
            configuration_id=configuration_id,
            redirect_uri=redirect_uri,
            code_verifier=make_code_verifier(self._tools.random.bytes(VERIFIER_BYTES)),
            since=self._tools.clock.now(),
            issuer_state=offer.offer.issuer_state,
        )
        scope = sign_in.scopes.get(configuration_id)
        request = PushedRequest(
            client_id=client_id,
            redirect_uri=redirect_uri,
            code_challenge=code_challenge(begun.code_verifier),
            state=begun.state,
            scopes=frozenset() if scope is None else frozenset({scope}),
            details=frozenset({configuration_id}) if scope is None else None,
            issuer_state=begun.issuer_state,
            dpop_jkt=thumbprint(public_jwk(signer_of(instance.token_key).public_key)),
        )
        form = pushed_request_form(request, location=sign_in.location)
        post = self._tools.network.post
        reply = await self._calls.post(
            sign_in.pushed,
            offer.shown_for_token(instance),
            lambda headers: post(sign_in.pushed, form=form, headers=headers),
        )
        pushed = read_pushed_response(_created(reply))
        self._store.change(lambda contents: contents.with_begun(begun))
        link = authorization_link(sign_in.page, client_id=client_id, request_uri=pushed.request_uri)
        return Started(link, begun.since + pushed.lifetime)

    async def _redeem(self, url: str, begun: Begun, offer: OpenOffer) -> Grant:
        # 1. From the server that was asked, and for this question (RFC 9207, RFC 6749 10.12)
        code = _code(url, begun, must_be_named=_sign_in(offer).names_itself)
        if self._tools.clock.now() > begun.since + LONGEST:
            raise SignInOver("too long")
        # 2. The code goes to that server alone, once, with what only this wallet knows (RFC 7636)
        request = CodeRequest(
            code=code,
            redirect_uri=begun.redirect_uri,
            code_verifier=begun.code_verifier,
            client_id=self._client_id(),
        )
        shown = offer.shown_for_token(self._keys.at(begun.server))
        answer = await self._tokens.ask(offer.endpoints.token, code_request_form(request), shown)
        if isinstance(answer, str):
            raise SignInOver("refused") if answer == "invalid_grant" else IssuerRefused(answer)
        return answer

    def _begun(self, url: str) -> Begun | None:
        """Return the sign-in that leads back here: its redirect URI, its state."""
        place, _, query = url.partition("?")
        try:
            states = parse_qs(query).get("state", [])
        except ValueError:
            return None
        return next(
            (
                one
                for one in self._store.load().begun
                if [one.state] == states and one.redirect_uri == place
            ),
            None,
        )

    def _client_id(self) -> str:
        if self._tools.provider is None:
            raise ProviderMissing
        return self._tools.provider.client_id


def _taken(contents: Contents, begun: Begun) -> Contents:
    if begun not in contents.begun:
        raise SignInUnknown("another process was quicker")
    return contents.without_begun(begun.state)


def host_of(offer: OpenOffer) -> str:
    """Return the host of the page that the person signs in at."""
    return urlsplit(_sign_in(offer).page).netloc


def _sign_in(offer: OpenOffer) -> SignIn:
    if offer.sign_in is None:
        raise SignInNeeded("the issuer has no sign-in")
    return offer.sign_in


def _code(url: str, begun: Begun, *, must_be_named: bool) -> str:
    try:
        return read_authorization_response(
            url, issuer=begun.server, state=begun.state, issuer_must_be_named=must_be_named
        )
    except AuthorizationDenied as denied:
        if denied.error in _NOT_NOW:
            raise IssuerBusy(denied.error) from None
        raise


def _created(reply: Reply) -> dict[str, object]:
    if reply.status in _REFUSALS:
        raise SignInRefused(error_code(reply))
    return json_object(reply, status=HTTPStatus.CREATED)
