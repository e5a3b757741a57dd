"""What goes wrong while receiving or presenting, beyond what ``openid4vc`` and ``keys`` find."""

from collections.abc import Sequence
from typing import ClassVar

from keys.software_signer import SoftwareSigner
from openid4vc.openid4vci.deferred import Deferral
from wallet_sim.failures import Clause, WalletFailure

# --- receiving ----------------------------------------------------------------------------------


class ConnectionLost(WalletFailure):
    """The other side could not be reached, or the connection broke on the way."""

    code: ClassVar[str] = "connection_lost"
    spec: ClassVar[str] = Clause.INPUT


class OfferGone(WalletFailure):
    """The offer is no longer there: expired, withdrawn or used."""

    code: ClassVar[str] = "offer_gone"
    spec: ClassVar[str] = Clause.VCI_4_1


class OfferedTypeUnknown(WalletFailure):
    """The offer names nothing that this wallet can hold."""

    code: ClassVar[str] = "offered_type_unknown"
    spec: ClassVar[str] = Clause.VCI_12_2


class IssuerAnswerUnclear(WalletFailure):
    """The issuer's answer is not one the protocol foresees."""

    code: ClassVar[str] = "issuer_answer_unclear"
    spec: ClassVar[str] = Clause.VCI_8_3


class IssuerBusy(WalletFailure):
    """The issuer cannot answer now (too many requests, out of order, or not ready yet)."""

    code: ClassVar[str] = "issuer_busy"
    spec: ClassVar[str] = Clause.VCI_8_3


class CardComesLater(WalletFailure):
    """The issuer does not have the card yet; the wallet keeps what it needs to ask again.

    Attributes:
        deferral: what to ask under, and when.
        holder: the key that the card will be bound to.
        more: the keys of its further copies.
    """

    code: ClassVar[str] = "card_comes_later"
    spec: ClassVar[str] = Clause.VCI_9

    def __init__(
        self, deferral: Deferral, holder: SoftwareSigner, more: tuple[SoftwareSigner, ...] = ()
    ) -> None:
        super().__init__("deferred")
        self.more = more
        self.deferral = deferral
        self.holder = holder


class PinMissing(WalletFailure):
    """The offer needs a PIN and none was given."""

    code: ClassVar[str] = "pin_missing"
    spec: ClassVar[str] = Clause.VCI_4_1


class PinMalformed(WalletFailure):
    """The PIN has not the form that the offer names."""

    code: ClassVar[str] = "pin_malformed"
    spec: ClassVar[str] = Clause.VCI_4_1


class PinNotAccepted(WalletFailure):
    """The issuer refused code and PIN: the PIN is wrong, or the offer is over."""

    code: ClassVar[str] = "pin_not_accepted"
    spec: ClassVar[str] = Clause.VCI_6_3


class IssuerRefused(WalletFailure):
    """The issuer refused to give the card."""

    code: ClassVar[str] = "issuer_refused"
    spec: ClassVar[str] = Clause.VCI_8_3


class TypeNotAsOffered(WalletFailure):
    """The card is of another type than the offer said."""

    code: ClassVar[str] = "type_not_as_offered"
    spec: ClassVar[str] = Clause.VCI_8_3


class NotBoundToOurKey(WalletFailure):
    """The card is bound to a key that is not this wallet's."""

    code: ClassVar[str] = "not_bound_to_our_key"
    spec: ClassVar[str] = Clause.VCI_ISSUED_KEY


class CopiesDiffer(WalletFailure):
    """The copies of one card say different things."""

    code: ClassVar[str] = "copies_differ"
    spec: ClassVar[str] = Clause.VCI_8_3


class CopiesLinked(WalletFailure):
    """Two copies of one card have something in common that receivers would know them by."""

    code: ClassVar[str] = "copies_linked"
    spec: ClassVar[str] = Clause.VCI_8_3


class ContentNotAsDefined(WalletFailure):
    """The card's content does not follow the definition of its type."""

    code: ClassVar[str] = "content_not_as_defined"
    spec: ClassVar[str] = Clause.VCI_8_3


class CardAlreadyHeld(WalletFailure):
    """The very same card is in the wallet already."""

    code: ClassVar[str] = "card_already_held"
    spec: ClassVar[str] = Clause.STORE


# --- presenting ---------------------------------------------------------------------------------


class RequestGone(WalletFailure):
    """The request is no longer there: expired, used or withdrawn."""

    code: ClassVar[str] = "request_gone"
    spec: ClassVar[str] = Clause.VP_5_10


class ReceiverAnswerUnclear(WalletFailure):
    """The receiver's answer is not one the protocol foresees."""

    code: ClassVar[str] = "receiver_answer_unclear"
    spec: ClassVar[str] = Clause.VP_8_2


class ReceiverRefused(WalletFailure):
    """The receiver did not take the answer: the request was over or used already."""

    code: ClassVar[str] = "receiver_refused"
    spec: ClassVar[str] = Clause.VP_8_2


class PurposeUnknown(WalletFailure):
    """The request names no task of ours, so there is no purpose to show."""

    code: ClassVar[str] = "purpose_unknown"
    spec: ClassVar[str] = Clause.CONSENT


class NoMatchingCard(WalletFailure):
    """No valid card in the wallet holds what is asked."""

    code: ClassVar[str] = "no_matching_card"
    spec: ClassVar[str] = Clause.VP_6_4


class CardDoesNotFit(WalletFailure):
    """The card that the person chose does not answer this request."""

    code: ClassVar[str] = "card_does_not_fit"
    spec: ClassVar[str] = Clause.VP_6_4


class CannotLeaveOut(WalletFailure):
    """What the person wants to leave out is needed, or not asked at all."""

    code: ClassVar[str] = "cannot_leave_out"
    spec: ClassVar[str] = Clause.VP_6_4


# --- showing without being asked ----------------------------------------------------------------


class AboutClaims(WalletFailure):
    """Base of failures that name claims of one card type, never their values."""

    def __init__(self, type_id: str, names: Sequence[str]) -> None:
        super().__init__(type_id)
        self.type_id = type_id
        self.names = tuple(names)


class HealthDataInTheOpen(AboutClaims):
    """Claims that are, or may reveal, health data would be shown without encryption."""

    code: ClassVar[str] = "health_data_in_the_open"
    spec: ClassVar[str] = Clause.SELF_INITIATED


class ClaimNotOnCard(AboutClaims):
    """The person named claims that the card does not hold."""

    code: ClassVar[str] = "claim_not_on_card"
    spec: ClassVar[str] = Clause.INPUT
