"""The outgoing client against a local server, a lying resolver and hostile answers."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from keys.checks import (
    AddressForbidden,
    CheckFailed,
    FetchFailed,
    FetchRefused,
    RedirectForbidden,
    ReplyTooLarge,
    UrlForbidden,
)
from keys.fetch import Fetcher, Reply
from tests.keys.certificate_kit import Draft, authority, name

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: Text/Plain; charset=utf-8\r\nContent-Length: 3\r\n\r\nhei"


@dataclass
class Server:
    """A server that answers every connection in the same way."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/a?b=c"


@asynccontextmanager
async def serving(
    *answer: bytes,
    handler: Callable[[asyncio.StreamWriter], Awaitable[None]] | None = None,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
) -> AsyncIterator[Server]:
    found = Server(0)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = [
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            ]
            found.requests.append(head + await reader.readexactly(sum(length)))
            for part in answer:
                writer.write(part)
                await writer.drain()
            if handler is not None:
                await handler(writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, host, 0, ssl=tls)
    async with server:
        found.port = server.sockets[0].getsockname()[1]
        yield found


def run(coroutine: Coroutine[Any, Any, Reply]) -> Reply:
    return asyncio.run(coroutine)


def resolving(*addresses: str) -> Callable[[str, int], Awaitable[list[str]]]:
    async def resolve(_host: str, _port: int) -> list[str]:
        return list(addresses)

    return resolve


def demo_fetcher(**more: Any) -> Fetcher:
    return Fetcher(allow_loopback_http=True, timeout=more.pop("timeout", 5.0), **more)


async def ask(*answer: bytes, fetcher: Fetcher | None = None, **more: Any) -> Reply:
    async with serving(*answer) as server:
        return await (fetcher or demo_fetcher()).get(server.url, accept="text/plain", **more)


# what is sent and read --------------------------------------------------------------------


@pytest.mark.enable_socket
def test_get() -> None:
    async def scenario() -> tuple[Reply, bytes]:
        async with serving(OK) as server:
            reply = await demo_fetcher().get(
                server.url, accept="text/plain", headers={"X-Extra": "1", "Host": "evil.example"}
            )
            return reply, server.requests[0]

    reply, request = asyncio.run(scenario())
    assert (reply.status, reply.content_type, reply.body) == (200, "text/plain", b"hei")
    assert reply.headers["content-length"] == "3"
    assert request.startswith(b"GET /a?b=c HTTP/1.1\r\n")
    lines = request.lower().split(b"\r\n")
    assert b"accept: text/plain" in lines
    assert b"accept-encoding: identity" in lines
    assert b"x-extra: 1" in lines
    assert b"evil" not in request
    assert b"python" not in request.lower()
    assert not any(line.startswith(b"cookie") for line in lines)


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("more", "kind", "body"),
    [
        (
            {"form": {"a": "ä b", "c": "&"}},
            b"application/x-www-form-urlencoded",
            b"a=%C3%A4+b&c=%26",
        ),
        ({"json": {"a": ["ä"]}}, b"application/json", '{"a":["ä"]}'.encode()),
        ({"json": []}, b"application/json", b"[]"),
        ({}, b"", b""),
    ],
)
def test_post(more: dict[str, Any], kind: bytes, body: bytes) -> None:
    async def scenario() -> bytes:
        async with serving(OK) as server:
            await demo_fetcher().post(server.url, headers={"Authorization": "Bearer x"}, **more)
            return server.requests[0]

    head, _, sent = asyncio.run(scenario()).partition(b"\r\n\r\n")
    assert head.startswith(b"POST /a?b=c HTTP/1.1")
    assert sent == body
    assert (b"content-type: " + kind in head.lower()) == bool(kind)
    assert b"Authorization: Bearer x" in head


def test_either_a_form_or_json() -> None:
    with pytest.raises(ValueError, match="either"):
        run(demo_fetcher().post("https://a.example/", form={}, json={}))


