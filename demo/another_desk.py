"""A desk of another organisation beside the first: the health centre has a verifier of its own."""

import secrets

from demo.services import RunningServices, Service, StaffAccount, free_port, path_of


class AnotherDesk:
    """A verifier process with keys, database and staff of its own organisation.

    Args:
        services: the running services, whose keys and trust list it shares.
        organisation: its id on the trust list.
        port: where it listens; any free port when 0.
    """

    def __init__(self, services: RunningServices, organisation: str, *, port: int = 0) -> None:
        port = port or free_port()
        self._services = services
        self._own = {
            "KYKY_VERIFIER_ORGANISATION": organisation,
            "KYKY_VERIFIER_BASE_URL": f"http://127.0.0.1:{port}",
            "KYKY_VERIFIER_PORT": str(port),
            "KYKY_VERIFIER_DATABASE": f"sqlite:///{services.directory / organisation}.db",
        }
        self.service = Service(
            name=organisation,
            url=f"http://127.0.0.1:{port}",
            command=[path_of("kyky-verifier"), "serve"],
            environment=services.environment | self._own,
            log=services.directory / f"{organisation}.log",
        )

    def staff(self, role: str, name: str, display: str) -> StaffAccount:
        """Make the account of a person who may sign in here in this role."""
        password = secrets.token_urlsafe(12)
        self._services.run(
            *("kyky-verifier", "staff", "add", name, "--display", display, "--role", role),
            stdin=f"{password}\n",
            extra=self._own,
        )
        return StaffAccount(name, password)
