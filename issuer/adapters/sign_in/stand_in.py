"""UNSAFE, demo only: stands in for an identity provider, and takes anybody's word for who it is.

It answers as a provider would, with state, code and `iss` through the browser, so that what checks
such an answer is put to the test. Its page is `issuer.web.stand_in`.
"""

import base64
import hashlib
import hmac
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from issuer.adapters.sign_in.provider import check_state
from issuer.ports import Clock, Vault
from issuer.ports.sign_in import PendingSignIn, Person, SignInAnswer, StandInWish
from issuer.usecases.sign_in_failures import (
    SignInCodeRefused,
    SignInDeclined,
    SignInIssuerMismatch,
    SignInTokenUnfit,
)

_CODE_LIVES: Final = timedelta(minutes=1)

# Nobody: individual numbers 900-999 are never given to a person.
_PEOPLE: Final = (
    ("Maija Testi Mallikas", "120488-9123"),
    ("Pekka Testi Esimerkki", "030375-9179"),
    ("Aino Testi Kokeilu", "311295-934A"),
    ("Sven Testi Provström", "020504A903F"),
)


class UnsafeTestPersons:
    """`ports.sign_in.StandIn`: whoever sits there chooses who to be.

    Args:
        address: the page's own address, which is also the name that it answers under.
        callbacks: where browsers may be sent back to.
        vault: makes what stands for a signed-in person on the way through the browser.
        clock: the time.
    """

    def __init__(
        self, *, address: str, callbacks: Collection[str], vault: Vault, clock: Clock
    ) -> None:
        self._address = address
        self._callbacks = callbacks
        self._vault = vault
        self._clock = clock

    async def address(self, pending: PendingSignIn) -> str:
        """Return where the browser signs in."""
        wish = {
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": _challenge(pending.code_verifier),
            "redirect_uri": pending.redirect_uri,
        }
        return f"{self._address}?{urlencode(wish)}"

    async def identify(self, answer: SignInAnswer, pending: PendingSignIn) -> Person:
        """Return who was chosen; the port says what is raised."""
        check_state(answer, pending)
        if answer.issuer != self._address:
            raise SignInIssuerMismatch("iss beside the code")
        if answer.error or not answer.code:
            raise SignInDeclined("no code")
        place, _, rest = answer.code.partition(".")
        made_at, _, mac = rest.partition(".")
        wish = StandInWish(
            state=pending.state,
            nonce=pending.nonce,
            code_challenge=_challenge(pending.code_verifier),
            redirect_uri=pending.redirect_uri,
        )
        if not hmac.compare_digest(mac.encode(), self._mac(place, made_at, wish).encode()):
            raise SignInCodeRefused("not made for this")
        if int(made_at) + _CODE_LIVES.total_seconds() < self._clock.now().timestamp():
            raise SignInTokenUnfit("signed in long ago")
        return self.people()[int(place)]

    def people(self) -> Sequence[Person]:
        """Return who there is to choose from."""
        return [
            Person(subject=f"{self._address} {place}", identity_code=code, name=name)
            for place, (name, code) in enumerate(_PEOPLE)
        ]

    def knows(self, wish: StandInWish) -> bool:
        """Whether a browser may be sent back to where the wish says."""
        return wish.redirect_uri in self._callbacks

    def sent_back(self, wish: StandInWish, place: int | None) -> str:
        """Return where the browser goes with the answer: somebody signed in, or nobody did."""
        answer = {"state": wish.state, "iss": self._address}
        if place is None or not 0 <= place < len(_PEOPLE):
            answer["error"] = "access_denied"
        else:
            made_at = str(int(self._clock.now().timestamp()))
            answer["code"] = f"{place}.{made_at}.{self._mac(str(place), made_at, wish)}"
        return f"{wish.redirect_uri}?{urlencode(answer)}"

    def _mac(self, place: str, made_at: str, wish: StandInWish) -> str:
        """Return what makes a code good for this person, moment and sign-in, and no other."""
        parts = (place, made_at, wish.nonce, wish.code_challenge, wish.redirect_uri)
        return self._vault.mac("test-sign-in", *parts).hex()


def _challenge(code_verifier: str) -> str:
    digest = hashlib.sha256(code_verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
