"""Write a signed request for a profile, with what its answer will be checked against."""

from dataclasses import replace
from datetime import datetime

from keys.jose import EncryptionKey
from openid4vc.dcql.query import Query
from openid4vc.openid4vp.request import AuthorizationRequest, sign_request
from verifier.model import Verification
from verifier.ports import Random
from verifier.usecases.receiver import Receiver
from verifier.usecases.request_secrets import RequestSecrets, Way

SECRET_BYTES = 32  # nonce, state, ref and id: 256 bits each


class RequestWriter:
    """See the module text."""

    def __init__(self, *, receiver: Receiver, random: Random) -> None:
        self._receiver = receiver
        self._random = random

    def new(
        self, verification: Verification, query: Query, *, way: Way, at: datetime
    ) -> RequestSecrets:
        """Return a request with a fresh nonce, state and key.

        Args:
            verification: as it is stored with it; the request ends when it does.
            query: what is asked.
            way: in which way.
            at: now.
        """
        secrets = RequestSecrets(
            signed_request="",
            way=way,
            nonce=self._random.token(SECRET_BYTES),
            state=self._random.token(SECRET_BYTES),
            key=EncryptionKey.generate(),
            query=query,
        )
        return self.again(verification, secrets, at=at)

    def again(
        self, verification: Verification, secrets: RequestSecrets, *, at: datetime
    ) -> RequestSecrets:
        """Return the same request, signed with the verification's present end."""
        return replace(secrets, signed_request=self.signed(verification, secrets, at=at))

    def signed(
        self,
        verification: Verification,
        secrets: RequestSecrets,
        *,
        at: datetime,
        wallet_nonce: str | None = None,
    ) -> str:
        """Return the request signed now, for a wallet that gave a nonce of its own."""
        request = AuthorizationRequest(
            client_id=secrets.way.client_id,
            response_uri=self._receiver.response_uri(verification.ref),
            nonce=secrets.nonce,
            state=secrets.state,
            query=secrets.query,
            encryption_jwk=secrets.key.public_jwk,
            profile_id=verification.profile,
        )
        return sign_request(
            request,
            signer=self._receiver.signer,
            issued_at=at,
            expires_at=verification.expires_at,
            wallet_nonce=wallet_nonce,
        )
