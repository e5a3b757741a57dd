"""Failures that a wallet finds in what an authorization server says."""

from typing import ClassVar

from openid4vc.checks import CheckFailed
from openid4vc.specs import Section


class PushedResponseMalformed(CheckFailed):
    """The answer to a pushed request has no `request_uri`, or no time that it lives for."""

    code: ClassVar[str] = "pushed_response_malformed"
    spec: ClassVar[str] = Section.RFC9126_2_2


class AuthorizationResponseMalformed(CheckFailed):
    """The way back from the browser holds neither a code nor an error, or both."""

    code: ClassVar[str] = "authorization_response_malformed"
    spec: ClassVar[str] = Section.RFC6749_4_1_2


class AuthorizationOfOtherServer(CheckFailed):
    """`iss` is missing, or names another authorization server than the one that was asked."""

    code: ClassVar[str] = "authorization_of_other_server"
    spec: ClassVar[str] = Section.RFC9207_2_4


class AuthorizationOfOtherSession(CheckFailed):
    """`state` is not the one that the request was made with."""

    code: ClassVar[str] = "authorization_of_other_session"
    spec: ClassVar[str] = Section.RFC6749_4_1_2


class AuthorizationDenied(CheckFailed):
    """The authorization server answered with an error, such as `access_denied`.

    Attributes:
        error: the code on the wire.
    """

    code: ClassVar[str] = "authorization_denied"
    spec: ClassVar[str] = Section.RFC6749_4_1_2_1

    def __init__(self, error: str) -> None:
        """Keep the code on the wire."""
        super().__init__(error)
        self.error = error
