"""The consent page: who asks, why, what you gain, what leaves, what stays, how long it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from credential_schemas.model import Path
from openid4vc.dcql.paths import path_text, select
from wallet_sim.asking import Asking
from wallet_sim.consent import Choice, Part, WhyNot, further_of
from wallet_sim.deeds import KEPT
from wallet_sim.held import HeldCard
from wallet_sim.logbook import terms_of
from wallet_sim.model import Standing
from wallet_sim.words import INDENT, Words

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Toggle:
    """Something that may be left out: a claim, or a whole card that the task can do without.

    Attributes:
        part: what of the request it belongs to.
        path: the claim; None for the whole card.
    """

    part: Part
    path: Path | None

    @property
    def names(self) -> tuple[str, ...]:
        """By what a wish may name it, the plainest first and the surest last."""
        query_id = self.part.query.id
        if self.path is None:
            return (query_id,)
        return path_text(self.path), f"{query_id}.{path_text(self.path)}"


def consent_page(
    words: Words, request: Asking, choices: Sequence[Choice], at: datetime
) -> list[str]:
    """Everything the person needs to decide, in the order of the mockups."""
    profile = request.profile
    return [
        *_who_and_why(words, request),
        "",
        *leaving_page(words, request, choices),
        "",
        how_long(words, request, at),
        *may_be_used(words, request),
        *what_yes_is(words, profile.approval_kind),
        words.say("consent.law", text=profile.legal_basis[words.lang]),
        "",
        words.say("consent.free"),
    ]


def no_card_page(words: Words, request: Asking) -> list[str]:
    """The request, and why no card answers it."""
    lines = [*_who_and_why(words, request), ""]
    for part in request.parts:
        if not part.fitting:
            lines += [
                words.say("consent.no_card", title=part.type.title[words.lang]),
                *passed_over(words, part),
            ]
    return lines


def open_page(words: Words, choice: Choice) -> list[str]:
    """What the person would show without being asked, after a warning."""
    return [
        words.say("qr.title"),
        "",
        words.say("qr.warning"),
        words.say("qr.no_proof"),
        "",
        *_leaving(words, choice, {}),
        "",
        words.say("consent.free"),
    ]


def toggles(request: Asking, choices: Sequence[Choice]) -> list[Toggle]:
    """Return what may be left out, or taken in again, in the order of the request."""
    found: list[Toggle] = []
    further = {part.query.id for part in further_of(request.query, request.parts, request.profile)}
    for part in request.parts:
        if part.query.id in further:
            found.append(Toggle(part, None))
        either = {
            path
            for choice in choices
            if choice.part.query.id == part.query.id
            for path in (*choice.optional, *choice.left_out)
        }
        found += [Toggle(part, claim.path) for claim in part.query.claims if claim.path in either]
    return found


def optional_letters(request: Asking, choices: Sequence[Choice]) -> Mapping[str, Toggle]:
    """Return the letters by which things are left out, or taken in again."""
    return dict(zip(LETTERS, toggles(request, choices), strict=False))


def shown_value(held: HeldCard, path: Path) -> object:
    """Return what a path leads to: one value, or the list of all that it selects."""
    found = [value for _, value in select(held.claims, path)]
    return found if None in path else next(iter(found), None)


def always_visible(choice: Choice) -> list[str]:
    """Return the claims of the card that every showing reveals."""
    always = choice.part.type.always_disclosed()
    return [name for name in choice.part.type.claims if name in always & choice.held.claims.keys()]


def staying(choice: Choice) -> list[str]:
    """Return the claims of the card of which nothing leaves and that were not offered to leave."""
    touched = {path[0] for path in (*choice.shown_paths(), *choice.left_out)}
    always = choice.part.type.always_disclosed()
    return [
        name
        for name in choice.part.type.claims
        if name in choice.held.claims and name not in touched and name not in always
    ]


def _who_and_why(words: Words, request: Asking) -> list[str]:
    profile, lang = request.profile, words.lang
    return [
        words.say("consent.title", name=words.name(request.party.names)),
        words.say("consent.on_list"),
        "",
        words.say("consent.task", text=profile.title[lang]),
        words.say("consent.why", text=profile.purpose[lang]),
        words.say("consent.gain", text=profile.gain[lang]),
    ]


def leaving_page(words: Words, request: Asking, choices: Sequence[Choice]) -> list[str]:
    """What leaves and what stays, also after the person has changed something."""
    letters = {
        (toggle.part.query.id, toggle.path): letter
        for letter, toggle in optional_letters(request, choices).items()
    }
    lines: list[str] = []
    for choice in choices:
        lines += _leaving(words, choice, letters)
    leaving = {choice.part.query.id for choice in choices}
    for part in further_of(request.query, request.parts, request.profile):
        key = "consent.card_left_out" if part.query.id not in leaving else "consent.card_may"
        letter = letters.get((part.query.id, None), "-")
        lines.append(f"{INDENT}{letter})  {words.say(key, title=part.type.title[words.lang])}")
    return lines


_Letters = Mapping[tuple[str, Path | None], str]


def _leaving(words: Words, choice: Choice, letters: _Letters) -> list[str]:
    """What leaves of one card and what stays."""
    title = choice.part.type.title[words.lang]
    lines = [words.say("consent.shows", title=title, id=choice.held.card.id)]
    checked = choice.held.card.checked
    if checked is not None and checked.standing is Standing.SUSPENDED:
        lines.append(words.say("consent.suspended"))
    for path in choice.shown_paths():
        if path not in choice.optional:
            lines += _row(words, choice, path)
    if shows_in_part(choice):
        lines.append(words.say("consent.in_part"))
    lines += _lettered(words, "consent.may_leave_out", choice, choice.optional, letters)
    lines += _lettered(words, "consent.left_out", choice, choice.left_out, letters)
    return [*lines, *_what_stays(words, choice)]


def shows_in_part(choice: Choice) -> bool:
    """Say whether single elements of a list are asked: lists go whole unless the receiver does."""
    return any(isinstance(step, int) for path in choice.shown_paths() for step in path)


def _lettered(
    words: Words, key: str, choice: Choice, paths: Sequence[Path], letters: _Letters
) -> list[str]:
    """Return the optional claims under a heading, each with the letter that it is toggled by."""
    lines = ["", words.say(key)] if paths else []
    for path in paths:
        first, *more = _row(words, choice, path)
        letter = letters.get((choice.part.query.id, path), "-")
        lines += [f"{INDENT}{letter})  {first.strip()}", *more]
    return lines


def _what_stays(words: Words, choice: Choice) -> list[str]:
    lines = [""]
    if stays := staying(choice):
        names = [words.label(choice.part.type, (name,)) for name in stays]
        lines.append(words.say("consent.stays", names=words.join(names)))
    if always := always_visible(choice):
        lines.append(words.say("consent.always"))
        for name in always:
            lines += _row(words, choice, (name,))
    return [*lines, *passed_over(words, choice.part)]


def _row(words: Words, choice: Choice, path: Path) -> list[str]:
    credential_type = choice.part.type
    said = words.value(credential_type, path, shown_value(choice.held, path))
    return words.row(words.label(credential_type, path), said)


def passed_over(words: Words, part: Part) -> list[str]:
    """Why cards of the asked type are not offered."""
    lines = []
    for one in part.passed_over:
        if one.why is WhyNot.EXPIRED and one.card.expires_at is not None:
            date = words.last_day(one.card.expires_at)
            lines.append(words.say("consent.not_offered_expired", id=one.card.id, date=date))
        elif one.why is WhyNot.REVOKED:
            lines.append(words.say("consent.not_offered_revoked", id=one.card.id))
        elif one.why is WhyNot.OTHER_ISSUER:
            lines.append(words.say("consent.not_offered_issuer", id=one.card.id))
        else:
            lines.append(words.say("consent.not_offered_lacks", id=one.card.id))
    return lines


def how_long(words: Words, request: Asking, at: datetime) -> str:
    """For how long the receiver keeps what it is shown, from the wallet's own catalogue."""
    until = terms_of(request.profile, at).kept_until
    if until is not None:
        return words.say("retention.until", date=words.day(until))
    key = f"retention.{request.profile.retention}"
    return words.say(key if words.has(key) else "retention.other")


def may_be_used(words: Words, request: Asking) -> list[str]:
    """That the receiver may mark a card as used, where it takes the card's matter over."""
    if request.profile.retention != KEPT:
        return []
    return [
        words.say("consent.may_be_used", title=part.type.title[words.lang])
        for part in request.parts
        if part.fitting and part.type.taken_in_by
    ]


def what_yes_is(words: Words, approval_kind: str) -> list[str]:
    """What a yes is, and what taking it back does and does not do."""
    return [words.say(f"approval.{approval_kind}"), words.say(f"taking_back.{approval_kind}")]
