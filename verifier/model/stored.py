"""What is kept beside verifications."""

from dataclasses import dataclass, field
from datetime import datetime

from openid4vc.status_list.forms import ListToken


@dataclass(frozen=True, slots=True)
class StoredCode:
    """A confirmation code on its way to the wallet that answered; it names no verification.

    Attributes:
        key: hash of the address part that only that wallet was told.
        sealed: the code, sealed under that address part.
        until: when the page that shows it ends.
    """

    key: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class StoredChallenge:
    """A challenge that this desk shows, or showed a moment ago.

    Attributes:
        tag: the 4 bytes by which an answer names it.
        sealed: its nonce, private key and link, sealed.
        shown_until: when the desk shows a new one instead.
        answerable_until: when no answer is taken any more and the private key is forgotten.
    """

    id: str
    verification_id: str
    tag: bytes
    sealed: bytes = field(repr=False)
    shown_until: datetime
    answerable_until: datetime


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Whose status list is where."""

    issuer: str
    uri: str


@dataclass(frozen=True, slots=True)
class HeldList:
    """A status list that was verified once, as it is kept; who reads it back verifies it anew.

    Attributes:
        uri: where it was fetched, as cards name it.
        issuer: id of the organisation whose cards it speaks of.
        token: the list as it was signed.
        fetched_at: when it was had from its address.
        issued_at: when it was signed, as it says itself.
    """

    uri: str
    issuer: str
    token: ListToken = field(repr=False)
    fetched_at: datetime
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Asking:
    """How the desk asks its client in one verification, beside what is asked.

    Attributes:
        verification_id: which.
        until: until when its request is renewed by itself.
        without_network: the client's wallet has no network, so the screen shows the challenge.
        assisted: a supporter is there, or the client needs more time: longer lives, larger text.
    """

    verification_id: str
    until: datetime
    without_network: bool = False
    assisted: bool = False


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a request that nobody has answered goes on as.

    Attributes:
        ref: the unguessable part of the wallet's addresses; another one, unless a wallet has
            read the request already.
        secrets: sealed anew, with the request signed again.
        expires_at: until when it can be answered.
    """

    ref: str
    secrets: bytes = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A calling system's or a desk's key: one role, an end, perhaps revoked."""

    id: str
    role: str
    label: str
    mac: bytes = field(repr=False)
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
