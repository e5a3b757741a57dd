"""The client's own page: a wallet answers with the receipt, and is sent to what became of it.

Whoever started the request sees nothing: only the wallet that answered is told the secret address
of the page. So nobody needs to sign in, and a request that was photographed or passed on leads
nowhere but to the page of the person whose wallet answered.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from credential_schemas.model import RequestProfile
from keys import strict_json
from keys.jose import EncryptionKey
from keys.seal import NONCE_BYTES, seal, unseal
from openid4vc.dcql.query import Query
from openid4vc.openid4vp.request import AuthorizationRequest, request_link, sign_request
from openid4vc.openid4vp.response import WalletError, read_response
from openid4vc.openid4vp.withdrawal import Wish
from verifier.ports import Clock, Random
from verifier.usecases.act_on_receipt import ReceiptWork
from verifier.usecases.caller_limit import CallerLimit
from verifier.usecases.check_presentation import ExpectedResponse
from verifier.usecases.check_receipt import HeldReceipt
from verifier.usecases.client_side_model import (
    GivenReceipt,
    HeldPage,
    HeldPages,
    Holdings,
    PrivacyPageBusy,
)
from verifier.usecases.failures import RequestUnknown
from verifier.usecases.profile_queries import PRIVACY_ROLE, ProfileQueries
from verifier.usecases.receiver import Receiver
from verifier.usecases.request_secrets import (
    SEAL_NONCE_BYTES,
    RequestSecrets,
    SecretSealer,
    Way,
)
from verifier.usecases.write_request import SECRET_BYTES

PRIVACY_PROFILE: Final = "client_own_receipt"
PAGE_LIFE: Final = timedelta(minutes=15)
_MOST_OPEN: Final = 2_000
_MOST_FROM_ONE: Final = 500  # so that one caller alone keeps nobody else out
_CONTEXT: Final = b"kykylompakko privacy page 1\x00"
_ADDRESS_CHARS: Final = 43


@dataclass(frozen=True, slots=True)
class OpenedRequest:
    """A request for the client's own receipt, as its page shows it."""

    link: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What the client's own page shows.

    Attributes:
        receipt: None when what was presented is no receipt of ours.
        holdings: what there is now, None without a receipt.
        disclosed: names of what was shown, as `type.claim`, from the receipt itself.
        until: when the page ends.
    """

    receipt: GivenReceipt | None
    holdings: Holdings | None
    disclosed: tuple[str, ...]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRequest:
    """What a request is made of.

    Attributes:
        receiver: who asks; its certificate is for this page alone.
        queries: what the task asks for.
        profile: the task.
        sealer: seals requests at rest.
    """

    receiver: Receiver
    queries: ProfileQueries
    profile: RequestProfile
    sealer: SecretSealer


class OpenReceipt:
    """See the module text."""

    def __init__(
        self,
        *,
        asks: OwnRequest,
        pages: HeldPages,
        work: ReceiptWork,
        clock: Clock,
        random: Random,
    ) -> None:
        self._asks = asks
        self._pages = pages
        self._work = work
        self._clock = clock
        self._random = random
        self._callers = CallerLimit(_MOST_FROM_ONE, within=asks.receiver.request_life)

    async def start(self, *, caller: str) -> OpenedRequest:
        """Make a request for anybody who looks at the page.

        Args:
            caller: where it came from, as far as is known; it is not stored.

        Raises:
            TooManyAttempts: too many for one caller.
            PrivacyPageBusy: too many are open.
            OverAsked: the task asks for more than its role may see.
        """
        now = self._clock.now()
        self._callers.count(caller, at=now)
        receiver = self._asks.receiver
        query = await self._asks.queries.query(self._asks.profile, role=PRIVACY_ROLE, at=now)
        ref = self._random.token(SECRET_BYTES)
        until = now + receiver.request_life
        sealed = self._asks.sealer.seal(
            self._secrets(ref, query, at=now, until=until),
            verification_id=ref,
            nonce=self._random.bytes(SEAL_NONCE_BYTES),
        )
        page = HeldPage(_found_by(ref, b"request"), sealed, until)
        if not await self._pages.add(page, most=_MOST_OPEN):
            raise PrivacyPageBusy
        return OpenedRequest(request_link(receiver.client_id, self._request_uri(ref)), until)

    async def serve(self, ref: str) -> str:
        """Return the signed request; the same bytes until it is answered.

        Raises:
            RequestUnknown: there is none, it is answered, or out of time.
        """
        page = await self._pages.find(_found_by(ref, b"request"), at=self._clock.now())
        if page is None:
            raise RequestUnknown
        return self._asks.sealer.open(page.sealed, verification_id=ref).signed_request

    async def answer(self, ref: str, pairs: Sequence[tuple[str, str]]) -> str | None:
        """Take a wallet's answer, once.

        Returns:
            The secret address of the page for whoever answered, whatever the receipt came to;
            None when the wallet answered that nothing is shown.

        Raises:
            RequestUnknown: no such request is open.
            CheckFailed: the form is no response to this request; it stays open.
        """
        now, key = self._clock.now(), _found_by(ref, b"request")
        page = await self._pages.find(key, at=now)
        if page is None:
            raise RequestUnknown
        secrets = self._asks.sealer.open(page.sealed, verification_id=ref)
        response = read_response(pairs, key=secrets.key, state=secrets.state)
        if await self._pages.take(key, at=now) is None:
            raise RequestUnknown  # somebody else's answer came first
        if isinstance(response, WalletError):
            return None
        expected = ExpectedResponse(
            query=secrets.query, client_id=secrets.way.client_id, nonce=secrets.nonce, at=now
        )
        return await self._hold(await self._work.check(response.vp_token, expected), now)

    async def look(self, address: str) -> OwnPage | None:
        """Return the page behind an address; None when there is none or its time is over."""
        page = await self._page(address)
        if page is None:
            return None
        told = strict_json.loads_object(_opened(page, address))
        receipt = await self._receipt(told.get("receipt"))
        if receipt is None:
            return OwnPage(None, None, (), page.until)
        holdings = await self._work.given.holdings(receipt.verification_id)
        disclosed = told.get("disclosed")
        names = disclosed if isinstance(disclosed, list) else []
        return OwnPage(receipt, holdings, tuple(map(str, names)), page.until)

    async def ask(self, address: str, wish: Wish) -> None:
        """Do what the client asks on the page.

        Raises:
            RequestUnknown: there is no such page, or no receipt on it.
        """
        own = await self.look(address)
        if own is None or own.receipt is None:
            raise RequestUnknown
        await self._work.act(own.receipt, wish)

    def _request_uri(self, ref: str) -> str:
        return f"{self._asks.receiver.base_url}/privacy/requests/{ref}"

    def _secrets(self, ref: str, query: Query, *, at: datetime, until: datetime) -> RequestSecrets:
        receiver, key = self._asks.receiver, EncryptionKey.generate()
        request = AuthorizationRequest(
            client_id=receiver.client_id,
            response_uri=f"{receiver.base_url}/privacy/responses/{ref}",
            nonce=self._random.token(SECRET_BYTES),
            state=self._random.token(SECRET_BYTES),
            query=query,
            encryption_jwk=key.public_jwk,
            profile_id=self._asks.profile.id,
        )
        signed = sign_request(request, signer=receiver.signer, issued_at=at, expires_at=until)
        return RequestSecrets(
            signed_request=signed,
            way=Way(request.client_id),
            nonce=request.nonce,
            state=request.state or "",
            key=key,
            query=query,
        )

    async def _hold(self, held: HeldReceipt | None, now: datetime) -> str:
        address = self._random.token(SECRET_BYTES)
        told: dict[str, object] = {}
        if held is not None:
            names = held.disclosed.get("disclosed_claims")
            told = {"receipt": held.receipt.key.hex(), "disclosed": names}
        sealed = seal(
            _key_in(address),
            strict_json.dumps(told),
            aad=_CONTEXT,
            nonce=self._random.bytes(NONCE_BYTES),
        )
        page = HeldPage(_found_by(address, b"page"), sealed, now + PAGE_LIFE)
        if not await self._pages.add(page, most=2 * _MOST_OPEN):
            raise PrivacyPageBusy
        return address

    async def _page(self, address: str) -> HeldPage | None:
        if len(address) != _ADDRESS_CHARS or not address.isascii():
            return None
        return await self._pages.find(_found_by(address, b"page"), at=self._clock.now())

    async def _receipt(self, key: object) -> GivenReceipt | None:
        return await self._work.given.find(bytes.fromhex(key)) if isinstance(key, str) else None


def _opened(page: HeldPage, address: str) -> bytes:
    return unseal(_key_in(address), page.sealed, aad=_CONTEXT)


def _key_in(address: str) -> bytes:
    return hmac.digest(address.encode("ascii"), _CONTEXT + b"sealed", hashlib.sha256)


def _found_by(secret: str, purpose: bytes) -> bytes:
    return hmac.digest(secret.encode(), _CONTEXT + purpose, hashlib.sha256)
