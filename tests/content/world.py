"""Everybody in one process: an issuer, a wallet, and the desks of every kind of receiver.

What is issued, received, asked, shown and checked here goes through the product's own code from end
to end; only the network between the three is a few lines of memory.
"""

import asyncio
import html
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from os import urandom
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx2
from cryptography.hazmat.primitives.serialization import Encoding

from credential_schemas.loader import load_catalogue
from credential_schemas.model import Catalogue
from keys.fetch import Reply
from keys.software_signer import SoftwareSigner
from keys.trust import sign_trust_list
from openid4vc.openid4vp.response import (
    AuthorizationResponse,
    encrypt_response,
    read_response,
    response_form,
)
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.key_binding import bind
from openid4vc.sd_jwt.model import DisclosedClaims
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from tests.issuer import world as issuing
from tests.verifier import world as verifying
from verifier.usecases.request_secrets import SecretSealer
from wallet_sim.consent import Wish
from wallet_sim.held import holder_signer
from wallet_sim.memory_store import MemoryStore
from wallet_sim.model import Contents
from wallet_sim.offline import Offline
from wallet_sim.present import OpenRequest
from wallet_sim.tools import Tools
from wallet_sim.trusting import first_settings
from wallet_sim.wallet import Wallet

PAYLOADS = Path(__file__).parents[1] / "fixtures" / "payloads"
NOW = verifying.NOW
RECEIVERS: Mapping[str, str] = {
    "te_office": "te-toimisto-malli",
    "health_centre": "sote-keskus-malli",
    "social_services": "sote-keskus-malli",
    "kela": "kela-neuvonta-malli",
    "work_ability_network": "tyokykyverkosto-malli",
    "employer": "tyonantaja-malli",
    "municipality_or_ngo": "jarjesto-malli",
}
"""Who asks in which role; `demo_plan.toml` has them."""

ISSUERS: Mapping[str, str] = {
    "01": "itsearviointi",
    "02": "mallimaa",
    "03": "kela",
    "04": "tyollisyysalue",
    "05": "tyollisyysalue",
    "06": "mallimaa",
    "07": "palvelutarjotin",
    "08": "mallimaa",
    "09": "oppilaitos",
    "10": "tyollisyysalue",
    "12": "tyollisyysalue",
}
"""Who issues which example."""

Place = tuple[str | int, ...]
PROTOCOL = frozenset({"iss", "vct", "iat", "nbf", "exp", "cnf", "status", "vct#integrity"})


@dataclass(frozen=True)
class Example:
    """One example payload."""

    type_id: str
    claims: Mapping[str, Any]


def example(number: str) -> Example:
    """Read an example by the number before its name."""
    data = json.loads(next(PAYLOADS.glob(f"{number}_*.json")).read_text("utf-8"))
    return Example(data["credential_type"], data["claims"])


class Network:
    """Carries calls between the wallet, the issuer and the desk at hand.

    Attributes:
        posted: the forms that the wallet has sent, by address.
        served: texts that stand at addresses of nobody's, for hand-made requests.
    """

    def __init__(self, issuer: issuing.World) -> None:
        self.issuer = issuer
        self.desk: verifying.World | None = None
        self.posted: list[tuple[str, Mapping[str, str]]] = []
        self.served: dict[str, str] = {}

    async def get(self, url: str, *, accept: str, max_bytes: int | None = None) -> Reply:
        """Fetch from whoever is there."""
        del max_bytes
        if url in self.served:
            media_type = "application/oauth-authz-req+jwt"
            return Reply(200, media_type, {}, self.served[url].encode())
        return _reply(await self._client(url).get(url, headers={"Accept": accept}))

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send to whoever is there; what went to a response address is noted."""
        if "/responses/" in url:
            self.posted.append((url, dict(form or {})))
        sent: dict[str, Any] = {"headers": dict(headers or {})}
        if form is not None:
            sent["content"] = urlencode(form)
            sent["headers"]["Content-Type"] = "application/x-www-form-urlencoded"
        if json is not None:
            sent["json"] = json
        return _reply(await self._client(url).post(url, **sent))

    def _client(self, url: str) -> httpx2.AsyncClient:
        if url.startswith(issuing.BASE):
            return self.issuer.client
        assert self.desk is not None, url
        return self.desk.client


def _reply(answer: httpx2.Response) -> Reply:
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Reply(answer.status_code, media_type, dict(answer.headers), answer.content)


class _OsRandom:
    def bytes(self, count: int) -> bytes:
        return urandom(count)


@dataclass(frozen=True)
class _Source:
    trust_list_jws: str

    async def read(self, location: str) -> str:
        assert location
        return self.trust_list_jws


def trust_list_for(catalogue: Catalogue) -> str:
    """The demo's trust list, with each issuer for the types that the catalogue gives it."""
    pki = verifying.demo_pki()
    issuers = tuple(
        replace(
            issuer,
            vcts=frozenset(
                catalogue.types[one].vct for one in catalogue.organisations[issuer.id].types
            ),
        )
        for issuer in pki.trust_list.issuers
    )
    return sign_trust_list(
        replace(pki.trust_list, issuers=issuers), pki.signer("trust-operator", "trust-list")
    )