@pytest.mark.enable_socket
@pytest.mark.parametrize("status", [201, 204, 304, 400, 401, 404, 500, 503])
def test_other_statuses_are_answers(status: int) -> None:
    reply = run(ask(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n".encode()))
    assert (reply.status, reply.body, reply.content_type) == (status, b"", "")


@pytest.mark.enable_socket
def test_chunked() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert run(ask(head, b"3\r\nhei\r\n", b"0\r\n\r\n")).body == b"hei"


# what is refused --------------------------------------------------------------------------


@pytest.mark.req("VP-18")
@pytest.mark.enable_socket
@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    answer = f"HTTP/1.1 {status} x\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(RedirectForbidden):
        run(ask(answer.encode()))


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "answer",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", b"x" * 101),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 50, b"x" * 51),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"64\r\n" + b"x" * 100 + b"\r\n" * 1,
            b"1\r\nx\r\n",
        ),
        (b"HTTP/1.1 404 No\r\nContent-Length: 101\r\n\r\n", b"x" * 101),
    ],
    ids=["length", "open end", "chunked", "an error page"],
)
def test_long_answers(answer: tuple[bytes, ...]) -> None:
    with pytest.raises(ReplyTooLarge):
        run(ask(*answer, max_bytes=100))
    with pytest.raises(ReplyTooLarge):
        run(ask(*answer, fetcher=demo_fetcher(max_bytes=100)))


@pytest.mark.enable_socket
def test_an_endless_answer_is_left_early() -> None:
    sent = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()
            sent += 65_536

    async def scenario() -> Reply:
        async with serving(b"HTTP/1.1 200 OK\r\n\r\n", handler=endless) as server:
            return await demo_fetcher().get(server.url, accept="*/*")

    with pytest.raises(ReplyTooLarge):
        run(scenario())
    assert sent < 20_000_000


@pytest.mark.enable_socket
@pytest.mark.parametrize("encoding", ["gzip", "br", "GZIP", "deflate, identity"])
def test_compressed_answers(encoding: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: 3\r\n\r\nabc"
    with pytest.raises(ReplyTooLarge, match="compressed"):
        run(ask(head.encode()))


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhei",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
        b"\x16\x03\x01\x00\x00",
    ],
)
def test_broken_answers(answer: bytes) -> None:
    with pytest.raises(FetchFailed):
        run(ask(answer))


@pytest.mark.enable_socket
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"])
def test_slow_answers(answer: bytes) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        for _ in range(40):
            await asyncio.sleep(0.05)
            writer.write(b"x" if answer else b"")
            await writer.drain()

    async def scenario() -> Reply:
        async with serving(answer, handler=trickle) as server:
            return await demo_fetcher(timeout=0.2).get(server.url, accept="*/*")

    with pytest.raises(FetchFailed, match="timeout"):
        run(scenario())


def test_slow_resolvers() -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        await asyncio.sleep(5)
        return ["127.0.0.1"]

    with pytest.raises(FetchFailed, match="timeout"):
        run(demo_fetcher(timeout=0.05, resolve=resolve).get("https://a.example/", accept="*/*"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.example",
        "//a.example/",
        "/path",
        "http://a.example/",
        "http://127.0.0.1/",
        "HTTP://a.example/",
        "ftp://a.example/",
        "file:///etc/passwd",
        "gopher://a.example/",
        "data:text/plain,x",
        "javascript:1",
        "https://",
        "https:///path",
        "https://user@a.example/",
        "https://user:pass@a.example/",
        "https://@a.example/",
        "https://:@a.example/",
        "https://a.example/#fragment",
        "https://a.example:99999/",
        "https://a.example:0/",
        "https://a.example\\@evil.example/",
        "https://a.example/#",
        "https://a%2eexample/",
        "https://\u0661.example/",
        "https://a.example:x/",
        "https://[::1/",
        "https://a example/",
        "https://a.example/\n",
        "https://a.example/\x00",
        "https://" + "a" * 5_000,
        "https://" + "ä" * 300 + ".example/",
    ],
)
def test_addresses_that_we_do_not_ask(url: str) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        raise AssertionError((host, port))

    with pytest.raises(UrlForbidden):
        run(Fetcher(resolve=resolve).get(url, accept="*/*"))
    assert issubclass(UrlForbidden, FetchRefused)


