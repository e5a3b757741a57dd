"""What everything else is made of: keys, database, vault, catalogue."""

from dataclasses import dataclass
from pathlib import Path

from credential_schemas.loader import load_catalogue
from credential_schemas.model import Catalogue
from issuer.adapters.api_key_form import KykyApiKeyForm
from issuer.adapters.sql.store import SqlStore
from issuer.adapters.vault import ServiceKeyVault, VaultKeys
from issuer.adapters.wallet_provider_lists import WalletProviderListAt
from issuer.ports import Clock, Random
from issuer.settings import Settings
from issuer.usecases.proving.wallet_provider_keeper import WalletProviderKeeper
from keys.devkeys import make_demo_pki
from keys.fetch import Fetcher
from keys.key_directory import OPERATOR_FILE, WALLET_PROVIDERS_FILE
from keys.opener import open_keys
from keys.ports import KeyStore
from service_kit.sql import Database
from service_kit.system import SystemClock, SystemRandom


@dataclass(frozen=True, slots=True)
class Parts:
    """What everything else is made of.

    Attributes:
        takes_attestations: there is a list of wallet providers to go by.
    """

    settings: Settings
    keys: KeyStore
    clock: Clock
    random: Random
    database: Database
    store: SqlStore
    vault: ServiceKeyVault
    key_form: KykyApiKeyForm
    wallet_providers: WalletProviderKeeper
    takes_attestations: bool
    catalogue: Catalogue


def make_parts(
    settings: Settings,
    *,
    keys: KeyStore | None = None,
    clock: Clock | None = None,
    random: Random | None = None,
    catalogue: Catalogue | None = None,
) -> Parts:
    """Open keys and database; what is not handed in is the system's own.

    Raises:
        CheckFailed: the keys cannot be opened.
    """
    clock = clock or SystemClock()
    random = random or SystemRandom()
    keys = keys or _open_keys(settings, clock)
    database = Database(settings.database)
    store = SqlStore(database)
    return Parts(
        settings=settings,
        keys=keys,
        clock=clock,
        random=random,
        database=database,
        store=store,
        vault=ServiceKeyVault(
            VaultKeys(
                wrapping=keys.secret("issuer-sealing"),
                macs=keys.secret("issuer-tokens"),
                offers=keys.secret("issuer-offers"),
            ),
            random=random,
        ),
        key_form=KykyApiKeyForm(keys.secret("issuer-api-keys"), random=random),
        wallet_providers=WalletProviderKeeper(
            source=_wallet_providers(settings), store=store, clock=clock
        ),
        takes_attestations=settings.wallet_providers is not None
        or _own_list_of(settings).is_file(),
        catalogue=catalogue
        or load_catalogue(
            extra=settings.extra_catalogue, real_identity_codes=settings.real_identity_codes
        ),
    )


def migrate(settings: Settings) -> None:
    """Bring the tables of the settings' database to the newest version."""
    database = Database(settings.database)
    try:
        SqlStore(database).upgrade()
    finally:
        database.close()


def _wallet_providers(settings: Settings) -> WalletProviderListAt:
    return WalletProviderListAt(
        settings.wallet_providers or str(_own_list_of(settings)),
        operator=settings.trust_operator or settings.keys_dir / OPERATOR_FILE,
        fetcher=Fetcher(allow_loopback_http=settings.unsafe_plain_http),
    )


def _own_list_of(settings: Settings) -> Path:
    return settings.keys_dir / WALLET_PROVIDERS_FILE


def _open_keys(settings: Settings, clock: Clock) -> KeyStore:
    if settings.unsafe_memory_keys:
        return make_demo_pki(at=clock.now()).keys
    passphrase = settings.keys_passphrase
    return open_keys(
        settings.keys_dir,
        passphrase=None if passphrase is None else passphrase.get_secret_value(),
    )
