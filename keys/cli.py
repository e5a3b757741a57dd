"""`kyky-keys`: make, list and show the demo's keys, and sign the trust lists again.

Exit codes: 0 done, 1 not done, 2 the command was not understood.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import click

from keys import cli_texts as words
from keys import settings, strict_json
from keys.checks import CheckFailed, KeyNotFound, PassphraseUnfit
from keys.cli_options import (
    Asked,
    closed_option,
    directory_option,
    list_options,
    may_issue_option,
    provider_options,
    shared_options,
    status_lists_option,
)
from keys.devkeys import make_demo_pki
from keys.key_directory import (
    OPERATOR_FILE,
    TRUST_LIST_FILE,
    WALLET_PROVIDERS_FILE,
    Amendments,
    create_key_directory,
    renew,
    renew_providers,
    write_public,
)
from keys.key_facts import described, key_name
from keys.opener import list_keys
from keys.trust import TrustList
from keys.wallet_providers import WalletProviders

DONE: Final = 0
NOT_DONE: Final = 1
NOT_UNDERSTOOD: Final = 2


@click.group(name="kyky-keys", no_args_is_help=False)
@shared_options
@click.pass_context
def kyky_keys(context: click.Context, lang: str | None, *, as_json: bool) -> None:
    """Make, list and show keys; the words come from cli_texts.json."""
    context.obj = Asked(lang=lang or Asked.lang, as_json=as_json)


@kyky_keys.command("init")
@directory_option
@click.option("--force", is_flag=True)
@status_lists_option
@shared_options
@click.pass_obj
def init(asked: Asked, directory: str, lang: str | None, *, force: bool, as_json: bool) -> None:
    """Make a key directory."""
    asked = _asked(asked, lang, as_json=as_json)
    passphrase = _passphrase(asked, new=True)
    place = Path(directory)
    pki = make_demo_pki(at=settings.now(), status_lists=asked.status_lists)
    create_key_directory(place, pki, passphrase=passphrase, force=force)
    names = pki.keys.names()
    organisations = sorted({org for org, _purpose in names})
    result = {
        "directory": directory,
        "organisations": organisations,
        "keys": [f"{org}/{purpose}" for org, purpose in names],
        "trust_list": str(place / TRUST_LIST_FILE),
        "wallet_providers": str(place / WALLET_PROVIDERS_FILE),
        "trust_operator": str(place / OPERATOR_FILE),
    }
    said = words.text(
        "done.init",
        asked.lang,
        directory=directory,
        organisations=len(organisations),
        keys=len(names),
    )
    _answer(asked, result, said)


@kyky_keys.command("list")
@directory_option
@shared_options
@click.pass_obj
def list_command(asked: Asked, directory: str, lang: str | None, *, as_json: bool) -> None:
    """List the keys of a directory."""
    asked = _asked(asked, lang, as_json=as_json)
    entries = list_keys(Path(directory))
    rows = [
        (
            key_name(entry),
            words.purpose_text(entry.purpose, asked.lang),
            words.validity_text(entry.leaf, asked.lang, at=settings.now()),
        )
        for entry in entries
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    heading = words.text("list.heading", asked.lang, directory=directory)
    _answer(asked, [described(entry) for entry in entries], "\n".join([heading, "", *lines]))


@kyky_keys.command("show")
@click.argument("name")
@directory_option
@shared_options
@click.pass_obj
def show(asked: Asked, name: str, directory: str, lang: str | None, *, as_json: bool) -> None:
    """Show one key's certificate."""
    asked = _asked(asked, lang, as_json=as_json)
    for entry in list_keys(Path(directory)):
        if key_name(entry) == name:
            break
    else:
        raise KeyNotFound("no such key")
    facts_of_key = described(entry)
    facts = {
        "organisation": entry.org,
        "identifier": facts_of_key.get("identifier", ""),
        "use": words.purpose_text(entry.purpose, asked.lang),
        "validity": words.validity_text(entry.leaf, asked.lang, at=settings.now()),
        "certificate_sha256": facts_of_key.get("certificate_sha256", ""),
        "key_thumbprint": facts_of_key.get("key_thumbprint", ""),
    }
    lines = [f"{words.text(f'show.{fact}', asked.lang)}: {value}" for fact, value in facts.items()]
    _answer(asked, facts_of_key, "\n".join(lines))


@kyky_keys.command("trust-list")
@directory_option
@list_options
@may_issue_option
@closed_option
@status_lists_option
@shared_options
@click.pass_obj
def trust_list_command(
    asked: Asked, directory: str, out: str | None, days: int, lang: str | None, *, as_json: bool
) -> None:
    """Sign the trust list again."""
    asked = _asked(asked, lang, as_json=as_json)
    place = Path(directory)
    list_keys(place)
    trust_list, signed = renew(
        place,
        passphrase=_passphrase(asked, new=False),
        at=settings.now(),
        valid_for=timedelta(days=days),
        amendments=Amendments(
            status_lists=asked.status_lists, may_issue=asked.may_issue, closed=asked.closed
        ),
    )
    path = Path(out) if out else place / TRUST_LIST_FILE
    _write_list(asked, "done.trust_list", path, trust_list, signed)


