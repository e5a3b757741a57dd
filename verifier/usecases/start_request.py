"""Start a verification: a signed request for one profile, with fresh keys and a short life."""

from dataclasses import dataclass, field
from datetime import timedelta

from credential_schemas.model import Catalogue, RequestProfile
from keys.base64url import b64url_encode
from keys.box import BoxKey
from keys.jose import EncryptionKey
from keys.ports import Signer
from openid4vc.dcql.profiles import check_may_ask, query_for
from openid4vc.openid4vp.client_id import x509_hash
from openid4vc.openid4vp.request import AuthorizationRequest, request_link, sign_request
from verifier.model import State, Verification
from verifier.ports import Clock, Random, Verifications
from verifier.usecases.failures import ProfileNotAllowed
from verifier.usecases.request_secrets import RequestSecrets, SecretSealer

_SECRET_BYTES = 32  # nonce, state, ref and id: 256 bits each
_SEAL_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who asks.

    Attributes:
        base_url: where wallets reach this service.
        signer: the key that signs its requests.
        request_life: how long a request may be answered.
    """

    base_url: str
    signer: Signer
    request_life: timedelta = timedelta(minutes=5)

    @property
    def client_id(self) -> str:
        """The receiver's client identifier, prefix included."""
        return x509_hash(self.signer.certificate_chain[0])

    def request_uri(self, ref: str) -> str:
        """Return where a wallet reads the request."""
        return f"{self.base_url}/requests/{ref}"

    def request_link(self, ref: str) -> str:
        """Return what the QR code holds."""
        return request_link(self.client_id, self.request_uri(ref))


@dataclass(frozen=True, slots=True)
class StartedRequest:
    """A new request. `result_key` is told once, here; without it nobody sees the values."""

    verification: Verification
    request_link: str
    request_uri: str
    client_id: str
    result_key: str = field(repr=False)


class StartRequest:
    """See the module text."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        receiver: Receiver,
        verifications: Verifications,
        sealer: SecretSealer,
        clock: Clock,
        random: Random,
    ) -> None:
        self._catalogue = catalogue
        self._receiver = receiver
        self._verifications = verifications
        self._sealer = sealer
        self._clock = clock
        self._random = random

    async def __call__(self, *, profile_id: str, role: str, owner: str) -> StartedRequest:
        """Make a request.

        Args:
            profile_id: what the task is.
            role: the role of the caller's key.
            owner: public id of the caller's key.

        Raises:
            ProfileNotAllowed: the role has no such profile.
            OverAsked: the profile asks for more than the role may see.
        """
        # The role has this profile, and may ask for every claim in it (allow-list and deny-list).
        profile = self.profile(profile_id, role)
        query = query_for(profile, self._catalogue)
        check_may_ask(query, role=role, catalogue=self._catalogue)

        now = self._clock.now()
        ref = self._random.token(_SECRET_BYTES)
        verification = Verification(
            id=self._random.token(_SECRET_BYTES),
            ref=ref,
            owner=owner,
            role=role,
            profile=profile.id,
            state=State.REQUESTED,
            created_at=now,
            expires_at=now + self._receiver.request_life,
        )
        key = EncryptionKey.generate()
        state = self._random.token(_SECRET_BYTES)
        request = AuthorizationRequest(
            client_id=self._receiver.client_id,
            response_uri=f"{self._receiver.base_url}/responses/{ref}",
            nonce=self._random.token(_SECRET_BYTES),
            state=state,
            query=query,
            encryption_jwk=key.public_jwk,
            profile_id=profile.id,
        )
        secrets = RequestSecrets(
            signed_request=sign_request(
                request,
                signer=self._receiver.signer,
                issued_at=now,
                expires_at=verification.expires_at,
            ),
            client_id=request.client_id,
            nonce=request.nonce,
            state=state,
            key=key,
            query=query,
        )
        return await self._store(verification, secrets)

    def profile(self, profile_id: str, role: str) -> RequestProfile:
        """Return a profile of that role.

        Raises:
            ProfileNotAllowed: the role has no such profile.
        """
        for profile in self._catalogue.profiles_for(role):
            if profile.id == profile_id:
                return profile
        raise ProfileNotAllowed("no such profile for this role")

    async def _store(self, verification: Verification, secrets: RequestSecrets) -> StartedRequest:
        box = BoxKey.generate()
        sealed = self._sealer.seal(
            secrets,
            verification_id=verification.id,
            nonce=self._random.bytes(_SEAL_NONCE_BYTES),
        )
        await self._verifications.add(verification, secrets=sealed, box_public=box.public_bytes)
        return StartedRequest(
            verification=verification,
            request_link=self._receiver.request_link(verification.ref),
            request_uri=self._receiver.request_uri(verification.ref),
            client_id=secrets.client_id,
            result_key=b64url_encode(box.private_bytes),
        )
