"""Why an attestation of keys is refused; on the wire all are `invalid_proof` (VCI 8.3.1.2)."""

from typing import ClassVar

from openid4vc.openid4vci.errors import InvalidProof
from openid4vc.specs import Section


class KeyAttestationMissing(InvalidProof):
    """Nobody says how the keys are kept, although our metadata ask for it."""

    code: ClassVar[str] = "key_attestation_missing"
    spec: ClassVar[str] = Section.VCI_12_2_4


class KeyAttestationMalformed(InvalidProof):
    """The key attestation is no JWT, or a claim of it is missing or of the wrong JSON type."""

    code: ClassVar[str] = "key_attestation_malformed"
    spec: ClassVar[str] = Section.VCI_D_1


class KeyAttesterNotTrusted(InvalidProof):
    """No chain leads from the key attestation to a wallet provider that we trust."""

    code: ClassVar[str] = "key_attester_not_trusted"
    spec: ClassVar[str] = Section.VCI_D_1


class KeyAttestationSignatureInvalid(InvalidProof):
    """Wrong type or algorithm, or not signed with the wallet provider's key."""

    code: ClassVar[str] = "key_attestation_signature_invalid"
    spec: ClassVar[str] = Section.VCI_F_4


class KeyAttestationStale(InvalidProof):
    """The key attestation is over, or lies ahead of our clock."""

    code: ClassVar[str] = "key_attestation_stale"
    spec: ClassVar[str] = Section.VCI_D_1


class KeyNotAttested(InvalidProof):
    """The key proof was made with another key than those of the attestation in its header."""

    code: ClassVar[str] = "key_not_attested"
    spec: ClassVar[str] = Section.VCI_D_1


class KeyKeptTooWeakly(InvalidProof):
    """The keys are kept less well than our metadata ask."""

    code: ClassVar[str] = "key_kept_too_weakly"
    spec: ClassVar[str] = Section.VCI_D_2
