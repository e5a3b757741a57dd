"""The signed request by which a holder revokes an own card: made of a sealed text, kept nowhere.

It goes out under a client_id of its own, which no desk has; it asks for one card and for nothing on
it; and it says by `transaction_data` what the answer brings about. The address of a request holds
all that its answer is checked against, sealed under the service's key, so that asking for one
writes nothing; that it is answered once is a conditional write.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from issuer.model import SealedClaims
from issuer.ports import Random, Vault
from issuer.usecases.addresses import Addresses
from issuer.usecases.after.failures import RevocationRequestUnknown
from keys import strict_json
from keys.base64url import b64url_decode, b64url_encode
from keys.checks import CheckFailed
from keys.jose import EncryptionKey
from keys.ports import Signer
from openid4vc.dcql.query import SD_JWT_VC, CredentialQuery, Query
from openid4vc.openid4vp.client_id import x509_hash
from openid4vc.openid4vp.link import request_link
from openid4vc.openid4vp.transaction_data import (
    CARD_TYPE,
    ORGANISATION,
    REVOKE_CARD,
    transaction_text,
)
from openid4vc.openid4vp.write_request import AuthorizationRequest, sign_request

LIFETIME = timedelta(minutes=5)
QUERY_ID = "card"
_ID_BYTES = 16
_WRAPPED_KEY_BYTES = 60
_MAX_CHARS = 2_048


@dataclass(frozen=True, slots=True)
class OpenRevocation:
    """What a request is made of, and its answer checked against.

    Attributes:
        id: hexadecimal; what is used up by the answer.
        vct: the type of the card that is to be revoked.
        key: for the answer's encryption, fresh for each request.
    """

    id: str
    organisation: str
    vct: str
    key: EncryptionKey = field(repr=False)
    nonce: str = field(repr=False)
    state: str = field(repr=False)
    expires_at: datetime

    @property
    def transaction(self) -> str:
        """What the answer has to confirm, as it travels."""
        return transaction_text(
            REVOKE_CARD,
            credential_ids=[QUERY_ID],
            details={ORGANISATION: self.organisation, CARD_TYPE: self.vct},
        )


class RevocationRequests:
    """Makes, reads back and signs requests.

    Args:
        vault: seals them.
        random: where ids come from.
        addresses: where they are answered.
        signer: the access key of the service for revoking, with its certificate.
    """

    def __init__(
        self, *, vault: Vault, random: Random, addresses: Addresses, signer: Signer
    ) -> None:
        self._vault = vault
        self._random = random
        self._addresses = addresses
        self._signer = signer

    @property
    def client_id(self) -> str:
        """The audience of every answer."""
        return x509_hash(self._signer.certificate_chain[0])

    def link(self, organisation: str, vct: str, *, at: datetime) -> str:
        """Return the link to a new request for a card of that type."""
        content = {
            "id": self._random.bytes(_ID_BYTES).hex(),
            "vct": vct,
            "ends": int((at + LIFETIME).timestamp()),
            "key": b64encode(EncryptionKey.generate().to_private_bytes()).decode("ascii"),
        }
        sealed = self._vault.seal(strict_json.dumps(content), binding=_binding(organisation))
        reference = b64url_encode(sealed.wrapped_key + sealed.ciphertext)
        return request_link(self.client_id, self._addresses.revocation(organisation, reference))

    def open(self, organisation: str, reference: str, *, at: datetime) -> OpenRevocation:
        """Read a request's address back.

        Raises:
            RevocationRequestUnknown: not one of ours, another organisation's, or over.
        """
        content = self._unsealed(organisation, reference)
        request_id = str(content["id"])
        opened = OpenRevocation(
            id=request_id,
            organisation=organisation,
            vct=str(content["vct"]),
            key=EncryptionKey.from_private_bytes(b64decode(str(content["key"]))),
            nonce=self._vault.secret_text("revocation-nonce", request_id),
            state=self._vault.secret_text("revocation-state", request_id),
            expires_at=datetime.fromtimestamp(int(str(content["ends"])), UTC),
        )
        if at >= opened.expires_at:
            raise RevocationRequestUnknown("over")
        return opened

    def sign(self, opened: OpenRevocation, reference: str) -> str:
        """Return the signed request object.

        Args:
            opened: the request.
            reference: the last part of its address.
        """
        query = CredentialQuery(id=QUERY_ID, format=SD_JWT_VC, vct_values=(opened.vct,))
        request = AuthorizationRequest(
            client_id=self.client_id,
            response_uri=self._addresses.revocation_answer(opened.organisation, reference),
            nonce=opened.nonce,
            state=opened.state,
            query=Query((query,)),
            encryption_jwk=opened.key.public_jwk,
            transaction_data=(opened.transaction,),
        )
        return sign_request(
            request,
            signer=self._signer,
            issued_at=opened.expires_at - LIFETIME,
            expires_at=opened.expires_at,
        )

    def _unsealed(self, organisation: str, reference: str) -> dict[str, object]:
        try:
            sealed = b64url_decode(reference[:_MAX_CHARS])
            parts = SealedClaims(sealed[:_WRAPPED_KEY_BYTES], sealed[_WRAPPED_KEY_BYTES:])
            plain = self._vault.unseal(parts, binding=_binding(organisation))
        except (CheckFailed, ValueError):
            raise RevocationRequestUnknown("not ours") from None
        return dict(strict_json.loads_object(plain))


def _binding(organisation: str) -> bytes:
    return strict_json.dumps(["self-revocation", organisation])
