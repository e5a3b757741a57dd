"""Credential offers, by value and by reference (OpenID4VCI 1.0, 4.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote

from keys import strict_json
from keys.checks import MalformedJson
from openid4vc.openid4vci.code_request import CODE_GRANT
from openid4vc.openid4vci.issuer_id import issuer_identifier
from openid4vc.openid4vci.token import GRANT, MAX_CODE_CHARS
from openid4vc.openid4vci.wallet_errors import MalformedOffer, MalformedOfferLink
from openid4vc.shapes import Shape

InputMode = Literal["numeric", "text"]

SCHEME: Final = "openid-credential-offer"
SCHEMES: Final = frozenset({SCHEME, "haip-vci"})
MAX_CONFIGURATIONS: Final = 32
MAX_TX_CODE_LENGTH: Final = 64
MAX_TX_CODE_DESCRIPTION: Final = 300
MAX_ISSUER_STATE_CHARS: Final = 1_024

_OFFER: Final = Shape(MalformedOffer)
_LINK: Final = Shape(MalformedOfferLink)


@dataclass(frozen=True, slots=True)
class TxCodeSpec:
    """A transaction code (PIN) is required; how it looks and where it comes from, if said."""

    length: int | None = None
    input_mode: InputMode = "numeric"
    description: str | None = None


@dataclass(frozen=True, slots=True)
class CredentialOffer:
    """What an issuer offers.

    `pre_authorized_code` is None when the offer has no such grant; `tx_code` is None when no
    transaction code is asked. `by_signing_in` says that the card can be had by an authorization
    code; `issuer_state` then goes back unchanged with the request for one. Nothing in an offer is
    trusted before the issuer is.
    """

    issuer: str
    configuration_ids: tuple[str, ...]
    pre_authorized_code: str | None
    tx_code: TxCodeSpec | None = None
    authorization_server: str | None = None
    by_signing_in: bool = False
    issuer_state: str | None = None


@dataclass(frozen=True, slots=True)
class OfferReference:
    """Where an offer is to be fetched by GET."""

    uri: str


def offer_json(offer: CredentialOffer) -> dict[str, object]:
    """Return the offer as JSON (4.1.1).

    Raises:
        MalformedOffer: a rule of 4.1.1 does not hold, for example an id twice.
    """
    grants: dict[str, object] = {}
    if offer.pre_authorized_code is not None:
        grant: dict[str, object] = {"pre-authorized_code": offer.pre_authorized_code}
        if offer.tx_code is not None:
            grant["tx_code"] = _tx_code_json(offer.tx_code)
        if offer.authorization_server is not None:
            grant["authorization_server"] = offer.authorization_server
        grants[GRANT] = grant
    if offer.by_signing_in:
        said = {
            "issuer_state": offer.issuer_state,
            "authorization_server": offer.authorization_server,
        }
        grants[CODE_GRANT] = {name: value for name, value in said.items() if value is not None}
    members: dict[str, object] = {
        "credential_issuer": offer.issuer,
        "credential_configuration_ids": list(offer.configuration_ids),
    }
    if grants:
        members["grants"] = grants
    parse_offer(members, allow_loopback_http=True)
    return members


def parse_offer(data: object, *, allow_loopback_http: bool = False) -> CredentialOffer:
    """Read an offer from parsed JSON; unknown members are ignored (4.1.1).

    Args:
        data: the object, from the link or fetched.
        allow_loopback_http: UNSAFE, for demonstrations: the issuer may be http on this machine.

    Raises:
        MalformedOffer: a member is missing, of the wrong type, or breaks 4.1.1.
        IssuerIdentifierInvalid: `credential_issuer` is no issuer identifier.
    """
    members = _OFFER.members(data, "offer")
    ids = _OFFER.texts(
        members.get("credential_configuration_ids"),
        "credential_configuration_ids",
        max_items=MAX_CONFIGURATIONS,
        max_chars=256,
    )
    if len(set(ids)) != len(ids):
        raise MalformedOffer("a configuration is offered twice")
    issuer = issuer_identifier(
        members.get("credential_issuer"), allow_loopback_http=allow_loopback_http
    )
    grants = _OFFER.members(members.get("grants", {}), "grants")
    by_code = _OFFER.members(grants.get(CODE_GRANT, {}), "authorization code grant")
    by_signing_in = CODE_GRANT in grants
    issuer_state = _OFFER.optional_text(
        by_code.get("issuer_state"), "issuer_state", max_chars=MAX_ISSUER_STATE_CHARS
    )
    if GRANT not in grants:
        return CredentialOffer(
            issuer=issuer,
            configuration_ids=ids,
            pre_authorized_code=None,
            authorization_server=_server(by_code),
            by_signing_in=by_signing_in,
            issuer_state=issuer_state,
        )
    grant = _OFFER.members(grants[GRANT], "pre-authorized code grant")
    return CredentialOffer(
        issuer=issuer,
        configuration_ids=ids,
        pre_authorized_code=_OFFER.text(
            grant.get("pre-authorized_code"), "pre-authorized_code", max_chars=MAX_CODE_CHARS
        ),
        tx_code=_tx_code(grant["tx_code"]) if "tx_code" in grant else None,
        authorization_server=_server(grant),
        by_signing_in=by_signing_in,
        issuer_state=issuer_state,
    )


def link_by_value(offer: CredentialOffer) -> str:
    """Return the link that holds the whole offer.

    Some wallets decode a value twice. No decoding changes it the second time, because `%` and
    `+` stand as JSON escapes in it.
    """
    text = strict_json.dumps(offer_json(offer)).decode()
    escaped = text.replace("%", "\\u0025").replace("+", "\\u002b")
    return f"{SCHEME}://?credential_offer={quote(escaped, safe='')}"


def link_by_reference(uri: str) -> str:
    """Return the link from which a wallet fetches the offer."""
    return f"{SCHEME}://?credential_offer_uri={quote(uri, safe='')}"


def parse_offer_link(
    link: str, *, allow_loopback_http: bool = False
) -> CredentialOffer | OfferReference:
    """Read a scanned or clicked offer link; unknown parameters are ignored.

    Args:
        link: the text of the QR code or link.
        allow_loopback_http: UNSAFE, for demonstrations: issuer and reference may be http here.

    Raises:
        MalformedOfferLink: another scheme, not exactly one of value and reference (4.1), a
            repeated parameter, a reference that is not https, or a value that is not JSON.
        MalformedOffer, IssuerIdentifierInvalid: as `parse_offer`.
    """
    parameters = _LINK.link(link, schemes=SCHEMES)
    if ("credential_offer" in parameters) == ("credential_offer_uri" in parameters):
        raise MalformedOfferLink("not exactly one of value and reference")
    if "credential_offer_uri" in parameters:
        return OfferReference(
            _LINK.url(
                parameters["credential_offer_uri"],
                "credential_offer_uri",
                allow_loopback_http=allow_loopback_http,
            )
        )
    try:
        data = strict_json.loads(parameters["credential_offer"])
    except MalformedJson as failure:
        raise MalformedOfferLink(failure.detail) from None
    return parse_offer(data, allow_loopback_http=allow_loopback_http)


def _server(grant: Mapping[str, object]) -> str | None:
    return _OFFER.optional_text(grant.get("authorization_server"), "authorization_server")


def _tx_code(value: object) -> TxCodeSpec:
    members = _OFFER.members(value, "tx_code")
    mode = members.get("input_mode", "numeric")
    if mode not in ("numeric", "text"):
        raise MalformedOffer("tx_code input_mode")
    length = None
    if "length" in members:
        length = _OFFER.integer(
            members["length"], "tx_code length", at_least=1, at_most=MAX_TX_CODE_LENGTH
        )
    return TxCodeSpec(
        length=length,
        input_mode="text" if mode == "text" else "numeric",
        description=_OFFER.optional_text(
            members.get("description"), "tx_code description", max_chars=MAX_TX_CODE_DESCRIPTION
        ),
    )


def _tx_code_json(spec: TxCodeSpec) -> dict[str, object]:
    members: dict[str, object] = {"input_mode": spec.input_mode}
    if spec.length is not None:
        members["length"] = spec.length
    if spec.description is not None:
        members["description"] = spec.description
    return members
