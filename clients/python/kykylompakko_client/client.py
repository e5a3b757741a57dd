"""The calls of an issuing system."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Literal, Self

from kykylompakko_client.access import Access
from kykylompakko_client.answers import (
    Card,
    LineResult,
    MadeOffer,
    OfferReport,
    OfferWish,
    Problem,
)
from kykylompakko_client.calls import TRIES, Calls, read
from kykylompakko_client.failures import Interrupted, NotUnderstood, Unreachable
from kykylompakko_client.letters import Letters
from kykylompakko_client.subjects import Subjects
from kykylompakko_client.wire import Transport, Wire, as_object

LINES_AT_A_TIME: Final = 500
BYTES_AT_A_TIME: Final = 2_000_000


class IssuerClient:
    """One issuing system of one organisation. Use it in a `with` statement, or close it.

    Args:
        base_url: where the issuer is, such as `https://issuer.example`.
        organisation: yours, such as `mallimaa`.
        access: how this system shows who it is.
        lang: the language of problems: fi, sv or en.
        timeout: seconds to wait for a connection, and between two pieces of an answer.
        transport: what carries the messages; a connection of its own when left out.
        pause: waits some seconds before a call is tried again.

    Attributes:
        letters: the calls about letters.
        subjects: the calls about a client, by your own name for them.
    """

    def __init__(  # noqa: PLR0913  all but three have a default
        self,
        base_url: str,
        organisation: str,
        access: Access,
        *,
        lang: Literal["fi", "sv", "en"] = "en",
        timeout: float = 30.0,
        transport: Transport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        wire = Wire(base_url, lang=lang, timeout=timeout, transport=transport)
        self._calls = Calls(wire, organisation, access, pause)
        self.letters = Letters(self._calls)
        self.subjects = Subjects(self._calls)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _failure: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """End."""
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._calls.close()

    def offer(self, wish: OfferWish, *, key: str | None = None) -> MadeOffer:
        """Offer a card. When the connection breaks the call is repeated, and made once.

        Args:
            wish: what to offer.
            key: your own name for this call (Idempotency-Key), such as the number of the visit.
                Under the same key the same wish is made once, for a day, from wherever it comes.
                Without one, a random key covers the repetitions of this call.

        Raises:
            Refused: with every fault of the claims.
            Unreachable, NotUnderstood: as they say.
        """
        return read(MadeOffer.of, self._calls.keyed("POST", "/offers", wish.as_json(), key=key))

    def offer_many(self, wishes: Sequence[OfferWish], *, key: str) -> Iterator[LineResult]:
        """Offer many cards; yield the result of each as it is made, in their order.

        A broken connection is taken up again where it broke. The loop over the results is the
        progress; when it ends early, the same call again goes on.

        Args:
            wishes: what to offer.
            key: your own name for this run. It and a wish's place in the sequence are what an
                offer is made once by, for a day.

        Raises:
            Interrupted: no further result could be had; says how far it went.
            Refused: before the first line, above all for want of access.
        """
        done, tries = 0, 0
        while done < len(wishes):
            before = done
            why = "the issuer stopped taking lines"
            try:
                for result in self._some(wishes, done, key):
                    done = result.index + 1
                    yield result
            except (Unreachable, NotUnderstood) as failure:
                why = str(failure)
            tries = 0 if done > before else tries + 1
            if tries == TRIES:
                raise Interrupted(done, why)
            if tries:
                self._calls.pause(2.0**tries)

    def read_offer(self, offer_id: str) -> OfferReport:
        """Tell how an offer is doing. Raises as `offer`."""
        return read(OfferReport.of, self._calls.safely("GET", f"/offers/{offer_id}"))

    def picture(self, offer_id: str, form: Literal["svg", "png"] = "svg") -> bytes:
        """Return the QR code of an open offer's link. Raises as `offer`."""
        return self._calls.safely("GET", f"/offers/{offer_id}/qr.{form}")

    def withdraw(self, offer_id: str) -> OfferReport:
        """Take an offer back. Raises as `offer`; not repeated when the connection breaks."""
        return read(OfferReport.of, self._calls.once("POST", f"/offers/{offer_id}/withdraw"))

    def give_claims(self, offer_id: str, claims: Mapping[str, object]) -> OfferReport:
        """Hand over the claims of an offer made without them. Raises as `offer`."""
        body = {"claims": dict(claims)}
        return read(OfferReport.of, self._calls.safely("PUT", f"/offers/{offer_id}/claims", body))

    def reoffer(self, offer_id: str, *, key: str | None = None) -> MadeOffer:
        """Offer the same claims under a new link, code and PIN. Raises and repeats as `offer`."""
        return read(
            MadeOffer.of, self._calls.keyed("POST", f"/offers/{offer_id}/reoffer", {}, key=key)
        )

    def read_card(self, credential_id: str) -> Card:
        """Tell how a card stands. Raises as `offer`."""
        return read(Card.of, self._calls.safely("GET", f"/credentials/{credential_id}"))

    def suspend(self, credential_id: str, reason: str) -> Card:
        """Suspend a card at once. Raises as `offer`; not repeated, nor are the two below."""
        return self._change(credential_id, {"action": "suspend", "reason": reason})

    def reinstate(self, credential_id: str) -> Card:
        """End a suspension."""
        return self._change(credential_id, {"action": "reinstate"})

    def revoke(self, credential_id: str, reason: str, *, person: str | None = None) -> Card:
        """Revoke a card at once and for good.

        Where your organisation wants four eyes, the first call suspends the card, and the same
        call by another `person` (your own opaque name for who decides) revokes it.
        """
        who = {} if person is None else {"person": person}
        return self._change(credential_id, {"action": "revoke", "reason": reason, **who})

    def take_in(self, uri: str, index: int) -> datetime:
        """Mark a card, such as a referral, as used: by the status reference that it carries.

        For a receiver that may take such cards in; once more is no harm. Returns since when. Raises
        as `offer`.
        """
        body = {"status_list": {"uri": uri, "idx": index}}
        answer = self._calls.safely("POST", "/taken-in", body)
        return read(lambda told: datetime.fromisoformat(told["taken_in_at"]), answer)

    def call(self, method: str, path: str, body: object = None, *, key: str = "") -> dict[str, Any]:
        """Make any other call of the interface. Raises as `offer`.

        Args:
            method: GET, POST or PUT.
            path: what follows `/api/v1/{org}`, such as `/revocation-requests`.
            body: what is sent as JSON.
            key: an Idempotency-Key, with which the call is repeated when the connection breaks.
        """
        make = self._calls.safely if key or method == "GET" else self._calls.once
        return as_object(make(method, path, body, key=key))

    def _change(self, credential_id: str, body: dict[str, str]) -> Card:
        answer = self._calls.once("POST", f"/credentials/{credential_id}/status", body)
        return read(Card.of, answer)

    def _some(self, wishes: Sequence[OfferWish], begin: int, key: str) -> Iterator[LineResult]:
        """Offer as many as one call takes, from wish `begin` on."""
        path = f"/offers/batch?first_line={begin + 1}"
        for answer in self._calls.lines(path, _lines(wishes, begin), key=key):
            if "line" in answer:
                yield _read_line(answer)


def _lines(wishes: Sequence[OfferWish], begin: int) -> list[bytes]:
    lines: list[bytes] = []
    size = 0
    for wish in wishes[begin : begin + LINES_AT_A_TIME]:
        line = json.dumps(wish.as_json(), ensure_ascii=False).encode() + b"\n"
        size += len(line)
        if lines and size > BYTES_AT_A_TIME:
            break
        lines.append(line)
    return lines


def _read_line(answer: dict[str, Any]) -> LineResult:
    try:
        offer = MadeOffer.of(answer["offer"]) if "offer" in answer else None
        problem = None if offer is not None else Problem.of(answer["problem"])
        return LineResult(index=int(answer["line"]) - 1, offer=offer, problem=problem)
    except (KeyError, TypeError, ValueError):
        raise NotUnderstood("a line of another form") from None
