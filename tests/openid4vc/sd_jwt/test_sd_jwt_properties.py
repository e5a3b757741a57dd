"""Whatever is issued, selected and bound verifies, and no changed character does."""

import base64
import contextlib
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from keys.checks import CheckFailed
from openid4vc.sd_jwt.digests import disclose
from openid4vc.sd_jwt.issue import issue
from openid4vc.sd_jwt.model import Path
from openid4vc.sd_jwt.parse import parse
from openid4vc.sd_jwt.present import select
from openid4vc.sd_jwt.vc import PROTECTED_CLAIMS
from openid4vc.sd_jwt.verify import verify
from tests.openid4vc.sd_jwt.kit import (
    ISSUER,
    bound,
    counting_salts,
    encoded,
    expected,
    expected_binding,
    hiding,
    vc_claims,
)

NAMES = st.text(min_size=1, max_size=8).filter(
    lambda name: name not in {"_sd", "...", "_sd_alg"} | set(vc_claims()) | PROTECTED_CLAIMS
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
CLAIMS = st.dictionaries(NAMES, VALUES, max_size=6)
TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=60)


def places(value: Any, above: Path = ()) -> list[Path]:
    """Every place below a value."""
    parts: Any = ()
    if isinstance(value, dict):
        parts = value.items()
    if isinstance(value, list):
        parts = enumerate(value)
    below = [each for step, part in parts for each in places(part, (*above, step))]
    return [(*above, step) for step, _part in parts] + below if parts else below


@given(claims=CLAIMS, data=st.data(), decoys=st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_issue_select_bind_verify(claims: dict[str, Any], data: st.DataObject, decoys: int) -> None:
    everywhere = places(claims)
    hidden = data.draw(st.sets(st.sampled_from(everywhere))) if everywhere else set()
    wanted = data.draw(st.lists(st.sampled_from(everywhere), max_size=3)) if everywhere else []
    issued = issue(
        {**claims, **vc_claims()},
        hide=hidden.__contains__,
        header={"typ": "dc+sd-jwt"},
        signer=ISSUER,
        random_bytes=counting_salts(),
        decoys=decoys,
    )
    # The holder gets back what was to be said.
    held = verify(issued, expected())
    assert held.claims == {**claims, **vc_claims()}
    assert held.disclosed == hidden
    assert held.partial_arrays == frozenset()

    # The receiver gets what was wanted, and of the hidden no other branch.
    presented = bound(select(parse(issued), wanted))
    result = verify(presented, expected(key_binding=expected_binding()))
    assert result.claims == {**shown(claims, hidden, wanted), **vc_claims()}


def kept(place: Path, hidden: set[Path], wanted: list[Path]) -> bool:
    """Whether a place is shown: each hidden step on the way to it lies on a wanted branch."""
    steps = [place[: length + 1] for length in range(len(place))]
    return all(
        any(step[: len(each)] == each[: len(step)] for each in wanted)
        for step in steps
        if step in hidden
    )


def shown(value: Any, hidden: set[Path], wanted: list[Path], above: Path = ()) -> Any:
    """What a presentation should hold, worked out without any digests."""
    if isinstance(value, dict):
        return {
            name: shown(part, hidden, wanted, (*above, name))
            for name, part in value.items()
            if kept((*above, name), hidden, wanted)
        }
    if isinstance(value, list):
        return [
            shown(part, hidden, wanted, (*above, index))
            for index, part in enumerate(value)
            if kept((*above, index), hidden, wanted)
        ]
    return value


SMALL = bound(hiding(encoded("salt", "given_name", "Aino")))
POLICY = expected(key_binding=expected_binding())


def accepted(text: str) -> bool:
    try:
        verify(text, POLICY)
    except CheckFailed:
        return False
    return True


def test_the_unchanged_is_accepted() -> None:
    assert accepted(SMALL)


@given(place=st.integers(0, len(SMALL) - 1), character=st.characters(codec="ascii"))
@settings(deadline=None, max_examples=400)
def test_no_changed_character_is_accepted(place: int, character: str) -> None:
    assume(SMALL[place] != character)
    assert not accepted(SMALL[:place] + character + SMALL[place + 1 :])


@given(start=st.integers(0, len(SMALL)), length=st.integers(1, 40), put=TEXTS)
@settings(deadline=None, max_examples=300)
def test_no_cut_or_filled_text_is_accepted(start: int, length: int, put: str) -> None:
    changed = SMALL[:start] + put + SMALL[start + length :]
    assume(changed != SMALL)
    assert not accepted(changed)


@given(part=st.integers(0, 5), bit=st.integers(min_value=0))
@settings(deadline=None, max_examples=300)
def test_no_flipped_bit_is_accepted(part: int, bit: int) -> None:
    """Flip one bit of what the base64url says: headers, payloads, signatures."""
    issuer_jwt, disclosure, binding = SMALL.split("~")
    segments = [*issuer_jwt.split("."), *binding.split(".")]
    raw = bytearray(base64.urlsafe_b64decode(segments[part] + "=="))
    raw[bit // 8 % len(raw)] ^= 1 << bit % 8
    segments[part] = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    changed = "~".join((".".join(segments[:3]), disclosure, ".".join(segments[3:])))
    assert not accepted(changed)


@given(text=TEXTS)
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_refused_in_an_orderly_way(text: str) -> None:
    for form in (text, text + "~", SMALL.replace("~", "~" + text + "~", 1), SMALL + text):
        assert form == SMALL or not accepted(form)


@given(raw=VALUES)
@settings(deadline=None, max_examples=200)
def test_any_payload_is_read_or_refused_in_an_orderly_way(raw: Any) -> None:
    text = hiding(encoded("salt", "x", raw), _sd_alg="sha-256", y=raw, z={"_sd": raw})
    with contextlib.suppress(CheckFailed):
        disclose(parse(text))
