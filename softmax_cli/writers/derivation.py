"""``--steps``: how each result comes about, with the sample's own numbers, in words and in LaTeX.

The intermediate values are worked out here as people do it by hand, the results are those that
the backend computed.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from math import exp, expm1, fsum, inf, isfinite, isnan, log, log1p, nan
from typing import IO, NamedTuple

from softmax_cli.data import NO_CLASS, Result, Schema
from softmax_cli.job import Job
from softmax_cli.report import Report
from softmax_cli.text import inert, plural, rounded
from softmax_cli.writers.markdown import literal

MOST_SHOWN = 12  # numbers of a row; the middle of a longer one is left out
SHOWN_FIRST, SHOWN_LAST = 6, 3


class Step(NamedTuple):
    """A step's name, and what it does as text and as LaTeX (math mode)."""

    title: str
    plain: str
    latex: str


class Label(NamedTuple):
    """A class, which LaTeX calls by its name only if that is harmless there."""

    name: str
    class_index: int


class Terms(NamedTuple):
    """Numbers beside each other, or added up."""

    values: Sequence[float]
    between: str = "  "
    between_in_latex: str = r",\; "


Value = float | str | Label | Terms


class Notation:
    """Writes steps. ``digits`` is how many decimals numbers get."""

    def __init__(self, digits: int) -> None:
        self.digits = digits

    def step(self, title: str, plain: str, latex: str, *values: Value) -> Step:
        """A step that writes the same values into the places, ``{}``, of both texts."""
        return Step(
            title, plain.format(*map(self.plain, values)), latex.format(*map(self.latex, values))
        )

    def row(self, title: str, plain: str, latex: str, values: Sequence[float]) -> Step:
        """A step to a number for each class; the texts say what they are."""
        row = Terms(values)
        return Step(
            title, f"{plain} = {self.plain(row)}", rf"{latex} = \left[{self.latex(row)}\right]"
        )

    def plain(self, value: Value) -> str:
        """Numbers rounded, a class by name, text as it is."""
        if isinstance(value, Label):
            return value.name
        if isinstance(value, Terms):
            return _join(value.values, self.plain, value.between, "…")
        if isinstance(value, str):
            return value
        return rounded(value + 0.0, self.digits).replace("-", "−")

    def latex(self, value: Value) -> str:
        """The same in LaTeX."""
        if isinstance(value, Label):
            harmless = re.fullmatch("[A-Za-z0-9 .-]+", value.name)
            return rf"\text{{{value.name}}}" if harmless else str(value.class_index)
        if isinstance(value, Terms):
            return _join(value.values, self.latex, value.between_in_latex, r"\dots")
        if isinstance(value, str):
            return value
        if isnan(value):
            return r"\text{nan}"
        if not isfinite(value):
            return r"\infty" if value > 0 else r"-\infty"
        mantissa, _, exponent = rounded(value + 0.0, self.digits).partition("e")
        return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else mantissa


def _join(values: Sequence[float], write: Callable[[float], str], between: str, dots: str) -> str:
    if len(values) <= MOST_SHOWN:
        return between.join(map(write, values))
    first, last = values[:SHOWN_FIRST], values[-SHOWN_LAST:]
    return between.join([*map(write, first), dots, *map(write, last)])


