"""Taking an SD-JWT apart: form, sizes, counts and depths."""

import json
import string

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
from openid4vc.sd_jwt.model import Disclosure
from openid4vc.sd_jwt.parse import parse, parse_disclosures
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


PIECES = [
    encoded("salt", "name", "value"),
    encoded("other salt", ["a", {"b": None}]),
    b64url_encode(b'["salt", "name", 1]'),
    b64url_encode(b'["salt","name",1]\n'),
    b64url_encode(b'["a","b",1]\n["c","d",2]'),
    b64url_encode(b'["a",\t"b",1]'),
    b64url_encode(b'["a","\t",1]'),
    b64url_encode(b"\n"),
    "",
]


def read_or_not(texts: list[str]) -> list[Disclosure] | None:
    try:
        return list(parse_disclosures(texts, "sha-256"))
    except (MalformedDisclosure, DisclosureWrongShape):
        return None


@given(st.lists(st.sampled_from(PIECES), max_size=4), st.data())
def test_disclosures_are_read_as_if_each_came_alone(texts: list[str], data: st.DataObject) -> None:
    # Nothing of one may come to count as part of the next: move some characters over.
    if len(texts) > 1 and data.draw(st.booleans()):
        moved = data.draw(st.integers(1, 4))
        texts[:2] = [texts[0] + texts[1][:moved], texts[1][moved:]]
    alone = [read_or_not([text]) for text in texts]
    together = read_or_not(texts)
    if together is None:
        assert None in alone
    else:
        assert [[one] for one in together] == alone


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
            parse_disclosures(texts, "sha-256")
