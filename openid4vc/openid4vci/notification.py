"""Notifications: the wallet says what became of a credential (OpenID4VCI 1.0, 11)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from openid4vc.openid4vci.errors import InvalidNotificationRequest, description, is_description
from openid4vc.shapes import Shape

MAX_ID_CHARS: Final = 256

_NOTIFICATION: Final = Shape(InvalidNotificationRequest)


class Event(StrEnum):
    """What happened to all credentials of one response."""

    ACCEPTED = "credential_accepted"
    FAILURE = "credential_failure"
    DELETED = "credential_deleted"


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification. A description is checked and dropped: it may say something personal."""

    notification_id: str
    event: Event


def read_notification(data: object) -> Notification:
    """Read a notification from parsed JSON; unknown members are ignored (11.1).

    Raises:
        InvalidNotificationRequest: no id, an unknown event, or a description with characters
            that are not allowed.
    """
    members = _NOTIFICATION.members(data, "notification")
    notification_id = _NOTIFICATION.text(
        members.get("notification_id"), "notification_id", max_chars=MAX_ID_CHARS
    )
    event = _NOTIFICATION.text(members.get("event"), "event")
    if event not in {known.value for known in Event}:
        raise InvalidNotificationRequest("event is unknown")
    text = _NOTIFICATION.optional_text(members.get("event_description"), "event_description")
    if text is not None and not is_description(text):
        raise InvalidNotificationRequest("event_description has a character not allowed")
    return Notification(notification_id, Event(event))


def notification_json(
    notification: Notification, *, event_description: str | None = None
) -> dict[str, str]:
    """Return a notification; characters that a description may not have become `?`."""
    body = {
        "notification_id": notification.notification_id,
        "event": notification.event.value,
    }
    if event_description is None:
        return body
    return {**body, "event_description": description(event_description)}
