"""Take a wallet's response: at most one to a request, checked, decided, put on record."""

from collections.abc import Sequence
from datetime import datetime

from openid4vc.openid4vp.errors import WalletErrorCode
from openid4vc.openid4vp.response import AuthorizationResponse, WalletError, read_response
from verifier.model import OPEN_STATES, Change, OnBehalf, Outcome, State, Step, Verification
from verifier.ports import Clock, Verifications
from verifier.usecases.check_presentation import ExpectedResponse
from verifier.usecases.code_book import TRIES, TRIES_BACK, CodeBook, HandedCode, HandedReturn
from verifier.usecases.decide import TIME_TO_CHECK, CodeDue, Decide, HoldTimes
from verifier.usecases.evidence import evidence_of_end
from verifier.usecases.failures import Replayed, RequestOver, RequestUnknown
from verifier.usecases.request_secrets import RequestSecrets, Return, SecretSealer

DECLINED = WalletErrorCode.ACCESS_DENIED.value
WALLET_ERROR = "wallet_error"
_TOLD_APART = frozenset(WalletErrorCode) - {WalletErrorCode.ACCESS_DENIED}
Handed = HandedCode | HandedReturn


class AcceptResponse:
    """See the module text."""

    def __init__(
        self,
        *,
        verifications: Verifications,
        sealer: SecretSealer,
        decide: Decide,
        codes: CodeBook,
        hold: HoldTimes,
        clock: Clock,
    ) -> None:
        self._codes = codes
        self._hold = hold
        self._verifications = verifications
        self._sealer = sealer
        self._decide = decide
        self._clock = clock

    async def __call__(self, ref: str, pairs: Sequence[tuple[str, str]]) -> Handed | None:
        """Take the form that a wallet posted to a response address.

        The wallet is not told what its cards came to: the verdict is the desk's.

        Returns:
            The confirmation code for this wallet, or where its browser goes on, whatever the
            checks came to, so that having one tells nothing; None when the wallet answered that
            nothing is shown, and no browser is waited for.

        Raises:
            RequestUnknown: no such request.
            RequestOver: the request is closed or out of time.
            Replayed: a response has been taken already.
            CheckFailed: the form is no response to this request; nothing changes.
        """
        now = self._clock.now()
        verification = await self._open_request(ref, now)
        sealed = await self._verifications.secrets(verification.id)
        if sealed is None:
            raise Replayed
        secrets = self._sealer.open(sealed, verification_id=verification.id)
        response = read_response(pairs, key=secrets.key, state=secrets.state)
        if isinstance(response, WalletError):
            await self._decline(verification, response, now)
            back = secrets.way.back
            return None if back is None else HandedReturn(back.to)
        return await self._take(verification, secrets, response, now)

    async def _open_request(self, ref: str, now: datetime) -> Verification:
        verification = await self._verifications.find_by_ref(ref)
        if verification is None:
            raise RequestUnknown
        if verification.state in {State.CLOSED, State.EXPIRED}:
            raise RequestOver
        if verification.state not in OPEN_STATES:
            await self._decide.refuse_replay(verification, now)
        if verification.expires_at <= now:
            raise RequestOver
        return verification

    async def _decline(self, verification: Verification, error: WalletError, now: datetime) -> None:
        code = code_of(error)
        taken = await self._verifications.move(
            verification.id,
            Step(
                to=State.DECLINED,
                in_time_at=now,
                change=Change(
                    outcome=Outcome.NOT_SHOWN, code=code, erase_secrets=True, erase_values=True
                ),
                evidence=evidence_of_end(
                    verification, State.DECLINED, at=now, outcome=Outcome.NOT_SHOWN, code=code
                ),
            ),
        )
        if not taken:
            raise Replayed

    async def _take(
        self,
        verification: Verification,
        secrets: RequestSecrets,
        response: AuthorizationResponse,
        now: datetime,
    ) -> Handed:
        # 1. It answers this request, once: one conditional write, whoever else is trying.
        taken = await self._verifications.move(
            verification.id,
            Step(
                to=State.ANSWERED,
                only_from=frozenset({State.FETCHED}),
                in_time_at=now,
                change=Change(
                    erase_secrets=True,
                    expires_at=now + TIME_TO_CHECK,
                    on_behalf=_said(verification, response.acted_by),
                ),
            ),
        )
        if not taken:
            await self._decide.refuse_replay(verification, now)

        # 2. to 9. Whoever answered is told a code: one to read out, which is asked for where it
        # matters, or one that the browser brings back, without which nothing at all is told.
        handed, due = await self._hand(verification.id, secrets.way.back, now)
        expected = ExpectedResponse(
            query=secrets.query, client_id=secrets.way.client_id, nonce=secrets.nonce, at=now
        )
        await self._decide(verification, response.vp_token, expected, code=due)
        return handed

    async def _hand(
        self, verification_id: str, back: Return | None, now: datetime
    ) -> tuple[Handed, CodeDue]:
        if back is None:
            read_out = await self._codes.hand_out(verification_id, until=now + self._hold.code)
            return read_out, CodeDue(read_out.mac, tries=TRIES)
        returned, mac = self._codes.hand_back(verification_id, back)
        return returned, CodeDue(mac, tries=TRIES_BACK, always=True)


def code_of(error: WalletError) -> str:
    """Return under which code staff see a wallet's error; of those unknown, nothing is kept."""
    if error.error == DECLINED:
        return DECLINED
    if error.error not in _TOLD_APART:
        return WALLET_ERROR
    return f"wallet_{error.error.removeprefix('wallet_')}"


def _said(verification: Verification, acted_by: str | None) -> OnBehalf | None:
    """Return who acts for the client: what staff see stands before what the wallet says."""
    if verification.on_behalf is not None or acted_by is None:
        return verification.on_behalf
    known = {one.value: one for one in OnBehalf}
    return known.get(acted_by, OnBehalf.OTHER)
