"""How a result comes about: each step with the sample's own numbers, in words and in LaTeX.

The intermediate values are worked out here as people do it by hand, the results are those that
the backend computed.
"""

import re
from collections.abc import Callable, Sequence
from math import exp, expm1, fsum, inf, isfinite, isnan, log, log1p
from typing import NamedTuple

from softmax_cli.data import NO_CLASS, Result, Schema
from softmax_cli.job import Job
from softmax_cli.text import rounded

MOST_SHOWN = 12  # numbers of a row; the middle of a longer one is left out
SHOWN_FIRST, SHOWN_LAST = 6, 3


class Step(NamedTuple):
    """A step's name, and what it does as text and as LaTeX (math mode)."""

    title: str
    plain: str
    latex: str


class Derivation:
    """Writes the steps of one sample. ``digits`` is how many decimals numbers get."""

    def __init__(self, job: Job, schema: Schema) -> None:
        self.job = job
        self.schema = schema

    def steps(self, result: Result, row: int) -> list[Step]:
        """From the scores of the sample in that row to its result."""
        scores: list[float] = result.batch.scores[row].tolist()
        if self.job.is_binary:
            return self._binary(scores[0], result, row)
        steps = self._probabilities(scores)
        if self.job.command == "softmax":
            return steps + self._logarithms(result, row)
        if self.job.command == "predict":
            return [*steps, self._argmax(result, row)]
        return steps + self._cross_entropy(scores, result, row)

    def reduction(self, losses: Sequence[float], n: int, total: float) -> Step:
        """From ``n`` losses, the first of which are given, to their mean (or sum)."""
        shown = list(losses) if len(losses) == n else []
        terms = " + ".join(map(self.plain, shown)) or "the losses of all samples"
        tex = " + ".join(map(self.tex, shown)) or r"\sum_i \ell_i"
        if self.job.reduction == "sum":
            return Step("sum", f"{terms} = {self.plain(total)}", rf"L = {tex} = {self.tex(total)}")
        plain = f"({terms}) / {n} = {self.plain(total)}"
        return Step("mean", plain, rf"L = \frac{{{tex}}}{{{n}}} = {self.tex(total)}")

    def _probabilities(self, scores: list[float]) -> list[Step]:
        if self.job.scores == "probs":
            return [self._row("probabilities", "p", "p", list(map(self._clip, scores)))]
        if self.job.scores == "logprobs" and self.job.temperature == 1:
            return [self._row("log-probabilities", "ln p", r"\ln p", scores)]
        steps = [self._row("logits", "x", "x", scores)]
        if self.job.temperature != 1:
            heat = self.job.temperature
            scores = [x / heat for x in scores]
            steps.append(self._row("temperature", f"x / {heat:g}", rf"x / {heat:g}", scores))
        top = nan_max(scores)
        shifted = [x - top for x in scores]
        powers = [exp(t) for t in shifted]
        total = fsum(powers) if all(map(isfinite, powers)) else float("nan")
        steps.append(
            self._row(
                "minus max", f"t = x − {self.plain(top)}", rf"t = x - {self.tex(top)}", shifted
            )
        )
        steps.append(self._row("exp", "e^t", "e^{t}", powers))
        terms = self._listed(powers, self.plain, "…", " + ")
        tex = self._listed(powers, self.tex, r"\dots", " + ")
        steps.append(
            Step(
                "sum",
                f"S = {terms} = {self.plain(total)}",
                rf"S = \sum_j e^{{t_j}} = {tex} = {self.tex(total)}",
            )
        )
        p = [power / total for power in powers]
        steps.append(self._row("probabilities", "p = e^t / S", r"p = \frac{e^{t}}{S}", p))
        return steps

    def _logarithms(self, result: Result, row: int) -> list[Step]:
        if not self.job.log:
            return []
        values = result.columns["log_probabilities"][row].tolist()
        return [self._row("logarithm", "ln p = t − ln S", r"\ln p = t - \ln S", values)]

    def _argmax(self, result: Result, row: int) -> Step:
        index = int(result.columns["predicted"][row])
        if index == NO_CLASS:
            return Step("argmax", "none: there is a nan", r"\text{none}")
        name = self.schema.class_name(index)
        p = float(result.columns["probability"][row])
        return Step(
            "argmax",
            f"class {name}, with p = {self.plain(p)}",
            rf"\hat y = \arg\max_j p_j = {text(name, index)}, \quad p = {self.tex(p)}",
        )

    def _cross_entropy(self, scores: list[float], result: Result, row: int) -> list[Step]:
        loss = float(result.columns["loss"][row])
        label = NO_CLASS if result.labels is None else int(result.labels[row])
        if self.job.scores == "probs":
            logs = [log(p) if p > 0 else -inf for p in map(self._clip, scores)]
        elif self.job.scores == "logprobs" and self.job.temperature == 1:
            logs = scores
        else:
            logs = log_softmax([x / self.job.temperature for x in scores])
        if label == NO_CLASS:
            steps = self._soft_target(result, row, loss)
        else:
            name = self.schema.class_name(label)
            p, index = exp(logs[label]), text(name, label)
            steps = [
                Step(
                    "pick the label",
                    f"p[{name}] = {self.plain(p)}",
                    rf"p_{{{index}}} = {self.tex(p)}",
                ),
                Step(
                    "−ln",
                    f"loss = −ln {self.plain(p)} = {self.plain(loss)}",
                    rf"\ell = -\ln p_{{{index}}} = -\ln {self.tex(p)} = {self.tex(loss)}",
                ),
            ]
        if self.job.scores == "logits":
            steps.append(
                self._row("LogSoftmax", "log_softmax(x)", r"\mathrm{log\_softmax}(x)", logs)
            )
        picked = "target" if label == NO_CLASS else self.schema.class_name(label)
        index = r"\text{target}" if label == NO_CLASS else text(picked, label)
        steps.append(
            Step(
                "NLLLoss",
                f"nll_loss(…, {picked}) = {self.plain(loss)}",
                rf"\mathrm{{nll\_loss}}(\dots, {index}) = {self.tex(loss)}",
            )
        )
        return steps

    def _soft_target(self, result: Result, row: int, loss: float) -> list[Step]:
        assert result.batch.targets is not None
        targets: list[float] = result.batch.targets[row].tolist()
        return [
            self._row("target", "q", "q", targets),
            Step(
                "−Σ q ln p",
                f"loss = {self.plain(loss)}",
                rf"\ell = -\sum_j q_j \ln p_j = {self.tex(loss)}",
            ),
        ]

    def _binary(self, score: float, result: Result, row: int) -> list[Step]:
        steps, p, rest = self._sigmoid(score)
        log_p, log_q = self._logs(score, p, rest)
        if self.job.command == "predict":
            predicted = int(result.columns["predicted"][row])
            name, limit = self.schema.class_name(predicted), f"{self.job.threshold:g}"
            above = ">" if predicted == 1 else "≤"
            tex = ">" if predicted == 1 else r"\le"
            return [
                *steps,
                Step(
                    "threshold",
                    f"p {above} {limit}: class {name}",
                    rf"p {tex} {limit} \Rightarrow \hat y = {text(name, predicted)}",
                ),
            ]
        y = float(result.columns["label"][row])
        loss = float(result.columns["loss"][row])
        one, zero = (0.0 if w == 0 else w * v for w, v in ((y, log_p), (1 - y, log_q)))
        label = f"{y:g}"
        return [
            *steps,
            Step(
                "y term",
                f"y ln p = {label} · ln {self.plain(p)} = {self.plain(one)}",
                rf"y \ln p = {label} \cdot \ln {self.tex(p)} = {self.tex(one)}",
            ),
            Step(
                "1−y term",
                f"(1−y) ln(1−p) = {1 - y:g} · ln {self.plain(rest)} = {self.plain(zero)}",
                rf"(1-y) \ln(1-p) = {1 - y:g} \cdot \ln {self.tex(rest)} = {self.tex(zero)}",
            ),
            Step(
                "minus both",
                f"loss = −({self.plain(one)} + {self.plain(zero)}) = {self.plain(loss)}",
                rf"\ell = -({self.tex(one)} + {self.tex(zero)}) = {self.tex(loss)}",
            ),
        ]

    def _logs(self, score: float, p: float, rest: float) -> tuple[float, float]:
        """Ln p and ln(1 - p), also where p itself is too small to be told from 0."""
        if self.job.scores == "logits":
            z = score / self.job.temperature
            tail = log1p(exp(-abs(z)))
            return -(max(-z, 0.0) + tail), -(max(z, 0.0) + tail)
        log_p, log_q = (-inf if v == 0 else log(v) for v in (p, rest))
        if self.job.scores == "probs" and self.job.eps is None:  # as nn.BCELoss
            return max(log_p, -100.0), max(log_q, -100.0)
        return log_p, log_q

    def _sigmoid(self, score: float) -> tuple[list[Step], float, float]:
        """The steps to p, then p and 1 - p."""
        if self.job.scores == "probs":
            p = self._clip(score)
            return [Step("probability", f"p = {self.plain(p)}", f"p = {self.tex(p)}")], p, 1 - p
        if self.job.scores == "logprobs":
            p = exp(score)
            plain = f"p = e^{self.plain(score)} = {self.plain(p)}"
            tex = rf"p = e^{{{self.tex(score)}}} = {self.tex(p)}"
            return [Step("probability", plain, tex)], p, -expm1(score)
        heat = self.job.temperature
        z = score / heat
        small = exp(-abs(z))
        p, rest = (1 / (1 + small), small / (1 + small))[:: 1 if z >= 0 else -1]
        start = [Step("logit", f"z = {self.plain(score)}", f"z = {self.tex(score)}")]
        if heat != 1:
            plain = f"z / {heat:g} = {self.plain(z)}"
            start.append(Step("temperature", plain, f"z / {heat:g} = {self.tex(z)}"))
        return (
            [
                *start,
                Step(
                    "sigmoid",
                    f"p = 1 / (1 + e^−z) = {self.plain(p)}",
                    rf"p = \sigma(z) = \frac{{1}}{{1 + e^{{-z}}}} = {self.tex(p)}",
                ),
            ],
            p,
            rest,
        )

    def _clip(self, p: float) -> float:
        eps = self.job.eps
        return p if eps is None else min(max(p, eps), 1 - eps)

    def _row(self, title: str, plain: str, tex: str, values: list[float]) -> Step:
        listed = self._listed(values, self.plain, "…", "  ")
        in_latex = self._listed(values, self.tex, r"\dots", r",\; ")
        return Step(title, f"{plain} = {listed}", rf"{tex} = \left[{in_latex}\right]")

    def _listed(
        self, values: list[float], write: Callable[[float], str], dots: str, between: str
    ) -> str:
        if len(values) <= MOST_SHOWN:
            return between.join(map(write, values))
        first, last = values[:SHOWN_FIRST], values[-SHOWN_LAST:]
        return between.join([*map(write, first), dots, *map(write, last)])

    def plain(self, value: float) -> str:
        """The number rounded to the job's digits."""
        return rounded(value + 0.0, self.job.digits).replace("-", "−")

    def tex(self, value: float) -> str:
        """The same in LaTeX."""
        if isnan(value):
            return r"\text{nan}"
        if not isfinite(value):
            return r"\infty" if value > 0 else r"-\infty"
        mantissa, _, exponent = rounded(value + 0.0, self.job.digits).partition("e")
        return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else mantissa


def text(name: str, index: int) -> str:
    """A class in LaTeX: by name if it is harmless there, else by index."""
    return rf"\text{{{name}}}" if re.fullmatch("[A-Za-z0-9 .-]+", name) else str(index)


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
