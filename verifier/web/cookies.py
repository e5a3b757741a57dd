"""The desk's cookies: the session, and the sign-in form's own token."""

import hmac

from fastapi import Request, Response

from verifier.web.services import services_of

_SESSION = "kyky_desk"
_SIGN_IN = "kyky_sign_in"
_PROVIDER = "kyky_provider"
_CLEARED = "kyky_cleared"
_AT_PROVIDER_SECONDS = 900


def _name(request: Request, name: str) -> str:
    """Return the cookie's name; with TLS the prefix ties it to this very host."""
    return f"__Host-{name}" if services_of(request).cookies_need_tls else name


def session_cookie(request: Request) -> str | None:
    """Return the session cookie that came along."""
    return request.cookies.get(_name(request, _SESSION))


def set_session_cookie(request: Request, response: Response, value: str) -> None:
    """Give the browser a session cookie; it lasts as long as the browser is open."""
    _set(request, response, _SESSION, value)


def drop_session_cookie(request: Request, response: Response) -> None:
    """Take the session cookie away."""
    _drop(request, response, _SESSION)


def provider_cookie(request: Request) -> str | None:
    """Return what ties an answer of the identity provider to this browser."""
    return request.cookies.get(_name(request, _PROVIDER))


def set_provider_cookie(request: Request, response: Response, value: str) -> None:
    """Give the browser what an answer of the identity provider will be tied to."""
    _set(request, response, _PROVIDER, value, max_age=_AT_PROVIDER_SECONDS)


def drop_provider_cookie(request: Request, response: Response) -> None:
    """Take it away: an answer is taken once."""
    _drop(request, response, _PROVIDER)


def set_sign_in_token(request: Request, response: Response, value: str) -> None:
    """Give the browser the token that the sign-in form must repeat."""
    _set(request, response, _SIGN_IN, value)


def is_sign_in_token(request: Request, given: str) -> bool:
    """Return whether the sign-in form repeats the token of its cookie."""
    held = request.cookies.get(_name(request, _SIGN_IN), "")
    return bool(held) and hmac.compare_digest(held.encode(), given.encode())


def forget_pages(request: Request, response: Response) -> None:
    """Make the browser drop the pages that it keeps for going back: what they show is cleared.

    A browser may keep a page that no cache keeps, and show it again without asking; it drops such
    pages when a cookie that no script reads has changed. What the cookie says means nothing.
    """
    _set(request, response, _CLEARED, services_of(request).door.sign_in_token())


def _drop(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(
        _name(request, name),
        path="/",
        httponly=True,
        samesite="strict",
        secure=services_of(request).cookies_need_tls,
    )


def _set(
    request: Request, response: Response, name: str, value: str, *, max_age: int | None = None
) -> None:
    response.set_cookie(
        _name(request, name),
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite="strict",
        secure=services_of(request).cookies_need_tls,
    )
