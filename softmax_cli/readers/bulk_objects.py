"""Lines of JSON objects parsed by polars, where that provably gives what the strict reader would.

polars refuses what is not JSON, and a value of another type than its column's; its numbers are
rounded correctly. What it lets pass is excluded by counting, in lines without a backslash: with as
many colons as there are keys in all rows, and no value missing, no key is unknown or stands twice;
with no more quotes than keys and strings need, no text is a number. A zero's sign would be lost.
"""

import json
import re
from collections.abc import Collection, Sequence
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING

from softmax_cli.readers.lists import Field
from softmax_cli.system.threads import polars_can_start

if TYPE_CHECKING:
    import polars as pl

_MINUS_ZERO = re.compile(rb"-0[^.]")


class BulkObjects:
    """Parses lines of one source, whose samples have these fields, the first as in ``first``.

    The values of ``as_written`` matter as texts, too.
    """

    def __init__(self, first: str, fields: Sequence[Field], as_written: Collection[str]) -> None:
        self.first = first
        self.fields = fields
        self.as_written = as_written

    def parse(self, block: bytes) -> "pl.DataFrame | None":
        """The samples of whole lines, one in each; None if the strict reader has to decide."""
        if not polars_can_start() or self.schema is None:
            return None
        if b"\\" in block or _MINUS_ZERO.search(block):
            return None
        import polars as pl

        try:
            frame = pl.read_ndjson(BytesIO(block), schema=self.schema)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
            return None
        return frame if self._accounts_for(block, frame) else None

    @cached_property
    def schema(self) -> "dict[str, pl.DataType] | None":
        """The columns' types, as the first sample has them; None if one is no text or number."""
        import polars as pl

        schema: dict[str, pl.DataType] = {}
        for name, value in json.loads(self.first).items():
            first = value[0] if isinstance(value, list) and value else value
            if isinstance(first, bool) or not isinstance(first, str | int | float):
                return None
            exact = name in self.as_written
            if isinstance(value, list):
                if isinstance(first, str) or exact:
                    return None
                schema[name] = pl.List(pl.Float64())
            elif isinstance(value, str):
                schema[name] = pl.String()
            elif isinstance(value, int):
                schema[name] = pl.Int64() if exact else pl.Float64()
            elif exact:
                return None  # 1.50 would be 1.5
            else:
                schema[name] = pl.Float64()
        return schema

    def _accounts_for(self, block: bytes, frame: "pl.DataFrame") -> bool:
        """Whether these rows are all that there is in the block."""
        import polars as pl

        n_keys = len(self.fields)
        n_texts = sum(kind == pl.String for kind in frame.dtypes)
        n_lists = sum(field.length is not None for field in self.fields)
        counts = {b"\n": 1, b"{": 1, b":": n_keys, b'"': 2 * (n_keys + n_texts), b"[": n_lists}
        if any(block.count(what) != count * len(frame) for what, count in counts.items()):
            return False
        for field in self.fields:
            series = frame[field.name]
            if series.null_count():
                return False
            if field.length is not None:
                parts = series.explode()
                if (series.list.len() != field.length).any() or parts.null_count():
                    return False
        return True
