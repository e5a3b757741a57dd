"""The HTTP of it: one thin layer over httpx2, which nothing else here imports."""

import json
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from kykylompakko_client.answers import Problem
from kykylompakko_client.failures import NotUnderstood, Refused, Unreachable

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_ERRORS_FROM: Final = 400
_KEPT_CHARS: Final = 200

Transport = httpx2.BaseTransport


class Wire:
    """Sends and receives; whatever goes wrong becomes one of our failures.

    Args:
        base_url: where the issuer is, such as `https://issuer.example`.
        lang: the language of sentences: fi, sv or en.
        timeout: seconds to wait for a connection, and between two pieces of an answer.
        transport: what carries the messages; a connection of its own when left out.

    Raises:
        ValueError: plain http to another machine, which would show keys and claims to everybody.
    """

    def __init__(
        self, base_url: str, *, lang: str, timeout: float, transport: Transport | None
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ValueError("https is needed, except on this machine")
        self.base_url = base_url.rstrip("/")
        self._http = httpx2.Client(
            base_url=self.base_url,
            headers={"Accept-Language": lang, "User-Agent": "kykylompakko-client/0.1"},
            timeout=timeout,
            transport=transport,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str], body: object = None
    ) -> bytes:
        """Send a call with a JSON body, or none; return what it is answered with.

        Raises:
            Refused, Unreachable, NotUnderstood: as they say.
        """
        content, sent = None, dict(headers)
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            sent["Content-Type"] = "application/json"
        with _as_ours():
            answer = self._http.request(method, path, headers=sent, content=content)
        _check(answer)
        return answer.content

    def ask_form(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        """Post a form; return the JSON object that answers it. Raises as `ask`."""
        with _as_ours():
            answer = self._http.post(path, data=dict(form))
        _check(answer)
        return as_object(answer.content)

    def stream(
        self, path: str, lines: Iterable[bytes], *, headers: Mapping[str, str]
    ) -> Generator[dict[str, Any], None, None]:
        """Post lines as they are made; yield the lines that answer them. Raises as `ask`."""
        sent = {**headers, "Content-Type": "application/x-ndjson"}
        with (
            _as_ours(),
            self._http.stream("POST", path, headers=sent, content=lines) as answer,
        ):
            if answer.status_code >= _ERRORS_FROM:
                answer.read()
            _check(answer)
            for line in answer.iter_lines():
                yield as_object(line)


def as_object(text: str | bytes) -> dict[str, Any]:
    """Return a JSON object.

    Raises:
        NotUnderstood: it is none.
    """
    try:
        value = json.loads(text)
    except ValueError:
        raise NotUnderstood("no JSON") from None
    if not isinstance(value, dict):
        raise NotUnderstood("no JSON object")
    return value


@contextmanager
def _as_ours() -> Generator[None, None, None]:
    try:
        yield
    except httpx2.TransportError as failure:
        raise Unreachable(type(failure).__name__) from failure


def _check(answer: httpx2.Response) -> None:
    if answer.status_code < _ERRORS_FROM:
        return
    body = as_object(answer.content)
    try:
        problem = _oauth(answer, body) if "error" in body else Problem.of(body)
    except (KeyError, TypeError):
        raise NotUnderstood(f"status {answer.status_code}") from None
    raise Refused(problem)


def _oauth(answer: httpx2.Response, body: Mapping[str, Any]) -> Problem:
    """Return an error of the token endpoint (RFC 6749 5.2) as a problem."""
    described = str(body.get("error_description", ""))[:_KEPT_CHARS]
    code, _, detail = described.partition(": ")
    return Problem(answer.status_code, code or body["error"], body["error"], detail)
