"""How a browser leaves: to the address that the wallet pushed, and to no other."""

from dataclasses import dataclass, field

from issuer.ports.authorization import Authorization
from issuer.usecases.authorization.tools import AuthorizationTools
from keys.checks import CheckFailed
from openid4vc.oauth.redirects import error_redirect


@dataclass(frozen=True, slots=True)
class Leaving:
    """The way back to the wallet.

    Attributes:
        address: with a code or an error, the wallet's own state, and who we are (RFC 9207).
        why: what went wrong, for a page that says so first; None to leave at once.
    """

    address: str = field(repr=False)
    why: CheckFailed | None = None


def leaving_with(
    tools: AuthorizationTools,
    authorization: Authorization,
    error: str,
    why: CheckFailed | None = None,
) -> Leaving:
    """Return the way back with an error."""
    address = error_redirect(
        authorization.redirect_uri,
        error=error,
        state=authorization.wallet_state,
        issuer=tools.addresses.issuer(authorization.organisation),
    )
    return Leaving(address, why)


async def left_with(
    tools: AuthorizationTools,
    authorization: Authorization,
    error: str,
    why: CheckFailed | None = None,
) -> Leaving:
    """End an authorization; returns the way back with an error."""
    await tools.store.write(lambda records: records.authorizations.end(authorization.id))
    return leaving_with(tools, authorization, error, why)
