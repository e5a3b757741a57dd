"""A wallet that redeems an offer while its client's phone is reported lost."""

from collections.abc import Mapping
from typing import Any

from issuer.adapters.sql.tables import credentials
from openid4vc.openid4vci.credential import read_credential_response, request_json
from openid4vc.openid4vci.token import read_token_response, token_request_form
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import World


def live(world: World) -> list[str]:
    """Ids of credentials that count."""

    def read(connection: Any) -> list[str]:
        rows = connection.execute(
            credentials.select().where(credentials.c.standing != "revoked")
        ).mappings()
        return [row["id"] for row in rows]

    return world.run(world.parts.database.read(read))


class Redeeming:
    """A wallet that takes an offer as fast as it can, step by step, all over again."""

    def __init__(self, world: World, wallet: TinyWallet, link: str) -> None:
        self.world, self.wallet = world, wallet
        self.offer = wallet.open_link(link)
        self.nonces = [wallet.nonce() for _ in range(8)]
        self.got: list[str] = []

    async def token(self) -> str | None:
        assert self.offer.pre_authorized_code is not None
        form = token_request_form(self.offer.pre_authorized_code, tx_code=None)
        answer = await self.world.client.post("/mallimaa/token", data=form)
        return read_token_response(answer.json()).access_token if answer.is_success else None

    async def credential(self, token: str) -> None:
        proofs = [self.wallet.proof(self.nonces.pop())]
        answer = await self.world.client.post(
            "/mallimaa/credential",
            json=request_json(proofs=proofs, configuration_id="statement_feedback"),
            headers={"Authorization": f"Bearer {token}"},
        )
        if answer.is_success:
            self.got += read_credential_response(answer.json()).credentials

    async def all(self) -> None:
        token = await self.token()
        if token is not None:
            for _ in range(3):
                await self.credential(token)


def race(world: World, racing: Redeeming, *, headers: Mapping[str, str], at: int) -> None:
    """Redeem and report at once; `at` says how far the wallet gets before the report."""

    async def report() -> None:
        # Each empty reading lets the other side get one step further.
        for _ in range(at * 4):
            await world.parts.store.read(lambda _records: None)
        answer = await world.client.post(
            "/api/v1/mallimaa/subjects/lost-phone",
            json={"subject_ref": "client-4711"},
            headers=headers,
        )
        assert answer.status_code == 200, answer.text

    world.all_at_once([racing.all, report])
