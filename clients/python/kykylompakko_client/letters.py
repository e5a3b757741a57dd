"""Letters: a link on paper or in a mailbox, and a PIN that goes another way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from kykylompakko_client.calls import Calls, read

PinMedium = Literal["in_person", "text_message", "phone_call"]
Style = Literal["fi", "sv", "en", "fi-plain"]


@dataclass(frozen=True, slots=True)
class LetterWish:
    """A card to be offered by letter.

    Attributes:
        pin_medium: how you will give the PIN; never by letter.
        recipient: the lines of the envelope's window; none when your printing adds them.
    """

    type: str
    claims: Mapping[str, object] = field(repr=False)
    subject_ref: str
    pin_medium: PinMedium
    recipient: Sequence[str] = field(default=(), repr=False)

    def as_json(self) -> dict[str, object]:
        """Return the body of the call."""
        return {
            "type": self.type,
            "claims": dict(self.claims),
            "subject_ref": self.subject_ref,
            "pin_medium": self.pin_medium,
            "recipient": list(self.recipient),
        }


@dataclass(frozen=True, slots=True)
class MadeLetter:
    """A new letter.

    Attributes:
        pin: give it as you said you would, never in a second letter to the same household.
    """

    letter_id: str
    state: str
    link: str = field(repr=False)
    typed_code: str = field(repr=False)
    expires_at: datetime
    pin: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "MadeLetter":
        """Read one from parsed JSON."""
        return cls(
            letter_id=data["letter_id"],
            state=data["state"],
            link=data["link"],
            typed_code=data["typed_code"],
            expires_at=datetime.fromisoformat(data["expires_at"]),
            pin=data.get("pin"),
        )


@dataclass(frozen=True, slots=True)
class MailboxMessage:
    """A message with a letter's link; its subject tells nothing about the matter."""

    subject: str
    text: str = field(repr=False)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "MailboxMessage":
        """Read one from parsed JSON."""
        return cls(subject=data["subject"], text=data["text"])


class Letters:
    """The calls about letters. Raise and repeat as those of `IssuerClient`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def make(self, wish: LetterWish, *, key: str | None = None) -> MadeLetter:
        """Make a letter; under the same key the same wish is made once, for a day."""
        return read(MadeLetter.of, self._calls.keyed("POST", "/letters", wish.as_json(), key=key))

    def pdf(self, letter_id: str, style: Style = "fi") -> bytes:
        """Return the letter as a PDF to print."""
        return self._calls.safely("GET", f"/letters/{letter_id}/letter.pdf?lang={style}")

    def message(self, letter_id: str, lang: Literal["fi", "sv", "en"] = "fi") -> MailboxMessage:
        """Return the words of a message for a mailbox."""
        answer = self._calls.safely("GET", f"/letters/{letter_id}/message?lang={lang}")
        return read(MailboxMessage.of, answer)

    def state(self, letter_id: str) -> str:
        """Tell how a letter stands, such as `sent`, `locked` or `collected`."""
        return read(_state, self._calls.safely("GET", f"/letters/{letter_id}"))

    def renew(self, letter_id: str, claims: Mapping[str, object] | None = None) -> MadeLetter:
        """Make a letter anew: the old link and PIN open nothing from now on.

        Args:
            letter_id: the old letter.
            claims: needed once the old letter has ended.
        """
        body = {} if claims is None else {"claims": dict(claims)}
        return read(MadeLetter.of, self._calls.once("POST", f"/letters/{letter_id}/renew", body))

    def renew_for(
        self, subject_ref: str, type_id: str, claims: Mapping[str, object] | None = None
    ) -> MadeLetter:
        """The same, in place of every letter to a client with a card of this type."""
        body = {"subject_ref": subject_ref, "type": type_id}
        with_claims = body if claims is None else {**body, "claims": dict(claims)}
        return read(MadeLetter.of, self._calls.once("POST", "/letters/renew", with_claims))

    def withdraw(self, letter_id: str) -> str:
        """Take a letter back; returns its state."""
        return read(_state, self._calls.once("POST", f"/letters/{letter_id}/withdraw"))


def _state(data: Mapping[str, Any]) -> str:
    return str(data["state"])
