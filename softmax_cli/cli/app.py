"""The Typer app, a view of the commands and of the table of options. It parses."""

import inspect
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout
from os.path import exists
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from softmax_cli import __version__
from softmax_cli.cli.argv import is_option, line_of, values_last
from softmax_cli.cli.help import brief, full, overview
from softmax_cli.cli.reference import PROGRAM, no_such_command
from softmax_cli.cli.rules import check
from softmax_cli.commands import COMMANDS, OPTIONS_ELSEWHERE, find_alias
from softmax_cli.errors import BadValue, Exit, OutOfRange, UsageError
from softmax_cli.job import OPTIONS, Job, Option, weights
from softmax_cli.notation import read_row
from softmax_cli.system.streams import Streams
from softmax_cli.text import inert, is_number, with_point

HELP: dict[str, Any] = {"help_option_names": []}
"""Typer has no help of its own: there are two, and neither is Typer's."""


def parse(args: list[str], streams: Streams) -> Job | int:
    """The job that the command line describes; an exit code if it asks for help or the like.

    Raises UsageError. Typer writes to ``sys.stdout`` and ``sys.stderr``, which are replaced here.
    """
    command = typer.main.get_command(app)
    with redirect_stdout(streams.stdout), redirect_stderr(streams.stderr):
        try:
            parsed = command.main(args, prog_name=PROGRAM, standalone_mode=False, obj=streams)
        except typer.TyperException as error:
            raise _in_our_words(error) from error
        except typer.Abort:
            raise KeyboardInterrupt from None
        if streams.stdout is not None:
            streams.stdout.flush()
    return parsed if isinstance(parsed, (Job, int)) else Exit.DONE


def _in_our_words(error: typer.TyperException) -> UsageError:
    context = getattr(error, "ctx", None)
    unknown = getattr(error, "option_name", None) if hasattr(error, "possibilities") else None
    message = f"no such option: {unknown}" if unknown else error.format_message()
    message = message[:1].lower() + message[1:].rstrip(".")
    if unknown and context:
        meant = _similar_options(unknown, context.command)
        if meant:
            return UsageError(message, f"did you mean {' or '.join(meant)}?")
        having = [name for name in sorted(COMMANDS) if unknown in _flags_of(name)]
        if having:
            return UsageError(message, f"it is an option of {', '.join(having)}")
    return UsageError(message, f"try '{context.command_path} -h'" if context else None)


def _similar_options(name: str, command: Any) -> list[str]:
    """What is called nearly so, or elsewhere so, among the options of a command."""
    from difflib import get_close_matches

    all_flags = [flag for param in command.params for flag in param.opts]
    flags = [flag for flag in all_flags if flag.startswith("--")]
    stem = name.strip("-")
    letters = [f"-{letter}" for letter in (stem, stem.swapcase()) if f"-{letter}" in all_flags]
    if len(stem) == 1 and letters:
        return letters
    stem = stem.lower()
    elsewhere = OPTIONS_ELSEWHERE.get(stem)
    if elsewhere is not None and elsewhere.split()[0] in flags:
        return [elsewhere]
    longer = [flag for flag in flags if len(stem) > 1 and flag.startswith(f"--{stem}")]
    close = get_close_matches(stem, [flag[2:] for flag in flags], cutoff=0.7)
    return list(dict.fromkeys([*longer, *(f"--{found}" for found in close)]))[:3]


class TextsAsGiven:
    """Stands in for Typer's coercion, which finds nothing to do: options are texts to it.

    But it imports pydantic, and that alone takes as long as everything before the first result.
    """

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        return () if value is None and (param.multiple or param.nargs == -1) else value


def without_coercion(params: list[Any]) -> list[Any]:
    """The parameters, relieved of Typer's coercion.

    By a private name, the only one in this program. Should Typer give it up, then its coercion
    does nothing to the values, only slowly.
    """
    for param in params:
        param._runtime_param = TextsAsGiven()
    return params


