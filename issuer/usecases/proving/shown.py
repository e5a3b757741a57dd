"""What a request shows of who sends it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Shown:
    """The headers by which a wallet proves itself, as often as they were sent, and where to.

    Attributes:
        method: HTTP method.
        url: the address called as the outside knows it, without query.
        authorization: access tokens (RFC 6750, RFC 9449).
        dpop: proofs that the wallet holds the key of its tokens (RFC 9449).
        attestation: what a wallet provider says of the wallet (OAuth-Client-Attestation).
        attestation_pop: proofs that this wallet is the one attested (OAuth-Client-Attestation-PoP).
        token_in_query: there is an `access_token` in the query, where logs and links carry it on.
    """

    method: str
    url: str
    authorization: tuple[str, ...] = field(default=(), repr=False)
    dpop: tuple[str, ...] = field(default=(), repr=False)
    attestation: tuple[str, ...] = field(default=(), repr=False)
    attestation_pop: tuple[str, ...] = field(default=(), repr=False)
    token_in_query: bool = False
