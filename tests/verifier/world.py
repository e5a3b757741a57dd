"""A verifier in a box: its own database file, clock and demo keys, called over ASGI."""

import asyncio
import json
import re
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.serialization import Encoding

from credential_schemas.model import Catalogue
from keys.checks import FetchFailed
from keys.devkeys import DemoPki, make_demo_pki
from keys.fetch import Reply
from keys.jose import public_jwk
from keys.software_signer import SoftwareSigner
from keys.trust import TrustList, sign_trust_list
from openid4vc.openid4vp.request import AuthorizationRequest, parse_request_link, read_request
from openid4vc.openid4vp.response import encrypt_response, response_form
from openid4vc.sd_jwt.key_binding import bind
from openid4vc.sd_jwt.model import StatusReference, WantedPath
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from openid4vc.sd_jwt.vc import VcContent, issue_vc
from openid4vc.status_list.bits import Status, StatusList
from openid4vc.status_list.cwt import sign_status_list_cwt
from openid4vc.status_list.token import sign_status_list
from service_kit.sql import Database
from service_kit.system import SystemRandom
from verifier.adapters.trust_lists import Fetching
from verifier.app import MIGRATIONS, create_app
from verifier.model import Evidence, State, Verification
from verifier.settings import Settings
from verifier.usecases.staff_model import StaffPerson

T = TypeVar("T")

BASE = "https://desk.test"
NOW = datetime(2026, 11, 24, 9, 30, 12, tzinfo=UTC)
PAYLOADS = Path(__file__).parents[1] / "fixtures" / "payloads"
STAFF = "liisa.virkailija"
PASSWORD = "kuusi hiljaista polkua"
STATUS_URI = "https://issuer.test/{org}/status-lists/1"
FILES = {
    "self_assessment_result": "01_self_assessment_result.json",
    "statement_feedback": "02_statement_feedback.json",
    "authority_decision": "03_authority_decision.json",
}
TYPE_OF = {
    "te_initial_interview": "self_assessment_result",
    "te_service_need": "statement_feedback",
    "te_benefit_coordination": "authority_decision",
}
ISSUER_OF = {
    "self_assessment_result": "itsearviointi",
    "statement_feedback": "mallimaa",
    "authority_decision": "kela",
}
PERSON: tuple[WantedPath, ...] = (("given_name",), ("family_name",), ("birthdate",))
REQUIRED: Mapping[str, tuple[WantedPath, ...]] = {
    "self_assessment_result": (
        *PERSON,
        ("assessment_instrument",),
        ("assessment_date",),
        ("work_ability_score",),
        ("support_needs",),
        ("recommended_next_step",),
    ),
    "statement_feedback": (
        *PERSON,
        ("work_ability_conclusion",),
        ("employment_impact",),
        ("recommended_services",),
        ("restriction_valid_until",),
    ),
    "authority_decision": (*PERSON, ("benefit_or_service",), ("decision_outcome",)),
}


@cache
def demo_pki() -> DemoPki:
    """The demo's organisations, drawn once."""
    return make_demo_pki(at=NOW - timedelta(days=1))


@cache
def password_hash() -> str:
    """The hash of `PASSWORD` with next to no work, so that the tests need none either."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@cache
def empty_database() -> bytes:
    """A SQLite file of the newest schema, made once."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "empty.db"
        database = Database(f"sqlite:///{file}")
        database.upgrade(MIGRATIONS)
        database.close()
        return file.read_bytes()


def claims_of(type_id: str) -> dict[str, Any]:
    """Fictional claims of a type, fresh each time."""
    claims = json.loads((PAYLOADS / FILES[type_id]).read_text())["claims"]
    assert isinstance(claims, dict)
    return claims


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


