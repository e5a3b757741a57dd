"""Kela's own system, which the issuer asks for claims: the sample of docs/pull-api.md."""

import json
import sys
import time
from pathlib import Path

from demo.services import START_SECONDS, RunningServices, Service, ServiceFailed, free_port

ORG, TYPE_ID = "kela", "authority_decision"
SAMPLE = Path(__file__).parent.parent / "clients" / "pull_api" / "server.py"


class AskedSystem:
    """The sample system as a process of its own.

    Args:
        port: where it listens; any free port when 0.
    """

    def __init__(self, port: int = 0) -> None:
        self._port = port or free_port()
        self._service: Service | None = None

    def settings(self) -> dict[str, str]:
        """Return what the issuer has to know: whom to ask, and that test persons sign in."""
        source = {"url": f"http://127.0.0.1:{self._port}/claims", "types": [TYPE_ID]}
        return {
            "KYKY_ISSUER_CLAIMS_SOURCES": json.dumps({ORG: source}),
            "KYKY_ISSUER_UNSAFE_TEST_SIGN_IN": "true",
        }

    def start(self, services: RunningServices) -> None:
        """Start it with the secret that these services sign by; raise ServiceFailed."""
        secret = services.run("kyky-issuer", "claims-source", "secret", "--org", ORG).strip()
        service = self._service = Service(
            name="the asked system",
            url=f"http://127.0.0.1:{self._port}",
            command=[sys.executable, str(SAMPLE), "--port", str(self._port)],
            environment={**services.environment, "CLAIMS_SECRET": secret},
            log=services.directory / "asked-system.log",
        )
        service.launch()
        deadline = time.monotonic() + START_SECONDS
        while "Asked at" not in service.last_words():
            if time.monotonic() > deadline:
                self.stop()
                raise ServiceFailed(f"{service.name} did not come up:\n{service.last_words()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it; calling it again does nothing."""
        service, self._service = self._service, None
        if service is not None:
            service.stop()
