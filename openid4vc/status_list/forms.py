"""A status list token in either of its forms, told apart by what the answer says (8.1, 8.2)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from keys.trust import TrustedIssuer
from openid4vc.checks import MalformedStatusToken, StatusListFormUnknown
from openid4vc.status_list import cwt, token
from openid4vc.status_list.model import VerifiedStatusList


class Form(StrEnum):
    """The two forms; the value is the media type."""

    JWT = token.MEDIA_TYPE
    CWT = cwt.MEDIA_TYPE


ACCEPT: Final = f"{Form.JWT}, {Form.CWT};q=0.9"
"""What a reader asks for: both, a JWT rather than a CWT."""


@dataclass(frozen=True, slots=True)
class ListToken:
    """A status list token as it came; nothing of it is believed yet.

    Attributes:
        form: what the answer's `Content-Type` said.
        data: the token: ASCII of a compact JWS, or a COSE_Sign1.
    """

    form: Form
    data: bytes


def form_of(content_type: str) -> Form:
    """Return the form that a `Content-Type` names; parameters do not matter.

    Raises:
        StatusListFormUnknown: something else; a list is never guessed (8.2).
    """
    try:
        return Form(content_type.partition(";")[0].strip().lower())
    except ValueError:
        raise StatusListFormUnknown("Content-Type") from None


def read_token(
    found: ListToken, *, uri: str, issuer: TrustedIssuer, at: datetime
) -> VerifiedStatusList:
    """Verify a token by the rules of its form; see `token.read_status_list`.

    Raises:
        CheckFailed: as the reader of that form says; MalformedStatusToken when a JWT is no ASCII.
    """
    if found.form is Form.CWT:
        return cwt.read_status_list_cwt(found.data, uri=uri, issuer=issuer, at=at)
    try:
        text = found.data.decode("ascii").strip()
    except UnicodeDecodeError:
        raise MalformedStatusToken("not ASCII") from None
    return token.read_status_list(text, uri=uri, issuer=issuer, at=at)
