"""Every way in which a query, or an answer to it, fails."""

from typing import ClassVar

from openid4vc.checks import CheckFailed
from openid4vc.specs import Section


class MalformedQuery(CheckFailed):
    """The query is no DCQL: a member is missing, of the wrong JSON type, or too large."""

    code: ClassVar[str] = "malformed_query"
    spec: ClassVar[str] = Section.VP_6


class MalformedClaimsPath(MalformedQuery):
    """A claims path is no array of strings, nulls and non-negative integers."""

    code: ClassVar[str] = "malformed_claims_path"
    spec: ClassVar[str] = Section.VP_7


class QueryIdRepeated(MalformedQuery):
    """Two credential queries, or two claims of one credential query, have the same `id`."""

    code: ClassVar[str] = "query_id_repeated"
    spec: ClassVar[str] = Section.VP_6_1


class ClaimAskedTwice(MalformedQuery):
    """A query of ours points to the same claim twice; in queries of others that is ignored."""

    code: ClassVar[str] = "claim_asked_twice"
    spec: ClassVar[str] = Section.VP_6_1


class ClaimSetsWithoutClaims(MalformedQuery):
    """`claim_sets` is there, but there is no claim, or no such claim, that it could name."""

    code: ClassVar[str] = "claim_sets_without_claims"
    spec: ClassVar[str] = Section.VP_6_4


class VctValuesMissing(MalformedQuery):
    """A query for `dc+sd-jwt` does not say which types it accepts."""

    code: ClassVar[str] = "vct_values_missing"
    spec: ClassVar[str] = Section.VP_B_3_5


class FormatNotSupported(CheckFailed):
    """The query can be met only with a credential format that we do not have."""

    code: ClassVar[str] = "format_not_supported"
    spec: ClassVar[str] = Section.VP_6_1


class OverAsked(CheckFailed):
    """The query asks for more than the receiver's role may ask; the detail names the claim."""

    code: ClassVar[str] = "over_asked"
    spec: ClassVar[str] = Section.ALLOW_LIST


class QueryNotSatisfied(CheckFailed):
    """The presentations do not hold what the query requires."""

    code: ClassVar[str] = "query_not_satisfied"
    spec: ClassVar[str] = Section.VP_6_4


class VctNotAsked(CheckFailed):
    """A credential of another type than the query asked for was presented."""

    code: ClassVar[str] = "vct_not_asked"
    spec: ClassVar[str] = Section.VP_B_3_5


class PresentationNotAsked(CheckFailed):
    """A presentation came under an `id` that the query does not have."""

    code: ClassVar[str] = "presentation_not_asked"
    spec: ClassVar[str] = Section.VP_8_1


class TooManyPresentations(CheckFailed):
    """Several presentations came where the query asked for one."""

    code: ClassVar[str] = "too_many_presentations"
    spec: ClassVar[str] = Section.VP_8_1
