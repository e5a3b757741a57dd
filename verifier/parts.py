"""What the service is made of: settings -> adapters -> use cases."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from cryptography import x509

from credential_schemas.i18n import Texts
from credential_schemas.loader import load_catalogue
from credential_schemas.model import Catalogue
from keys.fetch import Fetcher
from keys.opener import open_keys
from keys.ports import KeyStore
from service_kit.sql import Database
from service_kit.system import SystemClock, SystemRandom
from verifier.adapters.askings import SqlAskings
from verifier.adapters.challenges import SqlCertificates, SqlChallenges
from verifier.adapters.client_side_parts import (
    ClientGround,
    ClientSideParts,
    client_side_parts,
    receipt_book,
)
from verifier.adapters.confirmation_codes import SqlConfirmationCodes
from verifier.adapters.evidence_parts import EvidenceParts, evidence_parts
from verifier.adapters.hand_on_parts import Ground, HandOnParts, hand_on_parts
from verifier.adapters.key_texts import PepperedKeyTexts
from verifier.adapters.list_parts import Around, ListParts, list_parts
from verifier.adapters.pictures import ZxingPictures
from verifier.adapters.posting import Posting
from verifier.adapters.staff_parts import StaffParts, staff_parts
from verifier.adapters.stores import SqlApiKeys, SqlTrustListStore
from verifier.adapters.trust_lists import Fetching, trust_list_source
from verifier.adapters.verifications import SqlVerifications
from verifier.ports import Clock, Random
from verifier.settings import Settings
from verifier.usecases.accept_response import AcceptResponse
from verifier.usecases.api_keys import CheckApiKey, CreateApiKey
from verifier.usecases.ask_client import AskClient
from verifier.usecases.certificate_book import CertificateBook
from verifier.usecases.challenge_book import ChallengeBook
from verifier.usecases.challenge_secrets import ChallengeSealer
from verifier.usecases.check_presentation import CheckPresentation
from verifier.usecases.close_verification import CloseVerification
from verifier.usecases.code_book import CodeBook
from verifier.usecases.confirm_code import ConfirmCode
from verifier.usecases.decide import Decide, HoldTimes
from verifier.usecases.hand_on_leave import LeavePage
from verifier.usecases.open_typed import OpenTyped
from verifier.usecases.profile_queries import ProfileQueries
from verifier.usecases.read_pictures import ReadPictures
from verifier.usecases.read_result import ReadResult
from verifier.usecases.receiver import Receiver
from verifier.usecases.record_identity import RecordIdentity
from verifier.usecases.record_on_behalf import RecordOnBehalf
from verifier.usecases.record_paper import RecordPaper
from verifier.usecases.refresh_trust import RefreshTrust
from verifier.usecases.renew_request import RenewRequest
from verifier.usecases.request_secrets import SecretSealer
from verifier.usecases.scan_presentation import ScanPresentation
from verifier.usecases.scan_uninvited import ScanUninvited
from verifier.usecases.serve_request import ServeRequest
from verifier.usecases.show_challenge import ShowChallenge
from verifier.usecases.start_request import StartRequest
from verifier.usecases.sweep_expired import SweepExpired
from verifier.usecases.trust_keeper import TrustKeeper
from verifier.usecases.ways import Ways
from verifier.usecases.who_asks import WhoAsks
from verifier.web.services import Services

HERE = Path(__file__).parent
_SEALING = "verifier-sealing"
_API_KEYS = "verifier-api-keys"


@dataclass(frozen=True, slots=True)
class Parts:
    """What the service is made of; the command line uses some of it without a server."""

    database: Database
    services: Services
    verifications: SqlVerifications
    create_key: CreateApiKey
    api_keys: SqlApiKeys
    refresh: RefreshTrust
    sweep: SweepExpired
    lists: ListParts
    staff: StaffParts
    evidence: EvidenceParts
    hand_on: HandOnParts
    client_side: ClientSideParts


def build(
    settings: Settings,
    *,
    keys: KeyStore | None = None,
    clock: Clock | None = None,
    random: Random | None = None,
    fetcher: Fetching | None = None,
    catalogue: Catalogue | None = None,
) -> Parts:
    """Make everything that the settings describe.

    Args:
        settings: what the operator chose.
        keys: opened keys; those of `keys_dir` when left out.
        clock: the time; the system's when left out.
        random: randomness; the system's when left out.
        fetcher: outgoing HTTP; the guarded client when left out.
        catalogue: what can be said and asked; that of `credential_schemas` when left out.

    Raises:
        KeyStoreFailure: the key directory cannot be opened.
    """
    store = keys or opened_keys(settings)
    now, dice = clock or SystemClock(), random or SystemRandom()
    http = fetcher or _guarded(settings)
    database = Database(settings.database)
    catalogue = catalogue or load_catalogue(extra=settings.extra_catalogue)
    verifications = SqlVerifications(database, dice)
    challenges = SqlChallenges(database)
    book = ChallengeBook(
        challenges=challenges, sealer=ChallengeSealer(store.secret(_SEALING)), random=dice
    )
    certificates = CertificateBook(SqlCertificates(database))
    codes = SqlConfirmationCodes(database)
    code_book = CodeBook(codes=codes, key=store.secret(_SEALING), random=dice)
    api_keys = SqlApiKeys(database)
    key_texts = PepperedKeyTexts(pepper=store.secret(_API_KEYS), random=dice)
    check_key = CheckApiKey(keys=api_keys, texts=key_texts, clock=now)
    sealer = SecretSealer(store.secret(_SEALING))
    hold = HoldTimes(
        identity=timedelta(minutes=settings.identity_minutes),
        values=timedelta(minutes=settings.values_minutes),
    )
    receiver = Receiver(
        base_url=settings.base_url,
        signer=store.signer(settings.organisation, settings.access_key),
        request_life=timedelta(minutes=settings.request_minutes),
        prefix=settings.client_id_prefix,
        method=settings.request_uri_method,
    )
    receiver.asks_as()  # a name that its certificate does not carry is refused at start
    trust = TrustKeeper(
        source=trust_list_source(settings.trust_list, http),
        store=SqlTrustListStore(database),
        operator_anchors=x509.load_pem_x509_certificates(settings.operator_anchor.read_bytes()),
        clock=now,
    )
    who_asks = WhoAsks(receiver=receiver, trust=trust, clock=now)
    staff = staff_parts(
        settings,
        database=database,
        keys=store,
        roles_held=who_asks.roles,
        clock=now,
        random=dice,
    )
    lists = list_parts(
        Around(
            database=database,
            fetcher=http,
            trust=trust,
            receiver=receiver,
            catalogue=catalogue,
            clock=now,
            random=dice,
        )
    )
    sweep = SweepExpired(
        verifications=verifications,
        challenges=challenges,
        codes=codes,
        staff=staff.sweep,
        clock=now,
    )
    askings = SqlAskings(database)
    queries = ProfileQueries(catalogue=catalogue, trust=trust)
    start = StartRequest(
        queries=queries,
        ways=Ways(
            receiver=receiver,
            origins=settings.return_origins,
            unsafe_loopback_http=settings.is_plain_http,
        ),
        verifications=verifications,
        sealer=sealer,
        clock=now,
        random=dice,
    )
    check = CheckPresentation(
        catalogue=catalogue,
        trust=trust,
        status=lists.book,
        accept_vc_sd_jwt=settings.accept_vc_sd_jwt,
    )
    decide = Decide(
        catalogue=catalogue,
        verifications=verifications,
        check=check,
        certificates=certificates,
        hold=hold,
    )
    scan = ScanPresentation(
        catalogue=catalogue,
        verifications=verifications,
        book=book,
        certificates=certificates,
        decide=decide,
        clock=now,
    )
    read = ReadResult(verifications=verifications, record=staff.record, sweep=sweep, clock=now)
    handing = hand_on_parts(
        settings,
        Ground(
            database=database,
            catalogue=catalogue,
            keys=store,
            http=http if isinstance(http, Posting) else _guarded(settings),
            leave=LeavePage(verifications=verifications, read=read, clock=now, hold=hold),
            book=receipt_book(catalogue, database, receiver, now, dice),
            clock=now,
            random=dice,
        ),
    )
    client_side = client_side_parts(
        settings,
        ClientGround(
            database=database,
            catalogue=catalogue,
            keys=store,
            check=check,
            queries=queries,
            receiver=receiver,
            who_asks=who_asks,
            clock=now,
            random=dice,
        ),
    )
    services = Services(
        catalogue=catalogue,
        texts=texts(),
        receiver=receiver,
        clock=now,
        who_asks=who_asks,
        start=start,
        asking=AskClient(
            receiver=receiver,
            askings=askings,
            renew=RenewRequest(
                receiver=receiver,
                verifications=verifications,
                askings=askings,
                sealer=sealer,
                clock=now,
                random=dice,
            ),
            clock=now,
        ),
        typed=OpenTyped(askings=askings, verifications=verifications, clock=now),
        paper=RecordPaper(catalogue=catalogue, verifications=verifications, clock=now),
        serve=ServeRequest(
            verifications=verifications,
            sealer=sealer,
            receiver=receiver,
            random=dice,
            clock=now,
        ),
        accept=AcceptResponse(
            verifications=verifications,
            sealer=sealer,
            decide=decide,
            codes=code_book,
            hold=hold,
            clock=now,
        ),
        codes=code_book,
        confirm=ConfirmCode(
            catalogue=catalogue, verifications=verifications, book=code_book, clock=now
        ),
        challenge=ShowChallenge(
            receiver=receiver,
            verifications=verifications,
            book=book,
            certificates=certificates,
            clock=now,
            random=dice,
        ),
        scan=scan,
        scan_uninvited=ScanUninvited(start=start, scan=scan, certificates=certificates, clock=now),
        pictures=ReadPictures(ZxingPictures()),
        identity=RecordIdentity(
            catalogue=catalogue, verifications=verifications, clock=now, hold=hold
        ),
        on_behalf=RecordOnBehalf(verifications=verifications),
        read=read,
        close=CloseVerification(verifications=verifications, clock=now),
        hand_on=handing.hand_on,
        client_side=client_side.services,
        check_key=check_key,
        door=staff.door,
        staff_sign_in=staff.sign_in,
        provider=staff.provider,
        holdings=lists.holdings,
        prefetch=lists.prefetch,
        health=lists.health,
        cookies_need_tls=not settings.is_plain_http,
    )
    return Parts(
        database=database,
        services=services,
        verifications=verifications,
        create_key=CreateApiKey(keys=api_keys, texts=key_texts, clock=now),
        api_keys=api_keys,
        refresh=RefreshTrust(trust=trust),
        sweep=sweep,
        lists=lists,
        hand_on=handing,
        client_side=client_side,
        staff=staff,
        evidence=evidence_parts(settings, database=database, signer=receiver.signer, clock=now),
    )


def _guarded(settings: Settings) -> Fetcher:
    return Fetcher(allow_loopback_http=settings.unsafe_plain_http)


@cache
def texts() -> Texts:
    """Return the words of the verifier, read once."""
    return Texts.load(HERE / "web" / "locales")


def opened_keys(settings: Settings) -> KeyStore:
    """Return the keys of the directory that the settings name.

    Raises:
        KeyStoreFailure: it cannot be opened.
    """
    passphrase = settings.keys_passphrase
    return open_keys(
        settings.keys_dir,
        passphrase=None if passphrase is None else passphrase.get_secret_value(),
    )
