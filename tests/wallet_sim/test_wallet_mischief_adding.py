"""Each misbehaviour of a wallet that signs in is caught by the check that it names."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from os import urandom

import httpx2
import pytest

from keys.devkeys import make_demo_pki
from keys.jose import public_jwk, thumbprint
from keys.software_signer import SoftwareSigner
from openid4vc.oauth.authorization import PushedRequest, pushed_request_form
from openid4vc.oauth.pkce import code_challenge
from openid4vc.openid4vci.code_request import CodeRequest, code_request_form
from openid4vc.openid4vci.credential import request_json
from openid4vc.openid4vci.token import refresh_request_form
from tests.issuer.asking import CLIENT_ID, PROVIDER, REDIRECT, AskingWorld, Browser, parameters
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, MALLIMAA_TYPE, NOW, demo_pki
from wallet_sim.mischief_adding import adding_misbehaviours
from wallet_sim.mischief_calls import AddingManners, Form, Place, Step

STRANGER = SoftwareSigner.generate()
ALL = adding_misbehaviours(STRANGER, make_demo_pki(at=NOW).signer(PROVIDER, "wallet-attestation"))
HONEST = AddingManners()
VERIFIER = "v" * 43


@dataclass
class Misbehaving:
    """A wallet at the product's own issuer; it behaves well except at one step."""

    world: AskingWorld
    instance: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    key: SoftwareSigner = field(default_factory=SoftwareSigner.generate)

    def place(self, token: str | None) -> Place:
        return Place(
            provider=demo_pki().signer(PROVIDER, "wallet-attestation"),
            instance=self.instance,
            key=self.key,
            client_id=CLIENT_ID,
            issuer=f"{BASE}/mallimaa",
            at=self.world.clock.now(),
            nonce=self.world.post("/mallimaa/nonce").headers["DPoP-Nonce"],
            new_id=lambda: urandom(12).hex(),
            access_token=token,
        )

    def call(
        self, step: Step, manners: AddingManners, form: Form, token: str | None = None
    ) -> httpx2.Response:
        """Make one call; returns the last answer."""
        sent = {"json": self.request()} if step is Step.ASK else {"data": manners.form(form)}
        calls = [
            (shown, sent)
            for shown in (manners.shown(step, self.place(token)) for _ in range(manners.times_made))
            for _ in range(manners.times_sent)
        ]
        answers = [
            self.world.post(f"/mallimaa/{step.path}", headers=shown, **sent)
            for shown, sent in calls
        ]
        return answers[-1]

    def request(self) -> dict[str, object]:
        proofs = [TinyWallet(self.world).proof()]
        return request_json(proofs=proofs, configuration_id=MALLIMAA_TYPE)

    def goes(self, step: Step, manners: AddingManners) -> httpx2.Response:
        """Go honestly to a step; returns its answer."""

        def at(here: Step) -> AddingManners:
            return manners if here is step else HONEST

        asked = PushedRequest(
            client_id=CLIENT_ID,
            redirect_uri=REDIRECT,
            code_challenge=code_challenge(VERIFIER),
            scopes=frozenset({MALLIMAA_TYPE}),
            dpop_jkt=thumbprint(public_jwk(self.key.public_key)),
        )
        pushed = self.call(Step.PUSH, at(Step.PUSH), pushed_request_form(asked))
        if step is Step.PUSH:
            return pushed
        redeem = CodeRequest(self.code(pushed.json()), REDIRECT, VERIFIER, CLIENT_ID)
        redeemed = self.call(Step.REDEEM, at(Step.REDEEM), code_request_form(redeem))
        if step is Step.REDEEM:
            return redeemed
        told = redeemed.json()
        if step is Step.REFRESH:
            return self.call(step, manners, refresh_request_form(told["refresh_token"]))
        return self.call(step, manners, {}, told["access_token"])

    def code(self, pushed: dict[str, str]) -> str:
        browser = Browser(self.world)
        query = httpx2.QueryParams(client_id=CLIENT_ID, request_uri=pushed["request_uri"])
        sent = browser.answer(browser.sign_in(f"/mallimaa/authorize?{query}"))
        return parameters(sent.headers["location"])["code"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AskingWorld]:
    folder = tmp_path_factory.mktemp("issuer")
    world = AskingWorld(f"sqlite:///{folder}/issuer.db", folder)
    yield world
    world.close()


@pytest.mark.parametrize(
    ("step", "status"),
    [(Step.PUSH, 201), (Step.REDEEM, 200), (Step.REFRESH, 200), (Step.ASK, 200)],
)
def test_the_honest_way_leads_through_every_step(
    world: AskingWorld, step: Step, status: int
) -> None:
    answer = Misbehaving(world).goes(step, HONEST)
    assert answer.status_code == status, answer.text


@pytest.mark.req(
    "VCI-40",
    "VCI-41",
    "VCI-43",
    "DPOP-03",
    "DPOP-05",
    "DPOP-07",
    "DPOP-08",
    "ABCA-02",
    "ABCA-04",
    "ABCA-05",
    "ABCA-06",
    "ABCA-07",
    "ABCA-10",
    "ABCA-14",
    "ABCA-16",
    "ABCA-18",
    "ABCA-21",
)
@pytest.mark.parametrize("name", ALL)
def test_each_misbehaviour_is_caught_by_its_check(world: AskingWorld, name: str) -> None:
    misbehaviour = ALL[name]
    answer = Misbehaving(world).goes(misbehaviour.step, misbehaviour.manners)
    assert answer.status_code in {400, 401}, answer.text
    caught = answer.json()["error_description"].partition(":")[0]
    assert caught == misbehaviour.code
