"""What is sealed in a letter: the claims, and the lines of the envelope's window."""

from collections.abc import Mapping
from dataclasses import dataclass

from issuer.model import SealedClaims
from issuer.ports import Vault
from issuer.ports.letters import Letter
from issuer.usecases.letters import secrets_of_letter as secret
from keys import strict_json


@dataclass(frozen=True, slots=True)
class Sealable:
    """Claims to be offered, and name and address; no lines when the window is left free."""

    claims: Mapping[str, object]
    recipient: tuple[str, ...]


def seal(vault: Vault, letter: Letter, content: Sealable) -> SealedClaims:
    """Seal content under a data key of the letter's own."""
    plain = {"claims": dict(content.claims), "recipient": list(content.recipient)}
    return vault.seal(strict_json.dumps(plain), binding=_binding(letter))


def unseal(vault: Vault, letter: Letter, sealed: SealedClaims) -> Sealable:
    """Open what `seal` made.

    Raises:
        SealBroken: another letter's, or altered bytes.
    """
    plain = strict_json.loads_object(vault.unseal(sealed, binding=_binding(letter)))
    claims, recipient = plain["claims"], plain["recipient"]
    if not isinstance(claims, dict) or not isinstance(recipient, list):
        raise TypeError("sealed by another version")
    return Sealable(claims, tuple(str(line) for line in recipient))


def _binding(letter: Letter) -> bytes:
    return secret.binding_of(letter.organisation, letter.id, letter.type_id, letter.schema_version)