class Everybody:
    """The issuer, the receivers, and wallets as they are wanted."""

    def __init__(self, directory: Path, *, extra: Path | None = None) -> None:
        self.directory = directory
        self.extra = extra
        self.catalogue = load_catalogue(extra=extra)
        self.trust_list_jws = trust_list_for(self.catalogue)
        self.issuer = issuing.World(
            f"sqlite:///{directory / 'issuer.db'}",
            keys=verifying.demo_pki().keys,
            extra_catalogue=extra,
        )
        self.network = Network(self.issuer)
        self.runner: asyncio.Runner = self.issuer.runner
        self._desks: dict[str, Desk] = {}
        self._stores: dict[int, MemoryStore] = {}

    def close(self) -> None:
        """Let go of everything."""
        for desk in self._desks.values():
            desk.close()
        self.issuer.close()

    def desk(self, role: str) -> "Desk":
        """The desk of a role, with somebody signed in at it; the same one each time."""
        if role not in self._desks:
            self._desks[role] = Desk(self, role)
        self.network.desk = self._desks[role].world
        return self._desks[role]

    def wallet(self, *numbers: str, **changes: Mapping[str, Any]) -> Wallet:
        """A new wallet that has received these examples from who issues them.

        Args:
            numbers: of the examples.
            changes: `n04={...}`: claims of example 04 that are others than in the file.
        """
        made = self._empty_wallet()
        for number in numbers:
            self.give(made, number, **changes.get(f"n{number}", {}))
        return made

    def give(self, wallet: Wallet, number: str, *, org: str | None = None, **claims: Any) -> None:
        """Have an example offered and received."""
        chosen, org = example(number), org or ISSUERS[number]
        body = {
            "type": chosen.type_id,
            "claims": {**chosen.claims, **claims},
            "subject_ref": f"client-{number}",
            "delivery": {"channel": "screen", "pin": False},
        }
        link = self.issuer.offer(body, org=org)["offer_link"]
        self.runner.run(wallet.receive(link))

    def _empty_wallet(self) -> Wallet:
        pki = verifying.demo_pki()
        clock = verifying.HandClock()
        settings, _ = first_settings(
            location="trust-list.jws",
            jws=self.trust_list_jws,
            operator_pem=pki.operator_anchor.public_bytes(Encoding.PEM),
            clock=clock,
        )
        tools = Tools(
            network=self.network,
            clock=clock,
            random=_OsRandom(),
            new_key=SoftwareSigner.generate,
            catalogue=self.catalogue,
        )
        store = MemoryStore(Contents(trust=settings))
        made = Wallet(store=store, tools=tools, trust_source=_Source(self.trust_list_jws))
        self._stores[id(made)] = store
        return made

    def offline(self, wallet: Wallet) -> Offline:
        """The same wallet without a network."""
        return Offline(
            store=self._stores[id(wallet)],
            clock=verifying.HandClock(),
            random=_OsRandom(),
            catalogue=self.catalogue,
        )


class Desk:
    """One receiver's desk, and a member of its staff in one role."""

    def __init__(self, everybody: Everybody, role: str) -> None:
        self.everybody = everybody
        self.role = role
        place = everybody.directory / role
        place.mkdir()
        self.world = verifying.World(
            place,
            fetcher=everybody.network,
            organisation=RECEIVERS[role],
            role=role,
            extra_catalogue=everybody.extra,
        )
        self.world.trust_file.write_text(everybody.trust_list_jws)
        self.world.run(self.world.parts.refresh())
        self.world.runner.close()
        self.world.runner = everybody.runner
        self.world.add_staff(f"{role}.staff", roles=(role,))
        self.browser = verifying.Browser(self.world)
        self.browser.sign_in(f"{role}.staff")

    def close(self) -> None:
        """Let go of it; the runner is not its own."""
        run = self.everybody.runner.run
        run(self.browser.client.aclose())
        run(self.world.client.aclose())
        self.world.parts.database.close()

    def ask(self, profile_id: str) -> "Showing":
        """Start a task at the desk."""
        return Showing(self, profile_id)


