"""From a passphrase to keys: one scrypt, then a key of its own for each place."""

import os
from dataclasses import dataclass
from typing import Final, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from keys import strict_json
from keys.base64url import b64url_decode, b64url_encode
from keys.checks import (
    KeyStoreDamaged,
    MalformedJson,
    MalformedJws,
    PassphraseUnfit,
    PassphraseWrong,
    SealBroken,
)
from keys.seal import KEY_BYTES, NONCE_BYTES, seal, unseal

MIN_PASSPHRASE: Final = 8
SALT_BYTES: Final = 16

_BOUNDS: Final = {"log2_n": (10, 18), "r": (8, 16), "p": (1, 16)}
_KNOWN_TEXT: Final = b"kykylompakko key store 1"


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """What one guess at the passphrase costs (RFC 7914); 32 MiB three times over by default."""

    log2_n: int = 15
    r: int = 8
    p: int = 3


class MasterKey:
    """The key that a passphrase gives; every other key of the store comes from it."""

    def __init__(self, key: bytes) -> None:
        """Use `create` or `open`."""
        self._key = key

    @classmethod
    def create(cls, passphrase: str, cost: ScryptCost) -> tuple[Self, bytes]:
        """Draw a salt; return the master key and the settings to store.

        Raises:
            PassphraseUnfit: shorter than eight characters.
        """
        if len(passphrase) < MIN_PASSPHRASE:
            raise PassphraseUnfit("too short")
        salt = os.urandom(SALT_BYTES)
        master = cls(_stretch(passphrase, salt, cost))
        check = master.seal("check", _KNOWN_TEXT)
        settings = {
            "version": 1,
            "scrypt": {"log2_n": cost.log2_n, "r": cost.r, "p": cost.p},
            "salt": b64url_encode(salt),
            "check": b64url_encode(check),
        }
        return master, strict_json.dumps(settings)

    @classmethod
    def open(cls, passphrase: str, settings: bytes) -> Self:
        """Make the master key again from stored settings.

        Raises:
            KeyStoreDamaged: the settings cannot be read.
            PassphraseWrong: another passphrase.
        """
        cost, salt, check = _read(settings)
        master = cls(_stretch(passphrase, salt, cost))
        try:
            master.unseal("check", check)
        except SealBroken:
            raise PassphraseWrong("check value") from None
        return master

    def key_for(self, place: str) -> bytes:
        """Return the 32-byte key of one place in the store."""
        derivation = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=place.encode())
        return derivation.derive(self._key)

    def seal(self, place: str, plaintext: bytes) -> bytes:
        """Encrypt for one place in the store."""
        nonce = os.urandom(NONCE_BYTES)
        return seal(self.key_for(place), plaintext, aad=place.encode(), nonce=nonce)

    def unseal(self, place: str, sealed: bytes) -> bytes:
        """Open what was sealed for this place.

        Raises:
            SealBroken: changed, or sealed for another place or under another passphrase.
        """
        return unseal(self.key_for(place), sealed, aad=place.encode())


def _stretch(passphrase: str, salt: bytes, cost: ScryptCost) -> bytes:
    derivation = Scrypt(salt=salt, length=KEY_BYTES, n=2**cost.log2_n, r=cost.r, p=cost.p)
    return derivation.derive(passphrase.encode(errors="surrogatepass"))


def _read(settings: bytes) -> tuple[ScryptCost, bytes, bytes]:
    try:
        stored = strict_json.loads_object(settings)
        salt, check = stored["salt"], stored["check"]
        if stored["version"] != 1 or not isinstance(salt, str) or not isinstance(check, str):
            raise KeyStoreDamaged("settings")
        return _cost(stored["scrypt"]), b64url_decode(salt), b64url_decode(check)
    except (MalformedJson, MalformedJws, KeyError):
        raise KeyStoreDamaged("settings") from None


def _cost(value: object) -> ScryptCost:
    if not isinstance(value, dict) or set(value) != set(_BOUNDS):
        raise KeyStoreDamaged("scrypt")
    for name, (least, most) in _BOUNDS.items():
        number = value[name]
        if not isinstance(number, int) or not least <= number <= most:
            raise KeyStoreDamaged("scrypt")
    return ScryptCost(**value)
