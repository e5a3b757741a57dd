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
    AFTERWARDS = "Kykylompakko withdrawing by receipt 1"
    REVOKING = "Kykylompakko architecture, other rules (self-revocation)"
    SELF_INITIATED = "Kykylompakko presentation QR 6.2"
    HAIP_4_3 = "HAIP 1.0, 4.3"
    VCI_4_1 = "OpenID4VCI 1.0, 4.1"
    VCI_5 = "OpenID4VCI 1.0, 5"
    VCI_6_3 = "OpenID4VCI 1.0, 6.3"
    VCI_8_3 = "OpenID4VCI 1.0, 8.3"
    VCI_9 = "OpenID4VCI 1.0 9"
    VCI_12_2 = "OpenID4VCI 1.0, 12.2"
    VCI_ISSUED_KEY = "OpenID4VCI 1.0, 8.2 and appendix F"
    VP_5_10 = "OpenID4VP 1.0, 5.10"
    VP_6_4 = "OpenID4VP 1.0, 6.4"
    VP_8_2 = "OpenID4VP 1.0, 8.2"


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


class LinkIsAChallenge(WalletFailure):
    """A desk's challenge was given where an offer or a request was expected."""

    code: ClassVar[str] = "link_is_a_challenge"
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


class PictureNotWritten(WalletFailure):
    """The picture with the answer could not be written to its file."""

    code: ClassVar[str] = "picture_not_written"
    spec: ClassVar[str] = Clause.INPUT


class SeveralCodesInImage(WalletFailure):
    """The picture shows more than one QR code."""

    code: ClassVar[str] = "several_codes_in_image"
    spec: ClassVar[str] = Clause.INPUT


# --- trust list ---------------------------------------------------------------------------------


class OperatorCertificateUnreadable(WalletFailure):
    """The trust list operator's certificate file holds no certificate."""

    code: ClassVar[str] = "operator_certificate_unreadable"
    spec: ClassVar[str] = Clause.INPUT
