"""Requests that may come encrypted, and their answers (OpenID4VCI 1.0, 10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request
from starlette.responses import JSONResponse, Response

from keys.checks import MalformedJson
from keys.jose import EncryptionKey
from openid4vc.openid4vci.encryption import (
    MEDIA_TYPE,
    Recipient,
    encrypt_message,
    open_request,
    read_response_encryption,
)
from openid4vc.openid4vci.errors import InvalidCredentialRequest
from service_kit.http import read_json


@dataclass(frozen=True, slots=True)
class Message:
    """A request's JSON, and whom the answer is encrypted to; None for an answer in the clear."""

    body: object
    recipient: Recipient | None

    def answer(self, body: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> Response:
        """Return the answer, which is no error: those are never encrypted."""
        if self.recipient is None:
            return JSONResponse(body, status_code=status)
        text = encrypt_message(body, self.recipient)
        return Response(text, status_code=status, media_type=MEDIA_TYPE)


async def read_message(
    request: Request, key: EncryptionKey, *, is_required: bool = False
) -> Message:
    """Read a credential request or a deferred one, encrypted to our key or in the clear.

    Args:
        request: as it came.
        key: ours.
        is_required: the answer has to be encrypted, and so the request.

    Raises:
        MediaTypeNotSupported: neither JSON nor a JWT.
        InvalidCredentialRequest: no JSON.
        InvalidEncryptionParameters: see `openid4vc.openid4vci.encryption`.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_encrypted = media_type == MEDIA_TYPE
    if is_encrypted:
        body = open_request((await request.body()).decode("ascii", "replace"), key)
    else:
        try:
            body = await read_json(request)
        except MalformedJson as failure:
            raise InvalidCredentialRequest(failure.detail) from None
    recipient = read_response_encryption(body, was_encrypted=is_encrypted, is_required=is_required)
    return Message(body, recipient)
