"""kill -9 while a credential is being signed loses nothing."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from keys.opener import ScryptCost, create_keys, open_keys
from openid4vc.openid4vci.notification import Event
from openid4vc.status_list.bits import Status
from tests.issuer.crash_in_signing import PASSPHRASE
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World, demo_pki

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.req("TSL-16", "VCI-61")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_process_killed_while_signing_loses_nothing(tmp_path: Path, moment: str) -> None:
    url = f"sqlite:///{tmp_path}/issuer.db"
    pki = demo_pki()
    create_keys(
        tmp_path / "keys",
        passphrase=PASSPHRASE,
        signers={name: pki.keys.signer(*name) for name in pki.keys.names()},
        secrets=pki.keys.secrets,
        cost=ScryptCost(log2_n=10, r=8, p=1),
    )
    keys = open_keys(tmp_path / "keys", passphrase=PASSPHRASE)
    world = World(url, keys=keys)
    made = world.offer()
    wallet = TinyWallet(world)
    token = wallet.token(wallet.open_link(made["offer_link"]))
    api_key = world.auth()
    world.close()

    run = [sys.executable, "-m", "tests.issuer.crash_in_signing"]
    killed = subprocess.run(
        [*run, url, str(tmp_path / "keys"), token, moment],
        cwd=ROOT,
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    world = World(url, keys=keys)
    wallet = TinyWallet(world)
    path = f"/api/v1/mallimaa/offers/{made['offer_id']}"
    (recorded,) = world.get(path, headers=api_key).json()["credentials"]
    assert (recorded["delivery"], recorded["state"]) == ("recorded", "valid")

    credential, notification_id = wallet.credential(token)
    assert wallet.notify(token, notification_id, Event.ACCEPTED).status_code == 204

    copies = world.get(path, headers=api_key).json()["credentials"]
    told = sorted((copy["delivery"], copy["state"]) for copy in copies)
    assert told == [("accepted", "valid"), ("replaced", "revoked")]
    assert wallet.status_of(credential) is Status.VALID
    world.close()
