"""Compaction: the very same text comes back, whoever wrote it; nothing else gets through."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import strict_json
from keys.jose import b64url_decode, b64url_encode, public_jwk, sign_jws, x5c_header
from keys.software_signer import SoftwareSigner
from openid4vc.checks import CheckFailed, KeyBindingMissing
from openid4vc.qr.compaction import compact, restore
from openid4vc.qr.dictionary_1 import DICTIONARY
from openid4vc.qr.errors import (
    CertificateNotHeld,
    CompactTooLarge,
    InflateFailed,
    PartsMalformed,
    RawBytesMismatch,
    ReferenceDangling,
    TokenUnknown,
)
from openid4vc.qr.packed import deflate, pack, unpack
from openid4vc.sd_jwt.issue import issue
from openid4vc.sd_jwt.key_binding import bind
from tests.openid4vc.qr import kit

VECTORS = Path(__file__).parents[2] / "vectors"
KNOWN = (kit.NONCE, "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk")
SD_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+~[\w~.-]+", re.ASCII)
STRANGER = SoftwareSigner.generate()

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.text(max_size=30)
    | st.from_regex(r"[A-Za-z0-9_-]{20,90}", fullmatch=True)
    | st.binary(max_size=70).map(b64url_encode),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=12).map("c{}".format), inner, max_size=4)
    ),
    max_leaves=10,
)


def everyday(profile: str) -> str:
    return kit.bound(profile, audience=KNOWN[1])


def test_the_dictionary_is_frozen() -> None:
    assert len(DICTIONARY) == 8_800
    assert sha256(DICTIONARY).hexdigest() == (
        "6c52f7b886ac3998092315bf062f09e01c70b14bfde8708b90250be6b59f44fd"
    )


@pytest.mark.parametrize("profile", kit.EVERYDAY)
@pytest.mark.parametrize("known", [(), KNOWN, KNOWN[:1]])
@pytest.mark.parametrize("held", [frozenset(), frozenset(kit.certificates())])
def test_everyday_presentations_come_back(
    profile: str, known: tuple[str, ...], held: frozenset[bytes]
) -> None:
    text = everyday(profile)
    packed = compact(text, known=known, held=held)
    assert len(packed) < len(text) / 3
    lookup = {digest: kit.certificates()[digest] for digest in held}
    assert restore(packed, known=known, certificates=lookup.get) == text


@pytest.mark.parametrize("profile", kit.EVERYDAY)
def test_little_is_left_beside_what_cannot_be_smaller(profile: str) -> None:
    parts, raw = unpack(compact(everyday(profile), known=KNOWN, held=set(kit.certificates())))
    tokens = "".join(parts)
    # Raw: salts, digests of what is not shown, both signatures, the holder's x, one certificate
    # hash; and one byte for each reference.
    counts = {token: tokens.count(chr(token)) for token in range(1, 16)}
    assert counts[1] == len(parts) - 6
    assert counts[3] == 2
    assert counts[4] == counts[11] == 0
    assert (counts[5], counts[6], counts[7], counts[8]) == (len(parts) - 6, 1, 2, 1)
    references = counts[5] + counts[7]
    assert len(raw) == 16 * counts[1] + 32 * counts[2] + 64 * 2 + 32 * counts[8] + references
    assert len(deflate("\x1f".join(parts).encode())) < 310


@settings(max_examples=60)
@given(
    claims=st.dictionaries(st.text(max_size=20).map("c{}".format), _JSON, max_size=6),
    hidden=st.integers(0, 2**16),
    decoys=st.integers(0, 2),
    header=st.dictionaries(st.sampled_from(["kid", "typ", "x", "jku"]), st.text(max_size=40)),
    spacing=st.booleans(),
)
def test_any_presentation_comes_back(
    claims: dict[str, object],
    hidden: int,
    decoys: int,
    header: dict[str, str],
    spacing: bool,
) -> None:
    presented = issue(
        {"cnf": {"jwk": public_jwk(kit.HOLDER.public_key)}, **claims},
        hide=lambda place: bool(hidden >> (hash(str(place)) % 16) & 1),
        header=header,
        signer=STRANGER,
        random_bytes=kit.salts(),
        decoys=decoys,
    )
    if spacing:  # written by somebody who puts spaces and escapes into JSON
        jwt, *disclosures, _ = presented.split("~")
        payload = json.dumps(json.loads(b64url_decode(jwt.split(".")[1])))
        jwt = sign_jws(header, payload.encode(), STRANGER)
        spaced = (json.dumps(json.loads(b64url_decode(each)), indent=1) for each in disclosures)
        presented = "~".join((jwt, *(b64url_encode(each.encode()) for each in spaced), ""))
    text = bind(presented, signer=kit.HOLDER, audience="a", nonce=KNOWN[0], at=kit.AT)
    packed = compact(text, known=KNOWN)
    assert restore(packed, known=KNOWN) == text


def test_presentations_of_others_come_back() -> None:
    found = 0
    for path in (path for path in sorted(VECTORS.rglob("*")) if path.is_file()):
        for text in set(SD_JWT.findall(path.read_text("latin-1"))):
            try:
                packed = compact(text)
            except CheckFailed:
                continue
            assert restore(packed) == text, path
            found += 1
    assert found > 5


def test_texts_of_unusual_form_come_back() -> None:
    odd = public_jwk(STRANGER.public_key)
    unusual: dict[str, object] = {
        "padding bits": "A" * 21 + "B",
        "no point": {"x": "A" * 42 + "E", "y": "B" * 42 + "E"},
        "half a point": {"x": odd["x"], "y": odd["x"]},
        "point": {"x": odd["x"], "y": odd["y"]},
        "many bytes": b64url_encode(bytes(range(256)) * 4),
        "certificate": x5c_header([bytes(range(256)), bytes(range(255))]),
        "no certificate": "QUJD" * 70 + "QR==",
        "too long": x5c_header([bytes(range(256)) * 25]),
        "known": [*KNOWN, KNOWN[0] + KNOWN[1]],
        "controls": "\t\n\r\x1f\x01\x7f\u2028 åäö \U0001f600",
    }
    jwt = sign_jws({"typ": "x"}, json.dumps(unusual, indent=2).encode(), STRANGER)
    text = bind(f"{jwt}~", signer=kit.HOLDER, audience="b", nonce="c", at=kit.AT)
    assert restore(compact(text, known=KNOWN), known=KNOWN) == text


def test_parents_before_their_children_come_back() -> None:
    """Others may send a parent's disclosure first; its digests then travel as they are."""
    jwt, *disclosures, _ = kit.shown("te_initial_interview").split("~")
    turned = "~".join((jwt, *reversed(disclosures), ""))
    text = bind(turned, signer=kit.HOLDER, audience="b", nonce="c", at=kit.AT)
    assert restore(compact(text)) == text


