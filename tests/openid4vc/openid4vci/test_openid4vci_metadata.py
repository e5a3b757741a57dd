"""Metadata: published by the issuer, read by the wallet."""

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credential_schemas.loader import load_catalogue
from credential_schemas.model import LANGS, Label
from keys.jose import parse_jws
from openid4vc.checks import CheckFailed
from openid4vc.openid4vci.metadata import (
    AUTHORIZATION_SERVER,
    CREDENTIAL_ISSUER,
    authorization_server_metadata,
    issuer_metadata,
    read_authorization_server_metadata,
    read_issuer_metadata,
    well_known,
)
from openid4vc.openid4vci.token import GRANT, REFRESH_GRANT
from openid4vc.openid4vci.wallet_errors import (
    AuthorizationServerMismatch,
    ClaimDescriptionsContradict,
    ConfigurationNotOffered,
    GrantNotSupported,
    MalformedMetadata,
    MetadataOfOtherIssuer,
)
from tests.openid4vc.openid4vci import kit

CATALOGUE = load_catalogue()
NAMES = Label("Mallimaan hyvinvointialue (TESTI)", "Modellandet (TESTI)", "Mallimaa (TESTI)")
OURS = issuer_metadata(kit.ISSUER, names=NAMES, types=CATALOGUE.types.values())
SERVER = authorization_server_metadata(kit.ISSUER)
LONG = kit.vector("openid4vci/credential_issuer_metadata_sd_jwt_long.json")
PUBLISHED = "https://credential-issuer.example.com"


def configuration(**changes: object) -> dict[str, Any]:
    """Return the published metadata with members of the only configuration changed."""
    data: dict[str, Any] = copy.deepcopy(LONG)
    (entry,) = data["credential_configurations_supported"].values()
    entry.update(changes)
    return data


def with_claims(*claims: object) -> dict[str, Any]:
    return configuration(credential_metadata={"claims": list(claims)})


# --- Where they are -----------------------------------------------------------------------------


@pytest.mark.req("VCI-01", "VCI-16")
@pytest.mark.parametrize(
    ("issuer", "name", "url"),
    [
        (
            "https://h.example/tenant",
            CREDENTIAL_ISSUER,
            "https://h.example/.well-known/openid-credential-issuer/tenant",
        ),
        (
            "https://tenant.h.example",
            CREDENTIAL_ISSUER,
            "https://tenant.h.example/.well-known/openid-credential-issuer",
        ),
        (
            "https://h.example:8443/a/b",
            AUTHORIZATION_SERVER,
            "https://h.example:8443/.well-known/oauth-authorization-server/a/b",
        ),
        (
            "https://h.example/",
            AUTHORIZATION_SERVER,
            "https://h.example/.well-known/oauth-authorization-server",
        ),
    ],
)
def test_the_well_known_part_goes_between_host_and_path(issuer: str, name: str, url: str) -> None:
    assert well_known(issuer, name) == url


# --- What we publish ----------------------------------------------------------------------------


@pytest.mark.req(
    "VCI-07",
    "VCI-08",
    "VCI-09",
    "VCI-10",
    "VCI-12",
    "VCI-13",
    "VCI-15",
    "HAIP-04",
    "HAIP-05",
    "VCI-14",
)
@pytest.mark.parametrize("one", list(CATALOGUE.types.values()), ids=lambda one: one.id)
def test_every_type_is_a_configuration(one: Any) -> None:
    configurations: Any = OURS["credential_configurations_supported"]
    entry = configurations[one.id]
    described = entry["credential_metadata"]
    assert {name: value for name, value in entry.items() if name != "credential_metadata"} == {
        "format": "dc+sd-jwt",
        "vct": one.vct,
        "scope": one.id,
        "cryptographic_binding_methods_supported": ["jwk"],
        "credential_signing_alg_values_supported": ["ES256"],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
    }
    assert [entry["locale"] for entry in described["display"]] == list(LANGS)
    assert [claim["path"] for claim in described["claims"]] == [[name] for name in one.claims]
    for claim in described["claims"]:
        label = one.claims[claim["path"][0]].label
        assert claim["display"] == [{"name": label[lang], "locale": lang} for lang in LANGS]


