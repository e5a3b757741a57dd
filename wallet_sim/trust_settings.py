"""Which trust list a wallet goes by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustSettings:
    """The trust list in use and where it comes from.

    Attributes:
        location: file path or https address the list is read again from.
        jws: the newest list that was verified.
        sequence: its number; a lower one is refused later.
        operator_anchors: DER certificates of the list's operator.
    """

    location: str
    jws: str
    sequence: int
    operator_anchors: tuple[bytes, ...]