LED_INWARDS = Fetcher(resolve=resolving("10.0.0.1"))


@given(st.text(max_size=40) | st.text("htps:/@a.#[]%\\1 \t", max_size=20).map("https://".__add__))
def test_any_text_is_judged(url: str) -> None:
    with pytest.raises(CheckFailed) as caught:
        run(LED_INWARDS.get(url, accept="*/*"))
    assert isinstance(caught.value, UrlForbidden | AddressForbidden)


# where a name leads -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("::1",),
        ("10.1.2.3",),
        ("169.254.169.254",),
        ("100.64.0.1",),
        ("fd00::1",),
        ("fe80::1%lo",),
        ("::ffff:192.168.0.1",),
        ("8.8.8.8", "10.0.0.1"),
        ("8.8.8.8", "8.8.4.4", "1.1.1.1", "9.9.9.9", "127.0.0.1"),
        ("nonsense",),
    ],
)
def test_names_that_lead_inwards(addresses: tuple[str, ...]) -> None:
    fetcher = Fetcher(resolve=resolving(*addresses))
    with pytest.raises(AddressForbidden):
        run(fetcher.get("https://a.example/", accept="*/*"))


@pytest.mark.parametrize("address", ["10.1.2.3", "fd00::1"])
def test_a_host_that_the_operator_wrote_down_may_be_in_our_network(address: str) -> None:
    fetcher = Fetcher(
        resolve=resolving(address), internal_hosts=frozenset({"sso.example"}), timeout=0.2
    )
    with pytest.raises(AddressForbidden):
        run(fetcher.get("https://a.sso.example/", accept="*/*"))
    with pytest.raises(UrlForbidden):
        run(fetcher.get("http://sso.example/", accept="*/*"))
    assert fetcher._judge(address, fetcher._target("https://SSO.example/")) is not None


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "169.254.169.254", "fe80::1"])
def test_but_never_on_this_machine(address: str) -> None:
    fetcher = Fetcher(resolve=resolving(address), internal_hosts=frozenset({"sso.example"}))
    with pytest.raises(AddressForbidden):
        run(fetcher.get("https://sso.example/", accept="*/*"))


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0", "[::1]", "[::]"]
)
def test_this_machine_by_any_name(host: str) -> None:
    with pytest.raises((AddressForbidden, FetchFailed, UrlForbidden)) as caught:
        run(Fetcher().get(f"https://{host}:9/", accept="*/*"))
    assert not isinstance(caught.value, FetchFailed) or caught.value.detail == "name resolution"


def test_plain_http_is_for_loopback_only() -> None:
    with pytest.raises(AddressForbidden):
        run(demo_fetcher(resolve=resolving("8.8.8.8")).get("http://a.example/", accept="*/*"))
    with pytest.raises(AddressForbidden):
        run(demo_fetcher(resolve=resolving("10.0.0.1")).get("https://a.example/", accept="*/*"))


