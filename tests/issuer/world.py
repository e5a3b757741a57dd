"""An issuer in a box: its own database file, clock and demo keys, called over ASGI."""

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from credential_schemas.model import Catalogue
from issuer.adapters.sql.tables import metadata
from issuer.app import create_app
from issuer.parts.administration import make_administration
from issuer.parts.authorization import Outside
from issuer.parts.base import Parts, migrate
from issuer.settings import Settings
from keys.devkeys import DemoPki, make_demo_pki
from keys.ports import KeyStore

T = TypeVar("T")

BASE = "https://issuer.test"
NOW = datetime(2026, 11, 24, 9, 30, 12, 345678, tzinfo=UTC)
PAYLOADS = Path(__file__).parents[1] / "fixtures" / "payloads"
MALLIMAA_TYPE = "statement_feedback"
FILES = {
    "self_assessment_result": "01_self_assessment_result.json",
    "statement_feedback": "02_statement_feedback.json",
    "authority_decision": "03_authority_decision.json",
    "service_plan": "04_service_plan.json",
    "work_ability_referral": "05_work_ability_referral.json",
    "wellbeing_referral": "06_wellbeing_referral.json",
    "wellbeing_survey_result": "07_wellbeing_survey_result.json",
    "medical_statement_key_data": "08_medical_statement_key_data.json",
    "qualification": "09_qualification.json",
    "consent_receipt": "10_consent_receipt.json",
    "demo_pid": "11_demo_pid.json",
}


@cache
def demo_pki() -> DemoPki:
    """The demo's organisations, drawn once."""
    return make_demo_pki(at=NOW - timedelta(days=1))


@cache
def empty_database() -> bytes:
    """A SQLite file of the newest schema, made once."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "empty.db"
        migrate(Settings(base_url=BASE, database=f"sqlite:///{file}"))
        return file.read_bytes()


def make_tables(settings: Settings) -> None:
    """Bring the database to the newest schema; a new SQLite file begins with it."""
    file = Path(settings.database.removeprefix("sqlite:///"))
    if settings.database.startswith("sqlite:///") and not file.exists():
        file.write_bytes(empty_database())
    else:
        migrate(settings)


def claims_of(type_id: str) -> dict[str, Any]:
    """Fictional claims of a type, fresh each time."""
    claims = json.loads((PAYLOADS / FILES[type_id]).read_text())["claims"]
    assert isinstance(claims, dict)
    return claims


def offer_body(type_id: str = MALLIMAA_TYPE, **changes: object) -> dict[str, Any]:
    """A well-formed request for an offer."""
    body: dict[str, Any] = {
        "type": type_id,
        "claims": claims_of(type_id),
        "subject_ref": "client-4711",
        "delivery": {"channel": "screen", "pin": False},
    }
    return {**body, **changes}


@dataclass
class HandClock:
    """A clock that moves when told to."""

    at: datetime = NOW

    def now(self) -> datetime:
        """The time that it was set to."""
        return self.at

    def advance(self, **step: float) -> None:
        """Move on."""
        self.at += timedelta(**step)


class World:
    """One issuer, its callers and its database."""

    def __init__(
        self,
        database: str,
        *,
        keys: KeyStore | None = None,
        catalogue: Catalogue | None = None,
        outside: Outside | None = None,
        **settings: Any,
    ) -> None:
        self.settings = Settings(
            **{
                "base_url": BASE,
                "database": database,
                "status_list_size": 128,
                # the tiny wallets here know no encryption
                "unsafe_clear_health_data": True,
                **settings,
            }
        )
        make_tables(self.settings)
        self.clock = HandClock()
        self.runner = asyncio.Runner()
        self.app = create_app(
            self.settings,
            keys=keys or demo_pki().keys,
            clock=self.clock,
            catalogue=catalogue,
            outside=outside,
        )
        self.parts: Parts = self.app.state.parts
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.app), base_url=BASE
        )
        self._keys: dict[tuple[str, frozenset[str]], str] = {}

    def run(self, work: Awaitable[T]) -> T:
        """Wait for something."""

        async def wait() -> T:
            return await work

        return self.runner.run(wait())

    def all_at_once(self, calls: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
        """Start every call before any has ended."""

        async def gather() -> list[T]:
            return await asyncio.gather(*(call() for call in calls))

        return self.runner.run(gather())

    def close(self) -> None:
        """Let go of everything."""
        self.run(self.client.aclose())
        self.parts.database.close()
        self.runner.close()

    def get(self, path: str, **options: Any) -> httpx2.Response:
        """GET a path or address."""
        return self.run(self.client.get(path, **options))

    def post(self, path: str, **options: Any) -> httpx2.Response:
        """POST to a path or address."""
        return self.run(self.client.post(path, **options))

    def api_key(self, org: str = "mallimaa", *types: str, system: str = "tests") -> str:
        """A live API key, made at its first use."""
        wanted = frozenset(types or self.parts.catalogue.organisations[org].types)
        if (org, wanted) not in self._keys:
            create = make_administration(self.parts).create_api_key
            _, self._keys[org, wanted] = self.run(
                create(
                    organisation=org,
                    system=f"{system}-{len(self._keys)}",
                    types=wanted,
                    lifetime=timedelta(days=30),
                )
            )
        return self._keys[org, wanted]

    def auth(self, org: str = "mallimaa", *types: str) -> dict[str, str]:
        """The header of a caller."""
        return {"Authorization": f"Bearer {self.api_key(org, *types)}"}

    def offer(
        self,
        body: Mapping[str, Any] | None = None,
        *,
        org: str = "mallimaa",
        key: str | None = None,
    ) -> dict[str, Any]:
        """Make an offer through the API."""
        headers = self.auth(org) | ({} if key is None else {"Idempotency-Key": key})
        answer = self.post(f"/api/v1/{org}/offers", json=body or offer_body(), headers=headers)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert isinstance(made, dict)
        return made

    def offer_state(self, offer_id: str, *, org: str = "mallimaa") -> dict[str, Any]:
        """What the API tells of an offer."""
        answer = self.get(f"/api/v1/{org}/offers/{offer_id}", headers=self.auth(org))
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert isinstance(told, dict)
        return told

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table."""

        def rows(connection: Any) -> dict[str, list[tuple[object, ...]]]:
            return {
                table.name: sorted(
                    (tuple(row) for row in connection.execute(table.select())), key=repr
                )
                for table in metadata.sorted_tables
            }

        return self.run(self.parts.database.read(rows))
