"""Begin in a browser what a wallet has asked for (RFC 9126 4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from issuer.ports import Records
from issuer.ports.authorization import Authorization, AuthorizationState
from issuer.usecases.authorization import secrets_of_authorization as secret
from issuer.usecases.authorization.failures import RequestUriUnknown
from issuer.usecases.authorization.tools import BROWSER_LIFETIME, AuthorizationTools
from openid4vc.oauth.authorization import read_authorization_query


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser keeps, and where its person signs in."""

    cookie: str = field(repr=False)
    address: str = field(repr=False)


class BeginAuthorization:
    """Ties a pushed request to the one browser that opens its link first."""

    def __init__(self, tools: AuthorizationTools) -> None:
        self._tools = tools

    async def __call__(self, organisation: str, query: Sequence[tuple[str, str]]) -> Begun:
        """Use a request URI up.

        Args:
            organisation: whose authorization endpoint was opened.
            query: the (name, value) pairs of its address; all but two of them count for nothing.

        Raises:
            AuthorizationRefused: the address names no pushed request, or no client.
            RequestUriUnknown: unknown, used, too old or another wallet's; one answer for all.
            SignInUnavailable: nobody can sign in now; the request can still be used.
        """
        tools = self._tools
        # 1. The request is there, of this wallet, and new.
        asked = read_authorization_query(query)
        mac = secret.request_mac(tools.vault, asked.request_uri)
        now = tools.clock.now()
        found = await tools.store.read(
            lambda records: records.authorizations.by_request(organisation, mac)
        )
        if (
            tools.sign_in is None
            or found is None
            or found.client_id != asked.client_id
            or found.state is not AuthorizationState.PUSHED
            or found.expires_at <= now
        ):
            raise RequestUriUnknown("unknown, used, too old or another wallet's")
        # 2. There is somewhere to sign in.
        address = await tools.sign_in.address(tools.pending(found))
        # 3. It is used up, by this browser.
        cookie = tools.random.token()
        await tools.store.write(lambda records: self._begin(records, found, cookie))
        return Begun(cookie, address)

    def _begin(self, records: Records, found: Authorization, cookie: str) -> None:
        tools = self._tools
        now = tools.clock.now()
        mac = secret.session_mac(tools.vault, cookie)
        if not records.authorizations.begin(
            found.id, session_mac=mac, now=now, until=now + BROWSER_LIFETIME
        ):
            raise RequestUriUnknown("used a moment ago")
