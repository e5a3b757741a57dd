"""Take a wallet's response: at most one to a request, checked, decided, put on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from credential_schemas.model import Catalogue
from openid4vc.openid4vp.response import AuthorizationResponse, WalletError, read_response
from verifier.model import (
    OPEN_STATES,
    Change,
    Check,
    Identity,
    Outcome,
    State,
    Step,
    Verdict,
    Verification,
)
from verifier.ports import Clock, Verifications
from verifier.usecases.check_presentation import (
    CheckPresentation,
    ExpectedResponse,
    marks_until,
)
from verifier.usecases.evidence import evidence_of_end, evidence_of_verdict
from verifier.usecases.failures import Replayed, RequestOver, RequestUnknown
from verifier.usecases.request_secrets import RequestSecrets, SecretSealer
from verifier.usecases.shown_values import box_values

DECLINED = "access_denied"
WALLET_ERROR = "wallet_error"
TIME_TO_CHECK = timedelta(minutes=1)
"""An answer of the last second is checked in full; one whose checking broke off ends soon."""


@dataclass(frozen=True, slots=True)
class HoldTimes:
    """How long staff have: to compare the person, and to look at the values."""

    identity: timedelta = timedelta(minutes=10)
    values: timedelta = timedelta(minutes=10)


class AcceptResponse:
    """See the module text."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        verifications: Verifications,
        sealer: SecretSealer,
        check: CheckPresentation,
        clock: Clock,
        hold: HoldTimes,
    ) -> None:
        self._catalogue = catalogue
        self._verifications = verifications
        self._sealer = sealer
        self._check = check
        self._clock = clock
        self._hold = hold

    async def __call__(self, ref: str, pairs: Sequence[tuple[str, str]]) -> None:
        """Take the form that a wallet posted to a response address.

        Nothing is told to the wallet but that it was received: the verdict is the desk's.

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
        else:
            await self._take(verification, secrets, response, now)

    async def _open_request(self, ref: str, now: datetime) -> Verification:
        verification = await self._verifications.find_by_ref(ref)
        if verification is None:
            raise RequestUnknown
        if verification.state in {State.CLOSED, State.EXPIRED}:
            raise RequestOver
        if verification.state not in OPEN_STATES:
            await self._record_replay(verification, now)
            raise Replayed
        if verification.expires_at <= now:
            raise RequestOver
        return verification

    async def _decline(self, verification: Verification, error: WalletError, now: datetime) -> None:
        code = DECLINED if error.error == DECLINED else WALLET_ERROR
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
    ) -> None:
        # 1. It answers this request, once: one conditional write, whoever else is trying.
        taken = await self._verifications.move(
            verification.id,
            Step(
                to=State.ANSWERED,
                in_time_at=now,
                change=Change(erase_secrets=True, expires_at=now + TIME_TO_CHECK),
            ),
        )
        if not taken:
            await self._record_replay(verification, now)
            raise Replayed

        # 2. to 9.
        expected = ExpectedResponse(
            query=secrets.query, client_id=secrets.client_id, nonce=secrets.nonce, at=now
        )
        try:
            verdict = await self._check(response.vp_token, expected)
            await self._conclude(verification, verdict, now)
        except Exception:
            # A mistake of ours: staff are not left waiting for a verdict that never comes.
            await self._give_up(verification, now)
            raise

    async def _give_up(self, verification: Verification, now: datetime) -> None:
        await self._verifications.move(
            verification.id,
            Step(
                to=State.EXPIRED,
                only_from=frozenset({State.ANSWERED}),
                change=Change(erase_secrets=True, erase_values=True),
                evidence=evidence_of_end(verification, State.EXPIRED, at=now),
            ),
        )

    async def _conclude(self, verification: Verification, verdict: Verdict, now: datetime) -> None:
        profile = self._catalogue.profiles[verification.profile]
        boxed = await self._boxed(verification, verdict)
        if verdict.outcome is None and profile.identity_check == "compare":
            until = now + self._hold.identity
            change = Change(
                verdict=verdict,
                boxed=boxed,
                cards=len(verdict.shown),
                expires_at=until,
                erase_at=until,
            )
            await self._verifications.move(
                verification.id, Step(to=State.IDENTITY_PENDING, change=change)
            )
            return
        outcome = verdict.outcome or Outcome.ACCEPT
        change = Change(
            verdict=verdict,
            outcome=outcome,
            code=verdict.code,
            identity=Identity.NOT_NEEDED if outcome is Outcome.ACCEPT else None,
            boxed=boxed,
            cards=len(verdict.shown),
            erase_at=None if boxed is None else now + self._hold.values,
            erase_values=boxed is None,
        )
        evidence = evidence_of_verdict(verification, verdict, outcome=outcome, at=now)
        await self._verifications.move(
            verification.id, Step(to=State.DECIDED, change=change, evidence=evidence)
        )

    async def _boxed(self, verification: Verification, verdict: Verdict) -> bytes | None:
        public = await self._verifications.box_public(verification.id)
        if public is None or not verdict.shown:
            return None
        return box_values(verdict.shown, public=public, verification_id=verification.id)

    async def _record_replay(self, verification: Verification, now: datetime) -> None:
        verdict = Verdict(
            checks=marks_until(Check.ANSWERS_REQUEST, Replayed.code),
            outcome=Outcome.REJECT,
            code=Replayed.code,
        )
        await self._verifications.record_replay(
            verification.id,
            evidence_of_verdict(verification, verdict, outcome=Outcome.REJECT, at=now),
        )