@pytest.mark.req("VCI-06")
def test_nothing_is_named_twice_in_one_language() -> None:
    def displays(part: Any) -> Iterator[list[str]]:
        if isinstance(part, dict):
            if "display" in part:
                yield [entry["locale"] for entry in part["display"]]
            part = list(part.values())
        if isinstance(part, list):
            for child in part:
                yield from displays(child)

    found = list(displays(OURS))
    assert len(found) > 1 + len(CATALOGUE.types)
    for locales in found:
        assert locales == list(LANGS)


@pytest.mark.req("VCI-07", "VCI-10", "VCI-45", "VCI-73")
def test_the_issuer_names_its_endpoints_and_nothing_it_does_not_have() -> None:
    assert {
        name: value for name, value in OURS.items() if not name.startswith("credential_conf")
    } == {
        "credential_issuer": kit.ISSUER,
        "credential_endpoint": f"{kit.ISSUER}/credential",
        "nonce_endpoint": f"{kit.ISSUER}/nonce",
        "deferred_credential_endpoint": f"{kit.ISSUER}/deferred-credential",
        "notification_endpoint": f"{kit.ISSUER}/notification",
        "batch_credential_issuance": {"batch_size": 10},
        "display": [{"name": NAMES[lang], "locale": lang} for lang in LANGS],
    }


@pytest.mark.req("VCI-16", "VCI-17")
def test_the_authorization_server_takes_pre_authorised_codes_of_anonymous_wallets() -> None:
    assert {
        "issuer": kit.ISSUER,
        "token_endpoint": f"{kit.ISSUER}/token",
        "grant_types_supported": [GRANT, REFRESH_GRANT],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_details_types_supported": ["openid_credential"],
        "pre-authorized_grant_anonymous_access_supported": True,
    } == SERVER


# --- What the wallet reads ----------------------------------------------------------------------


@pytest.mark.req("VCI-01", "VCI-02", "VCI-08", "VCI-12", "VCI-13", "VCI-15")
def test_the_wallet_reads_what_we_publish() -> None:
    read = read_issuer_metadata(OURS, issuer=kit.ISSUER)
    assert (read.issuer, read.authorization_servers, read.batch_size) == (kit.ISSUER, (), 10)
    assert read.names["sv"] == "Modellandet (TESTI)"
    assert set(read.configurations) == set(CATALOGUE.types)
    one = read.configuration("statement_feedback")
    assert (one.vct, one.proof_algorithms) == ("urn:kykylompakko:statement-feedback:1", ("ES256",))
    assert (
        one.claims[0].names["fi"]
        == CATALOGUE.types[one.id].claims[str(one.claims[0].path[0])].label.fi
    )
    assert read.authorization_server(None) == kit.ISSUER
    server = read_authorization_server_metadata(SERVER, issuer=kit.ISSUER)
    assert server.token_endpoint == f"{kit.ISSUER}/token"
    server.check_grant()


@pytest.mark.req("VCI-10", "VCI-12", "VCI-15", "VCI-18", "VCI-74")
def test_the_published_metadata_are_read() -> None:
    read = read_issuer_metadata(LONG, issuer=PUBLISHED)
    assert read.batch_size == 10
    assert read.authorization_server(None) == "https://server.example.com"
    one = read.configuration("SD_JWT_VC_example_in_OpenID4VCI")
    assert one.proof_algorithms == ("ES256",)
    assert one.names == {"en-US": "IdentityCredential"}
    assert len(one.claims) == 13


def test_the_payload_of_the_published_signed_metadata_is_read() -> None:
    text = "".join(kit.text("openid4vci/credential_issuer_metadata_sd_jwt_jwt.txt").split())
    payload = json.loads(parse_jws(text).payload)
    assert read_issuer_metadata(payload, issuer=PUBLISHED).configurations


@pytest.mark.req("VCI-13", "VCI-73")
def test_configurations_of_other_formats_and_old_drafts_are_kept_apart() -> None:
    mdoc = kit.vector("openid4vci/credential_metadata_mso_mdoc.json")
    old = kit.vector("haip/credential_metadata_sd_jwt_vc.json")
    entries = {**mdoc["credential_configurations_supported"], "old": old}
    read = read_issuer_metadata(
        {**LONG, "credential_configurations_supported": entries}, issuer=PUBLISHED
    )
    assert {one.format: one.vct for one in read.configurations.values()} == {
        "mso_mdoc": None,
        "vc+sd-jwt": None,
    }


