"""What the surfaces call."""

from dataclasses import dataclass
from datetime import timedelta

from credential_schemas.model import Catalogue
from issuer.usecases.addresses import Addresses
from issuer.usecases.after.erase_subject import EraseSubject
from issuer.usecases.after.list_expiring import ListExpiring
from issuer.usecases.after.lose_phone import LosePhone
from issuer.usecases.after.renew_card import RenewCard
from issuer.usecases.after.serve_revocation import ServeRevocation
from issuer.usecases.after.start_revocation import StartRevocation
from issuer.usecases.after.take_revocation import TakeRevocation
from issuer.usecases.authorization.begin import BeginAuthorization
from issuer.usecases.authorization.complete_sign_in import CompleteSignIn
from issuer.usecases.authorization.decide import Decide
from issuer.usecases.authorization.push_request import PushRequest
from issuer.usecases.authorization.show_consent import ShowConsent
from issuer.usecases.batch.create_offers import CreateOffers
from issuer.usecases.change_status import ChangeStatus
from issuer.usecases.check_health import CheckHealth
from issuer.usecases.clients.check_caller import CheckCaller
from issuer.usecases.clients.give_system_token import GiveSystemToken
from issuer.usecases.create_offer import CreateOffer
from issuer.usecases.deferred.collect_credential import CollectCredential
from issuer.usecases.deferred.give_claims import GiveClaims
from issuer.usecases.describe_issuer import DescribeIssuer
from issuer.usecases.describe_type import DescribeType
from issuer.usecases.give_nonce import GiveNonce
from issuer.usecases.give_token import GiveToken
from issuer.usecases.issue_credential import IssueCredential
from issuer.usecases.letters.create_letter import CreateLetter
from issuer.usecases.letters.guard_form import GuardForm
from issuer.usecases.letters.open_letter import OpenLetter
from issuer.usecases.letters.print_letter import PrintLetter
from issuer.usecases.letters.read_letter import ReadLetter, ReadLetterContent
from issuer.usecases.letters.renew_letter import RenewLetter
from issuer.usecases.letters.withdraw_letter import WithdrawLetter
from issuer.usecases.name_status_lists import NameStatusLists
from issuer.usecases.offer_links import OfferLinks
from issuer.usecases.proving.demands import Demands
from issuer.usecases.proving.prove_client import ProveClient
from issuer.usecases.proving.prove_holders import ProveHolders
from issuer.usecases.proving.prove_key import ProveKey
from issuer.usecases.proving.server_nonces import ServerNonces
from issuer.usecases.publish_status_list import PublishStatusList
from issuer.usecases.read_credential import ReadCredential
from issuer.usecases.read_offer import ReadOffer
from issuer.usecases.reoffer import Reoffer
from issuer.usecases.request_keys import RequestKeys
from issuer.usecases.serve_offer import ServeOffer
from issuer.usecases.take_in import TakeIn
from issuer.usecases.take_notification import TakeNotification
from issuer.usecases.withdraw_offer import WithdrawOffer


@dataclass(frozen=True, slots=True)
class Systems:
    """How issuing systems come in."""

    check_caller: CheckCaller
    give_token: GiveSystemToken
    create_offers: CreateOffers


@dataclass(frozen=True, slots=True)
class After:
    """What comes after a card was issued."""

    lose_phone: LosePhone
    erase_subject: EraseSubject
    renew_card: RenewCard
    list_expiring: ListExpiring
    start_revocation: StartRevocation
    serve_revocation: ServeRevocation
    take_revocation: TakeRevocation


@dataclass(frozen=True, slots=True)
class Asking:
    """How a wallet asks for a card by itself, up to the code."""

    push: PushRequest
    begin: BeginAuthorization
    complete_sign_in: CompleteSignIn
    show_consent: ShowConsent
    decide: Decide


@dataclass(frozen=True, slots=True)
class Lives:
    """What happens in the life of an offer or a credential."""

    give_claims: GiveClaims
    collect_credential: CollectCredential
    reoffer: Reoffer
    take_in: TakeIn


@dataclass(frozen=True, slots=True)
class LetterServices:
    """What is done with letters, by systems and on the letter's page."""

    create: CreateLetter
    renew: RenewLetter
    withdraw: WithdrawLetter
    read: ReadLetter
    read_content: ReadLetterContent
    print: PrintLetter
    open: OpenLetter
    guard_form: GuardForm


@dataclass(frozen=True, slots=True)
class Proving:
    """How wallets prove what they are."""

    nonces: ServerNonces
    demands: Demands
    prove_client: ProveClient
    prove_key: ProveKey
    prove_holders: ProveHolders


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case that a surface needs, and what all of them share.

    Attributes:
        copies_fresh_for: how long caches may give out a copy of a status list.
    """

    addresses: Addresses
    catalogue: Catalogue
    links: OfferLinks
    systems: Systems
    letters: LetterServices
    after: After
    lives: Lives
    asking: Asking
    proving: Proving
    create_offer: CreateOffer
    read_offer: ReadOffer
    withdraw_offer: WithdrawOffer
    change_status: ChangeStatus
    read_credential: ReadCredential
    serve_offer: ServeOffer
    request_keys: RequestKeys
    give_token: GiveToken
    give_nonce: GiveNonce
    issue_credential: IssueCredential
    take_notification: TakeNotification
    publish_status_list: PublishStatusList
    name_status_lists: NameStatusLists
    describe_issuer: DescribeIssuer
    describe_type: DescribeType
    check_health: CheckHealth
    copies_fresh_for: timedelta
