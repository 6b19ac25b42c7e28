"""A reader of CSV of its own: character by character, and numbers by exact fractions.

It shares no code with the package, with ``csv`` or with polars, and takes its time. It gives no
messages, only what a text holds, or that it is refused.
"""

import re
from fractions import Fraction
from math import inf, nan
from typing import NamedTuple


class Refused(Exception):
    """The text is not one to read."""


class Row(NamedTuple):
    """A row of data: its scores, label and id, and the physical line where it begins."""

    line: int
    scores: tuple[float, ...]
    label: int
    identity: str


_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def number(text: str) -> float:
    """The float64 nearest to a decimal number."""
    text = text.strip(" \t")
    word = text.lower().lstrip("+-")
    if word in ("inf", "infinity", "nan") and len(text) - len(word) <= 1:
        return nan if word == "nan" else -inf if text[0] == "-" else inf
    if not _NUMBER.fullmatch(text):
        raise Refused(text)
    mantissa, _, exponent = text.lower().partition("e")
    if abs(int(exponent or 0)) > 5000:  # an exact power would be long; drawn mantissas are short
        if int(exponent) > 0 and Fraction(mantissa):
            raise Refused(text)
        return -0.0 if text[0] == "-" else 0.0
    try:
        value = float(Fraction(text))
    except OverflowError:
        raise Refused(text) from None
    return -0.0 if value == 0 and text[0] == "-" else value


def records(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """The trimmed cells of each record that is not blank, and its first line."""
    found: list[tuple[int, list[str]]] = []
    line, position = 1, 0
    while position < len(text):
        if not found:  # comments
            end = _line_end(text, position)
            if text.startswith("#", position):
                line, position = line + 1, end
                continue
        first, cells = line, []
        while True:
            cell, position, lines = _cell(text, position, delimiter)
            cells.append(cell.strip())
            line += lines
            if position >= len(text) or text[position] != delimiter:
                break
            position += 1
        position = _line_end(text, position)
        line += 1
        if len(cells) > 1 or cells[0]:
            found.append((first, cells))
    return found


def _line_end(text: str, position: int) -> int:
    """Where the next line begins."""
    while position < len(text) and text[position] not in "\r\n":
        position += 1
    return position + (2 if text.startswith("\r\n", position) else 1)


def _cell(text: str, position: int, delimiter: str) -> tuple[str, int, int]:
    """A cell, where it ends, and how many line ends are inside."""
    while text.startswith(" ", position):
        position += 1
    if not text.startswith('"', position):
        end = position
        while end < len(text) and text[end] not in delimiter + "\r\n":
            end += 1
        return text[position:end], end, 0
    parts = []
    position += 1
    while True:
        end = text.find('"', position)
        if end < 0:
            raise Refused("a quote is not closed")
        parts.append(text[position:end])
        position = end + 1
        if not text.startswith('"', position):
            break
        parts.append('"')
        position += 1
    if position < len(text) and text[position] not in delimiter + "\r\n":
        raise Refused("text after a quote")
    cell = "".join(parts)
    return cell, position, len(re.findall("\r\n|\r|\n", cell))


def read(data: bytes, delimiter: str, n_scores: int, with_id: bool) -> list[Row]:
    """The rows of a table: an id perhaps, scores, a label. Raises Refused."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Refused("not UTF-8") from None
    if "\0" in text:
        raise Refused("a NUL")
    found = records(text.removeprefix("\ufeff"), delimiter)
    if not found:
        raise Refused("nothing")
    (_, header), *rows = found
    while rows and not any(rows[-1][1]):
        rows.pop()  # what spreadsheets leave at the end
    if not rows:
        raise Refused("no data")
    table = []
    for line, cells in rows:
        if len(cells) != len(header) or cells == header:
            raise Refused("another length, or the header again")
        *numbers, last = cells[with_id:]
        label = number(last)
        if label not in range(n_scores):
            raise Refused("no label")
        scores = tuple(map(number, numbers))
        table.append(Row(line, scores, int(label), cells[0] if with_id else ""))
    return table
