"""What the OpenID4VCI tests share: vectors, fixed times, one issuer, one holder key, garbage."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from keys import strict_json
from keys.jose import public_jwk, sign_jws
from keys.software_signer import SoftwareSigner

VECTORS = Path(__file__).parents[2] / "vectors"

AT = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
NOW = int(AT.timestamp())
ISSUER = "https://issuer.example.fi/mallimaa"
NONCE = "c-0S6_WzA2Mj"
HOLDER = SoftwareSigner.generate()

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


def changed(good: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a good object with some members replaced by garbage."""
    changes = st.dictionaries(st.sampled_from(sorted(good)), JSON, min_size=1)
    return changes.map(lambda members: {**good, **members})


def text(name: str) -> str:
    return (VECTORS / name).read_text()


def vector(name: str) -> Any:
    return json.loads(text(name))


def body(message: str) -> str:
    """Return the body of a published HTTP message, line breaks inside texts undone."""
    return message.split("\n\n", 1)[1]


def messages(name: str, section: str) -> list[str]:
    return [entry["text"] for entry in vector(name) if entry["section"].startswith(section)]


def proof(
    *,
    header: dict[str, object] | None = None,
    claims: dict[str, object] | None = None,
    signer: SoftwareSigner = HOLDER,
) -> str:
    """Sign a key proof with members of header and body changed, or left out where None."""
    full_header = {
        "typ": "openid4vci-proof+jwt",
        "jwk": public_jwk(HOLDER.public_key),
        **(header or {}),
    }
    full_claims = {"aud": ISSUER, "iat": NOW, "nonce": NONCE, **(claims or {})}
    return sign_jws(
        {name: value for name, value in full_header.items() if value is not None},
        strict_json.dumps(
            {name: value for name, value in full_claims.items() if value is not None}
        ),
        signer,
    )
