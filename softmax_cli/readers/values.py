"""JSON text as a stream of values, each with the line where it begins.

The values stand one after another (JSON Lines), or in a list, or in a list that is a member of an
object. Strict: RFC 8259 as the standard library reads it, without keys that come twice; ``NaN``
and ``Infinity`` are numbers, as most libraries write them. Numbers stay text, as they are written.
"""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple

from softmax_cli.errors import DataError
from softmax_cli.readers.source import damage
from softmax_cli.text import bytes_with_unit

if TYPE_CHECKING:
    import polars as pl

_BLOCK_BYTES = 1 << 20
_BLANKS = re.compile(r"[ \t\r\n]*")
_LIST_OF_SAMPLES = re.compile(r"\[[ \t\r\n]*(.)", re.DOTALL)
# What is matched stays matched, so that this takes time in proportion to the text.
_STRING = r'"[^"\\]*+"\s*+'
_SCALAR = rf"(?:{_STRING}|[-+.\w]++\s*+)"
_LIST = rf"\[\s*+(?:{_SCALAR}(?:,\s*+{_SCALAR})*+)?+\]\s*+"
_MEMBER = rf"{_STRING}:\s*+(?:{_SCALAR}|{_LIST}),\s*+"
_HEAD = re.compile(rf"\{{\s*+(?>{_MEMBER})*+{_STRING}:\s*+\[\s*+(?=\{{)")
_BULK_LENGTH = 1 << 17
"""From here on polars gains more time than its import takes, if there are more such."""
_LONGEST_TOKEN = 16  # of what the end of a block may cut in two: a number apart, which is no error

_Place = Literal["outside", "before a value", "after a value"]


class Value(NamedTuple):
    """A decoded value, and the line (from 1) where it begins."""

    line: int
    content: Any


class Bulk(NamedTuple):
    """Lines of values that others have parsed, and the number of the first line."""

    line: int
    frame: "pl.DataFrame"


class _DuplicateKey(ValueError):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _DuplicateKey(next(key for key in keys if keys.count(key) > 1))
    return found


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=str
)


