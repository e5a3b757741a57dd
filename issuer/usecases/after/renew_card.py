"""Offer a client a new card in the place of one that they have."""

from dataclasses import dataclass, replace

from issuer.model import Caller, Credential, Standing
from issuer.ports import Records, Store, Vault
from issuer.usecases.create_offer import CreatedOffer, CreateOffer, OfferWish
from issuer.usecases.failures import CredentialNotFound, RevocationIsFinal
from issuer.usecases.finding import credential_of


@dataclass(frozen=True, slots=True)
class Renewal:
    """Which card gets a successor, and what that is to say; the wish's type follows the card's."""

    credential_id: str
    wish: OfferWish


class RenewCard:
    """Makes an offer that follows a card: it stays valid until the wallet has the new one."""

    def __init__(self, *, store: Store, vault: Vault, create_offer: CreateOffer) -> None:
        self._store = store
        self._vault = vault
        self._create_offer = create_offer

    async def __call__(
        self, caller: Caller, renewal: Renewal, *, idempotency_key: str | None = None
    ) -> CreatedOffer:
        """Offer the successor.

        Raises:
            CredentialNotFound: the organisation has no such card, or it is another client's.
            TypeNotInScope: the caller is not for its type.
            RevocationIsFinal: the card is revoked; a new offer takes nobody's place then.
            ClaimsRejected, PinRequired, IdempotencyKeyReused: as `CreateOffer`.
        """
        wish = renewal.wish
        mac = self._vault.mac("subject", caller.organisation, wish.subject_ref)

        def find(records: Records) -> Credential:
            found = credential_of(records, caller, renewal.credential_id)
            if found.subject_mac != mac:
                raise CredentialNotFound("another client's")
            if found.standing is Standing.REVOKED:
                raise RevocationIsFinal("revoked before")
            return found

        card = await self._store.read(find)
        key = None if idempotency_key is None else f"renew {card.id} {idempotency_key}"
        created = await self._create_offer(
            caller, replace(wish, type_id=card.type_id), idempotency_key=key
        )
        # Nobody knows the offer's link yet, so no wallet is before this.
        await self._store.write(lambda records: self._follow(records, created.offer.id, card.id))
        return created

    @staticmethod
    def _follow(records: Records, offer_id: str, card_id: str) -> None:
        if records.expiries.followed_by(offer_id) is None:
            records.expiries.follow(offer_id, card_id)
