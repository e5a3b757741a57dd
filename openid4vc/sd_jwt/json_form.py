"""SD-JWTs in JWS JSON form, flattened or general (RFC 9901 8), to and from the compact form."""

import re
from collections.abc import Mapping
from typing import Final

from keys import strict_json
from keys.checks import MalformedJson, MalformedJws
from keys.jose import b64url_decode
from openid4vc import limits
from openid4vc.checks import MalformedJsonSdJwt
from openid4vc.sd_jwt.model import UnverifiedSdJwt
from openid4vc.sd_jwt.parse import parse
from openid4vc.shapes import Shape

_SHAPE: Final = Shape(MalformedJsonSdJwt)
_DISCLOSURES: Final = "disclosures"
_KEY_BINDING: Final = "kb_jwt"
_OF_THE_FIRST: Final = frozenset({_DISCLOSURES, _KEY_BINDING})
_OF_A_SIGNATURE: Final = frozenset({"protected", "header", "signature"})
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_JWT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)


def parse_json(text: str | bytes) -> UnverifiedSdJwt:
    """Take an SD-JWT or SD-JWT+KB in JSON form apart; nothing in it has been checked.

    Raises:
        CheckFailed: as `compact_from_json` and `openid4vc.sd_jwt.parse.parse`.
    """
    return parse(compact_from_json(text))


def compact_from_json(text: str | bytes) -> str:
    """Return the compact form of what the JSON form says (RFC 9901 8.1).

    `sd_hash` is taken over that form, so that every check of compact SD-JWTs holds for it as it
    is. Of several signatures the first is taken, to which disclosures and key binding belong;
    who wants another one to count has to verify it for themselves.

    Raises:
        MalformedJsonSdJwt: not JSON, neither flattened nor general or both at once, a member of
            another type, `disclosures` or `kb_jwt` anywhere but in the first unprotected header,
            or a header parameter both protected and not (RFC 7515 7.2.1).
    """
    members = _loads(text, limits.MAX_JSON_SD_JWT_BYTES)
    payload = _matching(_SEGMENT, members.get("payload"), "payload")
    first, *others = _signatures(members)
    for other in others:
        if not _OF_THE_FIRST.isdisjoint(_unprotected(other)):
            raise MalformedJsonSdJwt("not in the first header")
        _ = _matching(_SEGMENT, other.get("signature"), "signature")
    protected = _matching(_SEGMENT, first.get("protected"), "protected")
    signature = _matching(_SEGMENT, first.get("signature"), "signature")
    header = _unprotected(first)
    disclosures = header.get(_DISCLOSURES, [])
    if not isinstance(disclosures, list):
        raise MalformedJsonSdJwt(_DISCLOSURES)
    key_binding = (
        _matching(_JWT, header[_KEY_BINDING], _KEY_BINDING) if _KEY_BINDING in header else ""
    )
    texts = [_matching(_SEGMENT, each, _DISCLOSURES) for each in disclosures]
    return "~".join((f"{protected}.{payload}.{signature}", *texts, key_binding))


def json_from_compact(text: str, *, general: bool = False) -> dict[str, object]:
    """Return the JSON form of a compact SD-JWT or SD-JWT+KB (RFC 9901 8.2, 8.3).

    Args:
        text: the compact form.
        general: an array of signatures, of which there is one, in place of the flattened form.

    Raises:
        CheckFailed: the text is no SD-JWT; see `openid4vc.sd_jwt.parse.parse`.
    """
    sd_jwt = parse(text)
    protected, payload, signature = sd_jwt.jws.text.split(".")
    header: dict[str, object] = {_DISCLOSURES: [each.text for each in sd_jwt.disclosures]}
    if sd_jwt.key_binding is not None:
        header[_KEY_BINDING] = sd_jwt.key_binding.jws.text
    signed = {"protected": protected, "header": header, "signature": signature}
    return {"payload": payload, **({"signatures": [signed]} if general else signed)}


def _signatures(members: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Return what was signed with what: one object, or those of `signatures`."""
    if "signatures" not in members:
        return [members]
    if not _OF_A_SIGNATURE.isdisjoint(members):
        raise MalformedJsonSdJwt("flattened and general at once")
    listed = _SHAPE.array(members["signatures"], "signatures", max_items=limits.MAX_SIGNATURES)
    return [_SHAPE.members(each, "signature") for each in listed]


def _unprotected(signature: Mapping[str, object]) -> Mapping[str, object]:
    """Return the unprotected header of one signature, which repeats nothing of the protected."""
    header = _SHAPE.members(signature.get("header", {}), "header")
    if "protected" not in signature:
        return header
    text = _matching(_SEGMENT, signature["protected"], "protected")
    try:
        protected = _loads(b64url_decode(text), limits.MAX_ISSUER_JWT_CHARS)
    except MalformedJws:
        raise MalformedJsonSdJwt("protected") from None
    if not _OF_THE_FIRST.isdisjoint(protected):
        raise MalformedJsonSdJwt("in the protected header")
    if not header.keys().isdisjoint(protected):
        raise MalformedJsonSdJwt("a header parameter is protected and not")
    return header


def _loads(data: str | bytes, max_bytes: int) -> dict[str, object]:
    try:
        return strict_json.loads_object(data, max_bytes=max_bytes)
    except MalformedJson as failure:
        raise MalformedJsonSdJwt(failure.detail) from None


def _matching(pattern: re.Pattern[str], value: object, what: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise MalformedJsonSdJwt(what)
    return value
