"""Which credentials satisfy a whole query: one definition for wallet and verifier (6.4.2)."""

from collections.abc import Collection, Sequence

from msgspec import Struct

from openid4vc.dcql.model import CredentialSet, Query


class Selection(Struct, frozen=True):
    """The credential queries to be answered.

    Attributes:
        required: ids of one full option of every required set.
        optional: for each optional set that can be met, the ids of one full option.
    """

    required: tuple[str, ...]
    optional: tuple[tuple[str, ...], ...] = ()

    def all_ids(self) -> tuple[str, ...]:
        """Return every id once, the required ones first."""
        if not self.optional:
            return self.required
        return tuple(
            dict.fromkeys((*self.required, *(id_ for ids in self.optional for id_ in ids)))
        )


def select_credentials(
    query: Query, available: Collection[str], *, prefer: Collection[str] = ()
) -> Selection | None:
    """Choose an option for every credential set from what is available.

    Args:
        query: what is asked.
        available: ids of the credential queries that can be answered.
        prefer: ids that somebody chose: options with one of them come first, otherwise the
            asker's order holds.

    Returns:
        The selection, or None when a required set cannot be met: then no credential at all may be
        returned (6.4.2).
    """
    if not query.credential_sets:  # all of them, in the asker's order
        everything = tuple([one.id for one in query.credentials])
        return Selection(everything) if all(map(available.__contains__, everything)) else None
    required: list[str] = []
    optional: list[tuple[str, ...]] = []
    for one in query.credential_sets:
        option = _first_option(one, frozenset(available), frozenset(prefer))
        if option is None and one.required:
            return None
        if option is not None and one.required:
            required += option
        elif option is not None:
            optional.append(option)
    return Selection(tuple(dict.fromkeys(required)), tuple(optional))


def _first_option(
    one: CredentialSet, available: frozenset[str], prefer: frozenset[str]
) -> tuple[str, ...] | None:
    options: Sequence[tuple[str, ...]] = sorted(one.options, key=prefer.isdisjoint)
    return next((option for option in options if available.issuperset(option)), None)
