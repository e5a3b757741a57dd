"""QR pictures are read back by an independent decoder; API keys are compared by a keyed MAC."""

import io

import pytest
import zxingcpp
from PIL import Image

from service_kit import api_keys, qr
from service_kit.system import SystemRandom

QR_ONLY = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.QRCode,))

LINK = (
    "openid4vp://?client_id=x509_hash%3Aabc&request_uri=https%3A%2F%2Fdesk.example%2Frequests%2F1"
)


def test_png_is_decoded_by_zxing() -> None:
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(qr.qr_png(LINK))), formats=QR_ONLY)
    assert found.text == LINK


def test_digits_behind_a_scheme_take_the_room_of_digits() -> None:
    digits = "0123456789" * 150
    pieces = Image.open(io.BytesIO(qr.qr_png(("kyky-challenge:", digits), scale=2)))
    whole = Image.open(io.BytesIO(qr.qr_png("kyky-challenge:" + digits, scale=2)))
    assert pieces.width < whole.width
    (found,) = zxingcpp.read_barcodes(pieces, formats=QR_ONLY)
    assert found.text == "kyky-challenge:" + digits


def test_svg_has_an_accessible_name_and_no_markup_from_it() -> None:
    svg = qr.qr_svg(LINK, title="Pyyntö <b>").decode()
    assert "<title>Pyyntö &lt;b&gt;</title>" in svg


def test_api_key_round_trip_and_refusals() -> None:
    random = SystemRandom()
    key_id, key = api_keys.make_key(id_bytes=random.bytes(16), secret=random.token(32))
    pepper = random.bytes(32)
    stored = api_keys.mac_of(key, pepper=pepper)
    assert api_keys.key_id_of(key) == key_id
    assert api_keys.is_same_key(key, stored, pepper=pepper)
    assert not api_keys.is_same_key(
        key[:-1] + ("A" if key[-1] != "A" else "B"), stored, pepper=pepper
    )
    assert not api_keys.is_same_key(key, stored, pepper=random.bytes(32))
    for broken in ("", "kyky__", key[:-1], key + "A", key.upper(), f" {key}", "Bearer " + key):
        with pytest.raises(api_keys.ApiKeyMalformed):
            api_keys.key_id_of(broken)


def test_random_text_has_the_promised_shape() -> None:
    random = SystemRandom()
    assert len(random.token(32)) == 43
    assert {len(random.digits(6)) for _ in range(200)} == {6}
    assert {random.below(3) for _ in range(200)} == {0, 1, 2}
