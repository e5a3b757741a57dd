"""Taking an SD-JWT apart: form, sizes, counts and depths."""

import hashlib
import json
import string
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.checks import MalformedJson, MalformedJws
from keys.jose import b64url_encode, sign_jws
from openid4vc import limits
from openid4vc.checks import (
    DisclosureWrongShape,
    HashAlgorithmNotAllowed,
    MalformedDisclosure,
    MalformedSdJwt,
    SdJwtTooLarge,
)
from openid4vc.sd_jwt.model import UnverifiedSdJwt
from openid4vc.sd_jwt.parse import parse
from tests.openid4vc.sd_jwt.kit import ISSUER, bound, encoded, hiding, sd_jwt, vc_claims, vector

URL_ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


@pytest.mark.req("SDJWT-10")
def test_parts_are_told_apart_by_the_last_tilde() -> None:
    name = encoded("salt", "given_name", "Aino")
    plain = hiding(name)
    with_key_binding = bound(plain)
    assert parse(plain).key_binding is None
    read = parse(with_key_binding)
    assert read.key_binding is not None
    assert read.without_key_binding == plain
    assert [each.text for each in read.disclosures] == [name]


@pytest.mark.req("SDJWT-10")
@pytest.mark.parametrize("text", ["", "a.b.c", "ä~", "e30.e30.e30~\N{DEGREE SIGN}~"])
def test_what_is_no_sd_jwt_is_refused(text: str) -> None:
    with pytest.raises(MalformedSdJwt):
        parse(text)


@pytest.mark.req("SDJWT-10")
def test_an_issuer_signed_jwt_without_tilde_is_no_sd_jwt() -> None:
    bare = vector("sd-jwt/rfc9901-main.json")["serialized"][0]
    assert bare["kind"] == "issuer_signed_jwt"
    with pytest.raises(MalformedSdJwt):
        parse(bare["value"])


@pytest.mark.req("SDJWT-10")
def test_jwts_inside_have_to_be_jwts() -> None:
    plain = sd_jwt(vc_claims())
    for text in ("~", "a.b~", plain + "a.b", plain + "x"):
        with pytest.raises(MalformedJws):
            parse(text)


def test_the_payload_has_to_be_a_json_object_without_repeated_names() -> None:
    for payload in (b"[]", b'{"vct":"a","vct":"b"}', b'{"exp":NaN}', b"\xff"):
        with pytest.raises(MalformedJson):
            parse(sign_jws({"typ": "dc+sd-jwt"}, payload, ISSUER) + "~")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "W10=",
        "!",
        b64url_encode(b"{}"),
        b64url_encode(b'["salt","name"'),
        encoded(1, "name", "value"),
        encoded("salt", 1, "value"),
        encoded("salt", None, "value"),
        b64url_encode(b'["salt","name",{"a":1,"a":2}]'),
    ],
)
def test_what_is_no_disclosure_is_refused(text: str) -> None:
    with pytest.raises(MalformedDisclosure):
        parse(sd_jwt(vc_claims(), [text]))


@pytest.mark.req("SDJWT-12")
@pytest.mark.parametrize("parts", [[], ["salt"], ["salt", "name", 1, 2]])
def test_disclosures_of_another_length_are_refused(parts: list[object]) -> None:
    with pytest.raises(DisclosureWrongShape):
        parse(sd_jwt(vc_claims(), [encoded(*parts)]))


@pytest.mark.req("SDJWT-06", "SDJWT-25", "ARF-30")
@pytest.mark.parametrize("name", ["sha-256-32", "sha-1", "md5", "SHA-256", "sha3-256", 256, None])
def test_hash_functions_that_are_not_allowed_are_refused(name: object) -> None:
    with pytest.raises(HashAlgorithmNotAllowed):
        parse(sd_jwt({**vc_claims(), "_sd_alg": name}))


@pytest.mark.req("SDJWT-06", "HAIP-19")
def test_without_a_name_the_hash_is_sha_256() -> None:
    assert parse(sd_jwt(vc_claims())).hash_name == "sha-256"


