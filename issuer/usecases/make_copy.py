"""Make a signed copy of an offered credential: reserve, record, sign, hand out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import Catalogue, CredentialType
from credential_schemas.policy import validity
from credential_schemas.problems import ClaimsRejected
from issuer.model import (
    UNDELIVERED,
    Channel,
    Credential,
    Delivery,
    Grant,
    Offer,
    Standing,
    StatusPlace,
)
from issuer.ports import Clock, Random, Records, Signers, Store, Vault
from issuer.usecases.addresses import Addresses
from issuer.usecases.describe_type import DescribeType
from issuer.usecases.ending import revoke_copies
from issuer.usecases.open_status_list import open_status_list
from issuer.usecases.secrets_of_offer import binding_of
from keys import strict_json
from openid4vc.openid4vci.errors import CredentialRequestDenied, InvalidToken
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.vc import VcContent, issue_vc

_TRIES_PER_LIST = 16


@dataclass(frozen=True, slots=True)
class IssuedCredential:
    """The signed copies of a credential and the id by which the wallet reports on all of them."""

    credentials: tuple[str, ...]
    notification_id: str


@dataclass(frozen=True, slots=True)
class IssuingTools:
    """What issuing needs beside the records."""

    vault: Vault
    signers: Signers
    clock: Clock
    random: Random
    catalogue: Catalogue
    describe_type: DescribeType
    addresses: Addresses
    nonce_secret: bytes
    status_list_size: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a wallet may have, and what its asking uses up.

    Attributes:
        holder_jwks: the keys that a copy each is bound to, at least one.
        use_up: takes what counts once (a nonce, a transaction id) inside the transaction, and
            raises when it was taken before.
    """

    grant: Grant
    holder_jwks: Sequence[Mapping[str, str]]
    use_up: Callable[[Records], None] = field(repr=False)


