"""An organisation stops issuing: nothing new, and a last word on every card."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.serialization import Encoding

from credential_schemas.model import LANGS, Catalogue, Organisation
from issuer.model import UNDELIVERED, AuditEntry, OfferState
from issuer.ports import Clock, LetterState, Records, Signers, Store
from issuer.ports.after import Archive, Closing
from issuer.usecases.describe_type import DescribeType
from issuer.usecases.ending import end_offer, revoke_copies
from issuer.usecases.failures import OrganisationUnknown
from issuer.usecases.name_status_lists import NameStatusLists
from issuer.usecases.publish_status_list import PublishStatusList
from keys.x509 import load_certificate
from openid4vc.status_list.aggregation import aggregation_json

_AT_ONCE = 200
_AT_LEAST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Closed:
    """What closing came to.

    Attributes:
        closing: when, and until when the last status lists are good.
        last_card_ends: when the last card ends that is not revoked; None without one.
        lists: how many status lists got their last word.
        withdrawn: how many open offers and letters were taken back.
        keys_ended: how many API keys and client keys were ended.
    """

    closing: Closing
    last_card_ends: datetime | None
    lists: int
    withdrawn: int
    keys_ended: int

    @property
    def is_covered(self) -> bool:
        """Whether the last lists outlive every card."""
        return self.last_card_ends is None or self.closing.lists_until >= self.last_card_ends


@dataclass(frozen=True, slots=True)
class ClosingTools:
    """What closing needs beside the records."""

    signers: Signers
    clock: Clock
    catalogue: Catalogue
    publish: PublishStatusList
    name_lists: NameStatusLists
    describe_type: DescribeType


class CloseOrganisation:
    """Closes for good. Called once more it takes up where it broke off, and writes its archive."""

    def __init__(self, *, store: Store, tools: ClosingTools) -> None:
        self._store = store
        self._tools = tools

    async def __call__(self, organisation: str, archive: Archive) -> Closed:
        """Close an organisation and write its archive.

        Args:
            organisation: its id.
            archive: where its public remains go: certificates, last status lists, descriptions.

        Raises:
            OrganisationUnknown: nobody of this name issues anything here.
            ArchiveNotEmpty: the archive's place holds something already.
        """
        known = self._tools.catalogue.organisations.get(organisation)
        if known is None or not known.types:
            raise OrganisationUnknown("issues nothing")
        now = self._tools.clock.now().replace(microsecond=0)
        signer_ends = self._signer_ends(organisation)
        # 1. Whoever could ask for something no longer can.
        keys_ended = await self._store.write(lambda records: _end_keys(records, organisation, now))
        # 2. What is on its way ends, and when nothing is left the organisation is closed.
        withdrawn = 0
        while ended := await self._store.write(
            lambda records: _withdraw(records, organisation, now)
        ):
            withdrawn += ended
        closing, last_card_ends = await self._store.write(
            lambda records: _close(records, organisation, now, signer_ends)
        )
        # 3. Every status list gets its last word, which is good for as long as cards may last.
        files = await self._public_remains(known, closing)
        # 4. What others need to go on checking is put together.
        archive.write(files)
        return Closed(
            closing=closing,
            last_card_ends=last_card_ends,
            lists=sum(name.endswith(".jwt") for name in files),
            withdrawn=withdrawn,
            keys_ended=keys_ended,
        )

    def _signer_ends(self, organisation: str) -> datetime:
        """Return when the certificate of the status lists ends: no list counts for longer."""
        chain = self._tools.signers.signer(organisation, "status-list").certificate_chain
        return min(load_certificate(one).not_valid_after_utc for one in chain)

    async def _public_remains(self, known: Organisation, closing: Closing) -> dict[str, bytes]:
        files: dict[str, bytes] = {}
        uris = await self._tools.name_lists(known.id)
        for number in range(1, len(uris) + 1):
            last = await self._tools.publish(known.id, number)
            files[f"status-lists/{number}.jwt"] = last.token.encode("ascii")
            files[f"status-lists/{number}.cwt"] = last.cwt
        files["status-lists.json"] = _json(aggregation_json(uris))
        for purpose in ("credential", "status-list"):
            chain = self._tools.signers.signer(known.id, purpose).certificate_chain
            files[f"certificates/{purpose}.pem"] = b"".join(
                load_certificate(one).public_bytes(Encoding.PEM) for one in chain
            )
        types = [self._tools.catalogue.types[one] for one in sorted(known.types)]
        for one in types:
            described = self._tools.describe_type(one.vct)
            if described is not None:
                files[f"type-metadata/{one.id}.json"] = described.document
        files["closing.json"] = _json(
            {
                "organisation": known.id,
                "names": {lang: known.names[lang] for lang in LANGS},
                "card_types": [one.vct for one in types],
                "closed_at": closing.closed_at.isoformat(),
                "status_lists_until": closing.lists_until.isoformat(),
                "status_lists": list(uris),
            }
        )
        return files


def _end_keys(records: Records, organisation: str, now: datetime) -> int:
    return sum(
        store.revoke(key.id, at=now)
        for store in (records.api_keys, records.clients)
        for key in store.all()
        if key.organisation == organisation
    )


def _close(
    records: Records, organisation: str, now: datetime, signer_ends: datetime
) -> tuple[Closing, datetime | None]:
    """Mark the organisation as closed; from this transaction on nothing of it changes."""
    last_card_ends = records.closings.last_end(organisation)
    before = records.closings.get(organisation)
    if before is not None:
        return before, last_card_ends
    # A call that had shown its key in time may have made something since.
    while _withdraw(records, organisation, now):
        pass
    records.authorizations.end_of_organisation(organisation)
    lists_until = min(max(last_card_ends or now, now + _AT_LEAST), signer_ends)
    closing = Closing(organisation, now, lists_until.replace(microsecond=0))
    records.closings.add(closing)
    records.audit.add(
        AuditEntry(
            at=now,
            organisation=organisation,
            actor="operator",
            action="close_organisation",
            object_id=organisation,
        )
    )
    return closing, last_card_ends


def _withdraw(records: Records, organisation: str, now: datetime) -> int:
    letters = records.closings.open_letters(organisation, limit=_AT_ONCE)
    for letter_id in letters:
        records.letters.move(letter_id, LetterState.WITHDRAWN)
        records.letters.erase(letter_id)
    offers = records.closings.open_offers(organisation, limit=_AT_ONCE)
    for offer_id in offers:
        end_offer(records, offer_id, OfferState.WITHDRAWN, at=now)
        revoke_copies(records, offer_id, in_delivery=UNDELIVERED, at=now)
    return len(letters) + len(offers)


def _json(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2).encode() + b"\n"
