"""From an option's text to its annotated type."""

from typing import Any, Literal, get_args, get_origin

import typer

from softmax_cli.errors import BadValue
from softmax_cli.text import parse_number


class Coercion:
    """Turns an option's text into its annotated type.

    Stands in for Typer's own coercion, which imports pydantic: that alone takes as long as
    everything else before the first result. Numbers follow the project's grammar.
    """

    def __init__(self, annotation: Any, absent: Any) -> None:
        self.absent = absent
        self.kind = annotation
        if get_origin(annotation) is list:
            (self.kind,) = get_args(annotation)

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        if value is None:
            return self.absent
        try:
            if isinstance(value, (list, tuple)):
                return tuple(self._convert(item) for item in value)
            return self._convert(value)
        except ValueError as error:
            raise typer.BadParameter(str(error), ctx=ctx, param=param) from None

    def _convert(self, value: Any) -> Any:
        if get_origin(self.kind) is Literal:
            choices = get_args(self.kind)
            if value not in choices:
                raise ValueError(f"{value!r} is not one of {', '.join(choices)}")
            return value
        if self.kind in (int, float) and isinstance(value, str):
            try:
                number = parse_number(value)
            except BadValue as error:
                raise ValueError(error.message) from None
            if self.kind is int and not number.is_integer():
                raise ValueError(f"{value!r} is not a whole number")
            return self.kind(number)
        return value


def coerced(params: list[Any]) -> list[Any]:
    """The parameters of a command, each with this coercion in place of Typer's."""
    for param in params:
        if not isinstance(param._runtime_param, Coercion):
            many = param.multiple or param.nargs == -1
            param._runtime_param = Coercion(param.type_descriptor.annotation, () if many else None)
    return params
