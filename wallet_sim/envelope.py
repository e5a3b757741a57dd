"""Sending requests for cards, encrypted both ways where the issuer can (OpenID4VCI 1.0, 10)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from keys import strict_json
from keys.jose import EncryptionKey
from openid4vc.openid4vci.encryption import (
    IssuerEncryption,
    check_encrypted,
    encrypt_message,
    open_response,
    response_encryption_json,
)
from openid4vc.openid4vci.wallet_errors import EncryptionNotSupported
from wallet_sim.answers import JSON
from wallet_sim.ports import Reply
from wallet_sim.tools import Tools

SUCCESS = frozenset({HTTPStatus.OK, HTTPStatus.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer that came encrypted, as if it had come as JSON."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str]
    content_type: str = JSON


class Envelope:
    """Posts JSON to an issuer; whoever carries it reads nothing if the issuer lets us encrypt."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def post(
        self,
        url: str,
        body: Mapping[str, object],
        *,
        encryption: IssuerEncryption,
        headers: Mapping[str, str],
    ) -> Reply:
        """Send a request, and return the answer in the clear. Each request has a key of its own.

        Raises:
            EncryptionNotSupported: the issuer wants encryption, and this wallet sends none.
            CredentialResponseInTheClear: it was to be encrypted.
            CheckFailed: the answer does not open; see ``openid4vci.encryption.open_response``.
            ConnectionLost: no whole answer came.
        """
        post_jwt = self._tools.post_jwt
        if encryption.request is None or post_jwt is None:
            if encryption.request_required or encryption.response_required:
                raise EncryptionNotSupported("this wallet sends in the clear")
            return await self._tools.network.post(url, json=dict(body), headers=headers)
        if encryption.response_enc is None:
            return await post_jwt(url, encrypt_message(body, encryption.request), headers)
        key = EncryptionKey.generate()
        wanted = response_encryption_json(key, encryption.response_enc)
        sealed = encrypt_message(
            {**body, "credential_response_encryption": wanted}, encryption.request
        )
        reply = await post_jwt(url, sealed, headers)
        # Errors are never encrypted (8.3.1.2).
        if reply.status not in SUCCESS:
            return reply
        check_encrypted(reply.content_type)
        opened = open_response(reply.body.decode("ascii", "replace"), key)
        return Opened(reply.status, strict_json.dumps(opened), reply.headers)
