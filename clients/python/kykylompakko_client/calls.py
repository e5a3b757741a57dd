"""How a call is made: with access, again when that is safe, and in lines."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, Final, TypeVar

from kykylompakko_client.access import Access
from kykylompakko_client.failures import NotUnderstood, Refused, Unreachable
from kykylompakko_client.wire import Wire, as_object

T = TypeVar("T")

TRIES: Final = 3
_UNAUTHORIZED: Final = 401


class Calls:
    """Calls of one organisation's interface; addresses are what follows `/api/v1/{org}`."""

    def __init__(
        self, wire: Wire, organisation: str, access: Access, pause: Callable[[float], None]
    ) -> None:
        self._wire = wire
        self._organisation = organisation
        self._access = access
        self.pause = pause

    def close(self) -> None:
        """Let go of the connections."""
        self._wire.close()

    def once(self, method: str, rest: str, body: object = None, *, key: str = "") -> bytes:
        """Make a call, which may not be repeated when the connection breaks.

        Args:
            method: GET, POST or PUT.
            rest: the address.
            body: what is sent as JSON.
            key: the Idempotency-Key, none when empty.

        Raises:
            Refused, Unreachable, NotUnderstood: as they say.
        """

        def call() -> bytes:
            headers = {**({"Idempotency-Key": key} if key else {}), **self._auth()}
            return self._wire.ask(method, self._path(rest), headers=headers, body=body)

        return self._with_access(call)

    def safely(self, method: str, rest: str, body: object = None, *, key: str = "") -> bytes:
        """Make a call that may be repeated, again when the connection breaks; else as `once`."""
        for number in range(1, TRIES):
            try:
                return self.once(method, rest, body, key=key)
            except Unreachable:
                self.pause(2.0**number)
        return self.once(method, rest, body, key=key)

    def keyed(self, method: str, rest: str, body: object, *, key: str | None) -> bytes:
        """Make a call that its key lets be repeated; without one of the caller's, a random one."""
        return self.safely(method, rest, body, key=key or secrets.token_urlsafe(18))

    def lines(self, rest: str, lines: Sequence[bytes], *, key: str) -> Iterator[dict[str, Any]]:
        """Send lines and yield the lines that answer them. Raises as `once`."""

        def start() -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
            headers = {"Idempotency-Key": key, **self._auth()}
            answers = self._wire.stream(self._path(rest), lines, headers=headers)
            return next(answers, {}), answers

        first, others = self._with_access(start)
        yield from chain([first], others)

    def _path(self, rest: str) -> str:
        return f"/api/v1/{self._organisation}{rest}"

    def _auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._access.bearer(self._wire, self._organisation)}"}

    def _with_access(self, call: Callable[[], T]) -> T:
        """Make a call, and once more with a new token when the first was refused."""
        try:
            return call()
        except Refused as refusal:
            if refusal.problem.status != _UNAUTHORIZED or not self._access.forget():
                raise
        return call()


def read(form: Callable[[dict[str, Any]], T], answer: bytes) -> T:
    """Read an answer.

    Raises:
        NotUnderstood: it has another form.
    """
    try:
        return form(as_object(answer))
    except (KeyError, TypeError, ValueError):
        raise NotUnderstood("an answer of another form") from None
