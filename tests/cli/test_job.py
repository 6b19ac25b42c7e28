import pytest

from softmax_cli.cli.rules import check
from softmax_cli.errors import UsageError
from softmax_cli.job import Job, settle, signature
from tests.calling import run


def test_signature_of_the_specification() -> None:
    assert signature(settle(Job("ce"), "float64"), 2, "0.1.0") == (
        "ce|from:logits|backend:numpy|dtype:float64|reduction:mean|n:2|version:0.1.0"
    )


def test_signature_names_what_changes_the_numbers_and_nothing_else() -> None:
    given = Job("ce", ("a.csv",), scores="probs", eps=1e-15, normalize=True, label_base=1)
    job = settle(given, "float64")
    cosmetic = job._replace(format="csv", digits=6, quiet=True, label_col="y", output="x")
    assert (
        signature(cosmetic, 3, "9")
        == signature(job, 3, "9")
        == (
            "ce|from:probs|backend:numpy|dtype:float64|reduction:mean"
            "|label-base:1|normalize:yes|eps:1e-15|n:3|version:9"
        )
    )


REFUSED = {
    "ce 1,2 -l 0 --target 1,0": "labels come from one source, not from --labels and --target",
    "ce 1,2 -l 0 --label-col y": "labels come from one source",
    "ce 1,2 -l 0 --eps 1e-9": "--eps clips probabilities, but these are logits",
    "ce 1,0 -l 0 --from probs --eps 0.5": "--eps must be at least 0 and below 0.5",
    "ce 1,0 -l 0 --from probs --eps -1": "--eps must be at least 0 and below 0.5",
    "ce 1,0 -l 0 --from probs -T 2": "--temperature divides logits, but these are probs",
    "softmax 1 2 -T 0": "--temperature must be a positive finite number",
    "softmax 1 2 -T -1": "--temperature must be a positive finite number",
    "softmax 1 2 -T nan": "--temperature must be a positive finite number",
    "softmax 1 2 -T inf": "--temperature must be a positive finite number",
    "softmax 1 2 --normalize": "--normalize rescales probabilities",
    "predict 1 2 --threshold 0.4": "--threshold decides between two classes",
    "predict 1 --binary --threshold 1.5": "--threshold is a probability",
    "predict 1 --binary --top-k 2": "--top-k ranks classes",
    "predict 1 2 --top-k 0": "--top-k must be at least 1",
    "predict 1 2 --top-k 3": "--top-k 3, but there are only 2 classes",
    "ce 1,2 -l 0 --label-base 2": "--label-base is 0 or 1",
    "softmax 1 2 -d -1": "--digits must be from 0 to 17",
    "softmax 1 2 -d 18": "--digits must be from 0 to 17",
    "softmax 1 2 --rows many": "--rows takes a number or 'all', not 'many'",
    "softmax 1 2 -q -f csv": "--quiet prints bare numbers, --format csv prints records",
    "softmax 1 2 --device cpu": "--device cpu is for the torch backend",
    "softmax 1 2 --force": "--force overwrites the file named by --output",
    "softmax 1 2 --classes a,b,c": "--classes names 3 classes, but there are 2",
    "softmax 1 2 --classes a,a": "--classes names a class twice",
    "softmax 1 2 -T x": "invalid value for '--temperature' / '-T': 'x' is not a number",
    "softmax 1 2 -d 1.5": "invalid value for '--digits' / '-d': '1.5' is not a whole number",
    "softmax 1 2 -d inf": "'inf' is not a whole number",
    "softmax 1 2 -f xml": "'xml' is not one of table, csv, tsv, json, jsonl, parquet, markdown",
    "softmax 1 2 -b torch --device abacus": "--device 'abacus' is not a device",
    "softmax 1 2 -b torch --device cuda:99": "--device cuda:99: PyTorch finds no such device here",
    "ce 1,2 --label-col y": "ce needs labels, and there are none",
    "predict 1,2 --label-col y": "name columns of files, not of arguments",
    "ce 1,2 3,4 -l 0": "--labels has 1 label, but there are more samples",
    "ce 1,2 3,4 -l 0,1,1": "--labels has 1 more label than there are samples",
    "ce 1,2 3,4 5,6 --target 1,0 --target 0,1": "2 targets, but there are more samples",
    "ce 1,2 --target 1,0 --target 0,1": "2 targets, but only 1 sample",
    "ce 1,2 --target 1,0,0": "--target, target 1: expected 2 numbers, found 3",
    "ce 1,2 --target 0.5,0.4": "row 1: targets sum to 0.9, not to 1",
    "ce 1,2 --target 2,-1": "row 1: target 2.0 is outside 0…1",
    "bce 0.5 -l 2": "--labels, label 1: label 2 is out of range 0…1",
    "bce -0.5 -l 1": "sample 1: probability -0.5 is outside 0…1",
    "ce 1,0.5 -l 0 --from probs": "row 1: probabilities sum to 1.5, not to 1",
    "ce 0,0 -l 0 --from probs --normalize": "row 1: probabilities sum to 0",
    "ce -1,0.5 -l 0 --from logprobs": "row 1: log-probability 0.5 is not a number below 0",
    "softmax 2 1,2": "'2' is a number, but '1,2' is a row",
    "softmax 1,2 1,2,3": "row 2: 3 numbers, but row 1 has 2",
    "softmax 1,,2": "argument 1: empty cell where a number should be",
    "softmax -1e400 2": "argument 1: '-1e400' overflows",
    "softmax ftp://h/x.csv": "ftp://h/x.csv: an address, not a file",
    "softmax .": ".: a directory, not a file",
}


@pytest.mark.parametrize(("line", "message"), REFUSED.items())
def test_refused_in_one_line_and_at_most_one_of_advice(line: str, message: str) -> None:
    code, out, err = run(*line.split())
    assert (code, out) == (2, "")
    first, *advice = err.splitlines()
    assert first.startswith("error: ")
    assert message in first
    assert len(advice) <= 1
    assert all(line.startswith("  ") for line in advice)


def test_contradictions_are_found_without_reading_anything() -> None:
    with pytest.raises(UsageError):
        check(Job("ce", ("no such file",), labels="0", label_col="y"))
