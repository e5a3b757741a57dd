"""The desk's cookies: the session, and the sign-in form's own token."""

import hmac

from fastapi import Request, Response

from verifier.web.services import services_of

_SESSION = "kyky_desk"
_SIGN_IN = "kyky_sign_in"


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
    response.delete_cookie(
        _name(request, _SESSION),
        path="/",
        httponly=True,
        samesite="strict",
        secure=services_of(request).cookies_need_tls,
    )


def set_sign_in_token(request: Request, response: Response, value: str) -> None:
    """Give the browser the token that the sign-in form must repeat."""
    _set(request, response, _SIGN_IN, value)


def is_sign_in_token(request: Request, given: str) -> bool:
    """Return whether the sign-in form repeats the token of its cookie."""
    held = request.cookies.get(_name(request, _SIGN_IN), "")
    return bool(held) and hmac.compare_digest(held.encode(), given.encode())


def _set(request: Request, response: Response, name: str, value: str) -> None:
    response.set_cookie(
        _name(request, name),
        value,
        path="/",
        httponly=True,
        samesite="strict",
        secure=services_of(request).cookies_need_tls,
    )
