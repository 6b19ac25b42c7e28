"""JSON and JSON Lines in all the forms that people write, and the line of what is wrong."""

import io
import json
import math

import numpy as np
import pytest

from softmax_cli.readers.values import Value, Values
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
    return [value for block in blocks for value in block]


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
