"""The wallet's contents as JSON, for the encrypted store. Unknown shapes are ``StoreCorrupted``."""

import base64
import binascii
import dataclasses
import json
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from wallet_sim.failures import StoreCorrupted
from wallet_sim.model import (
    Card,
    Contents,
    Kind,
    LogEntry,
    LoggedCard,
    Outcome,
    TrustSettings,
    Unfinished,
)

FORMAT = 1


def to_json(contents: Contents) -> bytes:
    """Return the contents as UTF-8 JSON."""
    whole = {"format": FORMAT, **dataclasses.asdict(contents)}
    return json.dumps(whole, default=_plain, ensure_ascii=False).encode()


def from_json(data: bytes) -> Contents:
    """Read what ``to_json`` wrote; raises ``StoreCorrupted``."""
    try:
        whole = json.loads(data)
        if whole["format"] != FORMAT:
            raise StoreCorrupted("unknown format")
        return Contents(
            trust=_trust(whole["trust"]),
            unsafe_loopback_http=bool(whole["unsafe_loopback_http"]),
            cards=tuple(_card(one) for one in whole["cards"]),
            unfinished=tuple(_unfinished(one) for one in whole["unfinished"]),
            log=tuple(_entry(one) for one in whole["log"]),
            # Absent in stores written before challenges could be read.
            desk_certificates=tuple(_bytes(der) for der in whole.get("desk_certificates", ())),
        )
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error) as broken:
        raise StoreCorrupted(f"contents: {type(broken).__name__}") from None


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(type(value).__name__)


def _bytes(text: object) -> bytes:
    return base64.b64decode(cast(str, text), validate=True)


def _time(text: object) -> datetime:
    return datetime.fromisoformat(cast(str, text))


def _trust(one: Mapping[str, object]) -> TrustSettings:
    return TrustSettings(
        location=str(one["location"]),
        jws=str(one["jws"]),
        sequence=int(cast(int, one["sequence"])),
        operator_anchors=tuple(_bytes(der) for der in cast(list[str], one["operator_anchors"])),
    )


def _card(one: Mapping[str, object]) -> Card:
    expires = one["expires_at"]
    return Card(
        id=str(one["id"]),
        type_id=str(one["type_id"]),
        vct=str(one["vct"]),
        issuer_id=str(one["issuer_id"]),
        issuer_names=dict(cast(Mapping[str, str], one["issuer_names"])),
        sd_jwt=str(one["sd_jwt"]),
        holder_key=_bytes(one["holder_key"]),
        received_at=_time(one["received_at"]),
        expires_at=None if expires is None else _time(expires),
    )


def _unfinished(one: Mapping[str, object]) -> Unfinished:
    return Unfinished(
        offer=str(one["offer"]),
        access_token=str(one["access_token"]),
        expires_at=_time(one["expires_at"]),
    )


def _entry(one: Mapping[str, object]) -> LogEntry:
    cards = cast(list[Mapping[str, object]], one["cards"])
    return LogEntry(
        at=_time(one["at"]),
        kind=Kind(str(one["kind"])),
        party_id=str(one["party_id"]),
        party_names=dict(cast(Mapping[str, str], one["party_names"])),
        outcome=Outcome(str(one["outcome"])),
        profile_id=cast(str | None, one["profile_id"]),
        reason=cast(str | None, one["reason"]),
        cards=tuple(
            LoggedCard(
                type_id=str(card["type_id"]),
                asked=tuple(cast(list[str], card["asked"])),
                shown=tuple(cast(list[str], card["shown"])),
            )
            for card in cards
        ),
    )
