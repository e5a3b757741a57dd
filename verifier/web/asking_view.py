"""What staff and their client see while the desk asks, worked out before the templates see it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapi import Request

from credential_schemas.i18n import join_list
from credential_schemas.model import Lang, RequestProfile
from verifier.model import OPEN_STATES, Asking, State, Verification
from verifier.usecases.show_challenge import ShownChallenge
from verifier.usecases.typed_code import in_groups, typed_code
from verifier.web.desk import whole_seconds
from verifier.web.pages import language, words
from verifier.web.services import services_of
from verifier.web.views import OutcomeWriter

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class FurtherCard:
    """One more card that is asked for: what it is called, and what of it, beside the identity."""

    card: str
    asked: tuple[str, ...]
    if_held: bool


@dataclass(frozen=True, slots=True)
class AskingView:
    """A request while it is open.

    Attributes:
        id: the verification's id.
        state: where it stands.
        title: what the task is called.
        card: the type of card that is asked for.
        required: what is asked, in words; `if_held` and `optional` beside it.
        further: the other cards that are asked for.
        on_behalf: who acts for the client, None for the client.
        link: what the QR code holds.
        typed: the code to type, in groups.
        typed_at: where to type it, without the scheme.
        challenge: the code for a wallet without network, in place of the request's.
        seconds: how long the code shown can be answered.
        renews: whether another comes by itself after it.
        reload_after: seconds until the challenge changes, None with a network.
        page: changes when the page becomes another one.
        version: changes when the code does.
    """

    id: str
    state: State
    profile: RequestProfile
    title: str
    card: str
    required: tuple[str, ...]
    if_held: tuple[str, ...]
    optional: tuple[str, ...]
    further: tuple[FurtherCard, ...]
    on_behalf: str | None
    link: str = field(repr=False)
    typed: str = field(repr=False)
    typed_at: str
    challenge: ShownChallenge | None
    assisted: bool
    seconds: int
    renews: bool
    reload_after: int | None
    page: str
    version: str

    @property
    def minutes(self) -> int:
        """Whole minutes left."""
        return self.seconds // _MINUTE


def phase(verification: Verification) -> str:
    """Return what the client is to know of where it stands: nothing of the outcome."""
    if verification.state in OPEN_STATES or verification.state is State.CLOSED:
        return verification.state.value
    if verification.state is State.CODE_PENDING:
        return verification.state.value
    return "thanks"


def mark_of(stands: str, asking: Asking) -> str:
    """Return what tells one page from another: where it stands, and how it is asked."""
    offline = "-offline" if asking.without_network else ""
    return f"{stands}{offline}{'-assisted' if asking.assisted else ''}"


def version_of(verification: Verification) -> str:
    """Return what tells a renewed code from the one before."""
    return str(int(verification.expires_at.timestamp()))


def asking_view(
    request: Request,
    verification: Verification,
    asking: Asking,
    *,
    stands: str,
    challenge: ShownChallenge | None = None,
) -> AskingView:
    """Return the view in the reader's language.

    Args:
        request: what is answered.
        verification: what is asked.
        asking: how.
        stands: where it stands, for this reader.
        challenge: the code for a wallet without network.
    """
    services = services_of(request)
    lang = language(request)
    profile = services.catalogue.profiles[verification.profile]
    kind = services.catalogue.types[profile.credential_type]
    writer = OutcomeWriter(catalogue=services.catalogue, words=words(request), lang=lang)
    now = services.clock.now()
    until = verification.expires_at if challenge is None else challenge.expires_at
    shown_until = until if challenge is None else challenge.shown_until
    return AskingView(
        id=verification.id,
        state=verification.state,
        profile=profile,
        title=profile.title[lang],
        card=kind.title[lang],
        required=writer.labels(kind.id, profile.identity_claims + profile.required_claims),
        if_held=writer.labels(kind.id, profile.required_if_held),
        optional=_together(writer.labels(kind.id, profile.optional_claims), lang),
        further=_further(profile, writer, lang),
        on_behalf=verification.on_behalf and verification.on_behalf.value,
        link=services.receiver.request_link(verification.ref),
        typed=in_groups(typed_code(verification.ref)),
        typed_at=services.receiver.typed_page.partition("://")[2],
        challenge=challenge,
        assisted=asking.assisted,
        seconds=max(0, int((until - now).total_seconds())),
        renews=shown_until < asking.until,
        reload_after=None if challenge is None else whole_seconds(shown_until - now),
        page=mark_of(stands, asking),
        version=version_of(verification),
    )


def _further(profile: RequestProfile, writer: OutcomeWriter, lang: Lang) -> tuple[FurtherCard, ...]:
    return tuple(
        FurtherCard(
            card=writer.title(card.credential_type),
            asked=_together(
                writer.labels(
                    card.credential_type,
                    card.required_claims + card.required_if_held + card.optional_claims,
                ),
                lang,
            ),
            if_held=card.if_held,
        )
        for card in profile.further
    )


def _together(labels: Sequence[str], lang: Lang) -> tuple[str, ...]:
    """Return the labels, with the parts of one claim told once: `Scores (work and health)`."""
    parts: dict[str, list[str]] = {}
    for label in labels:
        name, _, part = label.partition(": ")
        parts.setdefault(name, []).extend([part] if part else [])
    return tuple(f"{name} ({join_list(of, lang)})" if of else name for name, of in parts.items())