@pytest.mark.req("VCI-02", "VCI-76")
@pytest.mark.parametrize(
    "issuer",
    [
        PUBLISHED + "/",
        PUBLISHED.upper(),
        PUBLISHED.replace("https", "http"),
        PUBLISHED + ":443",
        "https://evil.example",
    ],
)
def test_metadata_of_another_issuer_are_refused_as_plain_text_says(issuer: str) -> None:
    with pytest.raises(MetadataOfOtherIssuer):
        read_issuer_metadata(LONG, issuer=issuer)
    with pytest.raises(MetadataOfOtherIssuer):
        read_authorization_server_metadata({**SERVER, "issuer": PUBLISHED}, issuer=issuer)


@pytest.mark.req("VCI-07", "VCI-08", "VCI-10", "VCI-13")
@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {**LONG, "credential_issuer": None},
        {**LONG, "credential_endpoint": "http://credential-issuer.example.com/credential"},
        {**LONG, "credential_endpoint": None},
        {name: value for name, value in LONG.items() if name != "credential_endpoint"},
        {**LONG, "nonce_endpoint": "nonce"},
        {**LONG, "notification_endpoint": 1},
        {**LONG, "deferred_credential_endpoint": "http://credential-issuer.example.com/later"},
        {**LONG, "authorization_servers": []},
        {**LONG, "authorization_servers": "https://server.example.com"},
        {**LONG, "batch_credential_issuance": {}},
        {**LONG, "batch_credential_issuance": {"batch_size": 1}},
        {**LONG, "batch_credential_issuance": {"batch_size": True}},
        {**LONG, "display": []},
        {**LONG, "display": [{"name": 1}]},
        {**LONG, "display": [{"name": "a", "locale": "fi"}, {"name": "b", "locale": "fi"}]},
        {**LONG, "credential_configurations_supported": []},
        {**LONG, "credential_configurations_supported": {"a": "b"}},
        {**LONG, "credential_configurations_supported": {"a": {}}},
        {
            **LONG,
            "credential_configurations_supported": {
                f"c{n}": {"format": "mso_mdoc"} for n in range(257)
            },
        },
        configuration(vct=None),
        configuration(scope=1),
        configuration(cryptographic_binding_methods_supported=[]),
        configuration(proof_types_supported={"jwt": {}}),
        configuration(proof_types_supported={"jwt": {"proof_signing_alg_values_supported": []}}),
        configuration(credential_metadata=[]),
        with_claims(),
        with_claims("given_name"),
        with_claims({"path": []}),
        with_claims({"path": [-1]}),
        with_claims({"path": ["a"], "display": [{"name": "x" * 513}]}),
    ],
)
def test_what_are_no_issuer_metadata_are_refused(data: object) -> None:
    with pytest.raises(MalformedMetadata) as caught:
        read_issuer_metadata(data, issuer=PUBLISHED)
    assert type(caught.value) is MalformedMetadata


@pytest.mark.req("VCI-08")
@pytest.mark.parametrize(
    "missing", ["proof_types_supported", "cryptographic_binding_methods_supported"]
)
def test_binding_methods_and_proof_types_come_together(missing: str) -> None:
    data = configuration()
    (entry,) = data["credential_configurations_supported"].values()
    del entry[missing]
    with pytest.raises(MalformedMetadata):
        read_issuer_metadata(data, issuer=PUBLISHED)


@pytest.mark.req("VCI-08")
def test_without_binding_neither_is_there() -> None:
    data = configuration()
    (entry,) = data["credential_configurations_supported"].values()
    del entry["proof_types_supported"]
    del entry["cryptographic_binding_methods_supported"]
    (one,) = read_issuer_metadata(data, issuer=PUBLISHED).configurations.values()
    assert (one.binding_methods, one.proof_algorithms) == ((), ())


@pytest.mark.req("VCI-15")
@pytest.mark.parametrize(
    "paths",
    [
        [["a"], ["b"], ["a"]],
        [["a", None], ["a", 0]],
        [["a", None], ["a", "b"]],
        [["a", 0, "x"], ["a", "b"]],
        [["a", "b", None], ["a", "b", "c"]],
    ],
)
def test_claims_described_twice_or_in_contradiction_stop_the_reading(paths: list[Any]) -> None:
    data = with_claims(*({"path": path} for path in paths))
    with pytest.raises(ClaimDescriptionsContradict):
        read_issuer_metadata(data, issuer=PUBLISHED)


