"""Confirmation codes: drawn for one answer, told to the wallet that gave it, typed by staff.

The database holds a keyed MAC of a code for comparing, and the code itself sealed under a key made
from the address that only that wallet was told. Neither leads from one to the other.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime

from keys.seal import seal, unseal
from verifier.model import StoredCode
from verifier.ports import ConfirmationCodes, Random
from verifier.usecases.failures import ConfirmationCodeMalformed
from verifier.usecases.request_secrets import Return

DIGITS = 6
TRIES = 3
TRIES_BACK = 1
"""A browser makes no slips: who brings the wrong code, or brings it elsewhere, is not the one."""
_ADDRESS_BYTES = 32
_ADDRESS_CHARS = 43
_SEAL_NONCE_BYTES = 12
_CONTEXT = b"kykylompakko confirmation code 1\x00"
_SEAL_CONTEXT = b"kykylompakko confirmation page 1"
_LONGEST_TYPED = 64


@dataclass(frozen=True, slots=True)
class HandedCode:
    """A fresh code.

    Attributes:
        code: six digits, for the wallet that answered and nobody else.
        address: the secret part of the address of the page that shows it.
        mac: what is kept for comparing.
    """

    code: str = field(repr=False)
    address: str = field(repr=False)
    mac: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class HandedReturn:
    """Where the wallet sends its browser; after an answer a code of that answer alone is in it."""

    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code as its page shows it, and until when."""

    code: str = field(repr=False)
    until: datetime


class CodeBook:
    """Draws, keeps and compares confirmation codes.

    Args:
        codes: where they are kept.
        key: 32 bytes, the service's own.
        random: where they come from.
    """

    def __init__(self, *, codes: ConfirmationCodes, key: bytes, random: Random) -> None:
        self._codes = codes
        self._key = _derived(key, b"compared")
        self._random = random

    async def hand_out(self, verification_id: str, *, until: datetime) -> HandedCode:
        """Draw a code and put it on its page until a time."""
        code = self._random.digits(DIGITS)
        address = self._random.token(_ADDRESS_BYTES)
        sealed = seal(
            _derived(address.encode("ascii"), b"sealed"),
            code.encode("ascii"),
            aad=_SEAL_CONTEXT,
            nonce=self._random.bytes(_SEAL_NONCE_BYTES),
        )
        key = _derived(address.encode("ascii"), b"found")
        await self._codes.add(StoredCode(key=key, sealed=sealed, until=until))
        return HandedCode(code, address, self._mac(verification_id, code))

    def hand_back(self, verification_id: str, back: Return) -> tuple[HandedReturn, bytes]:
        """Draw a response code for a browser that is to come back (OpenID4VP 14.3).

        Returns:
            Where it comes back, and what is kept for comparing.
        """
        code = self._random.token(_ADDRESS_BYTES)
        more = "&" if "?" in back.to else "?"
        mac = self._mac(verification_id, brought_back(code, session=back.session))
        return HandedReturn(f"{back.to}{more}response_code={code}"), mac

    async def shown(self, address: str, *, at: datetime) -> ShownCode | None:
        """Return the code of a page, None when there is none or its time is over."""
        if len(address) != _ADDRESS_CHARS or not address.isascii():
            return None
        secret = address.encode("ascii")
        stored = await self._codes.find(_derived(secret, b"found"), at=at)
        if stored is None:
            return None
        code = unseal(_derived(secret, b"sealed"), stored.sealed, aad=_SEAL_CONTEXT)
        return ShownCode(code.decode("ascii"), stored.until)

    async def use_try(self, verification_id: str, *, at: datetime) -> int | None:
        """Use up one try; return how many are left, None when there was none to use."""
        return await self._codes.use_try(verification_id, at=at)

    async def is_right(self, verification_id: str, code: str) -> bool:
        """Compare a code with the one handed out, in constant time."""
        mac = await self._codes.mac(verification_id)
        return mac is not None and hmac.compare_digest(mac, self._mac(verification_id, code))

    def _mac(self, verification_id: str, code: str) -> bytes:
        said = _CONTEXT + verification_id.encode("ascii") + b"\x00" + code.encode("ascii")
        return hmac.digest(self._key, said, hashlib.sha256)


def brought_back(code: str, *, session: str) -> str:
    """Return what a response code and the session that it came back in are compared by.

    A text of another form than ours is like any wrong one.
    """
    whole = f"{session} {code}"
    return whole if whole.isascii() and whole.count(" ") == 1 else ""


def read_typed(typed: str) -> str:
    """Return the six digits of what staff typed; spaces between them do not matter.

    Raises:
        ConfirmationCodeMalformed: there are not six digits, or other signs.
    """
    code = "".join(typed.split()) if len(typed) <= _LONGEST_TYPED else ""
    if len(code) != DIGITS or not code.isascii() or not code.isdigit():
        raise ConfirmationCodeMalformed("six digits")
    return code


def _derived(secret: bytes, purpose: bytes) -> bytes:
    """Return 32 bytes that belong to a secret of 256 bits, different for each purpose."""
    return hmac.digest(secret, _CONTEXT + purpose, hashlib.sha256)
