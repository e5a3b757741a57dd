"""The bodies of calls about a client, and about cards that end."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from credential_schemas.model import Lang
from issuer.model import Credential
from issuer.usecases.after.erase_subject import Erased
from issuer.web.bodies import Code, CredentialAnswer, DeliveryWish, Hex, NewOfferAnswer
from issuer.web.letter_bodies import MadeLetterAnswer, Recipient
from issuer.web.problems import TEXTS
from issuer.web.strict import StrictModel, with_examples

SubjectRef = Annotated[str, Field(min_length=1, max_length=200)]


class LetterDelivery(StrictModel):
    """A new letter. Think where the PIN arrives: a text message goes to the phone that is lost."""

    pin_medium: Literal["in_person", "text_message", "phone_call"]
    recipient: Recipient = Field(default_factory=list)


class AgainWish(StrictModel):
    """A card to be offered anew to the client who lost the phone: `delivery` or `letter`."""

    type: Code
    claims: dict[str, Any]
    delivery: DeliveryWish | None = None
    letter: LetterDelivery | None = None


class LostPhone(StrictModel):
    """Whose phone is lost, and what to offer anew. `subject_ref` is your own opaque name."""

    model_config = with_examples({"subject_ref": "client-8731"})

    subject_ref: SubjectRef
    again: list[AgainWish] = Field(max_length=20, default_factory=list)


class LostPhoneAnswer(StrictModel):
    """What stopped counting, and the new offers and letters, each in the order of `again`.

    What `awaits_second_pair` is suspended; another system, or another person by the status call,
    revokes it. `out_of_scope` counts live things of types that the caller is not for: they are as
    they were.
    """

    revoked: list[Hex]
    withdrawn: list[Hex]
    withdrawn_letters: list[Hex]
    awaits_second_pair: list[Hex]
    out_of_scope: int
    offers: list[NewOfferAnswer]
    letters: list[MadeLetterAnswer]


class Renewal(StrictModel):
    """A new card in the place of an earlier one: what it is to say, and how it is offered."""

    subject_ref: SubjectRef
    credential_id: Hex
    claims: dict[str, Any]
    delivery: DeliveryWish


class Erasure(StrictModel):
    """Whose data goes. With `revoke_cards` the cards in the wallet stop counting, too."""

    model_config = with_examples({"subject_ref": "client-8731", "revoke_cards": True})

    subject_ref: SubjectRef
    revoke_cards: bool = False


class Gone(StrictModel):
    """How many records went."""

    offers: int
    letters: int
    cards: int


class Kept(StrictModel):
    """What stays, how much of it, and why, in the language of Accept-Language."""

    what: str
    count: int | None = None
    ids: list[Hex] | None = None
    why: str


class ErasureAnswer(StrictModel):
    """What went and what stays. Under `erasure_id` the audit record knows that it was done."""

    erasure_id: Hex
    erased: Gone
    revoked: int
    kept: list[Kept]
    out_of_scope: int

    @classmethod
    def of(cls, erased: Erased, lang: Lang) -> "ErasureAnswer":
        """Return what the API tells of an erasure."""
        kept = [
            Kept(
                what="status_entries",
                count=erased.status_entries,
                why=TEXTS.text("kept.status_entries", lang),
            ),
            Kept(
                what="cards",
                count=len(erased.severed),
                ids=list(erased.severed),
                why=TEXTS.text("kept.cards", lang),
            ),
            Kept(what="audit_record", why=TEXTS.text("kept.audit_record", lang)),
            Kept(what="elsewhere", why=TEXTS.text("kept.elsewhere", lang)),
        ]
        return cls(
            erasure_id=erased.id,
            erased=Gone(offers=erased.offers, letters=erased.letters, cards=erased.credentials),
            revoked=erased.revoked,
            kept=[one for one in kept if one.count != 0],
            out_of_scope=erased.out_of_scope,
        )


class ExpiringAnswer(StrictModel):
    """Valid cards that end soon, the first to end first; `next` asks for those after them."""

    credentials: list[CredentialAnswer]
    next: Hex | None

    @classmethod
    def of(cls, found: Sequence[Credential], *, limit: int) -> "ExpiringAnswer":
        """Return one page."""
        return cls(
            credentials=[CredentialAnswer.of(one) for one in found],
            next=found[-1].id if len(found) == limit else None,
        )
