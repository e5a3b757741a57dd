"""What may be told about a key: everything but the key."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from keys.jose import public_jwk, thumbprint
from keys.opener import KeyEntry
from keys.x509 import organisation_identifier


def key_name(entry: KeyEntry) -> str:
    """Return the name that people use, such as mallimaa/credential."""
    return f"{entry.org}/{entry.purpose}"


def described(entry: KeyEntry) -> dict[str, object]:
    """Return the facts of a key for other programs: names, UTC times, hashes in hex."""
    facts: dict[str, object] = {
        "name": key_name(entry),
        "organisation": entry.org,
        "purpose": entry.purpose,
    }
    if entry.leaf is None:
        return facts
    facts |= {
        "identifier": organisation_identifier(entry.leaf),
        "valid_from": entry.leaf.not_valid_before_utc.isoformat(),
        "valid_until": entry.leaf.not_valid_after_utc.isoformat(),
        "certificate_sha256": entry.leaf.fingerprint(hashes.SHA256()).hex(),
    }
    public_key = entry.leaf.public_key()
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        facts["key_thumbprint"] = thumbprint(public_jwk(public_key))
    return facts