class Values:
    """The values of a stream, of so many bytes at most: iterate over lists of those that came.

    Lines that ``parse_lines`` can parse come as what it makes of them. ``head`` is what an object
    says before its list of samples. Raises DataError for what is no JSON, behind the values before
    it.
    """

    def __init__(self, stream: IO[bytes], where: str, longest: int) -> None:
        self.stream = stream
        self.where = where
        self.longest = longest
        self.head: dict[str, Any] = {}
        self.parse_lines: Callable[[bytes], pl.DataFrame | None] | None = None
        self.first_text = ""  # the first value's
        self.text = ""
        self.position = 0
        self.line = 1
        self.ended = False
        self.place: _Place = "outside"
        self.in_object = False  # the list that is read is a member of one
        self.skips = False  # what follows is the rest of that object

    def __iter__(self) -> Iterator[list[Value] | Bulk]:
        wanted = 0
        for text in self._texts():
            self.text = self.text[self.position :] + text
            self.position = 0
            self.ended = not text
            if len(self.text) < wanted and not self.ended:
                continue
            bulk = self._bulk()
            if bulk is not None:
                yield bulk
            values: list[Value] = []
            try:
                for value in self._complete():
                    values.append(value)
            except DataError:
                yield values
                raise
            yield values
            pending = len(self.text) - self.position
            if pending > self.longest:
                more = bytes_with_unit(4 * self.longest)
                raise self._error(
                    f"a value of more than {bytes_with_unit(self.longest)} begins here",
                    f"write JSON Lines, a sample in each; if it is right, say --max-record {more}",
                )
            wanted = 2 * pending if pending > _BLOCK_BYTES else 0  # a long one is not tried often

    def _texts(self) -> Iterator[str]:
        """The text as it comes; at the end an empty one."""
        decode = getincrementaldecoder("utf-8-sig")().decode
        n_lines = 1
        ended = False
        while not ended:
            try:
                data = self.stream.read1(_BLOCK_BYTES)  # type: ignore[attr-defined]
            except Exception as error:  # each decompressor has its own kinds
                raise damage(self.where, error) from None
            ended = not data
            try:
                text = decode(data, ended)
            except UnicodeDecodeError as error:
                line = n_lines + error.object[: error.start].count(b"\n")
                what = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
                raise DataError(f"{self.where}:{line}", what) from None
            n_lines += text.count("\n")
            if text or ended:
                yield text
        if text:
            yield ""

    def _bulk(self) -> Bulk | None:
        """The whole lines at hand, if others can parse them as values that stand by themselves."""
        end = self.text.rfind("\n") + 1
        if self.parse_lines is None or self.place != "outside" or self.skips:
            return None
        if end < _BULK_LENGTH:
            return None
        frame = self.parse_lines(self.text[:end].encode())
        if frame is None:
            return None
        bulk = Bulk(self.line, frame)
        self._step(end - self.position)
        return bulk

    def _complete(self) -> Iterator[Value]:
        """The values that are complete in the text at hand; the rest waits for more."""
        while self._pass_blanks():
            character = self.text[self.position]
            if self.place == "after a value":
                if character not in ",]":
                    raise self._error("a comma or ] is lacking here")
                self._step(1)
                self.place = "before a value"
                if character == "]":
                    self._leave()
                continue
            if self.place == "outside" and not self.skips:
                entered = self._enter(character)
                if entered is None:
                    return
                if entered:
                    continue
            value = self._value()
            if value is None:
                return
            if self.place == "before a value":
                self.place = "after a value"
            if self.skips:
                self.skips = False
            else:
                yield value
        if self.ended and (self.place != "outside" or self.skips):
            raise self._error("it ends early, in a list that is not closed")

    def _enter(self, character: str) -> bool | None:
        """Enter a list of samples, if one begins here; None if that cannot be told yet."""
        if character == "[":
            match = _LIST_OF_SAMPLES.match(self.text, self.position)
            if match is None:
                return False if self.ended else None
            if match[1] in "{[":
                self._step(1)
                self.place = "before a value"
                return True
        elif character == "{":
            match = _HEAD.match(self.text, self.position)
            if match is not None:
                self.head = json.loads(match[0] + "]}")
                self._step(len(match[0]))
                self.place, self.in_object = "before a value", True
                return True
        else:
            raise self._error("not JSON: { or [ expected")
        return False

    def _leave(self) -> None:
        """What follows a list of samples: the rest of the object around it, as if it were one."""
        self.place = "outside"
        if self.in_object:
            self.text = '{"":0' + self.text[self.position :]
            self.position = 0
            self.in_object, self.skips = False, True

    def _value(self) -> Value | None:
        """The value that begins here; None if it is not complete."""
        try:
            content, end = _DECODER.raw_decode(self.text, self.position)
        except json.JSONDecodeError as error:
            cut = error.msg.startswith("Unterminated string")
            if not self.ended and (cut or error.pos >= len(self.text) - _LONGEST_TOKEN):
                return None
            self._step(error.pos - self.position)
            column = error.pos - self.text.rfind("\n", 0, error.pos)
            raise self._error(f"not JSON: {error.msg} (character {column} of the line)") from None
        except _DuplicateKey as error:
            raise self._error(f"the key {str(error)!r} stands twice in an object") from None
        except RecursionError:
            raise self._error("lists in lists, too deep to be samples") from None
        value = Value(self.line, content)
        self.first_text = self.first_text or self.text[self.position : end]
        self._step(end - self.position)
        return value

    def _pass_blanks(self) -> bool:
        """Whether there is anything but blanks, which are passed over."""
        match = _BLANKS.match(self.text, self.position)
        if match is not None:
            self._step(match.end() - self.position)
        return self.position < len(self.text)

    def _step(self, count: int) -> None:
        end = self.position + count
        self.line += self.text.count("\n", self.position, end)
        self.position = end

    def _error(self, what: str, advice: str | None = None) -> DataError:
        return DataError(f"{self.where}:{self.line}", what, advice)
