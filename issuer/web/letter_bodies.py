"""The bodies of the calls about letters, as they stand in the API's OpenAPI document."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from issuer.ports.letters import LetterState
from issuer.usecases.letters.read_letter import LetterReport
from issuer.web.bodies import Code, CredentialAnswer, Hex
from issuer.web.strict import StrictModel

# What the typeface has: Latin, Greek and Cyrillic letters, digits, and what stands between them.
Line = Annotated[
    str,
    Field(
        min_length=1,
        max_length=60,
        pattern=(
            r"^[ -~\u00a0-\u0148\u014a-\u017f\u0218-\u021b\u0391-\u03a1\u03a3-\u03c9\u0400-\u045f"
            r"\u2010-\u2015\u2018-\u201f]+$"
        ),
    ),
]
PinWay = Literal["in_person", "text_message", "phone_call", "letter"]
State = Literal["sent", "locked", "collected", "renewed", "withdrawn", "expired"]
SubjectRef = Annotated[str, Field(min_length=1, max_length=200)]
Recipient = Annotated[list[Line], Field(max_length=6)]

_STATES: Mapping[LetterState, State] = {
    LetterState.SENT: "sent",
    LetterState.LOCKED: "locked",
    LetterState.COLLECTED: "collected",
    LetterState.RENEWED: "renewed",
    LetterState.WITHDRAWN: "withdrawn",
    LetterState.EXPIRED: "expired",
}


class NewLetter(StrictModel):
    """Claims to be offered by letter, or by a message in a mailbox.

    `pin_medium` is how you will give the PIN; `letter` is always refused. `recipient` is the lines
    of the envelope's window, sealed like the claims; leave it out when your printing adds them.
    """

    type: Code
    claims: dict[str, Any]
    subject_ref: SubjectRef
    pin_medium: PinWay
    recipient: Recipient = Field(default_factory=list)


class RenewedLetter(StrictModel):
    """What a new letter has of its own. `claims` is needed once the old letter has ended."""

    claims: dict[str, Any] | None = None
    pin_medium: PinWay | None = None
    recipient: Recipient | None = None


class ClientsRenewedLetter(RenewedLetter):
    """The same, for every letter to a client with a card of this type."""

    type: Code
    subject_ref: SubjectRef


class MadeLetterAnswer(StrictModel):
    """A new letter. The PIN is told here only; `pin_rule` says how it may be passed on.

    `pdf` is by style of language, `message` by language; their addresses need your key.
    """

    letter_id: Hex
    state: State
    link: str
    typed_code: str
    pin: str | None = None
    pin_rule: str
    pdf: dict[str, str]
    message: dict[str, str]
    expires_at: datetime


class LetterAnswer(StrictModel):
    """How a letter is doing. `credentials` holds the copies made of its newest offer."""

    letter_id: Hex
    type: Code
    state: State
    pin_medium: Literal["in_person", "text_message", "phone_call"]
    created_at: datetime
    expires_at: datetime
    offer_id: Hex | None
    credentials: list[CredentialAnswer]

    @classmethod
    def of(cls, report: LetterReport) -> "LetterAnswer":
        """Return what the API tells of a letter."""
        letter = report.letter
        return cls(
            letter_id=letter.id,
            type=letter.type_id,
            state=state_name(report.state),
            pin_medium=letter.pin_medium.value,
            created_at=letter.created_at,
            expires_at=letter.expires_at,
            offer_id=letter.offer_id,
            credentials=[CredentialAnswer.of(one) for one in report.credentials],
        )


class MailboxMessage(StrictModel):
    """A message for a mailbox such as Suomi.fi. The subject tells nothing about the matter."""

    lang: Literal["fi", "sv", "en"]
    subject: str
    text: str
    link: str


def state_name(state: LetterState) -> State:
    """Return a letter's state as the API names it."""
    return _STATES[state]
