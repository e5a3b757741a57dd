"""Answers: encrypted by the wallet, opened by the verifier (OpenID4VP 1.0, 8)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from keys import strict_json
from keys.checks import MalformedJson
from keys.jose import EncryptionKey, decrypt_jwe, encrypt_jwe
from openid4vc.openid4vp.errors import (
    EncryptionNotPossible,
    MalformedResponse,
    MalformedVpToken,
    ResponseNotEncrypted,
    StateMismatch,
    WalletErrorCode,
)
from openid4vc.openid4vp.write_request import ENC_VALUES, AuthorizationRequest
from openid4vc.shapes import Shape

MAX_RESPONSE_CHARS: Final = 262_144
MAX_PRESENTATION_CHARS: Final = 131_072
MAX_QUERIES: Final = 16
MAX_PRESENTATIONS: Final = 16

_QUERY_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_WORD: Final = re.compile(r"[a-z_]{1,64}", re.ASCII)
_RESPONSE: Final = Shape(MalformedResponse)
_TOKEN: Final = Shape(MalformedVpToken)
_STATE: Final = Shape(StateMismatch)


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """Presentations by query id; nothing in them has been checked.

    Attributes:
        acted_by: who answered for the holder, in the wallet's word; None for the holder. It is no
            proof of anything, and a member that only wallets like ours send.
    """

    vp_token: Mapping[str, tuple[str, ...]]
    acted_by: str | None = None


@dataclass(frozen=True, slots=True)
class WalletError:
    """The wallet declined. `error` is one of `WalletErrorCode`, or a code of its own.

    An error_description is not kept: nobody asked for it, and it may say something personal.
    """

    error: str


def encrypt_response(
    request: AuthorizationRequest,
    vp_token: Mapping[str, Sequence[str]],
    *,
    acted_by: str | None = None,
) -> str:
    """Return the encrypted answer (8.3), a compact JWE.

    Args:
        request: what is answered; its key, content encryptions and state are used.
        vp_token: query ids to presentations, always lists (8.1).
        acted_by: who answers for the holder, as `AuthorizationResponse` has it.

    Raises:
        EncryptionNotPossible: no content encryption in common.
    """
    token = {query_id: list(presentations) for query_id, presentations in vp_token.items()}
    payload: dict[str, object] = {"vp_token": token}
    if request.state is not None:
        payload["state"] = request.state
    if acted_by is not None:
        payload["acted_by"] = acted_by
    enc = next((value for value in request.enc_values if value in ENC_VALUES), None)
    if enc is None:
        raise EncryptionNotPossible("no AES-GCM")
    return encrypt_jwe(strict_json.dumps(payload), request.encryption_jwk, enc=enc)


def response_form(jwe: str) -> dict[str, str]:
    """Return the form that carries an encrypted answer to `response_uri` (8.3.1)."""
    return {"response": jwe}


def error_form(error: WalletErrorCode, *, state: str | None) -> dict[str, str]:
    """Return the form of an error (8.2, 8.5), unencrypted and without a description."""
    form = {"error": error.value}
    return form if state is None else {**form, "state": state}


def read_response(
    pairs: Sequence[tuple[str, str]],
    *,
    key: EncryptionKey,
    state: str,
    unsafe_allow_unencrypted: bool = False,
) -> AuthorizationResponse | WalletError:
    """Read what was posted to `response_uri`; unknown parameters are ignored (8.2).

    Args:
        pairs: the form, repeated names included.
        key: the key of this request; it is used once.
        state: the state of this request.
        unsafe_allow_unencrypted: UNSAFE, for tests only: take a `vp_token` in the clear.

    Raises:
        MalformedResponse: a repeated parameter, neither an answer nor an error, or broken JSON.
        MalformedJwe, AlgorithmNotAllowed, CriticalHeaderNotUnderstood, DecryptionFailed: as
            `decrypt_jwe`.
        ResponseNotEncrypted: a `vp_token` in the clear.
        StateMismatch: missing, or of another request.
        MalformedVpToken: not an object of arrays of presentations (8.1).
    """
    form = _form(pairs)
    # 1. Encrypted, unless it is an error
    if "response" in form:
        members: Mapping[str, object] = _decrypted(form["response"], key)
    elif "vp_token" in form:
        if not unsafe_allow_unencrypted:
            raise ResponseNotEncrypted("vp_token in the clear")
        members = {**form, "vp_token": _json(_bytes(form["vp_token"]))}
    else:
        members = form
    # 2. For this request
    if not compare_digest(_bytes(_STATE.text(members.get("state"), "state")), _bytes(state)):
        raise StateMismatch("state differs")
    # 3. An error, or presentations
    if "error" in members:
        return WalletError(_error(members["error"]))
    return AuthorizationResponse(_vp_token(members.get("vp_token")), _acted_by(members))


def _form(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    form = _RESPONSE.single_values(pairs)
    if form.keys().isdisjoint({"response", "vp_token", "error"}):
        raise MalformedResponse("neither an answer nor an error")
    return form


def _decrypted(jwe: str, key: EncryptionKey) -> Mapping[str, object]:
    payload = decrypt_jwe(jwe, key, enc_allowed=ENC_VALUES, max_chars=MAX_RESPONSE_CHARS)
    return _RESPONSE.members(_json(payload), "response")


def _json(data: bytes) -> object:
    try:
        return strict_json.loads(data, max_bytes=MAX_RESPONSE_CHARS)
    except MalformedJson as failure:
        raise MalformedResponse(failure.detail) from None


def _error(value: object) -> str:
    code = _RESPONSE.text(value, "error", max_chars=64)
    if not _WORD.fullmatch(code):
        raise MalformedResponse("error is no error code")
    return code


def _acted_by(members: Mapping[str, object]) -> str | None:
    """Return a word of the form that ours have; an unknown parameter, which is ignored, else."""
    said = members.get("acted_by")
    return said if isinstance(said, str) and _WORD.fullmatch(said) else None


def _vp_token(value: object) -> dict[str, tuple[str, ...]]:
    members = _TOKEN.members(value, "vp_token")
    if not 1 <= len(members) <= MAX_QUERIES:
        raise MalformedVpToken("vp_token has no entry, or too many")
    if not all(_QUERY_ID.fullmatch(query_id) for query_id in members):
        raise MalformedVpToken("vp_token has a name that is no query id")
    return {query_id: _presentations(entry) for query_id, entry in members.items()}


def _presentations(value: object) -> tuple[str, ...]:
    return _TOKEN.texts(
        value, "presentations", max_items=MAX_PRESENTATIONS, max_chars=MAX_PRESENTATION_CHARS
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