class Derivation:
    """The steps from the scores of one sample, in that row of a result, to what came out."""

    def __init__(self, job: Job, schema: Schema, result: Result, row: int) -> None:
        self.job = job
        self.schema = schema
        self.result = result
        self.row = row
        self.scores: list[float] = result.batch.scores[row].tolist()
        self.write = Notation(job.digits)

    def softmax(self) -> Iterator[Step]:
        """To probabilities, or their logarithms."""
        yield from self._probabilities()
        if self.job.log:
            values = self.result.columns["log_probabilities"].values[self.row].tolist()
            yield self.write.row("logarithm", "ln p = t − ln S", r"\ln p = t - \ln S", values)

    def predict(self) -> Iterator[Step]:
        """To the most probable class; of a binary network's output, to one of two."""
        index = int(self.result.columns["predicted"].values[self.row])
        label = self._label(index)
        if self.job.binary:
            yield from self._binary_probability()
            above, above_in_latex = (">", ">") if index == 1 else ("≤", r"\le")
            yield self.write.step(
                "threshold",
                f"p {above} {{}}: class {{}}",
                rf"p {above_in_latex} {{}} \Rightarrow \hat y = {{}}",
                f"{self.job.threshold:g}",
                label,
            )
            return
        yield from self._probabilities()
        if index == NO_CLASS:
            yield Step("argmax", "none: there is a nan", r"\text{none}")
        else:
            yield self.write.step(
                "argmax",
                "class {}, with p = {}",
                r"\hat y = \arg\max_j p_j = {}, \quad p = {}",
                label,
                self._value("probability"),
            )

    def cross_entropy(self) -> Iterator[Step]:
        """To the loss of a label or a soft target, by hand and as PyTorch takes it apart."""
        yield from self._probabilities()
        labels = self.result.labels
        index = NO_CLASS if labels is None else int(labels[self.row])
        logs, loss = self._log_probabilities(), self._value("loss")
        targets = self.result.batch.targets
        if index == NO_CLASS and targets is not None:
            picked = Label("target", NO_CLASS)
            yield self.write.row("target", "q", "q", targets[self.row].tolist())
            yield self.write.step(
                "−Σ q ln p", "loss = {}", r"\ell = -\sum_j q_j \ln p_j = {}", loss
            )
        else:
            picked = self._label(index)
            p = exp(logs[index])
            yield self.write.step("pick the label", "p[{}] = {}", "p_{{{}}} = {}", picked, p)
            yield self.write.step(
                "−ln",
                "loss = −ln {1} = {2}",
                r"\ell = -\ln p_{{{0}}} = -\ln {1} = {2}",
                picked,
                p,
                loss,
            )
        if self.job.scores == "logits":
            yield self.write.row("LogSoftmax", "log_softmax(x)", r"\mathrm{log\_softmax}(x)", logs)
        yield self.write.step(
            "NLLLoss", "nll_loss(…, {}) = {}", r"\mathrm{{nll\_loss}}(\dots, {}) = {}", picked, loss
        )

    def binary_cross_entropy(self) -> Iterator[Step]:
        """To the loss of a probability and a label from 0 to 1."""
        yield from self._binary_probability()
        p, rest = self._p_and_rest()
        log_p, log_rest = self._logs(p, rest)
        y, loss = self._value("label"), self._value("loss")
        one, zero = (0.0 if w == 0 else w * v for w, v in ((y, log_p), (1 - y, log_rest)))
        yield self.write.step(
            "y term",
            "y ln p = {} · ln {} = {}",
            r"y \ln p = {} \cdot \ln {} = {}",
            f"{y:g}",
            p,
            one,
        )
        yield self.write.step(
            "1−y term",
            "(1−y) ln(1−p) = {} · ln {} = {}",
            r"(1-y) \ln(1-p) = {} \cdot \ln {} = {}",
            f"{1 - y:g}",
            rest,
            zero,
        )
        yield self.write.step(
            "minus both", "loss = −({} + {}) = {}", r"\ell = -({} + {}) = {}", one, zero, loss
        )

    def _probabilities(self) -> Iterator[Step]:
        """To the probabilities of several classes."""
        scores, heat = self.scores, self.job.temperature
        if self.job.scores == "probs":
            yield self.write.row("probabilities", "p", "p", list(map(self._clip, scores)))
            return
        if self.job.scores == "logprobs" and heat == 1:
            yield self.write.row("log-probabilities", "ln p", r"\ln p", scores)
            return
        yield self.write.row("logits", "x", "x", scores)
        if heat != 1:
            scores = [x / heat for x in scores]
            yield self.write.row("temperature", f"x / {heat:g}", rf"x / {heat:g}", scores)
        top = nan_max(scores)
        shifted = [x - top for x in scores]
        powers = [exp(t) for t in shifted]
        total = fsum(powers) if all(map(isfinite, powers)) else nan
        minus = f"t = x − {self.write.plain(top)}", f"t = x - {self.write.latex(top)}"
        yield self.write.row("minus max", *minus, shifted)
        yield self.write.row("exp", "e^t", "e^{t}", powers)
        terms = Terms(powers, " + ", " + ")
        yield self.write.step("sum", "S = {} = {}", r"S = \sum_j e^{{t_j}} = {} = {}", terms, total)
        p = [power / total for power in powers]
        yield self.write.row("probabilities", "p = e^t / S", r"p = \frac{e^{t}}{S}", p)

    def _log_probabilities(self) -> list[float]:
        if self.job.scores == "probs":
            return [_log(self._clip(p)) for p in self.scores]
        if self.job.scores == "logprobs" and self.job.temperature == 1:
            return self.scores
        return log_softmax([x / self.job.temperature for x in self.scores])

    def _binary_probability(self) -> Iterator[Step]:
        """To the probability of class 1."""
        (score,), (p, _) = self.scores, self._p_and_rest()
        if self.job.scores == "probs":
            yield self.write.step("probability", "p = {}", "p = {}", p)
        elif self.job.scores == "logprobs":
            yield self.write.step("probability", "p = e^{} = {}", "p = e^{{{}}} = {}", score, p)
        else:
            heat = self.job.temperature
            yield self.write.step("logit", "z = {}", "z = {}", score)
            if heat != 1:
                divided = f"z / {heat:g} = {{}}"
                yield self.write.step("temperature", divided, divided, score / heat)
            yield self.write.step(
                "sigmoid",
                "p = 1 / (1 + e^−z) = {}",
                r"p = \sigma(z) = \frac{{1}}{{1 + e^{{-z}}}} = {}",
                p,
            )

    def _p_and_rest(self) -> tuple[float, float]:
        """Of a binary output: p and 1 - p, each with all digits."""
        (score,) = self.scores
        if self.job.scores == "probs":
            p = self._clip(score)
            return p, 1 - p
        if self.job.scores == "logprobs":
            return exp(score), -expm1(score)
        z = score / self.job.temperature
        small = exp(-abs(z))
        greater, lesser = 1 / (1 + small), small / (1 + small)
        return (greater, lesser) if z >= 0 else (lesser, greater)

    def _logs(self, p: float, rest: float) -> tuple[float, float]:
        """Ln p and ln(1 - p), also where p itself is too small to be told from 0."""
        if self.job.scores == "logits":
            z = self.scores[0] / self.job.temperature
            tail = log1p(exp(-abs(z)))
            return -(max(-z, 0.0) + tail), -(max(z, 0.0) + tail)
        if self.job.scores == "probs" and self.job.eps is None:  # as nn.BCELoss
            return max(_log(p), -100.0), max(_log(rest), -100.0)
        return _log(p), _log(rest)

    def _clip(self, p: float) -> float:
        eps = self.job.eps
        return p if eps is None else min(max(p, eps), 1 - eps)

    def _value(self, column: str) -> float:
        return float(self.result.columns[column].values[self.row])

    def _label(self, index: int) -> Label:
        return Label(self.schema.class_name(index), index)


