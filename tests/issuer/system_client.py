"""An issuing system that signs its own assertions, by joserfc, so as not to trust our framing."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey

from issuer.model import ClientKey
from issuer.parts.administration import make_administration
from issuer.usecases.clients.add_client import ClientWish
from issuer.usecases.clients.scopes import Act
from openid4vc.oauth.client_assertion import ASSERTION_TYPE
from tests.issuer.world import BASE, MALLIMAA_TYPE, World


@dataclass
class SystemClient:
    """One system of one organisation with a registered key."""

    world: World
    org: str = "mallimaa"
    name: str = "lifecare"
    types: tuple[str, ...] = (MALLIMAA_TYPE,)
    acts: tuple[Act, ...] = tuple(Act)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))

    @property
    def issuer(self) -> str:
        return f"{BASE}/{self.org}"

    def register(self, *, days: int = 30) -> ClientKey:
        admin = make_administration(self.world.parts)
        return self.world.run(
            admin.add_client(
                ClientWish(
                    organisation=self.org,
                    client=self.name,
                    jwk=self.key.as_dict(private=False),
                    types=self.types,
                    acts=self.acts,
                    lifetime=timedelta(days=days),
                )
            )
        )

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What an assertion says; a change to `...` leaves a claim out."""
        now = int(self.world.clock.now().timestamp())
        self.count = getattr(self, "count", 0) + 1
        claims: dict[str, Any] = {
            "iss": self.name,
            "sub": self.name,
            "aud": self.issuer,
            "jti": f"{self.name}-{id(self)}-{self.count}",
            "iat": now,
            "exp": now + 60,
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not ...}

    def assertion(self, header: dict[str, Any] | None = None, **changes: Any) -> str:
        return jwt.encode({"alg": "ES256", **(header or {})}, self.claims(**changes), self.key)

    def ask(self, assertion: str | None = None, **form: Any) -> httpx2.Response:
        """Ask for a token; a parameter of `...` is left out."""
        data = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(),
            **form,
        }
        sent = {name: value for name, value in data.items() if value is not ...}
        return self.world.post(f"/{self.org}/system-token", data=sent)

    def auth(self, **form: Any) -> dict[str, str]:
        answer = self.ask(**form)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}
