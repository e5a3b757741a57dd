"""The client's pages in words, worked out before the templates see them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from credential_schemas.i18n import HELSINKI, format_date, format_time
from credential_schemas.model import Catalogue, Lang, RequestProfile
from verifier.usecases.client_side_model import GivenReceipt, Holdings, ReceiptState
from verifier.usecases.open_receipt import OwnPage
from verifier.web.views import OutcomeWriter

Words = Callable[..., str]


@dataclass(frozen=True, slots=True)
class AskedOf:
    """One card of a task: what it is called, and the names of what is asked of it."""

    title: str
    required: tuple[str, ...]
    if_held: tuple[str, ...]
    optional: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task, with what is asked in it."""

    profile: RequestProfile
    cards: tuple[AskedOf, ...]


@dataclass(frozen=True, slots=True)
class OwnView:
    """What a client sees with the receipt.

    Attributes:
        shown: names of what was shown.
        kept: sentences on what there still is.
        gone: sentences on what is not there any more.
        done: what the client has asked already, in a sentence.
        may_withdraw: whether there is anything left to withdraw; `may_erase` the same.
    """

    task: TaskView
    given_on: str
    shown: tuple[str, ...]
    kept: tuple[str, ...]
    gone: tuple[str, ...]
    done: str | None
    may_withdraw: bool
    may_erase: bool


class PrivacyWriter:
    """Puts tasks and receipts into words.

    Args:
        catalogue: what can be said and asked.
        words: looks up a text.
        lang: the reader's language.
    """

    def __init__(self, *, catalogue: Catalogue, words: Words, lang: Lang) -> None:
        self._catalogue = catalogue
        self._words = words
        self._lang = lang
        self._writer = OutcomeWriter(catalogue=catalogue, words=words, lang=lang)

    def tasks(self, roles: frozenset[str]) -> tuple[TaskView, ...]:
        """Return the tasks in which these roles ask, by their names."""
        found = {one.id: one for role in roles for one in self._catalogue.profiles_for(role)}
        ordered = sorted(found.values(), key=lambda one: one.title[self._lang])
        return tuple(map(self.task, ordered))

    def task(self, profile: RequestProfile) -> TaskView:
        """Return one task."""
        return TaskView(
            profile,
            tuple(
                AskedOf(
                    title=self._catalogue.types[card.credential_type].title[self._lang],
                    required=self._writer.labels(
                        card.credential_type, card.identity_claims + card.required_claims
                    ),
                    if_held=self._writer.labels(card.credential_type, card.required_if_held),
                    optional=self._writer.labels(card.credential_type, card.optional_claims),
                )
                for card in profile.credentials
            ),
        )

    def own(self, page: OwnPage) -> OwnView | None:
        """Return the client's own page; None when there is no receipt, or its task is no more."""
        receipt, holdings = page.receipt, page.holdings
        if receipt is None or holdings is None or receipt.profile not in self._catalogue.profiles:
            return None
        return OwnView(
            task=self.task(self._catalogue.profiles[receipt.profile]),
            given_on=self._day(receipt.given_at),
            shown=self._names(page.disclosed),
            kept=tuple(self._kept(receipt, holdings)),
            gone=tuple(self._gone(receipt, holdings)),
            done=self._done(receipt),
            may_withdraw=receipt.state is not ReceiptState.WITHDRAWN,
            may_erase=receipt.state is ReceiptState.GIVEN,
        )

    def _names(self, disclosed: Sequence[str]) -> tuple[str, ...]:
        named = (name.partition(".") for name in disclosed)
        return tuple(
            label
            for type_id, _, path in named
            if type_id in self._catalogue.types
            for label in self._writer.labels(type_id, [tuple(path.split("."))])
        )

    def _kept(self, receipt: GivenReceipt, holdings: Holdings) -> list[str]:
        told = []
        if holdings.on_screen_until is not None:
            until = format_time(holdings.on_screen_until, self._lang)
            told.append(self._words("privacy.on_screen", time=until))
        if holdings.on_its_way:
            told.append(self._words("privacy.on_its_way"))
        if holdings.passed_on and receipt.seen_to_at is None:
            key = "privacy.copy" if receipt.kept_until is None else "privacy.copy_until"
            day = receipt.kept_until and format_date(receipt.kept_until, self._lang)
            told.append(self._words(key, date=day))
        return told or [self._words("privacy.nothing")]

    def _gone(self, receipt: GivenReceipt, holdings: Holdings) -> list[str]:
        told = []
        if holdings.on_screen_until is None:
            told.append(self._words("privacy.off_screen"))
        if receipt.seen_to_at is not None:
            day = self._day(receipt.seen_to_at)
            told.append(self._words("privacy.copy_gone", date=day))
        return told

    def _day(self, moment: datetime) -> str:
        return format_date(moment.astimezone(HELSINKI), self._lang)

    def _done(self, receipt: GivenReceipt) -> str | None:
        if receipt.asked_at is None:
            return None
        day = self._day(receipt.asked_at)
        waits = receipt.passed_on and receipt.seen_to_at is None
        if receipt.state is ReceiptState.WITHDRAWN:
            key = "privacy.withdrawn_waits" if waits else "privacy.withdrawn"
        else:
            key = "privacy.erasure_waits" if waits else "privacy.erased"
        return self._words(key, date=day)
