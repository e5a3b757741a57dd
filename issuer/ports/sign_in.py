"""Who is there: signing in with an identity provider, in the middle of an authorization."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in. Lives as long as the authorization does, sealed.

    Attributes:
        subject: stands for the person at this provider and never changes for them (OpenID Connect
            Core 2): the provider's issuer, a space, its subject.
        identity_code: the personal identity code (HETU), where the provider tells it.
        name: as the provider writes it; "" where it does not.
    """

    subject: str = field(repr=False)
    identity_code: str | None = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """What ties an answer of the provider to the browser that asked.

    Attributes:
        state: random; comes back beside the code.
        nonce: random; comes back inside the signed token.
        code_verifier: random; the secret of the code challenge (RFC 7636): 43 to 128 characters.
        redirect_uri: where browsers come back to: the organisation's sign-in address.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class SignInAnswer:
    """What the browser brought back, as it stands in the address; "" for what was not there."""

    code: str = field(default="", repr=False)
    error: str = ""
    state: str = field(default="", repr=False)
    issuer: str = ""


class SignIn(Protocol):
    """An identity provider, or what stands in for one in a demo."""

    async def address(self, pending: PendingSignIn) -> str:
        """Return where the browser signs in; it comes back to `pending.redirect_uri`.

        Raises:
            SignInUnavailable: the provider cannot be asked.
        """

    async def identify(self, answer: SignInAnswer, pending: PendingSignIn) -> Person:
        """Return who signed in.

        Args:
            answer: what the browser brought back.
            pending: what `address` was called with, found by the browser's own session.

        Raises:
            SignInStateMismatch, SignInIssuerMismatch: it is no answer to this.
            SignInDeclined: nobody signed in.
            SignInCodeRefused, SignInTokenForged, SignInTokenUnfit: it is not to be trusted.
            SignInUnavailable: the provider cannot be asked.
        """


@dataclass(frozen=True, slots=True)
class StandInWish:
    """What a browser brings to the page that stands in for a provider."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_challenge: str = field(repr=False)
    redirect_uri: str


class StandIn(SignIn, Protocol):
    """UNSAFE, demo only: signing in as one of several people who do not exist."""

    def people(self) -> Sequence[Person]:
        """Return who there is to choose from."""

    def knows(self, wish: StandInWish) -> bool:
        """Whether a browser may be sent back to where the wish says."""

    def sent_back(self, wish: StandInWish, place: int | None) -> str:
        """Return where the browser goes with the answer.

        Args:
            wish: what the browser brought.
            place: which of the people signed in; None or another number: nobody.
        """
