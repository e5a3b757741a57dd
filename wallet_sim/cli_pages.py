"""``kyky-wallet pages``: the wallet in a browser on this computer, until it is stopped."""

import contextlib
import json

import click

from wallet_sim.running import run
from wallet_sim.screens.desk import Desk
from wallet_sim.screens.server import PageServer, serve
from wallet_sim.screens.surface import Surface
from wallet_sim.session import Session
from wallet_sim.talk import Talk
from wallet_sim.views import View

SECRET_BYTES = 24
HIGHEST_PORT = 65_535


@click.command("pages")
@click.option("--port", type=click.IntRange(0, HIGHEST_PORT), default=0, help="0: any free one.")
@click.pass_obj
def pages_command(session: Session, port: int) -> None:
    """Open the wallet in a browser on this computer. Stops with Ctrl-C.

    With --json the first line is an object with ``address``; another follows at the end.
    """

    def work(session: Session, talk: Talk) -> View:
        wallet, control = session.wallet_and_control()
        random = session.around.random
        desk = Desk(wallet, control, random, session.lang)
        server = PageServer(Surface(desk), secret=random.bytes(SECRET_BYTES).hex(), port=port)

        def ready(address: str) -> None:
            if talk.machine:
                click.echo(json.dumps({"address": address}))
            talk.say("pages.ready", address=address)
            talk.say("pages.stop")

        with contextlib.suppress(KeyboardInterrupt):
            serve(server, ready)
        return {"outcome": "stopped"}

    run(session, work)
