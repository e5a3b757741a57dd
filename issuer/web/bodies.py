"""The bodies of the issuing systems' API, as they stand in its OpenAPI document."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from issuer.model import Credential, Standing
from issuer.usecases.read_offer import OfferReport
from issuer.web.strict import StrictModel, with_examples

Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Code = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")]


def _an_object(claims: object) -> object:
    """Tell claims that are left out from claims that somebody lost, in one fault at their place."""
    if not isinstance(claims, dict):
        raise PydanticCustomError("dict_type", "claims are left out or an object, never null")
    return claims


class DeliveryWish(StrictModel):
    """How the offer reaches the client. A message always has a PIN, a screen only if asked."""

    channel: Literal["screen", "message"]
    pin: bool | None = None


class NewOffer(StrictModel):
    """Claims to be offered. `subject_ref` is your own opaque name for the client.

    Without `claims` the wallet that takes the offer waits until they are put to `.../claims`.
    """

    model_config = with_examples(
        {
            "type": "statement_feedback",
            "subject_ref": "client-8731",
            "delivery": {"channel": "screen", "pin": True},
        }
    )

    type: Code
    claims: Annotated[dict[str, Any] | SkipJsonSchema[None], BeforeValidator(_an_object)] = None
    subject_ref: Annotated[str, Field(min_length=1, max_length=200)]
    delivery: DeliveryWish


class StatusWish(StrictModel):
    """A change of status. Suspending and revoking need a reason, reinstating takes none.

    `person` is your own opaque name for who decides; where four eyes are needed, two persons of
    one system are told apart by it. It is not kept.
    """

    model_config = with_examples({"action": "suspend", "reason": "under_review"})

    action: Literal["suspend", "reinstate", "revoke"]
    reason: Code | None = None
    person: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class LaterClaims(StrictModel):
    """The claims of an offer that was made without them."""

    claims: dict[str, Any]


class Reoffer(StrictModel):
    """How an offer reaches the client this time; left out: as before."""

    model_config = with_examples({}, {"delivery": {"channel": "message"}})

    delivery: DeliveryWish | None = None


class StatusReference(StrictModel):
    """Which entry of which status list, as a credential's `status` member says."""

    uri: Annotated[str, Field(min_length=1, max_length=2_048)]
    idx: Annotated[int, Field(ge=0, le=2**31 - 1)]


class TakeInWish(StrictModel):
    """A credential that a receiver acts on, by its status reference alone."""

    model_config = with_examples(
        {
            "status_list": {
                "uri": "https://issuer.example/tyollisyysalue/status-lists/1",
                "idx": 4711,
            }
        }
    )

    status_list: StatusReference


class TakeInAnswer(StrictModel):
    """That it is taken in, and since when."""

    state: Literal["taken_in"]
    taken_in_at: datetime


class CredentialAnswer(StrictModel):
    """How a credential stands: `state` is what the status list says of it.

    `awaits_second_pair`: somebody wants it revoked, and another system or person has to agree.
    `taken_in_at`: a receiver has acted on it, and it counts as used.
    """

    credential_id: Hex
    type: Code
    offer_id: Hex
    state: Literal["valid", "suspended", "revoked"]
    delivery: Literal["recorded", "issued", "accepted", "replaced", "failed", "deleted"]
    valid_until: datetime
    awaits_second_pair: bool
    taken_in_at: datetime | None

    @classmethod
    def of(cls, credential: Credential) -> "CredentialAnswer":
        """Return what the API tells of a credential."""
        return cls(
            credential_id=credential.id,
            type=credential.type_id,
            offer_id=credential.offer_id,
            state=_STATE[credential.standing],
            delivery=credential.delivery.value,
            valid_until=credential.expires_at,
            awaits_second_pair=credential.revocation_request is not None
            and credential.standing is not Standing.REVOKED,
            taken_in_at=credential.taken_in_at,
        )


class AskedRevocation(StrictModel):
    """A revocation that waits for a second pair of eyes: who asked, why and when."""

    credential_id: Hex
    type: Code
    system: str
    reason: Code
    asked_at: datetime


class AskedRevocations(StrictModel):
    """Everything that waits for a second pair of eyes, oldest first."""

    revocations: list[AskedRevocation]


class OfferAnswer(StrictModel):
    """How an offer is doing. `credentials` holds every copy made, the newest last."""

    offer_id: Hex
    type: Code
    state: Literal["offered", "claimed", "completed", "lapsed", "withdrawn", "expired", "blocked"]
    channel: Literal["screen", "message", "letter", "wallet"]
    created_at: datetime
    expires_at: datetime
    offer_link: str | None
    awaits_claims: bool
    credentials: list[CredentialAnswer]

    @classmethod
    def of(cls, report: OfferReport, *, link: str | None) -> "OfferAnswer":
        """Return what the API tells of an offer."""
        return cls(
            offer_id=report.offer.id,
            type=report.offer.type_id,
            state=report.state.value,
            channel=report.offer.channel.value,
            created_at=report.offer.created_at,
            expires_at=report.offer.expires_at,
            offer_link=link,
            awaits_claims=report.awaits_claims,
            credentials=[CredentialAnswer.of(one) for one in report.credentials],
        )


class NewOfferAnswer(StrictModel):
    """A new offer. The PIN is told here only; the QR addresses need the API key."""

    offer_id: Hex
    state: Literal["offered", "claimed", "completed", "lapsed", "withdrawn", "expired", "blocked"]
    offer_link: str
    offer_link_by_value: str
    qr_svg: str
    qr_png: str
    pin: str | None = None
    expires_at: datetime


class ClaimProblem(StrictModel):
    """One mistake: where, which kind, and what to do. Never what was sent.

    `pointer` is the place in the body as a JSON Pointer (RFC 6901), `path` the same in steps (from
    `claims` on for a mistake in them), `advice` one of the sentences in `words`.
    """

    pointer: str | None = None
    path: list[str | int]
    code: str
    advice: str
    words: dict[Literal["fi", "sv", "en"], str]


class Problem(StrictModel):
    """A problem document (RFC 9457) in the language of Accept-Language: fi, sv or en."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    reason: dict[str, str] | None = None
    problems: list[ClaimProblem] | None = None


class BatchEnd(StrictModel):
    """How a batch ended. `next_line` is the number of the first line that was not handled."""

    made: int
    repeated: int
    failed: int
    complete: bool
    next_line: int


class BatchLine(StrictModel):
    """One line of a batch's answer: a line's offer, a line's problem, or the end.

    With the end comes a problem when the rest of the lines was not taken.
    """

    line: int | None = None
    offer: NewOfferAnswer | None = None
    problem: Problem | None = None
    end: BatchEnd | None = None


_STATE: dict[Standing, Literal["valid", "suspended", "revoked"]] = {
    Standing.VALID: "valid",
    Standing.SUSPENDED: "suspended",
    Standing.REVOKED: "revoked",
}