def test_names_that_lead_nowhere() -> None:
    async def fails(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    for resolve in (resolving(), fails):
        with pytest.raises(FetchFailed, match="name resolution"):
            run(Fetcher(resolve=resolve).get("https://a.example/", accept="*/*"))


@pytest.mark.enable_socket
def test_a_name_is_resolved_once_and_the_judged_address_is_used() -> None:
    asked: list[tuple[str, int]] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    async def scenario() -> tuple[Reply, Server]:
        async with serving(OK) as server:
            fetcher = demo_fetcher(resolve=rebinding)
            url = f"http://service.example:{server.port}/a"
            return await fetcher.get(url, accept="*/*"), server

    reply, server = asyncio.run(scenario())
    assert reply.body == b"hei"
    assert asked == [("service.example", server.port)]
    assert f"Host: service.example:{server.port}\r\n".encode() in server.requests[0]


@pytest.mark.enable_socket
def test_the_next_address_when_one_does_not_answer() -> None:
    async def scenario() -> Reply:
        async with serving(OK) as server:
            fetcher = demo_fetcher(resolve=resolving("127.0.0.2", "127.0.0.1"))
            return await fetcher.get(f"http://a.example:{server.port}/", accept="*/*")

    assert run(scenario()).body == b"hei"


@pytest.mark.enable_socket
def test_no_address_answers() -> None:
    async def scenario() -> Reply:
        async with serving(OK) as server:
            port = server.port
        fetcher = demo_fetcher(resolve=resolving("127.0.0.2", "127.0.0.1"))
        return await fetcher.get(f"http://a.example:{port}/", accept="*/*")

    with pytest.raises(FetchFailed):
        run(scenario())


@pytest.mark.enable_socket
def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    assert run(ask(OK)).body == b"hei"


# TLS --------------------------------------------------------------------------------------


CA = authority("test CA")


def server_context(directory: Path, host: str) -> ssl.SSLContext:
    """A server certificate for a name, under the test authority."""
    names = x509.SubjectAlternativeName([x509.DNSName(host)])
    key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(CA.key.public_key())
    draft = Draft(name("server"), {"names": (names, False), "aki": (key_id, False)})
    pem = draft.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = directory / "server.pem"
    path.write_bytes(draft.issue(CA).public_bytes(Encoding.PEM) + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def client_context() -> ssl.SSLContext:
    key_id = x509.SubjectKeyIdentifier.from_public_key(CA.key.public_key())
    anchor = CA.with_extension("ski", key_id, critical=False).issue()
    return ssl.create_default_context(cadata=anchor.public_bytes(Encoding.PEM).decode())


async def ask_tls(
    directory: Path, *, certificate_for: str, trusted: bool = True
) -> tuple[Reply, list[str | None]]:
    seen: list[str | None] = []
    context = server_context(directory, certificate_for)
    context.sni_callback = lambda _socket, host, _context: seen.append(host)
    async with serving(OK, tls=context) as server:
        fetcher = demo_fetcher(
            resolve=resolving("127.0.0.1"), ssl_context=client_context() if trusted else None
        )
        reply = await fetcher.get(f"https://service.example:{server.port}/", accept="*/*")
    return reply, seen


@pytest.mark.enable_socket
def test_the_name_is_kept_for_tls(tmp_path: Path) -> None:
    reply, seen = asyncio.run(ask_tls(tmp_path, certificate_for="service.example"))
    assert reply.body == b"hei"
    assert seen == ["service.example"]


@pytest.mark.enable_socket
def test_a_certificate_for_another_name(tmp_path: Path) -> None:
    for other in ("other.example", "127.0.0.1"):
        with pytest.raises(FetchFailed):
            asyncio.run(ask_tls(tmp_path, certificate_for=other))


@pytest.mark.enable_socket
def test_nobodys_certificate(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed):
        asyncio.run(ask_tls(tmp_path, certificate_for="service.example", trusted=False))


@pytest.mark.enable_socket
def test_plain_http_behind_an_https_address() -> None:
    async def scenario() -> Reply:
        async with serving(OK) as server:
            fetcher = demo_fetcher(timeout=0.5)
            return await fetcher.get(f"https://127.0.0.1:{server.port}/", accept="*/*")

    with pytest.raises(FetchFailed):
        run(scenario())


@pytest.mark.enable_socket
def test_nothing_of_the_address_is_told() -> None:
    secret = "code-123456"
    for url in (f"http://127.0.0.1:9/{secret}", f"ftp://a.example/{secret}"):
        with pytest.raises(CheckFailed) as caught:
            run(demo_fetcher().get(url, accept="*/*"))
        assert secret not in str(caught.value)
        assert caught.value.__cause__ is None
