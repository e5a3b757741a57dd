"""The secrets that belong to an offer.

All of them are derived from the vault's key and the offer's random id. So the records hold MACs
only, while the link can be shown again for as long as the offer lives.
"""

import json

from issuer.ports import Vault

PIN_DIGITS = 6


def reference_of(vault: Vault, offer_id: str) -> str:
    """Return the unguessable last part of the offer's link."""
    return vault.secret_text("offer-reference", offer_id)


def code_of(vault: Vault, offer_id: str) -> str:
    """Return the offer's pre-authorized code."""
    return vault.secret_text("offer-code", offer_id)


def pin_of(vault: Vault, offer_id: str) -> str:
    """Return the offer's PIN (transaction code): six digits."""
    return vault.digits("offer-pin", PIN_DIGITS, offer_id)


def reference_mac(vault: Vault, reference: str) -> bytes:
    """Return what stands for a link's last part in the records."""
    return vault.mac("offer-reference", reference)


def code_mac(vault: Vault, code: str) -> bytes:
    """Return what stands for a pre-authorized code in the records."""
    return vault.mac("offer-code", code)


def binding_of(organisation: str, offer_id: str, type_id: str, schema_version: int) -> bytes:
    """Return what sealed claims are tied to: they open for this offer and type only."""
    return json.dumps([organisation, offer_id, type_id, schema_version]).encode()
