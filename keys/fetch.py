"""The one way out: a guarded HTTP client that cannot be steered into private networks.

A name is resolved once, every answer is judged, and the connection goes to a judged address with
the name kept for TLS and `Host`. So a name that resolves differently a moment later changes
nothing. Redirects are not followed; proxies, cookies and compression are not used.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

import httpx2

from keys import strict_json
from keys.addresses import Address, internal_address, loopback_address, public_address
from keys.checks import (
    AddressForbidden,
    FetchFailed,
    RedirectForbidden,
    ReplyTooLarge,
    UrlForbidden,
)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

MAX_URL_CHARS: Final = 4_096
MAX_REPLY_BYTES: Final = 1_048_576
MAX_ADDRESSES: Final = 4
MAX_PORT: Final = 65_535

_SHARE_TO_CONNECT: Final = 0.45
# RFC 3986 in a narrow reading: ASCII; no user, no fragment, no backslash, no percent in the host
_URL: Final = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(?:[/?][!\x22$-\[\]-~]*)?", re.ASCII)
_PORTS: Final = {"https": 443, "http": 80}
_REDIRECTS: Final = range(300, 400)
_NOT_MODIFIED: Final = 304
_OURS: Final = frozenset({"host", "accept-encoding", "content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was read to its end.

    Attributes:
        status: the HTTP status; whatever it is, except a redirect.
        content_type: the media type in small letters, without parameters; "" when absent.
        headers: names in small letters.
        body: as sent; at most the number of bytes asked for.
    """

    status: int
    content_type: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Message:
    """What is sent once an address is known."""

    method: str
    headers: Mapping[str, str]
    content: bytes
    max_bytes: int


@cache
def _system_tls() -> ssl.SSLContext:
    """Trust the system's authorities, which are read once: it takes some 20 ms."""
    return ssl.create_default_context()


