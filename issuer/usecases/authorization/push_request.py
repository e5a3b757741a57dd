"""Take what a wallet asks for before it opens the browser (RFC 9126)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from credential_schemas.model import LANGS, Label
from issuer.ports import Records
from issuer.ports.authorization import Authorization, AuthorizationState
from issuer.usecases.authorization import secrets_of_authorization as secret
from issuer.usecases.authorization.failures import (
    DetailsNotToBeHad,
    NothingAskedFor,
    ProofOfOtherKey,
    SeveralAskedFor,
)
from issuer.usecases.authorization.tools import (
    REQUEST_LIFETIME,
    AuthorizationTools,
)
from issuer.usecases.proving.shown import Shown
from openid4vc.oauth.authorization import PushedRequest, read_pushed_request

_NAME_CHARS = 256


@dataclass(frozen=True, slots=True)
class Pushed:
    """Where the request is kept, and for how long."""

    request_uri: str = field(repr=False)
    lifetime: timedelta


class PushRequest:
    """Keeps the requests of wallets that somebody vouches for.

    An `issuer_state` is taken and given no meaning: it may come from somebody else (VCI 5.1.3), so
    that it binds nobody, and spares nobody the sign-in or the question.
    """

    def __init__(self, tools: AuthorizationTools) -> None:
        self._tools = tools

    async def __call__(
        self, organisation: str, form: Sequence[tuple[str, str]], shown: Shown
    ) -> Pushed:
        """Keep a request.

        Raises:
            AuthorizationRefused: one of its subclasses: the wallet does not show who it is, or by
                which key, or the request is none that we take.
        """
        tools = self._tools
        # 1. It holds the key that its tokens shall be bound to, and is an attested wallet.
        jkt = await tools.prove_key(organisation, shown, is_required=False)
        client_id = dict(form).get("client_id") or None
        client = await tools.proved_client(organisation, shown, client_id=client_id)
        # 2. The request is one, for one card that can be asked for.
        location = tools.addresses.issuer(organisation)
        request = read_pushed_request(form, location=location)
        type_id = self._type_of(organisation, request)
        # 3. The key that it names is that one.
        if jkt is not None and request.dpop_jkt not in (None, jkt):
            raise ProofOfOtherKey("dpop_jkt")
        # 4. It is kept under a name that nobody can guess.
        request_uri = secret.request_uri_of(tools.random.token())
        now = tools.clock.now()
        authorization = Authorization(
            id=tools.random.bytes(16).hex(),
            organisation=organisation,
            type_id=type_id,
            schema_version=tools.catalogue.types[type_id].version,
            state=AuthorizationState.PUSHED,
            by_identifier=request.details is not None,
            client_id=client.client_id,
            wallet_name=None if client.wallet_name is None else _shown(client.wallet_name),
            provider_names=Label(**{lang: _shown(client.provider_names[lang]) for lang in LANGS}),
            instance_thumbprint=client.instance_thumbprint,
            dpop_jkt=request.dpop_jkt or jkt,
            redirect_uri=request.redirect_uri,
            code_challenge=request.code_challenge,
            wallet_state=request.state,
            request_mac=secret.request_mac(tools.vault, request_uri),
            created_at=now,
            expires_at=now + REQUEST_LIFETIME,
        )

        def keep(records: Records) -> None:
            if records.closings.get(organisation) is not None:
                raise NothingAskedFor("the organisation has closed")
            records.authorizations.add(authorization)

        await tools.store.write(keep)
        return Pushed(request_uri, REQUEST_LIFETIME)

    def _type_of(self, organisation: str, request: PushedRequest) -> str:
        """Return the one type that is asked for; details win over a scope of the same (5.1.2)."""
        may_be_had = self._may_be_had(organisation)
        details = request.details or frozenset()
        scopes = request.scopes & may_be_had
        if len(details) > 1:
            raise DetailsNotToBeHad(f"one at a time: {_named(details)}")
        if not details <= may_be_had:
            raise DetailsNotToBeHad(_named(details))
        asked = sorted(details | scopes)
        if not asked:
            raise NothingAskedFor("no scope of a card that wallets can ask for")
        if len(asked) > 1:
            raise SeveralAskedFor(f"one at a time: {_named(asked)}")
        return asked[0]

    def _may_be_had(self, organisation: str) -> frozenset[str]:
        """Return the types that wallets can ask the organisation for by themselves."""
        if self._tools.sign_in is None:
            return frozenset()
        found = self._tools.catalogue.organisations[organisation]
        serves = self._tools.claims_source.serves
        return frozenset(one for one in found.types if serves(organisation, one))


def _shown(name: str) -> str:
    """Return a name as people are shown it: one line of what can be seen."""
    return "".join(sign for sign in name if sign.isprintable())[:_NAME_CHARS]


def _named(types: Iterable[str]) -> str:
    return ", ".join(sorted(types))
