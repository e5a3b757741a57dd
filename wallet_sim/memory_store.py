"""A store that forgets everything at the end of the process: for demonstrations and tests. Unsafe.

It holds itself to the same contract tests as the file store.
"""

from collections.abc import Callable

from wallet_sim.contents_json import from_json, to_json
from wallet_sim.model import Contents


class MemoryStore:
    """Contents in memory, through the same JSON as on disk. Satisfies ``ports.Store``."""

    def __init__(self, contents: Contents) -> None:
        self._data = to_json(contents)

    def load(self) -> Contents:
        """Read everything."""
        return from_json(self._data)

    def change(self, work: Callable[[Contents], Contents]) -> Contents:
        """Change as one step."""
        self._data = to_json(work(self.load()))
        return self.load()
