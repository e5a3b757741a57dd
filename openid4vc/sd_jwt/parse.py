"""From text to an `UnverifiedSdJwt`: form and size only, nothing is believed yet."""

from collections.abc import Sequence
from typing import Final

from keys import strict_json
from keys.checks import MalformedJson, MalformedJws
from keys.jose import b64url_decode, b64url_decode_lines, parse_jws
from openid4vc import limits
from openid4vc.checks import (
    DisclosureWrongShape,
    MalformedDisclosure,
    MalformedSdJwt,
    SdJwtTooLarge,
)
from openid4vc.sd_jwt.hashes import digests_of, hash_name_of
from openid4vc.sd_jwt.model import Disclosure, UnverifiedSdJwt

_OF_A_MEMBER: Final = 3  # salt, name, value
_OF_AN_ELEMENT: Final = 2  # salt, value


def parse(text: str) -> UnverifiedSdJwt:
    """Take a compact SD-JWT or SD-JWT+KB apart (RFC 9901 4, 7.1 step 1).

    Raises:
        MalformedSdJwt: no tilde, or characters outside ASCII.
        SdJwtTooLarge: beyond `openid4vc.limits`.
        MalformedJws, MalformedJson: the issuer-signed JWT or the key binding JWT.
        HashAlgorithmNotAllowed: `_sd_alg`.
        MalformedDisclosure, DisclosureWrongShape: one of the disclosures.
    """
    if len(text) > limits.MAX_SD_JWT_CHARS:
        raise SdJwtTooLarge
    issuer_jwt, tilde, rest = text.partition("~")
    if not text.isascii() or not tilde:
        raise MalformedSdJwt
    *disclosures, key_binding = rest.split("~")
    if len(disclosures) > limits.MAX_DISCLOSURES:
        raise SdJwtTooLarge
    if len(rest) > limits.MAX_DISCLOSURE_CHARS < max(map(len, disclosures), default=0):
        raise SdJwtTooLarge("disclosure")

    jws = parse_jws(issuer_jwt, max_chars=limits.MAX_ISSUER_JWT_CHARS)
    claims = strict_json.loads_object(jws.payload, max_depth=limits.MAX_CLAIM_DEPTH)
    hash_name = hash_name_of(claims)
    return UnverifiedSdJwt(
        jws=jws,
        claims=claims,
        hash_name=hash_name,
        disclosures=parse_disclosures(disclosures, hash_name),
        key_binding=(
            parse_jws(key_binding, max_chars=limits.MAX_KEY_BINDING_JWT_CHARS)
            if key_binding
            else None
        ),
        without_key_binding=text[: len(text) - len(key_binding)],
    )


def parse_disclosures(texts: Sequence[str], hash_name: str) -> tuple[Disclosure, ...]:
    """Read disclosures and take their digests over the texts as they came (RFC 9901 4.2).

    Raises:
        MalformedDisclosure: not base64url of a JSON array, or salt or name is no string.
        DisclosureWrongShape: neither two elements nor three.
    """
    try:
        contents = strict_json.loads_lines(
            b64url_decode_lines(texts), count=len(texts), max_depth=limits.MAX_CLAIM_DEPTH
        )
    except (MalformedJws, MalformedJson):
        contents = _one_by_one(texts)
    digests = digests_of([text.encode("ascii") for text in texts], hash_name)
    return tuple(_disclosures(texts, digests, contents))


def _one_by_one(texts: Sequence[str]) -> list[list[object]]:
    try:
        return [
            strict_json.loads_array(b64url_decode(text), max_depth=limits.MAX_CLAIM_DEPTH)
            for text in texts
        ]
    except (MalformedJws, MalformedJson):
        raise MalformedDisclosure from None


def _disclosures(
    texts: Sequence[str], digests: Sequence[str], contents: Sequence[list[object]]
) -> list[Disclosure]:
    read: list[Disclosure] = []
    for text, digest, content in zip(texts, digests, contents, strict=True):
        if len(content) == _OF_A_MEMBER:
            salt, name, value = content
            if not isinstance(salt, str) or not isinstance(name, str):
                raise MalformedDisclosure("salt or name is no string")
            read.append(Disclosure(text, digest, salt, name, value))
        elif len(content) == _OF_AN_ELEMENT:
            salt, value = content
            if not isinstance(salt, str):
                raise MalformedDisclosure("salt is no string")
            read.append(Disclosure(text, digest, salt, None, value))
        else:
            raise DisclosureWrongShape
    return read
