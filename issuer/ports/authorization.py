"""Authorizations: a wallet asks, a person signs in and agrees, the wallet gets a code."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from credential_schemas.model import Label
from issuer.model import SealedClaims


class AuthorizationState(StrEnum):
    """How far an authorization got."""

    PUSHED = "pushed"  # the wallet has asked; nobody has opened its link
    SIGNING_IN = "signing_in"  # one browser has opened the link
    ASKED = "asked"  # the person has signed in there and sees what they are asked
    CODE_GIVEN = "code_given"  # they agreed: an offer was made, its code goes to the wallet
    REDEEMED = "redeemed"  # the wallet has tokens, and may come back with them
    OVER = "over"  # declined, failed, stolen, or for nothing


AUTHORIZATION_NEXT: Mapping[AuthorizationState, frozenset[AuthorizationState]] = {
    AuthorizationState.PUSHED: frozenset({AuthorizationState.SIGNING_IN, AuthorizationState.OVER}),
    AuthorizationState.SIGNING_IN: frozenset({AuthorizationState.ASKED, AuthorizationState.OVER}),
    AuthorizationState.ASKED: frozenset({AuthorizationState.CODE_GIVEN, AuthorizationState.OVER}),
    AuthorizationState.CODE_GIVEN: frozenset(
        {AuthorizationState.REDEEMED, AuthorizationState.OVER}
    ),
    AuthorizationState.REDEEMED: frozenset({AuthorizationState.OVER}),
    AuthorizationState.OVER: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Authorization:
    """One card asked for by one wallet. Holds no code, token, cookie or name of a person.

    Attributes:
        id: the first offer made of it has the same.
        by_identifier: the wallet asked with authorization details.
        client_id: the wallet product; the same for all its instances.
        wallet_name: what its provider calls it, if it says.
        provider_names: who provides the wallet, in three languages.
        instance_thumbprint: stands for the key of this very wallet.
        dpop_jkt: stands for the key that the tokens shall be bound to; None while that is open.
        redirect_uri: where the wallet gets its answer; the only place that anybody is sent to.
        code_challenge: of the wallet's code verifier (S256).
        wallet_state: goes back to the wallet as it came; None if it sent none.
        session_mac: stands for the cookie of the one browser; None before one came.
        person: who signed in, sealed; None before that, and once nothing more is asked for.
        offer_id: what was made of it: the newest, if the card was renewed.
        subject_mac: stands for the client, as in offers.
        expires_at: after this nothing comes of it any more, however far it got.
    """

    id: str
    organisation: str
    type_id: str
    schema_version: int
    state: AuthorizationState
    by_identifier: bool
    client_id: str
    wallet_name: str | None
    provider_names: Label
    instance_thumbprint: str
    dpop_jkt: str | None
    redirect_uri: str
    code_challenge: str
    wallet_state: str | None
    request_mac: bytes
    created_at: datetime
    expires_at: datetime
    session_mac: bytes | None = None
    person: SealedClaims | None = field(default=None, repr=False)
    offer_id: str | None = None
    subject_mac: bytes | None = None


class Authorizations(Protocol):
    """What is kept of authorizations; every step is one conditional write.

    A step that is not allowed, or comes after the end, changes nothing and returns False.
    """

    def add(self, authorization: Authorization) -> None:
        """Keep what a wallet pushed."""

    def get(self, organisation: str, authorization_id: str) -> Authorization | None:
        """Return an authorization of that organisation."""

    def by_request(self, organisation: str, request_mac: bytes) -> Authorization | None:
        """Return what was pushed under a request URI."""

    def by_session(self, session_mac: bytes) -> Authorization | None:
        """Return what a browser is in the middle of."""

    def begin(
        self, authorization_id: str, *, session_mac: bytes, now: datetime, until: datetime
    ) -> bool:
        """Tie it to the browser that opened its link: the first one."""

    def signed_in(
        self, authorization_id: str, *, session_mac: bytes, person: SealedClaims, now: datetime
    ) -> bool:
        """Keep who signed in; from now on the browser shows another cookie."""

    def give_code(
        self,
        authorization_id: str,
        *,
        offer_id: str,
        subject_mac: bytes,
        now: datetime,
        until: datetime,
    ) -> bool:
        """Note what was made of it."""

    def redeem(
        self, authorization_id: str, *, dpop_jkt: str, now: datetime, until: datetime
    ) -> bool:
        """Note that the wallet has tokens, bound to that key, and forget the browser."""

    def renew(
        self, authorization_id: str, *, offer_id: str, instead_of: str, now: datetime
    ) -> bool:
        """Put a newer offer of a redeemed one in place of that one, if that is the newest."""

    def end(self, authorization_id: str) -> bool:
        """Let nothing more come of it, and forget who signed in."""

    def end_of_subject(self, organisation: str, subject_mac: bytes, types: Collection[str]) -> None:
        """End every authorization of a client for these types."""

    def end_of_organisation(self, organisation: str) -> None:
        """End every authorization of an organisation."""

    def forget(self, now: datetime) -> int:
        """Drop what is past its time; returns how many."""
