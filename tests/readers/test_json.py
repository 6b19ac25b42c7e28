"""JSON and JSON Lines in all the forms that people write, and the line of what is wrong."""

import io
import json
import math
from pathlib import Path
from random import Random

import numpy as np
import pytest

from softmax_cli.errors import DataError
from softmax_cli.readers.bulk_objects import BulkObjects
from softmax_cli.readers.lists import Field
from softmax_cli.readers.values import Bulk, Value, Values
from tests.calling import quiet, run

TWO = "1.3132616875182228"  # log(1 + e), twice: of logits 2, 1 and label 1; 0, 1 and label 0


@pytest.mark.parametrize(
    "text",
    [
        '{"logits":[2,1],"label":1}\n{"logits":[0,1],"label":0}\n',
        '{"label":1,"logits":[2,1]}\n{"logits":[0,1],"label":0}',
        '[{"logits":[2,1],"label":1},\n {"logits":[0,1],"label":0}]',
        '{"logits":[[2,1],[0,1]],"labels":[1,0]}',
        '{"logits":[[[2,1]],[[0,1]]],"labels":[[1],[0]]}',
        '{"logits":[[2,1]],"labels":[1]}\n{"logits":[[0,1]],"labels":[0]}\n',
        '{"run":"a","data":[{"c0":2,"c1":1,"y":1},{"c0":0,"c1":1,"y":0}],"n":2}',
        '{"c0":2,"c1":1,"y":1}\n\n{"y":0,"c1":1.0,"c0":0e0}\n',
        '{"c0":"2","c1":1,"y":"1"}{"c0":"0","c1":1,"y":"0"}',
        '{"id":null,"c0":2,"c1":1,"y":1}\n{"id":"b","c0":0,"c1":1,"y":0}\n',
        '\ufeff \n[\n{"c0":2,\n"c1":1,"y":1}\n,{"c0":0,"c1":1,"y":0}\n]\n',
    ],
)
def test_forms(text: str) -> None:
    assert quiet("ce", "-", stdin=text.encode()) == TWO


@pytest.mark.parametrize("text", ["[[2,1],[0,1]]", "[2,1]\n[0,1]\n", "[[[2,1],[0,1]]]"])
def test_lists_have_no_header(text: str) -> None:
    assert quiet("ce", "-", "-l", "1,0", stdin=text.encode()) == TWO


def test_a_list_called_like_a_label_is_a_distribution() -> None:
    found = float(quiet("ce", "-", stdin=b'{"logits":[2,1],"target":[0.25,0.75]}'))
    assert math.isclose(found, math.log1p(math.exp(-1)) + 0.75, rel_tol=1e-15)


def test_lists_of_a_binary_output_are_samples() -> None:
    text = b'{"prob":[0.5,0.25],"label":[1,0]}'
    assert quiet("bce", "-", stdin=text) == quiet("bce", "0.5", "0.25", "-l", "1,0")
    code, _, err = run("bce", "-", stdin=b'{"prob":[0.5,0.25],"label":1}')
    assert code == 2
    assert "one column, but there are 2" in err


