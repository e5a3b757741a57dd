"""A stored card opened for use: its claims, its age, its key."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from keys.checks import CheckFailed, MalformedKey
from keys.jose import x5c_from
from keys.software_signer import SoftwareSigner
from keys.trust import TrustList
from openid4vc.dcql.authorities import Provenance, provenance_of
from openid4vc.limits import numeric_date
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.model import UnverifiedSdJwt
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import find_issuer
from wallet_sim.issued_card import IssuedCard
from wallet_sim.model import Card, Contents, Copy, Standing


@dataclass(frozen=True, slots=True)
class HeldCard:
    """A card whose credential was verified when it came and lay in the sealed store since."""

    card: Card
    sd_jwt: UnverifiedSdJwt
    claims: Mapping[str, object]
    provenance: Provenance

    @property
    def made_at(self) -> tuple[datetime, datetime]:
        """When it was issued (rounded to the day by issuers), then when it was received."""
        issued = numeric_date(self.claims.get("iat"))
        day = self.card.received_at if issued is None else datetime.fromtimestamp(issued, UTC)
        return day, self.card.received_at

    def expired(self, at: datetime) -> bool:
        """Say whether the card's validity has ended."""
        return self.card.expires_at is not None and self.card.expires_at <= at

    def revoked(self) -> bool:
        """Say whether its issuer has said that the card is revoked for good."""
        return self.card.checked is not None and self.card.checked.standing is Standing.REVOKED

    def bound(self) -> bool:
        """Say whether the card is bound to a key."""
        return "cnf" in self.claims


def open_card(card: Card) -> HeldCard:
    """Take a stored credential apart; raises ``CheckFailed`` when it is not whole."""
    sd_jwt = parse(card.sd_jwt)
    provenance = provenance_of(x5c_from(sd_jwt.jws.header))
    return HeldCard(card, sd_jwt, disclose(sd_jwt).claims, provenance)


def open_cards(contents: Contents, *, trust: TrustList, at: datetime) -> tuple[HeldCard, ...]:
    """Take all stored credentials apart; each knows whether the trust list leads to its issuer.

    A receiver may ask for cards of a certain trust list (OpenID4VP 6.1.1). The list is known by the
    https address that this wallet reads it from; a file has no name that others could ask for.

    Raises:
        CheckFailed: a card is not whole.
    """
    held = tuple(open_card(card) for card in contents.cards)
    location = contents.trust.location
    if not location.startswith("https://"):
        return held
    return tuple(_listed(one, trust, location, at) for one in held)


def _listed(held: HeldCard, trust: TrustList, location: str, at: datetime) -> HeldCard:
    try:
        find_issuer(held.sd_jwt, trust=trust, at=at)
    except CheckFailed:
        return held
    return replace(held, provenance=replace(held.provenance, trust_lists=frozenset({location})))


def new_card(issued: IssuedCard, *, card_id: str, at: datetime) -> Card:
    """Return a verified credential as the store keeps it.

    The key is PKCS #8 DER, not encrypted by itself: the store as a whole is.
    """
    return Card(
        id=card_id,
        type_id=issued.type.id,
        vct=issued.type.vct,
        issuer_id=issued.issuer.id,
        issuer_names=dict(issued.issuer.names),
        sd_jwt=issued.sd_jwt,
        holder_key=key_of(issued.holder),
        received_at=at,
        expires_at=issued.expires_at,
        spares=tuple(Copy(one.sd_jwt, key_of(one.holder)) for one in issued.spares),
    )


def holder_signer(card: Card) -> SoftwareSigner:
    """Return the key that the card is bound to; raises ``MalformedKey``."""
    return signer_of(card.holder_key)


def key_of(holder: SoftwareSigner) -> bytes:
    """Return a holder key as it is kept: PKCS #8 DER."""
    return holder.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def signer_of(holder_key: bytes) -> SoftwareSigner:
    """Return what ``key_of`` wrote; raises ``MalformedKey``."""
    try:
        key = load_der_private_key(holder_key, password=None)
    except (ValueError, TypeError):
        raise MalformedKey("holder key") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise MalformedKey("holder key")
    return SoftwareSigner(key)
