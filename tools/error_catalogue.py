"""Write `docs/errors-issuer.md` from the failure classes and their words.

Run after a failure or its words have changed: `python -m tools.error_catalogue`. A house test
compares.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Final

import issuer
from credential_schemas.problems import ADVICE
from issuer.web.errors import ServiceFailed, status_of_kind
from issuer.web.problems import TEXTS, TYPE
from keys.checks import CheckFailed
from openid4vc.oauth.errors import AuthorizationRefused, TokenRequestRefused
from openid4vc.openid4vci.errors import ProtocolError

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "errors-issuer.md"
_ROOMS: Final = ("issuer.", "service_kit.", "keys.")
_HEAD: Final = f"""# What the issuer refuses, and why

*Written by `python -m tools.error_catalogue` from the failure classes; do not edit it by hand.*

Every refusal has a code that stays the same. Programs go by it; sentences are for people, and may
be worded better one day. Nothing that was sent is ever repeated.

## The issuing systems' API

`application/problem+json` (RFC 9457) with `type` `{TYPE}<code>`, `title` and
`detail` in the language of `Accept-Language` (fi, sv, en), `status` and `code`. In a batch the same
document stands in the line's answer, with the status that the line alone would have had.
"""
_FAULTS: Final = """
## Faults of content

`request_invalid` lists every fault of a body in `problems`. Each has

- `pointer`: a JSON Pointer (RFC 6901) into the body, such as `/claims/birthdate`; there is none
  when the fault is in the address or a header. A name that we do not know is repeated only when it
  is a plain word; else the fault points at what holds it;
- `path`: the same in steps, from the claims on for a fault in them;
- `code`;
- `advice`: a sentence in your language, and `words`: the sentence in fi, sv and en.

For faults of the claims the codes are:
"""
_FORM: Final = """
A body that has not the agreed form is told in the same way, with the codes of the library that
reads it, such as `missing`, `extra_forbidden`, `string_too_long`, `string_pattern_mismatch`,
`literal_error` or `bool_type`.
"""
_TOKEN: Final = """
## The token endpoint of issuing systems

`application/json` as OAuth 2.0 has it (RFC 6749 5.2), status 400: `error` is the code of the
protocol, and `error_description` begins with our own.
"""
_WALLET: Final = """
## The wallets' endpoints

The same form, as OpenID4VCI 1.0 has it; status 400, and 401 for `invalid_token`.
"""
_AUTHORIZATION: Final = """
## Authorization requests, and what wallets prove of themselves

The same form again; status 400, and 401 for a DPoP proof that goes with an access token. What is
wrong with a request that a browser brought is told on a page.
"""


def page() -> str:
    """Return the whole page."""
    for module in pkgutil.walk_packages(issuer.__path__, "issuer."):
        if not module.name.endswith("__main__") and ".migrations" not in module.name:
            importlib.import_module(module.name)
    return "".join(
        [
            _HEAD,
            _table(("code", "status", "what it says", "rule"), _api_rows()),
            _FAULTS,
            _table(("code", "what to do"), ((_code(one), ADVICE[one]["en"]) for one in ADVICE)),
            _FORM,
            _TOKEN,
            _table(("error", "code", "when", "rule"), _protocol_rows(TokenRequestRefused)),
            _WALLET,
            _table(("error", "code", "when", "rule"), _protocol_rows(ProtocolError)),
            _AUTHORIZATION,
            _table(("error", "code", "when", "rule"), _protocol_rows(AuthorizationRefused)),
        ]
    )


def _api_rows() -> Iterator[tuple[str, ...]]:
    known = TEXTS.keys()
    for kind in _below(CheckFailed):
        status = status_of_kind(kind)
        title, detail = f"{kind.code}.title", f"{kind.code}.detail"
        is_ours = status is HTTPStatus.INTERNAL_SERVER_ERROR and kind is not ServiceFailed
        is_told = title in known and detail in known and kind.__module__.startswith(_ROOMS)
        if is_told and not is_ours:
            says = f"{TEXTS.text(title, 'en')}. {TEXTS.text(detail, 'en')}"
            yield _code(kind.code), str(int(status)), says, kind.spec


def _protocol_rows(
    base: type[TokenRequestRefused | AuthorizationRefused | ProtocolError],
) -> Iterator[tuple[str, ...]]:
    for kind in _below(base):
        assert issubclass(
            kind, TokenRequestRefused | AuthorizationRefused | ProtocolError
        )  # for mypy
        when = (kind.__doc__ or "").strip().splitlines()[0]
        yield _code(kind.error), _code(kind.code), when, kind.spec


def _below(base: type[CheckFailed]) -> list[type[CheckFailed]]:
    """Return every kind under `base`, by code; of several with one code, the most general."""
    found: dict[str, type[CheckFailed]] = {}
    waiting = list(base.__subclasses__())
    while waiting:
        kind = waiting.pop(0)
        waiting += kind.__subclasses__()
        if not kind.__module__.startswith("tests."):
            found.setdefault(kind.code, kind)
    return [found[code] for code in sorted(found)]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _code(text: str) -> str:
    return f"`{text}`"


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
