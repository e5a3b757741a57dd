"""Start a verification: a signed request for one profile, with fresh keys and a short life."""

from dataclasses import dataclass, field

from credential_schemas.model import RequestProfile
from keys.base64url import b64url_encode
from keys.box import BoxKey
from verifier.model import State, Verification
from verifier.ports import Clock, Random, Verifications
from verifier.usecases.profile_queries import ProfileQueries
from verifier.usecases.request_secrets import SEAL_NONCE_BYTES, RequestSecrets, SecretSealer
from verifier.usecases.ways import OUR_WAY, WantedWay, Ways
from verifier.usecases.write_request import SECRET_BYTES, RequestWriter


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
        queries: ProfileQueries,
        ways: Ways,
        verifications: Verifications,
        sealer: SecretSealer,
        clock: Clock,
        random: Random,
    ) -> None:
        self._queries = queries
        self._receiver = ways.receiver
        self._ways = ways
        self._verifications = verifications
        self._sealer = sealer
        self._clock = clock
        self._random = random
        self._writer = RequestWriter(receiver=ways.receiver, random=random)

    async def __call__(
        self,
        *,
        profile_id: str,
        role: str,
        owner: str,
        mark: str = "",
        wanted: WantedWay = OUR_WAY,
    ) -> StartedRequest:
        """Make a request.

        Args:
            profile_id: what the task is.
            role: the role of the caller's key.
            owner: public id of the caller's key.
            mark: how its id begins; only training has one.
            wanted: in which way the wallet is asked.

        Raises:
            ProfileNotAllowed: the role has no such profile.
            OverAsked: the profile asks for more than the role may see.
            ReturnNotAllowed: the browser would be sent where nobody agreed to.
            ClientIdNotOfCertificate: our certificate does not carry the host of our address.
        """
        way = self._ways(wanted)
        # The role has this profile, and may ask for every claim in it (allow-list and deny-list).
        profile = self.profile(profile_id, role)
        now = self._clock.now()
        query = await self._queries.query(profile, role=role, at=now)

        verification = Verification(
            id=mark + self._random.token(SECRET_BYTES),
            ref=self._random.token(SECRET_BYTES),
            owner=owner,
            role=role,
            profile=profile.id,
            state=State.REQUESTED,
            created_at=now,
            expires_at=now + self._receiver.request_life,
        )
        secrets = self._writer.new(verification, query, way=way, at=now)
        return await self._store(verification, secrets)

    def profile(self, profile_id: str, role: str) -> RequestProfile:
        """Return a profile of that role.

        Raises:
            ProfileNotAllowed: the role has no such profile.
        """
        return self._queries.profile(profile_id, role)

    async def _store(self, verification: Verification, secrets: RequestSecrets) -> StartedRequest:
        box, way = BoxKey.generate(), secrets.way
        sealed = self._sealer.seal(
            secrets,
            verification_id=verification.id,
            nonce=self._random.bytes(SEAL_NONCE_BYTES),
        )
        await self._verifications.add(verification, secrets=sealed, box_public=box.public_bytes)
        return StartedRequest(
            verification=verification,
            request_link=self._receiver.request_link(
                verification.ref, client_id=way.client_id, method=way.method
            ),
            request_uri=self._receiver.request_uri(verification.ref),
            client_id=way.client_id,
            result_key=b64url_encode(box.private_bytes),
        )
