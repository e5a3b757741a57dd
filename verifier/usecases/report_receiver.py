"""Take in what wallets report of receivers that ask too much: names and a reason, counted by day.

Nothing of who reported is kept, and no text that somebody wrote: what is no name of ours is left
out, so that nothing personal can be put in.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from credential_schemas.i18n import HELSINKI
from credential_schemas.model import Catalogue
from keys import strict_json
from keys.checks import MalformedJson
from openid4vc.shapes import Shape
from verifier.model import Once
from verifier.ports import Clock
from verifier.usecases.caller_limit import CallerLimit, TooManyAttempts
from verifier.usecases.client_side_model import Reason, Report, ReportMalformed, Reports

MAX_BYTES: Final = 8_192
_KEPT: Final = timedelta(days=365)
_REMEMBERED: Final = timedelta(days=2)
_MOST_ASKED: Final = 100
_KINDS_A_DAY: Final = 500
_FROM_ONE: Final = 20
_REPORT: Final = Shape(ReportMalformed)


class ReportReceiver:
    """See the module text. Reports are counted in memory by caller, too: so many and no more."""

    def __init__(
        self, *, reports: Reports, catalogue: Catalogue, identifier: str, clock: Clock
    ) -> None:
        """Take what it needs.

        Args:
            reports: where they are counted.
            catalogue: the names that are known.
            identifier: this organisation, as the trust list names it.
            clock: the time.
        """
        self._reports = reports
        self._catalogue = catalogue
        self._identifier = identifier
        self._clock = clock
        self._callers = CallerLimit(_FROM_ONE)

    async def __call__(self, body: bytes, *, caller: str) -> None:
        """Take in one report; one that comes again counts once.

        Args:
            body: JSON with `report_id`, `reason`, and where they are known `receiver`, `profile`,
                `asked`.
            caller: where it came from, as far as is known; it is not stored.

        Raises:
            TooManyAttempts: too many from there, or too many different ones today.
            ReportMalformed: not such a report, or too large.
        """
        now = self._clock.now()
        self._callers.count(caller, at=now)
        try:
            told = strict_json.loads_object(body, max_bytes=MAX_BYTES)
        except MalformedJson as failure:
            raise ReportMalformed(failure.detail) from None
        once = Once(_once(told), now + _REMEMBERED)
        if not await self._reports.count(self._read(told, now), once=once, most=_KINDS_A_DAY):
            raise TooManyAttempts

    async def forget(self) -> int:
        """Delete what was reported more than a year ago; return how many."""
        return await self._reports.forget((self._clock.now() - _KEPT).date())

    def _read(self, told: Mapping[str, object], now: datetime) -> Report:
        try:
            reason = Reason(_REPORT.text(told.get("reason"), "reason", max_chars=40))
        except ValueError:
            raise ReportMalformed("reason") from None
        profile = _REPORT.optional_text(told.get("profile"), "profile", max_chars=100) or ""
        receiver = _REPORT.members(told.get("receiver", {}), "receiver")
        return Report(
            day=now.astimezone(HELSINKI).date(),
            reason=reason,
            profile=profile if profile in self._catalogue.profiles else "",
            asked=self._known(told.get("asked")),
            is_about_us=receiver.get("id") == self._identifier,
        )

    def _known(self, asked: object) -> tuple[str, ...]:
        if asked is None or asked == []:
            return ()
        names = _REPORT.texts(asked, "asked", max_items=_MOST_ASKED, max_chars=200)
        return tuple(sorted({known for name in names if (known := self._known_name(name))}))

    def _known_name(self, name: str) -> str | None:
        """Return the claim of ours that a path leads to, or into; None for any other text."""
        type_id, claim = (*name.split("."), "")[:2]
        kind = self._catalogue.types.get(type_id)
        return f"{type_id}.{claim}" if kind is not None and claim in kind.claims else None


def _once(told: Mapping[str, object]) -> bytes:
    number = _REPORT.text(told.get("report_id"), "report_id", max_chars=100)
    return sha256(b"kykylompakko report 1\x00" + number.encode("utf-8", "surrogatepass")).digest()
