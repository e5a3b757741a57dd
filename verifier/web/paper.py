"""A paper document in place of a card: what is needed of it, what staff saw, what was recorded."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request, Response

from verifier.model import Identity, Outcome, State, Verification
from verifier.usecases.failures import IdentityCheckRequired
from verifier.usecases.record_paper import Paper
from verifier.web.desk import Form, Seen, place, to
from verifier.web.pages import language, render, words
from verifier.web.services import services_of
from verifier.web.view_model import Tone
from verifier.web.views import OutcomeWriter

router = APIRouter(prefix="/desk/paper", include_in_schema=False)

_MAY_RECORD: Final = frozenset({State.REQUESTED, State.FETCHED, State.EXPIRED, State.DECLINED})
_SAID: Final[Mapping[Outcome, tuple[Tone, str, str]]] = {
    Outcome.ACCEPT: ("ok", "paper.accept", "paper.accept_lead"),
    Outcome.CANNOT_CONFIRM: ("unsure", "paper.cannot_confirm", "paper.cannot_confirm_lead"),
    Outcome.REJECT: ("stop", "paper.reject", "paper.reject_lead"),
    Outcome.NOT_SHOWN: ("none", "paper.not_shown", "paper.not_shown_lead"),
}
_COMPARED: Final[Mapping[Identity | None, str]] = {
    Identity.COMPARED: "paper.same",
    Identity.NOT_SAME: "paper.other",
    None: "paper.not_compared",
}


@router.get("/{verification_id}")
async def page(request: Request, result: Seen) -> Response:
    """Ask what staff saw; once it is recorded, say what was."""
    verification = result.verification
    if verification.state is State.ON_PAPER:
        return _recorded(request, verification)
    if verification.state not in _MAY_RECORD:
        return to(place(verification))
    return _form(request, verification)


@router.post("/{verification_id}")
async def record(request: Request, result: Seen, form: Form) -> Response:
    """Record what staff saw. Nothing that the paper says is asked or kept."""
    verification = result.verification
    if verification.state is State.ON_PAPER:
        return to(f"/paper/{verification.id}")
    try:
        paper = Paper(form.get("paper", ""))
        identity = Identity(form["identity"]) if form.get("identity") else None
    except ValueError:
        return _form(request, verification, sent=form, fault="paper.choose")
    try:
        await services_of(request).paper(verification, paper=paper, identity=identity)
    except IdentityCheckRequired:
        return _form(request, verification, sent=form, fault="paper.compare_first")
    return to(f"/paper/{verification.id}")


def _form(
    request: Request,
    verification: Verification,
    *,
    sent: Mapping[str, str] | None = None,
    fault: str | None = None,
) -> Response:
    services, lang = services_of(request), language(request)
    profile = services.catalogue.profiles[verification.profile]
    kind = services.catalogue.types[profile.credential_type]
    writer = OutcomeWriter(catalogue=services.catalogue, words=words(request), lang=lang)
    return render(
        request,
        "paper.html",
        status=HTTPStatus.OK if fault is None else HTTPStatus.BAD_REQUEST,
        verification=verification,
        profile=profile,
        needed=writer.labels(kind.id, profile.identity_claims + profile.required_claims),
        sent=sent or {},
        fault=fault,
    )


def _recorded(request: Request, verification: Verification) -> Response:
    profile = services_of(request).catalogue.profiles[verification.profile]
    tone, title, lead = _SAID[verification.outcome or Outcome.NOT_SHOWN]
    return render(
        request,
        "paper_recorded.html",
        verification=verification,
        profile=profile,
        tone=tone,
        title=title,
        lead=lead,
        compared=_COMPARED[verification.identity],
    )