class CalculatorCommand(TyperCommand):
    """A command whose values may be negative."""

    def get_params(self, ctx: Any) -> list[Any]:
        return without_coercion(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        options = {
            flag: OPTIONS[param.name]
            for param in self.params
            if param.param_type_name == "option" and param.name in OPTIONS
            for flag in param.opts
        }
        _refuse_single_dash(args, options)
        n_leading = len(COMMANDS[ctx.info_name].arguments)
        line = values_last(args, options, ctx.command_path, n_leading)
        rest = super().parse_args(ctx, line)
        decimal = ctx.params.get("decimal") or "."
        ctx.params = {
            name: _value(text, OPTIONS[name], ctx, decimal)
            for name, text in ctx.params.items()
            if name in OPTIONS and text is not None and text != ()
        }
        if "inputs" not in ctx.params and _awaits_input(ctx.obj):
            typer.echo(ctx.get_help(), nl=False, err=True)
            raise typer.Exit(Exit.TROUBLE)
        return rest

    def invoke(self, ctx: Any) -> Job:
        job = Job.of(ctx.info_name, ctx.params)
        check(job)
        return job

    def get_help(self, ctx: Any) -> str:
        return brief(ctx.info_name)


class CalculatorGroup(TyperGroup):
    """Builds only the command that is called: building all of them takes a while."""

    def get_params(self, ctx: Any) -> list[Any]:
        return without_coercion(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args:
            typer.echo(ctx.get_help(), nl=False, err=True)
            raise typer.Exit(Exit.TROUBLE)
        _refuse_option_first(args)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in self.commands:
            self.commands[cmd_name] = _build(cmd_name)
        return self.commands[cmd_name]

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, *rest = args
        if name in COMMANDS:
            return super().resolve_command(ctx, args)
        alias = find_alias(name)
        if alias is None:
            raise _no_command(args)
        command, *options = alias.line.split()
        if options and any(token.partition("=")[0] == options[0] for token in rest):
            options = []  # given otherwise
        otherwise = f" ({alias.otherwise})" if alias.otherwise else ""
        ctx.obj.tell(f"{inert(name)} is: {' '.join([command, *options])}{otherwise}")
        return super().resolve_command(ctx, [command, *options, *rest])

    def get_help(self, ctx: Any) -> str:
        return overview(everything=False)


def _flags_of(command: str) -> set[str]:
    return {flag for name in COMMANDS[command].options for flag in OPTIONS[name].flags}


def _value(text: Any, option: Option, ctx: Any, decimal: str) -> object:
    """What the text of an option says, or all its texts if it may be repeated."""
    if option.parse is None:
        return text
    try:
        if option.parse is weights:
            text = ",".join(with_point(cell, decimal) for cell in read_row(text, decimal))
        return tuple(map(option.parse, text)) if option.repeats else option.parse(text)
    except OutOfRange as error:
        raise UsageError(f"{option.flag} {error.message}".lstrip(), error.advice) from None
    except BadValue as error:
        name = " / ".join(f"'{flag}'" for flag in option.flags)
        if option.environment is not None:
            name += f" (env var: '{option.environment}')"
        message = f"invalid value for {name}: {error.message}"
        raise UsageError(message, error.advice or f"try '{ctx.command_path} -h'") from None


def _refuse_single_dash(args: list[str], names: Iterable[str]) -> None:
    """Refuse ``-label 0``, which would be read as ``-l abel`` and a number."""
    for token in args:
        if token == "--":
            return
        name = token.partition("=")[0]
        if len(name) > 3 and not token.startswith("--"):
            meant = next((long for long in names if long.startswith(f"-{name}")), None)
            if meant:
                raise UsageError(f"no such option: {name}", f"did you mean {meant}?")


def _refuse_option_first(args: list[str]) -> None:
    """Refuse ``-l 0 ce 2 1``, and the ``-1`` of a line that has no command."""
    if not args[0].startswith("-"):
        return
    if not is_option(args[0]):
        raise _no_command(args)
    name = args[0].partition("=")[0]
    command = next((token for token in args if token in COMMANDS), None)
    if command is not None and any(name in option.flags for option in OPTIONS.values()):
        rest = [token for token in args if token is not command]
        message = f"{name} stands before the command"
        raise UsageError(message, f"options follow it: {line_of(PROGRAM, command, *rest)}")


def _no_command(args: list[str]) -> UsageError:
    """The error for a line that begins with no command, but perhaps with an input."""
    name = args[0]
    if not (exists(name) or is_number(name.strip("[(").split(",")[0])):
        return no_such_command(name)
    command = "ce" if {"-l", "--labels", "--label-col"} & {*args} else "softmax"
    line = line_of(PROGRAM, command, *args)
    return UsageError(f"no such command: {name}", f"a command comes first: {line}")


def _awaits_input(streams: Streams) -> bool:
    return streams.stdin is not None and streams.stdin.isatty()


def _build(name: str) -> CalculatorCommand:
    command = COMMANDS[name]

    def parameters() -> None:
        """What Typer reads the parameters from; it is never called."""

    parameters.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            *(_parameter(name) for name in (*command.arguments, "inputs", *command.options)),
            _help_parameter("-h", lambda: brief(name)),
            _help_parameter("--help", lambda: full(name)),
        ]
    )
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name, cls=CalculatorCommand, context_settings=HELP)(parameters)
    built = typer.main.get_command(single)
    assert isinstance(built, CalculatorCommand)
    return built


def _parameter(name: str) -> inspect.Parameter:
    """The option as Typer sees it: a text, several or a flag."""
    option = OPTIONS[name]
    default: object = None
    kind: Any = str | None
    if option.repeats:
        kind = list[str] | None
    elif option.parse is None:
        default = Job._field_defaults[name]
        kind = bool | None if default is None else bool
    elif not option.flags:
        default, kind = inspect.Parameter.empty, str
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=Annotated[kind, _declaration(option)],
        default=default,
    )


def _declaration(option: Option) -> Any:
    if not option.flags:
        return typer.Argument(metavar=option.metavar)
    return typer.Option(*option.flags, envvar=option.environment)


def _help_parameter(flag: str, text: Callable[[], str]) -> inspect.Parameter:
    """A flag that shows a text instead of doing anything else."""

    def show(wanted: bool) -> None:
        if wanted:
            typer.echo(text(), nl=False)
            raise typer.Exit

    option = typer.Option(flag, is_eager=True, callback=show)
    return inspect.Parameter(
        f"show{flag.replace('-', '_')}",
        inspect.Parameter.KEYWORD_ONLY,
        annotation=Annotated[bool, option],
        default=False,
    )


def _root(**shown: bool) -> None:
    """What Typer reads the program's own options from."""


_root.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        _help_parameter("-h", lambda: overview(everything=False)),
        _help_parameter("--help", lambda: overview(everything=True)),
        _help_parameter("--version", lambda: f"{PROGRAM} {__version__}\n"),
    ]
)
app = typer.Typer(
    cls=CalculatorGroup, add_completion=False, rich_markup_mode=None, context_settings=HELP
)
app.callback()(_root)
