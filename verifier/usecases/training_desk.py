"""Practise at the desk: start a scenario, and let its made-up client answer.

Whatever belongs to training says so in its id, so that nothing takes it for anything real.
"""

from collections.abc import Sequence
from dataclasses import replace

from credential_schemas.model import RequestProfile
from keys import strict_json
from keys.jose import parse_jws
from keys.trust import RelyingParty
from openid4vc.dcql.profiles import check_may_ask, query_for
from openid4vc.openid4vp.errors import WalletErrorCode
from openid4vc.openid4vp.read_request import AuthenticatedRequest, read_parameters
from openid4vc.openid4vp.request import AuthorizationRequest
from openid4vc.openid4vp.response import encrypt_response, error_form, response_form
from verifier.model import TRAINING, Verification, scenario_in
from verifier.ports import Clock
from verifier.usecases.accept_response import AcceptResponse
from verifier.usecases.code_book import HandedCode
from verifier.usecases.refresh_trust import RefreshTrust
from verifier.usecases.serve_request import ServeRequest
from verifier.usecases.start_request import StartedRequest, StartRequest
from verifier.usecases.training_client import TrainingClient
from verifier.usecases.training_scenarios import (
    CARDS,
    DATES,
    FIRST_ITEM_ONLY,
    SCENARIOS,
    Scenario,
    ScenarioUnknown,
    scenario_of,
)

_NEVER_ALLOWED = ("personal_administrative_number",)
"""What the over-asking task adds: no task of a desk may ask for it."""


class TrainingDesk:
    """See the module text."""

    def __init__(
        self,
        *,
        client: TrainingClient,
        start: StartRequest,
        serve: ServeRequest,
        accept: AcceptResponse,
        refresh: RefreshTrust,
        clock: Clock,
    ) -> None:
        self._catalogue = client.catalogue
        self._client = client
        self._start = start
        self._serve = serve
        self._accept = accept
        self._refresh = refresh
        self._clock = clock

    def scenarios(self, role: str) -> Sequence[Scenario]:
        """Return what a role can practise: nothing, when it has no task with a made-up card."""
        return () if self._profile(role) is None else tuple(SCENARIOS.values())

    async def start(self, scenario_id: str, *, role: str, owner: str) -> StartedRequest:
        """Start a scenario as any request is started.

        Raises:
            ScenarioUnknown: no such scenario, or none for this role.
            OverAsked: the scenario is about that.
        """
        scenario = scenario_of(scenario_id)
        profile = self._profile(role)
        if profile is None:
            raise ScenarioUnknown("nothing to practise in this role")
        if scenario.over_asks:
            greedy = replace(profile, optional_claims=(*profile.optional_claims, _NEVER_ALLOWED))
            check_may_ask(query_for(greedy, self._catalogue), role=role, catalogue=self._catalogue)
        await self._refresh()
        return await self._start(
            profile_id=profile.id, role=role, owner=owner, mark=f"{TRAINING}{scenario.id}."
        )

    async def answer(self, verification: Verification) -> str | None:
        """Let the client answer as the scenario says.

        Returns:
            The confirmation code that the client's wallet was told, None when it was told none.

        Raises:
            ScenarioUnknown: this is no training.
            CheckFailed: as of `serve_request` and `accept_response`: it is over, or was answered.
        """
        scenario = scenario_of(scenario_in(verification.id) or "")
        profile = self._catalogue.profiles[verification.profile]
        request = _read(await self._serve(verification.ref))
        if scenario.declines:
            form = error_form(WalletErrorCode.ACCESS_DENIED, state=request.state)
        else:
            shown = self._client.presentation(scenario, request, profile, self._clock.now())
            token = {request.query.credentials[0].id: [shown]}
            form = response_form(encrypt_response(request, token))
        handed = await self._accept(verification.ref, list(form.items()))
        return handed.code if isinstance(handed, HandedCode) else None

    def _profile(self, role: str) -> RequestProfile | None:
        """Return the task that a role practises with: the one that asks for most."""
        profiles = self._catalogue.profiles_for(role)
        for kind in CARDS:
            if tasks := [one for one in profiles if _can_be_met(one, kind)]:
                return max(tasks, key=lambda task: len(task.all_paths()))
        return None


def _can_be_met(profile: RequestProfile, kind: str) -> bool:
    """Return whether a made-up card holds all that is needed, and something to show in part."""
    if profile.further or profile.credential_type != kind:
        return False
    held = {*CARDS[kind], DATES[kind]}
    needed = profile.required_claims
    return FIRST_ITEM_ONLY[kind] in needed and all(path[0] in held for path in needed)


def _read(text: str) -> AuthorizationRequest:
    """Read a request without asking who signed it: the client is made up in the same process."""
    parameters = strict_json.loads_object(parse_jws(text).payload)
    nobody = RelyingParty("", {}, frozenset())
    return read_parameters(AuthenticatedRequest(parameters, nobody)).request
