"""Sign a credential for the bearer of an access token."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import Catalogue, CredentialType
from credential_schemas.policy import validity
from credential_schemas.problems import ClaimsRejected
from issuer.model import (
    UNDELIVERED,
    Credential,
    Delivery,
    Grant,
    Standing,
    StatusPlace,
)
from issuer.ports import Clock, Random, Records, Signers, Store, Vault
from issuer.usecases.addresses import Addresses
from issuer.usecases.describe_type import DescribeType
from issuer.usecases.ending import revoke_copies
from issuer.usecases.find_grant import FindGrant
from issuer.usecases.open_status_list import open_status_list
from issuer.usecases.secrets_of_offer import binding_of
from keys import strict_json
from openid4vc.openid4vci.credential import CredentialRequest, read_credential_request
from openid4vc.openid4vci.errors import (
    CredentialRequestDenied,
    InvalidNonce,
    InvalidToken,
    UnknownCredentialConfiguration,
)
from openid4vc.openid4vci.nonce import check_nonce
from openid4vc.openid4vci.proof import ReadProof, read_proof
from openid4vc.sd_jwt.issue import salts_from
from openid4vc.sd_jwt.model import StatusReference
from openid4vc.sd_jwt.vc import VcContent, issue_vc

NONCE_LIFETIME = timedelta(minutes=5)
_NONCE_KEPT_FOR = 2 * NONCE_LIFETIME
_TRIES_PER_LIST = 16


@dataclass(frozen=True, slots=True)
class IssuedCredential:
    """The signed credential and the id by which the wallet reports on it."""

    credential: str
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


class IssueCredential:
    """Issues one credential for one grant.

    A wallet that lost the answer asks again with the same token, until it confirms or the token
    ends: each answer is a copy of its own, and revokes the copy before.
    """

    def __init__(self, *, store: Store, find_grant: FindGrant, tools: IssuingTools) -> None:
        self._store = store
        self._find_grant = find_grant
        self._tools = tools

    async def __call__(self, organisation: str, token: str, body: object) -> IssuedCredential:
        """Return a fresh signed copy.

        Args:
            organisation: whose credential endpoint was called.
            token: the bearer token.
            body: the parsed JSON of the request.

        Raises:
            InvalidToken: unknown, expired or another organisation's.
            CredentialRequestDenied: the wallet has confirmed already, or another request of the
                same wallet was answered in the meantime.
            InvalidCredentialRequest, UnknownCredentialConfiguration, InvalidProof, InvalidNonce:
                see OpenID4VCI 8.3.1.2.
        """
        now = self._tools.clock.now()
        # 1. The grant allows it.
        grant = await self._find_grant(organisation, token)
        if grant.ended_at is not None:
            raise CredentialRequestDenied("the grant has ended")
        request = read_credential_request(body)
        credential_type = self._type_of(grant, request)
        # 2. The key proof is valid and its nonce fresh.
        proof = self._proof_of(grant, request, now)
        # 3. The claims are unsealed.
        claims = await self._claims_of(grant)
        # 4. + 5. A status entry is reserved and the intent recorded, before anything is signed.
        notification_id = self._tools.random.token()
        draft = _Draft(
            id=self._tools.random.bytes(16).hex(),
            notification_mac=self._tools.vault.mac("notification", notification_id),
            nonce_mac=self._tools.vault.mac("proof-nonce", proof.nonce),
            at=now,
            expires_at=_end_of(credential_type, claims, at=now),
        )
        recorded = await self._store.write(lambda records: self._record(records, grant, draft))
        # 6. It is signed.
        signed = self._sign(credential_type, recorded, claims, proof)
        # 7. It is issued, unless a later request has replaced it.
        if not await self._store.write(
            lambda records: records.credentials.deliver(recorded.id, Delivery.ISSUED)
        ):
            raise CredentialRequestDenied("a later request was answered instead")
        return IssuedCredential(credential=signed, notification_id=notification_id)

    def _type_of(self, grant: Grant, request: CredentialRequest) -> CredentialType:
        if request.configuration_id != grant.type_id:
            raise UnknownCredentialConfiguration("not what was granted")
        credential_type = self._tools.catalogue.types[grant.type_id]
        if credential_type.version != grant.schema_version:
            raise CredentialRequestDenied("the type has changed since the offer was made")
        return credential_type

    def _proof_of(self, grant: Grant, request: CredentialRequest, at: datetime) -> ReadProof:
        (jwt,) = request.proofs
        issuer = self._tools.addresses.issuer(grant.organisation)
        proof = read_proof(jwt, issuer=issuer, at=at, client_id=grant.client_id)
        check_nonce(self._tools.nonce_secret, proof.nonce, at=at, max_age=NONCE_LIFETIME)
        return proof

    async def _claims_of(self, grant: Grant) -> Mapping[str, object]:
        sealed = await self._store.read(
            lambda records: records.offers.sealed_claims(grant.offer_id)
        )
        if sealed is None:
            raise CredentialRequestDenied("the claims are gone")
        binding = binding_of(
            grant.organisation, grant.offer_id, grant.type_id, grant.schema_version
        )
        return strict_json.loads_object(self._tools.vault.unseal(sealed, binding=binding))

    def _record(self, records: Records, grant: Grant, draft: "_Draft") -> Credential:
        """Take the nonce, revoke earlier copies, reserve an entry and record the intent."""
        if not records.grants.hold(grant.token_mac, now=draft.at):
            raise InvalidToken("ended in the meantime")
        keep_until = draft.at + _NONCE_KEPT_FOR
        if not records.one_time.consume("proof-nonce", draft.nonce_mac, keep_until=keep_until):
            raise InvalidNonce("used before")
        offer = records.offers.get(grant.organisation, grant.offer_id)
        if offer is None:
            raise InvalidToken("its offer is gone")
        revoke_copies(records, grant.offer_id, in_delivery=UNDELIVERED, at=draft.at)
        credential = Credential(
            id=draft.id,
            organisation=grant.organisation,
            type_id=grant.type_id,
            offer_id=grant.offer_id,
            subject_mac=offer.subject_mac,
            notification_mac=draft.notification_mac,
            delivery=Delivery.RECORDED,
            standing=Standing.VALID,
            place=self._reserve_place(records, grant.organisation),
            recorded_at=draft.at,
            expires_at=draft.expires_at,
        )
        records.credentials.add(credential)
        return credential

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
        proof: ReadProof,
    ) -> str:
        place = recorded.place
        described = self._tools.describe_type(credential_type.vct)
        content = VcContent(
            vct=credential_type.vct,
            issuer=self._tools.addresses.issuer(recorded.organisation),
            claims=claims,
            always=credential_type.always_disclosed(),
            issued_on=recorded.recorded_at.date(),
            expires_at=recorded.expires_at,
            holder_jwk=proof.jwk,
            status=StatusReference(
                uri=self._tools.addresses.status_list(place.organisation, place.number),
                index=place.index,
            ),
            vct_integrity=None if described is None else described.integrity,
        )
        return issue_vc(
            content,
            signer=self._tools.signers.signer(recorded.organisation, "credential"),
            salts=salts_from(self._tools.random.bytes),
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
class _Draft:
    """What is drawn for one copy before it is recorded."""

    id: str
    notification_mac: bytes
    nonce_mac: bytes
    at: datetime
    expires_at: datetime
