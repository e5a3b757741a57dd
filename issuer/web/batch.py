"""Many offers in one call: a line for each, answered by a line for each."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response
from starlette.types import Scope

from credential_schemas.model import Lang
from issuer.model import Caller
from issuer.usecases.batch.create_offers import HandledLine
from issuer.usecases.batch.lines import BatchLimits, split_lines
from issuer.usecases.create_offer import CreatedOffer, OfferWish
from issuer.web.bodies import NewOffer
from issuer.web.callers import IDEMPOTENCY_KEY, caller_getter, statuses
from issuer.web.errors import API, problem_of
from issuer.web.languages import preferred_language
from issuer.web.made_offers import answer_of, wish_of
from issuer.web.ndjson import MEDIA_TYPE, CallerWentAway, NdjsonAnswer, chunks_of
from issuer.web.services import Services
from keys import strict_json
from service_kit.http import require_media_type

_END = "/offers/batch"
_LINES_MAX = 1_000_000_000
_BODY = {
    "requestBody": {
        "required": True,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/NewOffer"}}},
    }
}


@dataclass(frozen=True, slots=True)
class BatchRules:
    """How much one call may hold, and how long to wait for its next piece."""

    limits: BatchLimits
    gap_seconds: float


def is_batch(scope: Scope) -> bool:
    """Whether a request's body is taken in here, line by line."""
    path: str = scope["path"]
    return scope["method"] == "POST" and path.startswith(API) and path.endswith(_END)


def router(services: Services, rules: BatchRules) -> APIRouter:
    """Return the endpoint for many offers."""
    routes = APIRouter(prefix="/api/v1/{org}", tags=["offers"])
    get_caller = caller_getter(services)

    @routes.post(
        _END,
        openapi_extra=_BODY,
        response_class=Response,
        responses={
            200: {
                "description": "A line for each line, in their order, and one about the end",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/BatchLine"}}},
            },
            **statuses(401, 403, 413, 415, 422),
        },
    )
    async def create_many(
        request: Request,
        caller: Annotated[Caller, Depends(get_caller)],
        idempotency_key: Annotated[str, IDEMPOTENCY_KEY],
        first_line: Annotated[int, Query(ge=1, le=_LINES_MAX)] = 1,
    ) -> Response:
        """Make an offer of each line; what is wrong with one line stops no other.

        A line is remembered by the Idempotency-Key and its number. After a broken connection send
        the same lines again, or only those from `first_line` on: each offer is made once.
        """
        require_media_type(request, MEDIA_TYPE)
        lang = preferred_language(request.scope)
        told = _Told(services, lang, next_line=first_line)
        lines = split_lines(
            chunks_of(request, gap_seconds=rules.gap_seconds), rules.limits, first=first_line
        )
        handled = services.systems.create_offers(
            caller, lines, read=_read_line, key=idempotency_key
        )
        return NdjsonAnswer(_answers(handled, told), {"Content-Language": lang})

    return routes


def _read_line(content: bytes) -> OfferWish:
    """Read one line as strictly as a body of its own."""
    return wish_of(NewOffer.model_validate(strict_json.loads(content)))


@dataclass(slots=True)
class _Told:
    """What was answered so far."""

    services: Services
    lang: Lang
    next_line: int
    made: int = 0
    repeated: int = 0
    failed: int = 0

    def line(self, handled: HandledLine) -> dict[str, object]:
        """Return the answer to a line."""
        self.next_line = handled.number + 1
        if not isinstance(handled.outcome, CreatedOffer):
            self.failed += 1
            return {"line": handled.number, "problem": problem_of(handled.outcome, self.lang)}
        if handled.outcome.was_there:
            self.repeated += 1
        else:
            self.made += 1
        offer = answer_of(handled.outcome, self.services)
        return {"line": handled.number, "offer": offer.model_dump(mode="json", exclude_none=True)}

    def end(self, failure: Exception | None) -> dict[str, object]:
        """Return the last line of the answer; `next_line` is the first that was not handled."""
        end: dict[str, object] = {
            "made": self.made,
            "repeated": self.repeated,
            "failed": self.failed,
            "complete": failure is None,
            "next_line": self.next_line,
        }
        if failure is None:
            return {"end": end}
        return {"end": end, "problem": problem_of(failure, self.lang)}


async def _answers(
    handled: AsyncGenerator[HandledLine, None], told: _Told
) -> AsyncGenerator[dict[str, object], None]:
    stopped_by: Exception | None = None
    try:
        async with aclosing(handled) as lines:
            async for line in lines:
                yield told.line(line)
    except CallerWentAway:
        return
    except Exception as failure:
        stopped_by = failure
    yield told.end(stopped_by)
