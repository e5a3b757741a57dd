"""Register a public key of an issuing system."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from credential_schemas.model import Catalogue
from issuer.model import AuditEntry, ClientKey
from issuer.ports import Clock, Random, Records, Store
from issuer.usecases.clients.scopes import Act, scopes_of
from issuer.usecases.failures import (
    ClientKeyTaken,
    OrganisationClosed,
    OrganisationUnknown,
    TooManyClientKeys,
    TypeNotIssuedHere,
    TypeUnknown,
)
from keys.jose import key_from_jwk, public_jwk, thumbprint

LIVE_AT_A_TIME = 2


@dataclass(frozen=True, slots=True)
class ClientWish:
    """What an operator registers.

    Attributes:
        client: the system's name, its `client_id`.
        jwk: its public key as it handed it over; a private one is refused.
        types: the credential types it is for.
        acts: what it may do with them.
    """

    organisation: str
    client: str
    jwk: Mapping[str, object]
    types: Collection[str]
    acts: Collection[Act]
    lifetime: timedelta


class AddClient:
    """Registers keys; two may be live for a client, so that one can follow the other."""

    def __init__(self, *, store: Store, clock: Clock, random: Random, catalogue: Catalogue) -> None:
        self._store = store
        self._clock = clock
        self._random = random
        self._catalogue = catalogue

    async def __call__(self, wish: ClientWish) -> ClientKey:
        """Return the registered key.

        Raises:
            MalformedKey: not a public P-256 key, or a private one.
            OrganisationUnknown, OrganisationClosed: not this organisation.
            TypeUnknown, TypeNotIssuedHere: not these types there.
            TooManyClientKeys: the client has two live keys.
            ClientKeyTaken: the key is, or was, registered already.
        """
        now = self._clock.now()
        key = ClientKey(
            id=self._random.bytes(16).hex(),
            organisation=wish.organisation,
            client=wish.client,
            jwk=public_jwk(key_from_jwk(wish.jwk)),
            thumbprint=thumbprint(wish.jwk),
            scopes=self._scopes(wish),
            created_at=now,
            expires_at=now + wish.lifetime,
            revoked_at=None,
        )

        def add(records: Records) -> None:
            if records.closings.get(key.organisation) is not None:
                raise OrganisationClosed("closed")
            others = records.clients.of_client(key.organisation, key.client)
            if sum(other.is_live(now) for other in others) >= LIVE_AT_A_TIME:
                raise TooManyClientKeys("revoke one first")
            if not records.clients.add(key):
                raise ClientKeyTaken("draw a new one")
            records.audit.add(
                AuditEntry(
                    at=now,
                    organisation=key.organisation,
                    actor="operator",
                    action="add_client_key",
                    object_id=key.id,
                )
            )

        await self._store.write(add)
        return key

    def _scopes(self, wish: ClientWish) -> frozenset[str]:
        """Return what is wished for; a type that it only takes in, it cannot offer."""
        known = self._catalogue.organisations.get(wish.organisation)
        if known is None:
            raise OrganisationUnknown("no such organisation")
        for type_id in wish.types:
            if type_id not in self._catalogue.types:
                raise TypeUnknown("no such type")
            takes_in = self._catalogue.may_take_in(wish.organisation, type_id)
            if type_id not in known.types and not (takes_in and Act.STATUS in wish.acts):
                raise TypeNotIssuedHere("the organisation neither issues nor takes in this type")
        issued = scopes_of(known.types.intersection(wish.types), wish.acts)
        return issued | scopes_of(wish.types, {Act.STATUS}.intersection(wish.acts))
