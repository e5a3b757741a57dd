"""The secrets that belong to a letter, derived from the vault's key and the letter's random id.

So the records hold MACs only, while the letter can be printed again for as long as it lives.
"""

import json
import string
from typing import Final

from issuer.ports import Vault
from issuer.usecases.letters import typed_code

PIN_DIGITS: Final = 6
_SIGNS: Final = string.digits + string.ascii_letters
_LENGTH: Final = 22


def reference_of(vault: Vault, letter_id: str) -> str:
    """Return the unguessable last part of the link in the QR code: 131 bits.

    Letters and digits only: some programs cut other signs off the end of a link.
    """
    secret = vault.secret_text("letter-reference", letter_id)
    return "".join(_SIGNS[value] for value in typed_code.drawn(secret, len(_SIGNS), _LENGTH))


def code_of(vault: Vault, letter_id: str) -> str:
    """Return the code that is typed instead."""
    return typed_code.make(vault.secret_text("letter-code", letter_id))


def pin_of(vault: Vault, letter_id: str) -> str:
    """Return the letter's PIN: six digits."""
    return vault.digits("letter-pin", PIN_DIGITS, letter_id)


def link_mac(vault: Vault, last_part: str) -> bytes:
    """Return what stands for a link in the records: for its last part, or for the typed code."""
    return vault.mac("letter-link", typed_code.read(last_part) or last_part)


def binding_of(organisation: str, letter_id: str, type_id: str, schema_version: int) -> bytes:
    """Return what a letter's sealed content is tied to: it opens for this letter and type only."""
    return json.dumps(["letter", organisation, letter_id, type_id, schema_version]).encode()
