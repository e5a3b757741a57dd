"""Makes the desk's sign-in and the access log out of their pieces."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from keys.fetch import Fetcher
from keys.ports import KeyStore
from service_kit.sql import Database
from verifier.adapters.desk_sessions import SqlDeskSessions
from verifier.adapters.oidc import Client, OidcProvider
from verifier.adapters.passwords import Argon2Passwords
from verifier.adapters.staff import SqlSignInAttempts, SqlStaff
from verifier.adapters.staff_access_log import SqlAccessLog
from verifier.ports import Clock, Random
from verifier.settings import Settings
from verifier.usecases.desk_session import DeskDoor, RolesHeld
from verifier.usecases.staff_access_log import FindAccess, RecordAccess, Whose
from verifier.usecases.staff_accounts import AddStaff, ChangePassword
from verifier.usecases.staff_provider import SignInWithProvider
from verifier.usecases.staff_sign_in import AttemptKeys, SignInWithPassword
from verifier.usecases.staff_sweep import SweepStaff

CALLBACK = "/desk/sign-in/callback"
AFTER_SIGN_OUT = "/desk/sign-in"
_ATTEMPTS = "verifier-sign-in"
_ACCESS_LOG = "verifier-access-log"


@dataclass(frozen=True, slots=True)
class StaffParts:
    """One of each."""

    book: SqlStaff
    log: SqlAccessLog
    add: AddStaff
    change_password: ChangePassword
    door: DeskDoor
    sign_in: SignInWithPassword
    provider: SignInWithProvider
    record: RecordAccess
    find: FindAccess
    sweep: SweepStaff


def staff_parts(
    settings: Settings,
    *,
    database: Database,
    keys: KeyStore,
    roles_held: RolesHeld,
    clock: Clock,
    random: Random,
) -> StaffParts:
    """Make everything that signing in needs.

    Args:
        settings: what the operator chose.
        database: where the staff, the sessions and the log stand.
        keys: the opened key directory.
        roles_held: which roles the organisation holds on the trust list.
        clock: the time.
        random: randomness.

    Raises:
        KeyNotFound: the key directory lacks a secret.
    """
    book, passwords, log = SqlStaff(database), Argon2Passwords(), SqlAccessLog(database)
    attempts = SqlSignInAttempts(database)
    attempt_keys = AttemptKeys(keys.secret(_ATTEMPTS))
    sessions = SqlDeskSessions(database)
    whose = Whose(keys.secret(_ACCESS_LOG))
    return StaffParts(
        book=book,
        log=log,
        add=AddStaff(book=book, passwords=passwords, clock=clock, random=random),
        change_password=ChangePassword(
            book=book, passwords=passwords, attempts=attempts, attempt_keys=attempt_keys
        ),
        door=DeskDoor(
            sessions=sessions,
            book=book,
            roles_held=roles_held,
            idle=timedelta(minutes=settings.lock_minutes),
            clock=clock,
            random=random,
        ),
        sign_in=SignInWithPassword(
            book=book,
            passwords=passwords,
            attempts=attempts,
            attempt_keys=attempt_keys,
            clock=clock,
        ),
        provider=SignInWithProvider(
            provider=_provider(settings, clock),
            roles=settings.oidc_roles,
            book=book,
            clock=clock,
            random=random,
        ),
        record=RecordAccess(log=log, whose=whose, clock=clock),
        find=FindAccess(log=log, whose=whose),
        sweep=SweepStaff(
            sessions=sessions,
            attempts=attempts,
            log=log,
            keep=timedelta(days=settings.access_log_days),
        ),
    )


def _provider(settings: Settings, clock: Clock) -> OidcProvider | None:
    if settings.oidc_issuer is None or settings.oidc_client_secret is None:
        return None
    host = urlsplit(settings.oidc_issuer).hostname
    return OidcProvider(
        http=Fetcher(
            allow_loopback_http=settings.unsafe_plain_http,
            internal_hosts=frozenset() if host is None else frozenset({host}),
        ),
        client=Client(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value(),
            redirect_uri=f"{settings.base_url}{CALLBACK}",
            after_sign_out=f"{settings.base_url}{AFTER_SIGN_OUT}",
            role_claim=settings.oidc_role_claim,
        ),
        clock=clock,
    )