@dataclass
class StatusHost:
    """Serves status lists without a network; can be told to be unreachable, old or lying."""

    clock: HandClock
    reachable: bool = True
    made_at: datetime | None = None
    lifetime: timedelta = timedelta(days=3)
    entries: int = 128
    statuses: dict[int, Status] = field(default_factory=dict)
    raw: str | None = None
    content_type: str = "application/statuslist+jwt"
    answers_cwt: bool = False
    signed_by: str | None = None
    numbers: tuple[int, ...] = (1,)
    aggregated: bool = False
    ttl: timedelta = timedelta(minutes=15)
    fetched: list[str] = field(default_factory=list)

    async def get(self, url: str, *, accept: str, max_bytes: int | None = None) -> Reply:
        """Answer like an issuer's status list address."""
        assert max_bytes is not None
        self.fetched.append(url)
        if not self.reachable:
            raise FetchFailed("unreachable")
        if accept == "application/json":
            named = {"status_lists": [url + f"/{number}" for number in self.numbers]}
            return Reply(200, "application/json", {}, json.dumps(named).encode())
        assert "application/statuslist+jwt" in accept
        assert "application/statuslist+cwt" in accept
        if self.answers_cwt:
            return Reply(200, "application/statuslist+cwt", {}, self.cwt(url))
        body = self.raw if self.raw is not None else self.token(url)
        return Reply(200, self.content_type, {}, body.encode())

    def token(self, url: str) -> str:
        """A freshly signed list."""
        entries = self._entries()
        if self.aggregated:
            entries.aggregation_uri = url.rsplit("/", 1)[0]
        return sign_status_list(entries, **self._said(url))

    def cwt(self, url: str) -> bytes:
        """The same list in its binary form."""
        return sign_status_list_cwt(self._entries(), **self._said(url))

    def _entries(self) -> StatusList:
        entries = StatusList(self.entries)
        for index, status in self.statuses.items():
            entries.set(index, status)
        return entries

    def _said(self, url: str) -> dict[str, Any]:
        made_at = self.made_at or self.clock.now()
        return {
            "uri": url,
            "issued_at": made_at,
            "expires_at": made_at + self.lifetime,
            "ttl": self.ttl,
            "signer": demo_pki().signer(self.signed_by or url.split("/")[3], "status-list"),
        }


@dataclass(frozen=True)
class Card:
    """One credential in a holder's wallet."""

    text: str
    holder: SoftwareSigner


@dataclass(frozen=True)
class Order:
    """How a card is to be made; the default is a good one."""

    type_id: str = "self_assessment_result"
    org: str | None = None
    index: int = 7
    issued_days_ago: int = 1
    days: int = 90
    claims: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    with_status: bool = True
    with_holder: bool = True
    signer: SoftwareSigner | None = None


_salts = SystemRandom()


def make_card(order: Order = Order(), *, holder: SoftwareSigner | None = None) -> Card:
    """Issue a card as the demo's organisations do."""
    org = order.org or ISSUER_OF[order.type_id]
    holder = holder or SoftwareSigner.generate()
    claims = {**claims_of(order.type_id), **order.claims}
    for name in order.without:
        del claims[name]
    issued = (NOW - timedelta(days=order.issued_days_ago)).date()
    content = VcContent(
        vct=f"urn:kykylompakko:{order.type_id.replace('_', '-')}:1",
        issuer=f"https://issuer.test/{org}",
        claims=claims,
        always=frozenset({"issuing_authority", "issuing_country", "information_source"}),
        issued_on=issued,
        expires_at=datetime(issued.year, issued.month, issued.day, tzinfo=UTC)
        + timedelta(days=order.days),
        holder_jwk=public_jwk(holder.public_key) if order.with_holder else None,
        status=StatusReference(STATUS_URI.format(org=org), order.index)
        if order.with_status
        else None,
    )
    signer = order.signer or demo_pki().signer(org, "credential")
    return Card(issue_vc(content, signer=signer, random_bytes=_salts.bytes), holder)


