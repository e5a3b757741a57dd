"""People sign in with an OpenID provider (`service_kit.oidc`)."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from credential_schemas import hetu
from issuer.ports import Clock
from issuer.ports.sign_in import PendingSignIn, Person, SignInAnswer
from issuer.usecases.sign_in_failures import (
    SignInCodeRefused,
    SignInDeclined,
    SignInIssuerMismatch,
    SignInStateMismatch,
    SignInTokenForged,
    SignInTokenUnfit,
    SignInUnavailable,
)
from service_kit.oidc.client import OidcClient
from service_kit.oidc.model import Answer, Begun, ProviderHttp, Refusals, Registration

_REFUSALS: Final = Refusals(
    unavailable=SignInUnavailable,
    declined=SignInDeclined,
    issuer_mismatch=SignInIssuerMismatch,
    code_refused=SignInCodeRefused,
    token_forged=SignInTokenForged,
    token_unfit=SignInTokenUnfit,
)
_MAX_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class IdentityCodeRule:
    """Where the personal identity code stands in the token, and which are taken.

    Attributes:
        claim: the ID token's claim; None: persons are known by the provider's subject alone.
        allow_real: take those of real people (individual numbers 002-899); never in a demo.
    """

    claim: str | None
    allow_real: bool


class ProviderSignIn:
    """`ports.sign_in.SignIn` over an OpenID provider.

    Args:
        http: the guarded client.
        registration: who we are there.
        identity_code: what is read of personal identity codes.
        clock: the time.
    """

    def __init__(
        self,
        *,
        http: ProviderHttp,
        registration: Registration,
        identity_code: IdentityCodeRule,
        clock: Clock,
    ) -> None:
        self._issuer = registration.issuer
        self._identity_code = identity_code
        self._oidc = OidcClient(
            http=http, registration=registration, clock=clock, refusals=_REFUSALS
        )

    async def address(self, pending: PendingSignIn) -> str:
        """Return where the browser signs in."""
        return await self._oidc.address(_begun(pending))

    async def identify(self, answer: SignInAnswer, pending: PendingSignIn) -> Person:
        """Return who signed in; the port says what is raised."""
        check_state(answer, pending)
        signed_in = await self._oidc.identify(
            Answer(answer.code, answer.error, answer.issuer), _begun(pending)
        )
        return Person(
            subject=f"{self._issuer} {signed_in.claims['sub']}",
            identity_code=self._read_identity_code(signed_in.claims),
            name=_name(signed_in.claims),
        )

    def _read_identity_code(self, claims: Mapping[str, object]) -> str | None:
        rule = self._identity_code
        if rule.claim is None:
            return None
        code = claims.get(rule.claim)
        if not isinstance(code, str):
            raise SignInTokenUnfit("no personal identity code")
        if problem := hetu.fault(code, birthdate=None, allow_real=rule.allow_real):
            raise SignInTokenUnfit(problem)
        return code


def check_state(answer: SignInAnswer, pending: PendingSignIn) -> None:
    """Check, in constant time, that an answer is one to this sign-in.

    Raises:
        SignInStateMismatch: it is not.
    """
    if not hmac.compare_digest(answer.state.encode(), pending.state.encode()):
        raise SignInStateMismatch("state")


def _begun(pending: PendingSignIn) -> Begun:
    return Begun(
        state=pending.state,
        nonce=pending.nonce,
        code_verifier=pending.code_verifier,
        redirect_uri=pending.redirect_uri,
    )


def _name(claims: Mapping[str, object]) -> str:
    """Return the person's name; never an identifier that stands for it."""
    parts = [claims.get("name")]
    if not isinstance(parts[0], str) or not parts[0].strip():
        parts = [claims.get("given_name"), claims.get("family_name")]
    words = " ".join(part for part in parts if isinstance(part, str))
    return " ".join(words.split())[:_MAX_NAME]
