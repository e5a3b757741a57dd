"""How an access token of an issuing system looks and is kept."""

from issuer.ports import Random, Vault

_BEGIN = "kyat_"


def new_token(random: Random) -> str:
    """Return a new token: 32 random bytes behind a beginning by which leaks can be searched."""
    return _BEGIN + random.token()


def is_token(text: str) -> bool:
    """Whether a text says that it is an access token."""
    return text.startswith(_BEGIN)


def token_mac(vault: Vault, token: str) -> bytes:
    """Return the keyed MAC under which a token is kept."""
    return vault.mac("system-token", token)