class MakeCopy:
    """Signs copies; the record of the intent comes first, so that no signature goes unnoticed.

    The copies of a batch are one card: they say the same, and are revoked and taken in together.
    Each has a key, salts and a status entry of its own.
    """

    def __init__(self, *, store: Store, tools: IssuingTools) -> None:
        self._store = store
        self._tools = tools

    def type_of(self, grant: Grant) -> CredentialType:
        """Return the type that was granted.

        Raises:
            CredentialRequestDenied: it has changed since.
        """
        credential_type = self._tools.catalogue.types[grant.type_id]
        if credential_type.version != grant.schema_version:
            raise CredentialRequestDenied("the type has changed since the offer was made")
        return credential_type

    async def claims_of(self, grant: Grant) -> Mapping[str, object] | None:
        """Return the unsealed claims; None when there are none."""
        sealed = await self._store.read(
            lambda records: records.offers.sealed_claims(grant.offer_id)
        )
        if sealed is None:
            return None
        binding = binding_of(
            grant.organisation, grant.offer_id, grant.type_id, grant.schema_version
        )
        return strict_json.loads_object(self._tools.vault.unseal(sealed, binding=binding))

    async def __call__(self, asked: Asked, claims: Mapping[str, object]) -> IssuedCredential:
        """Return fresh signed copies; those before, if nobody has confirmed them, are revoked.

        Raises:
            InvalidToken: the grant ended in the meantime.
            CredentialRequestDenied: the type has changed, the validity is over, the organisation
                has closed, or another request of the same wallet was answered in the meantime.
            CheckFailed: what `asked.use_up` raises.
        """
        grant, tools = asked.grant, self._tools
        now = tools.clock.now()
        credential_type = self.type_of(grant)
        # 1. Status entries are reserved and the intent recorded, before anything is signed.
        notification_id = tools.random.token()
        draft = _Draft(
            id=tools.random.bytes(16).hex(),
            notification_mac=tools.vault.mac("notification", notification_id),
            at=now,
            expires_at=_end_of(credential_type, claims, at=now),
        )
        recorded, places = await self._store.write(
            lambda records: self._record(records, asked, draft)
        )
        # 2. They are signed.
        signed = tuple(
            self._sign(credential_type, recorded, claims, _Place(jwk, place))
            for jwk, place in zip(asked.holder_jwks, places, strict=True)
        )
        # 3. It is issued, unless a later request has replaced it.
        if not await self._store.write(
            lambda records: records.credentials.deliver(recorded.id, Delivery.ISSUED)
        ):
            raise CredentialRequestDenied("a later request was answered instead")
        return IssuedCredential(credentials=signed, notification_id=notification_id)

    def _record(
        self, records: Records, asked: Asked, draft: "_Draft"
    ) -> tuple[Credential, Sequence[StatusPlace]]:
        """Take what counts once, revoke earlier copies, reserve entries and record the intent."""
        grant = asked.grant
        if not records.grants.hold(grant.token_mac, now=draft.at):
            raise InvalidToken("ended in the meantime")
        if records.closings.get(grant.organisation) is not None:
            # An offer that was being made while it closed; nobody could revoke the card.
            raise CredentialRequestDenied("the organisation has closed")
        asked.use_up(records)
        offer = records.offers.get(grant.organisation, grant.offer_id)
        if offer is None:
            raise InvalidToken("its offer is gone")
        if offer.channel is Channel.WALLET and not _may_replace(records, offer):
            raise CredentialRequestDenied("the card that it renews was taken away")
        if _was_taken_away(records, offer):
            raise CredentialRequestDenied("a copy was revoked or suspended on its way")
        revoke_copies(records, grant.offer_id, in_delivery=UNDELIVERED, at=draft.at)
        places = [self._reserve_place(records, grant.organisation) for _ in asked.holder_jwks]
        credential = Credential(
            id=draft.id,
            organisation=grant.organisation,
            type_id=grant.type_id,
            offer_id=grant.offer_id,
            subject_mac=offer.subject_mac,
            notification_mac=draft.notification_mac,
            delivery=Delivery.RECORDED,
            standing=Standing.VALID,
            place=places[0],
            recorded_at=draft.at,
            expires_at=draft.expires_at,
        )
        records.credentials.add(credential, more=places[1:])
        return credential, places

    def _reserve_place(self, records: Records, organisation: str) -> StatusPlace:
        """Reserve a random entry of the newest list; a list that is well filled is followed by one.

        Sixteen misses in a row are what a list about half full gives once in 65,536 times.
        """
        newest = records.status_lists.newest(organisation)
        number = 1 if newest is None else newest.number
        size = self._tools.status_list_size if newest is None else newest.size
        while True:
            open_status_list(records, organisation, number, size=size, random=self._tools.random)
            for _ in range(_TRIES_PER_LIST):
                place = StatusPlace(organisation, number, self._tools.random.below(size))
                if records.status_lists.reserve(place):
                    return place
            number, size = number + 1, self._tools.status_list_size

    def _sign(
        self,
        credential_type: CredentialType,
        recorded: Credential,
        claims: Mapping[str, object],
        copy: "_Place",
    ) -> str:
        place = copy.status
        described = self._tools.describe_type(credential_type.vct)
        content = VcContent(
            vct=credential_type.vct,
            issuer=self._tools.addresses.issuer(recorded.organisation),
            claims=claims,
            always=credential_type.always_disclosed(),
            issued_on=recorded.recorded_at.date(),
            expires_at=recorded.expires_at,
            holder_jwk=copy.holder_jwk,
            status=StatusReference(
                uri=self._tools.addresses.status_list(place.organisation, place.number),
                index=place.index,
            ),
            vct_integrity=None if described is None else described.integrity,
        )
        return issue_vc(
            content,
            signer=self._tools.signers.signer(recorded.organisation, "credential"),
            random_bytes=self._tools.random.bytes,
        )


def _may_replace(records: Records, offer: Offer) -> bool:
    """Whether the card that a wallet renews, if it renews one, still counts."""
    older = records.expiries.followed_by(offer.id)
    card = None if older is None else records.credentials.get(offer.organisation, older)
    return card is None or card.standing is Standing.VALID


def _was_taken_away(records: Records, offer: Offer) -> bool:
    """Whether the organisation revoked or suspended a copy that nobody has confirmed yet."""
    return any(
        copy.delivery in UNDELIVERED and copy.standing is not Standing.VALID
        for copy in records.credentials.of_offer(offer.id)
    )


def _end_of(
    credential_type: CredentialType, claims: Mapping[str, object], *, at: datetime
) -> datetime:
    try:
        return validity(
            credential_type, claims, issued_on=at.astimezone(HELSINKI).date()
        ).expires_at
    except ClaimsRejected:
        raise CredentialRequestDenied("its validity ended while it was on offer") from None


@dataclass(frozen=True, slots=True)
class _Place:
    """What tells one copy from another: whose key, and which status entry."""

    holder_jwk: Mapping[str, str]
    status: StatusPlace


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is drawn for one copy before it is recorded."""

    id: str
    notification_mac: bytes
    at: datetime
    expires_at: datetime
