"""The wallet's contents as JSON, for the encrypted store. Unknown shapes are ``StoreCorrupted``."""

import base64
import binascii
import dataclasses
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import cast

from wallet_sim.deeds import Approval, Deed, DeedKind, Reason, Terms, Told
from wallet_sim.failures import StoreCorrupted
from wallet_sim.instances import Begun, Instance, Renewal
from wallet_sim.model import (
    Card,
    Checked,
    Contents,
    Copy,
    Kind,
    LogEntry,
    LoggedCard,
    Outcome,
    Standing,
)
from wallet_sim.pending import Pending, Unfinished
from wallet_sim.trust_settings import TrustSettings

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
            log=tuple(_entry(one, place) for place, one in enumerate(whole["log"])),
            # Absent in stores written before challenges could be read.
            desk_certificates=tuple(_bytes(der) for der in whole.get("desk_certificates", ())),
            # Absent in stores written before cards could come later.
            pending=tuple(_pending(one) for one in whole.get("pending", ())),
            supervisor=_text_or_none(whole.get("supervisor")),
            # Absent in stores written before cards could be added by signing in.
            instances=tuple(_instance(one) for one in whole.get("instances", ())),
            begun=tuple(_begun(one) for one in whole.get("begun", ())),
        )
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error) as broken:
        raise StoreCorrupted(f"contents: {type(broken).__name__}") from None


def _plain(value: object) -> str:
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(type(value).__name__)


def _bytes(text: object) -> bytes:
    return base64.b64decode(cast(str, text), validate=True)


def _time(text: object) -> datetime:
    return datetime.fromisoformat(cast(str, text))


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)


def _names(value: object) -> dict[str, str]:
    return dict(cast(Mapping[str, str], value))


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
        issuer_names=_names(one["issuer_names"]),
        sd_jwt=str(one["sd_jwt"]),
        holder_key=_bytes(one["holder_key"]),
        received_at=_time(one["received_at"]),
        expires_at=None if expires is None else _time(expires),
        # Absent in stores written before status lists were read.
        checked=_checked(one.get("checked")),
        # Absent in stores written before cards had several copies.
        spares=tuple(
            Copy(str(copy["sd_jwt"]), _bytes(copy["holder_key"]))
            for copy in cast(list[Mapping[str, object]], one.get("spares", ()))
        ),
        # Absent in stores written before cards could be renewed.
        renewal=_renewal(one.get("renewal")),
    )


def _checked(value: object) -> Checked | None:
    if value is None:
        return None
    one = cast(Mapping[str, object], value)
    return Checked(
        standing=Standing(str(one["standing"])), at=_time(one["at"]), as_of=_time(one["as_of"])
    )


def _unfinished(one: Mapping[str, object]) -> Unfinished:
    return Unfinished(
        offer=str(one["offer"]),
        access_token=str(one["access_token"]),
        expires_at=_time(one["expires_at"]),
        # Absent in stores written before tokens could be bound.
        server=_text_or_none(one.get("server")),
        refresh_token=_text_or_none(one.get("refresh_token")),
        identifiers={
            name: tuple(values)
            for name, values in cast(Mapping[str, list[str]], one.get("identifiers", {})).items()
        },
    )


def _pending(one: Mapping[str, object]) -> Pending:
    return Pending(
        id=str(one["id"]),
        offer=str(one["offer"]),
        code=str(one["code"]),
        issuer=str(one["issuer"]),
        issuer_names=_names(one["issuer_names"]),
        configuration_id=str(one["configuration_id"]),
        type_id=str(one["type_id"]),
        endpoints=_names(one["endpoints"]),
        transaction_id=_text_or_none(one["transaction_id"]),
        access_token=str(one["access_token"]),
        token_until=_time(one["token_until"]),
        refresh_token=_text_or_none(one["refresh_token"]),
        holder_key=_bytes(one["holder_key"]),
        since=_time(one["since"]),
        ask_after=_time(one["ask_after"]),
        more_keys=tuple(_bytes(key) for key in cast(list[str], one.get("more_keys", ()))),
        # Absent in stores written before tokens could be bound.
        server=_text_or_none(one.get("server")),
        is_signed_in=bool(one.get("is_signed_in", False)),
        is_encrypted=bool(one.get("is_encrypted", False)),
        replaces=_text_or_none(one.get("replaces")),
    )


def _instance(one: Mapping[str, object]) -> Instance:
    return Instance(
        server=str(one["server"]),
        instance_key=_bytes(one["instance_key"]),
        token_key=_bytes(one["token_key"]),
    )


def _begun(one: Mapping[str, object]) -> Begun:
    return Begun(
        state=str(one["state"]),
        issuer=str(one["issuer"]),
        server=str(one["server"]),
        configuration_id=str(one["configuration_id"]),
        redirect_uri=str(one["redirect_uri"]),
        code_verifier=str(one["code_verifier"]),
        since=_time(one["since"]),
        issuer_state=_text_or_none(one["issuer_state"]),
    )


def _renewal(value: object) -> Renewal | None:
    if value is None:
        return None
    one = cast(Mapping[str, object], value)
    return Renewal(
        issuer=str(one["issuer"]),
        configuration_id=str(one["configuration_id"]),
        server=str(one["server"]),
        refresh_token=str(one["refresh_token"]),
    )


def _entry(one: Mapping[str, object], place: int) -> LogEntry:
    cards = cast(list[Mapping[str, object]], one["cards"])
    return LogEntry(
        at=_time(one["at"]),
        kind=Kind(str(one["kind"])),
        party_id=str(one["party_id"]),
        party_names=_names(one["party_names"]),
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
        # Absent in stores written before showings could be taken back.
        id=str(one.get("id", f"{place:08x}")),
        client_id=str(one.get("client_id", "")),
        terms=_terms(one.get("terms")),
        deeds=tuple(_deed(deed) for deed in cast(list[Mapping[str, object]], one.get("deeds", []))),
    )


def _terms(value: object) -> Terms | None:
    if value is None:
        return None
    one = cast(Mapping[str, object], value)
    until = _text_or_none(one["kept_until"])
    return Terms(
        approval=Approval(str(one["approval"])),
        task=_names(one["task"]),
        purpose=_names(one["purpose"]),
        basis=_names(one["basis"]),
        retention=str(one["retention"]),
        kept_until=None if until is None else date.fromisoformat(until),
    )


def _deed(one: Mapping[str, object]) -> Deed:
    reason = _text_or_none(one["reason"])
    return Deed(
        at=_time(one["at"]),
        kind=DeedKind(str(one["kind"])),
        told=Told(str(one["told"])),
        ref=str(one["ref"]),
        reason=None if reason is None else Reason(reason),
    )
