"""Presenting: a link is read, the request is fetched and verified, and only then may data leave.

Nothing is sent before the person has decided, but for two things: the fetch itself, and an error to
an authenticated receiver whose request breaks a rule (it tells nothing about the wallet's cards).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from keys.trust import TrustList
from openid4vc.checks import CheckFailed
from openid4vc.openid4vp.errors import WalletErrorCode, error_code_for
from openid4vc.openid4vp.link import RequestLink, parse_request_link
from openid4vc.openid4vp.read_request import (
    AuthenticatedRequest,
    ReplyTo,
    authenticate_request,
    read_parameters,
)
from openid4vc.openid4vp.request_post import fetch_form
from openid4vc.openid4vp.response import error_form
from openid4vc.openid4vp.write_request import REQUEST_TYPE, AuthorizationRequest
from wallet_sim.answers import GONE, Receipt, read_receipt
from wallet_sim.asked_names import asked_of
from wallet_sim.asking import Asking
from wallet_sim.consent import Choice, parts_of
from wallet_sim.flow_failures import ReceiverAnswerUnclear, RequestGone
from wallet_sim.held import HeldCard, holder_signer
from wallet_sim.links import require_request
from wallet_sim.mischief import HONEST, Binding, Manners
from wallet_sim.mischief_answers import Answer
from wallet_sim.model import LoggedCard
from wallet_sim.over_asking import profile_of
from wallet_sim.ports import Reply
from wallet_sim.tools import Tools

REQUEST_MEDIA_TYPE = f"application/{REQUEST_TYPE}"
WALLET_NONCE_BYTES = 32


@dataclass(frozen=True, slots=True)
class KnownReceiver:
    """A request whose sender is known; what it asks has not been read."""

    authenticated: AuthenticatedRequest
    link: RequestLink


@dataclass(frozen=True, slots=True)
class OpenRequest(Asking):
    """A request that may be shown to the person."""

    request: AuthorizationRequest


class Presenter:
    """The presenting flow over its tools."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def read_link(self, link: str) -> RequestLink:
        """Read a scanned request; raises ``NotALink``, ``LinkIsAnOffer``, ``CheckFailed``."""
        require_request(link)
        return parse_request_link(link, allow_loopback_http=self._tools.unsafe_loopback_http)

    async def fetch(self, link: RequestLink, *, trust: TrustList) -> KnownReceiver:
        """Fetch the signed request and find out who asks (OpenID4VP 5.10, 5.9.3).

        Raises:
            RequestGone, ReceiverAnswerUnclear, ConnectionLost: no request came.
            CheckFailed: it is not signed by a registered receiver, or not for now.
        """
        wallet_nonce = None
        if link.method == "post":
            wallet_nonce = self._tools.random.bytes(WALLET_NONCE_BYTES).hex()
            reply = await self._tools.network.post(
                link.request_uri,
                form=fetch_form(wallet_nonce),
                headers={"Accept": REQUEST_MEDIA_TYPE},
            )
        else:
            reply = await self._tools.network.get(link.request_uri, accept=REQUEST_MEDIA_TYPE)
        if reply.status in GONE:
            raise RequestGone
        if reply.status != HTTPStatus.OK or reply.content_type != REQUEST_MEDIA_TYPE:
            raise ReceiverAnswerUnclear(f"status {reply.status}")
        authenticated = authenticate_request(
            reply.body.decode("utf-8", "replace"),
            link=link,
            trust=trust,
            at=self._tools.clock.now(),
            wallet_nonce=wallet_nonce,
        )
        return KnownReceiver(authenticated, link)

    def weigh(self, known: KnownReceiver, cards: Sequence[HeldCard]) -> OpenRequest:
        """Read what is asked, check that this receiver may ask it, and see which cards fit.

        Raises:
            OverAsked, PurposeUnknown: the receiver asks for more than its task allows.
            CheckFailed: the request breaks a rule of the protocol.
        """
        tools = self._tools
        trusted = read_parameters(
            known.authenticated, allow_loopback_http=tools.unsafe_loopback_http
        )
        request, party = trusted.request, trusted.relying_party
        profile = profile_of(
            request.query, request.profile_id, roles=party.roles, catalogue=tools.catalogue
        )
        parts = parts_of(request.query, cards, catalogue=tools.catalogue, at=tools.clock.now())
        return OpenRequest(party, request.client_id, profile, request.query, parts, request)

    def names_asked(self, known: KnownReceiver) -> tuple[LoggedCard, ...]:
        """Return the names that a refused request asked, for the log; none when it is unclear."""
        try:
            trusted = read_parameters(
                known.authenticated, allow_loopback_http=self._tools.unsafe_loopback_http
            )
        except CheckFailed:
            return ()
        return asked_of(trusted.request.query, self._tools.catalogue)

    async def send_fault(self, known: KnownReceiver, failure: CheckFailed) -> None:
        """Tell an authenticated receiver that its request cannot be answered (8.5).

        Whether it hears changes nothing for the person, so that it does not is no failure.
        """
        reply_to = known.authenticated.reply_to(
            allow_loopback_http=self._tools.unsafe_loopback_http
        )
        if reply_to is not None:
            await self._tell(reply_to, error_code_for(failure))

    async def decline(self, request: OpenRequest) -> None:
        """Tell the receiver that nothing is shown; why is not said (access_denied)."""
        reply_to = ReplyTo(request.request.response_uri, request.request.state)
        await self._tell(reply_to, WalletErrorCode.ACCESS_DENIED)

    async def share(
        self,
        request: OpenRequest,
        choices: Sequence[Choice],
        *,
        acted_by: str | None = None,
        manners: Manners = HONEST,
    ) -> Receipt:
        """Present the chosen claims, encrypted for the receiver (RFC 9901 7.2, OpenID4VP 8.3).

        Args:
            request: what is answered.
            choices: what leaves.
            acted_by: who answers for the holder; None for the holder.
            manners: honest, but in training.

        Raises:
            ReceiverRefused, ReceiverAnswerUnclear, ConnectionLost: the answer may have arrived.
            RequestExpired is not looked for again: the receiver decides.
        """
        asked = request.request
        vp_token: dict[str, list[str]] = {}
        for choice in choices:
            presentation = self._presentation(asked, choice, manners)
            vp_token.setdefault(choice.part.query.id, []).append(presentation)
        form = manners.sealing(Answer(asked, vp_token, acted_by))
        reply = await self._tools.network.post(asked.response_uri, form=form)
        receipt = self._receipt(reply)
        for _ in range(manners.times_sent - 1):
            self._receipt(await self._tools.network.post(asked.response_uri, form=form))
        return receipt

    def _receipt(self, reply: Reply) -> Receipt:
        return read_receipt(reply, allow_loopback_http=self._tools.unsafe_loopback_http)

    def _presentation(self, asked: AuthorizationRequest, choice: Choice, manners: Manners) -> str:
        binding = Binding(
            signer=holder_signer(choice.held.card),
            audience=asked.client_id,
            nonce=asked.nonce,
            at=self._tools.clock.now(),
        )
        return manners.presentation(choice.held.sd_jwt, choice.answer.places, binding)

    async def _tell(self, reply_to: ReplyTo, error: WalletErrorCode) -> None:
        form = error_form(error, state=reply_to.state)
        try:
            await self._tools.network.post(reply_to.response_uri, form=form)
        except CheckFailed:
            return
