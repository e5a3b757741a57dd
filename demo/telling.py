"""How the story is told: a line for each step, a transcript, and a plain end when one fails."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class StoryFailed(Exception):
    """A step did not go as it must; says what was seen and what to do."""

    def __init__(self, seen: str, to_do: str) -> None:
        super().__init__(seen)
        self.seen = seen
        self.to_do = to_do


class Teller:
    """Prints the story and keeps it as a transcript."""

    def __init__(self, transcript: Path) -> None:
        self._lines = transcript.open("w", encoding="utf-8")
        self._began = time.monotonic()
        self._steps = 0

    def heading(self, text: str) -> None:
        """Begin a chapter."""
        self._say(f"\n{text}\n{'-' * len(text)}")

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Tell one step; it is ticked when everything inside has held."""
        self._steps += 1
        began = time.monotonic()
        yield
        self._say(f"  ok  {text}  ({time.monotonic() - began:.1f} s)")

    def quote(self, text: str) -> None:
        """Show what somebody in the story saw."""
        for line in text.strip().splitlines():
            self._say(f"      | {line}".rstrip())

    def end(self, text: str) -> None:
        """Close the story."""
        seconds = time.monotonic() - self._began
        self._say(f"\n{text}\n{self._steps} steps held, in {seconds:.0f} seconds.")
        self._lines.close()

    def failed(self, failure: StoryFailed) -> None:
        """Say which step failed and what to do."""
        self._say(f"\nFAILED: {failure.seen}\nWhat to do: {failure.to_do}", to=sys.stderr)
        self._lines.close()

    def _say(self, text: str, to: TextIO | None = None) -> None:
        print(text, file=to or sys.stdout, flush=True)
        self._lines.write(f"{text}\n")
        self._lines.flush()


def must(holds: object, seen: str, to_do: str = "") -> None:
    """Go on only if `holds`.

    Raises:
        StoryFailed: it does not.
    """
    if not holds:
        raise StoryFailed(seen, to_do or "read the transcript and the logs in demo-output/")
