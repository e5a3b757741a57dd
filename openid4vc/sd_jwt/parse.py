"""From text to an `UnverifiedSdJwt`: form and size only, nothing is believed yet.

The payload, the disclosures and the content of the key binding are read together, because nearly
all of them are written the way that `strict_json` reads at once. What is said about the whole is
read here too: the digests of the disclosures, and the one that the key binding has to name.
"""

from collections.abc import Sequence
from typing import Final

from keys import strict_json
from keys.checks import MalformedJson, MalformedJws
from keys.jose import b64url_decode, b64url_decode_lines, split_jws
from openid4vc import limits
from openid4vc.checks import (
    DisclosureWrongShape,
    MalformedDisclosure,
    MalformedSdJwt,
    SdJwtTooLarge,
)
from openid4vc.sd_jwt.hashes import digests_of, hash_name_of
from openid4vc.sd_jwt.model import Disclosure, UnverifiedKeyBinding, UnverifiedSdJwt

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

    jws, payload = split_jws(issuer_jwt, max_chars=limits.MAX_ISSUER_JWT_CHARS)
    without_key_binding = text[: len(text) - len(key_binding)]
    texts = [payload, *disclosures]
    hashed = [each.encode("ascii") for each in disclosures]
    proof = None
    if key_binding:
        proof, content = split_jws(key_binding, max_chars=limits.MAX_KEY_BINDING_JWT_CHARS)
        texts.append(content)
        hashed.append(without_key_binding.encode("ascii"))
    values = _read(texts, disclosures=len(disclosures))
    claims = _object(values[0])
    hash_name = hash_name_of(claims)
    digests = digests_of(hashed, hash_name)
    return UnverifiedSdJwt(
        jws=jws,
        claims=claims,
        hash_name=hash_name,
        disclosures=tuple(_disclosures(disclosures, digests, values[1:])),
        key_binding=(
            None if proof is None else UnverifiedKeyBinding(proof, _object(values[-1]), digests[-1])
        ),
        without_key_binding=without_key_binding,
    )


def _read(texts: Sequence[str], *, disclosures: int) -> Sequence[object]:
    """Read payload, disclosures and key binding all at once, or one by one if need be."""
    try:
        lines = b64url_decode_lines(texts)
        return strict_json.loads_lines(lines, count=len(texts), max_depth=limits.MAX_CLAIM_DEPTH)
    except (MalformedJws, MalformedJson):
        return [_loads(text, disclosure=0 < at <= disclosures) for at, text in enumerate(texts)]


def _loads(text: str, *, disclosure: bool) -> object:
    try:
        return strict_json.loads(b64url_decode(text), max_depth=limits.MAX_CLAIM_DEPTH)
    except (MalformedJws, MalformedJson):
        if disclosure:
            raise MalformedDisclosure from None
        raise


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise MalformedJson("not an object")
    return value


def _disclosures(
    texts: Sequence[str], digests: Sequence[str], contents: Sequence[object]
) -> list[Disclosure]:
    read: list[Disclosure] = []
    for text, digest, content in zip(texts, digests, contents, strict=False):  # a key binding
        if not isinstance(content, list):
            raise MalformedDisclosure("not an array")
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
