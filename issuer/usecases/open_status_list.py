"""Begin a status list, with some entries that nobody holds."""

from issuer.ports import Random, Records

_ENTRIES_PER_DECOY = 128


def open_status_list(
    records: Records, organisation: str, number: int, *, size: int, random: Random
) -> None:
    """Begin a list of `size` entries unless it is there.

    Anybody may count the entries of a public list that are not valid. So a new list gets a random
    number of decoys, at most one for every 128 entries: taken for good, revoked from the start.
    Unused entries look valid (Token Status List 13.3), so how many credentials there are was hidden
    anyhow; decoys hide how many of them are revoked, within that margin. They do not hide when
    something changes, how many are suspended, or what an entry says that somebody knows.
    """
    if not records.status_lists.open(organisation, number, size=size):
        return
    count = random.below(size // _ENTRIES_PER_DECOY + 1)
    records.status_lists.fill(organisation, number, {random.below(size) for _ in range(count)})
