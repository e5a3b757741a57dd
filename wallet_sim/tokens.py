"""Asking an authorization server for access tokens, by whatever the wallet has for one."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

from openid4vc.openid4vci.token import read_token_response
from wallet_sim.answers import error_code, json_object
from wallet_sim.calls import Caller, Shown
from wallet_sim.flow_failures import IssuerBusy
from wallet_sim.offers import Grant
from wallet_sim.tools import Tools

LIFE_WHEN_UNSAID = timedelta(minutes=5)
NOT_NOW = "temporarily_unavailable"
_REFUSALS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED})


class Tokens:
    """The token endpoint, as this wallet calls it."""

    def __init__(self, tools: Tools, calls: Caller) -> None:
        self._tools = tools
        self._calls = calls

    async def ask(self, url: str, form: Mapping[str, str], shown: Shown) -> Grant | str:
        """Ask for an access token; a wallet that shows its key takes only one bound to it.

        Returns:
            The right to fetch; or, when it was refused, the error code on the wire.

        Raises:
            MalformedTokenResponse: no token, or one of another kind.
            IssuerBusy, IssuerAnswerUnclear, ConnectionLost: no proper answer.
        """
        post = self._tools.network.post
        reply = await self._calls.post(
            url, shown, lambda headers: post(url, form=form, headers=headers)
        )
        if reply.status in _REFUSALS:
            error = error_code(reply)
            if error == NOT_NOW:
                raise IssuerBusy("token endpoint")
            return error
        answer = read_token_response(
            json_object(reply), token_type="Bearer" if shown.instance is None else "DPoP"
        )
        life = (
            LIFE_WHEN_UNSAID if answer.expires_in is None else timedelta(seconds=answer.expires_in)
        )
        return Grant(
            answer.access_token,
            self._tools.clock.now() + life,
            answer.credential_identifiers,
            answer.refresh_token,
            shown.instance,
        )
