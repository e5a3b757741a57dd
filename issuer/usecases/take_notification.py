"""Hear from the wallet what became of a credential."""

from collections.abc import Mapping

from issuer.model import Delivery, Grant, OfferState, Standing
from issuer.ports import Clock, Records, Store, Vault
from issuer.usecases.after.replace_older import replace_older
from issuer.usecases.change_status import FourEyes
from issuer.usecases.ending import end_offer
from issuer.usecases.find_grant import FindGrant
from issuer.usecases.proving.shown import Shown
from issuer.usecases.standing import set_standing
from openid4vc.openid4vci.errors import InvalidNotificationId
from openid4vc.openid4vci.notification import Event, read_notification

_OUTCOME: Mapping[Event, Delivery] = {
    Event.ACCEPTED: Delivery.ACCEPTED,
    Event.FAILURE: Delivery.FAILED,
    Event.DELETED: Delivery.DELETED,
}


class TakeNotification:
    """Carries out the wallet's reports; a repeated report changes nothing (VCI 11).

    Accepted: the claims are erased, the token gives nothing more, and the card whose place the new
    one takes, if there is one, ends. Deleted: the claims are erased, too, and the copy is revoked.
    Failure: the copy is revoked, and the wallet may ask for another.
    """

    def __init__(
        self,
        *,
        store: Store,
        find_grant: FindGrant,
        vault: Vault,
        clock: Clock,
        four_eyes: FourEyes,
    ) -> None:
        self._store = store
        self._find_grant = find_grant
        self._vault = vault
        self._clock = clock
        self._four_eyes = four_eyes

    async def __call__(self, organisation: str, shown: Shown, body: object) -> None:
        """Take one report.

        Raises:
            CheckFailed: no access token, or one that does not count (`FindGrant`).
            InvalidNotificationRequest: malformed, or an event that we do not know.
            InvalidNotificationId: not of this token, or of a copy that had another end.
        """
        grant = await self._find_grant(organisation, shown)
        notification = read_notification(body)
        outcome = _OUTCOME[notification.event]
        mac = self._vault.mac("notification", notification.notification_id)
        await self._store.write(lambda records: self._apply(records, grant, mac, outcome))

    def _apply(self, records: Records, grant: Grant, mac: bytes, outcome: Delivery) -> None:
        copy = records.credentials.by_notification(grant.organisation, mac)
        if copy is None or copy.offer_id != grant.offer_id:
            raise InvalidNotificationId("not of this token")
        if copy.delivery is outcome:
            return
        now = self._clock.now()
        if outcome is not Delivery.FAILED:
            end_offer(records, grant.offer_id, OfferState.COMPLETED, at=now)
        if not records.credentials.deliver(copy.id, outcome):
            raise InvalidNotificationId("this copy had another end")
        if outcome is Delivery.ACCEPTED:
            replace_older(
                records, grant.organisation, grant.offer_id, at=now, four_eyes=self._four_eyes
            )
        else:
            set_standing(records, copy, Standing.REVOKED, at=now)
