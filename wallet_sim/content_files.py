"""The wallet's own content, as data files: next steps, and which cards are about the same matter.

A region puts its own addresses into ``content/next_steps.json``; no code changes with them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from credential_schemas.model import Label

CONTENT = Path(__file__).parent / "content"


@dataclass(frozen=True, slots=True)
class StepLink:
    """Where the person can go on."""

    text: Label
    address: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """What a self-assessment's ``recommended_next_step`` means in plain words."""

    code: str
    says: Label
    link: StepLink | None


@dataclass(frozen=True, slots=True)
class Matters:
    """What the inbox goes by.

    Attributes:
        same_matter: by card type, the claims that tell one matter from another; two cards of a
            type that is not listed are always about the same.
        many_at_once: card types of which every card stands by itself.
        days_to_come: claims that hold a day to be reminded of.
    """

    same_matter: Mapping[str, tuple[str, ...]]
    many_at_once: frozenset[str]
    days_to_come: tuple[str, ...]


@cache
def next_steps() -> Mapping[str, NextStep]:
    """Return every next step by its code."""
    return {code: _step(code, told) for code, told in _read("next_steps.json").items()}


@cache
def matters() -> Matters:
    """Return what the inbox goes by."""
    told = _read("matters.json")
    return Matters(
        same_matter={name: tuple(claims) for name, claims in told["same_matter"].items()},
        many_at_once=frozenset(told["many_at_once"]),
        days_to_come=tuple(told["days_to_come"]),
    )


def _step(code: str, told: Mapping[str, Any]) -> NextStep:
    link = told["link"]
    said = StepLink(Label(**link["text"]), link["address"]) if link else None
    return NextStep(code, Label(**told["says"]), said)


def _read(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((CONTENT / name).read_text("utf-8"))
    return read
