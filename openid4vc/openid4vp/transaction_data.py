"""What a presentation is to bring about: said in the signed request, its hash in the key binding.

OpenID4VP 1.0, 5.1 and 8.4; for SD-JWT VC B.3.3. A wallet shows in words what it confirms, and
refuses whatever it does not know: a type, a detail, a hash.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from keys import strict_json
from keys.base64url import b64url_decode, b64url_encode
from keys.checks import CheckFailed
from openid4vc.openid4vp.errors import TransactionDataMalformed, TransactionDataNotSupported
from openid4vc.shapes import Shape

REVOKE_CARD: Final = "urn:kykylompakko:transaction:revoke-card:1"
"""The holder wants the very card revoked that is presented. Details: the two below."""
ORGANISATION: Final = "organisation"
"""The short name of the organisation that issued the card."""
CARD_TYPE: Final = "card_type"
"""The card's `vct`."""
KNOWN: Final[Mapping[str, frozenset[str]]] = {REVOKE_CARD: frozenset({ORGANISATION, CARD_TYPE})}
"""Every type of transaction that we know, with the names of its details."""

HASH: Final = "sha-256"
MAX_TRANSACTIONS: Final = 4
MAX_CHARS: Final = 4_096

_HASHES: Final = "transaction_data_hashes_alg"
_OURS: Final = Shape(TransactionDataMalformed)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction.

    Attributes:
        text: the base64url text as it travels; what is hashed.
        type: one of `KNOWN`.
        credential_ids: the ids of the queries whose credential may confirm it.
        details: what `KNOWN` says of the type, each a text.
    """

    text: str
    type: str
    credential_ids: tuple[str, ...]
    details: Mapping[str, str]


def transaction_text(
    kind: str, *, credential_ids: Collection[str], details: Mapping[str, str]
) -> str:
    """Return one element of a request's `transaction_data` (5.1)."""
    content = {"type": kind, "credential_ids": list(credential_ids), **details}
    return b64url_encode(strict_json.dumps(content))


def read_transactions(value: object, *, query_ids: Collection[str]) -> tuple[Transaction, ...]:
    """Read a request's `transaction_data` (5.1, 8.4).

    Args:
        value: the parameter.
        query_ids: ids of the credential queries of the same request.

    Raises:
        TransactionDataNotSupported: a type, a detail or a hash that is not known here.
        TransactionDataMalformed: not the agreed shape, or it names no credential of the request.
    """
    texts = _OURS.texts(value, "transaction_data", max_items=MAX_TRANSACTIONS, max_chars=MAX_CHARS)
    return tuple(_read(text, query_ids) for text in texts)


def _read(text: str, query_ids: Collection[str]) -> Transaction:
    try:
        content = strict_json.loads_object(b64url_decode(text), max_bytes=MAX_CHARS)
    except (CheckFailed, ValueError):
        raise TransactionDataMalformed("no object in base64url") from None
    kind = _OURS.text(content.get("type"), "type")
    ids = _OURS.texts(content.get("credential_ids"), "credential_ids")
    if kind not in KNOWN:
        raise TransactionDataNotSupported("type")
    if not set(ids) <= set(query_ids):
        raise TransactionDataMalformed("credential_ids")
    if _HASHES in content and HASH not in _OURS.texts(content[_HASHES], _HASHES):
        raise TransactionDataNotSupported(_HASHES)
    details = content.keys() - {"type", "credential_ids", _HASHES}
    if not details <= KNOWN[kind]:
        raise TransactionDataNotSupported("a detail that is not known")
    return Transaction(
        text=text,
        type=kind,
        credential_ids=ids,
        details={name: _OURS.text(content.get(name), name) for name in sorted(KNOWN[kind])},
    )
