import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread

import pytest

from softmax_cli.errors import OutputError
from softmax_cli.writers.output import open_output


def write(
    path: Path, text: str = "new\n", force: bool = False, inputs: tuple[str | int, ...] = ()
) -> None:
    with open_output(str(path), force, inputs) as stream:
        stream.write(text)


def write_half(path: Path, error: BaseException) -> None:
    with open_output(str(path), True, ()) as stream:
        stream.write("half")
        raise error


def test_a_file_appears_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with open_output(str(out), False, ()) as stream:
        stream.write("half")
        stream.flush()
        assert not out.exists()
    assert out.read_text() == "half"
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_or_not_at_all(tmp_path: Path, error: type[BaseException]) -> None:
    out = tmp_path / "out"
    with pytest.raises(error):
        write_half(out, error())
    assert os.listdir(tmp_path) == []


def test_what_was_there_survives_a_failure(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("precious")
    with pytest.raises(ValueError, match="no"):
        write_half(out, ValueError("no"))
    assert out.read_text() == "precious"


def test_an_existing_file_needs_force(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("old")
    with pytest.raises(OutputError, match="exists"):
        write(out)
    assert out.read_text() == "old"
    write(out, force=True)
    assert out.read_text() == "new\n"


@pytest.mark.parametrize("way", ["same", "symlink", "hard link", "dots"])
def test_the_output_is_no_input(tmp_path: Path, way: str) -> None:
    data, other = tmp_path / "data", tmp_path / "other"
    data.write_text("data")
    if way == "symlink":
        other.symlink_to(data)
    elif way == "hard link":
        other.hardlink_to(data)
    elif way == "dots":
        other = tmp_path / ".." / tmp_path.name / "data"
    else:
        other = data
    with pytest.raises(OutputError, match="also an input"):
        write(other, force=True, inputs=(str(data),))
    assert data.read_text() == "data"


def test_the_output_is_not_what_a_descriptor_reads(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_text("data")
    with data.open() as stdin, pytest.raises(OutputError, match="also an input"):
        write(data, force=True, inputs=(stdin.fileno(),))
    assert data.read_text() == "data"


def without_hard_links(*_: object) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("link", [os.link, without_hard_links])
def test_of_many_runs_with_one_new_name_one_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: Callable[[str, str], None]
) -> None:
    monkeypatch.setattr(os, "link", link)
    out = tmp_path / "out"
    together = Barrier(8)
    told: list[str] = []
    refused: list[str] = []

    def run(number: int) -> None:
        try:
            with open_output(str(out), False, ()) as stream:
                together.wait(20)
                stream.write(f"{number}\n")
            told.append(f"{number}\n")
        except OutputError as error:
            refused.append(error.message)

    threads = [Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [out.read_text()]
    assert refused == [f"{out}: the file exists"] * 7
    assert os.listdir(tmp_path) == ["out"]


def test_an_error_names_the_file_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def replace(source: str, target: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", source, None, target)

    out = tmp_path / "out"
    for name, fail in (("replace", replace), ("fsync", sync)):
        monkeypatch.setattr(os, name, fail)
        with pytest.raises(OSError, match="No space") as raised:
            write(out, force=True)
        assert raised.value.filename == str(out)
        assert os.listdir(tmp_path) == []


def test_permissions(tmp_path: Path) -> None:
    out = tmp_path / "out"
    umask = os.umask(0o027)
    try:
        write(out)
        assert stat.S_IMODE(out.stat().st_mode) == 0o640
        out.chmod(0o604)
        write(out, force=True)
        assert stat.S_IMODE(out.stat().st_mode) == 0o604
    finally:
        os.umask(umask)


def test_a_symlink_stays_one(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write(link, force=True)
    assert link.is_symlink()
    assert target.read_text() == "new\n"


@pytest.mark.parametrize("name", ["no/such/out", ".", ""])
def test_impossible_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError), open_output(name, True, ()) as stream:
        stream.write("x")
    assert os.listdir(tmp_path) == []
