"""Take the claims of an offer that was made without them."""

from collections.abc import Mapping

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import Catalogue
from issuer.model import CLAIMS_KEPT_IN, AuditEntry, Caller, Offer
from issuer.ports import Clock, Records, Store, Vault
from issuer.usecases.deferred.waiting import COLLECT_WITHIN
from issuer.usecases.failures import ClaimsAlreadyGiven, OfferNotOpen, TypeHasChanged
from issuer.usecases.finding import offer_of
from issuer.usecases.offered_claims import check_offered, offered_type
from issuer.usecases.secrets_of_offer import binding_of
from keys import strict_json


class GiveClaims:
    """Seals claims that come later; the wallet that waits collects them."""

    def __init__(self, *, store: Store, vault: Vault, clock: Clock, catalogue: Catalogue) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._catalogue = catalogue

    async def __call__(self, caller: Caller, offer_id: str, claims: Mapping[str, object]) -> None:
        """Check and keep claims; the same claims once more change nothing.

        What does not fit is refused, and the offer goes on waiting.

        Raises:
            OfferNotFound, TypeNotInScope, TypeNotIssuedHere: not this offer.
            TypeHasChanged: its type has another version by now.
            ClaimsRejected: the claims do not fit the type; lists every problem, never a value.
            OfferNotOpen: it has ended; its detail is the state.
            ClaimsAlreadyGiven: other claims are there.
        """
        now = self._clock.now()
        # 1. The offer is the caller's, and its type is what it was.
        offer = await self._store.read(lambda records: offer_of(records, caller, offer_id))
        credential_type = offered_type(self._catalogue, caller, offer.type_id)
        if credential_type.version != offer.schema_version:
            raise TypeHasChanged("another version")
        # 2. The claims fit.
        check_offered(
            self._catalogue,
            claims,
            organisation=caller.organisation,
            type_id=offer.type_id,
            today=now.astimezone(HELSINKI).date(),
        )
        # 3. They are sealed under a data key of this offer, once, while it lives.
        plain = strict_json.dumps(dict(claims))
        sealed = self._vault.seal(plain, binding=_binding(offer))

        def give(records: Records) -> None:
            state = offer_of(records, caller, offer_id).state_at(now)
            if state not in CLAIMS_KEPT_IN or not records.offers.hold(offer_id):
                raise OfferNotOpen(state)
            if not records.offers.give_claims(offer_id, sealed):
                self._check_same(records, offer, claims)
                return
            records.deferrals.shorten(offer_id, now + COLLECT_WITHIN)
            records.audit.add(
                AuditEntry(
                    at=now,
                    organisation=caller.organisation,
                    actor=caller.key_id,
                    action="give_claims",
                    object_id=offer_id,
                )
            )

        await self._store.write(give)

    def _check_same(self, records: Records, offer: Offer, claims: Mapping[str, object]) -> None:
        kept = records.offers.sealed_claims(offer.id)
        if kept is None:
            raise OfferNotOpen(offer.state)
        before = strict_json.loads_object(self._vault.unseal(kept, binding=_binding(offer)))
        if before != dict(claims):
            raise ClaimsAlreadyGiven("other claims are there")


def _binding(offer: Offer) -> bytes:
    return binding_of(offer.organisation, offer.id, offer.type_id, offer.schema_version)