_DERIVATIONS: dict[str, Callable[[Derivation], Iterator[Step]]] = {
    "softmax": Derivation.softmax,
    "predict": Derivation.predict,
    "ce": Derivation.cross_entropy,
    "bce": Derivation.binary_cross_entropy,
}


def derive(job: Job, schema: Schema, result: Result, row: int) -> list[Step]:
    """From the scores of the sample in that row to its result."""
    return list(_DERIVATIONS[job.command](Derivation(job, schema, result, row)))


def derive_total(job: Job, losses: Sequence[float], n: int, total: float) -> Step:
    """From ``n`` losses, the first of which are given, to their mean (or sum)."""
    write = Notation(job.digits)
    shown = losses if len(losses) == n else []
    places = " + ".join(["{}"] * len(shown))
    plain, latex = places or "the losses of all samples", places or r"\sum_i \ell_i"
    if job.reduction == "sum":
        return write.step("sum", f"{plain} = {{}}", f"L = {latex} = {{}}", *shown, total)
    mean = f"({plain}) / {{}} = {{}}", rf"L = \frac{{{{{latex}}}}}{{{{{{}}}}}} = {{}}"
    return write.step("mean", *mean, *shown, str(n), total)


def nan_max(values: list[float]) -> float:
    """The greatest value, nan if there is a nan."""
    return next((v for v in values if isnan(v)), max(values))


