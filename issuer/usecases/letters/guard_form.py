"""Tie a form to the browser that it was shown in: another site cannot send it on."""

import hmac

from issuer.ports import Random, Vault


class GuardForm:
    """Makes and checks what a PIN form carries: a MAC over the browser's cookie and the link.

    Nothing is kept for it, so that showing a form changes nothing.
    """

    def __init__(self, *, vault: Vault, random: Random) -> None:
        self._vault = vault
        self._random = random

    def cookie(self) -> str:
        """Return a cookie for a browser that has none."""
        return self._random.token()

    def token(self, cookie: str, last_part: str) -> str:
        """Return what the form carries for a browser with this cookie."""
        return self._vault.mac("letter-form", cookie, last_part).hex()

    def fits(self, token: str, cookie: str, last_part: str) -> bool:
        """Tell, in constant time, whether the form was shown in this browser for this link."""
        return bool(cookie) and hmac.compare_digest(
            token.encode(), self.token(cookie, last_part).encode()
        )
