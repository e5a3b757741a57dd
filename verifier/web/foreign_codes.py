"""What a code is that is no answer of a wallet: staff are told which code they have read."""

import re
from typing import Final

from openid4vc.qr.challenge import SCHEME

NOT_OURS: Final = "code_not_ours"
_KINDS: Final = (
    ("code_wifi", ("wifi:",)),
    ("code_challenge", (SCHEME,)),
    ("code_offer", ("openid-credential-offer:", "haip-vci:", "eudi-openid4ci:")),
    ("code_request", ("openid4vp:", "haip-vp:", "haip:", "eudi-openid4vp:", "mdoc-openid4vp:")),
)
_LINK: Final = re.compile(r"[a-z][a-z0-9+.-]+:\S|www\.", re.ASCII | re.IGNORECASE)


def kind_of(text: str) -> str:
    """Return the group of words (`failure_words`) for a text that is no frame of ours.

    Args:
        text: what a reader read, or its beginning.
    """
    begins = text[:64].lower()
    for group, schemes in _KINDS:
        if begins.startswith(schemes):
            return group
    return "code_link" if _LINK.match(begins) else NOT_OURS
