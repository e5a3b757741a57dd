"""The keys by which authorization servers know this wallet: others for each (ABCA 10.1)."""

from wallet_sim.held import key_of
from wallet_sim.instances import Instance
from wallet_sim.ports import Store
from wallet_sim.tools import Tools


class InstanceKeys:
    """Finds the wallet's keys at a server, and makes them where there are none."""

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    def at(self, server: str) -> Instance:
        """Return the keys that this server knows the wallet by, and no other."""
        known = self._store.load().instance(server)
        if known is not None:
            return known
        new_key = self._tools.new_key
        made = Instance(server, key_of(new_key()), key_of(new_key()))
        contents = self._store.change(lambda contents: contents.with_instance(made))
        return contents.instance(server) or made
