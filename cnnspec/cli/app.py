"""The program `cnnspec`: finds the command, and turns every end into an exit status.

0 no errors; 1 findings; 2 wrong usage, unreadable file, missing component; 70 an internal fault;
130 interrupted; 141 the reader of a pipe has gone.
"""

from __future__ import annotations

import gc
import os
import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from cnnspec.cli.faults import Findings, OutputFault, PipeClosed, Refusal, UsageFault
from cnnspec.cli.output import prepare, say, show_diagnostics, silence
from cnnspec.diagnostics import compare_anew
from cnnspec.elaborate.limits import deeper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typer import Typer

COMMANDS = {
    "check": "check",
    "summary": "summary",
    "fmt": "fmt",
    "claims": "claims",
    "list": "listing",
    "show": "show",
    "init": "init",
    "import": "importing",
    "gen": "gen",
    "prove": "prove",
    "draw": "draw",
    "sizes": "sizes",
    "field": "field",
    "diff": "diff",
    "sweep": "sweep",
    "train": "train",
    "eval": "eval",
    "report": "report",
    "reproduce": "reproduce",
    "weights": "weights",
    "explain": "explain",
    "lsp": "lsp",
    "play": "play",
}
"""Command -> the file of this folder that holds it, as the function `command`."""


LASTING = {"train", "eval", "report", "reproduce", "weights", "lsp", "play"}
"""Commands that go on for long: they train, serve, or hold many a net."""


def main() -> NoReturn:
    """Run the command line of this process.

    What a command makes of a spec lives until it ends: there is next to no garbage, and looking
    for it costs a third of `check specs/` and of `gen`.
    """
    arguments = sys.argv[1:]
    if LASTING.isdisjoint(arguments[:1]):
        gc.disable()
    status = run(arguments)
    gc.freeze()  # Python would look once more as it ends
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status; never raises, never shows a traceback."""
    prepare()
    compare_anew()
    try:
        with deeper():
            return _ended(arguments)
    except (PipeClosed, BrokenPipeError):
        silence()
        return 141
    except OutputFault as fault:
        return _unwritten(str(fault), arguments)


def _ended(arguments: Sequence[str]) -> int:
    """Run one command; how it ended, said. Raises PipeClosed and OutputFault."""
    try:
        return _dispatch(list(arguments))
    except UsageFault as fault:
        return _end(2, f"{_program(arguments)}: {fault}")
    except Findings as findings:
        show_diagnostics(findings.workspace.diagnostics)
        return 1
    except Refusal as refusal:
        return _end(1, f"{_program(arguments)}: {refusal}")
    except KeyboardInterrupt:
        return 130
    except (PipeClosed, BrokenPipeError, OutputFault):
        raise
    except Exception as error:
        return _failed(error, arguments)


def _unwritten(what: str, arguments: Sequence[str]) -> int:
    """The output has no room: said where there still is some."""
    silence()
    with suppress(PipeClosed, OutputFault):
        say(f"{_program(arguments)}: cannot write the output: {what}")
    silence()
    return 2


def _failed(error: Exception, arguments: Sequence[str]) -> int:
    """A usage error that typer found, else a fault of ours."""
    format_message = getattr(error, "format_message", None)
    if format_message is not None:
        program = _program(arguments)
        return _end(2, f"{program}: {_sentence(format_message())} ({program} -h shows the usage)")
    if type(error).__name__ == "BrokenPluginError":  # comparing classes would import its module
        return _end(2, f"{_program(arguments)}: {error}")
    if isinstance(error, OSError) and error.strerror:
        if error.filename is None:  # typer's own help, to a full disk
            raise OutputFault(error.strerror) from error
        return _end(2, f"{_program(arguments)}: {error.strerror}: {str(error.filename)[:100]}")
    if os.environ.get("CNNSPEC_DEBUG") == "1":
        raise error
    what = f"{type(error).__name__}: {error}".replace("\n", " ")[:200]
    return _end(
        70,
        f"{_program(arguments)}: internal fault, not your spec's: {what}. Please report it with "
        "the spec and the traceback, which CNNSPEC_DEBUG=1 shows",
    )


_CHOICE = (
    r"Invalid value for '(?:-\w / )?(--[\w-]+)'[^:]*: (?:Value error, )?'(.*)' is not one of (.*)"
)
"""How the library says that a value is none of an option's; some of its words are its own."""


def _sentence(message: str) -> str:
    text = " ".join(message.split()).rstrip(".")
    choice = re.fullmatch(_CHOICE, text)
    if choice is None:
        return text
    from cnnspec.diagnostics import did_you_mean

    option, value, listed = choice.groups()
    known = re.findall(r"'([^']*)'", listed)
    close = did_you_mean(value, known) or f"there are {', '.join(known[:-1])} and {known[-1]}"
    return f"{option} {value}: {close}"


def _end(status: int, message: str) -> int:
    say(message)
    return status


def _program(arguments: Sequence[str]) -> str:
    command = arguments[0] if arguments else ""
    return f"cnnspec {command}" if command in COMMANDS else "cnnspec"


def _dispatch(arguments: list[str]) -> int:
    if arguments[:1] in (["train"], ["eval"], ["report"], ["reproduce"]):
        from importlib import import_module

        run_unparsed = import_module(f"cnnspec.cli.{arguments[0]}").run_unparsed
        return int(run_unparsed(arguments[1:]))
    if arguments[:1] == ["check"] and all(map(_is_path, arguments[1:])):
        from cnnspec.cli.checking import run_check

        return run_check(arguments[1:])
    from typer.main import get_command

    wanted = arguments[0] if arguments and arguments[0] in COMMANDS else None
    command = get_command(build(wanted))
    status = command.main(args=arguments, prog_name="cnnspec", standalone_mode=False)
    return status if isinstance(status, int) else 0


def _is_path(argument: str) -> bool:
    return argument == "-" or not argument.startswith("-")


def build(only: str | None = None) -> Typer:
    """The typer application; with `only`, nothing but that command is imported."""
    from importlib import import_module

    import typer

    from cnnspec.cli.commandline import Program
    from cnnspec.cli.top import top

    settings: dict[str, Any] = {"help_option_names": ["-h", "--help"]}
    app = typer.Typer(
        cls=Program,
        add_completion=only is None,
        context_settings=settings,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(top)
    for name in [only] if only else COMMANDS:
        module = import_module(f"cnnspec.cli.{COMMANDS[name]}")
        extra = getattr(module, "SETTINGS", {})
        kind = getattr(module, "CLASS", None)
        app.command(name, cls=kind, context_settings={**settings, **extra})(module.command)
    return app
