"""Offer the same claims once more: a new link, code and PIN; the earlier offer is withdrawn."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import Catalogue
from issuer.model import (
    CLAIMS_KEPT_IN,
    UNDELIVERED,
    AuditEntry,
    Caller,
    Channel,
    Offer,
    OfferState,
    RememberedCall,
    SealedClaims,
)
from issuer.ports import Clock, Random, Records, Store, Vault
from issuer.usecases import secrets_of_offer as secret
from issuer.usecases.after.replace_older import follow_too
from issuer.usecases.create_offer import (
    REMEMBER_CALLS_FOR,
    CreatedOffer,
    key_mac_of,
    made_before,
    pin_wanted,
    told_of,
)
from issuer.usecases.ending import end_offer, revoke_copies
from issuer.usecases.failures import OfferNotOpen
from issuer.usecases.finding import offer_of
from issuer.usecases.offered_claims import check_offered
from keys import strict_json


@dataclass(frozen=True, slots=True)
class ReofferWish:
    """Which offer, and how it reaches the client this time; None: as before."""

    offer_id: str
    channel: Channel | None = None
    wants_pin: bool | None = None

    def canonical(self) -> str:
        """Return the wish as one text, the same for equal wishes."""
        return json.dumps(["reoffer", self.offer_id, self.channel, self.wants_pin])


@dataclass(frozen=True, slots=True)
class ReofferTools:
    """What offering again needs beside the records."""

    vault: Vault
    clock: Clock
    random: Random
    catalogue: Catalogue
    lifetimes: Mapping[Channel, timedelta]


class Reoffer:
    """Offers again while the claims are still sealed, or still awaited."""

    def __init__(self, *, store: Store, tools: ReofferTools) -> None:
        self._store = store
        self._tools = tools

    async def __call__(
        self, caller: Caller, wish: ReofferWish, *, idempotency_key: str | None = None
    ) -> CreatedOffer:
        """Withdraw an offer and make another of its claims, in one step.

        Copies that nobody has confirmed are revoked. The claims are held to their type's rules
        once more: a validity may have ended.

        Raises:
            OfferNotFound, TypeNotInScope: not this offer.
            OfferNotOpen: it has ended, its claims are gone; its detail is the state.
            ClaimsRejected: the claims are over, or their type has changed.
            PinRequired: a message without a PIN.
            IdempotencyKeyReused: the key stands for another request.
        """
        tools = self._tools
        now = tools.clock.now()
        new_id = tools.random.bytes(16).hex()
        call = RememberedCall(tools.vault.mac("call-body", wish.canonical()), new_id)
        key_mac = key_mac_of(tools.vault, caller, idempotency_key)

        def reoffer(records: Records) -> Offer:
            if key_mac is not None:
                records.calls.forget(now)
                if not records.calls.remember(key_mac, call, keep_until=now + REMEMBER_CALLS_FOR):
                    return made_before(records, caller, key_mac, call)
            old = offer_of(records, caller, wish.offer_id)
            state = old.state_at(now)
            if state not in CLAIMS_KEPT_IN:
                raise OfferNotOpen(state)
            new = self._new(old, wish, new_id, now)
            sealed = self._sealed_again(records, old, new, now)
            if not end_offer(records, old.id, OfferState.WITHDRAWN, at=now):
                raise OfferNotOpen(state)
            revoke_copies(records, old.id, in_delivery=UNDELIVERED, at=now)
            records.offers.add(new, sealed)
            follow_too(records, old.id, new.id)
            records.letters.offered_again(old.id, new.id)
            records.audit.add(
                AuditEntry(
                    at=now,
                    organisation=new.organisation,
                    actor=caller.key_id,
                    action="reoffer",
                    object_id=new.id,
                )
            )
            return new

        kept = await self._store.write(reoffer)
        return told_of(tools.vault, kept, new_id=new_id, now=now)

    def _new(self, old: Offer, wish: ReofferWish, new_id: str, now: datetime) -> Offer:
        vault = self._tools.vault
        channel = wish.channel or _channel_again(old)
        wants_pin = wish.wants_pin
        if wants_pin is None and channel is old.channel:
            wants_pin = old.has_pin
        reference, code = secret.reference_of(vault, new_id), secret.code_of(vault, new_id)
        return replace(
            old,
            id=new_id,
            state=OfferState.OFFERED,
            channel=channel,
            has_pin=pin_wanted(channel, wants_pin),
            attempts=0,
            reference_mac=secret.reference_mac(vault, reference),
            code_mac=secret.code_mac(vault, code),
            created_at=now,
            expires_at=now + self._tools.lifetimes[channel],
        )

    def _sealed_again(
        self, records: Records, old: Offer, new: Offer, now: datetime
    ) -> SealedClaims | None:
        """Seal the claims under a data key of the new offer; None while they are awaited."""
        sealed = records.offers.sealed_claims(old.id)
        if sealed is None:
            return None
        plain = self._tools.vault.unseal(sealed, binding=_binding(old))
        check_offered(
            self._tools.catalogue,
            strict_json.loads_object(plain),
            organisation=old.organisation,
            type_id=old.type_id,
            today=now.astimezone(HELSINKI).date(),
        )
        return self._tools.vault.seal(plain, binding=_binding(new))


def _channel_again(old: Offer) -> Channel:
    """Return how an offer reaches the client as before; what a wallet asked for has no link."""
    return Channel.SCREEN if old.channel is Channel.WALLET else old.channel


def _binding(offer: Offer) -> bytes:
    return secret.binding_of(offer.organisation, offer.id, offer.type_id, offer.schema_version)
