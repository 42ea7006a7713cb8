"""The command line: `python -m embedlab COMMAND ...`. A command is a module of this folder and a line in `COMMANDS`.

Its module has `arguments(parser)`, which adds its options, and `run(options, stages)`, which does the work and returns
its exit status (None is 0). Only the module of the chosen command is imported.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import NoReturn, Protocol, cast

from embedlab.base.errors import EmbedlabError
from embedlab.base.paths import folder
from embedlab.base.progress import Progress, Stages

COMMANDS: Mapping[str, str] = {
    "map": "embed a file and write its labelled map",
    "embed": "embed a file and write its vectors",
    "search": "find texts by meaning, words or both, or measure which finds more",
    "compare": "compare models on your texts: which one, and is it real?",
    "finetune": "train a copy of a model on your labels: does it beat the frozen one?",
    "check": "find repeats, outliers, doubtful labels, personal data, leaks",
    "drift": "are two files, or two parts of one, different, and where?",
    "models": "list the models that are here, and how to get others",
    "prepare": "do once, ahead of time, what the first start would wait for",
}
"""The commands in the order of the help, each with what it does."""

BAD_INPUT = 2
UNFORESEEN = 70
"""What a program gives back that has a mistake itself."""
INTERRUPTED = 130
CLOSED = 141
DEBUG = "EMBEDLAB_DEBUG"
"""The variable that has the details of an unforeseen error printed."""
LONGEST = 400  # characters of a line about bad input


class OneLine(argparse.ArgumentParser):
    """A parser that says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        """End with status 2 after one line."""
        said = " ".join(message.split())
        said = said if len(said) <= LONGEST else f"{said[:LONGEST]}…"
        self.exit(BAD_INPUT, f"embedlab: {said}. See {self.prog} --help.\n")


class Command(Protocol):
    """What the module of a command has."""

    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Stages], int | None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status.

    0, 1 where a condition failed, 2 after one line about bad input, 130 where it was stopped, and 70 where embedlab
    itself has a mistake: its details go into a file, and onto the standard error where `EMBEDLAB_DEBUG` is set.
    """
    typed = sys.argv[1:] if arguments is None else list(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # of a terminal that doesn't know all letters
    try:
        options = parser(typed).parse_args(typed)
        return _command(options.command).run(options, Stages(shown)) or 0
    except EmbedlabError as error:
        print(f"embedlab: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD_INPUT
    except MemoryError:
        print("embedlab: There is not enough memory for this: try fewer texts.", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:  # whoever read the output has enough, as in “| head -1”
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - what is left is flushed there
        return CLOSED
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        print(f"embedlab: {name}{error.strerror or error}. Check the file and its rights.", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        _own_line()
        print("embedlab: Stopped; the vectors made so far are kept.", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:  # nobody foresaw it: one line all the same
        _own_line()
        print(f"embedlab: {_unforeseen(error)}", file=sys.stderr)
        return UNFORESEEN


def _own_line() -> None:
    """End the line of a progress that was under way."""
    if sys.stderr.isatty():
        print(file=sys.stderr)


def _unforeseen(error: Exception) -> str:
    """Return one sentence on a mistake of embedlab's own, and put its details into a file."""
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
        return "This is a mistake of embedlab itself; its details stand above."
    said = " ".join(f"{type(error).__name__}: {error}".split())[:LONGEST]
    try:
        path = folder("logs") / "last error.txt"
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8", errors="replace")
    except (OSError, EmbedlabError):
        return f"This is a mistake of embedlab itself ({said}): set {DEBUG}=1 and try again to see its details."
    return f"This is a mistake of embedlab itself ({said}): please report it with {path}, which has the details."


def parser(typed: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of the command that is `typed`; all others are only named. It puts the name in `command`."""
    made = OneLine(prog="python -m embedlab", description="Explore text embeddings.")
    commands = made.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for name, does in COMMANDS.items():
        found = commands.add_parser(name, help=does)
        if name in typed[:1]:
            _command(name).arguments(found)
    return made


def _command(name: str) -> Command:
    return cast(Command, import_module(f"embedlab.cli.{name}"))


def shown(progress: Progress) -> None:
    """Show progress on the standard error, if that is a terminal."""
    if not sys.stderr.isatty() or not progress.total:
        return
    left = f", {progress.seconds_left:.0f} s left" if progress.seconds_left is not None else ""
    end = "\n" if progress.done >= progress.total else ""
    print(f"\r\033[K{progress.stage}: {progress.done:,} of {progress.total:,}{left}", end=end, file=sys.stderr)
