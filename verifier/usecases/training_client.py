"""The made-up client of training: makes the card that a scenario wants, and answers with it.

What it sends goes through the same checks as any wallet's answer; only the keys behind it differ.
"""

from datetime import datetime, timedelta

from credential_schemas.model import Catalogue, RequestProfile
from keys import strict_json
from keys.base64url import b64url_encode
from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from openid4vc.dcql.paths import select as places
from openid4vc.openid4vp.request import AuthorizationRequest
from openid4vc.sd_jwt.key_binding import bind
from openid4vc.sd_jwt.model import StatusReference, UnverifiedSdJwt, WantedPath
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from verifier.ports import Random
from verifier.usecases.training_pki import HOST, TrainingPki
from verifier.usecases.training_scenarios import CARDS, DATES, FIRST_ITEM_ONLY, MAIJA, Scenario


class TrainingClient:
    """See the module text."""

    def __init__(self, *, catalogue: Catalogue, pki: TrainingPki, random: Random) -> None:
        self.catalogue = catalogue
        self._pki = pki
        self._random = random

    def presentation(
        self,
        scenario: Scenario,
        request: AuthorizationRequest,
        profile: RequestProfile,
        at: datetime,
    ) -> str:
        """Return what the client shows, bound to the request."""
        holder = SoftwareSigner.generate()
        card = parse(self._card(scenario, profile.credential_type, holder, at))
        chosen = select(card, _wanted(scenario, profile))
        if scenario.changed:
            chosen = _changed(chosen, card)
        return bind(chosen, signer=holder, audience=request.client_id, nonce=request.nonce, at=at)

    def _card(self, scenario: Scenario, type_id: str, holder: SoftwareSigner, at: datetime) -> str:
        kind = self.catalogue.types[type_id]
        name = self._pki.issuer_of[type_id]
        issuer = self._pki.issuers[name]
        issued_on = (at - timedelta(days=scenario.issued_days_ago)).date()
        content = VcContent(
            vct=kind.vct,
            issuer=f"{HOST}/{name}",
            claims={
                **CARDS[type_id],
                "given_name": MAIJA.given_name,
                "family_name": MAIJA.family_name,
                "birthdate": MAIJA.birthdate,
                "issuing_authority": self.catalogue.organisations[name].names.fi,
                "issuing_country": "FI",
                DATES[type_id]: issued_on.isoformat(),
            },
            always=kind.always_disclosed(),
            issued_on=issued_on,
            expires_at=at + timedelta(days=scenario.valid_days - scenario.issued_days_ago),
            holder_jwk=public_jwk(holder.public_key),
            status=StatusReference(
                self._pki.status_uri(name, stale=scenario.stale), scenario.place
            ),
        )
        signer = self._pki.foreign if scenario.foreign else issuer.credential
        return issue_vc(content, signer=signer, random_bytes=self._random.bytes)


def _wanted(scenario: Scenario, profile: RequestProfile) -> list[WantedPath]:
    """Return what is shown: everything that was asked and is there, or a part of it."""
    asked = profile.identity_claims + profile.required_claims
    if scenario.in_part:
        partly = FIRST_ITEM_ONLY[profile.credential_type]
        return [(*path, 0) if path == partly else path for path in asked]
    held = CARDS[profile.credential_type]
    more = profile.required_if_held + profile.optional_claims
    return [*asked, *(path for path in more if list(places(held, path)))]


def _changed(presented: str, card: UnverifiedSdJwt) -> str:
    """Give the last of the shown simple values another value, as a forger would."""
    texts = presented.split("~")
    shown = [one for one in card.disclosures if one.text in texts and one.name is not None]
    victim = shown[-1]
    forged = strict_json.dumps([victim.salt, victim.name, "*"])
    return presented.replace(victim.text, b64url_encode(forged))