class World:
    """One verifier, its callers and its database."""

    def __init__(
        self,
        directory: Path,
        *,
        database: str | None = None,
        fetcher: Fetching | None = None,
        catalogue: Catalogue | None = None,
        raise_bugs: bool = True,
        **settings: Any,
    ) -> None:
        self.database_file = directory / "verifier.db"
        self.trust_file = directory / "trust-list.jws"
        anchor = directory / "operator.pem"
        anchor.write_bytes(demo_pki().operator_anchor.public_bytes(Encoding.PEM))
        self.trust_file.write_text(demo_pki().trust_list_jws)
        self.settings = Settings(
            base_url=settings.pop("base_url", BASE),
            database=database or f"sqlite:///{self.database_file}",
            operator_anchor=anchor,
            trust_list=str(self.trust_file),
            **settings,
        )
        if database is None and not self.database_file.exists():
            self.database_file.write_bytes(empty_database())
        self.clock = HandClock()
        self.status = StatusHost(self.clock)
        self.runner = asyncio.Runner()
        self.app = create_app(
            self.settings,
            keys=demo_pki().keys,
            clock=self.clock,
            fetcher=fetcher or self.status,
            catalogue=catalogue,
        )
        self.parts = self.app.state.parts
        if database is not None:
            self.parts.database.upgrade(MIGRATIONS)
        self.run(self.parts.refresh())
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.app, raise_app_exceptions=raise_bugs),
            base_url=self.settings.base_url,
        )
        self.key = self.new_key()
        self.add_staff()

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

    def new_key(self, role: str = "te_office", label: str = "Tiski 1") -> str:
        """A live API key."""
        _, text = self.run(self.parts.create_key(role=role, label=label, life=timedelta(days=30)))
        assert isinstance(text, str)
        return text

    def add_staff(
        self, name: str = STAFF, *, roles: tuple[str, ...] = ("te_office",), display: str = ""
    ) -> StaffPerson:
        """Somebody who may sign in with `PASSWORD`; there already when the database is."""
        person = StaffPerson(
            id=f"staff_{name}",
            display_name=display or name.replace(".", " ").title(),
            roles=frozenset(roles),
            created_at=self.clock.now(),
            sign_in_name=name,
            password_hash=password_hash(),
        )
        self.run(self.parts.staff.book.add(person))
        return person

    @property
    def bearer(self) -> dict[str, str]:
        """The headers of a calling system."""
        return {"Authorization": f"Bearer {self.key}"}

    def put_trust_list(self, trust_list: TrustList) -> None:
        """Put another signed list where the verifier reads it."""
        signer = demo_pki().signer("trust-operator", "trust-list")
        self.trust_file.write_text(sign_trust_list(trust_list, signer))

    def trust_list(self, **changes: Any) -> TrustList:
        """The demo's trust list with changes."""
        return replace(demo_pki().trust_list, **changes)

    def evidence(self) -> list[Evidence]:
        """What an auditor finds."""
        records: list[Evidence] = list(self.run(self.parts.verifications.evidence()))
        return records

    def start(self, profile: str = "te_initial_interview", **way: str) -> "Asked":
        """Start a verification over the interface."""
        body = {"profile": profile, **way}
        reply = self.post("/api/v1/verifications", json=body, headers=self.bearer)
        assert reply.status_code == 201, reply.text
        return Asked(self, reply.json())

    def bytes_on_disk(self) -> bytes:
        """Everything that the database has written."""
        files = self.database_file.parent.glob("verifier.db*")
        return b"".join(file.read_bytes() for file in sorted(files))


