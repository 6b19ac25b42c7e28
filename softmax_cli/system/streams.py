"""The three streams of a run: those of the process, or others that a caller gives."""

import io
import sys
from typing import NamedTuple, TextIO


class Streams(NamedTuple):
    """Where a run reads and writes beside its files; None for a stream that is closed."""

    stdin: TextIO | None
    stdout: TextIO | None
    stderr: TextIO | None

    @classmethod
    def of_process(cls) -> "Streams":
        """The streams of this process, as they are now."""
        return cls(sys.stdin, sys.stdout, sys.stderr)

    def tell(self, line: str) -> None:
        """Write a line for people, if anybody listens."""
        if self.stderr is not None:
            print(line, file=self.stderr, flush=True)


def descriptor_of(stream: TextIO) -> int | None:
    """The system's number of the stream's file; None for a stream in memory."""
    try:
        return stream.fileno()
    except io.UnsupportedOperation:
        return None


def write_utf8(stream: TextIO, text: bytes | memoryview) -> None:
    """Write text that is encoded already."""
    if isinstance(stream, io.TextIOWrapper):
        stream.flush()
        stream.buffer.write(text)
    else:  # a StringIO
        stream.write(bytes(text).decode())
