"""The service itself: serve, migrate, check."""

import click

from keys.checks import CheckFailed
from service_kit.server import run_server
from verifier.app import create_app
from verifier.cli.context import Context, settings_of, with_parts
from verifier.parts import Parts


@click.command()
@click.pass_obj
def serve(context: Context) -> None:
    """Run the service."""
    settings = settings_of(context)
    if settings.unsafe_plain_http:
        context.say("unsafe")
    try:
        app = create_app(settings)
    except (CheckFailed, OSError) as failure:
        raise context.fail("cannot_start", reason=context.why(failure)) from failure
    context.say("serving", url=settings.base_url)
    run_server(
        app,
        host=settings.host,
        port=settings.port,
        trusted_proxies=[str(network) for network in settings.trusted_proxies],
        log_level="warning",
        timeout_graceful_shutdown=5,
    )


@click.command()
@click.pass_obj
def migrate(context: Context) -> None:
    """Bring the database to the newest schema."""
    with_parts(context, _nothing)
    context.say("migrated")


@click.command()
@click.pass_obj
def check(context: Context) -> None:
    """Check settings, keys, database and trust list."""
    settings = settings_of(context)

    async def work(parts: Parts) -> tuple[str | None, bool]:
        refreshed = await parts.refresh()
        if refreshed.failure is not None:
            return refreshed.failure, False
        return None, await parts.services.who_asks.is_registered(settings.role)

    failure, registered = with_parts(context, work)
    if failure is not None:
        raise context.fail("no_trust_list", code=failure)
    if not registered:
        raise context.fail("not_registered", role=settings.role)
    context.say("all_well")


async def _nothing(_parts: Parts) -> None:
    return None
