"""Style sheet, script and icon: the only answers that a browser may keep."""

from typing import Any

from fastapi import Response
from fastapi.staticfiles import StaticFiles


class Assets(StaticFiles):
    """Files that are the same for everybody; a browser asks whether its copy is still good."""

    def file_response(self, *arguments: Any, **options: Any) -> Response:  # noqa: ANN401  starlette's
        """Return a file."""
        response = super().file_response(*arguments, **options)
        response.headers["Cache-Control"] = "no-cache"
        return response