class Fetcher:
    """Asks other services over https; one object may serve many tasks at once."""

    def __init__(
        self,
        *,
        allow_loopback_http: bool = False,
        internal_hosts: frozenset[str] = frozenset(),
        timeout: float = 10.0,
        max_bytes: int = MAX_REPLY_BYTES,
        resolve: Resolve | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Set the rules.

        Args:
            allow_loopback_http: UNSAFE, for the demo only: also ask this machine, even over http.
            internal_hosts: names that the operator wrote down, which may lead into our own network
                (not to this machine); still over https.
            timeout: seconds for one request, from name resolution to the last byte.
            max_bytes: upper bound of an answer when a call names none.
            resolve: from host and port to addresses; the system's resolver when left out.
            ssl_context: whom to trust for TLS; the system's authorities when left out.
        """
        self._allow_loopback = allow_loopback_http
        self._internal_hosts = internal_hosts
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._resolve = resolve or _system_resolve
        self._ssl_context = ssl_context or _system_tls()

    async def get(
        self,
        url: str,
        *,
        accept: str,
        max_bytes: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Get a document.

        Args:
            url: an https URL.
            accept: the media type asked for.
            max_bytes: upper bound of the answer.
            headers: further request headers.

        Raises:
            UrlForbidden, AddressForbidden: we do not ask there.
            RedirectForbidden, ReplyTooLarge: we do not take this answer.
            FetchFailed: no connection, no valid answer, or not in time.
        """
        sent = {**(headers or {}), "Accept": accept}
        return await self._send(url, _Message("GET", sent, b"", max_bytes or self._max_bytes))

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Reply:
        """Post a form, a JSON value, or nothing; otherwise as `get`.

        Raises:
            ValueError: both a form and a JSON value (a mistake of ours).
        """
        if form is not None and json is not None:
            raise ValueError("either a form or JSON")
        sent = {"Accept": "application/json", **(headers or {})}
        content = b""
        if form is not None:
            content = urlencode(form).encode("ascii")
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        elif json is not None:
            content = strict_json.dumps(json)
            sent["Content-Type"] = "application/json"
        return await self._send(url, _Message("POST", sent, content, max_bytes or self._max_bytes))

    async def post_jwt(
        self, url: str, text: str, *, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Post a JWT, signed or encrypted; otherwise as `get`."""
        sent = {
            "Accept": "application/jwt, application/json",
            **(headers or {}),
            "Content-Type": "application/jwt",
        }
        return await self._send(url, _Message("POST", sent, text.encode("ascii"), self._max_bytes))

    async def _send(self, url: str, message: _Message) -> Reply:
        target = self._target(url)
        try:
            async with asyncio.timeout(self._timeout) as limit:
                return await self._ask(target, message, ends=limit.when() or 0.0)
        except TimeoutError:
            raise FetchFailed("timeout") from None
        except httpx2.HTTPError as failure:
            raise FetchFailed(type(failure).__name__) from None

    def _target(self, url: str) -> httpx2.URL:
        """Judge a URL by itself."""
        if len(url) > MAX_URL_CHARS or not _URL.fullmatch(url):
            raise UrlForbidden("not an absolute http(s) URL without credentials and fragment")
        try:
            target = httpx2.URL(url)
        except (httpx2.InvalidURL, ValueError):
            raise UrlForbidden("not a URL") from None
        if target.scheme == "http" and not self._allow_loopback:
            raise UrlForbidden("not https")
        if not target.host or not 0 < _port(target) <= MAX_PORT:
            raise UrlForbidden("no such host or port")
        return target

    async def _ask(self, target: httpx2.URL, message: _Message, *, ends: float) -> Reply:
        addresses = await self._addresses(target)
        for address in addresses[:-1]:
            try:
                return await self._ask_address(target, address, message, ends=ends)
            except httpx2.ConnectError:
                continue
        return await self._ask_address(target, addresses[-1], message, ends=ends)

    async def _addresses(self, target: httpx2.URL) -> list[Address]:
        """Resolve and judge; one bad answer spoils all, so that no mixture slips through."""
        try:
            answers = await self._resolve(target.raw_host.decode("ascii"), _port(target))
        except (OSError, UnicodeError):
            raise FetchFailed("name resolution") from None
        addresses = [self._judge(answer, target) for answer in dict.fromkeys(answers)]
        if not addresses:
            raise FetchFailed("name resolution")
        return addresses[:MAX_ADDRESSES]

    def _judge(self, answer: str, target: httpx2.URL) -> Address:
        if self._allow_loopback:
            loopback = loopback_address(answer)
            if loopback is not None:
                return loopback
        if target.scheme == "http":
            raise AddressForbidden("http is for loopback only")
        if target.host in self._internal_hosts:
            return internal_address(answer)
        return public_address(answer)

    async def _ask_address(
        self, target: httpx2.URL, address: Address, message: _Message, *, ends: float
    ) -> Reply:
        headers = {
            name: text for name, text in message.headers.items() if name.lower() not in _OURS
        }
        request = httpx2.Request(
            message.method,
            target.copy_with(host=str(address)),
            headers={
                **headers,
                "Host": target.netloc.decode("ascii"),
                "Accept-Encoding": "identity",
                "User-Agent": "kykylompakko",
            },
            content=message.content,
            extensions={
                "sni_hostname": target.raw_host.decode("ascii"),
                "timeout": _timeouts(ends - asyncio.get_running_loop().time()),
            },
        )
        # A transport for each request: a connection made for one name never serves another one.
        transport = httpx2.AsyncHTTPTransport(verify=self._ssl_context, trust_env=False)
        try:
            response = await transport.handle_async_request(request)
            try:
                return await _read(response, message.max_bytes)
            finally:
                await response.aclose()
        finally:
            await transport.aclose()


def _port(target: httpx2.URL) -> int:
    return _PORTS[target.scheme] if target.port is None else target.port


def _timeouts(left: float) -> dict[str, float | None]:
    """Split what is left: connecting and the TLS handshake end by themselves before all ends.

    A handshake that is cancelled from outside would leave its socket open.
    """
    return httpx2.Timeout(max(left, 0.0), connect=max(left, 0.0) * _SHARE_TO_CONNECT).as_dict()


async def _read(response: httpx2.Response, max_bytes: int) -> Reply:
    # 1. It does not send us elsewhere
    if response.status_code in _REDIRECTS and response.status_code != _NOT_MODIFIED:
        raise RedirectForbidden("redirect")
    # 2. It is what is on the wire: nothing that grows when unpacked
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise ReplyTooLarge("compressed")
    # 3. It ends in time
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > max_bytes:
            raise ReplyTooLarge("too large")
    headers = MappingProxyType(dict(response.headers.items()))
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return Reply(response.status_code, media_type, headers, bytes(body))


async def _system_resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_rest, address in found]
