"""The wallet's own failures: one class, one code, one clause each.

Failures of the wire formats come from ``openid4vc`` and ``keys``; these are about the store, about
what the person gave the wallet, and about how the other side answered. The words for people are
in ``locales``.
"""

from enum import StrEnum
from typing import ClassVar

from keys.checks import CheckFailed


class Clause(StrEnum):
    """The rule a failure enforces."""

    STORE = "Kykylompakko wallet store 1"
    INPUT = "Kykylompakko wallet input 1"
    CONSENT = "Kykylompakko allow-lists"
    VCI_4_1 = "OpenID4VCI 1.0, 4.1"
    VCI_6_3 = "OpenID4VCI 1.0, 6.3"
    VCI_8_3 = "OpenID4VCI 1.0, 8.3"
    VCI_12_2 = "OpenID4VCI 1.0, 12.2"
    VCI_ISSUED_KEY = "OpenID4VCI 1.0, 8.2 and appendix F"
    VP_5_10 = "OpenID4VP 1.0, 5.10"
    VP_6_4 = "OpenID4VP 1.0, 6.4"
    VP_8_2 = "OpenID4VP 1.0, 8.2"
    RFC9901_7_2 = "RFC 9901, 7.2"


class WalletFailure(CheckFailed):
    """Base of the wallet's own failures."""


# --- the store ----------------------------------------------------------------------------------


class WalletNotFound(WalletFailure):
    """There is no wallet in this folder."""

    code: ClassVar[str] = "wallet_not_found"
    spec: ClassVar[str] = Clause.STORE


class WalletExists(WalletFailure):
    """There is a wallet in this folder already."""

    code: ClassVar[str] = "wallet_exists"
    spec: ClassVar[str] = Clause.STORE


class PassphraseMissing(WalletFailure):
    """The passphrase was not given and cannot be asked for."""

    code: ClassVar[str] = "passphrase_missing"
    spec: ClassVar[str] = Clause.STORE


class PassphraseTooShort(WalletFailure):
    """A new passphrase is too short."""

    code: ClassVar[str] = "passphrase_too_short"
    spec: ClassVar[str] = Clause.STORE


class WrongPassphrase(WalletFailure):
    """The passphrase does not open this wallet."""

    code: ClassVar[str] = "wrong_passphrase"
    spec: ClassVar[str] = Clause.STORE


class KeyringUnavailable(WalletFailure):
    """The operating system's keyring cannot be used, or does not hold this wallet's key."""

    code: ClassVar[str] = "keyring_unavailable"
    spec: ClassVar[str] = Clause.STORE


class StoreCorrupted(WalletFailure):
    """The wallet file is not whole; it is left as it is."""

    code: ClassVar[str] = "store_corrupted"
    spec: ClassVar[str] = Clause.STORE


class StoreNotWritable(WalletFailure):
    """The wallet file cannot be read or written."""

    code: ClassVar[str] = "store_not_writable"
    spec: ClassVar[str] = Clause.STORE


class CardNotFound(WalletFailure):
    """No card has this id, or several do."""

    code: ClassVar[str] = "card_not_found"
    spec: ClassVar[str] = Clause.STORE


# --- what the person gave -----------------------------------------------------------------------


class NotALink(WalletFailure):
    """The text is no link the wallet knows, and no picture file."""

    code: ClassVar[str] = "not_a_link"
    spec: ClassVar[str] = Clause.INPUT


class LinkIsARequest(WalletFailure):
    """A request to see cards was given where an offer was expected."""

    code: ClassVar[str] = "link_is_a_request"
    spec: ClassVar[str] = Clause.INPUT


class LinkIsAnOffer(WalletFailure):
    """An offer was given where a request was expected."""

    code: ClassVar[str] = "link_is_an_offer"
    spec: ClassVar[str] = Clause.INPUT


class LinkTooLong(WalletFailure):
    """The link is longer than any code can hold."""

    code: ClassVar[str] = "link_too_long"
    spec: ClassVar[str] = Clause.INPUT


class FileMissing(WalletFailure):
    """The file does not exist or cannot be read."""

    code: ClassVar[str] = "file_missing"
    spec: ClassVar[str] = Clause.INPUT


class FileTooLarge(WalletFailure):
    """The file is larger than the wallet reads."""

    code: ClassVar[str] = "file_too_large"
    spec: ClassVar[str] = Clause.INPUT


class ImageUnreadable(WalletFailure):
    """The file is no whole PNG or JPEG picture."""

    code: ClassVar[str] = "image_unreadable"
    spec: ClassVar[str] = Clause.INPUT


class ImageTooLarge(WalletFailure):
    """The picture has too many pixels or bytes."""

    code: ClassVar[str] = "image_too_large"
    spec: ClassVar[str] = Clause.INPUT


class NoCodeInImage(WalletFailure):
    """No QR code was found in the picture."""

    code: ClassVar[str] = "no_code_in_image"
    spec: ClassVar[str] = Clause.INPUT


class SeveralCodesInImage(WalletFailure):
    """The picture shows more than one QR code."""

    code: ClassVar[str] = "several_codes_in_image"
    spec: ClassVar[str] = Clause.INPUT


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


class KeyBindingInIssuedCard(WalletFailure):
    """The issuer sent a presentation instead of a credential."""

    code: ClassVar[str] = "key_binding_in_issued_card"
    spec: ClassVar[str] = Clause.RFC9901_7_2


class NotBoundToOurKey(WalletFailure):
    """The card is bound to a key that is not this wallet's."""

    code: ClassVar[str] = "not_bound_to_our_key"
    spec: ClassVar[str] = Clause.VCI_ISSUED_KEY


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


# --- trust list ---------------------------------------------------------------------------------


class OperatorCertificateUnreadable(WalletFailure):
    """The trust list operator's certificate file holds no certificate."""

    code: ClassVar[str] = "operator_certificate_unreadable"
    spec: ClassVar[str] = Clause.INPUT