GOOD = '{"c0":2,"c1":1,"y":1}\n'


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (GOOD + '{"c0":2,"c1":1,"y":1,"z":0}', "2: the key 'z', which the first sample has not"),
        (GOOD + '{"c0":2,"c1":1,"y":1,"y":0}', "2: the key 'y' stands twice in an object"),
        (GOOD + '{"c0":2,"c1":null,"y":1}', "2: column 'c1': null where a number should be"),
        (GOOD + '{"c0":2,"y":1}', "2: column 'c1': null where a number should be"),
        (GOOD + '{"c0":2,"c1":"x","y":1}', "2: column 'c1': 'x' is not a number"),
        (GOOD + '{"c0":2,"c1":true,"y":1}', "2: column 'c1': true, not a number"),
        (GOOD + '{"c0":2,"c1":"1_0","y":1}', "2: column 'c1': '1_0' is not a number"),
        (GOOD + '{"c0":2,"c1":1e400,"y":1}', "2: column 'c1': '1e400' overflows"),
        (GOOD + '{"c0":2,"c1":[1],"y":1}', "2: column 'c1': a list, not a number"),
        (GOOD + '{"c0":2,"c1":1,"y":[1]}', "2: column 'y': a list, not a single value"),
        (GOOD + '{"c0":2,"c1":01,"y":1}', "2: not JSON"),
        (GOOD + '{"c0":2,"c1":1,"y":1', "2: not JSON"),
        (GOOD + '{"c0":2,"c1":1,"y:1}\n' + GOOD, "2: not JSON"),
        (GOOD + "[2,1,1]", "2: a list, but the first sample is an object"),
        (GOOD + "5", "2: not JSON: { or [ expected"),
        ("[" + GOOD + "," + GOOD, "3: it ends early, in a list that is not closed"),
        ("[" + GOOD + GOOD + "]", "2: a comma or ] is lacking here"),
        ('{"logits":[2,1],"label":0}\n{"logits":[2],"label":0}', "2: 'logits': 1 numbers, but 2"),
        ('{"logits":[[2,1],[1,2]],"labels":[0]}', "1: 1 values of 'labels', but 2 of 'logits'"),
        ("[" * 600 + "]" * 600, "1: lists in lists, too deep"),
        ('{"a":' * 60000, "1: lists in lists, too deep"),
        ("[]", " no data rows"),
    ],
)
def test_errors(text: str, error: str) -> None:
    code, out, err = run("ce", "-", "-q", stdin=text.encode())
    assert (code, out) == (2, "")
    assert f"stdin:{error}" in err
    assert "internal" not in err


def test_rows_before_an_error_count_first() -> None:
    bad_label = GOOD.replace('"y":1', '"y":7')
    _, _, err = run("ce", "-", stdin=(GOOD + bad_label + "oops").encode())
    assert "stdin:2: column 'y': label 7 is out of range" in err


def test_missing_rows_are_left_out() -> None:
    text = GOOD + GOOD.replace(":2", ":null") + GOOD
    code, out, err = run("ce", "-", "-q", "--missing", "skip", stdin=text.encode())
    assert (code, out) == (0, TWO + "\n")
    assert "left out 1 row, the first at stdin:2" in err


def test_what_the_tool_writes_names_its_classes() -> None:
    _, out, _ = run(
        "ce", "2,1,0.1", "0.5,2,0.3", "-l", "cat,dog", "--classes", "cat,dog,eel", "-fjson"
    )
    code, again, _ = run(
        "ce", "-", "--from", "probs", "-fcsv", "--cols", "probabilities", stdin=out.encode()
    )
    assert code == 0
    assert again.splitlines()[0].endswith("p_cat,p_dog,p_eel")


class Slow(io.BytesIO):
    """A stream that gives so many bytes at a time."""

    def __init__(self, content: bytes, step: int) -> None:
        super().__init__(content)
        self.step = step

    def read1(self, size: int | None = -1, /) -> bytes:
        return super().read1(self.step)


def read_slowly(text: str, step: int) -> list[Value]:
    blocks = Values(Slow(text.encode(), step), "x", 1 << 20)
    return [value for block in blocks if not isinstance(block, Bulk) for value in block]


@pytest.mark.parametrize("seed", range(5))
def test_cuts_between_blocks_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    samples = [
        {"ü\u2028": [float(x) for x in rng.normal(0, 1e10, 3)], "n": None, "s": 'a"\\\n', "b": True}
        for _ in range(5)
    ]
    forms = [
        "\n".join(map(json.dumps, samples)),
        json.dumps(samples, indent=1, ensure_ascii=False),
        json.dumps({"head": [1, 2], "samples": samples, "tail": {"a": [{}]}}),
        "[[1, 2], [3, -4.5e-7]]\n[[5, 6]]",
    ]
    for text in forms:
        whole = read_slowly(text, 1 << 20)
        for step in (1, 2, 3, 7, 50):
            assert read_slowly(text, step) == whole
    numbers = json.loads(json.dumps(samples), parse_float=str, parse_int=str)
    assert [content for _, content in read_slowly(forms[0], 5)] == numbers
    assert [content for _, content in read_slowly(forms[2], 5)] == numbers


