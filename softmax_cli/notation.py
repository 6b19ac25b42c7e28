"""Rows of numbers as people write and paste them.

Plain: cells between commas or else blanks, ``2,1,0.1`` or ``2 1 0.1``; rows between semicolons or
on lines of their own. In brackets, as Python, NumPy, PyTorch and MATLAB print them: ``[[2, 1],
[0.5, 2]]``, ``array([[2., 1.]])``, ``tensor([2., 1.], grad_fn=<AddBackward0>)``, ``[2 1; 0.5 2]``.
Where decimals have a comma, cells stand between semicolons or blanks.

Cells stay texts, because the digits of an answer matter.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from softmax_cli.errors import BadValue
from softmax_cli.text import parse_number, plural


class Written(NamedTuple):
    """The rows of cells in a text; ``is_row`` where even a single cell is a row of its own."""

    rows: list[list[str]]
    is_row: bool


def read_rows(text: str, decimal: str = ".") -> Written:
    """The rows in a text of numbers whose decimals have the mark given.

    Raises BadValue for brackets that do not match, and for what may be one row or several.
    """
    if _OPENING.match(text):
        rows, is_row = _in_brackets(text, decimal)
    else:
        rows = _plain(text, decimal)
        is_row = len(rows) > 1 or len(rows[0]) > 1
    return Written(rows, is_row)


def read_row(text: str, decimal: str = ".") -> list[str]:
    """The cells of a text that holds one row. Raises BadValue."""
    rows = read_rows(text, decimal).rows
    if len(rows) != 1:
        raise BadValue(f"{plural(len(rows), 'row')} where one should be")
    return rows[0]


def read_list(text: str) -> list[str]:
    """The words in a text: between commas or in brackets; numbers also between other marks.

    Words may hold blanks and brackets, as names do: brackets are meant where they are around all.
    Raises BadValue for brackets that do not match.
    """
    if _OPENING.match(text) and text.rstrip()[-1] in _PAIRS.values():
        rows, _ = _in_brackets(text, ".")
        return [cell for row in rows for cell in row]
    words = re.split(r"[;\s]+", text.strip())
    if len(words) > 1 and all(re.fullmatch("[+-]?[0-9]+", word) for word in words):
        return words
    return [word.strip() for word in text.split(",")]


def parse_row(text: str, decimal: str = ".") -> list[float]:
    """The numbers of one row. Raises BadValue."""
    return [parse_number(cell, decimal) for cell in read_row(text, decimal)]


def decimal_doubt(text: str) -> str | None:
    """How ``2,5`` is read, and what to write if its comma is that of a decimal."""
    if not re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text):
        return None
    whole, decimals = text.split(",")
    return (
        f"{text} is read as two numbers, {whole} and {decimals}; if it is one with a decimal "
        f"comma, write {whole}.{decimals} or add --decimal ,"
    )


def open_brackets(text: str, *, at_start: bool = True) -> int:
    """How many more brackets open in the text than close; 0 unless one opens ``at_start``."""
    if at_start and not _OPENING.match(text):
        return 0
    return sum(map(text.count, _PAIRS)) - sum(map(text.count, _PAIRS.values()))


_NAME = r"(?:\w++\.)*(?:[Tt]ensor|[Aa]rray|asarray|float(?:16|32|64)?|int(?:32|64)?)\("
_OPENING = re.compile(rf"\s*(?:[\[({{]|{_NAME})")
_PAIRS = {"[": "]", "(": ")", "{": "}"}
_QUOTED = "'[^']*'|\"[^\"]*\""


def _plain(text: str, decimal: str) -> list[list[str]]:
    separator = ";" if decimal == "," else ","
    words = text.split()
    if len(words) > 1 and all(separator in word.strip(separator) == word for word in words):
        lines = words  # 2,1,0.1 0.5,2,0.3
    else:
        lines = re.split("\n" if decimal == "," else "[;\n]", text)
    rows = [_cells(line, separator) for line in lines if line.strip()]
    if any(len(row) > 1 for row in rows):
        return rows
    if ";" in text and len(rows) > 1:
        raise _one_row_or_several([cell for row in rows for cell in row])
    return [_cells(text, separator) or [""]]


def _cells(line: str, separator: str) -> list[str]:
    if separator not in line:
        return line.split()
    return [cell.strip() for cell in line.split(separator)]


def _one_row_or_several(cells: Sequence[str]) -> BadValue:
    return BadValue(
        f"{';'.join(cells)} may be one row, or a number in each of {len(cells)}",
        f"one row is written {','.join(cells)}, rows of one number each {' '.join(cells)}",
    )


class _Bracket:
    """What stands between two brackets, as far as it is read."""

    def __init__(self, closing: str, has_name: bool) -> None:
        self.closing = closing
        self.has_name = has_name
        self.items: list[Item] = []
        self.rows: list[Item] = []
        self.awaits_item = True

    def add(self, item: "Item") -> None:
        self.items.append(item)
        self.awaits_item = False

    def separate(self) -> None:
        if self.awaits_item:
            self.items.append("")
        self.awaits_item = True

    def end_row(self) -> None:
        self.rows.append(self.items)
        self.items = []
        self.awaits_item = True

    def value(self) -> "Item":
        """A list, or what a name like ``tensor`` is called with, keywords aside."""
        if self.rows:
            rows = [*self.rows, self.items] if self.items else self.rows
            if all(isinstance(row, list) and len(row) == 1 for row in rows):
                raise _one_row_or_several([str(cell) for row in rows for cell in row])
            return rows
        if not self.has_name:
            return self.items
        items = [item for item in self.items if not _is_keyword(item)]
        if len(items) != 1:
            raise BadValue(f"{plural(len(items), 'value')} where one array should be")
        return items[0]


Item = str | list["Item"]


def _is_keyword(item: Item) -> bool:
    return isinstance(item, str) and re.match(r"[a-z_]+=", item) is not None


def _in_brackets(text: str, decimal: str) -> tuple[list[list[str]], bool]:
    separator, row_end = (";", None) if decimal == "," else (",", ";")
    word = r"[^\s\[({\])};]+" if decimal == "," else r"[^\s\[({\])},;]+"
    outermost = _Bracket("", has_name=False)
    stack = [outermost]
    for token in re.findall(rf"{_NAME}|[\[({{\])}},;]|{_QUOTED}|{word}", text):
        if token[-1] in _PAIRS:
            stack.append(_Bracket(_PAIRS[token[-1]], has_name=len(token) > 1))
        elif token in _PAIRS.values():
            if token != stack[-1].closing:
                raise BadValue(f"{token!r} closes no bracket: {text!r}")
            bracket = stack.pop()
            stack[-1].add(bracket.value())
        elif token == separator or (token == row_end and len(stack) == 1):
            stack[-1].separate()
        elif token == row_end:
            stack[-1].end_row()
        elif token == "...":
            message = "'...' stands for numbers that were not printed"
            raise BadValue(message, "save them to a file: np.save, np.savetxt")
        else:
            stack[-1].add(token.strip("'\""))
    if len(stack) > 1:
        raise BadValue(f"a bracket is not closed: {text!r}")
    return _rows(outermost.items)


def _rows(items: list[Item]) -> tuple[list[list[str]], bool]:
    """The rows among items: lists of cells, lists of such lists, or else the cells themselves."""
    cells = [item for item in items if isinstance(item, str)]
    if cells and len(cells) == len(items):
        return [cells], len(cells) > 1
    rows: list[list[str]] = []
    for item in items:
        is_batch = not isinstance(item, str) and any(isinstance(part, list) for part in item)
        for row in item if is_batch else [item]:
            if isinstance(row, str):
                raise BadValue(f"{row!r} stands beside rows in brackets, and in none itself")
            if not all(isinstance(cell, str) for cell in row):
                message = "brackets within brackets: one pair for the batch, one for each row"
                raise BadValue(message)
            if not row:
                raise BadValue("no number between the brackets")
            rows.append([cell for cell in row if isinstance(cell, str)])
    return rows, True