def deep(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def test_sizes_counts_and_depths_are_bounded() -> None:
    plain = sd_jwt(vc_claims())
    small = encoded("salt", "a", 1)
    too_many = plain + "~".join([small] * (limits.MAX_DISCLOSURES + 1)) + "~"
    too_long_one = plain + encoded("salt", "a", "x" * limits.MAX_DISCLOSURE_CHARS) + "~"
    too_long = plain + "x" * limits.MAX_SD_JWT_CHARS
    for text in (too_many, too_long_one, too_long):
        with pytest.raises(SdJwtTooLarge):
            parse(text)
    with pytest.raises(MalformedJson):
        parse(sd_jwt(vc_claims(a=deep(limits.MAX_CLAIM_DEPTH))))
    with pytest.raises(MalformedDisclosure):
        parse(sd_jwt(vc_claims(), [encoded("salt", "a", deep(limits.MAX_CLAIM_DEPTH))]))
    with pytest.raises(MalformedJws):
        parse(plain + sign_jws({"typ": "kb+jwt"}, json.dumps({"x": "y" * 9_000}).encode(), ISSUER))


def test_the_largest_allowed_is_read() -> None:
    texts = [encoded(f"salt{number}", "a", 1) for number in range(limits.MAX_DISCLOSURES)]
    assert len(parse(sd_jwt(vc_claims(), texts)).disclosures) == limits.MAX_DISCLOSURES


GOOD = b64url_encode(b'{"vct":"a"}')
OBJECTS = [
    GOOD,
    b64url_encode(b'{"_sd":["a","b"],"c":{"d":[]}}'),
    b64url_encode(b'{"vct": "a"}'),
    b64url_encode(b'{"vct":"a"}\n'),
    b64url_encode(b'{"vct":"a"}\n["c","d",2]'),
    b64url_encode(b'{"vct":\t"a"}'),
    b64url_encode(b'["c","d",2]'),
    b64url_encode(b'{"a":' * limits.MAX_CLAIM_DEPTH + b"1" + b"}" * limits.MAX_CLAIM_DEPTH),
    b64url_encode(b'{"a":' * 17 + b"1" + b"}" * 17),
    b64url_encode(b"1"),
    "",
]
DISCLOSURES = [
    encoded("salt", "name", "value"),
    encoded("other salt", ["a", {"b": None}]),
    b64url_encode(b'["salt", "name", 1]'),
    b64url_encode(b'["salt","name",1]\n'),
    b64url_encode(b'["a","b",1]\n["c","d",2]'),
    b64url_encode(b'["a","b",1]\n{"vct":"b"}'),
    b64url_encode(b'["a",\t"b",1]'),
    b64url_encode(b'["a","\t",1]'),
    b64url_encode(b'{"vct":"b"}'),
    b64url_encode(b"[" * 17 + b"]" * 17),
    b64url_encode(b"\n"),
    "",
]


def together(payload: str, disclosures: Sequence[str], content: str = GOOD) -> str:
    def jwt(part: str) -> str:
        return f"{b64url_encode(b'{}')}.{part}.{b64url_encode(b'nobody checks this here')}"

    return "~".join([jwt(payload), *disclosures, jwt(content)])


def read_or_not(
    payload: str = GOOD, disclosures: Sequence[str] = (), content: str = GOOD
) -> UnverifiedSdJwt | None:
    try:
        return parse(together(payload, disclosures, content))
    except (MalformedJws, MalformedJson, MalformedDisclosure, DisclosureWrongShape):
        return None


@given(
    st.sampled_from(OBJECTS),
    st.lists(st.sampled_from(DISCLOSURES), max_size=4),
    st.sampled_from(OBJECTS),
    st.data(),
)
def test_all_parts_are_read_as_if_each_came_alone(
    payload: str, disclosures: list[str], content: str, data: st.DataObject
) -> None:
    parts = [payload, *disclosures, content]
    # Nothing of one may come to count as part of the next: move some characters over.
    if data.draw(st.booleans()):
        at, moved = data.draw(st.integers(0, len(parts) - 2)), data.draw(st.integers(1, 4))
        parts[at : at + 2] = [parts[at] + parts[at + 1][:moved], parts[at + 1][moved:]]
    payload, *disclosures, content = parts
    one, last = read_or_not(payload=payload), read_or_not(content=content)
    between = [read_or_not(disclosures=[each]) for each in disclosures]
    read = read_or_not(payload, disclosures, content)
    if one is None or last is None or None in between:
        assert read is None
        return
    assert read is not None
    assert read.claims == one.claims
    assert [(each,) for each in read.disclosures] == [each.disclosures for each in between if each]
    assert read.key_binding is not None
    assert last.key_binding is not None
    assert read.key_binding.claims == last.key_binding.claims


@pytest.mark.req("SDJWT-19")
def test_what_the_key_binding_has_to_name_is_the_hash_of_all_before_it() -> None:
    for name in ("sha-256", "sha-384", "sha-512"):
        payload = b64url_encode(json.dumps({"_sd_alg": name}).encode())
        text = together(payload, [encoded("salt", "name", "value")])
        read = parse(text)
        assert read.key_binding is not None
        before = text[: text.rindex("~") + 1]
        hashed = hashlib.new(name.replace("-", ""), before.encode()).digest()
        assert read.key_binding.sd_hash == b64url_encode(hashed)


@pytest.mark.parametrize("value", ["x", "xy", "xyz"])
def test_spare_bits_of_a_disclosure_are_zero(value: str) -> None:
    good = encoded("salt", "name", value)
    spare = -len(good) % 4 * 2  # bits of the last character that say nothing
    for bit in range(spare):
        changed = URL_ALPHABET[URL_ALPHABET.index(good[-1]) | 1 << bit]
        with pytest.raises(MalformedDisclosure):
            parse(sd_jwt(vc_claims(), [encoded("salt", "other", 1), good[:-1] + changed]))
    assert parse(sd_jwt(vc_claims(), [good])).disclosures[0].value == value


def test_two_halves_and_a_pair_are_no_three_disclosures() -> None:
    # Spare bits would join the halves to one, so that the numbers of texts and values are the same.
    half = b64url_encode(b'["s","n","wxyz')
    assert len(half) % 4 == 3
    for joint in URL_ALPHABET:
        texts = [
            half[:-1] + joint,
            b64url_encode(b'"]'),
            b64url_encode(b'["a","b",1]\n["c","d",2]'),
        ]
        with pytest.raises(MalformedDisclosure):
            parse(together(GOOD, texts))
