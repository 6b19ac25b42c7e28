"""What a column's heading says by itself. Headings compare without case.

``logit_0`` and ``p_cat`` name a class, ``label`` the truth, ``id`` and ``image_id`` the sample;
``epoch`` or ``loss`` stand beside scores and are none.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import count
from typing import NamedTuple

LABEL_NAMES = frozenset(
    {"label", "labels", "y", "y_true", "target", "class"}
    | {"truth", "ground_truth", "true_label", "true_class"}
)
OUTPUT_NAMES = frozenset(
    {"probability", "prob", "p", "score", "logit", "output", "y_score", "y_prob"}
)
_NUMBERS_OF_ROWS = frozenset({"", "idx", "index", "sample", "row"})
_ID = re.compile(r"id|name|student|filename|uuid|.*_id|unnamed:?_?\d+|")
_COMPANION = re.compile(
    r"((train|val|test|my|ce|bce|nll|mean|expected)_)?loss(es)?"
    r"|(sample_)?weights?"
    r"|(is_)?correct|probability|confidence"
    r"|split|fold|epochs?|(global_)?steps?|iter|iteration|batch|seed|lr|learning_rate|timestamp"
    r"|expected|got|difference|allowed|verdict|mistake|(expected|got|grad)_.*"
)
_PREDICTION = re.compile(r"preds?|predictions?|y_pred|y_hat|(pred|predicted)(_\d+|_label|_class)?")
_KINDS = {
    "logits": ("logit", "logits"),
    "probs": ("p", "prob", "probs", "probability", "probabilities", "q"),
    "logprobs": (
        *("logp", "logprob", "logprobs", "log_p", "log_prob", "log_probs"),
        *("log_probability", "log_probabilities"),
    ),
    "values": ("score", "scores", "class", "output", "out", "margin", "decision"),
    "true": ("t", "target", "targets", "true", "truth", "y_true"),
}
_KIND = {stem: kind for kind, stems in _KINDS.items() for stem in stems}
_MEMBER = re.compile(
    rf"({'|'.join(sorted(_KIND, key=len, reverse=True))})(?:[ _.:-](.+)|(\d+))", re.IGNORECASE
)
_NUMBERED = re.compile(r"(.*?)[ _.:-]*(\d+)")


_OF_ALL_CLASSES = frozenset(
    {"max", "min", "mean", "std", "sum", "total", "scale", "norm", "entropy", "correct"}
)
"""What a stem may end in that is no class: ``p_max``."""


class Group(NamedTuple):
    """Columns whose headings have the same stem, and the rest of each: its class.

    ``kind`` is what ``--from`` calls such scores, "values" where the stem does not say, "true" for
    targets, "" where the stem is no known one.
    """

    stem: str
    kind: str
    columns: tuple[int, ...]
    members: tuple[str, ...]

    @property
    def is_true(self) -> bool:
        """Whether the stem is one of targets."""
        return self.kind == "true" or self.stem in ("y", "label")


def normal(heading: str) -> str:
    """The heading as it is compared: ``Row-ID`` is ``row_id``."""
    return re.sub("[ -]+", "_", heading.strip()).lower()


def is_label(heading: str) -> bool:
    """Whether a column so called has the true classes, or values."""
    return normal(heading) in LABEL_NAMES


def is_id(heading: str) -> bool:
    """Whether a column so called says which sample a row is."""
    name = normal(heading)
    return name in _NUMBERS_OF_ROWS or _ID.fullmatch(name) is not None


def id_rank(heading: str) -> int:
    """Of several columns of ids, the one with the least rank is carried through."""
    name = normal(heading)
    return 2 if name in _NUMBERS_OF_ROWS or name.startswith("unnamed") else name != "id"


def is_prediction(heading: str) -> bool:
    """Whether a column so called has what was predicted: a class, or the value of a regression."""
    return _PREDICTION.fullmatch(normal(heading)) is not None


def is_output(heading: str) -> bool:
    """Whether a column so called has the one output of a binary network."""
    return normal(heading) in OUTPUT_NAMES


def is_companion(heading: str) -> bool:
    """Whether a column so called stands beside scores, or beside results, and is no score."""
    return _COMPANION.fullmatch(normal(heading)) is not None


def member(heading: str) -> str:
    """The class that a heading names behind a known stem, or else the heading: ``p_cat``, cat."""
    match = _MEMBER.fullmatch(heading.strip())
    return heading if match is None else match[2] or match[3]


def groups(headings: Iterable[tuple[int, str]]) -> list[Group]:
    """The groups of two columns or more, in the order of their first ones.

    The stem is a known one, or the headings are numbers, or numbered from 0 or 1. In a group that
    has all the numbers from 0 on, the columns are in their order.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for column, heading in headings:
        for stem, name in _split(heading):
            found.setdefault(stem, []).append((column, name))
    made = (_group(stem, members) for stem, members in found.items())
    return [group for group in made if group is not None]


def by_number(columns: Iterable[int], members: Iterable[str]) -> list[tuple[int, str]]:
    """The columns in the order of their numbers, if these are all from 0 on; else as they are."""
    pairs = list(zip(columns, members, strict=True))
    numbers = [name for _, name in pairs]
    if sorted(numbers) == sorted(map(str, range(len(numbers)))):
        pairs.sort(key=lambda pair: int(pair[1]))
    return pairs


def _split(heading: str) -> Iterator[tuple[str, str]]:
    text = heading.strip()
    if match := _MEMBER.fullmatch(text):
        yield match[1].lower(), match[2] or match[3]
    elif match := _NUMBERED.fullmatch(text):
        yield match[1].lower(), match[2]


def _group(stem: str, pairs: list[tuple[int, str]]) -> Group | None:
    kind = _KIND.get(stem, "")
    numbers = [(column, name) for column, name in pairs if name.isdecimal()]
    words = [(column, name) for column, name in pairs if name.lower() not in _OF_ALL_CLASSES]
    pairs = _from_zero(numbers) if len(numbers) > 1 else words
    if len(pairs) < 2 or not (kind or stem == "" or _counts([name for _, name in pairs])):
        return None
    columns, members = zip(*by_number(*zip(*pairs, strict=True)), strict=True)
    return Group(stem, kind, columns, members)


def _from_zero(pairs: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Those with the numbers 0, 1, … up to the first that lacks; all if there are no such two."""
    numbers = {name for _, name in pairs}
    end = next(n for n in count() if str(n) not in numbers)
    first = {str(n) for n in range(end)}
    return [pair for pair in pairs if pair[1] in first] if end > 1 else pairs


def _counts(numbers: list[str]) -> bool:
    """Whether they are all the numbers from 0 or 1 on."""
    return any(
        sorted(numbers) == sorted(map(str, range(first, first + len(numbers)))) for first in (0, 1)
    )
