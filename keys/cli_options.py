"""Options that several commands of `kyky-keys` share."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

import click

from keys import cli_texts as words

Command = TypeVar("Command", bound=Callable[..., None])

_TEMPLATE: Final = re.compile(r"https?://[!$-;=?-Z_a-z~]{1,300}", re.ASCII)
_VCT: Final = re.compile(r"[!-~]{1,200}", re.ASCII)


@dataclass
class Asked:
    """How the answer is wanted: options may stand before or after the command."""

    lang: str = "fi"
    as_json: bool = False
    status_lists: str | None = None
    may_issue: tuple[tuple[str, str], ...] = ()
    closed: tuple[tuple[str, date], ...] = ()


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
