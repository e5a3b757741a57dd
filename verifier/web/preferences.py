"""What a browser at the desk remembers between clients: tasks used last, shortcuts on or off.

Cookies of their own, without anything of a person: ids of tasks, and a word.
"""

from fastapi import Request, Response

from credential_schemas.model import Catalogue, RequestProfile
from verifier.web.services import services_of

_LAST = "kyky_last"
_KEYS = "kyky_keys"
_OFF = "off"
_BETWEEN = "."
_REMEMBERED = 9
_SECONDS = 90 * 86_400


def in_order_of_use(request: Request, role: str, catalogue: Catalogue) -> list[RequestProfile]:
    """Return a role's tasks: those used last, those that come first in the role, the others."""
    known = catalogue.roles.get(role)
    first = dict.fromkeys([*_used(request), *(known.first_tasks if known else ())])
    places = {profile_id: place for place, profile_id in enumerate(first)}
    return sorted(
        catalogue.profiles_for(role), key=lambda profile: places.get(profile.id, len(places))
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
