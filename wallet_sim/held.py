"""A stored card opened for use: its claims, its age, its key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from keys.checks import MalformedKey
from keys.software_signer import SoftwareSigner
from openid4vc.limits import numeric_date
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.model import UnverifiedSdJwt
from openid4vc.sd_jwt.parse import parse
from wallet_sim.issued_card import IssuedCard
from wallet_sim.model import Card


@dataclass(frozen=True, slots=True)
class HeldCard:
    """A card whose credential was verified when it came and lay in the sealed store since."""

    card: Card
    sd_jwt: UnverifiedSdJwt
    claims: Mapping[str, object]

    @property
    def made_at(self) -> tuple[datetime, datetime]:
        """When it was issued (rounded to the day by issuers), then when it was received."""
        issued = numeric_date(self.claims.get("iat"))
        day = self.card.received_at if issued is None else datetime.fromtimestamp(issued, UTC)
        return day, self.card.received_at

    def expired(self, at: datetime) -> bool:
        """Say whether the card's validity has ended."""
        return self.card.expires_at is not None and self.card.expires_at <= at


def open_card(card: Card) -> HeldCard:
    """Take a stored credential apart; raises ``CheckFailed`` when it is not whole."""
    sd_jwt = parse(card.sd_jwt)
    return HeldCard(card, sd_jwt, disclose(sd_jwt).claims)


def new_card(issued: IssuedCard, *, card_id: str, at: datetime) -> Card:
    """Return a verified credential as the store keeps it.

    The key is PKCS #8 DER, not encrypted by itself: the store as a whole is.
    """
    key = issued.holder.private_key
    return Card(
        id=card_id,
        type_id=issued.type.id,
        vct=issued.type.vct,
        issuer_id=issued.issuer.id,
        issuer_names=dict(issued.issuer.names),
        sd_jwt=issued.sd_jwt,
        holder_key=key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        received_at=at,
        expires_at=issued.expires_at,
    )


def holder_signer(card: Card) -> SoftwareSigner:
    """Return the key that the card is bound to; raises ``MalformedKey``."""
    try:
        key = load_der_private_key(card.holder_key, password=None)
    except (ValueError, TypeError):
        raise MalformedKey("holder key") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise MalformedKey("holder key")
    return SoftwareSigner(key)
