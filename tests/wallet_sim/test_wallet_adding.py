"""Adding a card by signing in at its issuer: what goes out, what is believed, what is kept."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from keys.jose import parse_jws, public_jwk, thumbprint
from keys.strict_json import loads_object
from openid4vc.checks import CheckFailed, IssuerNotTrustedForType
from openid4vc.oauth.redirects import error_redirect
from openid4vc.oauth.wallet_errors import (
    AuthorizationDenied,
    AuthorizationOfOtherServer,
    AuthorizationResponseMalformed,
    PushedResponseMalformed,
)
from openid4vc.openid4vci.issuer_id import CREDENTIAL_ISSUER, well_known
from openid4vc.openid4vci.offer import CredentialOffer, link_by_value
from openid4vc.openid4vci.signed_metadata import sign_metadata
from openid4vc.openid4vci.wallet_errors import GrantNotSupported, MalformedTokenResponse
from tests.wallet_sim.signing_in import REDIRECT, AddingWorld, lower
from tests.wallet_sim.world import ISSUER, NOON, PIN, Answer, Call, json_answer, pki
from wallet_sim.adding_failures import (
    NotRenewable,
    ProviderMissing,
    ServerChanged,
    SignInNeeded,
    SignInOver,
    SignInRefused,
    SignInUnknown,
)
from wallet_sim.contents_json import from_json, to_json
from wallet_sim.failures import NotALink
from wallet_sim.flow_failures import (
    CardComesLater,
    ConnectionLost,
    IssuerAnswerUnclear,
    IssuerRefused,
    OfferedTypeUnknown,
)
from wallet_sim.held import signer_of
from wallet_sim.model import Card, Outcome
from wallet_sim.provider import CLIENT_ID, LIFETIME
from wallet_sim.wallet import Wallet

run = asyncio.run
TYPE = "self_assessment_result"


@pytest.fixture
def world() -> AddingWorld:
    return AddingWorld()


async def redirected(world: AddingWorld, *, wallet: Wallet | None = None) -> str:
    """Begin; return what the browser comes back with."""
    adding = (wallet or world.wallet).adding
    offer = await adding.open(ISSUER)
    started = await adding.start(offer.only(TYPE), redirect_uri=REDIRECT)
    return world.issuer.browse(started.link)


async def added(world: AddingWorld) -> tuple[Card, ...]:
    wallet = world.wallet
    return await wallet.keep(await wallet.adding.finish(await redirected(world)))


def refused(world: AddingWorld, failure: type[CheckFailed], url: str) -> None:
    """Assert that coming back fails so, that no code was sent, and that the log says why."""
    with pytest.raises(failure) as raised:
        run(world.wallet.adding.finish(url))
    assert type(raised.value) is failure
    assert world.network.calls_to("/token") == []
    assert world.wallet.cards() == ()


# --- the good way --------------------------------------------------------------------------------


@pytest.mark.req("HAIP-01", "HAIP-02", "HAIP-04", "VCI-40", "VCI-41", "VCI-42", "ABCA-01")
def test_a_card_is_added_by_signing_in(world: AddingWorld) -> None:
    (card,) = run(added(world))
    assert world.wallet.cards() == (card,)
    assert card.type_id == TYPE
    assert world.issuer.events == ["credential_accepted"]
    assert [entry.outcome for entry in world.wallet.log()] == [Outcome.RECEIVED]
    contents = world.store.load()
    assert (contents.begun, contents.unfinished, contents.pending) == ((), (), ())
    assert from_json(to_json(contents)) == contents
    (pushed,) = world.issuer.pushed
    assert (pushed.scopes, pushed.details) == (frozenset({TYPE}), None)
    assert world.issuer.refusals == []


def test_each_step_may_happen_in_a_process_of_its_own(world: AddingWorld) -> None:
    url = run(redirected(world))
    other = world.new_wallet()
    assert other.adding.awaits(url)
    fetched = run(other.adding.finish(url))
    assert run(world.new_wallet().keep(fetched)) == world.wallet.cards()


@pytest.mark.req("DPOP-01", "DPOP-02", "DPOP-05", "DPOP-06")
def test_every_call_proves_the_key_with_the_newest_nonce_of_its_server(world: AddingWorld) -> None:
    issuer = world.issuer
    url = run(redirected(world))
    fetched = run(world.wallet.adding.finish(url))
    # The pushed request alone had to be sent twice: its server had said no nonce before.
    assert [len(world.network.calls_to(at)) for at in ("/par", "/token", "/credential")] == [
        2,
        1,
        1,
    ]
    issuer.nonce = "second-nonce"
    run(world.wallet.keep(fetched))
    assert [proof.nonce for proof in issuer.proofs][-2:] == ["first-nonce", "second-nonce"]
    assert issuer.events == ["credential_accepted"]
    assert len({proof.jti for proof in issuer.proofs}) == len(issuer.proofs)
    assert len({proof.thumbprint for proof in issuer.proofs}) == 1
    bound = [call for call in world.network.calls if "Authorization" in (call.headers or {})]
    assert {(call.headers or {})["Authorization"].partition(" ")[0] for call in bound} == {"DPoP"}


@pytest.mark.req("DPOP-05")
def test_a_server_that_wants_nonce_after_nonce_is_asked_twice_and_no_more(
    world: AddingWorld,
) -> None:
    refusal = replace(json_answer({"error": "use_dpop_nonce"}, 400), headers={"dpop-nonce": "n"})
    world.network.on("POST", f"{ISSUER}/par", lambda _: refusal)
    with pytest.raises(SignInRefused):
        run(redirected(world))
    assert len(world.network.calls_to("/par")) == 2


def nonce_of(call: Call) -> object:
    return loads_object(parse_jws(lower(call.headers)["dpop"]).payload).get("nonce")


@pytest.mark.req("DPOP-05")
def test_one_servers_nonce_is_not_shown_to_another(world: AddingWorld) -> None:
    elsewhere = "https://cards.example/credential"
    world.network.on("POST", elsewhere, lambda _: Answer(503, "", b""))
    whole = {**world.issuer.metadata(), "credential_endpoint": elsewhere}
    world.issuer.metadata = lambda: whole  # type: ignore[method-assign]  # another host
    url = run(redirected(world))
    with pytest.raises(CheckFailed):
        run(world.wallet.adding.finish(url))
    (token,) = world.network.calls_to("/token")
    (card,) = world.network.calls_to("/credential")
    assert (nonce_of(token), nonce_of(card)) == ("first-nonce", None)


@pytest.mark.req("ABCA-02", "ABCA-03", "ABCA-08", "ABCA-18", "HAIP-03")
def test_what_the_wallet_shows_of_itself_names_no_single_wallet(world: AddingWorld) -> None:
    run(added(world))
    (call, *_) = world.network.calls_to("/token")
    headers = lower(call.headers)
    attestation = loads_object(parse_jws(headers["oauth-client-attestation"]).payload)
    assert attestation["sub"] == CLIENT_ID
    assert set(attestation) == {"iss", "sub", "iat", "exp", "cnf", "wallet_name"}
    assert timedelta(hours=24) > LIFETIME
    pop = loads_object(parse_jws(headers["oauth-client-attestation-pop"]).payload)
    assert (pop["aud"], pop["iss"]) == (ISSUER, CLIENT_ID)
    assert len(world.network.calls_to("/attestation-challenge")) == 3  # one for each call
    assert world.issuer.challenges == set()


@pytest.mark.req("ABCA-09")
def test_a_challenge_in_an_answer_is_used_before_the_endpoint_is_asked(world: AddingWorld) -> None:
    issuer = world.issuer
    honest = world.network.handlers["POST", f"{ISSUER}/par"]

    def with_challenge(call: Call) -> Answer:
        answer = honest(call)
        fresh = f"after-{len(world.network.calls)}"
        issuer.challenges.add(fresh)
        named = {"oauth-client-attestation-challenge": fresh}
        return replace(answer, headers={**answer.headers, **named})

    world.network.on("POST", f"{ISSUER}/par", with_challenge)
    run(added(world))
    assert len(world.network.calls_to("/attestation-challenge")) == 1


@pytest.mark.req("ABCA-06", "ABCA-07", "ABCA-09")
@pytest.mark.parametrize("error", ["use_attestation_challenge", "use_fresh_attestation"])
def test_what_a_server_misses_is_sent_once_more(world: AddingWorld, error: str) -> None:
    honest = world.network.handlers["POST", f"{ISSUER}/par"]
    attestations: list[str] = []

    def refusing_first(call: Call) -> Answer:
        attestations.append(lower(call.headers)["oauth-client-attestation"])
        if len(attestations) > 1:
            return honest(call)
        world.clock.pass_by(timedelta(seconds=1))
        world.issuer.challenges.add("wanted")
        named = {"oauth-client-attestation-challenge": "wanted"}
        return replace(json_answer({"error": error}, 400), headers=named)

    world.network.on("POST", f"{ISSUER}/par", refusing_first)
    run(added(world))
    assert (attestations[0] != attestations[1]) is (error == "use_fresh_attestation")


@pytest.mark.req("ABCA-15", "HAIP-03")
def test_another_server_gets_another_attestation_of_another_key(world: AddingWorld) -> None:
    run(added(world))
    (first,) = world.store.load().instances
    other = AddingWorld()
    other.store.change(lambda _: world.store.load())
    whole = {**other.issuer.metadata(), "authorization_servers": ["https://as.example"]}
    other.issuer.metadata = lambda: whole  # type: ignore[method-assign]  # another server
    moved = {**other.issuer.server_metadata(), "issuer": "https://as.example"}
    at = "https://as.example/.well-known/oauth-authorization-server"
    other.network.on("GET", at, lambda _: json_answer(moved))

    async def start() -> None:
        offer = await other.wallet.adding.open(ISSUER)
        await other.wallet.adding.start(offer.only(TYPE), redirect_uri=REDIRECT)

    with pytest.raises(SignInRefused):  # its audience is another one now
        run(start())
    kept, second = other.store.load().instances
    assert kept == first
    keys = [first.instance_key, first.token_key, second.instance_key, second.token_key]
    assert len(set(keys)) == 4
    shown = [
        loads_object(parse_jws(lower(call.headers)["oauth-client-attestation"]).payload)["cnf"]
        for call in (world.network.calls_to("/par")[0], other.network.calls_to("/par")[0])
    ]
    expected = [signer_of(one.instance_key) for one in (first, second)]
    assert shown == [{"jwk": public_jwk(one.public_key)} for one in expected]


@pytest.mark.req("DPOP-07")
def test_the_code_is_bound_to_the_key_before_there_is_one(world: AddingWorld) -> None:
    run(redirected(world))
    (instance,) = world.store.load().instances
    own = thumbprint(public_jwk(signer_of(instance.token_key).public_key))
    assert [pushed.dpop_jkt for pushed in world.issuer.pushed] == [own]


@pytest.mark.req("VCI-32", "VCI-37")
def test_without_a_scope_the_card_is_asked_for_by_details(world: AddingWorld) -> None:
    whole = world.issuer.metadata()
    configurations = whole["credential_configurations_supported"]
    assert isinstance(configurations, dict)
    for one in configurations.values():
        del one["scope"]
    whole["authorization_servers"] = [ISSUER]
    world.issuer.metadata = lambda: whole  # type: ignore[method-assign]  # without scopes
    run(added(world))
    assert [(one.scopes, one.details) for one in world.issuer.pushed] == [
        (frozenset(), frozenset({TYPE}))
    ]
    details = (world.network.calls_to("/par")[-1].form or {})["authorization_details"]
    assert f'"locations":["{ISSUER}"]' in details


@pytest.mark.req("VCI-24")
def test_an_offer_without_grants_is_taken_by_what_its_server_has(world: AddingWorld) -> None:
    link = link_by_value(CredentialOffer(ISSUER, (TYPE,), None))
    offer = run(world.wallet.open_offer(link))
    assert offer.sign_in is not None
    with pytest.raises(SignInNeeded):
        run(world.wallet.fetch(offer))


@pytest.mark.req("DPOP-02", "DPOP-04", "DPOP-05")
def test_tokens_for_an_offers_code_are_bound_and_the_wallet_stays_anonymous(
    world: AddingWorld,
) -> None:
    (card,) = run(world.wallet.receive(world.issuer.link(), pin=PIN))
    assert card.renewal is None
    assert world.issuer.events == ["credential_accepted"]
    assert world.issuer.token_requests == 1  # the PIN was tried once, after the nonce was known
    posts = [lower(call.headers) for call in world.network.calls if call.method == "POST"]
    shown = {headers.get("authorization", "").partition(" ")[0] for headers in posts}
    assert shown == {"", "DPoP"}
    assert not any("oauth-client-attestation" in headers for headers in posts)


# --- who the issuer is ---------------------------------------------------------------------------


@pytest.mark.req("VCI-05", "VCI-30")
def test_signed_metadata_say_who_the_issuer_is(world: AddingWorld) -> None:
    signer = pki().signer("itsearviointi", "credential")
    text = sign_metadata(world.issuer.metadata(), signer=signer, at=NOON).encode()
    place = well_known(ISSUER, CREDENTIAL_ISSUER)
    world.network.on("GET", place, lambda _: Answer(200, "application/jwt", text))
    offer = run(world.wallet.adding.open(ISSUER))
    assert offer.signer is not None
    assert offer.signer.id == "itsearviointi"
    assert {one.vct for one in offer.types} <= offer.signer.vcts


@pytest.mark.req("VCI-30")
def test_an_issuer_of_cards_that_nobody_may_issue_is_not_asked(world: AddingWorld) -> None:
    type_ids = {"unlisted": {**_configuration(world), "vct": "urn:nobody:1"}}
    whole = {**world.issuer.metadata(), "credential_configurations_supported": type_ids}
    world.issuer.metadata = lambda: whole  # type: ignore[method-assign]  # an unknown card
    with pytest.raises(OfferedTypeUnknown):
        run(world.wallet.adding.open(ISSUER))
    signer = pki().signer("kela", "credential")
    text = sign_metadata(
        {**whole, "credential_configurations_supported": {TYPE: _configuration(world)}},
        signer=signer,
        at=NOON,
    ).encode()
    place = well_known(ISSUER, CREDENTIAL_ISSUER)
    world.network.on("GET", place, lambda _: Answer(200, "application/jwt", text))
    with pytest.raises(IssuerNotTrustedForType):
        run(world.wallet.adding.open(ISSUER))
    assert {call.method for call in world.network.calls} == {"GET"}
    assert world.wallet.log()[-1].outcome is Outcome.REFUSED


def _configuration(world: AddingWorld) -> dict[str, object]:
    configurations = type(world.issuer).metadata(world.issuer)[
        "credential_configurations_supported"
    ]
    assert isinstance(configurations, dict)
    found: dict[str, object] = configurations[TYPE]
    return found


@pytest.mark.parametrize("issuer", ["", "kela", "http://itsearviointi.example/x", f"{ISSUER}?a=b"])
def test_what_is_no_issuer_is_not_asked(world: AddingWorld, issuer: str) -> None:
    with pytest.raises(NotALink):
        run(world.wallet.adding.open(issuer))
    assert world.network.calls == []


Change = Callable[[dict[str, object]], dict[str, object]]


@pytest.mark.req("VCI-41", "HAIP-01")
@pytest.mark.parametrize(
    "change",
    [
        lambda data: {**data, "code_challenge_methods_supported": ["plain"]},
        lambda data: {n: v for n, v in data.items() if not n.startswith("code_challenge")},
        lambda data: {n: v for n, v in data.items() if not n.startswith("pushed_")},
        lambda data: {n: v for n, v in data.items() if n != "authorization_endpoint"},
        lambda data: {n: v for n, v in data.items() if not n.startswith("dpop_")},
        lambda data: {**data, "dpop_signing_alg_values_supported": ["RS256"]},
    ],
)
def test_a_server_that_would_do_with_less_is_not_used(world: AddingWorld, change: Change) -> None:
    world.issuer.server = change
    with pytest.raises(GrantNotSupported):
        run(world.wallet.adding.open(ISSUER))
    assert {call.method for call in world.network.calls} == {"GET"}


def test_without_a_provider_nothing_is_sent(world: AddingWorld) -> None:
    world.tools = replace(world.tools, provider=None)
    world.wallet = world.new_wallet()
    with pytest.raises(ProviderMissing):
        run(redirected(world))
    assert {call.method for call in world.network.calls} == {"GET"}


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (json_answer({"error": "invalid_client"}, 401), SignInRefused),
        (json_answer({"error": "invalid_scope"}, 400), SignInRefused),
        (json_answer({"request_uri": "urn:x", "expires_in": 60}, 200), IssuerAnswerUnclear),
        (json_answer({"expires_in": 60}, 201), PushedResponseMalformed),
    ],
)
def test_answers_to_the_pushed_request(
    world: AddingWorld, answer: Answer, failure: type[CheckFailed]
) -> None:
    world.network.on("POST", f"{ISSUER}/par", lambda _: answer)
    with pytest.raises(failure):
        run(redirected(world))
    assert world.store.load().begun == ()
    assert world.wallet.log()[-1].reason == failure.code


# --- the way back --------------------------------------------------------------------------------


@pytest.mark.req("VCI-42")
@pytest.mark.parametrize(
    "decides",
    [
        lambda url: url.replace("iss=https", "iss=http"),
        lambda url: url.partition("&iss=")[0],
        lambda url: url.replace("itsearviointi.example", "attacker.example"),
    ],
)
def test_an_answer_of_another_server_is_not_believed(
    world: AddingWorld, decides: Callable[[str], str]
) -> None:
    world.issuer.decides = decides
    refused(world, AuthorizationOfOtherServer, run(redirected(world)))
    assert world.store.load().begun == ()


@pytest.mark.req("VCI-42")
def test_a_server_that_does_not_promise_to_name_itself_may_leave_it_out(world: AddingWorld) -> None:
    name = "authorization_response_iss_parameter_supported"
    world.issuer.server = lambda data: {n: v for n, v in data.items() if n != name}
    world.issuer.decides = lambda url: url.partition("&iss=")[0]
    assert len(run(added(world))) == 1


@pytest.mark.req("HAIP-01", "VCI-42")
@pytest.mark.parametrize(
    "bend",
    [
        lambda url: url.replace("state=", "state=x"),
        lambda url: url.replace("&state=", "&other="),
        lambda url: url.replace("54321", "54322"),
        lambda url: url.replace("/callback", "/callback/"),
        lambda url: url.replace("http://", "https://"),
        lambda url: url + "&state=another",
        lambda _url: "",
    ],
)
def test_a_way_back_that_nobody_began_is_not_taken(
    world: AddingWorld, bend: Callable[[str], str]
) -> None:
    url = run(redirected(world))
    assert not world.wallet.adding.awaits(bend(url))
    refused(world, SignInUnknown, bend(url))
    assert len(run(world.wallet.adding.finish(url)).cards) == 1  # the right one is still there


@pytest.mark.req("HAIP-01", "VCI-42")
def test_an_answer_with_a_parameter_twice_or_without_a_code_is_not_believed(
    world: AddingWorld,
) -> None:
    for bend in (lambda url: f"{url}&code=two", lambda url: url.replace("code=", "kode=")):
        refused(world, AuthorizationResponseMalformed, bend(run(redirected(world))))


@pytest.mark.req("HAIP-01", "VCI-42")
def test_a_code_is_used_once(world: AddingWorld) -> None:
    url = run(redirected(world))
    run(world.wallet.adding.finish(url))
    with pytest.raises(SignInUnknown):
        run(world.wallet.adding.finish(url))
    assert len(world.network.calls_to("/token")) == 1


def test_of_two_processes_one_uses_the_code(
    world: AddingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = run(redirected(world))

    async def at_once() -> list[object]:
        wallets = (world.new_wallet(), world.new_wallet())
        return await asyncio.gather(
            *(wallet.adding.finish(url) for wallet in wallets), return_exceptions=True
        )

    read = world.network.get

    async def slowly(url: str, *, accept: str) -> Answer:
        await asyncio.sleep(0)  # both have read before one goes on
        return await read(url, accept=accept)

    monkeypatch.setattr(world.network, "get", slowly)
    ends = run(at_once())
    assert sum(isinstance(end, SignInUnknown) for end in ends) == 1
    assert world.issuer.token_requests == 1


def test_a_person_who_says_no_is_told_so(world: AddingWorld) -> None:
    world.issuer.decides = lambda _url: error_redirect(
        REDIRECT,
        error="access_denied",
        state=world.issuer.pushed[-1].state,
        issuer=ISSUER,
    )
    refused(world, AuthorizationDenied, run(redirected(world)))
    assert world.store.load().begun == ()


def test_a_sign_in_that_took_too_long_is_over(world: AddingWorld) -> None:
    url = run(redirected(world))
    world.clock.pass_by(timedelta(minutes=61))
    refused(world, SignInOver, url)


def test_a_lost_connection_before_the_code_is_sent_can_be_tried_again(world: AddingWorld) -> None:
    url = run(redirected(world))
    world.network.lose_answers_of[well_known(ISSUER, CREDENTIAL_ISSUER)] = 1
    with pytest.raises(ConnectionLost):
        run(world.wallet.adding.finish(url))
    assert len(run(world.wallet.adding.finish(url)).cards) == 1


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (json_answer({"error": "invalid_grant"}, 400), SignInOver),
        (json_answer({"error": "invalid_dpop_proof"}, 400), IssuerRefused),
        (json_answer({"error": "invalid_client"}, 401), IssuerRefused),
        (json_answer({"access_token": "t", "token_type": "Bearer"}), MalformedTokenResponse),
    ],
)
@pytest.mark.req("DPOP-04")
def test_answers_of_the_token_endpoint(
    world: AddingWorld, answer: Answer, failure: type[CheckFailed]
) -> None:
    url = run(redirected(world))
    world.network.on("POST", f"{ISSUER}/token", lambda _: answer)
    with pytest.raises(failure):
        run(world.wallet.adding.finish(url))
    assert world.wallet.log()[-1].reason == failure.code
    assert world.network.calls_to("/credential") == []


def test_the_oldest_of_many_sign_ins_is_forgotten(world: AddingWorld) -> None:
    urls = [run(redirected(world)) for _ in range(9)]
    assert [world.wallet.adding.awaits(url) for url in urls] == [False, *[True] * 8]


# --- coming back later, and renewing -------------------------------------------------------------


async def put_off(world: AddingWorld) -> None:
    """Sign in at an issuer that does not have the card yet."""
    issuer, network = world.issuer, world.network
    later = json_answer({"transaction_id": "t", "interval": 60}, 202)
    network.on("POST", f"{ISSUER}/credential", issuer.answered(lambda _: later))
    url = await redirected(world)
    with pytest.raises(CardComesLater):
        await world.wallet.adding.finish(url)


@pytest.mark.req("ABCA-14", "DPOP-02", "VCI-75")
def test_a_waiting_card_is_asked_for_with_the_keys_it_began_with(world: AddingWorld) -> None:
    honest = world.network.handlers["POST", f"{ISSUER}/credential"]
    run(put_off(world))
    unknown = json_answer({"error": "invalid_transaction_id"}, 400)
    world.network.on(
        "POST", f"{ISSUER}/deferred-credential", world.issuer.answered(lambda _: unknown)
    )
    world.network.on("POST", f"{ISSUER}/credential", honest)
    world.clock.pass_by(timedelta(minutes=20))
    wallet = world.new_wallet()
    (pending,) = wallet.waiting.all()
    fetched = run(wallet.waiting.ask(pending))
    assert fetched is not None
    (card,) = run(wallet.keep(fetched))
    assert card.renewal is not None
    assert len({thumb for _, thumb in world.issuer.attestations}) == 1
    assert len({proof.thumbprint for proof in world.issuer.proofs}) == 1
    grants = [(call.form or {})["grant_type"] for call in world.network.calls_to("/token")]
    assert grants == ["authorization_code", *["refresh_token"] * (len(grants) - 1)]
    deferred = world.network.calls_to("/deferred-credential")[-1]
    assert (deferred.headers or {})["Authorization"].startswith("DPoP ")


def test_a_waiting_card_is_not_fetched_from_another_server(world: AddingWorld) -> None:
    run(put_off(world))
    world.clock.pass_by(timedelta(minutes=20))
    whole = {**world.issuer.metadata(), "authorization_servers": ["https://as.example"]}
    moved = {**world.issuer.server_metadata(), "issuer": "https://as.example"}
    at = "https://as.example/.well-known/oauth-authorization-server"
    world.network.on("GET", at, lambda _: json_answer(moved))
    world.issuer.metadata = lambda: whole  # type: ignore[method-assign]  # another server
    asked = len(world.network.calls_to("/token"))
    with pytest.raises(ServerChanged):
        run(world.wallet.waiting.ask(world.wallet.waiting.all()[0]))
    assert len(world.network.calls_to("/token")) == asked
    assert len(world.wallet.waiting.all()) == 1


@pytest.mark.req("ABCA-14")
def test_a_card_is_renewed_without_signing_in(world: AddingWorld) -> None:
    (card,) = run(added(world))
    assert world.wallet.renewing.due() == ()
    world.clock.pass_by(timedelta(days=90))
    assert world.wallet.renewing.due() == (card,)
    world.issuer.claims = {**world.issuer.claims, "given_name": "Maija Uusi"}
    wallet = world.new_wallet()
    fetched = run(wallet.renewing.renew(card))
    assert wallet.cards() == (card,)  # the older one stays until the new one is kept
    (new,) = run(wallet.keep(fetched))
    assert wallet.cards() == (new,)
    assert wallet.card(new.id).claims["given_name"] == "Maija Uusi"
    assert new.renewal == card.renewal
    assert new.holder_key != card.holder_key
    assert len(world.issuer.pushed) == 1


def test_a_renewal_that_comes_later_takes_the_older_cards_place_then(world: AddingWorld) -> None:
    (card,) = run(added(world))
    issuer, network = world.issuer, world.network
    honest = network.handlers["POST", f"{ISSUER}/credential"]
    later = json_answer({"transaction_id": "t", "interval": 60}, 202)
    network.on("POST", f"{ISSUER}/credential", issuer.answered(lambda _: later))
    for _ in range(2):  # the second time it is only asked for again
        with pytest.raises(CardComesLater):
            run(world.wallet.renewing.renew(card))
    (pending,) = world.wallet.waiting.all()
    assert pending.replaces == card.id
    unknown = json_answer({"error": "invalid_transaction_id"}, 400)
    network.on("POST", f"{ISSUER}/deferred-credential", issuer.answered(lambda _: unknown))
    network.on("POST", f"{ISSUER}/credential", honest)
    world.clock.pass_by(timedelta(minutes=20))
    fetched = run(world.wallet.waiting.ask(pending))
    assert fetched is not None
    (new,) = run(world.wallet.keep(fetched))
    assert world.wallet.cards() == (new,)


def test_a_card_without_the_means_is_not_renewed(world: AddingWorld) -> None:
    world.issuer.refresh_token = None
    (card,) = run(added(world))
    world.clock.pass_by(timedelta(days=200))
    assert world.wallet.renewing.due() == ()
    with pytest.raises(NotRenewable):
        run(world.wallet.renewing.renew(card))


def test_nothing_that_is_kept_shows_a_secret(world: AddingWorld) -> None:
    url = run(redirected(world))
    (begun,) = world.store.load().begun
    shown = repr(world.store.load())
    assert begun.state not in shown
    assert begun.code_verifier not in shown
    (card,) = run(world.wallet.keep(run(world.wallet.adding.finish(url))))
    assert card.renewal is not None
    assert card.renewal.refresh_token not in repr(world.store.load().cards)
