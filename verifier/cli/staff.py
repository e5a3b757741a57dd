"""Staff accounts: who may sign in at the desk."""

import json
import sys

import click

from keys.checks import CheckFailed
from verifier.cli.context import Context, with_parts
from verifier.parts import Parts
from verifier.usecases.staff_failures import (
    PasswordUnfit,
    StaffNameTaken,
    StaffNameUnfit,
    StaffUnknown,
)
from verifier.usecases.staff_model import StaffPerson
from verifier.usecases.staff_sign_in import same_sign_in_name


@click.group()
def staff() -> None:
    """People who sign in at the desk."""


@staff.command("add")
@click.argument("name")
@click.option("--display", default="", help="such as Liisa Virkailija")
@click.option("--role", "roles", multiple=True, required=True, help="such as te_office; may repeat")
@click.pass_obj
def add_staff(context: Context, name: str, display: str, roles: tuple[str, ...]) -> None:
    """Add a person; the password is asked for, or read from standard input."""
    password = _password(context)

    async def work(parts: Parts) -> tuple[StaffPerson, list[str]]:
        known = parts.services.catalogue.roles
        for role in roles:
            if role not in known:
                raise context.fail("role_unknown", role=role, roles=", ".join(sorted(known)))
        person = await parts.staff.add(
            sign_in_name=name, display_name=display, roles=frozenset(roles), password=password
        )
        if (await parts.refresh()).failure is not None:
            return person, []
        return person, sorted(frozenset(roles) - await parts.services.who_asks.roles())

    try:
        person, useless = with_parts(context, work)
    except (StaffNameUnfit, StaffNameTaken, PasswordUnfit) as failure:
        raise _refused(context, failure, name) from failure
    if context.as_json:
        click.echo(json.dumps(_json(person)))
        return
    context.say("staff_added", name=person.display_name, id=person.id)
    for role in useless:
        context.say("role_not_held", role=role)


@staff.command("list")
@click.pass_obj
def list_staff(context: Context) -> None:
    """List everybody, also those who signed in through the identity provider."""

    async def work(parts: Parts) -> list[StaffPerson]:
        return list(await parts.staff.book.all())

    for person in with_parts(context, work):
        if context.as_json:
            click.echo(json.dumps(_json(person)))
            continue
        context.say(
            "staff_line" if person.disabled_at is None else "staff_line_disabled",
            name=person.sign_in_name or "-",
            display=person.display_name,
            roles=",".join(sorted(person.roles)),
            id=person.id,
        )


@staff.command("disable")
@click.argument("name_or_id")
@click.pass_obj
def disable_staff(context: Context, name_or_id: str) -> None:
    """Let a person in no more, and end their sessions now."""

    async def work(parts: Parts) -> bool:
        named = await parts.staff.book.named(same_sign_in_name(name_or_id))
        person_id = name_or_id if named is None else named.id
        return await parts.staff.book.disable(person_id, at=parts.services.clock.now())

    if not with_parts(context, work):
        raise context.fail("staff_unknown", name=name_or_id)
    context.say("staff_disabled")


@staff.command("password")
@click.argument("name")
@click.pass_obj
def change_password(context: Context, name: str) -> None:
    """Give a local account a new password, asked for or read from standard input."""
    password = _password(context)

    async def work(parts: Parts) -> None:
        await parts.staff.change_password(sign_in_name=name, password=password)

    try:
        with_parts(context, work)
    except (StaffUnknown, PasswordUnfit) as failure:
        raise _refused(context, failure, name) from failure
    context.say("staff_password_changed")


def _password(context: Context) -> str:
    """Ask for a password twice, unseen; without a terminal read one line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt(
        context.words("staff_password"),
        hide_input=True,
        confirmation_prompt=context.words("staff_password_again"),
    )
    return asked


def _refused(context: Context, failure: CheckFailed, name: str) -> click.ClickException:
    if isinstance(failure, PasswordUnfit | StaffNameUnfit):
        return context.fail(failure.code)
    return context.fail(failure.code, name=name)


def _json(person: StaffPerson) -> dict[str, object]:
    return {
        "id": person.id,
        "name": person.sign_in_name,
        "display": person.display_name,
        "roles": sorted(person.roles),
        "created_at": person.created_at.isoformat(timespec="seconds"),
        "disabled": person.disabled_at is not None,
    }
