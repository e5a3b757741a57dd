"""`python -m kykylompakko_client private.pem`: draw a key pair and print its public part."""

import argparse
import json
import os
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kykylompakko_client.access import PrivateKeyJwt


def main(arguments: list[str]) -> int:
    """Write a private key, readable by its owner only, and print the public JWK for the operator.

    Returns:
        The exit code; 1 when the file is there already, which is left as it is.
    """
    parser = argparse.ArgumentParser(
        prog="python -m kykylompakko_client",
        description="Draw a P-256 key pair; print the public JWK for kyky-issuer clients add.",
    )
    parser.add_argument("file", type=Path, help="where the private key goes, as PEM")
    path: Path = parser.parse_args(arguments).file
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        print(f"{path} is there already; it was left as it is.", file=sys.stderr)
        return 1
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
    print(json.dumps(PrivateKeyJwt("", key).public_jwk()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
