"""Why the organisation's own system brought no claims: one class, one code, one clause each."""

from typing import ClassVar

from keys.checks import CheckFailed

_PAGE = "Kykylompakko docs/pull-api.md"


class ClaimsSourceMissing(CheckFailed):
    """No system of this organisation can be asked for claims."""

    code: ClassVar[str] = "claims_source_missing"
    spec: ClassVar[str] = _PAGE


class ClaimsSourceUnavailable(CheckFailed):
    """The organisation's system cannot be reached, or does not answer in time."""

    code: ClassVar[str] = "claims_source_unavailable"
    spec: ClassVar[str] = _PAGE


class ClaimsSourceAnswerInvalid(CheckFailed):
    """The organisation's system answered something else than was agreed."""

    code: ClassVar[str] = "claims_source_answer_invalid"
    spec: ClassVar[str] = _PAGE
