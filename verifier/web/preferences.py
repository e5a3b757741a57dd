"""What a browser at the desk remembers between clients: tasks used last, shortcuts on or off.

Cookies of their own, without anything of a person: ids of tasks, and a word.
"""

from collections.abc import Sequence

from fastapi import Request, Response

from credential_schemas.model import RequestProfile
from verifier.web.services import services_of

_LAST = "kyky_last"
_KEYS = "kyky_keys"
_OFF = "off"
_BETWEEN = "."
_REMEMBERED = 9
_SECONDS = 90 * 86_400


def last_used_first(request: Request, profiles: Sequence[RequestProfile]) -> list[RequestProfile]:
    """Return the tasks, those used last first, the rest in their own order."""
    used = _used(request)
    return sorted(
        profiles, key=lambda profile: used.index(profile.id) if profile.id in used else len(used)
    )


def was_used(request: Request, profile: RequestProfile) -> bool:
    """Return whether this browser remembers the task as the one used last."""
    return _used(request)[:1] == [profile.id]


def remember_used(request: Request, response: Response, profile_id: str) -> None:
    """Put a task in front of those remembered."""
    used = [profile_id, *(one for one in _used(request) if one != profile_id)]
    _set(request, response, _LAST, _BETWEEN.join(used[:_REMEMBERED]))


def shortcuts_on(request: Request) -> bool:
    """Return whether keys alone may do something (WCAG 2.1.4)."""
    return request.cookies.get(_KEYS) != _OFF


def set_shortcuts(request: Request, response: Response, *, on: bool) -> None:
    """Switch the shortcuts on or off."""
    _set(request, response, _KEYS, "on" if on else _OFF)


def _used(request: Request) -> list[str]:
    return [one for one in request.cookies.get(_LAST, "").split(_BETWEEN) if one]


def _set(request: Request, response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=_SECONDS,
        path="/desk",
        httponly=True,
        samesite="strict",
        secure=services_of(request).cookies_need_tls,
    )
