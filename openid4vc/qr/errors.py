"""Every way in which a QR code of ours fails; `docs/qr-presentation.md` has the clauses."""

from enum import StrEnum
from typing import ClassVar

from openid4vc.checks import CheckFailed


class Clause(StrEnum):
    """A section of our own specification."""

    NUMERIC = "Kykylompakko presentation QR 2"
    FRAMES = "Kykylompakko presentation QR 3"
    FRAME_ORDER = "Kykylompakko presentation QR 3.2"
    PACKED = "Kykylompakko presentation QR 4.1"
    TOKENS = "Kykylompakko presentation QR 4.2"
    PARTS = "Kykylompakko presentation QR 4.3"
    LIMITS = "Kykylompakko presentation QR 4.5"
    CHALLENGE = "Kykylompakko presentation QR 5.1"
    CHALLENGE_LINK = "Kykylompakko presentation QR 5.2"
    CHALLENGE_CHECKS = "Kykylompakko presentation QR 5.3"
    BOUND = "Kykylompakko presentation QR 6.1"


# --- Digits and frames --------------------------------------------------------------------------


class NotOurFrame(CheckFailed):
    """The text is not made of digits, or does not begin like a frame of ours."""

    code: ClassVar[str] = "qr_not_ours"
    spec: ClassVar[str] = Clause.FRAMES


class FormatVersionUnknown(CheckFailed):
    """A frame of ours, but of another version of the format."""

    code: ClassVar[str] = "qr_version_unknown"
    spec: ClassVar[str] = Clause.FRAMES


class FrameMalformed(CheckFailed):
    """The frame is too short or too long, or its header holds an impossible number."""

    code: ClassVar[str] = "qr_frame_malformed"
    spec: ClassVar[str] = Clause.FRAMES


class FrameChecksumWrong(CheckFailed):
    """A digit of the frame was lost or changed, as when a hand scanner types too fast."""

    code: ClassVar[str] = "qr_frame_checksum_wrong"
    spec: ClassVar[str] = Clause.FRAMES


class DigitsMalformed(CheckFailed):
    """These digits stand for no bytes: an impossible length, or a block too large."""

    code: ClassVar[str] = "qr_digits_malformed"
    spec: ClassVar[str] = Clause.NUMERIC


class FrameOfAnotherMessage(CheckFailed):
    """The frame does not belong to the message whose frames were read before."""

    code: ClassVar[str] = "qr_frame_of_another_message"
    spec: ClassVar[str] = Clause.FRAME_ORDER


class MessageDamaged(CheckFailed):
    """All frames are there, but together they are not the message that they name."""

    code: ClassVar[str] = "qr_message_damaged"
    spec: ClassVar[str] = Clause.FRAME_ORDER


class MessageTooLarge(CheckFailed):
    """The message needs more frames, or larger ones, than the format has."""

    code: ClassVar[str] = "qr_message_too_large"
    spec: ClassVar[str] = Clause.LIMITS


class MessageOfAnotherKind(CheckFailed):
    """A challenge where an answer is expected, or one kind of answer in the other's place."""

    code: ClassVar[str] = "qr_message_of_another_kind"
    spec: ClassVar[str] = Clause.FRAMES


# --- Compaction ---------------------------------------------------------------------------------


class InflateFailed(CheckFailed):
    """The compressed texts do not inflate, end too early, or have something behind them."""

    code: ClassVar[str] = "qr_inflate_failed"
    spec: ClassVar[str] = Clause.PACKED


class CompactTooLarge(CheckFailed):
    """More bytes, characters or disclosures than the format allows."""

    code: ClassVar[str] = "qr_compact_too_large"
    spec: ClassVar[str] = Clause.LIMITS


class PartsMalformed(CheckFailed):
    """The inflated texts are not UTF-8, or not the parts that belong here."""

    code: ClassVar[str] = "qr_parts_malformed"
    spec: ClassVar[str] = Clause.PARTS


class TokenUnknown(CheckFailed):
    """A control character that this version gives no meaning."""

    code: ClassVar[str] = "qr_token_unknown"
    spec: ClassVar[str] = Clause.TOKENS


class RawBytesMismatch(CheckFailed):
    """The raw bytes end before the tokens do, or go on after them."""

    code: ClassVar[str] = "qr_raw_bytes_mismatch"
    spec: ClassVar[str] = Clause.TOKENS


class ReferenceDangling(CheckFailed):
    """A token refers to a disclosure, text or point that is not there."""

    code: ClassVar[str] = "qr_reference_dangling"
    spec: ClassVar[str] = Clause.TOKENS


class CertificateNotHeld(CheckFailed):
    """A certificate came by its hash, and the reader does not have it."""

    code: ClassVar[str] = "qr_certificate_not_held"
    spec: ClassVar[str] = Clause.TOKENS


# --- Challenge ----------------------------------------------------------------------------------


class NotAChallenge(CheckFailed):
    """The text is no challenge link."""

    code: ClassVar[str] = "qr_not_a_challenge"
    spec: ClassVar[str] = Clause.CHALLENGE_LINK


class ChallengeMalformed(CheckFailed):
    """A claim of the challenge is missing, of the wrong JSON type or out of range."""

    code: ClassVar[str] = "qr_challenge_malformed"
    spec: ClassVar[str] = Clause.CHALLENGE


class ChallengeSignerUnfit(CheckFailed):
    """The desk's certificate does not come straight from an anchor, or is not the one named."""

    code: ClassVar[str] = "qr_challenge_signer_unfit"
    spec: ClassVar[str] = Clause.CHALLENGE


class ChallengeTooLarge(CheckFailed):
    """The challenge does not fit its QR code even without the certificate."""

    code: ClassVar[str] = "qr_challenge_too_large"
    spec: ClassVar[str] = Clause.CHALLENGE_LINK


class ChallengeCertificateMismatch(CheckFailed):
    """The header or the client identifier names another certificate than the one that signed."""

    code: ClassVar[str] = "qr_challenge_certificate_mismatch"
    spec: ClassVar[str] = Clause.CHALLENGE_CHECKS


class ChallengerUnknown(CheckFailed):
    """A trusted certificate, but of nobody who is registered as a receiver."""

    code: ClassVar[str] = "qr_challenger_unknown"
    spec: ClassVar[str] = Clause.CHALLENGE_CHECKS


class ChallengeExpired(CheckFailed):
    """The challenge's two minutes are over."""

    code: ClassVar[str] = "qr_challenge_expired"
    spec: ClassVar[str] = Clause.CHALLENGE_CHECKS


class ChallengeFromFuture(CheckFailed):
    """The challenge was made ahead of our clock."""

    code: ClassVar[str] = "qr_challenge_from_future"
    spec: ClassVar[str] = Clause.CHALLENGE_CHECKS


class ChallengeLivesTooLong(CheckFailed):
    """The challenge gives itself more than two minutes, or no time at all."""

    code: ClassVar[str] = "qr_challenge_lives_too_long"
    spec: ClassVar[str] = Clause.CHALLENGE_CHECKS


# --- Answers ------------------------------------------------------------------------------------


class AnswerMalformed(CheckFailed):
    """The message is too short to be an answer."""

    code: ClassVar[str] = "qr_answer_malformed"
    spec: ClassVar[str] = Clause.BOUND


class AnswerToAnotherChallenge(CheckFailed):
    """The answer was made for another challenge, perhaps for one shown earlier."""

    code: ClassVar[str] = "qr_answer_to_another_challenge"
    spec: ClassVar[str] = Clause.BOUND