@pytest.mark.req("VCI-15")
def test_a_parent_and_its_parts_do_not_contradict() -> None:
    paths = [["a"], ["a", "b"], ["a", "c"], ["d", None], ["d", None, "e"], ["f", 0], ["f", 1]]
    data = with_claims(*({"path": path} for path in paths))
    (one,) = read_issuer_metadata(data, issuer=PUBLISHED).configurations.values()
    assert [list(claim.path) for claim in one.claims] == paths


@pytest.mark.req("VCI-21", "VCI-27")
def test_what_an_offer_names_has_to_be_in_the_metadata() -> None:
    two = {**LONG, "authorization_servers": ["https://a.example", "https://b.example"]}
    read = read_issuer_metadata(two, issuer=PUBLISHED)
    assert read.authorization_server("https://b.example") == "https://b.example"
    with pytest.raises(AuthorizationServerMismatch):
        read.authorization_server("https://c.example")
    with pytest.raises(AuthorizationServerMismatch):
        read_issuer_metadata(LONG, issuer=PUBLISHED).authorization_server(
            "https://server.example.com"
        )
    with pytest.raises(ConfigurationNotOffered):
        read.configuration("something_else")


@pytest.mark.req("VCI-17", "VCI-18")
@pytest.mark.parametrize(
    "changes",
    [
        {"pre-authorized_grant_anonymous_access_supported": False},
        {"grant_types_supported": ["authorization_code"]},
    ],
)
def test_a_server_without_anonymous_codes_cannot_be_used(changes: dict[str, object]) -> None:
    data = {**SERVER, "jwks_uri": "x", **changes}
    with pytest.raises(GrantNotSupported):
        read_authorization_server_metadata(data, issuer=kit.ISSUER).check_grant()


@pytest.mark.req("VCI-17")
def test_anonymous_use_and_grants_are_off_by_default() -> None:
    data = {"issuer": kit.ISSUER, "token_endpoint": f"{kit.ISSUER}/token"}
    read = read_authorization_server_metadata(data, issuer=kit.ISSUER)
    assert (read.grant_types, read.anonymous_pre_authorized) == ((), False)


@pytest.mark.parametrize(
    "changes",
    [
        {"token_endpoint": None},
        {"token_endpoint": "http://issuer.example.fi/token"},
        {"grant_types_supported": GRANT},
        {"pre-authorized_grant_anonymous_access_supported": "true"},
        {"issuer": 1},
    ],
)
def test_what_are_no_server_metadata_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(MalformedMetadata):
        read_authorization_server_metadata({**SERVER, **changes}, issuer=kit.ISSUER)
    with pytest.raises(MalformedMetadata):
        read_authorization_server_metadata({"issuer": kit.ISSUER}, issuer=kit.ISSUER)


def test_this_machine_only_when_allowed() -> None:
    issuer = "http://localhost:8001/kela"
    data = issuer_metadata(issuer, names=NAMES, types=())
    read = read_issuer_metadata(data, issuer=issuer, allow_loopback_http=True)
    assert read.credential_endpoint == f"{issuer}/credential"
    with pytest.raises(MalformedMetadata):
        read_issuer_metadata(data, issuer=issuer)


# --- Whatever comes -----------------------------------------------------------------------------

ENTRY = next(iter(LONG["credential_configurations_supported"].values()))


@settings(max_examples=150)
@given(
    data=kit.JSON
    | kit.changed(LONG)
    | kit.changed(ENTRY).map(lambda entry: configuration(**entry))
    | st.lists(kit.JSON, max_size=3).map(lambda claims: with_claims(*claims))
    | st.lists(kit.JSON, max_size=3).map(lambda path: with_claims({"path": path}))
)
def test_garbage_never_breaks_the_issuer_metadata_reader(data: object) -> None:
    with suppress(CheckFailed):
        read_issuer_metadata(data, issuer=PUBLISHED)


@given(data=kit.JSON | kit.changed(SERVER))
def test_garbage_never_breaks_the_server_metadata_reader(data: object) -> None:
    with suppress(CheckFailed):
        read_authorization_server_metadata(data, issuer=kit.ISSUER)
