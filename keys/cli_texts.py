"""What `kyky-keys` says, in Finnish, Swedish and English."""

import json
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from cryptography import x509

from keys.checks import CheckFailed

LANGS: Final = ("fi", "sv", "en")
SOON: Final = timedelta(days=30)

_HELSINKI: Final = ZoneInfo("Europe/Helsinki")


def text(key: str, lang: str, **values: object) -> str:
    """Return a sentence with its places filled in.

    Raises:
        KeyError: no such sentence, or a place without a value (a mistake of ours).
    """
    return _texts()[key][lang].format_map(values)


def has_text(key: str) -> bool:
    """Say whether there is a sentence of this name."""
    return key in _texts()


def date_text(moment: datetime) -> str:
    """Return a day in Finland, such as 14.9.2026; the same in all three languages."""
    local = moment.astimezone(_HELSINKI)
    return f"{local.day}.{local.month}.{local.year}"


def validity_text(certificate: x509.Certificate | None, lang: str, *, at: datetime) -> str:
    """Say in words until when a certificate is good."""
    if certificate is None:
        return text("valid.bare", lang)
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at < begins:
        return text("valid.not_yet", lang, date=date_text(begins))
    key = "valid.expired" if at > ends else "valid.soon" if ends - at < SOON else "valid.until"
    return text(key, lang, date=date_text(ends))


def purpose_text(purpose: str, lang: str) -> str:
    """Say in words what a key is for."""
    key = f"purpose.{purpose}"
    return text(key if has_text(key) else "purpose.other", lang)


def failure_text(failure: CheckFailed, lang: str) -> str:
    """Say what went wrong and what to do about it."""
    for key in (f"fail.{failure.code}", f"fail.{failure.code[:10]}"):
        if has_text(key):
            return text(key, lang, code=failure.code)
    return text("fail.other", lang, code=failure.code)


@cache
def _texts() -> dict[str, dict[str, str]]:
    source = files("keys").joinpath("cli_texts.json").read_text(encoding="utf-8")
    texts: dict[str, dict[str, str]] = json.loads(source)
    return texts
