"""How a letter is made, the first time and anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import Catalogue, CredentialType
from credential_schemas.policy import validity
from issuer.model import AuditEntry, Caller
from issuer.ports import Clock, Letter, LetterState, Random, Records, Store, Vault
from issuer.ports.letters import PinMedium
from issuer.usecases.failures import OrganisationClosed
from issuer.usecases.letters import secrets_of_letter as secret
from issuer.usecases.letters.links import LetterLinks


@dataclass(frozen=True, slots=True)
class LetterTools:
    """What the calls about letters share.

    Attributes:
        lifetime: how long a letter can be used; the last day is a whole one.
    """

    store: Store
    vault: Vault
    clock: Clock
    random: Random
    catalogue: Catalogue
    links: LetterLinks
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class MadeLetter:
    """A letter, and what its maker is told of it once.

    Attributes:
        state: at this moment.
        link: what the QR code holds.
        typed_code: in its groups.
        pin: None when the letter has ended since; an earlier call had made it then.
    """

    letter: Letter
    state: LetterState
    link: str
    typed_code: str
    pin: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a new letter is made from, beside its content."""

    credential_type: CredentialType
    subject_mac: bytes
    pin_medium: PinMedium
    claims: Mapping[str, object]


def new_letter(tools: LetterTools, caller: Caller, facts: Facts, *, now: datetime) -> Letter:
    """Return a letter with a fresh id and the MACs of its secrets."""
    letter_id = tools.random.bytes(16).hex()
    vault = tools.vault
    return Letter(
        id=letter_id,
        organisation=caller.organisation,
        type_id=facts.credential_type.id,
        schema_version=facts.credential_type.version,
        state=LetterState.SENT,
        pin_medium=facts.pin_medium,
        attempts=0,
        subject_mac=facts.subject_mac,
        reference_mac=secret.link_mac(vault, secret.reference_of(vault, letter_id)),
        code_mac=secret.link_mac(vault, secret.code_of(vault, letter_id)),
        offer_id=None,
        created_at=now,
        expires_at=_end_of(_last_day(tools, facts, now)),
    )


def refuse_closed(records: Records, caller: Caller) -> None:
    """Refuse for an organisation that has closed.

    Raises:
        OrganisationClosed: it issues nothing any more.
    """
    if records.closings.get(caller.organisation) is not None:
        raise OrganisationClosed("closed")


def made(tools: LetterTools, letter: Letter) -> MadeLetter:
    """Return what the maker is told; the PIN only while it opens something."""
    state = letter.state_at(tools.clock.now())
    return MadeLetter(
        letter=letter,
        state=state,
        link=tools.links.link(letter),
        typed_code=tools.links.typed_code(letter),
        pin=secret.pin_of(tools.vault, letter.id) if state is LetterState.SENT else None,
    )


def audit(caller: Caller, action: str, letter_id: str, *, at: datetime) -> AuditEntry:
    """Return the record of what a system did to a letter."""
    return AuditEntry(
        at=at,
        organisation=caller.organisation,
        actor=caller.key_id,
        action=action,
        object_id=letter_id,
    )


def _last_day(tools: LetterTools, facts: Facts, now: datetime) -> date:
    """Return the last day of use: no letter outlives the card that it brings."""
    today = now.astimezone(HELSINKI).date()
    card = validity(facts.credential_type, facts.claims, issued_on=today)
    return min(today + tools.lifetime, card.last_day)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=HELSINKI).astimezone(UTC)
