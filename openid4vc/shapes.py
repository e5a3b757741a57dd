"""Typed look-ups in JSON from outside; every fault is one failure class, named by the reader."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from keys import strict_json
from keys.checks import CheckFailed
from keys.jose import UnverifiedJws, parse_jws

MAX_TEXT_CHARS: Final = 2_048
MAX_ITEMS: Final = 64
MAX_LINK_CHARS: Final = 8_192
MAX_PARAMETERS: Final = 32
LATEST_SECOND: Final = 253_402_300_799
"""The last second of the year 9999."""

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_URL_CHARS: Final = re.compile(r"[!-~]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shape:
    """Reads members of one message and raises `failure` for whatever has another shape.

    The failure's detail names the member and never quotes its value.
    """

    failure: type[CheckFailed]

    def members(self, value: object, what: str) -> Mapping[str, object]:
        """Return the members of a JSON object."""
        if not isinstance(value, dict):
            raise self.failure(f"{what} is no object")
        return value

    def array(self, value: object, what: str, *, max_items: int = MAX_ITEMS) -> list[object]:
        """Return a JSON array of 1 to `max_items` elements."""
        if not isinstance(value, list) or not value:
            raise self.failure(f"{what} is no array with elements")
        if len(value) > max_items:
            raise self.failure(f"{what} has too many elements")
        return value

    def text(self, value: object, what: str, *, max_chars: int = MAX_TEXT_CHARS) -> str:
        """Return a string of 1 to `max_chars` characters."""
        if not isinstance(value, str) or not value:
            raise self.failure(f"{what} is no text")
        if len(value) > max_chars:
            raise self.failure(f"{what} is too long")
        return value

    def optional_text(
        self, value: object, what: str, *, max_chars: int = MAX_TEXT_CHARS
    ) -> str | None:
        """Return a string as `text`, or None for an absent member."""
        return None if value is None else self.text(value, what, max_chars=max_chars)

    def texts(
        self,
        value: object,
        what: str,
        *,
        max_items: int = MAX_ITEMS,
        max_chars: int = MAX_TEXT_CHARS,
    ) -> tuple[str, ...]:
        """Return a JSON array of strings, neither empty."""
        items = self.array(value, what, max_items=max_items)
        return tuple(self.text(item, f"{what} element", max_chars=max_chars) for item in items)

    def flag(self, value: object, what: str) -> bool:
        """Return a boolean."""
        if not isinstance(value, bool):
            raise self.failure(f"{what} is no boolean")
        return value

    def integer(self, value: object, what: str, *, at_least: int, at_most: int) -> int:
        """Return an integer within bounds; booleans and 1.0 are none."""
        if type(value) is not int or not at_least <= value <= at_most:
            raise self.failure(f"{what} is no integer in range")
        return value

    def url(self, value: object, what: str, *, allow_loopback_http: bool = False) -> str:
        """Return an absolute https URL with a host and without user information or fragment.

        Args:
            value: the member.
            what: its name.
            allow_loopback_http: UNSAFE, for demonstrations: also http to this machine itself.
        """
        text = self.text(value, what)
        try:
            parts = urlsplit(text)
            host, userinfo = parts.hostname, "@" in parts.netloc
            _ = parts.port
        except ValueError:
            raise self.failure(f"{what} is no URL") from None
        if not _URL_CHARS.fullmatch(text) or not host or userinfo or "#" in text or "\\" in text:
            raise self.failure(f"{what} is no plain URL")
        if parts.scheme != "https" and not (
            allow_loopback_http and parts.scheme == "http" and host in _LOOPBACK
        ):
            raise self.failure(f"{what} is not https")
        return text

    def seconds(self, value: object, what: str) -> float:
        """Return a JWT NumericDate: seconds since 1970, not beyond the year 9999."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.failure(f"{what} is no number")
        if not 0 <= value <= LATEST_SECOND:
            raise self.failure(f"{what} is out of range")
        return value

    def instant(self, value: object, what: str) -> datetime:
        """Return the instant (UTC) that a JWT NumericDate names, as `seconds`."""
        return datetime.fromtimestamp(self.seconds(value, what), UTC)

    def jws(self, text: str, *, max_chars: int) -> UnverifiedJws:
        """Return a compact JWS taken apart; nothing is verified."""
        try:
            return parse_jws(text, max_chars=max_chars)
        except CheckFailed as found:
            raise self.failure(found.detail) from None

    def claims(
        self, jws: UnverifiedJws, *, max_bytes: int = strict_json.MAX_BYTES
    ) -> dict[str, object]:
        """Return the payload of a JWS, which has to be a JSON object."""
        try:
            return strict_json.loads_object(jws.payload, max_bytes=max_bytes)
        except CheckFailed as found:
            raise self.failure(found.detail) from None

    def single_values(self, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Return the parameters of a form or link, none of which may be repeated."""
        if len(pairs) > MAX_PARAMETERS:
            raise self.failure("too many parameters")
        parameters = dict(pairs)
        if len(parameters) != len(pairs):
            raise self.failure("a parameter is repeated")
        return parameters

    def link(self, link: str, *, schemes: Collection[str]) -> dict[str, str]:
        """Return the query parameters of a scanned link with one of these schemes."""
        if len(link) > MAX_LINK_CHARS:
            raise self.failure("too long")
        try:
            parts = urlsplit(link)
            pairs = parse_qsl(
                parts.query, keep_blank_values=True, strict_parsing=True, errors="strict"
            )
        except ValueError:
            raise self.failure("no link with parameters") from None
        if parts.scheme not in schemes:
            raise self.failure("another scheme")
        return self.single_values(pairs)
