"""Answer the token endpoint: one way in for each grant type (RFC 6749 4.1.3, 6; OpenID4VCI 6.1)."""

from collections.abc import Sequence

from issuer.usecases.authorization.redeem_code import RedeemCode
from issuer.usecases.authorization.refresh import RefreshAuthorization
from issuer.usecases.authorization.secrets_of_authorization import looks_like_refresh_token
from issuer.usecases.deferred.refresh_access import RefreshAccess
from issuer.usecases.exchange_token import ExchangeToken
from issuer.usecases.proving.prove_client import ProveClient
from issuer.usecases.proving.prove_key import ProveKey
from issuer.usecases.proving.shown import Shown
from issuer.usecases.tokens import AccessToken, Holder
from openid4vc.openid4vci.code_request import read_code_request
from openid4vc.openid4vci.token import client_id_of, read_refresh_request

Form = Sequence[tuple[str, str]]


class GiveToken:
    """Finds out what a wallet has for a token, and who it shows that it is.

    With a pre-authorized code, or its refresh token, a wallet may stay anonymous; what it shows all
    the same, its tokens are bound to.
    """

    def __init__(
        self,
        *,
        prove_client: ProveClient,
        prove_key: ProveKey,
        exchange: ExchangeToken,
        refresh: RefreshAccess,
        redeem: RedeemCode,
        refresh_authorization: RefreshAuthorization,
    ) -> None:
        self._prove_client = prove_client
        self._prove_key = prove_key
        self._exchange = exchange
        self._refresh = refresh
        self._redeem = redeem
        self._refresh_authorization = refresh_authorization

    async def __call__(self, organisation: str, form: Form, shown: Shown) -> AccessToken:
        """Return an access token.

        Args:
            organisation: whose token endpoint was called.
            form: the form's (name, value) pairs.
            shown: the request's headers.

        Raises:
            CheckFailed: as the ways in say.
        """
        code_request = read_code_request(form)
        if code_request is not None:
            return await self._redeem(organisation, code_request, shown)
        refresh_token = read_refresh_request(form)
        client_id = client_id_of(dict(form))
        if refresh_token is None:
            holder = await self._holder(organisation, shown, client_id)
            return await self._exchange(organisation, form, holder)
        if looks_like_refresh_token(refresh_token):
            return await self._refresh_authorization(
                organisation, refresh_token, shown, client_id=client_id
            )
        holder = await self._holder(organisation, shown, client_id)
        return await self._refresh(organisation, refresh_token, holder)

    async def _holder(self, organisation: str, shown: Shown, client_id: str | None) -> Holder:
        jkt = await self._prove_key(organisation, shown, is_required=False)
        client = await self._prove_client(
            organisation, shown, client_id=client_id, is_required=False
        )
        if client is None:
            return Holder(dpop_jkt=jkt)
        return Holder(client.client_id, client.instance_thumbprint, jkt)
