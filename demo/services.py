"""Issuer and verifier as real processes on loopback, for the demo and the end-to-end tests.

    with RunningServices(directory) as services:
        offers = services.issuer_api("itsearviointi")
        desk = services.verifier_api("te_office")

Everything lives in the one directory that is given: keys, trust list, databases, logs. The keys are
demo keys, their passphrase and the API keys stay in this process, and plain http is allowed: never
use this to serve anybody.
"""

import atexit
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx2

from demo.commands import Commands

START_SECONDS = 30.0
STOP_SECONDS = 10.0
LOG_TAIL_LINES = 40


class ServiceFailed(Exception):
    """A command failed, or a service did not come up or died; the text ends with its last words."""


def free_port() -> int:
    """Return a loopback TCP port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Service:
    """One service process: its command line, its address, its log file."""

    name: str
    url: str
    command: list[str]
    environment: dict[str, str] = field(repr=False)
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and return when it is healthy; raise ServiceFailed if it never is."""
        self.launch()
        self.wait_until_healthy()

    def launch(self) -> None:
        """Start the process and return at once."""
        with self.log.open("ab") as log:  # a file, never a pipe: an unread pipe stalls the service
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # its workers are stopped with it
            )

    def wait_until_healthy(self) -> None:
        """Return when it answers /healthz; stop it and raise ServiceFailed when it does not."""
        deadline = time.monotonic() + START_SECONDS
        with httpx2.Client(base_url=self.url, timeout=1.0, trust_env=False) as client:
            while time.monotonic() < deadline:
                if self.process is None or self.process.poll() is not None:
                    raise ServiceFailed(f"{self.name} ended at once:\n{self.last_words()}")
                with contextlib.suppress(httpx2.TransportError):
                    if client.get("/healthz").status_code == httpx2.codes.OK:
                        return
                time.sleep(0.05)
        self.stop()
        raise ServiceFailed(f"{self.name} did not come up:\n{self.last_words()}")

    def stop(self) -> None:
        """End the process and its workers: first politely, then not."""
        process, self.process = self.process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def restart(self) -> None:
        """Stop and start again on the same port and database."""
        self.stop()
        self.start()

    def last_words(self) -> str:
        """Return the end of the log."""
        lines = self.log.read_text("utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """A demo person's name and password."""

    name: str
    password: str = field(repr=False)


@dataclass(slots=True)
class RunningServices:
    """Both services with fresh demo keys, databases and API keys; a context manager.

    `directory` is empty or not there yet. Port 0 means any free port. `extra` adds environment
    variables to every command, for example `{"KYKY_ISSUER_STATUS_TTL_SECONDS": "1"}`.
    """

    directory: Path
    issuer_port: int = 0
    verifier_port: int = 0
    extra: dict[str, str] = field(default_factory=dict)
    issuer: Service = field(init=False)
    verifier: Service = field(init=False)
    _environment: dict[str, str] = field(init=False, repr=False)
    _api_keys: dict[tuple[str, ...], str] = field(init=False, repr=False, default_factory=dict)
    _staff: dict[str, "StaffAccount"] = field(init=False, repr=False, default_factory=dict)
    _clients: dict[str, httpx2.Client] = field(init=False, repr=False, default_factory=dict)
    commands: Commands = field(init=False, repr=False, default_factory=Commands)

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        issuer_port = self.issuer_port or free_port()
        verifier_port = self.verifier_port or free_port()
        self._environment = {
            **_inherited(),
            "KYKY_KEYS_PASSPHRASE": secrets.token_urlsafe(24),
            **self._settings("issuer", issuer_port),
            **self._settings("verifier", verifier_port),
            **self.extra,
        }
        self.issuer = self._service("issuer", issuer_port)
        self.verifier = self._service("verifier", verifier_port)

    @property
    def keys_directory(self) -> Path:
        """Where `kyky-keys init` put the demo keys."""
        return self.directory / "keys"

    @property
    def trust_list(self) -> Path:
        """The signed trust list of this demo."""
        return self.keys_directory / "trust-list.jws"

    @property
    def operator_anchor(self) -> Path:
        """The certificate (PEM) by which the trust list is trusted."""
        return self.keys_directory / "trust-operator.pem"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self.stop()

    def start(self) -> None:
        """Make keys and start both services, which make their own tables; raise ServiceFailed."""
        atexit.register(self.stop)
        try:
            self.run(
                *("kyky-keys", "init", "--dir", str(self.keys_directory)),
                *("--status-lists", f"{self.issuer.url}/{{org}}/status-lists"),
            )
            self.issuer.start()
            self._let_the_desk_give_receipts()
            self.verifier.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop both services; calling it again does nothing."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        self.commands.stop()
        self.verifier.stop()
        self.issuer.stop()
        atexit.unregister(self.stop)

    @property
    def wallet_provider(self) -> dict[str, str]:
        """What a wallet needs to be vouched for by the demo's wallet provider."""
        return {
            "KYKY_WALLET_PROVIDER_KEYS": str(self.keys_directory),
            "KYKY_WALLET_PROVIDER_PASSPHRASE": self._environment["KYKY_KEYS_PASSPHRASE"],
        }

    def issuer_key(self, org: str, *types: str) -> str:
        """Return the API key of an issuing system that may offer these types."""
        options = [part for type_id in types for part in ("--type", type_id)]
        return self._api_key("kyky-issuer", "--org", org, *options)

    def verifier_key(self, role: str) -> str:
        """Return the API key of a desk that has this role."""
        return self._api_key("kyky-verifier", "--role", role)

    def staff(
        self, role: str, name: str = "liisa.virkailija", display: str = "Liisa Virkailija"
    ) -> "StaffAccount":
        """Return the account of a person who may sign in at the desk in this role."""
        if name not in self._staff:
            password = secrets.token_urlsafe(12)
            self.run(
                "kyky-verifier", "staff", "add", name, "--display", display, "--role", role,
                stdin=f"{password}\n",
            )  # fmt: skip
            self._staff[name] = StaffAccount(name, password)
        return self._staff[name]

    def issuer_api(self, org: str, *types: str) -> httpx2.Client:
        """Return an HTTP client of the issuer that carries `issuer_key`; closed by `stop`."""
        return self._client(self.issuer, self.issuer_key(org, *types))

    def verifier_api(self, role: str) -> httpx2.Client:
        """Return an HTTP client of the verifier that carries `verifier_key`; closed by `stop`."""
        return self._client(self.verifier, self.verifier_key(role))

    @property
    def environment(self) -> dict[str, str]:
        """The settings that every command and service here runs in."""
        return dict(self._environment)

    def run(
        self, program: str, *arguments: str, stdin: str = "", extra: Mapping[str, str] | None = None
    ) -> str:
        """Run one of the product's commands in these settings; return its output or raise."""
        environment = {**self._environment, **(extra or {})}
        done = self.commands.run(program, *arguments, environment=environment, stdin=stdin)
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()
            raise ServiceFailed(f"{program} {arguments[0]} failed ({done.returncode}):\n{said}")
        return done.stdout

    def _let_the_desk_give_receipts(self) -> None:
        """The employment area's own key at the issuer is what its desk offers receipts with."""
        self._environment |= {
            "KYKY_VERIFIER_RECEIPT_ISSUER_URL": self.issuer.url,
            "KYKY_VERIFIER_RECEIPT_API_KEY": self.issuer_key("tyollisyysalue", "consent_receipt"),
        }

    def _api_key(self, program: str, *options: str) -> str:
        wanted = (program, *options)
        if wanted not in self._api_keys:
            said = self.run(program, "api-key", "create", *options)
            self._api_keys[wanted] = said.splitlines()[-1].strip()
        return self._api_keys[wanted]

    def _client(self, service: Service, api_key: str) -> httpx2.Client:
        if api_key not in self._clients:
            self._clients[api_key] = httpx2.Client(
                base_url=service.url,
                headers={"Authorization": f"Bearer {api_key}"},
                trust_env=False,
            )
        return self._clients[api_key]

    def _service(self, name: str, port: int) -> Service:
        url = f"http://127.0.0.1:{port}"
        log = self.directory / f"{name}.log"
        return Service(name, url, [path_of(f"kyky-{name}"), "serve"], self._environment, log)

    def _settings(self, service: str, port: int) -> dict[str, str]:
        values = {
            "BASE_URL": f"http://127.0.0.1:{port}",
            "PORT": str(port),
            "DATABASE": f"sqlite:///{self.directory / service}.db",
            "KEYS_DIR": str(self.keys_directory),
            "UNSAFE_PLAIN_HTTP": "true",
        }
        if service == "verifier":
            values["TRUST_LIST"] = str(self.trust_list)
            values["OPERATOR_ANCHOR"] = str(self.operator_anchor)
        return {f"KYKY_{service.upper()}_{name}": value for name, value in values.items()}


def _inherited() -> dict[str, str]:
    """The environment without any product settings and proxies of the caller's own."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("KYKY_") and not name.lower().endswith("_proxy")
    }


def path_of(program: str) -> str:
    """The program beside this Python interpreter."""
    return str(Path(sys.executable).parent / program)