@kyky_keys.command("wallet-providers")
@directory_option
@list_options
@provider_options
@shared_options
@click.pass_obj
def wallet_providers_command(
    asked: Asked, directory: str, out: str | None, days: int, lang: str | None, *, as_json: bool
) -> None:
    """Sign the list of wallet providers again."""
    asked = _asked(asked, lang, as_json=as_json)
    place = Path(directory)
    list_keys(place)
    providers, signed = renew_providers(
        place,
        passphrase=_passphrase(asked, new=False),
        at=settings.now(),
        valid_for=timedelta(days=days),
        add=asked.added,
        remove=asked.removed,
    )
    path = Path(out) if out else place / WALLET_PROVIDERS_FILE
    _write_list(asked, "done.wallet_providers", path, providers, signed)


def _write_list(
    asked: Asked, said: str, path: Path, issue: TrustList | WalletProviders, signed: str
) -> None:
    write_public(path, signed.encode("ascii"))
    result = {
        "path": str(path),
        "sequence": issue.sequence,
        "next_update": issue.next_update.isoformat(),
    }
    until = words.date_text(issue.next_update)
    text = words.text(said, asked.lang, sequence=issue.sequence, path=path, until=until)
    _answer(asked, result, text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `kyky-keys` and leave with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command; every failure becomes a sentence, never a traceback."""
    lang = _wanted_lang(arguments)
    _put_help_into(lang)
    try:
        kyky_keys.main(list(arguments), prog_name="kyky-keys", standalone_mode=False)
    except click.UsageError as failure:
        what = _usage_text(failure, lang)
        _complain(arguments, "usage", words.text("fail.usage", lang, what=what))
        return NOT_UNDERSTOOD
    except (click.Abort, KeyboardInterrupt):
        _complain(arguments, "interrupted", words.text("fail.interrupted", lang))
    except CheckFailed as failure:
        _complain(arguments, failure.code, words.failure_text(failure, lang))
    except OSError:
        _complain(arguments, "files", words.text("fail.files", lang))
    else:
        return DONE
    return NOT_DONE


def _wanted_lang(arguments: Sequence[str]) -> str:
    """Find the language before the arguments are understood, so that errors use it, too."""
    found = settings.lang_from_environment() or ""
    found = found if found in words.LANGS else Asked.lang
    for option, value in zip(arguments, [*arguments[1:], ""], strict=False):
        wanted = value if option == "--lang" else option.removeprefix("--lang=")
        if wanted in words.LANGS and option.startswith("--lang"):
            found = wanted
    return found


def _put_help_into(lang: str) -> None:
    kyky_keys.help = words.text("help.group", lang)
    for command in (kyky_keys, *kyky_keys.commands.values()):
        if command is not kyky_keys:
            command.help = words.text(f"help.{command.name}", lang)
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                parameter.help = words.text(f"help.option.{parameter.name}", lang)


def _usage_text(failure: click.UsageError, lang: str) -> str:
    match failure:
        case click.NoSuchOption():
            return words.text("usage.unknown_option", lang, name=failure.option_name)
        case click.MissingParameter(param=click.Parameter() as parameter):
            return words.text("usage.missing", lang, name=parameter.opts[0])
        case click.BadParameter(param=click.Parameter() as parameter):
            return words.text("usage.bad_value", lang, name=parameter.opts[0])
        case click.BadOptionUsage():
            return words.text("usage.bad_value", lang, name=failure.option_name)
        case _:
            return words.text("usage.unknown_command", lang)


def _asked(asked: Asked, lang: str | None, *, as_json: bool) -> Asked:
    return replace(asked, lang=lang or asked.lang, as_json=as_json or asked.as_json)


def _passphrase(asked: Asked, *, new: bool) -> str:
    """Take the passphrase from the environment, or ask for it when somebody is there."""
    given = settings.passphrase_from_environment()
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise PassphraseUnfit("missing")
    question = words.text("ask.new_passphrase" if new else "ask.passphrase", asked.lang)
    answer: str = click.prompt(question, hide_input=True, confirmation_prompt=new)
    return answer


def _answer(asked: Asked, result: object, said: str) -> None:
    _print(strict_json.dumps(result).decode() if asked.as_json else said)


def _complain(arguments: Sequence[str], code: str, said: str) -> None:
    if "--json" in arguments:
        _print(strict_json.dumps({"error": code, "message": _printable(said)}).decode())
    else:
        _print(said, error=True)


def _print(said: str, *, error: bool = False) -> None:
    click.echo(_printable(said), err=error)


def _printable(said: str) -> str:
    """Replace what no terminal shows: an argument may hold bytes that are no text."""
    return said.encode("utf-8", "backslashreplace").decode()
