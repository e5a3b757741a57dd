"""Options that several commands of `kyky-keys` share."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

import click
from cryptography import x509

from keys import cli_texts as words
from keys import settings
from keys.wallet_providers import WalletProvider

Command = TypeVar("Command", bound=Callable[..., None])

_TEMPLATE: Final = re.compile(r"https?://[!$-;=?-Z_a-z~]{1,300}", re.ASCII)
MAX_LIST_DAYS: Final = 180
_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_MAX_NAME: Final = 200
_VCT: Final = re.compile(r"[!-~]{1,200}", re.ASCII)


@dataclass
class Asked:
    """How the answer is wanted: options may stand before or after the command."""

    lang: str = "fi"
    as_json: bool = False
    status_lists: str | None = None
    may_issue: tuple[tuple[str, str], ...] = ()
    closed: tuple[tuple[str, date], ...] = ()
    added: tuple[WalletProvider, ...] = ()
    removed: tuple[str, ...] = ()


def shared_options(command: Command) -> Command:
    """Add the language and the form of the answer."""
    lang = click.option("--lang", type=click.Choice(words.LANGS), envvar="KYKY_LANG")
    as_json = click.option("--json", "as_json", is_flag=True)
    return lang(as_json(command))


def status_lists_option(command: Command) -> Command:
    """Add where issuers name their status lists; it is kept in `Asked`."""
    option = click.option("--status-lists", expose_value=False, callback=_note_status_lists)
    return option(command)


def _note_status_lists(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> None:
    """Keep where issuers name their status lists: a URL with `{org}` in it, and nothing like it."""
    if value is None:
        return
    plain = value.replace("{org}", "")
    if plain == value or not _TEMPLATE.fullmatch(plain):
        raise click.BadParameter("not a URL with {org} in it", context, parameter)
    context.ensure_object(Asked).status_lists = value


def list_options(command: Command) -> Command:
    """Add where a list is written, and for how long it is good."""
    out = click.option("--out", callback=check_path)
    days = click.IntRange(1, MAX_LIST_DAYS)
    return out(click.option("--days", type=days, default=MAX_LIST_DAYS)(command))


def may_issue_option(command: Command) -> Command:
    """Add types that issuers may issue from now on; they are kept in `Asked`."""
    option = click.option(
        "--may-issue", nargs=2, multiple=True, expose_value=False, callback=_note_may_issue
    )
    return option(command)


def _note_may_issue(
    context: click.Context, parameter: click.Parameter, value: tuple[tuple[str, str], ...]
) -> None:
    """Keep pairs of an issuer's id and a type's `vct`."""
    if any(not _VCT.fullmatch(vct) for _, vct in value):
        raise click.BadParameter("not an issuer and a vct", context, parameter)
    context.ensure_object(Asked).may_issue = value


def closed_option(command: Command) -> Command:
    """Add issuers that have stopped issuing; they are kept in `Asked`."""
    option = click.option(
        "--closed", nargs=2, multiple=True, expose_value=False, callback=_note_closed
    )
    return option(command)


def _note_closed(
    context: click.Context, parameter: click.Parameter, value: tuple[tuple[str, str], ...]
) -> None:
    """Keep pairs of an issuer's id and a day, such as 2027-06-30."""
    try:
        closed = tuple((issuer, date.fromisoformat(day)) for issuer, day in value)
    except ValueError:
        raise click.BadParameter("not an issuer and a day", context, parameter) from None
    context.ensure_object(Asked).closed = closed


def provider_options(command: Command) -> Command:
    """Add wallet providers that come onto their list and go off it; they are kept in `Asked`."""
    add = click.option("--add", nargs=3, multiple=True, expose_value=False, callback=_note_added)
    remove = click.option("--remove", multiple=True, expose_value=False, callback=_note_removed)
    return add(remove(command))


def _note_added(
    context: click.Context, parameter: click.Parameter, value: tuple[tuple[str, str, str], ...]
) -> None:
    """Keep providers: a short id, a name, and a PEM file with authorities."""
    try:
        added = tuple(_provider(*one) for one in value)
    except (OSError, ValueError):
        raise click.BadParameter("not an id, a name and authorities", context, parameter) from None
    context.ensure_object(Asked).added = added


def _provider(provider_id: str, name: str, path: str) -> WalletProvider:
    anchors = x509.load_pem_x509_certificates(Path(path).read_bytes())
    named = name.strip().isprintable() and 0 < len(name.strip()) <= _MAX_NAME
    if not (_ID.fullmatch(provider_id) and named and all(map(_is_authority, anchors))):
        raise ValueError(provider_id)
    return WalletProvider(
        id=provider_id,
        names=dict.fromkeys(words.LANGS, name.strip()),
        anchors=tuple(anchors),
        valid_from=settings.now().replace(microsecond=0),
    )


def _is_authority(certificate: x509.Certificate) -> bool:
    """Whether it may stand above leaves: `keys.x509` takes no other at the end of a chain."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return False
    return found.ca and found.path_length == 0


def _note_removed(
    context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]
) -> None:
    context.ensure_object(Asked).removed = value


def directory_option(command: Command) -> Command:
    """Add the directory of the keys."""
    option = click.option(
        "--dir", "directory", required=True, envvar="KYKY_KEYS_DIR", callback=check_path
    )
    return option(command)


def check_path(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse what cannot be a path."""
    try:
        if value is not None and (not value or b"\0" in os.fsencode(value)):
            raise click.BadParameter("not a path", context, parameter)
    except UnicodeEncodeError:
        raise click.BadParameter("not a path", context, parameter) from None
    return value
