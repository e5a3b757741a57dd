"""Signed heads in a directory: one file a day, replaced while the day lasts."""

import asyncio
from datetime import date
from pathlib import Path

_PREFIX = "evidence-head-"
_SUFFIX = ".jws"


class HeadDirectory:
    """`usecases.evidence_keep.HeadPlace` over a directory, best on another machine or medium."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def newest(self) -> str | None:
        """Return the head of the latest day, None when there is none."""
        return await asyncio.to_thread(self._newest)

    async def has(self, day: date) -> bool:
        """Return whether there is a head of that day."""
        return await asyncio.to_thread(self._file(day).is_file)

    async def put(self, text: str, *, day: date) -> None:
        """Write the head of a day in one step.

        Raises:
            OSError: the directory cannot be written.
        """
        await asyncio.to_thread(self._put, text, day)

    def _newest(self) -> str | None:
        files = sorted(self._directory.glob(f"{_PREFIX}*{_SUFFIX}"))
        return files[-1].read_text("ascii") if files else None

    def _put(self, text: str, day: date) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._file(day)
        temporary = file.with_name(f".{file.name}.new")
        temporary.write_text(f"{text}\n", "ascii")
        temporary.replace(file)

    def _file(self, day: date) -> Path:
        return self._directory / f"{_PREFIX}{day.isoformat()}{_SUFFIX}"
