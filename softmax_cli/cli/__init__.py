"""The Typer app, and the one place where an error becomes an exit code."""

import gc
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from difflib import get_close_matches
from typing import Annotated, Any, TextIO

import typer
from typer.core import TyperCommand, TyperGroup

from softmax_cli import __version__
from softmax_cli.cli.argv import values_last
from softmax_cli.cli.coercion import coerced
from softmax_cli.cli.options import OPTIONS
from softmax_cli.cli.panels import OUTPUT, PANELS
from softmax_cli.cli.rules import checked
from softmax_cli.commands import COMMANDS, Command
from softmax_cli.errors import Exit, SoftmaxCliError, UsageError
from softmax_cli.job import Job
from softmax_cli.system.streams import Streams
from softmax_cli.text import inert

PROGRAM = "softmax-cli"
HELP = {"help_option_names": ["-h", "--help"]}


class CalculatorCommand(TyperCommand):
    """A command whose values may be negative and whose help leads with examples."""

    examples: tuple[tuple[str, str], ...] = ()

    def get_params(self, ctx: Any) -> list[Any]:
        return coerced(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        options = [p for p in self.params if p.param_type_name == "option"]
        taking_value = {name for p in options if not p.is_flag for name in p.opts}  # type: ignore[attr-defined]
        _refuse_single_dash(args, {name for p in options for name in p.opts})
        rest = super().parse_args(ctx, values_last(args, taking_value))
        if not ctx.resilient_parsing and not ctx.params.get("inputs") and _awaits_input(ctx.obj):
            typer.echo(ctx.get_help(), err=True)
            raise typer.Exit(Exit.TROUBLE)
        return rest

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write_text(self.short_help)
        with formatter.section("Examples"):
            _write_examples(formatter, self.examples)
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        self.format_options(ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        panels: dict[str, list[tuple[str, str]]] = {panel: [] for panel in PANELS}
        for param in self.get_params(ctx):
            name, text = param.get_help_record(ctx)
            if param.param_type_name == "argument":
                name = param.metavar  # without the type, which is always text
            panels[getattr(param, "rich_help_panel", None) or OUTPUT].append((name, text))
        for panel, records in panels.items():
            if not records:
                continue
            with formatter.section(panel):
                formatter.write_dl(records, col_max=26)


class CalculatorGroup(TyperGroup):
    """Builds only the command that is called: building all of them takes a while."""

    def get_params(self, ctx: Any) -> list[Any]:
        return coerced(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help(), err=True)
            raise typer.Exit(Exit.TROUBLE)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in sorted(COMMANDS):
            return None
        if cmd_name not in self.commands:
            self.commands[cmd_name] = _build(cmd_name)
        return self.commands[cmd_name]

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in sorted(COMMANDS):
            raise _no_such_command(args[0])
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        loaded = {name: COMMANDS[name] for name in sorted(COMMANDS)}
        formatter.write_text(self.help or "")
        with formatter.section("Examples"):
            _write_examples(formatter, tuple(c.examples[0] for c in loaded.values()))
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.summary) for name, command in loaded.items()])
        records = [param.get_help_record(ctx) for param in self.get_params(ctx)]
        with formatter.section("Options"):
            formatter.write_dl([record for record in records if record is not None])


def _write_examples(formatter: Any, examples: tuple[tuple[str, str], ...]) -> None:
    indent = " " * formatter.current_indent
    width = max(len(line) for line, _ in examples)
    for line, purpose in examples:
        formatter.write(f"{indent}{line:{width}}  {purpose}\n")


def _refuse_single_dash(args: list[str], names: set[str]) -> None:
    """Refuse ``-label 0``, which would be read as ``-l abel`` and a number."""
    for token in args:
        if token == "--":
            return
        name = token.partition("=")[0]
        if len(name) > 3 and not token.startswith("--"):
            meant = next((long for long in names if long.startswith(f"-{name}")), None)
            if meant:
                raise UsageError(f"no such option: {name}", f"did you mean {meant}?")


def _no_such_command(name: str) -> UsageError:
    known = sorted(COMMANDS)
    close = get_close_matches(name, known)
    if close:
        return UsageError(f"no such command: {name}", f"did you mean {' or '.join(close)}?")
    return UsageError(f"no such command: {name}", f"the commands are {', '.join(known)}")


def _awaits_input(streams: Streams) -> bool:
    return streams.stdin is not None and streams.stdin.isatty()


def _build(name: str) -> CalculatorCommand:
    command = COMMANDS[name]
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(
        name,
        cls=CalculatorCommand,
        help=command.about,
        short_help=command.summary,
        context_settings=HELP,
    )(_callback(name, command))
    built = typer.main.get_command(single)
    assert isinstance(built, CalculatorCommand)
    built.examples = command.examples
    return built


