"""Why a DPoP proof is refused; each failure names the error code on the wire (RFC 9449)."""

from typing import ClassVar

from openid4vc.oauth.errors import AuthorizationRefused
from openid4vc.specs import Section


class DpopRefused(AuthorizationRefused):
    """A DPoP proof does not hold."""

    code: ClassVar[str] = "dpop_refused"
    spec: ClassVar[str] = Section.RFC9449_4_3
    error: ClassVar[str] = "invalid_dpop_proof"


class DpopMissing(DpopRefused):
    """There is no DPoP proof where one is required."""

    code: ClassVar[str] = "dpop_missing"
    spec: ClassVar[str] = Section.RFC9449_5


class DpopRepeated(DpopRefused):
    """There is more than one DPoP header."""

    code: ClassVar[str] = "dpop_repeated"


class DpopMalformed(DpopRefused):
    """The proof is no JWT, or a claim of it is missing or of the wrong JSON type."""

    code: ClassVar[str] = "dpop_malformed"
    spec: ClassVar[str] = Section.RFC9449_4_2


class DpopKeyNotAllowed(DpopRefused):
    """The header does not hold a public P-256 key."""

    code: ClassVar[str] = "dpop_key_not_allowed"


class DpopSignatureInvalid(DpopRefused):
    """Wrong type or algorithm, or not signed with the key in the header."""

    code: ClassVar[str] = "dpop_signature_invalid"


class DpopForOtherRequest(DpopRefused):
    """`htm` or `htu` names another request than the one that it came with."""

    code: ClassVar[str] = "dpop_for_other_request"


class DpopStale(DpopRefused):
    """`iat` lies too far back, or ahead of our clock."""

    code: ClassVar[str] = "dpop_stale"


class DpopForOtherToken(DpopRefused):
    """`ath` is missing, or is not the hash of the access token that it came with."""

    code: ClassVar[str] = "dpop_for_other_token"


class DpopReplayed(DpopRefused):
    """The proof was used before."""

    code: ClassVar[str] = "dpop_replayed"
    spec: ClassVar[str] = Section.RFC9449_11_1


class DpopNonceNeeded(AuthorizationRefused):
    """The proof has no nonce of ours, or one that is over; a new one comes with this answer."""

    code: ClassVar[str] = "dpop_nonce_needed"
    spec: ClassVar[str] = Section.RFC9449_8
    error: ClassVar[str] = "use_dpop_nonce"