def test_many_disclosures_come_back() -> None:
    presented = issue(
        {f"c{number}": number for number in range(300)},
        hide=lambda _place: True,
        header={"typ": "x"},
        signer=STRANGER,
        random_bytes=kit.salts(),
    )
    text = bind(presented, signer=kit.HOLDER, audience="b", nonce="c", at=kit.AT)
    packed = compact(text)
    assert restore(packed) == text


def test_what_is_no_presentation_is_not_compacted() -> None:
    with pytest.raises(KeyBindingMissing):
        compact(kit.shown("te_service_need"))
    with pytest.raises(CheckFailed):
        compact("no SD-JWT")
    bound = everyday("te_service_need")
    head, _, _ = bound.rpartition("~")
    no_json = sign_jws({"typ": "kb+jwt"}, b"\x01\x02", kit.HOLDER)
    with pytest.raises(CheckFailed):
        compact(f"{head}~{no_json}")


def test_what_is_too_large_is_not_compacted() -> None:
    jwt = sign_jws({}, strict_json.dumps({"a": "long " * 8_000}), STRANGER)
    text = bind(f"{jwt}~", signer=kit.HOLDER, audience="b", nonce="c", at=kit.AT)
    random_bytes = b"".join(sha256(bytes([number])).digest() for number in range(250)) * 3
    noisy = sign_jws({}, strict_json.dumps({"a": b64url_encode(random_bytes)}), STRANGER)
    noise = bind(f"{noisy}~", signer=kit.HOLDER, audience="b", nonce="c", at=kit.AT)
    assert restore(compact(text)) == text
    with pytest.raises(CompactTooLarge):
        compact(noise)


# --- Reading what somebody crafted ----------------------------------------------------------------

TAIL = ["{}", "{}", "", "{}", "{}", ""]


def crafted(*parts: str, raw: bytes = b"") -> bytes:
    return pack([*parts, *TAIL], raw)


