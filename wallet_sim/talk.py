"""The conversation at the terminal: pages out, answers in. With ``--json`` nothing is asked."""

import json
import sys
import textwrap
from collections.abc import Collection, Mapping, Sequence

import click

from wallet_sim.words import INDENT, Words

WIDTH = 78
YES = frozenset({"k", "kyllä", "j", "ja", "y", "yes"})
NO = frozenset({"e", "ei", "n", "nej", "no"})
ASKED_AT_MOST = 3


class Talk:
    """One command's conversation.

    Attributes:
        words: the language.
        machine: print JSON and ask nothing.
    """

    def __init__(self, words: Words, *, machine: bool) -> None:
        self.words = words
        self.machine = machine

    def page(self, lines: Sequence[str]) -> None:
        """Print a page, folded to the width of a terminal; nothing in machine mode."""
        if self.machine:
            return
        for line in lines:
            click.echo(fold(line))

    def say(self, key: str, **values: object) -> None:
        """Print one text."""
        self.page([self.words.say(key, **values)])

    def result(self, view: Mapping[str, object]) -> None:
        """Print the command's result in machine mode."""
        if self.machine:
            click.echo(json.dumps(view, ensure_ascii=False, indent=2))

    def problem(self, code: str, message: str) -> None:
        """Print a failure: JSON to the output, or a sentence to the error stream."""
        if self.machine:
            click.echo(json.dumps({"error": code, "message": message}, ensure_ascii=False))
        else:
            click.echo(fold(self.words.say("error.prefix", text=message)), err=True)

    def warn(self, message: str) -> None:
        """Print a sentence to the error stream; nothing in machine mode."""
        if not self.machine:
            click.echo(fold(message), err=True)

    def yes(self, key: str) -> bool | None:
        """Ask yes or no; None when there is nobody to answer, or no answer that is understood."""
        for _ in range(ASKED_AT_MOST):
            answer = self.line(key)
            if answer is None or not answer:
                return None
            if answer in YES | NO:
                return answer in YES
            self.say("answer.unclear")
        return None

    def one_of(self, key: str, choices: Collection[str]) -> str | None:
        """Ask for one of the choices; None when there is nobody to answer, or no such answer."""
        for _ in range(ASKED_AT_MOST):
            answer = self.line(key)
            if answer is None or answer in choices:
                return answer
            self.say("answer.unclear")
        return None

    def line(self, key: str, *, hidden: bool = False, **values: object) -> str | None:
        """Ask for a line, in small letters; None when there is nobody to answer."""
        answer = self.text(key, hidden=hidden, **values)
        return None if answer is None else answer.strip().lower()

    def text(self, key: str, *, hidden: bool = False, **values: object) -> str | None:
        """Ask for a text as it is typed; None when there is nobody to answer."""
        if self.machine:
            return None
        question = self.words.say(key, **values)
        if hidden and not sys.stdin.isatty():
            return _from_pipe(question)
        try:
            answer: str = click.prompt(question, default="", show_default=False, hide_input=hidden)
        except click.Abort:
            click.echo("")
            return None
        return answer


def _from_pipe(question: str) -> str | None:
    """Read a secret that is no terminal's: one line, None at the end of the input."""
    click.echo(f"{question}: ", nl=False, err=True)
    line = sys.stdin.readline()
    click.echo("", err=True)
    return line.rstrip("\r\n") if line else None


def fold(line: str) -> str:
    """Break a long line at spaces; what follows stands under its beginning."""
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        line.strip(),
        width=WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + (INDENT if indent else ""),
        break_long_words=False,
        break_on_hyphens=False,
    )
