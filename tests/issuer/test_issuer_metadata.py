"""What wallets and issuing systems read first."""

from typing import Any

import pytest

from openid4vc.openid4vci.token import GRANT, REFRESH_GRANT
from tests.issuer.wallet import TinyWallet
from tests.issuer.world import BASE, World

ISSUER = "/.well-known/openid-credential-issuer"
SERVER = "/.well-known/oauth-authorization-server"


@pytest.mark.req("VCI-01", "VCI-07", "VCI-08", "VCI-12", "VCI-13", "VCI-16", "VCI-76", "HAIP-05")
@pytest.mark.parametrize("org", ["itsearviointi", "mallimaa", "kela", "elake", "tyollisyysalue"])
def test_each_organisation_is_an_issuer_of_its_own_types(world: World, org: str) -> None:
    issuer, server = TinyWallet(world, org).metadata()
    raw = world.get(f"{ISSUER}/{org}").json()

    assert raw["credential_issuer"] == f"{BASE}/{org}"
    assert set(raw["credential_configurations_supported"]) == set(
        world.parts.catalogue.organisations[org].types
    )
    for configuration in raw["credential_configurations_supported"].values():
        assert configuration["format"] == "dc+sd-jwt"
        assert configuration["proof_types_supported"]["jwt"][
            "proof_signing_alg_values_supported"
        ] == ["ES256"]
        assert configuration["cryptographic_binding_methods_supported"] == ["jwk"]
        assert configuration["credential_metadata"]["display"]
        assert configuration["vct"].startswith("urn:kykylompakko:")
    assert raw["batch_credential_issuance"] == {"batch_size": 10}
    assert issuer is not None
    assert server is not None


@pytest.mark.req("VCI-03", "VCI-17", "VCI-37")
def test_metadata_are_public_json_that_may_be_kept_shortly(world: World) -> None:
    for path in (f"{ISSUER}/mallimaa", f"{SERVER}/mallimaa"):
        answer = world.get(path, headers={"Accept": "application/json, application/jwt;q=0.9"})
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert world.get(path.replace("mallimaa", "nobody")).status_code == 404
        # An organisation that issues nothing yet is no issuer yet.
        nothing = [
            name
            for name, organisation in world.parts.catalogue.organisations.items()
            if not organisation.types
        ]
        for name in nothing:
            assert world.get(path.replace("mallimaa", name)).status_code == 404
        assert world.get(path.removesuffix("/mallimaa")).status_code == 404
        assert world.get(f"/mallimaa{path.removesuffix('/mallimaa')}").status_code == 404
    server = world.get(f"{SERVER}/mallimaa").json()
    assert server["grant_types_supported"] == [GRANT, REFRESH_GRANT]
    assert server["pre-authorized_grant_anonymous_access_supported"] is True


@pytest.mark.req("TSL-13", "VCI-45")
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", f"{ISSUER}/mallimaa"), ("POST", "/mallimaa/nonce"), ("POST", "/mallimaa/token")],
)
def test_wallets_in_browsers_may_call_the_wallet_endpoints(
    world: World, method: str, path: str
) -> None:
    headers = {"Origin": "https://wallet.example", "Access-Control-Request-Method": method}
    asked = world.run(world.client.options(path, headers=headers))
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in asked.headers


@pytest.mark.req("VCI-45", "VCI-60", "VCI-64")
@pytest.mark.parametrize("endpoint", ["credential", "deferred-credential", "notification"])
def test_a_wallet_in_a_browser_may_show_its_token_and_encrypt(world: World, endpoint: str) -> None:
    headers = {
        "Origin": "https://wallet.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    asked = world.run(world.client.options(f"/mallimaa/{endpoint}", headers=headers))
    assert asked.status_code == 200
    sent = {"Origin": "https://wallet.example", "Content-Type": "application/jwt"}
    answer = world.post(f"/mallimaa/{endpoint}", content="e.e.e.e.e", headers=sent)
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "WWW-Authenticate" in answer.headers["access-control-expose-headers"]


def test_browsers_may_not_call_the_issuing_systems_api(world: World) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    asked = world.run(world.client.options("/api/v1/mallimaa/offers", headers=headers))
    assert asked.status_code == 405
    made = world.get(f"/api/v1/mallimaa/offers/{'0' * 32}", headers=headers)
    for answer in (asked, made):
        assert "access-control-allow-origin" not in answer.headers


def test_every_answer_is_guarded_and_named(world: World) -> None:
    for answer in (world.get("/healthz"), world.get("/nothing"), world.post("/mallimaa/token")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["strict-transport-security"]
        assert len(answer.headers["x-request-id"]) == 12


def test_health_reads_the_records(world: World) -> None:
    assert world.get("/healthz").json() == {"status": "ok"}
    world.parts.database.close()
    down = world.get("/healthz")
    assert (down.status_code, down.json()["error"]) == (500, "server_error")


def test_the_api_describes_itself_with_its_failures(world: World) -> None:
    document: dict[str, Any] = world.get("/openapi.json").json()
    create = document["paths"]["/api/v1/{org}/offers"]["post"]
    assert {"201", "400", "401", "403", "408", "413", "415", "422"} <= set(create["responses"])
    assert create["security"] == [{"HTTPBearer": []}]
    change = document["paths"]["/api/v1/{org}/credentials/{credential_id}/status"]["post"]
    assert {"200", "400", "401", "403", "404", "409", "413", "415", "422"} <= set(
        change["responses"]
    )
    for path in document["paths"].values():
        for operation in path.values():
            for code, answer in operation["responses"].items():
                for content in answer.get("content", {}).values():
                    reference = content.get("schema", {}).get("$ref", "")
                    name = reference.rsplit("/", 1)[-1]
                    assert not name or name in document["components"]["schemas"], (code, name)
    assert "HTTPValidationError" not in repr(document)
