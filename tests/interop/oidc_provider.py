"""A real OpenID Connect provider for the tests: the Node.js program of `tests/interop/oidc`."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from demo.services import RunningServices
from tools.node import Node

FOLDER = Path(__file__).parent / "oidc"
SECRET = "test only, with a % and a space"
PEOPLE = {
    "liisa": {"name": "Liisa Virkailija", "desk_roles": ["TE-desk", "something else"]},
    "nelli": {"name": "Nelli Hoitaja", "desk_roles": ["SOTE-desk"]},
    "pekka": {"name": "Pekka Muu", "desk_roles": ["something else"]},
    "vieras": {"name": "Vieras Mies"},
    "maija": {"name": "Maija Testi Mallikas", "urn:oid:1.2.246.21": "120488-9123"},
}


@dataclass(frozen=True)
class Provider:
    """A running provider."""

    issuer: str

    def seat(self, who: str) -> None:
        """Let somebody sit there: whoever signs in next."""
        httpx2.get(f"{self.issuer}/test/who/{who}", trust_env=False).raise_for_status()


def settings_for(port: int) -> dict[str, str]:
    """The verifier's settings for a provider on that port."""
    return {
        "KYKY_VERIFIER_OIDC_ISSUER": f"http://localhost:{port}",
        "KYKY_VERIFIER_OIDC_CLIENT_ID": "desk/malli",
        "KYKY_VERIFIER_OIDC_CLIENT_SECRET": SECRET,
        "KYKY_VERIFIER_OIDC_ROLE_CLAIM": "desk_roles",
        "KYKY_VERIFIER_OIDC_ROLES": '{"TE-desk": "te_office", "SOTE-desk": "health_centre"}',
    }


def running_provider(
    node: Node, desk: RunningServices, port: int
) -> AbstractContextManager[Provider]:
    """Run the provider for a while, for a desk."""
    url = desk.verifier.url
    return provider_for(node, f"{url}/desk/sign-in/callback", f"{url}/desk/sign-in", port)


@contextmanager
def provider_for(node: Node, back: str, after_sign_out: str, port: int) -> Iterator[Provider]:
    """Run the provider for a while, for a service that browsers come back to."""
    told = {
        "port": port,
        "redirectUri": back,
        "afterSignOut": after_sign_out,
        "clientSecret": SECRET,
        "people": PEOPLE,
    }
    with subprocess.Popen(
        [node.node, FOLDER / "provider.mjs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it warns of the Node.js version
        text=True,
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write(json.dumps(told))
        program.stdin.close()
        assert program.stdout.readline() == "ready\n"
        yield Provider(f"http://localhost:{port}")
        program.terminate()
