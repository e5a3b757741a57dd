"""What issuing systems call about letters: made, printed, worded for a mailbox, renewed."""

from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from credential_schemas.i18n import format_date
from credential_schemas.model import LANGS, Lang
from issuer.model import Caller
from issuer.ports.letters import LetterContent, LetterStyle, PinMedium
from issuer.usecases.letters.create_letter import LetterWish
from issuer.usecases.letters.failures import PinByLetter
from issuer.usecases.letters.making import MadeLetter
from issuer.usecases.letters.renew_letter import LettersOfClient, RenewWish, ThisLetter
from issuer.web import letter_bodies as bodies
from issuer.web.callers import ID, IDEMPOTENCY_KEY, GetCaller, caller_getter, statuses
from issuer.web.languages import preferred_language
from issuer.web.problems import TEXTS
from issuer.web.services import Services
from issuer.web.strict import StrictRoute
from service_kit.described import binary, gives

_CREATED = 201
_BODY = (400, 408, 413, 415)


def router(services: Services) -> APIRouter:
    """Return the endpoints of letters."""
    routes = APIRouter(
        prefix="/api/v1/{org}/letters",
        route_class=StrictRoute,
        responses=statuses(401, 403, 422),
        tags=["letters"],
    )
    caller = caller_getter(services)
    _add_making(routes, services, caller)
    _add_reading(routes, services, caller)
    return routes


def _add_making(routes: APIRouter, services: Services, get_caller: GetCaller) -> None:
    letters = services.letters

    @routes.post(
        "", status_code=_CREATED, responses=statuses(*_BODY), response_model_exclude_none=True
    )
    async def create(
        body: bodies.NewLetter,
        caller: Annotated[Caller, Depends(get_caller)],
        request: Request,
        idempotency_key: Annotated[str | None, IDEMPOTENCY_KEY] = None,
    ) -> bodies.MadeLetterAnswer:
        """Make a letter; the same call under the same Idempotency-Key makes it once.

        Give the PIN another way, never in a second letter to the same household.
        """
        wish = LetterWish(
            type_id=body.type,
            claims=body.claims,
            subject_ref=body.subject_ref,
            pin_medium=_medium(body.pin_medium),
            recipient=tuple(body.recipient),
        )
        made = await letters.create(caller, wish, idempotency_key=idempotency_key)
        return made_answer(services, request, made)

    @routes.post(
        "/{letter_id:id}/renew",
        status_code=_CREATED,
        responses=statuses(404, 409, *_BODY),
        response_model_exclude_none=True,
    )
    async def renew(
        letter_id: Annotated[str, ID],
        body: bodies.RenewedLetter,
        caller: Annotated[Caller, Depends(get_caller)],
        request: Request,
    ) -> bodies.MadeLetterAnswer:
        """Make a letter anew: the old link and PIN open nothing from now on."""
        wish = _renewal(ThisLetter(letter_id), body)
        return made_answer(services, request, await letters.renew(caller, wish))

    @routes.post(
        "/renew",
        status_code=_CREATED,
        responses=statuses(404, 409, *_BODY),
        response_model_exclude_none=True,
    )
    async def renew_for_client(
        body: bodies.ClientsRenewedLetter,
        caller: Annotated[Caller, Depends(get_caller)],
        request: Request,
    ) -> bodies.MadeLetterAnswer:
        """Make one letter in place of every earlier one to a client with a card of this type."""
        wish = _renewal(LettersOfClient(body.subject_ref, body.type), body)
        return made_answer(services, request, await letters.renew(caller, wish))

    @routes.post("/{letter_id:id}/withdraw", responses=statuses(404, 409))
    async def withdraw(
        letter_id: Annotated[str, ID], caller: Annotated[Caller, Depends(get_caller)]
    ) -> bodies.LetterAnswer:
        """Take a letter back: its link and PIN open nothing, its claims are erased."""
        await letters.withdraw(caller, letter_id)
        return bodies.LetterAnswer.of(await letters.read(caller, letter_id))


def _add_reading(routes: APIRouter, services: Services, get_caller: GetCaller) -> None:
    letters = services.letters

    @routes.get("/{letter_id:id}", responses=statuses(404))
    async def read(
        letter_id: Annotated[str, ID], caller: Annotated[Caller, Depends(get_caller)]
    ) -> bodies.LetterAnswer:
        """Tell how a letter is doing."""
        return bodies.LetterAnswer.of(await letters.read(caller, letter_id))

    @routes.get(
        "/{letter_id:id}/letter.pdf",
        responses={**gives("The page", binary("application/pdf")), **statuses(404, 409)},
        response_class=Response,
    )
    async def pdf(
        letter_id: Annotated[str, ID],
        lang: LetterStyle,
        caller: Annotated[Caller, Depends(get_caller)],
    ) -> Response:
        """Give the letter as a tagged A4 page, to print or to attach."""
        page = await letters.print(caller, letter_id, lang)
        headers = {
            "Content-Disposition": 'inline; filename="letter.pdf"',
            "Content-Language": lang.partition("-")[0],
        }
        return Response(page, media_type="application/pdf", headers=headers)

    @routes.get("/{letter_id:id}/message", responses=statuses(404, 409))
    async def message(
        letter_id: Annotated[str, ID],
        lang: Lang,
        caller: Annotated[Caller, Depends(get_caller)],
    ) -> bodies.MailboxMessage:
        """Give the text of a message with the same link, for a mailbox."""
        return _message(await letters.read_content(caller, letter_id), lang)


def _medium(way: bodies.PinWay) -> PinMedium:
    if way == "letter":
        raise PinByLetter("the PIN of a letter by letter")
    return PinMedium(way)


def _renewal(which: ThisLetter | LettersOfClient, body: bodies.RenewedLetter) -> RenewWish:
    return RenewWish(
        which=which,
        claims=body.claims,
        recipient=None if body.recipient is None else tuple(body.recipient),
        pin_medium=None if body.pin_medium is None else _medium(body.pin_medium),
    )


def made_answer(services: Services, request: Request, made: MadeLetter) -> bodies.MadeLetterAnswer:
    """Return what the maker of a letter is told, the PIN included."""
    letter = made.letter
    own = f"{services.addresses.base}/api/v1/{letter.organisation}/letters/{letter.id}"
    styles: tuple[LetterStyle, ...] = get_args(LetterStyle)
    return bodies.MadeLetterAnswer(
        letter_id=letter.id,
        state=bodies.state_name(made.state),
        link=made.link,
        typed_code=made.typed_code,
        pin=made.pin,
        pin_rule=TEXTS.text("letter.pin_rule", preferred_language(request.scope)),
        pdf={style: f"{own}/letter.pdf?lang={style}" for style in styles},
        message={lang: f"{own}/message?lang={lang}" for lang in LANGS},
        expires_at=letter.expires_at,
    )


def _message(content: LetterContent, lang: Lang) -> bodies.MailboxMessage:
    text = TEXTS.text(
        "message.text",
        lang,
        sender=content.sender.name[lang],
        card=content.card[lang],
        link=content.link,
        pin=TEXTS.text(f"message.pin.{content.pin_medium}", lang),
        last_day=format_date(content.last_day, lang),
        help=content.sender.help[lang],
    )
    return bodies.MailboxMessage(
        lang=lang, subject=TEXTS.text("message.subject", lang), text=text, link=content.link
    )
