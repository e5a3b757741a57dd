"""People who work at the desk, what is known of their sign-in, and the log of what they saw."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class StaffPerson:
    """One person of the staff.

    Attributes:
        id: random; the owner of what the person starts, and who the access log names.
        sign_in_name: what the person types; None when the identity provider signs them in.
        subject: the identity provider's issuer and subject; None for a local account.
        display_name: what the page's head shows.
        roles: what the person may act as, as long as the organisation may.
        password_hash: of a local account, in the PHC form; None without one.
        disabled_at: since when the person gets in no more.
    """

    id: str
    display_name: str
    roles: frozenset[str]
    created_at: datetime
    sign_in_name: str | None = None
    subject: str | None = field(default=None, repr=False)
    password_hash: str | None = field(default=None, repr=False)
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProviderPerson:
    """Who the identity provider says is there.

    Attributes:
        subject: issuer and subject, which never change for a person (OpenID Connect Core 2).
        display_name: the person's name.
        role_values: what the provider calls the person's roles.
        id_token: needed again to sign out there.
    """

    subject: str = field(repr=False)
    display_name: str = field(repr=False)
    role_values: frozenset[str]
    id_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pending:
    """What ties an answer of the identity provider to the browser that asked.

    Attributes:
        state: comes back beside the code.
        nonce: comes back inside the signed token.
        code_verifier: the secret of the code challenge (RFC 7636).
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What the browser brought back from the identity provider, as it stands in the address."""

    state: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    issuer: str = ""
    error: str = ""


class Shown(StrEnum):
    """In which way somebody's data were seen."""

    PERSON = "person"  # name and birthdate, for comparing the person
    VALUES = "values"  # the values that were asked for
    COPY = "copy"  # taken along for the case system
    PRINT = "print"  # the printable summary


@dataclass(frozen=True, slots=True)
class Access:
    """Who saw whose data when. It holds no value.

    Attributes:
        id: the same for the same look, so that reloading adds nothing.
        viewer: id of the person, or of the calling system's key.
        verification: random id of the verification.
        whose: keyed hash of name and birthdate; None when neither was shown.
    """

    id: bytes = field(repr=False)
    at: datetime
    viewer: str
    role: str
    profile: str
    verification: str
    shown: Shown
    whose: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DeskSession:
    """One signed-in person at one browser.

    Attributes:
        id: keyed hash of the cookie.
        owner: id of the person.
        role: what the person acts as now; "" until they have chosen.
        active_until: when the screen locks unless something is done before.
        expires_at: when the session ends whatever is done.
        sealed: what the desk has at hand, under a key from the cookie.
        id_token: needed to sign out at the identity provider, sealed alike.
    """

    id: bytes = field(repr=False)
    owner: str
    role: str
    active_until: datetime
    expires_at: datetime
    sealed: bytes | None = field(default=None, repr=False)
    id_token: bytes | None = field(default=None, repr=False)
