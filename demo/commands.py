"""The product's commands with their modules loaded beforehand, for a story that runs many of them.

Each command still runs in a process of its own, with its own environment and its own input, but
that process is forked from one which has loaded everything already. A command by itself needs most
of a second to load; a story of a hundred commands would spend its time on that.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import IO, Any

PROGRAMS = ("kyky-keys", "kyky-issuer", "kyky-verifier", "kyky-wallet")
COMMAND_SECONDS = 60

Done = subprocess.CompletedProcess[str]


class Commands:
    """Runs commands; begins at the first one, ends with `stop`."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[str] | None = None
        self._one_at_a_time = threading.Lock()

    def run(
        self, program: str, *arguments: str, environment: Mapping[str, str], stdin: str = ""
    ) -> Done:
        """Run one command to its end; after a minute it is killed.

        Args:
            program: one of `PROGRAMS`.
            arguments: what follows it on the command line.
            environment: all of its environment.
            stdin: what it reads.
        """
        wanted = {
            "program": program,
            "arguments": arguments,
            "environment": dict(environment),
            "stdin": stdin,
        }
        with self._one_at_a_time:
            server = self._server or self._start()
            requests, answers = _pipes(server)
            requests.write(json.dumps(wanted) + "\n")
            requests.flush()
            answer = json.loads(answers.readline())
        return Done([program, *arguments], **answer)

    def stop(self) -> None:
        """Let go of everything; a later `run` begins anew."""
        server, self._server = self._server, None
        if server is not None:
            for pipe in _pipes(server):
                pipe.close()
            server.wait()
            atexit.unregister(self.stop)

    def _start(self) -> "subprocess.Popen[str]":
        self._server = subprocess.Popen(
            [sys.executable, "-m", "demo.commands"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is for whoever tells the story
        )
        atexit.register(self.stop)
        return self._server


def _pipes(server: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    if server.stdin is None or server.stdout is None:
        raise ValueError("started without pipes")
    return server.stdin, server.stdout


def serve() -> None:
    """Run what comes in, one command after the other, until nothing comes any more."""
    scripts = entry_points(group="console_scripts")
    known = {name: scripts[name].load() for name in PROGRAMS}
    # Copies: the commands find input, output and errors of their own under the usual numbers.
    with os.fdopen(os.dup(0), encoding="utf-8") as requests, os.fdopen(os.dup(1), "w") as answers:
        for line in requests:
            wanted = json.loads(line)
            answers.write(json.dumps(_run(known[wanted["program"]], wanted)) + "\n")
            answers.flush()


def _run(command: Callable[[], object], wanted: Mapping[str, Any]) -> dict[str, object]:
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as errors,
    ):
        given.write(wanted["stdin"].encode())
        given.seek(0)
        child = os.fork()
        if child == 0:
            for number, file in enumerate((given, out, errors)):
                os.dup2(file.fileno(), number)
            os._exit(_become(command, wanted))
        _, status = os.waitpid(child, 0)
        return {
            "returncode": os.waitstatus_to_exitcode(status),
            "stdout": _text(out),
            "stderr": _text(errors),
        }


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _become(command: Callable[[], object], wanted: Mapping[str, Any]) -> int:
    """Be the command; return its exit code."""
    signal.alarm(COMMAND_SECONDS)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    sys.argv = [wanted["program"], *wanted["arguments"]]
    try:
        command()
        code: object = 0
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    serve()
