"""What is said between a service, this room and an identity provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from keys.checks import CheckFailed
from keys.fetch import Reply


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


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """The failures of the service that asks, one for each reason.

    Attributes:
        unavailable: the provider cannot be reached, or does not describe itself as it should.
        declined: nobody signed in.
        issuer_mismatch: another provider answers.
        code_refused: no token for the code.
        token_forged: the token is not signed by the provider, or not in a way that we take.
        token_unfit: it is for somebody else, for another sign-in, or not of this moment.
    """

    unavailable: type[CheckFailed]
    declined: type[CheckFailed]
    issuer_mismatch: type[CheckFailed]
    code_refused: type[CheckFailed]
    token_forged: type[CheckFailed]
    token_unfit: type[CheckFailed]


@dataclass(frozen=True, slots=True)
class Registration:
    """What the provider knows of the service, and the service of the provider.

    Attributes:
        issuer: the provider's name of itself.
        client_id: the provider's name of the service.
        client_secret: shared with it.
        scope: what is asked for.
        levels: levels of assurance (`acr`) of which the sign-in has to have one; none: any.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = "openid profile"
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Begun:
    """One sign-in that a browser was sent to.

    Attributes:
        state: comes back beside the code.
        nonce: comes back inside the signed token.
        code_verifier: the secret of the code challenge (RFC 7636).
        redirect_uri: where the browser comes back to.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the browser brought back, as it stands in the address; "" for what was not there."""

    code: str = field(repr=False)
    error: str
    issuer: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A token that holds: its claims, and itself."""

    claims: Mapping[str, object] = field(repr=False)
    id_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token must say."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    access_token: str = field(repr=False)
    at: datetime
    max_age: timedelta
    levels: tuple[str, ...] = ()
