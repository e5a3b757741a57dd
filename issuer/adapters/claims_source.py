"""Asks an organisation's own system for claims about a person who has signed in: docs/pull-api.md.

One POST, signed like our webhooks. What comes back is taken only if it is exactly what the page
says, fits the type as an offer's claims do, and is about the person who signed in.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Final, NoReturn, Protocol

from credential_schemas import hetu
from credential_schemas.i18n import HELSINKI
from credential_schemas.model import Catalogue, Lang
from credential_schemas.problems import ClaimsRejected
from issuer.ports import Clock, Random, Vault
from issuer.ports.claims_source import Later, Nothing, Ready
from issuer.ports.sign_in import Person
from issuer.usecases.claims_source_failures import (
    ClaimsSourceAnswerInvalid,
    ClaimsSourceMissing,
    ClaimsSourceUnavailable,
)
from issuer.usecases.offered_claims import check_offered
from issuer.usecases.webhooks.signature import secret_as_told, signed_headers
from keys import strict_json
from keys.checks import CheckFailed, ReplyTooLarge
from keys.fetch import Reply

SECRET: Final = "claims-source-secret"  # noqa: S105  what a secret is for
_LOG: Final = logging.getLogger("issuer.claims_source")
_JSON: Final = frozenset({"application/json", "application/problem+json"})
_MAX_REFERENCE: Final = 200
_BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT})


class SourceHttp(Protocol):
    """The part of `keys.fetch.Fetcher` that is used here."""

    async def post(
        self,
        url: str,
        *,
        json: object | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Reply:
        """Post a JSON value."""


@dataclass(frozen=True, slots=True)
class Source:
    """One organisation's system.

    Attributes:
        url: where it is asked.
        types: what it can be asked for.
        secret_numbers: which secrets sign, the newest first.
    """

    url: str
    types: frozenset[str]
    secret_numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SourceTools:
    """What asking needs.

    Attributes:
        http: the guarded client.
        max_bytes: upper bound of an answer.
    """

    http: SourceHttp
    vault: Vault
    clock: Clock
    random: Random
    catalogue: Catalogue
    max_bytes: int


def secret_text(vault: Vault, organisation: str, number: int) -> str:
    """Return a signing secret as the organisation holds it: `whsec_` and base64 of 32 bytes."""
    return secret_as_told(vault.secret_text(SECRET, organisation, str(number)))


class PullClaims:
    """`ports.claims_source.ClaimsSource` over HTTP.

    Args:
        sources: the organisations' systems.
        tools: what asking needs.
    """

    def __init__(self, sources: Mapping[str, Source], tools: SourceTools) -> None:
        self._sources = sources
        self._tools = tools

    def serves(self, organisation: str, type_id: str) -> bool:
        """Whether the organisation's system can be asked for a type at all."""
        source = self._sources.get(organisation)
        return source is not None and type_id in source.types

    async def fetch(
        self,
        organisation: str,
        type_id: str,
        person: Person,
        *,
        request_id: str,
        language: Lang,
    ) -> Ready | Later | Nothing:
        """Ask for the claims of one card; the port says what is raised."""
        if not self.serves(organisation, type_id):
            raise ClaimsSourceMissing("no system to ask")
        now = self._tools.clock.now()
        body: dict[str, object] = {
            "type": "claims.requested",
            "timestamp": _rfc3339(now),
            "data": {
                "organisation": organisation,
                "request_id": request_id,
                "type": type_id,
                "language": language,
                "person": _identifier(person),
            },
        }
        try:
            reply = await self._post(organisation, body, now)
            answer = _read(reply, max_bytes=self._tools.max_bytes)
            if isinstance(answer, Ready):
                today = now.astimezone(HELSINKI).date()
                self._check(answer, organisation, type_id, today)
                self._check_is_about(answer, type_id, person)
        except (ClaimsSourceUnavailable, ClaimsSourceAnswerInvalid) as failure:
            _LOG.warning("%s %s %s: %s", organisation, type_id, request_id, failure)
            raise
        return answer

    async def _post(self, organisation: str, body: Mapping[str, object], now: datetime) -> Reply:
        tools, source = self._tools, self._sources[organisation]
        headers = signed_headers(
            f"req_{tools.random.bytes(16).hex()}",
            body,
            at=now,
            secrets=[
                tools.vault.secret_text(SECRET, organisation, str(number))
                for number in source.secret_numbers
            ],
        )
        try:
            return await tools.http.post(
                source.url, json=body, headers=headers, max_bytes=tools.max_bytes
            )
        except ReplyTooLarge as failure:
            raise ClaimsSourceAnswerInvalid(failure.code) from None
        except CheckFailed as failure:
            raise ClaimsSourceUnavailable(failure.code) from None

    def _check(self, answer: Ready, organisation: str, type_id: str, today: date) -> None:
        """Check claims as those of an offer; name places and kinds of faults, never values."""
        try:
            check_offered(
                self._tools.catalogue,
                answer.claims,
                organisation=organisation,
                type_id=type_id,
                today=today,
            )
        except ClaimsRejected as rejected:
            faults = ", ".join(f"{_place(one.path)} {one.code}" for one in rejected.problems)
            raise ClaimsSourceAnswerInvalid(f"claims: {faults}") from None

    def _check_is_about(self, answer: Ready, type_id: str, person: Person) -> None:
        """Check that nobody gets somebody else's card, as far as the claims say whose it is."""
        code = person.identity_code
        if code is None:
            return
        for name, claim in self._tools.catalogue.types[type_id].claims.items():
            if claim.kind == "hetu" and answer.claims.get(name, code) != code:
                raise ClaimsSourceAnswerInvalid("claims: of another person")
        born = answer.claims.get("birthdate")
        if isinstance(born, str) and hetu.fault(
            code, birthdate=date.fromisoformat(born), allow_real=True
        ):
            raise ClaimsSourceAnswerInvalid("claims: of another person")