def test_long_lists_take_time_in_proportion() -> None:
    numbers = ", ".join(["0.12345678901234567"] * 5000)
    text = f'{{"id": "a", "note": [{numbers}], "logits": [2, 1], "label": 1}}'
    assert quiet("ce", "-", "--cols", "logits", stdin=text.encode()) == TWO


RNG = np.random.default_rng(3)
LINES = [
    json.dumps({"id": f"i{row}", "n": row, "x": [*RNG.normal(size=3).tolist()], "y": row % 3})
    for row in range(30)
]
BULK = BulkObjects(
    LINES[0], [Field("id"), Field("n"), Field("x", 3), Field("y")], as_written=["id", "n", "y"]
)


def strictly(block: str) -> list[list[object]] | None:
    """The samples of a block by the strict reader, as polars has them; None if it refuses them."""
    try:
        values = [value.content for value in read_slowly(block, 1 << 20)]
    except DataError:
        return None
    rows = []
    for value in values:
        numbers = [float(part) for part in value["x"]]
        rows.append([value["id"], value["n"], numbers, value["y"]])
        assert value.keys() == {"id", "n", "x", "y"}
    return rows


def test_polars_reads_lines_as_the_strict_reader() -> None:
    block = "\n".join(LINES) + "\n"
    frame = BULK.parse(block.encode())
    assert frame is not None
    found = [[name, str(n), numbers, str(y)] for name, n, numbers, y in frame.rows()]
    assert found == strictly(block)


PIECES = [
    *('"', "{", "}", "[", "]", ":", ",", "\n", "\\", "-", "0", "1", ".5", "e400", "e2", " ", "\r"),
    *("null", "true", "NaN", '"x"', '"y": 1,', '"z": 1,', ',"n":0', "[1]", "-0", "\x00", "ü"),
    *('"1"', "[1, 2, 3]", "{}", "\ufeff", "1" * 25),
]


@pytest.mark.parametrize("seed", range(4))
def test_polars_decides_nothing_that_the_strict_reader_would_not(seed: int) -> None:
    random = Random(seed)
    n_decided = 0
    for _ in range(300):
        lines = LINES[:3]
        line, piece = random.randrange(3), random.choice(PIECES)
        start = random.randrange(len(lines[line]) + 1)
        end = start + random.choice([0, 0, 1, 1, 3, 9])
        lines[line] = lines[line][:start] + piece + lines[line][end:]
        block = "\n".join(lines) + "\n"
        frame = BULK.parse(block.encode())
        if frame is None:
            continue
        n_decided += 1
        found = [[name, str(n), numbers, str(y)] for name, n, numbers, y in frame.rows()]
        assert found == strictly(block), block
    assert n_decided > 10


def test_long_input_is_read_in_bulk_to_the_same_digits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.jsonl"
    rows = RNG.normal(size=(30000, 3)).tolist()
    lines = [json.dumps({"id": f"i{n}", "x": row, "y": n % 3}) for n, row in enumerate(rows)]
    path.write_text("\n".join(lines) + "\n")
    fast = run("ce", str(path), "-fcsv")
    monkeypatch.setattr(BulkObjects, "parse", lambda self, block: None)
    assert run("ce", str(path), "-fcsv") == fast
    lines[25000] = lines[25000].replace('"y"', '"z"')
    path.write_text("\n".join(lines) + "\n")
    strict = run("ce", str(path), "-q")
    assert "x.jsonl:25001: the key 'z'" in strict.err
    monkeypatch.undo()
    assert run("ce", str(path), "-q") == strict
