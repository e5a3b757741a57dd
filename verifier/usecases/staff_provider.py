"""Sign in with the organisation's own identity provider (OpenID Connect).

Nothing is stored between going there and coming back: state, nonce and code verifier are made
from a random cookie, so an answer is good in the browser that asked and nowhere else.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace

from keys.base64url import b64url_encode
from verifier.ports import Clock, Random
from verifier.usecases.staff_accounts import new_staff_id
from verifier.usecases.staff_failures import (
    ProviderMissing,
    ProviderStateMismatch,
    RoleNotHeld,
    SignInRefused,
)
from verifier.usecases.staff_model import (
    Pending,
    ProviderAnswer,
    ProviderPerson,
    StaffPerson,
)
from verifier.usecases.staff_ports import IdentityProvider, StaffBook

_COOKIE_BYTES = 32
_COOKIE_CHARS = 43


class SignInWithProvider:
    """See the module text.

    Args:
        provider: the identity provider; None when the organisation has none.
        roles: from what the provider calls a role to what we call it.
    """

    def __init__(
        self,
        *,
        provider: IdentityProvider | None,
        roles: Mapping[str, str],
        book: StaffBook,
        clock: Clock,
        random: Random,
    ) -> None:
        self._provider = provider
        self._roles = roles
        self._book = book
        self._clock = clock
        self._random = random

    @property
    def is_offered(self) -> bool:
        """Whether there is a provider."""
        return self._provider is not None

    async def go(self) -> tuple[str, str]:
        """Return a fresh cookie for the browser, and where it signs in.

        Raises:
            ProviderMissing, ProviderUnavailable: see their classes.
        """
        cookie = self._random.token(_COOKIE_BYTES)
        return cookie, await self._there().address(_pending(cookie))

    async def come_back(
        self, answer: ProviderAnswer, cookie: str | None
    ) -> tuple[StaffPerson, str]:
        """Return who signed in, with the token by which they sign out there.

        Args:
            answer: what stood in the address.
            cookie: what `go` gave the browser.

        Raises:
            ProviderMissing, ProviderUnavailable, ProviderDeclined, ProviderAnswerInvalid,
            RoleNotHeld, SignInRefused: see their classes.
        """
        provider = self._there()
        # 1. It answers this browser
        if cookie is None or len(cookie) != _COOKIE_CHARS or not cookie.isascii():
            raise ProviderStateMismatch("no cookie")
        pending = _pending(cookie)
        if not hmac.compare_digest(answer.state.encode(), pending.state.encode()):
            raise ProviderStateMismatch("state")
        # 2. It is the provider's, and of this moment
        known = await provider.identify(answer, pending)
        # 3. One of the roles there is one of ours
        roles = frozenset(self._roles[one] for one in known.role_values if one in self._roles)
        if not roles:
            raise RoleNotHeld("no mapped role")
        return await self._person(known, roles), known.id_token

    async def sign_out_address(self, id_token: str) -> str | None:
        """Return where the browser signs out at the provider, None when that is not offered."""
        return None if self._provider is None else await self._provider.sign_out_address(id_token)

    def _there(self) -> IdentityProvider:
        if self._provider is None:
            raise ProviderMissing
        return self._provider

    async def _person(self, known: ProviderPerson, roles: frozenset[str]) -> StaffPerson:
        new = StaffPerson(
            id=new_staff_id(self._random),
            display_name=known.display_name,
            roles=roles,
            created_at=self._clock.now(),
            subject=known.subject,
        )
        if await self._book.add(new):
            return new
        held = await self._book.of_subject(known.subject)
        if held is None or held.disabled_at is not None:
            raise SignInRefused("disabled")
        await self._book.renew(held.id, display_name=known.display_name, roles=roles)
        return replace(held, display_name=known.display_name, roles=roles)


def _pending(cookie: str) -> Pending:
    return Pending(
        state=_derived(cookie, b"state"),
        nonce=_derived(cookie, b"nonce"),
        code_verifier=_derived(cookie, b"code verifier"),
    )


def _derived(cookie: str, purpose: bytes) -> str:
    """Return 43 characters that belong to a cookie of 256 random bits."""
    told = b"kykylompakko provider 1\x00" + purpose
    return b64url_encode(hmac.digest(cookie.encode("ascii"), told, hashlib.sha256))