def _identifier(person: Person) -> dict[str, object]:
    """Return the one thing by which the system knows the person."""
    if person.identity_code is not None:
        return {"identity_code": person.identity_code}
    return {"subject": person.subject}


def _read(reply: Reply, *, max_bytes: int) -> Ready | Later | Nothing:
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status in _BUSY:
        raise ClaimsSourceUnavailable(f"status_{reply.status}")
    if reply.status not in (HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NOT_FOUND):
        raise ClaimsSourceAnswerInvalid(f"status_{reply.status}")
    if reply.content_type not in _JSON:
        raise ClaimsSourceAnswerInvalid(f"status_{reply.status} without JSON")
    try:
        said = strict_json.loads_object(reply.body, max_bytes=max_bytes)
    except CheckFailed as failure:
        raise ClaimsSourceAnswerInvalid(failure.code) from None
    if reply.status == HTTPStatus.NOT_FOUND:
        # A wrong address answers 404 as well: nobody is told "nothing" for that.
        return Nothing() if said.get("code") == "nothing" else _unfit("404 without its code")
    return _read_found(said, has_claims=reply.status == HTTPStatus.OK)


def _read_found(said: Mapping[str, object], *, has_claims: bool) -> Ready | Later:
    if said.keys() != ({"subject_ref", "claims"} if has_claims else {"subject_ref"}):
        _unfit("members")
    reference = said["subject_ref"]
    if not isinstance(reference, str) or not 0 < len(reference) <= _MAX_REFERENCE:
        _unfit("subject_ref")
    if not has_claims:
        return Later(reference)
    claims = said["claims"]
    return Ready(reference, claims) if isinstance(claims, dict) else _unfit("claims")


def _unfit(what: str) -> NoReturn:
    raise ClaimsSourceAnswerInvalid(what)


def _place(path: tuple[str | int, ...]) -> str:
    return "/" + "/".join(str(step) for step in path)


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
