"""All readers of text say the same: strict, in bulk, however it is cut, and one of another make.

A case is a row, in a file of twenty or so; the seed is the file's number, so that a case can be
had again. ``pytest -m long`` reads a million.
"""

import io
import math
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

import pytest

from softmax_cli.errors import SoftmaxCliError
from softmax_cli.job import Job, Sample
from softmax_cli.readers import delimited, lines, open_dataset
from softmax_cli.readers.bulk import BulkParser
from softmax_cli.system import ahead
from tests.faults import plain

N_ROWS = 20  # of a file, on average
ODD = (
    *("inf", "-Infinity", "NaN", "+nan", "1e400", "-1e999", "1e-400", "  1.5", "1.5 ", "1.\t"),
    *("1_000", "0x10", "5%", "1,5", "1;5", "", ".", "-", "+", "e5", "1e", "1d", "NA", "null", "x"),
    *("\t2", '"3"', '"3\n"', '"', '"a""b"', '"1"2', "١", "−1", "\xa01", "\x1f1\x1c", "\ufeff1"),
    *("\x00", "#1", "\r", "\x0c1", "c0", " ", '" 1 "', "1 2", "--1", "+-1", "1e+", "00012"),
    *("0.1e1", "1E5", ".5", "5.", "-.5e-3", "179769313486231580793e289", "4.9e-324", "2.5e-324"),
)
ODD_LABELS = ("1.0", "3", "-1", "0.5", "NA", " 1", '"0"', "", "1e0", "00", "cat")
ODD_IDS = ("a", " b ", "", "#", "1", '"x,y"', '"p\nq"', "é", "\x1fid", "\ufeffid", "it's", "nan")
ENDS = ("\n", "\n", "\n", "\r\n", "\r", "\n\n", " \n", "")


class Case(NamedTuple):
    data: bytes
    delimiter: str
    with_id: bool


def digits(random: Random) -> str:
    kind = random.random()
    if kind < 0.4:
        return f"{random.gauss(0, 3):.{random.randrange(1, 8)}f}"
    if kind < 0.6:
        return repr(random.uniform(-1, 1) * 10.0 ** random.randrange(-320, 305))
    if kind < 0.8:  # near the middle of two floats, where rounding is hardest
        value = random.uniform(1, 2)
        middle = value.as_integer_ratio()
        return f"{(2 * middle[0] + 1) * 5**55 * 2**55 // (2 * middle[1])}e-55"
    return str(random.randrange(-(10**20), 10**20))


def draw(seed: int) -> Case:
    """A file, mostly good, now and then odd or ragged."""
    random = Random(seed)
    delimiter = random.choice(",,,\t;|")
    with_id = random.random() < 0.4
    oddness = random.choice((0, 0, 0, 0.02, 0.3))
    end = random.choice(("\n", "\n", "\n", "\r\n", "\r"))
    header = ["key"] * with_id + ["c0", "c1", "y"]
    text = random.choice(("", "", "", "\ufeff", "# made\n\n")) + delimiter.join(header) + end
    for number in range(random.randrange(1, 2 * N_ROWS)):
        cells = [f"r{number}"] * with_id + [digits(random), digits(random), random.choice("01")]
        if random.random() < oddness:
            which = random.randrange(len(cells))
            kinds = (ODD_IDS, ODD, ODD, ODD_LABELS)[not with_id :]
            cells[which] = random.choice(kinds[which])
        if random.random() < oddness / 8:
            cells = random.choice((cells[:-1], [*cells, ""], [*cells, "1"], [""] * len(cells)))
        text += delimiter.join(cells) + (end if random.random() >= oddness else random.choice(ENDS))
    text += random.choice(("", "", "", delimiter, delimiter * (len(header) - 1) + end, " "))
    if random.random() < 0.2:
        text = text.rstrip("\r\n")
    data = text.encode()
    if random.random() < oddness / 4:
        data = data.replace(b"1", b"\xe9", 1)
    return Case(data, delimiter, with_id)


