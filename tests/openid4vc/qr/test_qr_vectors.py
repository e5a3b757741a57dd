"""The page's test vectors hold, and the page prints just them."""

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography import x509

from keys.box import BoxKey
from openid4vc.qr.answer import challenge_tag, read_bound, read_self_initiated
from openid4vc.qr.challenge import Challenge
from openid4vc.qr.compaction import compact, restore
from openid4vc.qr.frames import FrameCollector, Kind, Message
from openid4vc.qr.numeric import bytes_of, digits_of
from openid4vc.qr.read_challenge import read_challenge
from tests.openid4vc.qr import kit
from tests.openid4vc.qr.vectors import BEGIN, PAGE, kept, printed

VECTORS = kept()
ASKED = VECTORS["challenge"]
AT = datetime.fromtimestamp(ASKED["at"], UTC)
CERTIFICATES = {sha256(der).digest(): der for der in map(b64decode, VECTORS["certificates"])}
KEY = BoxKey.from_private_bytes(bytes.fromhex(ASKED["private_key_hex"]))


def challenge() -> Challenge:
    anchor = x509.load_der_x509_certificate(b64decode(ASKED["access_anchor"]))
    trust = replace(kit.pki().trust_list, access_anchors=(anchor,))
    trusted = read_challenge(ASKED["link"], trust=trust, at=AT)
    assert trusted.certificate == b64decode(ASKED["access_certificate"])
    return trusted.challenge


def whole(*frames: str) -> Message:
    collector = FrameCollector()
    for frame in frames:
        collector.add(frame)
    message = collector.message()
    assert message is not None
    return message


@pytest.mark.parametrize("row", VECTORS["numeric"], ids=lambda row: row["hex"][:8])
def test_digits(row: dict[str, str]) -> None:
    assert digits_of(bytes.fromhex(row["hex"])) == row["digits"]
    assert bytes_of(row["digits"]).hex() == row["hex"]


def test_the_challenge() -> None:
    asked = challenge()
    assert asked.client_id == ASKED["client_id"]
    assert (asked.profile_id, asked.nonce) == (ASKED["profile"], ASKED["nonce"])
    assert asked.public_key.hex() == ASKED["public_key_hex"] == KEY.public_bytes.hex()
    assert sorted(each.hex() for each in asked.held) == ASKED["held_hex"]


def test_the_bound_answer() -> None:
    vector = VECTORS["bound_answer"]
    asked = challenge()
    message = whole(vector["frame"])
    assert message == whole(*reversed(vector["frames_of_two"]))
    assert message == Message(Kind.BOUND_ANSWER, bytes.fromhex(vector["body_hex"]))
    assert message.id == vector["message_id"]
    assert message.body[:4] == challenge_tag(asked)
    answer = read_bound(message, challenge=asked, key=KEY, at=AT, certificates=CERTIFICATES.get)
    assert answer.presentation == vector["presentation"]
    assert answer.once_key.hex() == vector["once_key_hex"]


def test_the_packed_form() -> None:
    vector = VECTORS["bound_answer"]
    known = (ASKED["nonce"], ASKED["client_id"])
    packed = bytes.fromhex(vector["packed_hex"])
    text = vector["presentation"]
    assert restore(packed, known=known, certificates=CERTIFICATES.get) == text
    # Another zlib may deflate to other bytes, but never to other texts.
    again = compact(text, known=known, held=set(CERTIFICATES))
    assert restore(again, known=known, certificates=CERTIFICATES.get) == text
    assert abs(len(again) - len(packed)) < 20


def test_the_self_initiated_answer() -> None:
    vector = VECTORS["self_initiated_answer"]
    message = whole(vector["frame"])
    assert message == whole(*vector["frames_of_two"])
    assert message == Message(Kind.SELF_INITIATED_ANSWER, bytes.fromhex(vector["body_hex"]))
    answer = read_self_initiated(message, at=AT)
    assert answer.presentation == vector["presentation"]


def test_the_page_prints_the_vectors_and_the_dictionary() -> None:
    _, begin, rest = PAGE.read_text("utf-8").partition(BEGIN)
    assert begin
    assert rest.strip("\n") == printed(VECTORS).strip("\n")
