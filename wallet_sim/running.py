"""Runs one command's work: its result, or one plain sentence for what went wrong."""

from collections.abc import Callable

import click

from keys.checks import CheckFailed
from wallet_sim import views
from wallet_sim.errors import sentence
from wallet_sim.flow_failures import AboutClaims
from wallet_sim.model import Kind
from wallet_sim.session import Session
from wallet_sim.talk import Talk
from wallet_sim.words import INDENT, Words

Work = Callable[[Session, Talk], views.View]
After = Callable[[Session, Talk, CheckFailed], None]


def run(
    session: Session, work: Work, kind: Kind | None = None, *, after: After | None = None
) -> None:
    """Do a command's work; a failure becomes one plain sentence and exit code 1.

    Args:
        session: the run.
        work: what the command does.
        kind: the flow, for the sentence.
        after: what is offered once a failure was told; not with ``--json``.
    """
    talk = session.talk()
    try:
        talk.result(work(session, talk))
    except CheckFailed as failure:
        talk.problem(failure.code, said_of(talk.words, failure, kind))
        if after is not None and not session.machine:
            after(session, talk, failure)
    except (KeyboardInterrupt, click.Abort):
        talk.problem("interrupted", talk.words.say("error.interrupted"))
    except click.exceptions.Exit:
        raise
    except Exception as surprise:  # a person gets a sentence, never a traceback
        talk.problem("unexpected", talk.words.say("error.unexpected"))
        talk.warn(f"{INDENT}{type(surprise).__name__}")
    else:
        return
    raise click.exceptions.Exit(1)


def said_of(words: Words, failure: CheckFailed, kind: Kind | None) -> str:
    """Return the sentence for a failure, with the names of the claims that it is about."""
    said = sentence(words, failure.code, kind)
    if not isinstance(failure, AboutClaims):
        return said
    names = words.join([words.label_of(failure.type_id, name) for name in failure.names])
    about = words.say("qr.about", names=names)
    return f"{said} {about}"
