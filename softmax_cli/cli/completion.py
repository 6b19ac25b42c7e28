"""What the word being typed could become, and the scripts by which shells ask for it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from os.path import isfile
from typing import NamedTuple

from softmax_cli.cli.reference import GENERAL, HELP, SHELLS, TOOLS, first_sentence
from softmax_cli.commands import COMMANDS, READING, find_alias
from softmax_cli.errors import SoftmaxCliError, UsageError
from softmax_cli.job import OPTIONS, Choice, Job, Sample

SCRIPTS = {
    "bash": """\
# softmax-cli completion bash >> ~/.bashrc
_softmax_cli() {
    local found
    found=$("$1" completion bash "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    COMPREPLY=()
    if [[ -n $found ]]; then
        mapfile -t COMPREPLY <<< "$found"
    else
        compopt -o default
    fi
}
complete -F _softmax_cli softmax-cli
""",
    "zsh": """\
#compdef softmax-cli
# softmax-cli completion zsh >> ~/.zshrc, after compinit; or as the file _softmax-cli in $fpath
_softmax_cli() {
    local answer
    local -a found
    answer=$("$words[1]" completion zsh "${(@Q)words[2,CURRENT]}" 2>/dev/null)
    if [[ -n $answer ]]; then
        found=("${(@f)answer}")
        _describe softmax-cli found
    else
        _files
    fi
}
if [[ $funcstack[1] == _softmax-cli ]]; then
    _softmax_cli "$@"
else
    compdef _softmax_cli softmax-cli
fi
""",
    "fish": """\
# softmax-cli completion fish > ~/.config/fish/completions/softmax-cli.fish
function __softmax_cli
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] completion fish $words[2..] 2>/dev/null)
    if set -q found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c softmax-cli -f -a '(__softmax_cli)'
""",
}


class Candidate(NamedTuple):
    """A word that could be meant, and what it is for."""

    word: str
    purpose: str = ""


def completion(shell: str, words: Sequence[str]) -> str:
    """The script of a shell; or if it asks about words, what the last could become, a line each.

    bash gives the line up to the cursor as one word, because it would take words apart at ``=``.
    No line says that files could be meant.
    """
    if shell not in SHELLS:
        raise UsageError(
            f"no completion for {shell!r}" if shell else "completion of which shell?",
            f"try 'softmax-cli completion {'|'.join(SHELLS)}'",
        )
    if not words:
        return SCRIPTS[shell]
    if shell == "bash":
        return _for_bash(words[0])
    lines = []
    for word, purpose in candidates(words):
        if shell == "zsh":
            word = word.replace("\\", "\\\\").replace(":", "\\:")  # noqa: PLW2901
        separator = ":" if shell == "zsh" else "\t"
        lines.append(f"{word}{separator}{purpose}" if purpose else word)
    return "".join(f"{line}\n" for line in lines)


def candidates(words: Sequence[str]) -> list[Candidate]:
    """What the last of the words that follow the program's name could become."""
    *before, last = words
    found = _any_command() if not before else _of_command(before, last)
    return [each for each in found if each.word.startswith(last)]


def _any_command() -> Iterator[Candidate]:
    for name, command in sorted(COMMANDS.items()):
        yield Candidate(name, first_sentence(command.summary))
    for name, (_, purpose) in TOOLS.items():
        yield Candidate(name, first_sentence(purpose))
    yield from (Candidate(entry.name, entry.brief) for entry in GENERAL)


def _of_command(before: Sequence[str], last: str) -> Iterator[Candidate]:
    name, *rest = before
    alias = find_alias(name)
    command = name if alias is None else alias.line.split()[0]
    if command == "help":
        yield from (Candidate(name, row.summary) for name, row in sorted(COMMANDS.items()))
    elif command == "completion":
        yield from map(Candidate, SHELLS)
    elif command in COMMANDS:
        flags = {
            flag: name
            for name in COMMANDS[command].options
            for written in OPTIONS[name].flags
            for flag in written.split("/")
        }
        line = _read(rest, flags)
        flag, equals, typed = last.partition("=")
        if line.awaiting is not None:
            yield from map(Candidate, _values(line.awaiting, last, line))
        elif equals and flag in flags:
            yield from (Candidate(f"{flag}={value}") for value in _values(flags[flag], typed, line))
        elif last.startswith("-"):
            for flag, name in flags.items():
                yield Candidate(flag, first_sentence(OPTIONS[name].help))
            yield from (Candidate(entry.name, entry.brief) for entry in HELP)


class Line(NamedTuple):
    """What is known of a line that is being typed.

    files     those among its inputs
    given     the texts of options, by field
    awaiting  the field of the option whose value comes next, if one does
    """

    files: list[str]
    given: dict[str, str]
    awaiting: str | None


def _read(words: Sequence[str], flags: Mapping[str, str]) -> Line:
    files: list[str] = []
    given: dict[str, str] = {}
    awaiting: str | None = None
    for word in words:
        if awaiting is not None:
            given[awaiting] = word
            awaiting = None
        elif word in flags:
            awaiting = flags[word] if OPTIONS[flags[word]].parse is not None else None
        elif isfile(word):
            files.append(word)
    return Line(files, given, awaiting)


def _values(name: str, typed: str, line: Line) -> Iterator[str]:
    """What could be the value of an option; of a list, with the parts that stand there already."""
    option = OPTIONS[name]
    if isinstance(option.parse, Choice):
        yield from option.parse.words
    elif option.names is not None and line.files:
        head, comma, _ = typed.rpartition(",") if option.names != "column" else ("", "", "")
        given = head.split(",")
        for heading in _headings(line, only_classes=option.names == "classes"):
            if heading not in given:
                yield f"{head}{comma}{heading}"


def _headings(line: Line, only_classes: bool) -> Sequence[str]:
    """The headings of a file, or of those columns that would be scored."""
    from softmax_cli.readers import open_dataset

    # Scored all together, columns need no roles, over which a file could be ambiguous.
    known = (*READING, "label_col") if only_classes else ("delimiter",)
    try:
        given = {
            name: parse(text)
            for name, text in line.given.items()
            if name in known and (parse := OPTIONS[name].parse) is not None
        }
        given |= {"inputs": tuple(line.files[:1])} | ({} if only_classes else {"cols": "*"})
        job = Job.of("softmax", given)
        schema = open_dataset(job, Sample.of(job)).schema
    except (SoftmaxCliError, OSError):
        return ()
    return schema.class_names or [str(index) for index in range(schema.n_classes)]


def _for_bash(line: str) -> str:
    """The candidates for a line, as what bash takes for its last word is to become."""
    words, quote = _split(line)
    if len(words) < 2:
        return ""
    # bash takes words apart at these, unless they are quoted
    taken = 0 if quote else max(words[-1].rfind("="), words[-1].rfind(":")) + 1
    found = [each.word[taken:] for each in candidates(words[1:])]
    escaped = found if quote else [re.sub(r"([^\w@%+=:,./-])", r"\\\1", word) for word in found]
    return "".join(f"{word}\n" for word in escaped)


def _split(line: str) -> tuple[list[str], str]:
    """The words of a line that ends anywhere, and the quote that is open there."""
    import shlex

    end = "\0"
    for quote in ("", "'", '"'):
        try:
            words = shlex.split(line + end + quote)
        except ValueError:
            continue
        return [*words[:-1], words[-1].removesuffix(end)], quote
    return [], ""
