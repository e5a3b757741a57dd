"""Take an answer that was read from QR codes on a client's phone. It came over the counter.

A bound answer answers a challenge of this verification and can be accepted. A self-initiated one
answers nobody: it is looked at, and confirms nothing. The checks are the same as for any response;
only the first, and what the sixth and the seventh expect, differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from msgspec import structs

from credential_schemas.model import Catalogue, Path, RequestProfile
from openid4vc.dcql.profiles import query_for
from openid4vc.dcql.query import Query
from openid4vc.qr.answer import (
    ReadAnswer,
    read_bound,
    read_self_initiated,
    tag_of,
)
from openid4vc.qr.errors import AnswerToAnotherChallenge
from openid4vc.qr.frames import FrameCollector, Kind, Message, Progress
from verifier.model import (
    OPEN_STATES,
    Change,
    Once,
    Outcome,
    State,
    Step,
    Verdict,
    Verification,
)
from verifier.ports import Clock, Verifications
from verifier.usecases.certificate_book import CertificateBook
from verifier.usecases.challenge_book import ChallengeBook
from verifier.usecases.check_presentation import ExpectedResponse
from verifier.usecases.decide import TIME_TO_CHECK, Decide
from verifier.usecases.failures import (
    NoCodeRead,
    RequestOver,
    SelfInitiated,
    VerificationUnknown,
)

REMEMBERED_FOR = timedelta(minutes=10)
"""Longer than an answer could be shown: a minute of age, and a minute of a wallet's fast clock."""
HARMLESS = "no"  # neither health data nor anything from which health may be read


class ScanPresentation:
    """See the module text."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        verifications: Verifications,
        book: ChallengeBook,
        certificates: CertificateBook,
        decide: Decide,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._verifications = verifications
        self._book = book
        self._certificates = certificates
        self._decide = decide
        self._clock = clock

    async def __call__(self, texts: Sequence[str], *, verification_id: str, owner: str) -> Progress:
        """Take the frames of an answer; nothing changes until all of them are there.

        Args:
            texts: what a scanner read, in any order, repeats welcome.
            verification_id: what they answer.
            owner: public id of the caller's key.

        Returns:
            How many frames were there. When all were, the verification has moved on.

        Raises:
            VerificationUnknown: no such verification of this owner.
            RequestOver: it is closed or out of time.
            Replayed: an answer has been taken already.
            CheckFailed: of `openid4vc.qr`: this is no answer to it; nothing changes.
        """
        verification = await self._verifications.find(verification_id)
        if verification is None or verification.owner != owner:
            raise VerificationUnknown
        progress, message = collect(texts)
        if message is None:
            return progress
        now = self._clock.now()
        if verification.state in {State.CLOSED, State.EXPIRED, State.DECLINED}:
            raise RequestOver
        if verification.state not in OPEN_STATES:
            await self._decide.refuse_replay(verification, now)
        if verification.expires_at <= now:
            raise RequestOver
        if message.kind is Kind.SELF_INITIATED_ANSWER:
            await self._take_self_initiated(verification, message, now)
        else:
            await self._take_bound(verification, message, now)
        return progress

    async def _take_bound(
        self, verification: Verification, message: Message, now: datetime
    ) -> None:
        # 1. It answers a challenge of this verification, once.
        answer = await self._opened(verification, message, now)
        await self._take(verification, now, once=_once(answer, now))

        # 2. to 9. The profile's query, by the challenge's nonce, a minute old at most.
        query = query_for(self._catalogue.profiles[verification.profile], self._catalogue)
        await self._decide(verification, *_response(answer, query))

    async def _take_self_initiated(
        self, verification: Verification, message: Message, now: datetime
    ) -> None:
        # 1. It has not been shown at this desk before: asked first, and made sure of at the end,
        #    when its holder is known to have made it.
        answer = read_self_initiated(
            message, at=now, certificates=(await self._certificates.held()).get
        )
        once = _once(answer, now)
        seen = await self._book.was_taken(once)
        await self._take(verification, now)
        if seen:
            await self._decide.as_replayed(verification, now)
            return

        # 2. to 9. What the profile asks but tells nothing of health, by the wallet's own nonce.
        query = query_without_health_data(
            self._catalogue.profiles[verification.profile], self._catalogue
        )
        await self._decide(
            verification, *_response(answer, query), once=once, judge=_at_most_unconfirmed
        )

    async def _opened(
        self, verification: Verification, message: Message, now: datetime
    ) -> ReadAnswer:
        secrets = await self._book.named(verification.id, tag=tag_of(message))
        if secrets is None:
            raise AnswerToAnotherChallenge("tag")
        held = await self._certificates.held()
        return read_bound(
            message, challenge=secrets.challenge, key=secrets.key, at=now, certificates=held.get
        )

    async def _take(
        self, verification: Verification, now: datetime, *, once: Once | None = None
    ) -> None:
        change = Change(erase_secrets=True, expires_at=now + TIME_TO_CHECK)
        step = Step(to=State.ANSWERED, in_time_at=now, change=change, once=once)
        if not await self._verifications.move(verification.id, step):
            await self._decide.refuse_replay(verification, now)


def collect(texts: Sequence[str]) -> tuple[Progress, Message | None]:
    """Put frames together; the message is None as long as some are missing.

    Raises:
        NoCodeRead: no text at all.
        CheckFailed: of `openid4vc.qr.frames`.
    """
    collector = FrameCollector()
    progress = None
    for text in texts:
        progress = collector.add(text)
    if progress is None:
        raise NoCodeRead
    return progress, collector.message()


def query_without_health_data(profile: RequestProfile, catalogue: Catalogue) -> Query:
    """Return what a profile's query comes to when nobody has asked it: who it is about, and more.

    Only claims that tell nothing of health are in it: the others may not be shown in the open, and
    what is not asked is not kept, should a wallet do so. Beyond the identity none is required,
    because the person chose them without knowing of the task.
    """
    claims = catalogue.types[profile.credential_type].claims

    def harmless(paths: Sequence[Path]) -> tuple[Path, ...]:
        return tuple(path for path in paths if claims[str(path[0])].art9 == HARMLESS)

    told = replace(
        profile,
        identity_claims=harmless(profile.identity_claims),
        required_claims=(),
        required_if_held=harmless(profile.required_claims + profile.required_if_held),
        optional_claims=harmless(profile.optional_claims),
        further=(),
    )
    return query_for(told, catalogue)


def _response(
    answer: ReadAnswer, query: Query
) -> tuple[Mapping[str, Sequence[str]], ExpectedResponse]:
    binding = answer.key_binding
    expected = ExpectedResponse(
        query, binding.audience, binding.nonce, binding.at, max_age=binding.max_age
    )
    return {query.credentials[0].id: (answer.presentation,)}, expected


def _once(answer: ReadAnswer, now: datetime) -> Once:
    return Once(answer.once_key, now + REMEMBERED_FOR)


def _at_most_unconfirmed(verdict: Verdict) -> Verdict:
    if verdict.outcome is not None:
        return verdict
    return structs.replace(verdict, outcome=Outcome.CANNOT_CONFIRM, code=SelfInitiated.code)