class Showing:
    """One task at a desk, from the first click to the outcome page."""

    def __init__(self, desk: Desk, profile_id: str) -> None:
        self.desk = desk
        self.profile = desk.everybody.catalogue.profiles[profile_id]
        self.asked = desk.browser.ask(profile_id)
        sealer = SecretSealer(verifying.demo_pki().keys.secret("verifier-sealing"))
        sealed = self._run(desk.world.parts.verifications.secrets(self.asked.id))
        self._secrets = sealer.open(sealed, verification_id=self.asked.id)
        self.response: AuthorizationResponse | None = None

    def _run(self, work: Any) -> Any:
        return self.desk.everybody.runner.run(work)

    def open(self, wallet: Wallet) -> OpenRequest:
        """Let the wallet read and weigh the request."""
        opened: OpenRequest = self._run(wallet.open_request(self.asked.started["request_link"]))
        return opened

    def answer(self, wallet: Wallet, wish: Wish | None = None, **said: Any) -> "Showing":
        """Let the wallet show, the client read the code out, and staff compare the person."""
        receipt = self._run(wallet.share(self.open(wallet), wish or Wish(), **said))
        url, form = self.desk.everybody.network.posted[-1]
        assert url.endswith(self.asked.ref)
        read = read_response(
            parse_qsl(urlencode(form)), key=self._secrets.key, state=self._secrets.state
        )
        assert isinstance(read, AuthorizationResponse)
        self.response = read
        return self._read_out(receipt.confirmation_code)

    def answer_in_part(self, wallet: Wallet, query_id: str, only: Place) -> "Showing":
        """Let a wallet of another make show one element of a list, and not the list."""
        return self.answer_otherwise(wallet, {query_id: only})

    def answer_otherwise(
        self, wallet: Wallet, parts: Mapping[str, Place], *, times: int = 1
    ) -> "Showing":
        """Let a wallet of another make answer.

        Args:
            wallet: whose cards.
            parts: query ids to the one element that is shown in place of its list.
            times: how often every card is shown.
        """
        opened = self.open(wallet)
        vp_token: dict[str, list[str]] = {}
        for choice in opened.choices() * times:
            places = list(choice.answer.places)
            if only := parts.get(choice.part.query.id):
                places = [place for place in places if place[:1] != only[:1]] + [only]
            text = bind(
                select(choice.held.sd_jwt, places),
                signer=holder_signer(choice.held.card),
                audience=opened.request.client_id,
                nonce=opened.request.nonce,
                at=self.desk.world.clock.now(),
            )
            vp_token.setdefault(choice.part.query.id, []).append(text)
        form = response_form(encrypt_response(opened.request, vp_token))
        reply = self.desk.world.post(opened.request.response_uri, data=form)
        return self._read_out(reply.json()["confirmation_code"])

    def answer_by_codes(self, wallet: Wallet) -> "Showing":
        """Let the wallet answer without network: a code on the desk's screen, codes on its own."""
        browser, asked = self.desk.browser, self.asked
        page = browser.open(f"/desk/ask/{asked.id}/offline")
        link = re.search(r'<p class="link-text">([^<]+)</p>', page)
        assert link is not None
        offline = self.desk.everybody.offline(wallet)
        opened = offline.open_challenge(html.unescape(link.group(1)))
        frames = offline.answer(opened, draw=list)
        browser.open(f"/desk/scan/{asked.id}")
        browser.submit(f"/desk/scan/{asked.id}", text=" ".join(frames))
        return self

    def _read_out(self, code: str | None) -> "Showing":
        browser, asked = self.desk.browser, self.asked
        browser.open(f"/desk/ask/{asked.id}")
        if "/code/" in browser.path:
            browser.submit(f"/desk/code/{asked.id}", code=code or "")
        return self

    def compare(self, identity: str = "compared") -> "Showing":
        """Compare the person, where the task asks for it."""
        if self.profile.identity_check == "compare":
            browser = self.desk.browser
            browser.open(f"/desk/identity/{self.asked.id}")
            browser.submit(f"/desk/identity/{self.asked.id}", identity=identity)
        return self

    def outcome(self, lang: str = "fi") -> str:
        """The words of the outcome page, with one space between them."""
        return page_text(self.desk.browser.open(f"/desk/outcome/{self.asked.id}?lang={lang}"))

    def close(self) -> None:
        """Clear the desk."""
        self.desk.browser.submit(f"/desk/close/{self.asked.id}")

    def sent(self) -> list[tuple[str, DisclosedClaims]]:
        """What left the wallet, card by card: query id and disclosed claims."""
        assert self.response is not None
        return [
            (query_id, disclose(parse(text)))
            for query_id, texts in self.response.vp_token.items()
            for text in texts
        ]


def page_text(page: str) -> str:
    """A page's words without its markup."""
    body = page.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    assert body, page[:400]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


@contextmanager
def everybody(directory: Path, *, extra: Path | None = None) -> Iterator[Everybody]:
    """Everybody, and an end."""
    made = Everybody(directory, extra=extra)
    try:
        yield made
    finally:
        made.close()
