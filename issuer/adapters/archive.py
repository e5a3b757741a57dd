"""An archive as files in a directory of its own."""

from collections.abc import Mapping
from pathlib import Path

from issuer.usecases.after.failures import ArchiveNotEmpty


class DirectoryArchive:
    """Writes into one directory, which is made, or is there and empty.

    Raises:
        ArchiveNotEmpty: when it is made with a directory that holds something.
    """

    def __init__(self, directory: Path) -> None:
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise ArchiveNotEmpty("not an empty directory")
        self._directory = directory

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files by their relative names."""
        for name, content in files.items():
            place = self._directory / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
