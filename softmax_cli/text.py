"""Text from the input made inert: it must not move a cursor, change a colour or reorder a line."""

import re
from math import isfinite

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


def heading(name: str, class_name: str) -> str:
    """The heading of one class's column: ``p_cat``, or ``logp_cat`` for logarithms."""
    prefix = {"probabilities": "p", "log_probabilities": "logp"}.get(name, name)
    return f"{prefix}_{class_name}"


def escaped_json(text: str) -> str:
    r"""JSON with what ``json`` leaves of active characters escaped, as ``\u202e``."""
    if text.isascii() and text.isprintable():  # as numbers are
        return text
    return _ACTIVE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
