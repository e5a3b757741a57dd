"""The test vectors of `docs/qr-presentation.md`: drawn once, kept, and printed into the page.

    python -m tests.openid4vc.qr.vectors          print the kept vectors into the page again
    python -m tests.openid4vc.qr.vectors --draw   draw new ones first (after a change of format)

Signatures and boxes are random, so drawing gives other bytes each time; what is kept is fixed.
"""

import json
import sys
import textwrap
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from openid4vc.qr.answer import (
    SELF_INITIATED_AUDIENCE,
    read_bound,
    write_bound,
    write_self_initiated,
)
from openid4vc.qr.challenge import write_challenge
from openid4vc.qr.compaction import compact
from openid4vc.qr.dictionary_1 import DICTIONARY
from openid4vc.qr.frames import Message, write_frames
from openid4vc.qr.numeric import digits_of
from tests.openid4vc.qr import kit

KEPT = Path(__file__).parent / "vectors.json"
PAGE = Path(__file__).parents[3] / "docs" / "qr-presentation.md"
BEGIN = "<!-- Printed by tests/openid4vc/qr/vectors.py from here on; do not edit by hand. -->\n"
PROFILE = "te_benefit_coordination"
COLUMNS = 100


def draw() -> dict[str, Any]:
    """Make one of everything, with fresh signatures and the kit's fixed box key."""
    asked = kit.challenge(PROFILE)
    link = write_challenge(asked, signer=kit.desk())
    (access_anchor,) = kit.pki().trust_list.access_anchors
    text = kit.bound(PROFILE, audience=asked.client_id)
    answer = write_bound(text, challenge=asked)
    opened = read_bound(
        answer,
        challenge=asked,
        key=kit.BOX_KEY,
        at=kit.AT,
        certificates=kit.certificates().get,
    )
    own = kit.bound(PROFILE, audience=SELF_INITIATED_AUDIENCE)
    return {
        "numeric": [
            {"hex": data.hex(), "digits": digits_of(data)}
            for data in (b"\x00", b"\xff\xff", bytes(range(22)), b"\xff" * 22, bytes(range(45)))
        ],
        "certificates": [b64(der) for der in kit.certificates().values()],
        "challenge": {
            "at": int(kit.AT.timestamp()),
            "access_anchor": b64(access_anchor.public_bytes(Encoding.DER)),
            "access_certificate": b64(kit.desk().certificate_chain[0]),
            "client_id": asked.client_id,
            "profile": asked.profile_id,
            "nonce": asked.nonce,
            "private_key_hex": kit.BOX_KEY.private_bytes.hex(),
            "public_key_hex": asked.public_key.hex(),
            "held_hex": sorted(each.hex() for each in asked.held),
            "link": link.text,
        },
        "bound_answer": {
            "presentation": text,
            "packed_hex": compact(
                text, known=(asked.nonce, asked.client_id), held=set(kit.certificates())
            ).hex(),
            **_shown(answer),
            "once_key_hex": opened.once_key.hex(),
        },
        "self_initiated_answer": {
            "presentation": own,
            **_shown(write_self_initiated(own)),
        },
    }


def kept() -> dict[str, Any]:
    """Return the vectors as they were drawn."""
    vectors: dict[str, Any] = json.loads(KEPT.read_text("utf-8"))
    return vectors


def printed(vectors: dict[str, Any]) -> str:
    """Return sections 9 and 10 of the page."""
    return "\n".join((*_vectors(vectors), *_dictionary())) + "\n"


def b64(data: bytes) -> str:
    return b64encode(data).decode()


def _shown(message: Message) -> dict[str, object]:
    return {
        "body_hex": message.body.hex(),
        "message_id": message.id,
        "frame": write_frames(message)[0],
        "frames_of_two": list(write_frames(message, total=2)),
    }


def _vectors(vectors: dict[str, Any]) -> Iterator[str]:
    yield "## 9. Test vectors"
    yield ""
    yield "Long values are broken into lines for this page only. The same values, unbroken, are in"
    yield "`tests/openid4vc/qr/vectors.json`."
    yield ""
    yield "### 9.1 Digits"
    yield ""
    yield "| bytes (hex) | digits |"
    yield "| --- | --- |"
    for row in vectors["numeric"]:
        yield f"| `{row['hex']}` | `{row['digits']}` |"
    challenge = vectors["challenge"]
    yield ""
    yield "### 9.2 Challenge"
    yield ""
    yield f"Read at {challenge['at']} (seconds since 1970). Nonce `{challenge['nonce']}`, profile"
    yield f"`{challenge['profile']}`, client identifier"
    yield f"`{challenge['client_id']}`."
    yield ""
    yield from _block("Private X25519 key (hex)", challenge["private_key_hex"])
    yield from _block("Public X25519 key (hex)", challenge["public_key_hex"])
    yield from _block("Anchor of access certificates (base64 of DER)", challenge["access_anchor"])
    yield from _block("The desk's access certificate", challenge["access_certificate"])
    yield from _block("Link", challenge["link"])
    bound = vectors["bound_answer"]
    yield "### 9.3 Bound answer"
    yield ""
    issuer = next(der for der in vectors["certificates"] if der in _x5c(bound["presentation"]))
    yield from _block("The issuer's certificate, which the desk holds", issuer)
    yield from _block("Presentation", bound["presentation"])
    yield from _block("Packed form (hex), before it was boxed", bound["packed_hex"])
    yield from _block(f"Body (hex); its message id is {bound['message_id']}", bound["body_hex"])
    yield from _block("As one frame", bound["frame"])
    for number, frame in enumerate(bound["frames_of_two"], start=1):
        yield from _block(f"As two frames, number {number}", frame)
    yield from _block(
        "SHA-256 of what the holder signed (hex), for section 6.3", bound["once_key_hex"]
    )
    own = vectors["self_initiated_answer"]
    yield "### 9.4 Self-initiated answer"
    yield ""
    yield from _block("Presentation", own["presentation"])
    yield from _block(f"Body (hex); its message id is {own['message_id']}", own["body_hex"])
    yield from _block("As one frame", own["frame"])


def _dictionary() -> Iterator[str]:
    yield "## 10. The dictionary of version 1"
    yield ""
    yield f"{len(DICTIONARY):,} bytes in base64. SHA-256 (hex):".replace(",", " ")
    yield f"`{sha256(DICTIONARY).hexdigest()}`."
    yield ""
    yield from _block("Dictionary", b64(DICTIONARY))


def _block(title: str, value: str) -> Iterator[str]:
    yield f"{title}:"
    yield ""
    yield "```text"
    yield from textwrap.wrap(value, COLUMNS, break_on_hyphens=False)
    yield "```"
    yield ""


def _x5c(presentation: str) -> str:
    header = presentation.partition(".")[0]
    return b64decode(header.replace("-", "+").replace("_", "/") + "===").decode()


def main() -> None:
    """Print the vectors into the page, having drawn new ones if so told."""
    if sys.argv[1:] == ["--draw"]:
        KEPT.write_text(json.dumps(draw(), indent=1) + "\n", "utf-8")
    before = PAGE.read_text("utf-8").partition(BEGIN)[0]
    PAGE.write_text(before + BEGIN + "\n" + printed(kept()).rstrip("\n") + "\n", "utf-8")


if __name__ == "__main__":
    main()
