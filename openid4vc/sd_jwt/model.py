"""What an SD-JWT is before it was verified, and what it is after."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from keys.jose import UnreadJws
from keys.trust import TrustedIssuer

Path = tuple[str | int, ...]
"""A concrete place in the claims: member names and, in arrays, positions from 0."""

WantedPath = tuple[str | int | None, ...]
"""A claims path as in DCQL: None stands for every element of an array."""


class Disclosure(Struct, frozen=True):
    """One disclosure as it travelled. `name` is None for an array element.

    `text` is the base64url text, `digest` the base64url hash over it.
    """

    text: str
    digest: str
    salt: str
    name: str | None
    value: object


class UnverifiedKeyBinding(Struct, frozen=True):
    """A key binding JWT taken apart; nothing in it has been checked.

    `claims` is its payload, and `sd_hash` what stands before it, hashed: what the payload has to
    name by that name.
    """

    jws: UnreadJws
    claims: Mapping[str, object]
    sd_hash: str


class UnverifiedSdJwt(Struct, frozen=True):
    """An SD-JWT taken apart; nothing in it has been checked.

    `claims` is the raw payload with its digests, `hash_name` its `_sd_alg`,
    `without_key_binding` the text up to and including the last tilde.
    """

    jws: UnreadJws
    claims: Mapping[str, object]
    hash_name: str
    disclosures: tuple[Disclosure, ...]
    key_binding: UnverifiedKeyBinding | None
    without_key_binding: str


class DisclosedClaims(Struct, frozen=True):
    """The processed payload, and which of its places are there by choice or in part.

    `claims` has no digests left. `disclosed` are the places that came out of a disclosure;
    `partial_arrays` and `partial_objects` those that hold digests without one (a decoy counts).
    """

    claims: Mapping[str, object]
    disclosed: frozenset[Path]
    partial_arrays: frozenset[Path]
    partial_objects: frozenset[Path]


class StatusReference(Struct, frozen=True):
    """Which entry (`index`, from 0) of which status list (`uri`) speaks about a credential."""

    uri: str
    index: int


class VerifiedSdJwt(Struct, frozen=True):
    """A credential after every check that its receiver asked for.

    `issuer` is None when the issuer's key was pinned. `checks` lists the steps passed, in order;
    `unchecked` the registered claims that are present and that nothing here looks at.
    """

    vct: str
    issuer: TrustedIssuer | None
    claims: Mapping[str, object]
    disclosed: frozenset[Path]
    partial_arrays: frozenset[Path]
    partial_objects: frozenset[Path]
    status: StatusReference | None
    expires_at: datetime | None
    holder_jwk: Mapping[str, object] | None
    checks: tuple[str, ...]
    unchecked: frozenset[str]
