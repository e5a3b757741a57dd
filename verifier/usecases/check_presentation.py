"""The nine checks, in this order. After a failure the later ones are reported as not run.

1. It answers this request, once.      (made by `accept_response`, `scan_presentation`)
2. The issuer chain is trusted for this type.
3. The issuer's signature holds.
4. The disclosures match the signed digests.
5. The dates hold.
6. The holder's key binds it: key, audience, nonce, sd_hash, freshness.
7. The query is satisfied, and nothing more is kept.
8. The status is fresh and valid.
9. Across cards: same name and birthdate, no conflicting identity codes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec import Struct

from credential_schemas.model import Catalogue
from keys.checks import CheckFailed
from keys.trust import TrustList
from openid4vc.checks import IssuerNotTrustedForType, StatusMissing
from openid4vc.dcql.authorities import provenance_of
from openid4vc.dcql.match import Presented, check_satisfied, keep_only
from openid4vc.dcql.model import Answer
from openid4vc.dcql.query import Query
from openid4vc.limits import KEY_BINDING_MAX_AGE, LEEWAY
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.key_binding import ExpectedKeyBinding, check_key_binding
from openid4vc.sd_jwt.model import DisclosedClaims, UnverifiedSdJwt
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.vc import (
    FoundIssuer,
    check_audience,
    check_dates,
    check_header,
    check_protected_claims,
    check_signature,
    find_issuer,
    status_reference,
)
from verifier.model import Check, CheckResult, Mark, Outcome, ShownCard, Verdict
from verifier.usecases.check_across import check_same_person
from verifier.usecases.outcome_table import VALUES_KEPT_FROM, outcome_of
from verifier.usecases.status_book import StatusBook
from verifier.usecases.trust_keeper import TrustKeeper

_ORDER = tuple(Check)
_ALL_PASSED = tuple(CheckResult(check, Mark.PASSED) for check in _ORDER)


@dataclass(slots=True)
class _Card:
    """One presentation on its way through the checks; `position` is that under its query id."""

    query_id: str
    text: str
    sd_jwt: UnverifiedSdJwt = field(init=False)
    found: FoundIssuer = field(init=False)
    disclosed: DisclosedClaims = field(init=False)
    valid_until: datetime | None = field(init=False)
    position: int = field(init=False)
    answer: Answer = field(init=False)
    shown: ShownCard = field(init=False)


class _Progress(Struct):
    """Where we are, and what has been found so far."""

    now: Check = Check.ANSWERS_REQUEST
    trust: TrustList | None = None
    trust_age: timedelta | None = None
    status_age: timedelta | None = None
    shown: tuple[ShownCard, ...] = ()
    issuer: str | None = None

    def all_passed(self) -> Verdict:
        return self._verdict(_ALL_PASSED, outcome=None, code=None, shown=self.shown)

    def failed(self, failure: CheckFailed) -> Verdict:
        outcome = outcome_of(failure)
        if isinstance(failure, IssuerNotTrustedForType):
            self.issuer = failure.organisation
        keep = outcome is Outcome.CANNOT_CONFIRM and self.now in VALUES_KEPT_FROM
        return self._verdict(
            marks_until(self.now, failure.code),
            outcome=outcome,
            code=failure.code,
            shown=self.shown if keep else (),
        )

    def _verdict(
        self,
        checks: tuple[CheckResult, ...],
        *,
        outcome: Outcome | None,
        code: str | None,
        shown: tuple[ShownCard, ...],
    ) -> Verdict:
        return Verdict(
            checks=checks,
            outcome=outcome,
            code=code,
            shown=shown,
            trust_sequence=None if self.trust is None else self.trust.sequence,
            trust_age=self.trust_age,
            status_age=self.status_age,
            issuer=self.issuer,
        )


def marks_until(failed: Check, code: str) -> tuple[CheckResult, ...]:
    """Return the nine results when `failed` failed: those before passed, those after not run."""
    at = _ORDER.index(failed)
    return (
        *(CheckResult(check, Mark.PASSED) for check in _ORDER[:at]),
        CheckResult(failed, Mark.FAILED, code),
        *(CheckResult(check, Mark.NOT_RUN) for check in _ORDER[at + 1 :]),
    )


@dataclass(frozen=True, slots=True)
class ExpectedResponse:
    """What the request asked for, when its response came in, how old a proof in it may be."""

    query: Query
    client_id: str
    nonce: str
    at: datetime
    max_age: timedelta = KEY_BINDING_MAX_AGE


class CheckPresentation:
    """Runs checks 2 to 9 over a response that passed the first."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        trust: TrustKeeper,
        status: StatusBook,
        accept_vc_sd_jwt: bool = False,
    ) -> None:
        self._types = {one.vct: one for one in catalogue.types.values()}
        self._trust = trust
        self._status = status
        self._accept_vc_sd_jwt = accept_vc_sd_jwt

    async def __call__(
        self, vp_token: Mapping[str, Sequence[str]], expected: ExpectedResponse
    ) -> Verdict:
        """Check every presentation of a response, one check after the other.

        Args:
            vp_token: query ids to presentations.
            expected: the request's side.

        Returns:
            The verdict; its outcome is None when all nine checks hold.
        """
        progress = _Progress()
        cards = [_Card(name, text) for name, texts in vp_token.items() for text in texts]
        try:
            await self._run(cards, expected, progress)
        except CheckFailed as failure:
            return progress.failed(failure)
        return progress.all_passed()

    async def _run(
        self, cards: Sequence[_Card], expected: ExpectedResponse, progress: _Progress
    ) -> None:
        at = expected.at

        # 2. The issuer chain is trusted for this type.
        progress.now = Check.ISSUER_TRUSTED
        progress.trust = await self._trust.current(at=at)
        progress.trust_age = at - progress.trust.issued_at
        for card in cards:
            card.sd_jwt = parse(card.text)
            check_header(card.sd_jwt, accept_vc_sd_jwt=self._accept_vc_sd_jwt)
            card.found = find_issuer(card.sd_jwt, trust=progress.trust, at=at)

        # 3. The issuer's signature holds.
        progress.now = Check.ISSUER_SIGNATURE
        for card in cards:
            check_signature(card.sd_jwt, card.found.key)

        # 4. The disclosures match the signed digests.
        progress.now = Check.DISCLOSURES
        for card in cards:
            progress.issuer = card.found.issuer.id
            card.disclosed = disclose(card.sd_jwt)
            check_protected_claims(card.disclosed)

        # 5. The dates hold.
        progress.now = Check.DATES
        for card in cards:
            card.valid_until = check_dates(card.disclosed.claims, at=at, leeway=LEEWAY)

        # 6. The holder's key binds it: key, audience, nonce, sd_hash, freshness.
        progress.now = Check.HOLDER_BINDING
        binding = ExpectedKeyBinding(
            expected.client_id, expected.nonce, at, max_age=expected.max_age
        )
        for card in cards:
            check_audience(card.disclosed.claims, expected.client_id)
            check_key_binding(card.sd_jwt, card.disclosed.claims, binding)

        # 7. The query is satisfied, and nothing more is kept.
        progress.now = Check.QUERY
        cards = _answering(cards, expected.query)
        for card in cards:
            card.shown = self._cut_down(card)
        progress.shown = tuple([card.shown for card in cards])

        # 8. The status is fresh and valid.
        progress.now = Check.STATUS
        for card in cards:
            progress.issuer = card.found.issuer.id
            age = await self._check_status(card, at)
            progress.status_age = max(age, progress.status_age or age)

        # 9. Across cards: same name and birthdate, no conflicting identity codes.
        progress.now = Check.ACROSS_CARDS
        check_same_person([card.disclosed.claims for card in cards])

    async def _check_status(self, card: _Card, at: datetime) -> timedelta:
        reference = status_reference(card.disclosed.claims)
        if reference is None:
            raise StatusMissing
        return await self._status.check(reference, issuer=card.found.issuer, at=at)

    def _cut_down(self, card: _Card) -> ShownCard:
        disclosed = card.disclosed
        vct = str(disclosed.claims["vct"])
        kept = keep_only(disclosed.claims, card.answer)
        kind = self._types.get(vct)
        taken_in = kind is not None and bool(kind.taken_in_by)
        in_part = (*disclosed.partial_arrays, *disclosed.partial_objects)
        return ShownCard(
            query_id=card.query_id,
            type_id="" if kind is None else kind.id,
            vct=vct,
            issuer=card.found.issuer.id,
            claims=kept,
            partial=tuple(sorted([p for p in in_part if p and p[0] in kept], key=repr)),
            valid_until=card.valid_until,
            take_in=status_reference(disclosed.claims) if taken_in else None,
            issuer_closed_on=card.found.issuer.closed_on,
        )


def _answering(cards: Sequence[_Card], query: Query) -> list[_Card]:
    """Return the cards that the query needed, each with what it answers.

    Holder binding has been checked before.
    """
    presented: dict[str, list[Presented]] = {}
    for card in cards:
        disclosed = card.disclosed
        beside = presented.setdefault(card.query_id, [])
        card.position = len(beside)
        beside.append(
            Presented(
                vct=str(disclosed.claims["vct"]),
                claims=disclosed.claims,
                partial_arrays=disclosed.partial_arrays,
                provenance=provenance_of(card.found.chain),
            )
        )
    answers = check_satisfied(query, presented)
    needed: list[_Card] = []
    for card in cards:
        if card.query_id in answers:
            card.answer = answers[card.query_id][card.position]
            needed.append(card)
    return needed if len(needed) == 1 else _each_once(needed)


def _each_once(cards: Sequence[_Card]) -> list[_Card]:
    """Return the cards without repetitions: one plan shown twice is no second plan."""
    first: dict[bytes, _Card] = {}
    for card in cards:
        first.setdefault(card.sd_jwt.jws.signing_input, card)
    return list(first.values())
