"""Both parsers are held alike: polars may stand in only where it gives what the reference gives."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from softmax_cli.data import Batch
from softmax_cli.errors import DataError, SoftmaxCliError
from softmax_cli.job import Job, Sample
from softmax_cli.readers import delimited, lines, open_dataset
from softmax_cli.readers.bulk import BulkParser, Parsed

SMALL_BLOCK = 64

NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.integers(-(10**20), 10**20).map(str),
    st.from_regex(r"[+-]?[0-9]{0,3}\.?[0-9]{0,3}(e[+-]?[0-9]{1,3})?", fullmatch=True),
)
ODD_NUMBERS = ["inf", "-Infinity", "NaN", "+nan", "1e400", "-1e999", "1e-400", "  1.5", "1.5 "]
ODD_TEXTS = ["1_000", "0x10", "5%", "1,5", "", ".", "-", "+", "e5", "1e", "1d", "NA", "null", "foo"]
ODD_CHARACTERS = [
    "\t2",
    '"3"',
    '"3\n"',
    '"',
    "١",
    "−1",
    "é",
    "\x00",
    "#1",
    "1;2",
    "\r",
    "\x0c1",
    "c0",
]
ODDITIES = st.sampled_from([*ODD_NUMBERS, *ODD_TEXTS, *ODD_CHARACTERS])
CELLS = st.one_of(NUMBERS, NUMBERS, NUMBERS, ODDITIES)
LABELS = st.one_of(
    st.sampled_from(["0", "1", "0", "1", "1.0", "cat", "3", "-1", "0.5", "NA", " 1"])
)
ENDS = st.sampled_from(["\n", "\n", "\n", "\n", "\r\n", "\r", "\n\n", " \n", ""])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A file with a header or without, mostly good, now and then ragged or odd."""
    delimiter = draw(st.sampled_from([",", ",", "\t", ";", " "]))
    with_id = draw(st.booleans())
    id_column = draw(st.integers(0, 3))
    names = ["c0", "c1", "y"]
    if with_id:
        names.insert(id_column, "id")
    header = delimiter.join(names)
    text = draw(st.sampled_from([header + "\n", header + "\r\n", "# made\n\n" + header + "\n"]))
    good = draw(st.booleans())
    for number in range(draw(st.integers(1, 20))):
        cells = draw(st.lists(NUMBERS if good else CELLS, min_size=2, max_size=2))
        cells.append(draw(st.sampled_from("01") if good else LABELS))
        if with_id:
            cells.insert(
                id_column,
                f"r{number}" if good else draw(st.sampled_from(["a", " b ", "", "#", "1"])),
            )
        if not good and draw(st.integers(0, 12)) == 0:
            cells = cells[:-1] if draw(st.booleans()) else [*cells, "1"]
        text += delimiter.join(cells) + (draw(st.sampled_from(["\n"])) if good else draw(ENDS))
    data = text.encode()
    return data.replace("é".encode(), b"\xe9") if draw(st.booleans()) else data


def outcome(path: Path, job: Job, monkeypatch: pytest.MonkeyPatch, bulk: bool) -> object:
    """All that a reading gives: the values with their places, or the error."""
    with monkeypatch.context() as patch:
        patch.setattr(delimited, "BULK_BYTES", 0 if bulk else 1 << 60)
        if bulk:
            patch.setattr(lines, "BLOCK_BYTES", SMALL_BLOCK)
        if not bulk:
            patch.setattr(BulkParser, "parse", lambda *_: None)
        try:
            dataset = open_dataset(job, Sample.of(job))
            batches = list(dataset.batches)
        except SoftmaxCliError as error:
            return error.message, error.advice
        return flat(batches), dataset.notes


