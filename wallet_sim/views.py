"""What ``--json`` prints: stable keys, times in ISO 8601 UTC, languages chosen by ``--lang``.

- card: ``id``, ``type``, ``title``, ``vct``, ``issuer`` {``id``, ``name``}, ``received_at``,
  ``expires_at`` or null, ``expired``, ``standing`` (``valid``, ``suspended``, ``revoked``) and
  ``standing_as_of``, null before the issuer was asked; with ``show`` also ``claims`` (names to
  values).
- offer: ``issuer`` (identifier), ``host``, ``name`` (unchecked), ``types`` [{``id``, ``title``}],
  ``pin`` null or {``length``, ``input_mode``}.
- request: ``receiver`` {``id``, ``name``, ``roles``}, ``profile``, ``task``, ``purpose``, ``gain``,
  ``legal_basis``, ``approval_kind``, ``retention``, ``can_be_answered``, ``cards`` [{``card``,
  ``type``, ``query``, ``shows`` [{``path``, ``label``, ``value``, ``optional``}], ``left_out``,
  ``stays``, ``always``}], ``not_offered`` [{``card``, ``why``}].
- drawn (``challenge``, ``qr``): ``pictures`` [paths], ``animation`` path or null, ``frames``
  [digits], ``open_until`` or null; all empty or null when nothing was shown.
- showing (``qr``): one of the request's ``cards``.
- scan: ``pictures`` [{``picture``, ``holds`` (``offer``, ``request``, ``challenge``,
  ``bound_answer``, ``self_initiated_answer``, ``web_address``, ``other``) or null, ``frame`` and
  ``frames`` or null, ``error`` and ``message`` or null}], ``answer`` null or {``holds``, ``seen``,
  ``total``, ``missing`` [numbers], ``complete``}.
- log entry: ``id``, ``at``, ``kind``, ``outcome``, ``reason`` or null, ``party`` {``id``,
  ``name``}, ``profile``, ``approval_kind`` and ``kept_until`` or null, ``cards`` [{``type``,
  ``asked``, ``shown``}].
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from openid4vc.dcql.paths import path_text
from wallet_sim.asking import Asking
from wallet_sim.consent import Choice
from wallet_sim.drawing import Drawn
from wallet_sim.errors import sentence
from wallet_sim.held import HeldCard
from wallet_sim.issued_card import WRITTEN_BY_ISSUERS
from wallet_sim.model import Card, LogEntry
from wallet_sim.offers import OpenOffer
from wallet_sim.pages_consent import always_visible, shown_value, staying
from wallet_sim.scanning import Scanned, Seen
from wallet_sim.words import Words

View = dict[str, object]


def card_view(words: Words, card: Card, at: datetime) -> View:
    """One card without its content."""
    return {
        "id": card.id,
        "type": card.type_id,
        "title": words.type_title(card.type_id),
        "vct": card.vct,
        "issuer": {"id": card.issuer_id, "name": words.name(card.issuer_names)},
        "received_at": time_text(card.received_at),
        "expires_at": None if card.expires_at is None else time_text(card.expires_at),
        "expired": card.expires_at is not None and card.expires_at <= at,
        "standing": card.checked.standing.value if card.checked else None,
        "standing_as_of": time_text(card.checked.as_of) if card.checked else None,
    }


def content_view(words: Words, held: HeldCard, at: datetime) -> View:
    """One card with its content."""
    claims = {name: value for name, value in held.claims.items() if name not in WRITTEN_BY_ISSUERS}
    return {**card_view(words, held.card, at), "claims": claims}


def offer_view(words: Words, offer: OpenOffer) -> View:
    """An offer before anything is fetched."""
    pin = offer.pin
    return {
        "issuer": offer.offer.issuer,
        "host": offer.host,
        "name": words.name(offer.issuer_names),
        "types": [{"id": one.id, "title": one.title[words.lang]} for one in offer.types],
        "pin": None if pin is None else {"length": pin.length, "input_mode": pin.input_mode},
    }


def request_view(words: Words, request: Asking, choices: Sequence[Choice]) -> View:
    """A request and what would leave; ``choices`` is empty when no card fits."""
    profile, lang = request.profile, words.lang
    return {
        "receiver": {
            "id": request.party.identifier,
            "name": words.name(request.party.names),
            "roles": sorted(request.party.roles),
        },
        "profile": profile.id,
        "task": profile.title[lang],
        "purpose": profile.purpose[lang],
        "gain": profile.gain[lang],
        "legal_basis": profile.legal_basis[lang],
        "approval_kind": profile.approval_kind,
        "retention": profile.retention,
        "can_be_answered": request.can_be_answered(),
        "cards": [choice_view(words, choice) for choice in choices],
        "not_offered": [
            {"card": one.card.id, "why": one.why.value}
            for part in request.parts
            for one in part.passed_over
        ],
    }


def drawn_view(drawn: Drawn | None, open_until: datetime | None) -> View:
    """What was drawn, if anything, and until when a desk takes it."""
    return {
        "pictures": [str(path) for path in drawn.pictures] if drawn else [],
        "animation": str(drawn.animation) if drawn and drawn.animation else None,
        "frames": list(drawn.frames) if drawn else [],
        "open_until": time_text(open_until) if drawn and open_until else None,
    }


def scan_view(words: Words, scanned: Scanned) -> View:
    """What pictures hold."""
    progress = scanned.progress
    return {
        "pictures": [_seen_view(words, one) for one in scanned.seen],
        "answer": None
        if progress is None or scanned.answer is None
        else {
            "holds": scanned.answer.value,
            "seen": progress.seen,
            "total": progress.total,
            "missing": list(progress.missing),
            "complete": progress.complete,
        },
    }


def _seen_view(words: Words, one: Seen) -> View:
    failure = one.failure
    return {
        "picture": one.picture,
        "holds": one.held.value if one.held else None,
        "frame": one.number,
        "frames": one.total,
        "error": failure.code if failure else None,
        "message": sentence(words, failure.code) if failure else None,
    }


def log_view(words: Words, entry: LogEntry) -> View:
    """One transaction: names of data, never values."""
    terms = entry.terms
    return {
        "id": entry.id,
        "at": time_text(entry.at),
        "kind": entry.kind.value,
        "outcome": entry.outcome.value,
        "reason": entry.reason,
        "party": {"id": entry.party_id, "name": words.name(entry.party_names)},
        "profile": entry.profile_id,
        "approval_kind": terms.approval.value if terms else None,
        "kept_until": terms.kept_until.isoformat() if terms and terms.kept_until else None,
        "cards": [
            {"type": card.type_id, "asked": list(card.asked), "shown": list(card.shown)}
            for card in entry.cards
        ],
    }


def choice_view(words: Words, choice: Choice) -> View:
    """What of one card would leave, and what stays."""
    credential_type = choice.part.type
    return {
        "card": choice.held.card.id,
        "type": credential_type.id,
        "query": choice.part.query.id,
        "shows": [
            {
                "path": path_text(path),
                "label": words.label(credential_type, path),
                "value": shown_value(choice.held, path),
                "optional": path in choice.optional,
            }
            for path in choice.shown_paths()
        ],
        "left_out": [path_text(path) for path in choice.left_out],
        "stays": staying(choice),
        "always": always_visible(choice),
    }


def time_text(moment: datetime) -> str:
    """Return a time as `--json` prints it: ISO 8601, UTC, whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
