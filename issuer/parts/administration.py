"""What an operator does from the command line, put together."""

from dataclasses import dataclass

from issuer.parts.base import Parts
from issuer.usecases.clients.add_client import AddClient
from issuer.usecases.clients.list_clients import ListClients
from issuer.usecases.clients.revoke_client import RevokeClient
from issuer.usecases.create_api_key import CreateApiKey
from issuer.usecases.list_api_keys import ListApiKeys
from issuer.usecases.revoke_api_key import RevokeApiKey


@dataclass(frozen=True, slots=True)
class Administration:
    """What an operator does from the command line."""

    create_api_key: CreateApiKey
    list_api_keys: ListApiKeys
    revoke_api_key: RevokeApiKey
    add_client: AddClient
    list_clients: ListClients
    revoke_client: RevokeClient


def make_administration(parts: Parts) -> Administration:
    """Return the use cases of the command line."""
    return Administration(
        create_api_key=CreateApiKey(
            store=parts.store,
            form=parts.key_form,
            clock=parts.clock,
            catalogue=parts.catalogue,
        ),
        list_api_keys=ListApiKeys(store=parts.store),
        revoke_api_key=RevokeApiKey(store=parts.store, clock=parts.clock),
        add_client=AddClient(
            store=parts.store,
            clock=parts.clock,
            random=parts.random,
            catalogue=parts.catalogue,
        ),
        list_clients=ListClients(store=parts.store),
        revoke_client=RevokeClient(store=parts.store, clock=parts.clock),
    )
