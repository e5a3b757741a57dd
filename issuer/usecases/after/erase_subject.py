"""A client asks that what is kept of them goes."""

from dataclasses import dataclass
from datetime import datetime

from issuer.model import (
    AuditEntry,
    Caller,
    Credential,
    Delivery,
    Offer,
    OfferState,
    Standing,
)
from issuer.ports import Clock, LetterState, Random, Records, Store, Vault
from issuer.ports.after import Erasure, Severed
from issuer.usecases.change_status import FourEyes
from issuer.usecases.ending import end_offer
from issuer.usecases.standing import set_standing

_MAC_BYTES = 32
_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class ErasureWish:
    """Whose data goes.

    Attributes:
        subject_ref: the issuing system's own name for the client.
        revoke_cards: whether the cards in the wallet are to stop counting, too; those whose
            revocation needs four eyes stay as they are.
    """

    subject_ref: str
    revoke_cards: bool = False


@dataclass(frozen=True, slots=True)
class Erased:
    """What went and what stayed.

    Attributes:
        id: what the audit record calls this erasure; it leads to nobody.
        offers: how many offers went, with their claims, links, codes and access tokens.
        letters: how many letters went.
        credentials: how many records of cards went.
        revoked: how many of these were revoked just now.
        severed: ids of valid cards whose record stays, tied to nothing and nobody.
        status_entries: how many entries of status lists stay taken.
        out_of_scope: how many records were left to a caller for other types.
    """

    id: str
    offers: int
    letters: int
    credentials: int
    revoked: int
    severed: tuple[str, ...]
    status_entries: int
    out_of_scope: int


class EraseSubject:
    """Erases what is kept of a client, in one transaction; nothing is left to do a second time.

    A valid card stays in the wallet. Its record stays, too, so that the organisation can still
    suspend or revoke it by its id, but shares nothing with any other row. Entries of status lists
    stay taken for good, or somebody else's card would get this one's status. The audit record
    keeps what was done, by ids that lead nowhere any more.
    """

    def __init__(
        self, *, store: Store, vault: Vault, clock: Clock, random: Random, four_eyes: FourEyes
    ) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._random = random
        self._four_eyes = four_eyes

    async def __call__(self, caller: Caller, wish: ErasureWish) -> Erased:
        """Erase what is kept of a client, of the types that the caller is for."""
        mac = self._vault.mac("subject", caller.organisation, wish.subject_ref)
        erasure_id = self._random.bytes(_ID_BYTES).hex()
        now = self._clock.now()

        def erase(records: Records) -> Erased:
            work = _Erasing(records, caller, self._random, self._four_eyes, mac, now)
            erased = work(erasure_id, revoke_cards=wish.revoke_cards)
            records.audit.add(
                AuditEntry(
                    at=now,
                    organisation=caller.organisation,
                    actor=caller.key_id,
                    action="erase_subject",
                    object_id=erasure_id,
                )
            )
            return erased

        erased = await self._store.write(erase)
        await self._store.wipe_traces()
        return erased


@dataclass(frozen=True, slots=True)
class _Erasing:
    """One transaction's work."""

    records: Records
    caller: Caller
    random: Random
    four_eyes: FourEyes
    mac: bytes
    now: datetime

    def __call__(self, erasure_id: str, *, revoke_cards: bool) -> Erased:
        who = (self.caller.organisation, self.mac)
        types = self.caller.types & self.caller.status_types
        # 1. Nothing more comes of what is open; a wallet that is in the middle of it is refused.
        #    Letters and authorizations come first: who makes an offer of one now is found then.
        letters = self.records.letters.of_subject(*who)
        for letter in letters:
            if letter.type_id in types:
                self.records.letters.move(letter.id, LetterState.WITHDRAWN)
        self.records.authorizations.end_of_subject(*who, types)
        offers = self.records.subjects.offers_of(*who)
        for offer in offers:
            if offer.type_id in types:
                end_offer(self.records, offer.id, OfferState.WITHDRAWN, at=self.now)
        # 2. Valid cards are revoked, or cut loose.
        credentials = self.records.subjects.credentials_of(*who)
        ours = [one for one in credentials if one.type_id in types]
        valid = [one for one in ours if self._is_valid(one)]
        in_wallets = [one for one in valid if self._stays(one, revoke_cards)]
        revoked = [
            one.id
            for one in valid
            if one not in in_wallets
            and set_standing(self.records, one, Standing.REVOKED, at=self.now)
        ]
        made_of = {offer.id: offer for offer in offers}
        severed = [self._severed(one, made_of[one.offer_id]) for one in in_wallets]
        # 3. All the rest goes.
        gone = self.records.subjects.erase(
            Erasure(
                organisation=self.caller.organisation,
                subject_mac=self.mac,
                types=types,
                severed=severed,
            )
        )
        of_types = [
            *(letter.type_id for letter in letters),
            *(offer.type_id for offer in offers),
            *(credential.type_id for credential in credentials),
        ]
        return Erased(
            id=erasure_id,
            offers=gone.get("offers", 0),
            letters=gone.get("letters", 0),
            credentials=gone.get("credentials", 0),
            revoked=len(revoked),
            severed=tuple(one.id for one in in_wallets),
            status_entries=len(ours),
            out_of_scope=sum(one not in types for one in of_types),
        )

    def _stays(self, credential: Credential, revoke_cards: bool) -> bool:
        """Whether a valid card stays so; where four eyes are needed, this call is but two."""
        if credential.delivery is Delivery.RECORDED:
            return False
        return not revoke_cards or self.four_eyes.are_needed(credential)

    def _is_valid(self, credential: Credential) -> bool:
        return credential.standing is not Standing.REVOKED and credential.expires_at > self.now

    def _severed(self, credential: Credential, offer: Offer) -> Severed:
        """Return what stands in a card's record from now on: drawn, or rounded to the day."""
        day = credential.recorded_at.replace(hour=0, minute=0, second=0, microsecond=0)
        stub = Offer(
            id=self.random.bytes(_ID_BYTES).hex(),
            organisation=offer.organisation,
            type_id=offer.type_id,
            schema_version=offer.schema_version,
            state=OfferState.COMPLETED,
            channel=offer.channel,
            has_pin=False,
            attempts=0,
            subject_mac=self.random.bytes(_MAC_BYTES),
            reference_mac=self.random.bytes(_MAC_BYTES),
            code_mac=self.random.bytes(_MAC_BYTES),
            created_at=day,
            expires_at=day,
        )
        return Severed(
            credential_id=credential.id,
            subject_mac=stub.subject_mac,
            notification_mac=self.random.bytes(_MAC_BYTES),
            stub=stub,
            recorded_at=day,
        )
