"""Completion: what words could become, and that real shells ask and are answered."""

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from softmax_cli.cli.completion import candidates
from softmax_cli.cli.reference import SHELLS
from softmax_cli.job import OPTIONS, Choice
from tests.calling import run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pets.csv").write_text("cat,dog,a bird,true class\n2,1,0,cat\n")
    (tmp_path / "answers.csv").write_text("label,target,c_0,c_1\n0,0,2,1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def words_of(*words: str) -> list[str]:
    return [each.word for each in candidates(words)]


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["h"], ["hinge", "huber", "help"]),
        (["--v"], ["--version"]),
        (["help", "hi"], ["hinge"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["ce", "--from", ""], ["logits", "probs", "logprobs"]),
        (["ce", "--from=lo"], ["--from=logits", "--from=logprobs"]),
        (["ce", "-f", "js"], ["json", "jsonl"]),
        (["softmax", "--normal"], ["--normalize"]),
        (["ce", "--no-p"], ["--no-probabilities"]),
        (["ce", "--he"], ["--header", "--help"]),
        (["ce", "pets.csv", "--label-col", ""], ["cat", "dog", "a bird", "true class"]),
        (["ce", "pets.csv", "--label-col", "t"], ["true class"]),
        (["ce", "pets.csv", "--label-col=t"], ["--label-col=true class"]),
        (["ce", "pets.csv", "--cols", "cat,"], ["cat,dog", "cat,a bird", "cat,true class"]),
        (["ce", "pets.csv", "-q", "--cols", "cat,d"], ["cat,dog"]),
        (["ce", "answers.csv", "--label-col", ""], ["label", "target", "c_0", "c_1"]),
        (["predict", "pets.csv", "--label-col", "true class", "-l", "cat,d"], ["cat,dog"]),
        (["ce", "--output", "pets.csv", "--label-col", ""], []),
        (["ce", "nobody.csv", "--label-col", ""], []),
        (["ce", "-T", ""], []),
        (["ce", ""], []),
        (["CrossEntropyLoss", "pets.csv", "--label-col", "t"], ["true class"]),
        (["nonsense", ""], []),
    ],
)
@pytest.mark.usefixtures("files")
def test_candidates(words: list[str], completed: list[str]) -> None:
    assert words_of(*words) == completed


def test_every_choice_of_every_option_completes() -> None:
    for option in OPTIONS.values():
        if isinstance(option.parse, Choice) and "bce" in option.help:
            assert words_of("bce", option.flag, "") == list(option.parse.words)


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("softmax-cli ce --fr", ["--from"]),
        ("softmax-cli ce --from=lo", ["logits", "logprobs"]),
        ("softmax-cli ce pets.csv --label-col tr", ["true\\ class"]),
        ("softmax-cli ce pets.csv --label-col 'tr", ["true class"]),
        ("softmax-cli ce pets.csv --label-col true\\ c", ["true\\ class"]),
        ("/usr/bin/softmax-cli h", ["hinge", "huber", "help"]),
    ],
)
@pytest.mark.usefixtures("files")
def test_bash_gets_its_last_word_as_it_must_be_written(line: str, completed: list[str]) -> None:
    code, out, err = run("completion", "bash", line)
    assert (code, out.splitlines(), err) == (0, completed, "")


def test_fish_and_zsh_are_told_what_words_are_for() -> None:
    assert run("completion", "fish", "ce", "--debu").out == "--debug\tShow tracebacks\n"
    assert run("completion", "zsh", "ce", "--debu").out == "--debug:Show tracebacks\n"


@pytest.mark.parametrize("words", [(), ("tcsh",)])
def test_an_unknown_shell_is_refused(words: tuple[str, ...]) -> None:
    code, out, err = run("completion", *words)
    assert (code, out) == (2, "")
    assert err.endswith("try 'softmax-cli completion bash|zsh|fish'\n")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_can_be_read_by_its_shell(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    script = tmp_path / "script"
    script.write_text(run("completion", shell).out)
    subprocess.run([shell, "-n", str(script)], check=True)


def _read_until(terminal: int, *ends: str) -> str:
    """What is shown up to each of the texts in turn."""
    shown = ""
    position = 0
    end_of_patience = time.monotonic() + 60
    for end in ends:
        while (found := shown.find(end, position)) < 0:
            assert time.monotonic() < end_of_patience, shown
            if select.select([terminal], [], [], 0.1)[0]:
                shown += os.read(terminal, 1 << 16).decode(errors="replace")
        position = found + len(end)
    return shown


START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
SETUP = {
    "bash": "PS1='READY '; source <(softmax-cli completion bash)\n",
    "zsh": "autoload -Uz compinit && compinit -D -u; PS1='READY '; "
    "source <(softmax-cli completion zsh)\n",
    "fish": "function fish_prompt; echo 'READY '; end; softmax-cli completion fish | source\n",
}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("softmax-cli hub\t-q\t", ["huber", "-q"]),
        (
            "softmax-cli ce pets.csv --label-col tru\t",
            ["ce", "pets.csv", "--label-col", "true class"],
        ),
        (
            "softmax-cli ce pets.csv --cols cat,dog,tru\t",
            ["ce", "pets.csv", "--cols", "cat,dog,true class"],
        ),
        ("softmax-cli ce pe\t --from=logi\t", ["ce", "pets.csv", "--from=logits"]),
        ("softmax-cli ce -o answ\t", ["ce", "-o", "answers.csv"]),
    ],
)
@pytest.mark.parametrize("shell", SHELLS)
def test_in_a_real_shell(
    shell: str, typed: str, words: list[str], files: Path, shell_env: Mapping[str, str]
) -> None:
    """The program that is called says what words it got; only completion is the real one."""
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    import fcntl
    import pty
    import termios

    folder = files / "bin"
    folder.mkdir()
    shim = folder / "softmax-cli"
    shim.write_text(
        f'#!/bin/sh\n[ "$1" = completion ] && exec "{sys.executable}" -P -m softmax_cli "$@"\n'
        'printf "GOT:"; printf "<%s>" "$@"; echo ":END"\n'
    )
    shim.chmod(0o755)
    env = {**shell_env, "PATH": f"{folder}:{shell_env['PATH']}", "HOME": str(files), "TERM": "dumb"}
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        START[shell],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=env,
        cwd=files,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
    )
    os.close(theirs)
    try:
        os.write(ours, SETUP[shell].encode())
        _read_until(ours, "READY ", "READY ")
        os.write(ours, f"{typed}\n".encode())
        shown = _read_until(ours, "GOT:", ":END")
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    expected = "GOT:" + "".join(f"<{word}>" for word in words) + ":END"
    assert expected in shown
