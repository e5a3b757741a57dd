"""The secrets that belong to an authorization: the records hold MACs of them only.

What comes back from outside is derived from the vault's key and the authorization's random id, so
that it need not be kept. What a browser or a link carries is drawn at random.
"""

import hmac
import json

from issuer.model import SealedClaims
from issuer.ports import Vault
from issuer.ports.authorization import Authorization
from issuer.ports.sign_in import PendingSignIn, Person
from keys import strict_json
from openid4vc.oauth.authorization import REQUEST_URI_PREFIX

_ID_CHARS = 32
_BETWEEN = "~"


def request_uri_of(secret: str) -> str:
    """Return the request URI with a random last part (RFC 9126 2.2)."""
    return REQUEST_URI_PREFIX + secret


def request_mac(vault: Vault, request_uri: str) -> bytes:
    """Return what stands for a request URI in the records."""
    return vault.mac("request-uri", request_uri)


def session_mac(vault: Vault, cookie: str) -> bytes:
    """Return what stands for a browser's cookie in the records."""
    return vault.mac("authorization-browser", cookie)


def pending_sign_in(vault: Vault, authorization: Authorization, redirect_uri: str) -> PendingSignIn:
    """Return what the sign-in of an authorization is tied to; the same each time."""
    return PendingSignIn(
        state=vault.secret_text("sign-in-state", authorization.id),
        nonce=vault.secret_text("sign-in-nonce", authorization.id),
        code_verifier=vault.secret_text("sign-in-verifier", authorization.id),
        redirect_uri=redirect_uri,
    )


def form_token(vault: Vault, authorization: Authorization, cookie: str) -> str:
    """Return what the consent form carries in the browser with this cookie."""
    return vault.mac("consent-form", cookie, authorization.id).hex()


def code_of(vault: Vault, offer_id: str) -> str:
    """Return the authorization code of an offer that a wallet asked for."""
    return vault.secret_text("authorization-code", offer_id)


def code_mac(vault: Vault, code: str) -> bytes:
    """Return what stands for an authorization code; never the same as for a pre-authorized one."""
    return vault.mac("authorization-code", code)


def refresh_token_of(vault: Vault, authorization_id: str) -> str:
    """Return the refresh token of an authorization.

    It is bound to the wallet's keys and stays the same (RFC 9700 2.2.2, FAPI 2.0 5.3.2.1).
    """
    secret = vault.secret_text("authorization-refresh", authorization_id)
    return f"{authorization_id}{_BETWEEN}{secret}"


def looks_like_refresh_token(refresh_token: str) -> bool:
    """Whether a refresh token is none of an offer that was made without asking."""
    return refresh_token[_ID_CHARS : _ID_CHARS + 1] == _BETWEEN


def read_refresh_token(vault: Vault, refresh_token: str) -> str | None:
    """Return which authorization a refresh token is of; None for one that we did not make."""
    authorization_id = refresh_token[:_ID_CHARS]
    ours = refresh_token_of(vault, authorization_id)
    if not hmac.compare_digest(ours.encode(), refresh_token.encode()):
        return None
    return authorization_id


def seal_person(vault: Vault, authorization_id: str, person: Person) -> SealedClaims:
    """Seal who signed in."""
    plain = strict_json.dumps(
        {"subject": person.subject, "identity_code": person.identity_code, "name": person.name}
    )
    return vault.seal(plain, binding=_binding(authorization_id))


def unseal_person(vault: Vault, authorization_id: str, sealed: SealedClaims) -> Person:
    """Open what `seal_person` made."""
    kept = strict_json.loads_object(vault.unseal(sealed, binding=_binding(authorization_id)))
    identity_code = kept["identity_code"]
    return Person(
        subject=str(kept["subject"]),
        identity_code=None if identity_code is None else str(identity_code),
        name=str(kept["name"]),
    )


def _binding(authorization_id: str) -> bytes:
    return json.dumps(["person", authorization_id]).encode()