def read(case: Case) -> object:
    """All that a reading gives: the rows, or the error."""
    job = Job(
        "ce",
        cols="c0,c1",
        label_col="y",
        id_col="key" if case.with_id else None,
        delimiter=case.delimiter,
        header=True,
    )
    found: list[plain.Row] = []
    try:
        dataset = open_dataset(job, Sample.of(job), io.TextIOWrapper(io.BytesIO(case.data)))
        for batch in dataset.batches:
            assert batch.first_row == len(found)
            assert batch.labels is not None
            for i, label in enumerate(batch.labels.tolist()):
                identity = batch.ids[i] if batch.ids is not None else ""
                line = int(str(batch.places.numbers[i]))
                found.append(plain.Row(line, tuple(batch.scores[i].tolist()), label, identity))
    except SoftmaxCliError as error:
        return error.message, error.advice
    return found


def in_order(items: Iterator[Any], waiting: int = 1) -> Iterator[Any]:
    """Stands in for the threads that read ahead, which would take most of the time."""
    return items


def in_blocks(patch: pytest.MonkeyPatch, size: int, bulk: bool) -> None:
    patch.setattr(ahead, "ahead", in_order)
    patch.setattr(lines, "BLOCK_BYTES", size)
    patch.setattr(delimited, "BULK_BYTES", 0 if bulk else 1 << 60)


def with_threads_of_now(patch: pytest.MonkeyPatch) -> None:
    class Now:
        def __init__(self, _: int) -> None:
            pass

        def submit(self, work: Callable[[Any], Any], item: Any) -> Any:
            return type("Done", (), {"result": lambda _: work(item)})()

    patch.setattr(ahead, "Workers", Now)


def same(found: object, expected: list[plain.Row]) -> bool:
    if not isinstance(found, list) or len(found) != len(expected):
        return False
    return all(
        (a.line, a.label, a.identity) == (b.line, b.label, b.identity)
        and all(map(identical, a.scores, b.scores))
        for a, b in zip(found, expected, strict=True)
    )


def identical(a: float, b: float) -> bool:
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b and math.copysign(1, a) == math.copysign(1, b)


def rows_of(case: Case) -> list[plain.Row] | None:
    """What the other reader reads; None if it refuses."""
    try:
        return plain.read(case.data, case.delimiter, 2, case.with_id)
    except plain.Refused:
        return None


def compare(seed: int) -> bool:
    """Read a case in all ways; whether polars could be asked."""
    case = draw(seed)
    size = Random(-seed).choice((32, 100, 400))
    with pytest.MonkeyPatch.context() as patch:
        with_threads_of_now(patch)
        in_blocks(patch, 1 << 22, bulk=False)
        strict = read(case)
        in_blocks(patch, size, bulk=False)
        assert repr(read(case)) == repr(strict), f"seed {seed}, in blocks of {size}"
        in_blocks(patch, size, bulk=True)
        asked: list[object] = []
        parse = BulkParser.parse

        def spy(parser: BulkParser, block: bytes) -> object:
            parsed = parse(parser, block)
            asked.append(parsed)
            return parsed

        patch.setattr(BulkParser, "parse", spy)
        assert repr(read(case)) == repr(strict), f"seed {seed}, by polars in blocks of {size}"
    expected = rows_of(case)
    if expected is None:
        assert isinstance(strict, tuple), f"seed {seed} is read, and should be refused"
    else:
        assert same(strict, expected), f"seed {seed}: {strict}, not {expected}"
    return any(parsed is not None for parsed in asked)


@pytest.mark.parametrize("part", range(4))
def test_twenty_thousand_rows(part: int) -> None:
    n_files = 20_000 // N_ROWS // 4
    n_asked = sum(map(compare, range(part * n_files, (part + 1) * n_files)))
    assert n_asked > n_files / 3


@pytest.mark.long
@pytest.mark.parametrize("part", range(50))
def test_a_million_rows(part: int) -> None:
    n_files = 1_000_000 // N_ROWS // 50
    assert sum(map(compare, range(10**6 + part * n_files, 10**6 + (part + 1) * n_files)))
