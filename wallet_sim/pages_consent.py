"""The consent page: who asks, why, what you gain, what leaves, what stays, how long it is kept."""

from collections.abc import Mapping, Sequence

from credential_schemas.model import Path
from openid4vc.dcql.paths import select
from wallet_sim.asking import Asking
from wallet_sim.consent import Choice, Part, WhyNot
from wallet_sim.held import HeldCard
from wallet_sim.words import INDENT, Words

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def consent_page(words: Words, request: Asking, choices: Sequence[Choice]) -> list[str]:
    """Everything the person needs to decide, in the order of the mockups."""
    return [
        *_who_and_why(words, request),
        "",
        *leaving_page(words, choices),
        *_how_long(words, request),
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
                *_passed_over(words, part),
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
        *leaving_page(words, (choice,)),
        "",
        words.say("consent.free"),
    ]


def optional_letters(choices: Sequence[Choice]) -> Mapping[str, tuple[Choice, Path]]:
    """Return the letters by which optional claims are left out, or taken in again."""
    pairs = [(choice, path) for choice in choices for path in _all_optional(choice)]
    return dict(zip(LETTERS, pairs, strict=False))


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


def _all_optional(choice: Choice) -> list[Path]:
    either = {*choice.optional, *choice.left_out}
    return [claim.path for claim in choice.part.query.claims if claim.path in either]


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


def leaving_page(words: Words, choices: Sequence[Choice]) -> list[str]:
    """What leaves and what stays, after the person has changed something."""
    lines: list[str] = []
    letters = {path: letter for letter, (_, path) in optional_letters(choices).items()}
    for choice in choices:
        title = choice.part.type.title[words.lang]
        lines.append(words.say("consent.shows", title=title, id=choice.held.card.id))
        for path in choice.shown_paths():
            if path not in choice.optional:
                lines += _row(words, choice, path)
        lines += _lettered(words, "consent.may_leave_out", choice, choice.optional, letters)
        lines += _lettered(words, "consent.left_out", choice, choice.left_out, letters)
        lines += _what_stays(words, choice)
    return lines


def _lettered(
    words: Words, key: str, choice: Choice, paths: Sequence[Path], letters: Mapping[Path, str]
) -> list[str]:
    """Return the optional claims under a heading, each with the letter that it is toggled by."""
    lines = ["", words.say(key)] if paths else []
    for path in paths:
        first, *more = _row(words, choice, path)
        lines += [f"{INDENT}{letters.get(path, '-')})  {first.strip()}", *more]
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
    return [*lines, *_passed_over(words, choice.part)]


def _row(words: Words, choice: Choice, path: Path) -> list[str]:
    credential_type = choice.part.type
    said = words.value(credential_type, path, shown_value(choice.held, path))
    return words.row(words.label(credential_type, path), said)


def _passed_over(words: Words, part: Part) -> list[str]:
    lines = []
    for one in part.passed_over:
        if one.why is WhyNot.EXPIRED and one.card.expires_at is not None:
            date = words.last_day(one.card.expires_at)
            lines.append(words.say("consent.not_offered_expired", id=one.card.id, date=date))
        elif one.why is WhyNot.OTHER_ISSUER:
            lines.append(words.say("consent.not_offered_issuer", id=one.card.id))
        else:
            lines.append(words.say("consent.not_offered_lacks", id=one.card.id))
    return lines


def _how_long(words: Words, request: Asking) -> list[str]:
    profile = request.profile
    key = f"retention.{profile.retention}"
    lines = ["", words.say(key if words.has(key) else "retention.other")]
    if profile.approval_kind == "gdpr_consent":
        lines.append(words.say("consent.withdraw"))
    return [*lines, words.say("consent.law", text=profile.legal_basis[words.lang])]
