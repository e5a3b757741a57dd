"""Take claims from an issuing system, seal them and make an offer of them."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import Catalogue
from issuer.model import (
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
from issuer.usecases.failures import IdempotencyKeyReused, OrganisationClosed, PinRequired
from issuer.usecases.offered_claims import check_offered, offered_type
from keys import strict_json

REMEMBER_CALLS_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class OfferWish:
    """What an issuing system asks for.

    Attributes:
        claims: parsed JSON; checked by the type's schema. None: they come later, and until then
            the wallet that takes the offer waits.
        subject_ref: the system's own name for the client. Only a keyed MAC of it is kept: calls
            that name the same client again (lost phone, erasure) find their rows by that MAC, and
            nobody can read the reference back.
        wants_pin: None leaves it to the channel: a message has a PIN, a screen has none.
    """

    type_id: str
    claims: Mapping[str, object] | None
    subject_ref: str
    channel: Channel
    wants_pin: bool | None = None

    def canonical(self) -> str:
        """Return the wish as one text, the same for equal wishes."""
        wish = [self.type_id, self.claims, self.subject_ref, self.channel, self.wants_pin]
        return json.dumps(wish, sort_keys=True, ensure_ascii=True)


@dataclass(frozen=True, slots=True)
class CreatedOffer:
    """The offer, its PIN if it has one, and whether an earlier call had made it already."""

    offer: Offer
    pin: str | None
    was_there: bool


class CreateOffer:
    """Makes offers.

    Args:
        lifetimes: how long an offer lives, by channel.
    """

    def __init__(
        self,
        *,
        store: Store,
        vault: Vault,
        clock: Clock,
        random: Random,
        catalogue: Catalogue,
        lifetimes: Mapping[Channel, timedelta],
    ) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._random = random
        self._catalogue = catalogue
        self._lifetimes = lifetimes

    async def __call__(
        self, caller: Caller, wish: OfferWish, *, idempotency_key: str | None = None
    ) -> CreatedOffer:
        """Check, seal and keep an offer; the same call under the same key makes it once.

        The PIN is part of this answer alone. A caller whose connection broke repeats the call
        under its Idempotency-Key and gets it again, until the offer is redeemed.

        Raises:
            TypeRefused, TypeUnknown, TypeNotIssuedHere, TypeNotInScope: not this type.
            ClaimsRejected: the claims do not fit the type; lists every problem, never a value.
            PinRequired: a message without a PIN.
            IdempotencyKeyReused: the key stands for another request.
            OrganisationClosed: the organisation issues nothing any more.
        """
        now = self._clock.now()
        # 1. to 3. It may be offered.
        version, has_pin = self.check(caller, wish)
        # 4. The claims are sealed under a data key of this offer.
        offer = self._offer(caller, wish, has_pin=has_pin, now=now, version=version)
        sealed = self._sealed(offer, wish.claims)
        # 5. The call is remembered and the offer kept, or an earlier equal call's offer found.
        call = RememberedCall(self._vault.mac("call-body", wish.canonical()), offer.id)
        key_mac = key_mac_of(self._vault, caller, idempotency_key)

        def keep(records: Records) -> Offer:
            if records.closings.get(caller.organisation) is not None:
                raise OrganisationClosed("closed")
            if key_mac is not None:
                records.calls.forget(now)
                if not records.calls.remember(key_mac, call, keep_until=now + REMEMBER_CALLS_FOR):
                    return made_before(records, caller, key_mac, call)
            records.offers.add(offer, sealed)
            records.audit.add(
                AuditEntry(
                    at=now,
                    organisation=offer.organisation,
                    actor=caller.key_id,
                    action="create_offer",
                    object_id=offer.id,
                )
            )
            return offer

        kept = await self._store.write(keep)
        return told_of(self._vault, kept, new_id=offer.id, now=now)

    def check(self, caller: Caller, wish: OfferWish) -> tuple[int, bool]:
        """Check a wish without keeping anything; a call of several wishes checks all of them first.

        Returns:
            The version of the type's schema, and whether the offer has a PIN.

        Raises:
            TypeRefused, TypeUnknown, TypeNotIssuedHere, TypeNotInScope, ClaimsRejected,
            PinRequired: as the call.
        """
        # 1. The caller may issue this type.
        credential_type = offered_type(self._catalogue, caller, wish.type_id)
        # 2. The claims fit the type, name this organisation, and are not over yet.
        if wish.claims is not None:
            check_offered(
                self._catalogue,
                wish.claims,
                organisation=caller.organisation,
                type_id=wish.type_id,
                today=self._clock.now().astimezone(HELSINKI).date(),
            )
        # 3. A message is opened with a PIN that comes another way.
        return credential_type.version, pin_wanted(wish.channel, wish.wants_pin)

    def _sealed(self, offer: Offer, claims: Mapping[str, object] | None) -> SealedClaims | None:
        if claims is None:
            return None
        binding = secret.binding_of(
            offer.organisation, offer.id, offer.type_id, offer.schema_version
        )
        return self._vault.seal(strict_json.dumps(dict(claims)), binding=binding)

    def _offer(
        self, caller: Caller, wish: OfferWish, *, has_pin: bool, now: datetime, version: int
    ) -> Offer:
        offer_id = self._random.bytes(16).hex()
        reference = secret.reference_of(self._vault, offer_id)
        code = secret.code_of(self._vault, offer_id)
        return Offer(
            id=offer_id,
            organisation=caller.organisation,
            type_id=wish.type_id,
            schema_version=version,
            state=OfferState.OFFERED,
            channel=wish.channel,
            has_pin=has_pin,
            attempts=0,
            subject_mac=self._vault.mac("subject", caller.organisation, wish.subject_ref),
            reference_mac=secret.reference_mac(self._vault, reference),
            code_mac=secret.code_mac(self._vault, code),
            created_at=now,
            expires_at=now + self._lifetimes[wish.channel],
        )


def told_of(vault: Vault, kept: Offer, *, new_id: str, now: datetime) -> CreatedOffer:
    """Return what the maker of an offer is told: its PIN only while it is open.

    Args:
        vault: knows the PIN.
        kept: the offer that is kept now.
        new_id: the id of the offer that this call would have made.
        now: when it is told.
    """
    may_see_pin = kept.has_pin and kept.state_at(now) is OfferState.OFFERED
    return CreatedOffer(
        offer=kept,
        pin=secret.pin_of(vault, kept.id) if may_see_pin else None,
        was_there=kept.id != new_id,
    )


def pin_wanted(channel: Channel, wants_pin: bool | None) -> bool:
    """Return whether an offer has a PIN; None leaves it to the channel.

    Raises:
        PinRequired: a message without a PIN.
    """
    if wants_pin is None:
        return channel is Channel.MESSAGE
    if channel is Channel.MESSAGE and not wants_pin:
        raise PinRequired("a message without a PIN")
    return wants_pin


def key_mac_of(vault: Vault, caller: Caller, key: str | None) -> bytes | None:
    """Return what stands for a caller's Idempotency-Key in the records."""
    if key is None:
        return None
    return vault.mac("idempotency-key", caller.organisation, caller.system, key)


def made_before(records: Records, caller: Caller, key_mac: bytes, call: RememberedCall) -> Offer:
    """Return the offer that an earlier, equal call under the same key made.

    Raises:
        IdempotencyKeyReused: the key stands for another request, or what it made is gone.
    """
    earlier = records.calls.get(key_mac)
    if earlier is None or not hmac.compare_digest(earlier.body_mac, call.body_mac):
        raise IdempotencyKeyReused("the key stands for another request")
    offer = records.offers.get(caller.organisation, earlier.offer_id)
    if offer is None:
        raise IdempotencyKeyReused("what the key stands for is gone")
    return offer
