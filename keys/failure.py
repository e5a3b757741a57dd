"""The base of every failure."""

from typing import ClassVar


class CheckFailed(Exception):
    """Something that was checked does not hold.

    Attributes:
        code: stable, snake_case; what logs, interfaces and translations go by.
        spec: the clause that the check enforces.
        detail: a technical remark for the log; never personal data, never a secret.
    """

    code: ClassVar[str] = "check_failed"
    spec: ClassVar[str] = ""

    def __init__(self, detail: str = "") -> None:
        """Keep the technical remark."""
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        """Return the code, followed by the remark when there is one."""
        return f"{self.code}: {self.detail}" if self.detail else self.code
