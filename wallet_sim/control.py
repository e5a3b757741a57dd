"""What the person can do afterwards: take back, ask for erasure, report; and how the cards stand.

Every deed is written down before anything leaves. What nobody heard stays among the pending things
and can be sent again.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from openid4vc.openid4vp.withdrawal import Done, Wish
from openid4vc.shapes import Shape
from wallet_sim.control_failures import (
    NobodyToReport,
    NothingWasShown,
    PermissionOver,
    ReceiptMissing,
    ReportNotTaken,
    ShowingNotFound,
    SupervisorAddressUnfit,
)
from wallet_sim.deeds import Deed, DeedKind, Reason, Told
from wallet_sim.held import HeldCard, open_card
from wallet_sim.inbox import Item, inbox
from wallet_sim.model import Kind, LogEntry, Outcome
from wallet_sim.permissions import Permission, State, permissions
from wallet_sim.ports import Store, TrustSource
from wallet_sim.receipts import GivenReceipt
from wallet_sim.standing import Asked, ask_issuers
from wallet_sim.tools import Tools
from wallet_sim.trusting import TrustKeeper
from wallet_sim.withdrawing import Withdrawer

REPORT_ID_BYTES: Final = 16
LONGEST_NAME: Final = 200
_ADDRESS: Final = Shape(SupervisorAddressUnfit)
WISHES: Final = {DeedKind.WITHDRAWAL: Wish.WITHDRAWAL, DeedKind.ERASURE: Wish.ERASURE}


class Control:
    """One person's say over what was shown."""

    def __init__(self, *, store: Store, tools: Tools, trust_source: TrustSource) -> None:
        self._store = store
        self._tools = tools
        self._trust = TrustKeeper(store=store, source=trust_source, clock=tools.clock)
        self._withdrawer = Withdrawer(tools)

    # --- looking -------------------------------------------------------------------------------

    def permissions(self) -> tuple[Permission, ...]:
        """Return every showing, the newest first."""
        contents = self._store.load()
        return permissions(
            contents.log,
            self._cards(),
            catalogue=self._tools.catalogue,
            at=self._tools.clock.now(),
        )

    def permission(self, showing_id: str) -> Permission:
        """Return one showing by its id or the beginning of it.

        Raises:
            ShowingNotFound: there is no such entry, or several.
            NothingWasShown: the entry is no showing.
        """
        every = self.permissions()
        entry = self._store.load().entry(showing_id)
        wanted = entry.id if entry else showing_id
        found = next((one for one in every if one.id == wanted), None)
        if found is not None:
            return found
        raise ShowingNotFound if entry is None else NothingWasShown

    def entry(self, entry_id: str) -> LogEntry:
        """Return one entry of the log by its id or the beginning of it; ``ShowingNotFound``."""
        found = self._store.load().entry(entry_id)
        if found is None:
            raise ShowingNotFound
        return found

    def newest(self) -> LogEntry | None:
        """Return the latest entry of the log."""
        return next(reversed(self._store.load().log), None)

    def inbox(self) -> tuple[Item, ...]:
        """Return what awaits the person, by what is known now; nothing is fetched."""
        return inbox(
            self._store.load(),
            self._cards(),
            catalogue=self._tools.catalogue,
            at=self._tools.clock.now(),
        )

    def has_supervisor(self) -> bool:
        """Say whether reports have an address to go to."""
        return self._store.load().supervisor is not None

    # --- asking issuers ------------------------------------------------------------------------

    async def ask_issuers(self) -> Asked:
        """Ask for each card how it stands, and keep what was said.

        Raises:
            CheckFailed: no trust list is valid now; as ``TrustKeeper.current``.
        """
        trust = await self._trust.current()
        tools = self._tools
        asked = await ask_issuers(
            self._cards(), network=tools.network, trust=trust, at=tools.clock.now()
        )
        if asked.checked:
            self._store.change(lambda contents: contents.with_checked(asked.checked))
        return asked

    # --- taking back ---------------------------------------------------------------------------

    def check_can(self, permission: Permission, kind: DeedKind) -> None:
        """Check that this can be asked of the receiver at all; nothing is sent.

        Raises:
            PermissionOver: there is nothing to withdraw any more.
            ReceiptMissing, WithdrawalAddressMissing: the wallet cannot ask by itself.
        """
        if kind is DeedKind.WITHDRAWAL and permission.state is not State.ACTIVE:
            raise PermissionOver
        if permission.receipt is None:
            raise ReceiptMissing
        self._withdrawer.address(permission.receipt)

    async def ask(self, permission: Permission, kind: DeedKind) -> Deed:
        """Withdraw a permission, or ask for erasure, by presenting the receipt.

        Args:
            permission: from ``permission``.
            kind: ``WITHDRAWAL`` or ``ERASURE``.

        Raises:
            CheckFailed: as ``check_can``: nothing was sent; as ``Withdrawer.send``: it is written
                down as not delivered.
        """
        self.check_can(permission, kind)
        receipt = permission.receipt
        if receipt is None:
            raise ReceiptMissing
        deed = Deed(at=self._tools.clock.now(), kind=kind, told=Told.NOT_DELIVERED)
        entry = permission.entry or self._entry_from(permission, receipt)
        self._write(entry, deed)
        done = await self._withdrawer.send(receipt, WISHES[kind])
        heard = replace(deed, told=_told(kind, done))
        self._write(entry, heard)
        return heard

    # --- reporting -----------------------------------------------------------------------------

    async def report(self, entry: LogEntry, reason: Reason) -> Deed:
        """Report a receiver to the supervisor, or write the report down where there is none.

        Nothing leaves but the receiver's name, the task, and the names of what was asked.

        Raises:
            NobodyToReport: it is not known who asked.
            ReportNotTaken, ConnectionLost, ...: written down as not delivered.
        """
        if entry.kind is not Kind.PRESENT or not (entry.party_id or entry.client_id):
            raise NobodyToReport
        address = self._store.load().supervisor
        deed = Deed(
            at=self._tools.clock.now(),
            kind=DeedKind.REPORT,
            told=Told.HERE_ONLY if address is None else Told.NOT_DELIVERED,
            ref=_unheard(entry) or self._tools.random.bytes(REPORT_ID_BYTES).hex(),
            reason=reason,
        )
        self._write(entry, deed)
        if address is None:
            return deed
        reply = await self._tools.network.post(address, json=report_json(entry, deed))
        if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            raise ReportNotTaken(f"status {reply.status}")
        heard = replace(deed, told=Told.SENT)
        self._write(entry, heard)
        return heard

    # --- the store -----------------------------------------------------------------------------

    def _cards(self) -> tuple[HeldCard, ...]:
        return tuple(open_card(card) for card in self._store.load().cards)

    def _entry_from(self, permission: Permission, receipt: GivenReceipt) -> LogEntry:
        """Put a showing that only its receipt tells of into the log, so that deeds have a place."""
        entry = LogEntry(
            id=permission.id,
            at=permission.at,
            kind=Kind.PRESENT,
            party_id="",
            party_names=permission.names,
            outcome=Outcome.SHOWN,
            profile_id=receipt.profile_id,
            cards=permission.cards,
            client_id=receipt.receiver_id,
            terms=permission.terms,
        )
        self._store.change(lambda contents: contents.with_entry(entry))
        return entry

    def _write(self, entry: LogEntry, deed: Deed) -> None:
        self._store.change(lambda contents: contents.with_deed(entry.id, deed))


