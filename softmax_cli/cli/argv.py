"""Command-line grammar: what is an option, what is its value, and what is a value of its own.

Negative numbers stay values, misspelt options stay errors: Click would read ``-1e5`` as options,
and its ``ignore_unknown_options`` would turn it into ``-1`` and ``-e 5`` and let misspelt options
through. So the positional values are told apart here, before Click sees the line, and handed to it
behind ``--``.

What the shell has taken apart, as ``[2.0, 1.0]`` or ``2.0, 1.0``, is put together again. A list
given as ``-l 0 2`` or as ``-l 0 -l 2``, of which Click would take a part, is an error that shows
the line to type.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from os.path import exists
from typing import NamedTuple

from softmax_cli.errors import UsageError
from softmax_cli.job import Option
from softmax_cli.notation import open_brackets

# No option's name begins with a digit or a point, so such a token is a value (if a malformed
# one, the number grammar says so); words must be whole, because -i could be an option.
_NEGATIVE_VALUE = re.compile(
    r"-(?:[0-9.]|(?:inf|infinity|nan)(?:[,\s]|$)).*", re.IGNORECASE | re.DOTALL
)
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:e[+-]?[0-9]++)?|[+-]?(?:inf|infinity|nan)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\s,;\[\](){}]+")


class Part(NamedTuple):
    """A value (without a flag), or an option, with its value if it has one."""

    flag: str
    value: str | None
    option: Option | None = None  # None also for a flag that is unknown

    @property
    def lacks_value(self) -> bool:
        """Whether the line ends where the option's value should be."""
        return self.value is None and self.option is not None and self.option.parse is not None


def values_last(
    args: Sequence[str], options: Mapping[str, Option], command: str, n_leading: int = 0
) -> list[str]:
    """Reorder what follows ``command`` into options, ``--``, values.

    ``options`` are by their names (``--labels``, ``-l``). The order among the options and among the
    values stays. Raises UsageError for an option of one value that is given several.
    ``n_leading`` values are no inputs.
    """
    parts = list(_parts(args, options))
    _refuse_repetition(parts, command)
    _refuse_strays(parts, command, n_leading)
    tokens = _tokens(part for part in parts if part.flag)
    if parts and parts[-1].lacks_value:  # Click words this error if nothing follows, even a --
        return tokens
    return [*tokens, "--", *_tokens(part for part in parts if not part.flag)]


def _parts(args: Sequence[str], options: Mapping[str, Option]) -> Iterator[Part]:
    rest = deque(args)
    while rest:
        token = rest.popleft()
        if token == "--":
            while rest:
                yield Part("", _join(rest.popleft(), rest, _NUMBER))
        elif not is_option(token):
            yield Part("", _join(token, rest, _NUMBER))
        else:
            for flag, attached in _split(token, options):
                option = options.get(flag)
                value = attached
                if option is not None and option.parse is not None and rest:
                    value = rest.popleft() if attached is None else attached
                    value = _join(value, rest, _WORD) if option.is_list else value
                yield Part(flag, value, option)


def is_option(token: str) -> bool:
    """Whether a token is an option, and not a value, which may be negative."""
    return token.startswith("-") and token != "-" and not _NEGATIVE_VALUE.fullmatch(token)


def _split(token: str, options: Mapping[str, Option]) -> list[tuple[str, str | None]]:
    """The options in a token, each with the value attached to it; what is unknown stays whole.

    ``--labels=0``, ``-qd6``.
    """
    flag, equals, value = token.partition("=")
    if token.startswith("--") and equals and flag in options:
        return [(flag, value)]
    if token.startswith("--"):
        return [(token, None)]
    found: list[tuple[str, str | None]] = []
    for end, letter in enumerate(token[1:], start=2):
        option = options.get(f"-{letter}")
        if option is None:
            return [(token, None)]
        if option.parse is not None:
            return [*found, (f"-{letter}", token[end:].removeprefix("=") or None)]
        found.append((f"-{letter}", None))
    return found


def _join(text: str, rest: deque[str], cell: re.Pattern[str]) -> str:
    """The text with as much of what follows as belongs to it.

    That is up to its last closing bracket; or, where a single cell ends or goes on with a comma,
    the next cell.
    """
    pieces = [text]
    n_open = open_brackets(text)
    is_cell = cell.fullmatch(text.removesuffix(",")) is not None
    while rest and not is_option(rest[0]):
        token = rest[0]
        if n_open > 0:
            n_open += open_brackets(token, at_start=False)
        elif not (is_cell and _goes_on(pieces[-1], token, cell)):
            break
        pieces.append(rest.popleft())
    return " ".join(pieces)


def _goes_on(last: str, token: str, cell: re.Pattern[str]) -> bool:
    if last.endswith(","):
        return cell.fullmatch(token.removesuffix(",")) is not None
    following = token.removeprefix(",").removesuffix(",")
    return token.startswith(",") and (not following or cell.fullmatch(following) is not None)


def _refuse_repetition(parts: Sequence[Part], command: str) -> None:
    seen: dict[str, int] = {}
    for index, part in enumerate(parts):
        option = part.option
        if option is None or option.parse is None or option.repeats:
            continue
        first = seen.setdefault(option.flag, index)
        if first == index:
            continue
        values = [parts[first].value, part.value]
        advice = "keep one of them"
        if option.is_list and all(value and _is_word(value) for value in values):
            joined = parts[first]._replace(value=",".join(map(str, values)))
            line = [*parts[:first], joined, *parts[first + 1 : index], *parts[index + 1 :]]
            advice = f"as a list: {line_of(*command.split(), *_tokens(line))}"
        raise UsageError(f"{option.flag} is given twice", advice)


def _refuse_strays(parts: Sequence[Part], command: str, n_leading: int) -> None:
    """Refuse values that follow a list and may belong to it, unless all inputs stand there."""
    for index, part in enumerate(parts):
        if part.option is None or not part.option.is_list or part.value is None:
            continue
        end = index + 1
        while end < len(parts) and not parts[end].flag and _is_word(str(parts[end].value)):
            end += 1
        strays = [str(stray.value) for stray in parts[index + 1 : end]]
        n_before = sum(not before.flag for before in parts[:index]) - n_leading
        behind = [after for after in parts[end:] if not after.flag]
        are_numbers = all(map(_NUMBER.fullmatch, strays))
        if strays and (n_before > 0 or behind or not are_numbers):
            given = " ".join([part.flag, part.value, *strays])
            joined = part._replace(value=",".join([part.value.rstrip(","), *strays]))
            tokens = _tokens([*parts[:index], joined, *parts[end:]])
            what = "is that a list, or are there inputs among it?"
            raise UsageError(
                f"{given}: {what}", f"a list has commas: {line_of(*command.split(), *tokens)}"
            )


def _is_word(text: str) -> bool:
    """Whether the text is a number, or a word that is no file's name."""
    if _NUMBER.fullmatch(text):
        return True
    return _WORD.fullmatch(text) is not None and not re.search(r"[./:]", text) and not exists(text)


def _tokens(parts: "Iterator[Part] | Sequence[Part]") -> list[str]:
    return [
        token for part in parts for token in (part.flag or None, part.value) if token is not None
    ]


def line_of(*tokens: str) -> str:
    """The tokens as they would be typed."""
    from shlex import join  # only errors show one

    return join(tokens)