def flat(batches: list[Batch]) -> list[object]:
    rows: list[object] = []
    for batch in batches:
        assert batch.first_row == len(rows)
        for i in range(len(batch)):
            label = None if batch.labels is None else int(batch.labels[i])
            values = np.where(np.isnan(batch.scores[i]), np.nan, batch.scores[i]).tobytes()
            rows.append((values, label, batch.ids and batch.ids[i], batch.places.at(i)))
    return rows


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=files(), skip=st.booleans())
@example(data=b"c0,c1,y\n" + b"1,2,0\n" * 30 + b"1e400,2,0\n", skip=False)
@example(data=b"c0,c1,y\n" + b"1,2,0\n" * 30 + b"1,2\n", skip=False)
@example(data=b"c0,c1,y\n" + b"1,2,0\n" * 30 + b'"1\n",2,0\n' * 30, skip=False)
@example(data=b"c0,c1,y\r" + b"1,2,0\r" * 90, skip=False)
@example(data=b"c0,c1,y\r\n" + b"1,2,0\r\n" * 90, skip=False)
@example(data=b"c0,c1,y\r\n" + b"1,2,0\r\n" * 30 + b"1\r,2,0\n" + b"1,2,0\r\n" * 30, skip=False)
@example(data=b"c0,c1,y\r\n" + b"1,2,0\r\n" * 90 + b"1,2,0\r", skip=False)
@example(data=b"0,1,y\n" + b"1,2,0\n" * 30 + b"0,1,y\n", skip=False)
@example(data=b"c0,c1,y\n" + b"1,2,0\n" * 30 + b"c0,c1,y\n", skip=True)
@example(data=b"c0,c1,y\n0,,0\n" + b"1,2,0\n" * 30 + b"1,1e400,0\n", skip=True)
@example(data=b"c0,c1,y\n" + b"1,inf,0\n" * 15 + b"1,-inf,0\n" * 15, skip=False)
@example(data=b"c0,c1,y\n" + b"inf,nan,0\n" * 30 + b"1e400,inf,1", skip=False)
@example(data=b"c0,c1,y\n" + b"1,2,0\n" * 30 + b"9,9,0,", skip=False)
@example(data=b"c0;c1;y\n" + b"1;2;0\n" * 30 + b"9;9;0;", skip=False)
@example(data=b"c0\tc1\ty\n" + b"1\t2\t0\n" * 30 + b"9\t9\t0\t", skip=False)
@example(data=b"c0,c1,y,id\n1,2,0,a\n1,2,0\n" + b"1,2,0,a\n" * 5 + b"9,9,0,a,", skip=False)
@example(data=b"id,c0,c1,y\n" + b"\xef\xbb\xbfr,1,2,0\n" * 30, skip=False)
@example(data=b"c0,c1,y\n" + b"1,2,0\n" * 20 + b"\xef\xbb\xbf1,2,0\n" * 30, skip=False)
@example(data=b"id,c0,c1,y\n" + b"\x1fr\x1c\xc2\x85\xc2\xa0,1,2,0\n" * 30, skip=False)
def test_same_values_or_same_error(
    data: bytes, skip: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "case.csv"
    path.write_bytes(data)
    job = Job("ce", (str(path),), missing="skip" if skip else "error")
    with pytest.MonkeyPatch.context() as monkeypatch:
        reference = outcome(path, job, monkeypatch, bulk=False)
        assert outcome(path, job, monkeypatch, bulk=True) == reference


def test_good_blocks_do_take_the_fast_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "good.csv"
    path.write_bytes(b"c0,c1,y\n" + b"1.5,-2e3,0\n" * 1000)
    monkeypatch.setattr(delimited, "BULK_BYTES", 0)
    lengths = []
    parse = BulkParser.parse

    def spy(parser: BulkParser, block: bytes) -> Parsed | None:
        parsed = parse(parser, block)
        lengths.append(None if parsed is None else len(parsed.numbers))
        return parsed

    monkeypatch.setattr(BulkParser, "parse", spy)
    job = Job("ce", (str(path),))
    batches = list(open_dataset(job, Sample.of(job)).batches)
    assert sum(map(len, batches)) == 1000
    assert lengths == [999]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("id_column", [0, 1, 3])
def test_a_ragged_line_is_found_wherever_the_text_column_is(
    id_column: int, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = ["1.5", "-2e3", "0"]
    header = ["a", "b", "y"]
    cells.insert(id_column, "r")
    header.insert(id_column, "id")
    lines = [header, *[cells] * 50, cells[:-1], *[cells] * 50]
    path = tmp_path / "ragged.csv"
    path.write_text("".join(",".join(line) + ending for line in lines), newline="")
    monkeypatch.setattr(delimited, "BULK_BYTES", 0)
    job = Job("ce", (str(path),), id_col="id")
    with pytest.raises(DataError, match=r"ragged.csv:52: expected 4 cells, found 3"):
        list(open_dataset(job, Sample.of(job)).batches)
