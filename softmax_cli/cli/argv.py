"""Command-line grammar: negative numbers stay values, misspelt options stay errors.

Click would read ``-1e5`` as options, and its ``ignore_unknown_options`` would turn it
into ``-1`` and ``-e 5`` and let misspelt options through. So the positional values are told
apart here, before Click sees the line, and handed to it behind ``--``.
"""

import re
from collections.abc import Collection, Iterable

# No option's name begins with a digit or a point, so such a token is a value (if a malformed
# one, the number grammar says so); words must be whole, because -i could be an option.
_NEGATIVE_VALUE = re.compile(
    r"-(?:[0-9.]|(?:inf|infinity|nan)(?:[,\s]|$)).*", re.IGNORECASE | re.DOTALL
)


def values_last(args: Iterable[str], value_options: Collection[str]) -> list[str]:
    """Reorder a command line into options, ``--``, values.

    ``value_options`` are the names (``--labels``, ``-l``) of the options that take a value.
    The order among the options and among the values stays.
    """
    options: list[str] = []
    values: list[str] = []
    tokens = iter(args)
    for token in tokens:
        if token == "--":
            values.extend(tokens)
        elif not token.startswith("-") or token == "-" or _NEGATIVE_VALUE.fullmatch(token):
            values.append(token)
        else:
            options.append(token)
            if _awaits_value(token, value_options):
                value = next(tokens, None)
                if value is None:  # Click words this error if nothing follows, even a --
                    return options
                options.append(value)
    return [*options, "--", *values]


def _awaits_value(token: str, value_options: Collection[str]) -> bool:
    if token.startswith("--"):
        return token in value_options
    for position, letter in enumerate(token[1:], start=2):
        if f"-{letter}" in value_options:
            return position == len(token)  # otherwise the rest is its value, as in -d6
    return False
