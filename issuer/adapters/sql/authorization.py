"""Authorizations, through one connection: every step is one conditional write."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update

from credential_schemas.model import Label
from issuer.adapters.sql.authorization_tables import authorizations
from issuer.adapters.sql.rows import one
from issuer.model import SealedClaims, sources_of
from issuer.ports.authorization import AUTHORIZATION_NEXT, Authorization, AuthorizationState

_A = authorizations.c


class SqlAuthorizations:
    """What is kept of authorizations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, authorization: Authorization) -> None:
        """Keep what a wallet pushed."""
        names = authorization.provider_names
        self._connection.execute(
            insert(authorizations).values(
                id=authorization.id,
                organisation=authorization.organisation,
                type_id=authorization.type_id,
                schema_version=authorization.schema_version,
                state=authorization.state,
                by_identifier=authorization.by_identifier,
                client_id=authorization.client_id,
                wallet_name=authorization.wallet_name,
                provider_fi=names["fi"],
                provider_sv=names["sv"],
                provider_en=names["en"],
                instance_thumbprint=authorization.instance_thumbprint,
                dpop_jkt=authorization.dpop_jkt,
                redirect_uri=authorization.redirect_uri,
                code_challenge=authorization.code_challenge,
                wallet_state=authorization.wallet_state,
                request_mac=authorization.request_mac,
                created_at=authorization.created_at,
                expires_at=authorization.expires_at,
            )
        )

    def get(self, organisation: str, authorization_id: str) -> Authorization | None:
        """Return an authorization of that organisation."""
        return self._one(_A.id == authorization_id, _A.organisation == organisation)

    def by_request(self, organisation: str, request_mac: bytes) -> Authorization | None:
        """Return what was pushed under a request URI."""
        return self._one(_A.request_mac == request_mac, _A.organisation == organisation)

    def by_session(self, session_mac: bytes) -> Authorization | None:
        """Return what a browser is in the middle of."""
        return self._one(_A.session_mac == session_mac)

    def begin(
        self, authorization_id: str, *, session_mac: bytes, now: datetime, until: datetime
    ) -> bool:
        """Tie it to the browser that opened its link: the first one."""
        return self._move(
            authorization_id,
            AuthorizationState.SIGNING_IN,
            now,
            session_mac=session_mac,
            expires_at=until,
        )

    def signed_in(
        self, authorization_id: str, *, session_mac: bytes, person: SealedClaims, now: datetime
    ) -> bool:
        """Keep who signed in; from now on the browser shows another cookie."""
        return self._move(
            authorization_id,
            AuthorizationState.ASKED,
            now,
            session_mac=session_mac,
            person_wrapped_key=person.wrapped_key,
            person_ciphertext=person.ciphertext,
        )

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
        return self._move(
            authorization_id,
            AuthorizationState.CODE_GIVEN,
            now,
            offer_id=offer_id,
            subject_mac=subject_mac,
            expires_at=until,
        )

    def redeem(
        self, authorization_id: str, *, dpop_jkt: str, now: datetime, until: datetime
    ) -> bool:
        """Note that the wallet has tokens, bound to that key, and forget the browser."""
        return self._move(
            authorization_id,
            AuthorizationState.REDEEMED,
            now,
            dpop_jkt=dpop_jkt,
            session_mac=None,
            wallet_state=None,
            expires_at=until,
        )

    def renew(
        self, authorization_id: str, *, offer_id: str, instead_of: str, now: datetime
    ) -> bool:
        """Put a newer offer of a redeemed one in place of that one, if that is the newest."""
        renewed = self._connection.execute(
            update(authorizations)
            .where(
                _A.id == authorization_id,
                _A.state == AuthorizationState.REDEEMED,
                _A.expires_at > now,
                _A.offer_id == instead_of,
            )
            .values(offer_id=offer_id)
        )
        return renewed.rowcount == 1

    def end(self, authorization_id: str) -> bool:
        """Let nothing more come of it, and forget who signed in."""
        return self._end(_A.id == authorization_id) == 1

    def end_of_subject(self, organisation: str, subject_mac: bytes, types: Collection[str]) -> None:
        """End every authorization of a client for these types."""
        self._end(
            _A.organisation == organisation,
            _A.subject_mac == subject_mac,
            _A.type_id.in_(sorted(types)),
        )

    def end_of_organisation(self, organisation: str) -> None:
        """End every authorization of an organisation."""
        self._end(_A.organisation == organisation)

    def forget(self, now: datetime) -> int:
        """Drop what is past its time; returns how many."""
        return self._connection.execute(delete(authorizations).where(_A.expires_at <= now)).rowcount

    def _move(
        self, authorization_id: str, target: AuthorizationState, now: datetime, **changes: object
    ) -> bool:
        """Pass into `target` if the table of transitions allows, and it is not too late."""
        moved = self._connection.execute(
            update(authorizations)
            .where(
                _A.id == authorization_id,
                _A.state.in_(sources_of(target, AUTHORIZATION_NEXT)),
                _A.expires_at > now,
            )
            .values(state=target, **changes)
        )
        return moved.rowcount == 1

    def _end(self, *conditions: ColumnElement[bool]) -> int:
        sources = sources_of(AuthorizationState.OVER, AUTHORIZATION_NEXT)
        ended = (
            update(authorizations)
            .where(_A.state.in_(sources), *conditions)
            .values(
                state=AuthorizationState.OVER,
                session_mac=None,
                person_wrapped_key=None,
                person_ciphertext=None,
            )
        )
        return self._connection.execute(ended).rowcount

    def _one(self, *conditions: ColumnElement[bool]) -> Authorization | None:
        row = one(self._connection, select(authorizations).where(*conditions))
        return None if row is None else _authorization(row)


def _authorization(row: RowMapping) -> Authorization:
    sealed = row["person_wrapped_key"], row["person_ciphertext"]
    return Authorization(
        id=row["id"],
        organisation=row["organisation"],
        type_id=row["type_id"],
        schema_version=row["schema_version"],
        state=AuthorizationState(row["state"]),
        by_identifier=row["by_identifier"],
        client_id=row["client_id"],
        wallet_name=row["wallet_name"],
        provider_names=Label(row["provider_fi"], row["provider_sv"], row["provider_en"]),
        instance_thumbprint=row["instance_thumbprint"],
        dpop_jkt=row["dpop_jkt"],
        redirect_uri=row["redirect_uri"],
        code_challenge=row["code_challenge"],
        wallet_state=row["wallet_state"],
        request_mac=row["request_mac"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        session_mac=row["session_mac"],
        person=None if None in sealed else SealedClaims(*sealed),
        offer_id=row["offer_id"],
        subject_mac=row["subject_mac"],
    )
