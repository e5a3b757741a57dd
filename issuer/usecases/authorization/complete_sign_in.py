"""Take the answer of the identity provider that a browser brings back."""

import hmac

from issuer.ports import Records
from issuer.ports.authorization import Authorization, AuthorizationState
from issuer.ports.sign_in import Person, SignInAnswer
from issuer.usecases.authorization import secrets_of_authorization as secret
from issuer.usecases.authorization.failures import BrowserUnknown
from issuer.usecases.authorization.leaving import Leaving, left_with
from issuer.usecases.authorization.tools import AuthorizationTools
from issuer.usecases.sign_in_failures import (
    SignInAnswerInvalid,
    SignInDeclined,
    SignInMissing,
    SignInStateMismatch,
    SignInUnavailable,
)


class CompleteSignIn:
    """Keeps who signed in, sealed, and gives the browser another cookie.

    Whoever knew the cookie before, because it was planted, knows nothing of what follows.
    """

    def __init__(self, tools: AuthorizationTools) -> None:
        self._tools = tools

    async def __call__(self, organisation: str, cookie: str, answer: SignInAnswer) -> str | Leaving:
        """Return the browser's new cookie, or how it ended.

        Raises:
            BrowserUnknown: nothing was begun in this browser.
            SignInStateMismatch: the answer is none to this browser's sign-in; nothing ends.
        """
        tools = self._tools
        # 1. The browser is the one that began, and the answer is one to it.
        found = await tools.in_browser(organisation, cookie, AuthorizationState.SIGNING_IN)
        if tools.sign_in is None:
            raise SignInMissing("nobody can sign in any more")
        pending = tools.pending(found)
        if not hmac.compare_digest(answer.state.encode(), pending.state.encode()):
            raise SignInStateMismatch("state")
        # 2. Somebody has signed in.
        try:
            person = await tools.sign_in.identify(answer, pending)
        except SignInDeclined as failure:
            return await left_with(tools, found, "access_denied", failure)
        except SignInUnavailable as failure:
            return await left_with(tools, found, "temporarily_unavailable", failure)
        except SignInAnswerInvalid as failure:
            return await left_with(tools, found, "server_error", failure)
        # 3. The browser goes on under another name.
        renewed = tools.random.token()
        await tools.store.write(lambda records: self._keep(records, found, person, renewed))
        return renewed

    def _keep(self, records: Records, found: Authorization, person: Person, cookie: str) -> None:
        tools = self._tools
        if not records.authorizations.signed_in(
            found.id,
            session_mac=secret.session_mac(tools.vault, cookie),
            person=secret.seal_person(tools.vault, found.id, person),
            now=tools.clock.now(),
        ):
            raise BrowserUnknown("went on a moment ago")
