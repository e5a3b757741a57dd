"""How wallets prove what they are, put together."""

from collections.abc import Mapping

from issuer.adapters.wallet_status import FetchedWalletStatus
from issuer.parts.base import Parts
from issuer.ports.proving import WalletStatusSource
from issuer.settings import AttackPotential, KeyPolicySetting
from issuer.usecases.addresses import Addresses
from issuer.usecases.failures import TypeUnknown
from issuer.usecases.proving.check_wallet_status import CheckWalletStatus
from issuer.usecases.proving.demands import Demands
from issuer.usecases.proving.failures import WalletProvidersUnavailable
from issuer.usecases.proving.prove_client import ProveClient
from issuer.usecases.proving.prove_holders import ProveHolders
from issuer.usecases.proving.prove_key import ProveKey
from issuer.usecases.proving.server_nonces import ServerNonces
from issuer.usecases.proving.tools import ProvingTools
from issuer.web.services import Proving
from keys.fetch import Fetcher
from openid4vc.openid4vci.key_attestation import ATTACK_POTENTIALS, KeyPolicy


def make_proving(
    parts: Parts,
    addresses: Addresses,
    *,
    sign_in_at: frozenset[str],
    wallet_status: WalletStatusSource | None = None,
) -> Proving:
    """Return the use cases.

    Args:
        parts: what the service stands on.
        addresses: the service's own.
        sign_in_at: organisations whose cards wallets can ask for by themselves.
        wallet_status: status lists of wallet providers; left out, by the guarded client.

    Raises:
        TypeUnknown, WalletProvidersUnavailable: the settings ask for what nobody can show.
    """
    nonces = ServerNonces(vault=parts.vault, clock=parts.clock, random=parts.random)
    tools = ProvingTools(store=parts.store, vault=parts.vault, clock=parts.clock, nonces=nonces)
    demands = _demands(parts, sign_in_at)
    fetcher = Fetcher(allow_loopback_http=parts.settings.unsafe_plain_http)
    status = CheckWalletStatus(
        source=wallet_status or FetchedWalletStatus(fetcher), clock=parts.clock
    )
    return Proving(
        nonces=nonces,
        demands=demands,
        prove_client=ProveClient(
            tools=tools,
            addresses=addresses,
            providers=parts.wallet_providers if parts.takes_attestations else None,
            status=status,
            challenge_required=parts.settings.attestation_challenge_required,
        ),
        prove_key=ProveKey(tools=tools),
        prove_holders=ProveHolders(
            clock=parts.clock,
            addresses=addresses,
            nonce_secret=parts.keys.secret("issuer-nonce"),
            demands=demands,
            providers=parts.wallet_providers,
            status=status,
        ),
    )


def _demands(parts: Parts, sign_in_at: frozenset[str]) -> Demands:
    settings = parts.settings
    return Demands(
        catalogue=parts.catalogue,
        takes_attestations=parts.takes_attestations,
        key_policies=_key_policies(parts, settings.key_attestations),
        health_in_the_clear=settings.unsafe_clear_health_data,
        sign_in_at=sign_in_at,
    )


def _key_policies(
    parts: Parts, settings: Mapping[str, KeyPolicySetting]
) -> Mapping[str, KeyPolicy]:
    if settings and not parts.takes_attestations:
        raise WalletProvidersUnavailable("key_attestations need a list of wallet providers")
    for type_id in settings:
        if type_id not in parts.catalogue.types:
            raise TypeUnknown(f"key_attestations: {type_id}")
    return {
        type_id: KeyPolicy(
            key_storage=_at_least(said.key_storage),
            user_authentication=_at_least(said.user_authentication),
        )
        for type_id, said in settings.items()
    }


def _at_least(level: AttackPotential | None) -> tuple[str, ...]:
    """Return a level and every harder one."""
    return () if level is None else ATTACK_POTENTIALS[: ATTACK_POTENTIALS.index(level) + 1]
