"""What the pages and the interfaces work with: the use cases, the content, the words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi import Request

from credential_schemas.i18n import Texts
from credential_schemas.model import Catalogue
from verifier.model import scenario_in
from verifier.ports import Clock
from verifier.usecases.accept_response import AcceptResponse
from verifier.usecases.api_keys import CheckApiKey
from verifier.usecases.ask_client import AskClient
from verifier.usecases.check_health import CheckHealth
from verifier.usecases.client_side import ClientSide
from verifier.usecases.close_verification import CloseVerification
from verifier.usecases.code_book import CodeBook
from verifier.usecases.confirm_code import ConfirmCode
from verifier.usecases.desk_session import DeskDoor, OpenDesk
from verifier.usecases.failures import VerificationUnknown
from verifier.usecases.hand_on import HandOn
from verifier.usecases.open_typed import OpenTyped
from verifier.usecases.prefetch_status import PrefetchStatus
from verifier.usecases.read_holdings import ReadHoldings
from verifier.usecases.read_pictures import ReadPictures
from verifier.usecases.read_result import ReadResult
from verifier.usecases.receiver import Receiver
from verifier.usecases.record_identity import RecordIdentity
from verifier.usecases.record_on_behalf import RecordOnBehalf
from verifier.usecases.record_paper import RecordPaper
from verifier.usecases.scan_presentation import ScanPresentation
from verifier.usecases.scan_uninvited import ScanUninvited
from verifier.usecases.serve_request import ServeRequest
from verifier.usecases.show_challenge import ShowChallenge
from verifier.usecases.staff_provider import SignInWithProvider
from verifier.usecases.staff_sign_in import SignInWithPassword
from verifier.usecases.start_request import StartRequest
from verifier.usecases.who_asks import WhoAsks
from verifier.web.training_room import TrainingRoom


@dataclass(frozen=True, slots=True)
class Services:
    """One of each, made in `app.py`. `cookies_need_tls` is False in the plain http demo only."""

    catalogue: Catalogue
    texts: Texts
    receiver: Receiver
    clock: Clock
    who_asks: WhoAsks
    start: StartRequest
    asking: AskClient
    typed: OpenTyped
    paper: RecordPaper
    serve: ServeRequest
    accept: AcceptResponse
    challenge: ShowChallenge
    scan: ScanPresentation
    scan_uninvited: ScanUninvited
    pictures: ReadPictures
    codes: CodeBook
    confirm: ConfirmCode
    identity: RecordIdentity
    on_behalf: RecordOnBehalf
    read: ReadResult
    close: CloseVerification
    hand_on: HandOn
    client_side: ClientSide
    check_key: CheckApiKey
    door: DeskDoor
    staff_sign_in: SignInWithPassword
    provider: SignInWithProvider
    holdings: ReadHoldings
    prefetch: PrefetchStatus
    health: CheckHealth
    cookies_need_tls: bool
    besides: Callable[[], Sequence["Services"]] = tuple
    """The services of the other kind: those of training beside the real ones, and the reverse."""

    async def close_at_hand(self, desk: OpenDesk) -> None:
        """Close what a person has at hand, if there is anything: a request, or training."""
        if desk.verification_id is not None:
            for services in (self, *self.besides()):
                await services.close_quietly(desk.verification_id, owner=desk.owner)

    async def close_quietly(self, verification_id: str, *, owner: str) -> None:
        """Close what a desk has at hand, if it is still there."""
        try:
            await self.close(verification_id, owner=owner)
        except VerificationUnknown:
            return


def services_of(request: Request) -> Services:
    """Return the services of the application that got this request.

    A page of the desk that is about training gets those of training, by the id in its path.

    Raises:
        VerificationUnknown: it is about training, and nobody practises here.
    """
    at_desk = str(request.scope["path"]).startswith("/desk/")
    about = str(request.path_params.get("verification_id", "")) if at_desk else ""
    return services_for(request, about)


def services_for(request: Request, verification_id: str) -> Services:
    """Return the services that know a verification: the real ones, or those of training.

    Raises:
        VerificationUnknown: it is of training, and nobody practises here.
    """
    if scenario_in(verification_id) is not None:
        return room_of(request).services
    services = request.app.state.services
    if not isinstance(services, Services):
        raise TypeError("the application was not wired")
    return services


def room_of(request: Request) -> TrainingRoom[Services]:
    """Return where this application's training takes place."""
    room = request.app.state.training
    if not isinstance(room, TrainingRoom):
        raise TypeError("the application was not wired")
    return room
