"""Offer the client's wallet a receipt: whom what was shown to, and why. Names only, no values."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from credential_schemas.model import LANGS, Catalogue, Label, Path, RequestProfile
from keys.base64url import b64url_encode
from keys.seal import NONCE_BYTES, seal, unseal
from verifier.model import Outcome, ShownCard, Verification
from verifier.ports import Clock, Random
from verifier.usecases.hand_on_copy import kept_until
from verifier.usecases.hand_on_failures import HandOnNotAllowed
from verifier.usecases.hand_on_ports import (
    OfferedReceipt,
    ReceiptIssuer,
    Receipts,
    StoredReceipt,
)
from verifier.usecases.read_result import Result
from verifier.usecases.receipt_book import ReceiptBook

_ID_BYTES = 16
_SEEN: Final = frozenset({Outcome.ACCEPT, Outcome.CANNOT_CONFIRM})


class ReceiptSealer:
    """Seals an offer's link at rest, and names receipts; the verification's id is bound in.

    Args:
        key: 32 bytes, the service's own.
        random: for the nonces.
    """

    def __init__(self, key: bytes, random: Random) -> None:
        self._key = key
        self._random = random

    def seal(self, link: str, *, verification_id: str) -> bytes:
        """Return the sealed link."""
        nonce = self._random.bytes(NONCE_BYTES)
        return seal(self._key, link.encode(), aad=_bound_to(verification_id), nonce=nonce)

    def open(self, sealed: bytes, *, verification_id: str) -> str:
        """Open a sealed link.

        Raises:
            SealBroken: it was changed, or belongs to another verification.
        """
        return unseal(self._key, sealed, aad=_bound_to(verification_id)).decode()

    def id_of(self, verification_id: str) -> str:
        """Return a receipt's id: the same for one showing, so that one offer is made of it."""
        told = b"kykylompakko receipt id 1\x00" + verification_id.encode("ascii")
        return b64url_encode(hmac.digest(self._key, told, hashlib.sha256)[:_ID_BYTES])


class GiveReceipt:
    """See the module text."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        issuer: ReceiptIssuer | None,
        receipts: Receipts,
        book: ReceiptBook,
        sealer: ReceiptSealer,
        clock: Clock,
    ) -> None:
        """Take what it needs.

        Args:
            catalogue: what can be said and asked.
            issuer: who makes receipts; None where nobody does.
            receipts: those that were offered.
            book: remembers them, so that their holders can come back.
            sealer: seals them at rest.
            clock: the time.
        """
        self._catalogue = catalogue
        self._issuer = issuer
        self._receipts = receipts
        self._book = book
        self._sealer = sealer
        self._clock = clock

    def is_possible(self, result: Result) -> bool:
        """Return whether there is something to give a receipt for, and somebody who makes it."""
        seen = result.verification.outcome in _SEEN and bool(result.cards)
        return self._issuer is not None and seen

    async def __call__(self, result: Result, *, receiver: Mapping[str, str]) -> OfferedReceipt:
        """Return the receipt's offer; the same one however often it is asked for.

        Args:
            result: what this desk sees now.
            receiver: the receiver's name by language, as the client saw it.

        Raises:
            HandOnNotAllowed: nothing is seen, or nobody makes receipts.
            ReceiptUnavailable: the issuing service cannot be reached now.
        """
        verification = result.verification
        if self._issuer is None or not self.is_possible(result):
            raise HandOnNotAllowed
        offered = await self.offered(verification.id)
        if offered is not None:
            return offered
        receipt_id = self._sealer.id_of(verification.id)
        claims = self._claims(result, receipt_id, self._issuer.organisation, receiver)
        issuer = self._issuer.organisation
        await self._book.note(verification, receipt_id=receipt_id, issuer=issuer)
        await self._keep(verification.id, await self._issuer.offer(claims, receipt_id=receipt_id))
        kept = await self.offered(verification.id)
        if kept is None:
            raise HandOnNotAllowed
        return kept

    async def offered(self, verification_id: str) -> OfferedReceipt | None:
        """Return the offer that was made, None when there is none that can still be taken."""
        stored = await self._receipts.of(verification_id)
        if stored is None or stored.until <= self._clock.now():
            return None
        link = self._sealer.open(stored.sealed, verification_id=verification_id)
        return OfferedReceipt(link, stored.until)

    async def forget(self) -> int:
        """Delete the offers that nobody can take any more; return how many."""
        return await self._receipts.forget(self._clock.now())

    async def _keep(self, verification_id: str, offered: OfferedReceipt) -> None:
        sealed = self._sealer.seal(offered.link, verification_id=verification_id)
        await self._receipts.add(StoredReceipt(verification_id, sealed, offered.until))

    def _claims(
        self, result: Result, receipt_id: str, organisation: str, receiver: Mapping[str, str]
    ) -> Mapping[str, object]:
        found = result.verification
        profile = self._catalogue.profiles[found.profile]
        until = kept_until(profile, at=found.created_at)
        return {
            "issuing_authority": self._catalogue.organisations[organisation].names.fi,
            "issuing_country": "FI",
            "receipt_id": receipt_id,
            "verifier_id": self._book.client_id,
            "verifier_name": receiver["fi"],
            "request_profile": profile.id,
            "purpose": _words(profile.purpose),
            "legal_basis": _words(profile.legal_basis),
            "approval_kind": profile.approval_kind,
            "disclosed_claims": _names(profile, result.cards or ()),
            "presented_at": _moment(_shown_at(found)),
            "on_behalf_of": found.on_behalf is not None,
            "receipt_status": "active",
            "withdrawal_uri": self._book.withdrawal_uri,
            **({} if until is None else {"retention_until": until.isoformat()}),
        }


def _names(profile: RequestProfile, cards: tuple[ShownCard, ...]) -> list[str]:
    """The paths that were asked and shown, each once, with the type before each."""
    asked = {card.credential_type: card.all_paths() for card in profile.credentials}
    names = [
        ".".join([card.type_id, *(str(step) for step in path)])
        for card in cards
        for path in asked.get(card.type_id, ())
        if _is_shown(card.claims, path)
    ]
    return list(dict.fromkeys(names))


def _is_shown(claims: object, path: Path) -> bool:
    held = claims
    for step in path:
        held = held.get(step) if isinstance(held, Mapping) else None
    return held is not None


def _shown_at(found: Verification) -> datetime:
    return found.checked_at or found.created_at


def _moment(at: datetime) -> str:
    return (at - timedelta(microseconds=at.microsecond)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _words(label: Label) -> dict[str, str]:
    return {lang: label[lang] for lang in LANGS}


def _bound_to(verification_id: str) -> bytes:
    return b"kykylompakko receipt 1\x00" + verification_id.encode("ascii")