class Asked:
    """One verification, with the wallet's side of it."""

    def __init__(self, world: World, started: Mapping[str, Any]) -> None:
        self.world = world
        self.started = started
        self.id: str = started["id"]
        self.code: str | None = None  # what the wallet that answered is told to read out
        self.page: str | None = None  # where a browser shows it

    @property
    def ref(self) -> str:
        """The unguessable part of the wallet's addresses."""
        return str(self.started["request_uri"]).rsplit("/", 1)[1]

    def fetch(self) -> AuthorizationRequest:
        """Read the request as a careful wallet does."""
        link = parse_request_link(self.started["request_link"])
        reply = self.world.get(link.request_uri)
        assert reply.status_code == 200, reply.text
        return read_request(
            reply.text, link=link, trust=demo_pki().trust_list, at=self.world.clock.now()
        ).request

    def present(
        self,
        card: Card,
        request: AuthorizationRequest,
        *,
        wanted: Sequence[WantedPath] | None = None,
        **binding: Any,
    ) -> str:
        """Choose what goes along and bind it to the request."""
        if wanted is None:
            wanted = REQUIRED[request.query.credentials[0].id]
        chosen = select(parse(card.text), wanted)
        said = {
            "signer": card.holder,
            "audience": request.client_id,
            "nonce": request.nonce,
            "at": self.world.clock.now(),
        }
        return bind(chosen, **{**said, **binding})

    def send(self, request: AuthorizationRequest, *presentations: str) -> httpx2.Response:
        """Encrypt and post presentations under the first query id."""
        token = {request.query.credentials[0].id: list(presentations)}
        form = response_form(encrypt_response(request, token))
        reply = self.world.post(request.response_uri, data=form)
        self.code = reply.json().get("confirmation_code")
        self.page = reply.json().get("redirect_uri")
        return reply

    def answer(
        self,
        card: Card | None = None,
        wanted: Sequence[WantedPath] | None = None,
        *,
        read_out: bool = True,
        **binding: Any,
    ) -> "Asked":
        """Fetch, present, send, and have the code typed; the wallet never learns anything else."""
        request = self.fetch()
        card = card or make_card(Order(request.query.credentials[0].id))
        reply = self.send(request, self.present(card, request, wanted=wanted, **binding))
        assert (reply.status_code, set(reply.json())) == (
            200,
            {"redirect_uri", "confirmation_code"},
        )
        if read_out and self.stored().state is State.CODE_PENDING:
            self.read_out()
        return self

    def stored(self) -> Verification:
        """What the database holds of it, whoever asked."""
        verification = self.world.run(self.world.parts.verifications.find(self.id))
        assert isinstance(verification, Verification)
        return verification

    def read_out(self) -> None:
        """Let whoever asked type the right code."""
        confirm = self.world.parts.services.confirm
        self.world.run(confirm(self.id, owner=self.stored().owner, typed=self.code))

    def confirm(self, code: str | None = None) -> httpx2.Response:
        """Type a code, the right one when none is named."""
        return self.world.post(
            f"/api/v1/verifications/{self.id}/code",
            json={"code": code or self.code},
            headers=self.world.bearer,
        )

    def read(self, *, with_key: bool = True) -> dict[str, Any]:
        """Read where it stands."""
        headers = dict(self.world.bearer)
        if with_key:
            headers["Kyky-Result-Key"] = self.started["result_key"]
        reply = self.world.get(f"/api/v1/verifications/{self.id}", headers=headers)
        assert reply.status_code == 200, reply.text
        state: dict[str, Any] = reply.json()
        return state

    def identity(self, identity: str = "compared") -> httpx2.Response:
        """Record what comparing the person gave."""
        return self.world.post(
            f"/api/v1/verifications/{self.id}/identity",
            json={"identity": identity},
            headers=self.world.bearer,
        )

    def close(self) -> httpx2.Response:
        """Close it."""
        return self.world.post(f"/api/v1/verifications/{self.id}/close", headers=self.world.bearer)

    def verdict(self) -> tuple[str | None, str | None, str | None]:
        """Outcome, code, and the check that failed."""
        state = self.read()
        failed = [one["check"] for one in state["checks"] if one["result"] == "failed"]
        return state["outcome"], state["code"], failed[0] if failed else None


class Browser:
    """Staff at the desk: follows redirects, keeps cookies, finds form tokens."""

    def __init__(self, world: World, lang: str = "fi") -> None:
        self.world = world
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=world.app),
            base_url=BASE,
            follow_redirects=True,
            headers={"Accept-Language": lang},
        )
        self.page: httpx2.Response | None = None

    def open(self, path: str) -> str:
        """Go to a page."""
        self.page = self.world.run(self.client.get(path))
        return self.page.text

    def submit(self, action: str, **fields: str) -> str:
        """Post a form of the page at hand, with its token."""
        assert self.page is not None
        token = re.search(r'name="token" value="([^"]+)"', self.page.text)
        data = {"token": token.group(1) if token else "", **fields}
        self.page = self.world.run(self.client.post(action, data=data))
        return self.page.text

    def sign_in(self, name: str = STAFF) -> str:
        """Sign in with a name and the password that everybody here has."""
        self.open("/desk/sign-in")
        return self.submit("/desk/sign-in", name=name, password=PASSWORD)

    @property
    def path(self) -> str:
        """Where the browser is."""
        assert self.page is not None
        return self.page.url.path

    def ask(self, profile: str = "te_initial_interview") -> Asked:
        """Start a request at the desk, and return the wallet's side of it."""
        self.open("/desk")
        page = self.submit("/desk/start", profile=profile)
        link = re.search(r'href="(openid4vp:[^"]+)"', page)
        assert link is not None, page
        text = link.group(1).replace("&amp;", "&")
        return Asked(
            self.world,
            {
                "id": self.path.rsplit("/", 1)[1],
                "request_link": text,
                "request_uri": parse_request_link(text).request_uri,
                "result_key": "",
            },
        )
