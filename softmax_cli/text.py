"""Numbers as text, and text made inert.

The number grammar: one for command-line arguments, files and option values. A number is an optional
sign, decimal digits with at most one point, and an optional exponent; or ``inf``, ``infinity``,
``nan`` in any case. Blanks around it are trimmed. Everything else that Python's ``float`` would
take (``1_000``, ``١٢``) is an error, because in a data file it is more likely a mistake than a
number.

Text from the input must not move a cursor, change a colour or reorder a line: ``inert``.
"""

import re
from math import isfinite, isinf

from softmax_cli.errors import BadValue

MISSING = frozenset({"", "na", "n/a", "#n/a", "null", "none", "-", "?", "."})
BLANKS = " \t"


def is_number(text: str) -> bool:
    """Whether ``text`` follows the grammar (an overflowing ``1e400`` does)."""
    return _value(text.strip(BLANKS)) is not None


def with_point(text: str, decimal: str) -> str:
    """A number as the grammar has it, where its decimals have the mark given; other text as is."""
    if decimal == "." or "." in text:
        return text
    written = text.replace(",", ".")
    return written if is_number(written) else text


def parse_number(text: str, decimal: str = ".") -> float:
    """The float64 nearest to the decimal ``text``; ``1e-400`` is 0.

    Raises BadValue for text outside the grammar and for finite text that overflows.
    """
    text = text.strip(BLANKS)
    if decimal == "," and "." in text and is_number(text):
        raise BadValue(
            f"{text!r} has a point, where decimals have a comma",
            "a separator of thousands? write digits without; otherwise leave --decimal out",
        )
    value = _value(with_point(text, decimal))
    if value is None:
        raise _explain(text)
    if isinf(value) and text[-1].isdigit():
        raise BadValue(f"{text!r} overflows: the largest float64 is about 1.8e308")
    return value


def _value(text: str) -> float | None:
    """The number, None for what is none: Python's own grammar, less what this one leaves out."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if text.isascii() and "_" not in text and text == text.strip() else None


def holds_text(text: str) -> bool:
    """Whether it is words: no number, however badly written, and no mark of a missing value."""
    try:
        parse_number(text)
    except BadValue as error:
        return error.skippable and text.strip(BLANKS).lower() not in MISSING
    return False


_THOUSANDS = "write digits without separators: 1000"
_HABITS = (
    (
        r"[+-]?[1-9][0-9]{0,2},[0-9]{3}",
        "thousands? write digits without separators: 1000; a decimal comma? say --decimal ,",
    ),
    (r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?", "a decimal comma? write a point, or say --decimal ,"),
    (r"[+-]?[0-9.,]*_[0-9._,]*", "write digits without underscores: 1000"),
    (r"[+-]?[0-9]{1,3}([,'’ \u00a0\u202f][0-9]{3})+(\.[0-9]*)?", _THOUSANDS),
    (r"[+-]?[0-9]{1,3}([.'’ \u00a0\u202f][0-9]{3})+(,[0-9]*)?", _THOUSANDS),
    (r"[+-]?0[xX][0-9a-fA-F]+", "write decimal digits, not hexadecimal"),
    (r"[+-]?[0-9.]+\s*/\s*[0-9.]+", "write a fraction as a decimal: 2/3 is 0.6667"),
    (r"[+-]?[0-9.]+\s*%", "write a percentage as a fraction: 5% is 0.05"),
    (r"[‐-―−－].*", "a typographic minus? write the ASCII hyphen: -1"),
)


def habit(text: str) -> str | None:
    """How to write ``text``, if it is a number in a notation that the grammar leaves out."""
    if is_number(text):  # though 1.638 could be one with a separator of thousands
        return None
    return next((advice for pattern, advice in _HABITS if re.fullmatch(pattern, text)), None)


def _explain(text: str) -> BadValue:
    if text == "":
        return BadValue("empty cell where a number should be", skippable=True)
    if text.lower() in MISSING:
        return BadValue(f"{text!r} marks a missing value, not a number", skippable=True)
    message = f"{text!r} is not a number"
    advice = habit(text)
    if advice is None and any(c.isdigit() and not c.isascii() for c in text):
        advice = "write ASCII digits: 0 to 9"
    is_text = advice is None and not re.match(r"[+-]?\.?[0-9]", text)
    return BadValue(message, advice, skippable=is_text)


# C0 and C1 controls, DEL, bidirectional controls, line and paragraph separators, surrogates
_ACTIVE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def inert(text: str) -> str:
    r"""``text`` with each active character written as an escape: ESC becomes ``\x1b``."""
    return _ACTIVE.sub(lambda match: _escape(match[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8, as Python keeps it in names
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def shortened(text: str, limit: int) -> str:
    """The text, without its middle if it is longer than that."""
    if len(text) <= limit:
        return text
    n_last = limit // 4
    return f"{text[: limit - n_last - 3]} … {text[-n_last:]}"


def exact(value: float) -> str:
    """The shortest text that reads back as the same float64.

    ``repr``, but with exponents as short as they can be and from 1e-6 down only: ``0.00001``,
    ``1e-6``, ``1e-300``. So do Rust and JavaScript, and so does polars, which writes long output.
    """
    text = repr(value)
    mantissa, short, exponent = text.partition("e-0")
    if not short:
        return text
    if exponent != "5":
        return f"{mantissa}e-{exponent}"
    sign = "-" if value < 0 else ""
    return f"{sign}0.0000{mantissa.lstrip('-').replace('.', '')}"


def rounded(value: float, digits: int) -> str:
    """``value`` with ``digits`` decimals; in scientific notation where that would show nothing."""
    size = abs(value)
    if size != 0 and (size < 0.5 * 10.0**-digits or size >= 1e12) and isfinite(value):
        return f"{value:.{digits}e}"
    return f"{value:.{digits}f}"


def bytes_with_unit(n: int) -> str:
    """So many bytes in the largest unit of which they are a multiple: ``256MB``."""
    for unit, size in (("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)):
        if n >= size and n % size == 0:
            return f"{n // size}{unit}B"
    return f"{n}B"


def plural(n: int, noun: str) -> str:
    """So many of them: ``1 sample``, ``2 samples``, ``3 classes``."""
    ending = "" if n == 1 else "es" if noun.endswith("s") else "s"
    return f"{n} {noun}{ending}"


def escaped_json(text: str) -> str:
    r"""JSON with what ``json`` leaves of active characters escaped, as ``\u202e``."""
    if text.isascii() and text.isprintable():  # as numbers are
        return text
    return _ACTIVE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