def _callback(name: str, command: Command) -> Callable[..., Job]:
    """The function that Typer reads the command's parameters from, and calls for the Job."""
    defaults = Job._field_defaults | dict(command.defaults)

    def parse(**values: Any) -> Job:
        given = {option: value for option, value in values.items() if value is not None}
        return checked(Job(name, **dict(command.defaults) | given))

    parse.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                option,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=OPTIONS[option],
                default=inspect.Parameter.empty
                if option in command.arguments
                else None
                if defaults[option] == ()
                else defaults[option],
            )
            for option in (*command.arguments, "inputs", *command.options)
        ]
    )
    return parse


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=CalculatorGroup,
    rich_markup_mode=None,
    context_settings=HELP,
    help="The loss calculator for the shell: softmax, cross-entropy and predictions from "
    "logits, probabilities and labels, given as arguments, files or a pipe.",
)


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version."),
    ] = False,
) -> None:
    pass


def guard(action: Callable[[], int], streams: Streams, debug: bool = False) -> int:
    """Run ``action``; return its exit code, or tell the error and return the error's."""
    try:
        return action()
    except SystemExit as request:  # of Typer, once it has shown a completion
        return request.code if isinstance(request.code, int) else Exit.DONE
    except BrokenPipeError:
        return Exit.PIPE_CLOSED
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception as error:
        if debug:
            streams.tell(traceback.format_exc().rstrip("\n"))
        message, advice = _explain(error)
        with suppress(OSError, ValueError):  # a closed stderr has nobody to tell
            streams.tell(f"error: {inert(message)}" + (f"\n  {inert(advice)}" if advice else ""))
        return Exit.TROUBLE


def _explain(error: Exception) -> tuple[str, str | None]:
    """The error as a line, and perhaps a line of advice."""
    if isinstance(error, SoftmaxCliError):
        return error.message, error.advice
    if isinstance(error, typer.TyperException):
        return _explain_click(error)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}", None
    if isinstance(error, MemoryError):
        return "not enough memory", None
    kind = type(error).__name__
    return f"internal error: {kind}: {error}", "a bug: please report it; --debug shows where"


def _explain_click(error: typer.TyperException) -> tuple[str, str | None]:
    possibilities = getattr(error, "possibilities", None)
    message = error.message if possibilities else error.format_message()
    message = message[:1].lower() + message[1:].rstrip(".")
    context = getattr(error, "ctx", None)
    if possibilities:
        return message, f"did you mean {' or '.join(possibilities)}?"
    return message, f"try '{context.command_path} -h'" if context else None


def run(
    args: Sequence[str],
    stdin: TextIO | None = None,
    stdout: TextIO | None = None,
    stderr: TextIO | None = None,
) -> int:
    """Run the command line ``softmax-cli ARGS`` in this process; its exit code.

    The streams may be files or in memory; by default they are the process's own. Errors are told
    on ``stderr`` and never raised. While it parses, ``sys.stdout`` and ``sys.stderr`` are replaced.
    """
    own = Streams.of_process()
    streams = Streams(
        own.stdin if stdin is None else stdin,
        own.stdout if stdout is None else stdout,
        own.stderr if stderr is None else stderr,
    )
    return int(guard(lambda: _run([*args], streams), streams, debug="--debug" in args))


def main() -> int:
    """Run the command line of this process; its exit code. All output is written by then."""
    if sys.stderr is None:  # closed; print would fall back to stdout, into the data
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    code = run(sys.argv[1:])
    if code != Exit.DONE:
        _silence_stdout()
    return code


def _run(args: list[str], streams: Streams) -> int:
    command = typer.main.get_command(app)
    # Typer only parses. The job runs out here, because deep in Typer's stack Python 3.11 would
    # map and unmap memory at every call that crosses a boundary, and importing takes longer.
    with redirect_stdout(streams.stdout), redirect_stderr(streams.stderr):
        parsed = command.main(args, prog_name=PROGRAM, standalone_mode=False, obj=streams)
        if not isinstance(parsed, Job) and streams.stdout is not None:
            streams.stdout.flush()
    if not isinstance(parsed, Job):
        return parsed or Exit.DONE
    from softmax_cli.run import run as run_job  # loads NumPy, which --help has no use for

    gc.enable()  # __main__ has disabled it while loading
    return run_job(parsed, streams)


def _silence_stdout() -> None:
    """Keep the interpreter from complaining at exit of what it could not write."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
