"""The second coordinate of a P-256 point, from the first and one bit (SEC 1 2.3.4)."""

from cryptography.hazmat.primitives.asymmetric import ec

_COORDINATE_BYTES = 32


def y_of(x: bytes, *, odd: bool) -> bytes | None:
    """Return the 32 bytes of y, or None when no point of the curve has this x (32 bytes)."""
    compressed = (b"\x03" if odd else b"\x02") + x
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), compressed)
    except ValueError:
        return None
    return key.public_numbers().y.to_bytes(_COORDINATE_BYTES, "big")
