"""Ask the person who signed in whether the wallet may have the card."""

from dataclasses import dataclass, field

from issuer.ports.authorization import Authorization, AuthorizationState
from issuer.usecases.authorization import secrets_of_authorization as secret
from issuer.usecases.authorization.failures import BrowserUnknown
from issuer.usecases.authorization.tools import AuthorizationTools


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of whom, and what the answer must carry to be this browser's."""

    authorization: Authorization
    person_name: str = field(repr=False)
    form_token: str = field(repr=False)


class ShowConsent:
    """Finds the question; showing it changes nothing."""

    def __init__(self, tools: AuthorizationTools) -> None:
        self._tools = tools

    async def __call__(self, organisation: str, cookie: str) -> Question:
        """Return what is asked in this browser.

        Raises:
            BrowserUnknown: nobody has signed in here, or it is over.
        """
        vault = self._tools.vault
        found = await self._tools.in_browser(organisation, cookie, AuthorizationState.ASKED)
        if found.person is None:
            raise BrowserUnknown("nobody has signed in")
        return Question(
            authorization=found,
            person_name=secret.unseal_person(vault, found.id, found.person).name,
            form_token=secret.form_token(vault, found, cookie),
        )
