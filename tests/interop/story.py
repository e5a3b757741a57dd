"""Three example credentials, and the steps on their way from an issuing system to a desk."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from demo.payloads import example_claims
from demo.services import RunningServices
from keys.trust import TrustList, read_trust_list
from tests.interop.npm_programs import NpmWallet

OK = 200
WEB_SERVICE = "http://localhost:9"
"""A web service that asks in the client's own browser; nobody listens there."""
IDENTITY = frozenset({"given_name", "family_name", "birthdate"})


@dataclass(frozen=True, slots=True)
class Story:
    """One credential type, who issues it, and for which task a desk asks for it.

    `shown` are the claims that the task's request profile leaves of the example payload, beside
    the identity: the required ones, and those of the optional ones that the payload holds.
    """

    payload: str
    org: str
    type: str
    profile: str
    shown: frozenset[str]

    @property
    def claims(self) -> dict[str, Any]:
        """The example payload's claims, their dates moved so that the story ends today."""
        return example_claims(self.payload, today=datetime.now(UTC).date())

    def only_shown(self, claims: dict[str, Any]) -> dict[str, Any]:
        """The claims that may be shown for the task, and nothing more."""
        kept: dict[str, Any] = {}
        for name in IDENTITY | self.shown:
            top, _, member = name.partition(".")
            if member:
                kept.setdefault(top, {})[member] = claims[top][member]
            else:
                kept[top] = claims[top]
        return kept


SELF_ASSESSMENT = Story(
    payload="01_self_assessment_result",
    org="itsearviointi",
    type="self_assessment_result",
    profile="te_initial_interview",
    shown=frozenset(
        {
            "assessment_instrument",
            "assessment_date",
            "work_ability_score",
            "support_needs",
            "recommended_next_step",
            "own_goals",
            "domain_scores.skills",
            "domain_scale",
        }
    ),
)

STATEMENT = Story(
    payload="02_statement_feedback",
    org="mallimaa",
    type="statement_feedback",
    profile="te_service_need",
    shown=frozenset(
        {
            "work_ability_conclusion",
            "employment_impact",
            "recommended_services",
            "restriction_valid_until",
            "rehabilitation_need",
            "reassessment_date",
            "contact_unit",
        }
    ),
)

DECISION = Story(
    payload="03_authority_decision",
    org="kela",
    type="authority_decision",
    profile="te_benefit_coordination",
    shown=frozenset(
        {
            "benefit_or_service",
            "decision_outcome",
            "valid_from",
            "valid_until",
            "service_content",
            "finality",
        }
    ),
)

STORIES = (SELF_ASSESSMENT, STATEMENT, DECISION)


def pem(certificates: Iterable[x509.Certificate]) -> list[str]:
    return [one.public_bytes(Encoding.PEM).decode() for one in certificates]


def trust_of(services: RunningServices) -> TrustList:
    """The trust list of running services."""
    operator = x509.load_pem_x509_certificate(services.operator_anchor.read_bytes())
    text = services.trust_list.read_text("ascii")
    return read_trust_list(text, operator_anchors=[operator], at=datetime.now(UTC))


def by_use(trust: TrustList) -> dict[str, list[str]]:
    """A trust list as Credo takes it: certificates by what their keys may sign."""
    return {
        "issuers": pem([one for issuer in trust.issuers for one in issuer.issuing_anchors]),
        "statusLists": pem([one for issuer in trust.issuers for one in issuer.status_anchors]),
        "receivers": pem(trust.access_anchors),
    }


def pinned(trust: TrustList, story: Story) -> dict[str, list[str]]:
    """What the wallet is to trust for credentials of this organisation."""
    (issuer,) = (one for one in trust.issuers if one.id == story.org)
    return {
        "anchors": pem(issuer.issuing_anchors),
        "statusAnchors": pem(issuer.status_anchors),
    }


def offered(
    services: RunningServices, story: Story, *, pin: bool = False, later: bool = False
) -> tuple[httpx2.Client, dict[str, Any]]:
    """Make an offer as the issuing system; return its API and what it was told.

    With `later` the claims are left out; `hand_in` brings them.
    """
    api = services.issuer_api(story.org, story.type)
    said: dict[str, object] = {
        "type": story.type,
        "subject_ref": "client-1",
        "delivery": {"channel": "screen", "pin": pin},
    }
    reply = api.post(
        f"/api/v1/{story.org}/offers", json=said if later else {**said, "claims": story.claims}
    )
    assert reply.status_code == 201, reply.text
    offer: dict[str, Any] = reply.json()
    return api, offer


def hand_in(api: httpx2.Client, story: Story, offer: dict[str, Any]) -> None:
    """Give the claims that an offer was made without."""
    address = f"/api/v1/{story.org}/offers/{offer['offer_id']}/claims"
    api.put(address, json={"claims": story.claims}).raise_for_status()


def received(
    services: RunningServices, wallet: NpmWallet, story: Story, **details: object
) -> dict[str, Any]:
    _, offer = offered(services, story)
    return wallet.receive(offer["offer_link"], **details)


def asked(desk: httpx2.Client, story: Story, **way: str) -> dict[str, Any]:
    reply = desk.post("/api/v1/verifications", json={"profile": story.profile, **way})
    assert reply.status_code == 201, reply.text
    verification: dict[str, Any] = reply.json()
    return verification


def read_out(shown: dict[str, Any]) -> str:
    """Follow the first answer's `redirect_uri` as a phone's browser does, and read the code."""
    (page,) = {
        json.loads(one["body"])["redirect_uri"] for one in shown["replies"] if one["status"] == OK
    }
    reply = httpx2.get(page, headers={"Accept-Language": "fi"}, trust_env=False)
    assert reply.status_code == OK, reply.text
    assert reply.headers["content-type"].startswith("text/html")
    (code,) = re.findall(r">(\d{3} \d{3})<", reply.text)
    return str(code)


def outcome(
    desk: httpx2.Client, verification: dict[str, Any], shown: dict[str, Any]
) -> dict[str, Any]:
    """Type the code and record that the person was compared, if that is waited for."""
    address = f"/api/v1/verifications/{verification['id']}"
    key = {"Kyky-Result-Key": verification["result_key"]}
    if desk.get(address).json()["state"] == "code_pending":
        desk.post(f"{address}/code", json={"code": read_out(shown)}).raise_for_status()
    if desk.get(address).json()["state"] == "identity_pending":
        desk.post(f"{address}/identity", json={"identity": "compared"}).raise_for_status()
    reply = desk.get(address, headers=key)
    assert reply.status_code == 200, reply.text
    result: dict[str, Any] = reply.json()
    return result
