"""In which way a wallet is asked: as whom, how it fetches, where its browser goes on."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from openid4vc.openid4vp.request import Method, Prefix
from openid4vc.shapes import Shape
from verifier.usecases.failures import ReturnMalformed, ReturnNotAllowed
from verifier.usecases.receiver import Receiver
from verifier.usecases.request_secrets import Return, Way

MAX_ADDRESS_CHARS: Final = 512

_RETURN: Final = Shape(ReturnMalformed)
_SESSION: Final = re.compile(r"[A-Za-z0-9._~-]{22,256}", re.ASCII)


@dataclass(frozen=True, slots=True)
class WantedWay:
    """What a caller wants otherwise than the operator chose; None leaves it so."""

    prefix: Prefix | None = None
    method: Method | None = None
    back: Return | None = None


OUR_WAY: Final = WantedWay()


class Ways:
    """Turns what is wanted into a way that is allowed.

    Args:
        receiver: who asks.
        origins: to which web sites a browser may be sent back, such as `https://kunta.example`.
        unsafe_loopback_http: UNSAFE, for demonstrations: one of them may be on this machine.
    """

    def __init__(
        self,
        *,
        receiver: Receiver,
        origins: Collection[str] = (),
        unsafe_loopback_http: bool = False,
    ) -> None:
        self.receiver = receiver
        self._origins = frozenset(origins)
        self._unsafe_loopback_http = unsafe_loopback_http

    def __call__(self, wanted: WantedWay) -> Way:
        """Return the way.

        Raises:
            ReturnMalformed: the return address is no address, or the session is guessable.
            ReturnNotAllowed: it leads to a web site that the operator has not named.
            ClientIdNotOfCertificate: our certificate does not carry the host of our address.
        """
        if wanted.back is not None:
            self._check(wanted.back)
        return Way(
            client_id=self.receiver.asks_as(wanted.prefix),
            method=wanted.method or self.receiver.method,
            back=wanted.back,
        )

    def _check(self, back: Return) -> None:
        address = _RETURN.url(
            _RETURN.text(back.to, "return_to", max_chars=MAX_ADDRESS_CHARS),
            "return_to",
            allow_loopback_http=self._unsafe_loopback_http,
        )
        if not _SESSION.fullmatch(back.session):
            raise ReturnMalformed("session is no secret of 128 bits or more")
        parts = urlsplit(address)
        if f"{parts.scheme}://{parts.netloc}" not in self._origins:
            raise ReturnNotAllowed("another web site")
