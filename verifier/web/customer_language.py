"""The language of the client's screen: a choice of its own, which leaves the staff's alone."""

from fastapi import Request, Response

from verifier.web.services import services_of

CUSTOMER_PATH = "/desk/customer"
CUSTOMER_COOKIE = "kyky_customer_lang"


def is_customers(request: Request) -> bool:
    """Return whether the client's screen is what is answered."""
    path = str(request.scope["path"])
    return path == CUSTOMER_PATH or path.startswith(f"{CUSTOMER_PATH}/")


def forget_customer_language(request: Request, response: Response) -> None:
    """Let the next client begin in the staff's language."""
    response.delete_cookie(
        CUSTOMER_COOKIE,
        path=CUSTOMER_PATH,
        httponly=True,
        samesite="strict",
        secure=services_of(request).cookies_need_tls,
    )