def _told(kind: DeedKind, done: Done) -> Told:
    """Return what the person is told; a receiver may do more than was asked, or say less."""
    if kind is DeedKind.WITHDRAWAL:
        return Told.ASKED if done is Done.ASKED else Told.WITHDRAWN
    return Told.ASKED if done is Done.WITHDRAWN else Told(done.value)


def _unheard(entry: LogEntry) -> str:
    """Return the ref of a report that nobody heard, so that it is known when it comes again."""
    earlier = entry.deed(DeedKind.REPORT)
    return earlier.ref if earlier is not None and earlier.told is Told.NOT_DELIVERED else ""


def supervisor_address(address: str | None, *, allow_loopback_http: bool) -> str | None:
    """Return an address for reports as given; raises ``SupervisorAddressUnfit``."""
    if address is None:
        return None
    return _ADDRESS.url(address, "supervisor", allow_loopback_http=allow_loopback_http)


def report_json(entry: LogEntry, deed: Deed) -> dict[str, object]:
    """Return a report: who, which task, which names, on which day. Never a value, never a card."""
    name = entry.party_names.get("fi") or next(iter(entry.party_names.values()), "")
    return {
        "report_id": deed.ref,
        "reason": deed.reason.value if deed.reason else Reason.OTHER.value,
        "receiver": {
            "id": entry.party_id,
            "client_id": entry.client_id,
            "name": name[:LONGEST_NAME],
        },
        "profile": entry.profile_id,
        "asked": [f"{card.type_id}.{claim}" for card in entry.cards for claim in card.asked],
        "on": entry.at.date().isoformat(),
    }
