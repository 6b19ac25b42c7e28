"""The table of options: what each reads, and that it stands once."""

import pytest

from softmax_cli.commands import COMMANDS
from softmax_cli.errors import BadValue
from softmax_cli.job import OPTIONS, Choice, FunctionPath, Job, changed

READ = [
    ("temperature", "2", 2.0),
    ("eps", "1e-15", 1e-15),
    ("ignore_index", "-100", -100),
    ("label_base", "1", 1),
    ("digits", "17", 17),
    ("top_k", "3", 3),
    ("weight", "1,2,0.5", (1.0, 2.0, 0.5)),
    ("weight", "1 2 5", (1.0, 2.0, 5.0)),
    ("weight", "[1, 2, 5]", (1.0, 2.0, 5.0)),
    ("pos_weight", "3", (3.0,)),
    ("rows", "all", None),
    ("rows", "10", 10),
    ("tol", "digits", None),
    ("tol", "1e-3", 1e-3),
    ("tol", "inf", float("inf")),
    ("classes", "cat, dog", ("cat", "dog")),
    ("classes", "['cat', 'new york']", ("cat", "new york")),
    ("function", "a:b/loss.py:mine", FunctionPath("a:b/loss.py", "mine")),
    ("format", "csv", "csv"),
    ("labels", "0,2", "0,2"),
    ("delimiter", "tab", "\t"),
    ("delimiter", "\\t", "\t"),
    ("delimiter", "TAB", "\t"),
    ("delimiter", "blank", " "),
    ("delimiter", ";", ";"),
    ("delimiter", "semicolon", ";"),
]

REFUSED = [
    ("temperature", "0,5", "'0,5' is not a number"),
    ("temperature", "0", "must be a positive finite number"),
    ("temperature", "nan", "must be a positive finite number"),
    ("eps", "0.5", "must be at least 0 and below 0.5"),
    ("rtol", "nan", "must be a number that is not negative"),
    ("threshold", "1.5", "is a probability, from 0 to 1"),
    ("label_smoothing", "-0.1", "is a share of the target, from 0 to 1"),
    ("focal", "inf", "takes an exponent that is finite and not negative"),
    ("margin", "inf", "must be a finite number"),
    ("p", "3", "is 1 or 2"),
    ("p", "1.5", "'1.5' is not a whole number"),
    ("top_k", "0", "must be at least 1"),
    ("digits", "18", "must be from 0 to 17"),
    ("ignore_index", "nan", "'nan' is not a whole number"),
    ("weight", "", "empty cell where a number should be"),
    ("weight", "1,,2", "empty cell where a number should be"),
    ("weight", "1,-1", "takes weights that are finite and not negative"),
    ("weight", "nan", "takes weights that are finite and not negative"),
    ("pos_weight", "inf", "takes weights that are finite and not negative"),
    ("rows", "-1", "takes a number or 'all', not '-1'"),
    ("rows", "١", "takes a number or 'all', not '١'"),
    ("tol", "-1", "is 'digits' or a distance of at least 0, not '-1'"),
    ("tol", "x", "is 'digits' or a distance of at least 0, not 'x'"),
    ("classes", "a,a", "names a class twice"),
    ("function", "loss.py", "'loss.py' names no function"),
    ("function", ":mine", "':mine' names no function"),
    ("missing", "ignore", "'ignore' is not one of error, skip"),
    *(
        ("delimiter", text, f"{text!r} is not one this tool reads")
        for text in ("", ",,", "x", "\n")
    ),
]


@pytest.mark.parametrize(("name", "text", "value"), READ)
def test_a_text_becomes_a_value(name: str, text: str, value: object) -> None:
    parse = OPTIONS[name].parse
    assert parse is not None
    found = parse(text)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(("name", "text", "message"), REFUSED)
def test_or_is_refused(name: str, text: str, message: str) -> None:
    parse = OPTIONS[name].parse
    assert parse is not None
    with pytest.raises(BadValue) as raised:
        parse(text)
    assert raised.value.message == message


def test_every_field_of_a_job_is_an_option_and_every_option_belongs_to_a_command() -> None:
    assert ["command", *OPTIONS] == list(Job._fields)
    used = {name for c in COMMANDS.values() for name in (*c.arguments, "inputs", *c.options)}
    assert used == set(OPTIONS)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_two_options_of_a_command_are_written_alike(command: str) -> None:
    flags = [flag for name in COMMANDS[command].options for flag in OPTIONS[name].flags]
    assert len(set(flags)) == len(flags)


def test_a_flag_has_no_value_and_a_default_is_a_choice() -> None:
    for name, default in Job._field_defaults.items():
        option = OPTIONS[name]
        assert (option.parse is None) == (isinstance(default, bool) or name == "header"), name
        if isinstance(option.parse, Choice) and name != "scores":
            assert default is None or default in option.parse.words, name


def test_the_defaults_of_a_command_are_overruled_and_steps_show_fewer_rows() -> None:
    assert Job.of("bce", {}).scores == "probs"
    assert Job.of("bce", {"scores": "logits"}).scores == "logits"
    assert (Job.of("ce", {}).rows, Job.of("ce", {"steps": True}).rows) == (20, 10)
    assert Job.of("ce", {"steps": True, "rows": None}).rows is None


def test_changed_asks_the_roles() -> None:
    job = Job("ce", ("1", "2"), weight=(1.0, 2.0), temperature=2.0, digits=6, focal=2.0)
    assert changed(job, "loss") == ["weight", "focal"]
    assert changed(job, "number", "loss") == ["temperature", "weight", "focal"]
    assert changed(job, "where", "look") == ["inputs", "digits"]