def log_softmax(x: list[float]) -> list[float]:
    """x - max - ln(sum e^(x - max)), the winner's 1 left out of the sum."""
    top = nan_max(x)
    others = list(x)
    others.remove(top) if not isnan(top) else None
    rest = log1p(fsum(exp(v - top) for v in others))
    return [v - top - rest for v in x]


def _log(p: float) -> float:
    return -inf if p == 0 else log(p)


class StepsWriter:
    """Writes the steps of the first samples as they pass, then the step to the mean."""

    def __init__(self, job: Job, schema: Schema, stream: IO[str]) -> None:
        self.job = job
        self.schema = schema
        self.stream = stream
        self.limit = job.rows
        self.n = 0
        self.losses: list[float] = []
        self.lines = _markdown if job.format == "markdown" else _plain

    def write(self, result: Result) -> None:
        end = len(result) if self.limit is None else min(len(result), self.limit - self.n)
        for row in range(max(end, 0)):
            steps = derive(self.job, self.schema, result, row)
            self._section(self._title(result, row), steps)
            self.n += 1
            if "loss" in result.columns:
                self.losses.append(float(result.columns["loss"].values[row]))

    def close(self, report: Report) -> None:
        n, total = report.totals.n, report.totals.total
        if n > self.n:
            self.stream.write(f"… {plural(n - self.n, 'more sample')}; --rows all shows them\n\n")
        if self.losses and total is not None and (n > 1 or self.job.reduction == "sum"):
            step = derive_total(self.job, self.losses, n, total)
            self._section("all samples", [step])
        lines = report.lines(lambda value: rounded(value, self.job.digits))
        totals = [line.text for line in lines]
        small = [inert(report.reading), report.signature]
        if self.job.format == "markdown":
            below = [f"**{literal(text)}**" for text in totals]
            below += [f"`{text.replace('`', chr(39))}`" for text in small]
            self.stream.write("\n\n".join(below) + "\n")
        else:
            self.stream.writelines(f" {text}\n" for text in totals + small)

    def remarks(self, report: Report) -> list[str]:
        return []

    def _section(self, title: str, steps: list[Step]) -> None:
        self.stream.write("\n".join(chain(self.lines(title, steps), [""])) + "\n")

    def _title(self, result: Result, row: int) -> str:
        batch = result.batch
        parts = [f"sample {batch.first_row + row}"]
        if batch.ids is not None:
            parts.append(f"{self.schema.id_name or 'id'} {batch.ids[row]}")
        if result.labels is not None and result.labels[row] != NO_CLASS:
            parts.append(f"label {self.schema.class_name(int(result.labels[row]))}")
        return inert(" · ".join(parts))


def _plain(title: str, steps: list[Step]) -> Iterator[str]:
    width = max(len(step.title) for step in steps)
    yield f" {title}"
    yield ""
    for step in steps:
        yield f"   {step.title:{width}}   {inert(step.plain)}"


def _markdown(title: str, steps: list[Step]) -> Iterator[str]:
    """A formula a line, in the fenced blocks that GitHub renders."""
    yield f"### {literal(title)}"
    for step in steps:
        yield ""
        yield f"{literal(step.title)}:"
        yield ""
        yield "```math"
        yield step.latex
        yield "```"