@pytest.mark.parametrize(
    ("packed", "failure"),
    [
        (b"", InflateFailed),
        (b"\x00", InflateFailed),
        (b"\x00\x05abc", InflateFailed),
        (b"\x00\x03\xff\xff\xff", InflateFailed),
        (b"\x00\x01\x4b", InflateFailed),
        (bytes(16_385), CompactTooLarge),
        (pack(["{}"] * 5, b""), PartsMalformed),
        (crafted(raw=b"left over"), RawBytesMismatch),
        (crafted("\x01", raw=bytes(15)), RawBytesMismatch),
        (crafted("\x04", raw=b"\x00\x05abcd"), RawBytesMismatch),
        (crafted("\x00"), TokenUnknown),
        (crafted("\x10"), TokenUnknown),
        (crafted("\x1e"), TokenUnknown),
        (crafted("\x05", raw=b"\x00"), ReferenceDangling),
        (crafted("{}", "\x05", raw=b"\x01"), ReferenceDangling),
        (crafted("\x06"), ReferenceDangling),
        (crafted("\x07", raw=b"\x02"), ReferenceDangling),
        (crafted("\x0e"), ReferenceDangling),
        (crafted("\x02\x0f", raw=b"\xff" * 32), ReferenceDangling),
        (crafted("\x08", raw=bytes(32)), CertificateNotHeld),
        (crafted("\x0b", raw=b"\x00\x02ab"), InflateFailed),
        (pack(["{}", "{}", "not base64url!", "{}", "{}", ""], b""), PartsMalformed),
        (pack(["{}", "{}", "\x08", "{}", "{}", ""], bytes(32)), CertificateNotHeld),
        (crafted(*["{}"] * 513), CompactTooLarge),
    ],
)
def test_crafted_messages_are_refused(packed: bytes, failure: type[CheckFailed]) -> None:
    with pytest.raises(failure) as caught:
        restore(packed, known=KNOWN)
    assert type(caught.value) is failure


def test_bytes_that_are_no_utf_8_are_refused() -> None:
    deflated = deflate(b"\xff\xfe")
    with pytest.raises(PartsMalformed):
        restore(len(deflated).to_bytes(2, "big") + deflated)


def test_something_behind_the_deflated_data_is_refused() -> None:
    deflated = deflate(b"{}\x1f{}\x1f\x1f{}\x1f{}\x1f") + b"\x00"
    with pytest.raises(InflateFailed):
        restore(len(deflated).to_bytes(2, "big") + deflated)


def test_bombs_are_refused() -> None:
    bomb = deflate(b"[" * 5_000_000)
    assert len(bomb) < 16_000
    with pytest.raises(CompactTooLarge):
        restore(len(bomb).to_bytes(2, "big") + bomb)
    certificate = deflate(b"0" * 100_000)
    with pytest.raises(CompactTooLarge):
        restore(crafted("\x0b", raw=len(certificate).to_bytes(2, "big") + certificate))
    small = deflate(b"0" * 6_000)
    many = crafted("\x0b" * 400, raw=(len(small).to_bytes(2, "big") + small) * 400)
    with pytest.raises(CompactTooLarge):
        restore(many)


def test_a_lookup_that_errs_is_found_out() -> None:
    text = everyday("te_service_need")
    packed = compact(text, held=set(kit.certificates()))
    with pytest.raises(CertificateNotHeld):
        restore(packed, certificates=lambda _digest: b"another")


@pytest.mark.parametrize("known", [KNOWN[::-1], (KNOWN[0], "x509_hash:of another desk")])
def test_other_known_texts_give_another_text(known: tuple[str, str]) -> None:
    """Which no holder has signed, so that the key binding fails."""
    text = everyday("te_service_need")
    packed = compact(text, known=KNOWN)
    assert restore(packed, known=known) != text
    with pytest.raises(ReferenceDangling):
        restore(packed)


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_check(data: bytes) -> None:
    try:
        text = restore(data, known=KNOWN, certificates=kit.certificates().get)
    except CheckFailed:
        return
    assert text.count("~") >= 1


@settings(max_examples=300)
@given(
    st.lists(st.text(alphabet='{}[]",:a\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0e\x0f\x10å'))
    | st.lists(st.text()),
    st.binary(max_size=200),
)
def test_no_parts_raise_anything_but_a_check(parts: list[str], raw: bytes) -> None:
    try:
        packed = pack([*parts, *TAIL], raw)
    except UnicodeEncodeError:
        return
    try:
        restore(packed, known=KNOWN, certificates=kit.certificates().get)
    except CheckFailed:
        return


def test_cut_off_messages_are_refused() -> None:
    packed = compact(everyday("te_benefit_coordination"), known=KNOWN)
    for end in range(len(packed)):
        with pytest.raises(CheckFailed):
            restore(packed[:end], known=KNOWN)
    with pytest.raises(RawBytesMismatch):
        restore(packed + b"\x00", known=KNOWN)
