"""Whether the readings of a type's scales agree with its claims and with the code lists."""

from collections.abc import Iterator
from itertools import pairwise

from credential_schemas import model as m


def reading_faults(credential_type: m.CredentialType, catalogue: m.Catalogue) -> Iterator[str]:
    """What is wrong with how the numbers of a type are to be read."""
    for claim in credential_type.claims.values():
        readings = () if claim.scale is None else claim.scale.readings
        for one in readings:
            for fault in (*_place_faults(one, credential_type, catalogue), *_limit_faults(one)):
                yield f"{claim.name}: {fault}"
            if not set(one.limits) <= catalogue.code_lists.get(one.code_list or "", {}).keys():
                yield f"{claim.name}: a class has no label"


def _place_faults(
    reading: m.Reading, credential_type: m.CredentialType, catalogue: m.Catalogue
) -> Iterator[str]:
    if reading.when is None:
        return
    name, code = reading.when
    claim = credential_type.claims.get(name)
    codes = {} if claim is None else catalogue.code_lists.get(claim.code_list or "", {})
    if code not in codes:
        yield f"no such code: {name}: {code}"


def _limit_faults(reading: m.Reading) -> Iterator[str]:
    """The classes cover the range without gap or overlap."""
    if reading.lowest >= reading.highest:
        yield "the range is empty"
    if not reading.limits:
        return
    limits = sorted(reading.limits.values())
    ends = (limits[0][0], limits[-1][1])
    gaps = any(after[0] != before[1] + 1 for before, after in pairwise(limits))
    if gaps or ends != (reading.lowest, reading.highest) or any(a > b for a, b in limits):
        yield "the classes do not cover the range"
