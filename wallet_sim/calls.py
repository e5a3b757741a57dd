"""Calls to an issuer's servers that show whose wallet it is, and by which key it holds its tokens.

Where a server asks for a nonce, a challenge or a fresh attestation, the call is made once more with
it. Nonces are kept for each server, and challenges are used once (RFC 9449 8, OpenID4VCI 1.0 E).
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from keys.jose import b64url_encode, public_jwk
from openid4vc.oauth.attesting import make_attestation_pop
from openid4vc.oauth.dpop import ProvedCall, make_dpop_proof
from wallet_sim.adding_failures import ProviderMissing
from wallet_sim.answers import error_code, json_object
from wallet_sim.flow_failures import IssuerAnswerUnclear
from wallet_sim.held import signer_of
from wallet_sim.instances import Instance
from wallet_sim.ports import Reply
from wallet_sim.tools import Tools

Send = Callable[[Mapping[str, str]], Awaitable[Reply]]
"""Makes one request with these headers beside its own."""

NONCE_WANTED: Final = "use_dpop_nonce"
CHALLENGE_WANTED: Final = "use_attestation_challenge"
FRESH_WANTED: Final = "use_fresh_attestation"
ATTESTATION_KEPT: Final = timedelta(hours=1)
"""A provider's attestations live longer; a wallet that was put down gets another one."""

JTI_BYTES: Final = 16
_REFUSALS: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED})
_NQCHAR: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,1024}", re.ASCII)  # RFC 9449 8.1
_ERROR: Final = re.compile(r'\bDPoP\b.*\berror="([^"]*)"', re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a call shows beside its message.

    Attributes:
        server: the authorization server's issuer identifier; what it says is remembered under it.
        instance: the wallet's keys there; None for an anonymous wallet.
        access_token: at the credential issuer's endpoints.
        is_attested: whose wallet it is, at endpoints that authenticate clients.
        challenge_endpoint: where challenges for that come from; None when the server has no such.
    """

    server: str
    instance: Instance | None = None
    access_token: str | None = field(default=None, repr=False)
    is_attested: bool = False
    challenge_endpoint: str | None = None


class Caller:
    """Makes calls, and remembers what servers want to see in the next one."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._nonces: dict[tuple[str, str], str] = {}
        self._challenges: dict[str, str] = {}
        self._attestations: dict[str, tuple[str, datetime]] = {}

    async def post(self, url: str, shown: Shown, send: Send) -> Reply:
        """Call, and once more for each thing that the server misses.

        Args:
            url: where to; DPoP proofs name it.
            shown: what the call shows.
            send: makes the request.

        Raises:
            ProviderMissing: whose wallet it is has to be shown, and nobody vouches for it.
            CheckFailed: as ``send``, and what the provider or the challenge endpoint answer.
        """
        mended: set[str] = set()
        while True:
            reply = await send(await self._headers(url, shown))
            self.note(url, shown.server, reply)
            wanted = _wanted(reply)
            if wanted is None or wanted in mended:
                return reply
            mended.add(wanted)
            if wanted == FRESH_WANTED:
                self._attestations.pop(shown.server, None)

    def note(self, url: str, server: str, reply: Reply) -> None:
        """Remember what an answer says of the next call (RFC 9449 8.2; ABCA 6.2)."""
        nonce = reply.headers.get("dpop-nonce", "")
        if _NQCHAR.fullmatch(nonce):
            self._nonces[server, _origin(url)] = nonce
        challenge = reply.headers.get("oauth-client-attestation-challenge", "")
        if _NQCHAR.fullmatch(challenge):
            self._challenges[server] = challenge

    async def _headers(self, url: str, shown: Shown) -> dict[str, str]:
        if shown.instance is None:
            token = shown.access_token
            return {} if token is None else {"Authorization": f"Bearer {token}"}
        headers = {"DPoP": self._dpop(url, shown, shown.instance)}
        if shown.access_token is not None:
            headers["Authorization"] = f"DPoP {shown.access_token}"
        if shown.is_attested:
            headers |= await self._attested(shown, shown.instance)
        return headers

    def _dpop(self, url: str, shown: Shown, instance: Instance) -> str:
        nonce = self._nonces.get((shown.server, _origin(url)))
        return make_dpop_proof(
            ProvedCall("POST", url, nonce, shown.access_token),
            signer=signer_of(instance.token_key),
            jti=self._new_id(),
            at=self._tools.clock.now(),
        )

    async def _attested(self, shown: Shown, instance: Instance) -> dict[str, str]:
        provider = self._tools.provider
        if provider is None:
            raise ProviderMissing
        attestation = await self._attestation(shown.server, instance)
        pop = make_attestation_pop(
            signer=signer_of(instance.instance_key),
            audience=shown.server,
            jti=self._new_id(),
            at=self._tools.clock.now(),
            challenge=await self._challenge(shown),
            client_id=provider.client_id,
        )
        return {"OAuth-Client-Attestation": attestation, "OAuth-Client-Attestation-PoP": pop}

    async def _attestation(self, server: str, instance: Instance) -> str:
        """Return an attestation of the keys that this server alone knows (HAIP 4.4.1)."""
        if self._tools.provider is None:
            raise ProviderMissing
        now = self._tools.clock.now()
        kept = self._attestations.get(server)
        if kept is None or now >= kept[1]:
            jwk = public_jwk(signer_of(instance.instance_key).public_key)
            kept = await self._tools.provider.attest_instance(jwk), now + ATTESTATION_KEPT
            self._attestations[server] = kept
        return kept[0]

    async def _challenge(self, shown: Shown) -> str | None:
        """Return the challenge that came with the last answer, else one from its endpoint."""
        known = self._challenges.pop(shown.server, None)
        if known is not None or shown.challenge_endpoint is None:
            return known
        reply = await self._tools.network.post(shown.challenge_endpoint)
        self.note(shown.challenge_endpoint, shown.server, reply)
        challenge = json_object(reply).get("attestation_challenge")
        if not isinstance(challenge, str) or not _NQCHAR.fullmatch(challenge):
            raise IssuerAnswerUnclear("attestation_challenge")
        # the same one may stand in the header, too
        self._challenges.pop(shown.server, None)
        return challenge

    def _new_id(self) -> str:
        return b64url_encode(self._tools.random.bytes(JTI_BYTES))


def _wanted(reply: Reply) -> str | None:
    """Return what a refusal says that the same call needs, None for any other answer."""
    if reply.status not in _REFUSALS:
        return None
    found = _ERROR.search(reply.headers.get("www-authenticate", ""))
    error = found[1] if found else error_code(reply)
    if error == NONCE_WANTED:
        return error if "dpop-nonce" in reply.headers else None
    return error if error in (CHALLENGE_WANTED, FRESH_WANTED) else None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
